//! The subject of a certificate as Java writes it, for that is what `ssl.principal.mapping.rules` are matched with: RFC 2253, the last attribute
//! first, and what RFC 2253 has no keyword for as its number and the bytes of its value.
//!
//! Whether the certificate is any good was decided by the TLS library before; this reads as much of its DER (X.690) as stands before the subject's end.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fmt::Write as _;

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// UTF8String, PrintableString, T61String, IA5String, GeneralString and BMPString. Java reads each as UTF-8, whatever its own encoding would be.
const STRINGS: [u8; 6] = [0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1e];

/// The attributes that RFC 2253 names, by the content of their object identifiers.
const KEYWORDS: [(&[u8], &str); 9] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "STREET"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
];

/// Bytes that are no certificate with a subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client's certificate has no subject that can be read")]
pub struct CertificateError;

/// The subject of a certificate in DER, as text.
pub(crate) fn subject(certificate: &[u8]) -> Result<String, CertificateError> {
    subject_of(certificate).ok_or(CertificateError)
}

fn subject_of(certificate: &[u8]) -> Option<String> {
    let mut signed = Der(Der(certificate).take(SEQUENCE)?);
    let mut fields = Der(signed.take(SEQUENCE)?);
    if fields.is_next(VERSION) {
        fields.take(VERSION)?;
    }
    fields.take(INTEGER)?;
    let (_algorithm, _issuer, _validity) = (fields.take(SEQUENCE)?, fields.take(SEQUENCE)?, fields.take(SEQUENCE)?);
    let mut names = Vec::new();
    let mut subject = Der(fields.take(SEQUENCE)?);
    while !subject.0.is_empty() {
        names.push(relative_name(subject.take(SET)?)?);
    }
    names.reverse();
    Some(names.join(","))
}

/// The attributes of one step of a name; most have one.
fn relative_name(attributes: &[u8]) -> Option<String> {
    let mut rest = Der(attributes);
    let mut texts = Vec::new();
    while !rest.0.is_empty() {
        texts.push(attribute(rest.take(SEQUENCE)?)?);
    }
    Some(texts.join("+"))
}

fn attribute(attribute: &[u8]) -> Option<String> {
    let mut rest = Der(attribute);
    let identifier = rest.take(OBJECT_IDENTIFIER)?;
    let value = rest.0;
    let (tag, content) = rest.next()?;
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == identifier).map(|(_, keyword)| *keyword);
    Some(match keyword {
        Some(keyword) if STRINGS.contains(&tag) => format!("{keyword}={}", escaped(&String::from_utf8_lossy(content))),
        Some(keyword) => format!("{keyword}={}", hexadecimal(value)),
        None => format!("{}={}", dotted(identifier)?, hexadecimal(value)),
    })
}

/// What stands for a separator, and space at either end, with a backslash before it.
fn escaped(text: &str) -> String {
    let spaces_before = text.chars().take_while(|it| *it == ' ').count();
    let spaces_from = text.trim_end_matches(' ').chars().count();
    let mut out = String::new();
    for (at, character) in text.chars().enumerate() {
        match character {
            '\0' => out.push_str("\\00"),
            ' ' if at < spaces_before || at >= spaces_from => out.push_str("\\ "),
            ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold("#".to_owned(), |mut out, byte| {
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}

/// An object identifier as numbers; `None` where one of them is above 64 bits.
fn dotted(identifier: &[u8]) -> Option<String> {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in identifier {
        number = number.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let first = *numbers.first()?;
    let root = (first / 40).min(2);
    let second = first.checked_sub(root.checked_mul(40)?)?;
    let rest = numbers.iter().skip(1).map(u64::to_string);
    let all: Vec<String> = [root.to_string(), second.to_string()].into_iter().chain(rest).collect();
    Some(all.join("."))
}

/// DER that is still to be read.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn is_next(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The content of the next value, which must have this tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            // A certificate is far below 4 GiB.
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let add = |length: usize, byte: &u8| (length << 8) | usize::from(*byte);
                (digits.iter().fold(0, add), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

    use proptest::prelude::*;

    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x82, u8::try_from(content.len() >> 8).unwrap(), (content.len() & 0xff) as u8];
        out.extend_from_slice(content);
        out
    }

    /// A certificate as far as its subject.
    fn certificate(subject: &[u8]) -> Vec<u8> {
        let empty = der(SEQUENCE, &[]);
        let fields = [&der(VERSION, &[2, 1, 2])[..], &[INTEGER, 1, 7], &empty, &empty, &empty, subject, &empty];
        der(SEQUENCE, &der(SEQUENCE, &fields.concat()))
    }

    /// A subject that is one common name of this tag and content.
    fn common_name(tag: u8, content: &[u8]) -> Vec<u8> {
        let attribute = [&[OBJECT_IDENTIFIER, 3, 0x55, 4, 3][..], &der(tag, content)].concat();
        certificate(&der(SEQUENCE, &der(SET, &der(SEQUENCE, &attribute))))
    }

    #[test]
    fn a_subject_reads_as_java_writes_it() {
        // The names that javax.security.auth.x500.X500Principal gives to these bytes.
        for (hex, name) in [
            ("300e310c300a06035504031303617070", "CN=app"),
            (
                "3033310b300906035504061302444531163008060355040a130178300a060355040b1303646576310c300a06035504031303617070",
                "CN=app,O=x+OU=dev,C=DE",
            ),
            ("300e310c300a06035504031303612c62", "CN=a\\,b"),
            (
                "3022310a300806035504031301783114301206092a864886f70d01090116056140622e63",
                "1.2.840.113549.1.9.1=#16056140622e63,CN=x",
            ),
            ("30123110300e06035504031307206c6561642020", "CN=\\ lead\\ \\ "),
            ("300d310b300906035504030c022378", "CN=\\#x"),
            ("30123110300e06035504030c075a6fc3ab20c3bc", "CN=Zoë ü"),
            ("302931123010060a0992268993f22c6401191602657831133011060a0992268993f22c6401191603636f6d", "DC=com,DC=ex"),
            (
                "3038310a3008060355040713016c310b3009060355040813027374310a300806035504091301733111300f060a0992268993f22c640101130137",
                "UID=7,STREET=s,ST=st,L=l",
            ),
            ("3019310a30080603550403130161310b3009060355040513023132", "2.5.4.5=#13023132,CN=a"),
            ("300e310c300a06035504030c03610062", "CN=a\\00b"),
            ("300b3109300706035504031300", "CN="),
            ("3000", ""),
        ] {
            assert_eq!(subject(&certificate(&unhex(hex))).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_is_no_string_is_told_by_its_bytes() {
        assert_eq!(subject(&common_name(0x02, &[7])).unwrap(), "CN=#0282000107");
        for tag in STRINGS {
            assert_eq!(subject(&common_name(tag, b"t\xe9")).unwrap(), "CN=t\u{fffd}");
        }
    }

    #[test]
    fn a_certificate_that_ends_too_soon_has_no_subject() {
        let whole = common_name(0x0c, b"app");
        assert_eq!(subject(&whole).unwrap(), "CN=app");
        assert!((0..whole.len()).all(|end| subject(&whole[..end]) == Err(CertificateError)));
    }

    proptest! {
        #[test]
        fn no_bytes_are_read_beyond_their_end(bytes: Vec<u8>) {
            let _read = subject(&bytes);
        }
    }
}
