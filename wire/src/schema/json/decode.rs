//! From bytes to JSON.
//!
//! The bytes have been walked, so lengths are true and text is UTF-8; what is bounded here is the memory of the JSON itself.

use serde_json::{Map, Value};

use super::{Records, Secrets, UNKNOWN_TAGGED_FIELDS, View};
use crate::codec::DecodeError;
use crate::sasl::base64;
use crate::schema::layout::{Field, Kind, Message, Struct};

/// What an object is taken to cost, in bytes: a node of a B-tree, of eleven names and values.
const OBJECT_BYTES: usize = 12 * ENTRY_BYTES;
/// What one more name and value cost: full nodes are split, so a slot may stand empty for each one that is used.
const ENTRY_BYTES: usize = size_of::<String>() + size_of::<Value>();
/// What a value costs that is pushed to a vector, which may be twice as long as it need be.
const PUSHED_BYTES: usize = 2 * size_of::<Value>();
/// What an allocation costs beside its own bytes.
const ALLOCATION_BYTES: usize = 16;

/// All of `body`, which the walk has let pass.
pub(super) fn message(message: &Message, version: i16, body: &[u8], view: &View) -> Result<Value, DecodeError> {
    let flexible = message.flexible.contains(version);
    let mut reader = Reader { rest: body, version, flexible, view, memory_left: view.json_bytes_max };
    reader.structure(&message.body)
}

struct Reader<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
    view: &'a View,
    memory_left: usize,
}

impl<'a> Reader<'a> {
    fn structure(&mut self, layout: &Struct) -> Result<Value, DecodeError> {
        self.charge(OBJECT_BYTES)?;
        let mut object = Map::new();
        let version = self.version;
        for field in layout.fields.iter().filter(|field| field.in_place(version)) {
            self.field(field, &mut object)?;
        }
        if self.flexible {
            self.tagged_fields(layout, &mut object)?;
        }
        Ok(Value::Object(object))
    }

    fn field(&mut self, field: &Field, object: &mut Map<String, Value>) -> Result<(), DecodeError> {
        let mut name = super::camel_case(field.name);
        let value = self.value(field.kind, field.nullable.contains(self.version), field)?;
        // Kafka's request log has another name for the size of records, and the same one where they are null.
        if matches!(field.kind, Kind::Records) && value.is_number() {
            name.push_str(super::SIZE_IN_BYTES);
        }
        self.insert(object, name, value)
    }

    fn insert(&mut self, object: &mut Map<String, Value>, name: String, value: Value) -> Result<(), DecodeError> {
        self.charge((3 * ENTRY_BYTES).saturating_add(name.len()).saturating_add(ALLOCATION_BYTES))?;
        object.insert(name, value);
        Ok(())
    }

    fn value(&mut self, kind: Kind, nullable: bool, field: &Field) -> Result<Value, DecodeError> {
        Ok(match kind {
            Kind::Bool => Value::Bool(self.chunk()? != [0]),
            Kind::Int8 => i8::from_be_bytes(self.chunk()?).into(),
            Kind::Int16 => i16::from_be_bytes(self.chunk()?).into(),
            Kind::Uint16 => u16::from_be_bytes(self.chunk()?).into(),
            Kind::Int32 => i32::from_be_bytes(self.chunk()?).into(),
            Kind::Uint32 => u32::from_be_bytes(self.chunk()?).into(),
            Kind::Int64 => i64::from_be_bytes(self.chunk()?).into(),
            Kind::Float64 => super::float(u64::from_be_bytes(self.chunk()?)),
            Kind::Uuid => {
                let bytes: [u8; 16] = self.chunk()?;
                self.text(base64::encode_url(&bytes))?
            }
            Kind::Struct(_) if nullable && i8::from_be_bytes(self.chunk()?) < 0 => Value::Null,
            Kind::Struct(layout) => self.structure(layout)?,
            Kind::String | Kind::ClassicString | Kind::Bytes | Kind::Records | Kind::Array(_) => {
                match self.length(kind)? {
                    None => Value::Null,
                    Some(length) => self.sized(kind, length, field)?,
                }
            }
        })
    }

