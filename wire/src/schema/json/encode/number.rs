//! Numbers of each kind.

use serde_json::Value;

use super::super::path::Path;
use super::JsonError;
use crate::schema::layout::Kind;

/// Appends a number of a `kind` that is one.
pub(super) fn write(kind: Kind, value: &Value, path: &Path<'_>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    macro_rules! integer {
        ($number:ty, $expected:literal) => {{
            let number = value.as_i64().and_then(|number| <$number>::try_from(number).ok());
            out.extend(number.ok_or_else(|| JsonError::wrong(path, value, $expected))?.to_be_bytes());
        }};
    }
    match kind {
        Kind::Int8 => integer!(i8, "an int8"),
        Kind::Int16 => integer!(i16, "an int16"),
        Kind::Uint16 => integer!(u16, "a uint16"),
        Kind::Int32 => integer!(i32, "an int32"),
        Kind::Uint32 => integer!(u32, "a uint32"),
        Kind::Int64 => integer!(i64, "an int64"),
        _ => {
            let bits = super::super::float_bits(value);
            out.extend(bits.ok_or_else(|| JsonError::wrong(path, value, "a float64"))?.to_be_bytes());
        }
    }
    Ok(())
}
