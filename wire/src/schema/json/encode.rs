//! From JSON to bytes.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::path::Path;
use super::{UNKNOWN_TAGGED_FIELDS, camel_case};
use crate::sasl::base64;
use crate::schema::layout::{Field, Kind, Message, Struct};

mod default;
mod error;
mod number;
mod tagged;

use default::default;
#[cfg(test)]
pub(super) use default::integer;
pub use error::JsonError;

/// What stands before a struct that may be null, where it is and where it is not.
const NULL_STRUCT: u8 = 0xff;
const STRUCT: u8 = 1;

pub(super) fn message(message: &Message, version: i16, value: &Value) -> Result<Bytes, JsonError> {
    if !message.versions.contains(version) {
        return Err(JsonError::Version { message: message.name, version, known: message.versions });
    }
    let flexible = message.flexible.contains(version);
    let mut writer = Writer { out: Vec::new(), version, flexible };
    writer.structure(&message.body, value, &Path::Message(message.name))?;
    Ok(writer.out.into())
}

struct Writer {
    out: Vec<u8>,
    version: i16,
    flexible: bool,
}

impl Writer {
    fn structure(&mut self, layout: &Struct, value: &Value, path: &Path<'_>) -> Result<(), JsonError> {
        let object = value.as_object().ok_or_else(|| JsonError::wrong(path, value, "an object"))?;
        self.refuse_what_is_not_there(layout, object, path)?;
        let version = self.version;
        for field in layout.fields.iter().filter(|field| field.in_place(version)) {
            let name = camel_case(field.name);
            match object.get(&name) {
                Some(value) => self.field(field, value, &Path::Field(path, &name))?,
                None => self.field(field, &default(field, version), &Path::Field(path, &name))?,
            }
        }
        if self.flexible { self.tagged_fields(layout, object, path) } else { Ok(()) }
    }

    fn refuse_what_is_not_there(
        &self,
        layout: &Struct,
        object: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Result<(), JsonError> {
        for name in object.keys() {
            if name == UNKNOWN_TAGGED_FIELDS && self.flexible {
                continue;
            }
            let path = Path::Field(path, name);
            let Some(field) = layout.fields.iter().find(|field| camel_case(field.name) == *name) else {
                return Err(JsonError::Unknown { path: path.to_string() });
            };
            if !field.versions.contains(self.version) {
                let (path, versions) = (path.to_string(), field.versions);
                return Err(JsonError::NotOfVersion { path, version: self.version, versions });
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, value: &Value, path: &Path<'_>) -> Result<(), JsonError> {
        let refused = field.secret && value.as_str().is_some_and(super::is_redacted);
        if refused {
            return Err(JsonError::Redacted { path: path.to_string() });
        }
        self.value(field.kind, field.nullable.contains(self.version), value, path)
    }

    fn value(&mut self, kind: Kind, nullable: bool, value: &Value, path: &Path<'_>) -> Result<(), JsonError> {
        if nullable && let Kind::Struct(_) = kind {
            self.out.push(if value.is_null() { NULL_STRUCT } else { STRUCT });
        }
        if nullable && value.is_null() {
            return if let Kind::Struct(_) = kind { Ok(()) } else { self.length(kind, None, path) };
        }
        match kind {
            Kind::Bool => {
                let value = value.as_bool().ok_or_else(|| JsonError::wrong(path, value, "a boolean"))?;
                self.out.push(value.into());
            }
            Kind::Struct(layout) => self.structure(layout, value, path)?,
            Kind::Array(element) => {
                let elements = value.as_array().ok_or_else(|| JsonError::wrong(path, value, "an array"))?;
                self.length(kind, Some(elements.len()), path)?;
                for (index, value) in elements.iter().enumerate() {
                    self.value(*element, false, value, &Path::Element(path, index))?;
                }
            }
            Kind::String | Kind::ClassicString => {
                let text = value.as_str().ok_or_else(|| JsonError::wrong(path, value, "a string"))?;
                self.length(kind, Some(text.len()), path)?;
                self.out.extend(text.as_bytes());
            }
            Kind::Bytes | Kind::Records => {
                let bytes = value.as_str().and_then(|text| base64::decode(text).ok());
                let bytes = bytes.ok_or_else(|| JsonError::wrong(path, value, "base64"))?;
                self.length(kind, Some(bytes.len()), path)?;
                self.out.extend(bytes);
            }
            Kind::Uuid => {
                let bytes = value.as_str().and_then(|text| base64::decode_url(text).ok());
                let bytes = bytes.filter(|bytes| bytes.len() == 16);
                self.out.extend(bytes.ok_or_else(|| JsonError::wrong(path, value, "a uuid in base64"))?);
            }
            number => number::write(number, value, path, &mut self.out)?,
        }
        Ok(())
    }

    fn tagged_fields(
        &mut self,
        layout: &Struct,
        object: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Result<(), JsonError> {
        let version = self.version;
        let mut tagged = Vec::new();
        for field in layout.fields {
            let name = camel_case(field.name);
            if let Some(tag) = field.tag.filter(|tag| tag.versions.contains(version))
                && let Some(value) = object.get(&name)
            {
                let before = std::mem::take(&mut self.out);
                self.field(field, value, &Path::Field(path, &name))?;
                tagged.push((tag.number, std::mem::replace(&mut self.out, before)));
            }
        }
        if let Some(unknown) = object.get(UNKNOWN_TAGGED_FIELDS) {
            tagged.extend(tagged::unknown(layout, unknown, &Path::Field(path, UNKNOWN_TAGGED_FIELDS))?);
        }
        tagged.sort_by_key(|(tag, _)| *tag);
        self.varint(tagged.len(), path)?;
        for (tag, content) in tagged {
            self.varint(tag as usize, path)?;
            self.varint(content.len(), path)?;
            self.out.extend(content);
        }
        Ok(())
    }

    fn length(&mut self, kind: Kind, length: Option<usize>, path: &Path<'_>) -> Result<(), JsonError> {
        if self.flexible && !matches!(kind, Kind::ClassicString) {
            return self.varint(length.map_or(0, |length| length.saturating_add(1)), path);
        }
        let too_long = |_| JsonError::TooLong { path: path.to_string(), length: length.unwrap_or_default() };
        match (kind, length) {
            (Kind::String | Kind::ClassicString, None) => self.out.extend((-1_i16).to_be_bytes()),
            (Kind::String | Kind::ClassicString, Some(length)) => {
                self.out.extend(i16::try_from(length).map_err(too_long)?.to_be_bytes());
            }
            (_, None) => self.out.extend((-1_i32).to_be_bytes()),
            (_, Some(length)) => self.out.extend(i32::try_from(length).map_err(too_long)?.to_be_bytes()),
        }
        Ok(())
    }

    fn varint(&mut self, value: usize, path: &Path<'_>) -> Result<(), JsonError> {
        let too_long = |_| JsonError::TooLong { path: path.to_string(), length: value };
        let mut rest = u32::try_from(value).map_err(too_long)?;
        while rest >= 0x80 {
            let [.., low] = rest.to_be_bytes();
            self.out.push(low | 0x80);
            rest >>= 7;
        }
        let [.., low] = rest.to_be_bytes();
        self.out.push(low);
        Ok(())
    }
}
