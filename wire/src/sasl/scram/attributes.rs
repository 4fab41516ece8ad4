//! A message of SCRAM as attributes, `<letter>=<value>` with commas between them.

use super::ScramError;
use crate::sasl::{EXTENSIONS_MAX, Extensions, RECEIVE_BYTES_MAX, base64};

/// `name` with its commas and equals signs escaped, as both SCRAM and the headers of GS2 write names.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// The name that `text` writes; nothing where it is empty, not ASCII, or has a comma or another escape than the two that there are.
#[must_use]
pub fn unescaped(text: &str) -> Option<String> {
    if text.is_empty() || !text.is_ascii() || text.contains([',', '\0']) {
        return None;
    }
    let mut parts = text.split('=');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (character, rest) = match part.strip_prefix("2C") {
            Some(rest) => (',', rest),
            None => ('=', part.strip_prefix("3D")?),
        };
        name.push(character);
        name.push_str(rest);
    }
    Some(name)
}

/// The text of a message.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, ScramError> {
    if bytes.len() > RECEIVE_BYTES_MAX {
        return Err(ScramError::TooLong { bytes: bytes.len(), max: RECEIVE_BYTES_MAX });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ScramError::NotText)?;
    if text.contains('\0') { Err(ScramError::NotText) } else { Ok(text) }
}

/// `text` with the extensions behind it.
pub(super) fn written(mut text: String, extensions: &Extensions) -> String {
    for (name, value) in extensions {
        text.extend([",", name, "=", value]);
    }
    text
}

/// The attributes that are not taken yet.
pub(super) struct Attributes<'a> {
    /// Nothing where the last one was taken; an empty text is an attribute that is none.
    rest: Option<&'a str>,
}

impl<'a> Attributes<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: Some(text) }
    }

    /// The value of the next attribute, which must have this name; where it has another, it stays.
    pub(super) fn take(&mut self, name: &'static str) -> Result<&'a str, ScramError> {
        let (attribute, rest) = self.split().ok_or(ScramError::Missing(name))?;
        let value = attribute.strip_prefix(name).and_then(|value| value.strip_prefix('='));
        let absent =
            if attribute.starts_with("m=") { ScramError::MandatoryExtension } else { ScramError::Missing(name) };
        let value = value.ok_or(absent)?;
        self.rest = rest;
        Ok(value)
    }

    pub(super) fn nonce(&mut self) -> Result<String, ScramError> {
        let nonce = self.take("r")?;
        let printable = !nonce.is_empty() && nonce.bytes().all(|byte| byte.is_ascii_graphic());
        if printable { Ok(nonce.to_owned()) } else { Err(ScramError::Invalid("r")) }
    }

    pub(super) fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, ScramError> {
        base64::decode(self.take(name)?).map_err(|_| ScramError::Invalid(name))
    }

    /// Whatever is left.
    pub(super) fn extensions(mut self) -> Result<Extensions, ScramError> {
        let mut extensions = Vec::new();
        while let Some((attribute, rest)) = self.split() {
            if extensions.len() == EXTENSIONS_MAX {
                return Err(ScramError::TooManyExtensions { max: EXTENSIONS_MAX });
            }
            let (name, value) = attribute.split_once('=').ok_or(ScramError::Invalid("an extension"))?;
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
            if !is_name || value.is_empty() {
                return Err(ScramError::Invalid("an extension"));
            }
            extensions.push((name.to_owned(), value.to_owned()));
            self.rest = rest;
        }
        Ok(extensions)
    }

    /// The next attribute and what is behind it.
    fn split(&self) -> Option<(&'a str, Option<&'a str>)> {
        let rest = self.rest?;
        Some(rest.split_once(',').map_or((rest, None), |(attribute, rest)| (attribute, Some(rest))))
    }
}
