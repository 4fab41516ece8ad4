//! Base64 as the mechanisms write it (RFC 4648): with padding in SCRAM, in the URL alphabet and without padding in tokens.
//!
//! Reading is strict: padding where it belongs and nowhere else, and no bits that mean nothing. So every text that can be read is the one that
//! would be written.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

/// The text is no Base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not Base64")]
pub struct NotBase64;

/// `bytes` in the standard alphabet, padded to a multiple of four characters.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = written(bytes, STANDARD);
    while !text.len().is_multiple_of(GROUP_CHARS) {
        text.push('=');
    }
    text
}

/// The bytes of a padded text in the standard alphabet.
///
/// # Errors
/// When it is anything else.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64> {
    if !text.len().is_multiple_of(GROUP_CHARS) {
        return Err(NotBase64);
    }
    let bare = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    // Padding that is too long leaves a group that no bytes have.
    let bytes = read(bare, STANDARD)?;
    if encode(&bytes).len() == text.len() { Ok(bytes) } else { Err(NotBase64) }
}

/// `bytes` in the alphabet for URLs and file names, without padding.
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    written(bytes, URL)
}

/// The bytes of a text without padding in the alphabet for URLs and file names.
///
/// # Errors
/// When it is anything else.
pub fn decode_url(text: &str) -> Result<Vec<u8>, NotBase64> {
    read(text, URL)
}

/// The characters that three bytes make.
const GROUP_CHARS: usize = 4;

/// The two characters of an alphabet after letters and digits.
type Alphabet = [u8; 2];

const STANDARD: Alphabet = *b"+/";
const URL: Alphabet = *b"-_";

fn written(bytes: &[u8], alphabet: Alphabet) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(GROUP_CHARS));
    for group in bytes.chunks(3) {
        let mut parts = group.iter().copied();
        let mut next = || u32::from(parts.next().unwrap_or(0));
        let bits = next() << 16 | next() << 8 | next();
        let sextets = [bits >> 18, bits >> 12, bits >> 6, bits];
        text.extend(sextets.into_iter().take(group.len().saturating_add(1)).map(|it| character(it & 63, alphabet)));
    }
    text
}

fn character(sextet: u32, [plus, slash]: Alphabet) -> char {
    let byte = u8::try_from(sextet).unwrap_or(u8::MAX);
    char::from(match byte {
        0..26 => b'A'.wrapping_add(byte),
        26..52 => b'a'.wrapping_add(byte.wrapping_sub(26)),
        52..62 => b'0'.wrapping_add(byte.wrapping_sub(52)),
        62 => plus,
        _ => slash,
    })
}

fn read(text: &str, alphabet: Alphabet) -> Result<Vec<u8>, NotBase64> {
    let mut bytes = Vec::with_capacity(text.len().saturating_mul(3).div_ceil(GROUP_CHARS));
    for group in text.as_bytes().chunks(GROUP_CHARS) {
        let mut bits = 0;
        for byte in group {
            bits = bits << 6 | sextet(*byte, alphabet).ok_or(NotBase64)?;
        }
        let [_, first, second, third] = match group.len() {
            4 => bits,
            3 => bits << 6,
            2 => bits << 12,
            _ => return Err(NotBase64),
        }
        .to_be_bytes();
        let (whole, rest): (&[u8], &[u8]) = match group.len() {
            4 => (&[first, second, third], &[]),
            3 => (&[first, second], &[third]),
            _ => (&[first], &[second, third]),
        };
        if rest.iter().any(|byte| *byte != 0) {
            return Err(NotBase64);
        }
        bytes.extend_from_slice(whole);
    }
    Ok(bytes)
}

fn sextet(byte: u8, [plus, slash]: Alphabet) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte.wrapping_sub(b'A'),
        b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
        _ if byte == plus => 62,
        _ if byte == slash => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_rfc_4648_are_written_and_read() {
        let table =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (bytes, text) in table {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Ok(bytes.as_bytes()));
            assert_eq!(encode_url(bytes.as_bytes()), text.trim_end_matches('='));
        }
        assert_eq!((encode(&[0xfb, 0xff]), encode_url(&[0xfb, 0xff])), ("+/8=".to_owned(), "-_8".to_owned()));
    }

    #[test]
    fn what_would_not_be_written_is_not_read() {
        for text in ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm9v=", "Z g=", "-_8=", "Zm9vé"] {
            assert_eq!(decode(text), Err(NotBase64), "{text}");
        }
        for text in ["Z", "Zg==", "Zh", "+/8", "Zm9vY"] {
            assert_eq!(decode_url(text), Err(NotBase64), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back_from_both_alphabets(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes.clone()));
            prop_assert_eq!(decode_url(&encode_url(&bytes)), Ok(bytes));
        }

        #[test]
        fn any_text_that_can_be_read_is_the_one_that_is_written(text in "[A-Za-f0-9+/_=-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text.clone());
            }
            if let Ok(bytes) = decode_url(&text) {
                prop_assert_eq!(encode_url(&bytes), text);
            }
        }
    }
}