    fn sized(&mut self, kind: Kind, length: usize, field: &Field) -> Result<Value, DecodeError> {
        if let Kind::Array(element) = kind {
            return self.elements(*element, length, field);
        }
        let bytes = self.take(length)?;
        if field.secret && self.view.secrets == Secrets::Redacted {
            return self.text(super::redacted(length));
        }
        match kind {
            Kind::String | Kind::ClassicString => {
                let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)?;
                self.text(text.to_owned())
            }
            Kind::Records if self.view.records == Records::SizeInBytes => Ok(length.into()),
            _ => self.base64(bytes),
        }
    }

    fn elements(&mut self, element: Kind, count: usize, field: &Field) -> Result<Value, DecodeError> {
        self.charge(count.saturating_mul(size_of::<Value>()).saturating_add(ALLOCATION_BYTES))?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(self.value(element, false, field)?);
        }
        Ok(Value::Array(elements))
    }

    fn tagged_fields(&mut self, layout: &Struct, object: &mut Map<String, Value>) -> Result<(), DecodeError> {
        let mut unknown = Vec::new();
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let size = self.varint()? as usize;
            let known = |field: &&Field| field.tag.is_some_and(|known| known.number == tag);
            if let Some(field) = layout.fields.iter().find(known) {
                self.field(field, object)?;
            } else {
                let content = self.take(size)?;
                unknown.push(self.unknown_tagged_field(tag, content)?);
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        self.insert(object, UNKNOWN_TAGGED_FIELDS.to_owned(), Value::Array(unknown))
    }

    fn unknown_tagged_field(&mut self, tag: u32, content: &[u8]) -> Result<Value, DecodeError> {
        self.charge(OBJECT_BYTES.saturating_add(PUSHED_BYTES))?;
        let mut object = Map::new();
        self.insert(&mut object, "tag".to_owned(), tag.into())?;
        // Nobody here knows what it is, so it may be a secret.
        let content = match self.view.secrets {
            Secrets::Redacted => self.text(super::redacted(content.len()))?,
            Secrets::Shown => self.base64(content)?,
        };
        self.insert(&mut object, "data".to_owned(), content)?;
        Ok(Value::Object(object))
    }

    fn base64(&mut self, bytes: &[u8]) -> Result<Value, DecodeError> {
        let letters = bytes.len().div_ceil(3).saturating_mul(4);
        self.charge(letters.saturating_add(ALLOCATION_BYTES))?;
        Ok(Value::String(base64::encode(bytes)))
    }

    fn text(&mut self, text: String) -> Result<Value, DecodeError> {
        self.charge(text.len().saturating_add(ALLOCATION_BYTES))?;
        Ok(Value::String(text))
    }

    /// Reads the length of a string, byte string or array; none is null.
    fn length(&mut self, kind: Kind) -> Result<Option<usize>, DecodeError> {
        if self.flexible && !matches!(kind, Kind::ClassicString) {
            return Ok((self.varint()? as usize).checked_sub(1));
        }
        let length = match kind {
            Kind::String | Kind::ClassicString => i16::from_be_bytes(self.chunk()?).into(),
            _ => i32::from_be_bytes(self.chunk()?),
        };
        Ok(usize::try_from(length).ok())
    }

    fn varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.chunk()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::VarintTooLong)
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (chunk, rest) = self.rest.split_first_chunk().ok_or(DecodeError::Cut)?;
        self.rest = rest;
        Ok(*chunk)
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(DecodeError::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    fn charge(&mut self, bytes: usize) -> Result<(), DecodeError> {
        let max = self.view.json_bytes_max;
        self.memory_left = self.memory_left.checked_sub(bytes).ok_or(DecodeError::TooLarge { max })?;
        Ok(())
    }
}
