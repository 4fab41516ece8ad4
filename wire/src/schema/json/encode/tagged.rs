//! Tagged fields that the schema does not know.

use serde_json::Value;

use super::super::is_redacted;
use super::super::path::Path;
use super::JsonError;
use crate::sasl::base64;
use crate::schema::layout::Struct;

/// A tagged field: its number, and its content.
pub(super) type Tagged = (u32, Vec<u8>);

/// The tagged fields in `value`, which `layout` does not have.
pub(super) fn unknown(layout: &Struct, value: &Value, path: &Path<'_>) -> Result<Vec<Tagged>, JsonError> {
    let elements = value.as_array().ok_or_else(|| JsonError::wrong(path, value, "an array"))?;
    let mut tagged: Vec<Tagged> = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let path = &Path::Element(path, index);
        let (tag, content) = one(element, path)?;
        let known = layout.fields.iter().filter_map(|field| field.tag).any(|known| known.number == tag);
        if known || tagged.iter().any(|(other, _)| *other == tag) {
            return Err(JsonError::Tag { path: path.to_string(), tag });
        }
        tagged.push((tag, content));
    }
    Ok(tagged)
}

fn one(element: &Value, path: &Path<'_>) -> Result<Tagged, JsonError> {
    let object = element.as_object().ok_or_else(|| JsonError::wrong(path, element, "an object"))?;
    if let Some(name) = object.keys().find(|name| !["tag", "data"].contains(&name.as_str())) {
        return Err(JsonError::Unknown { path: Path::Field(path, name).to_string() });
    }
    let [tag, content] = ["tag", "data"].map(|name| object.get(name).unwrap_or(&Value::Null));
    // Tags end where an int does, as in Kafka.
    let number = tag.as_i64().and_then(|tag| i32::try_from(tag).ok()).and_then(|tag| u32::try_from(tag).ok());
    let number = number.ok_or_else(|| JsonError::wrong(&Path::Field(path, "tag"), tag, "a tag"))?;
    let path = &Path::Field(path, "data");
    if content.as_str().is_some_and(is_redacted) {
        return Err(JsonError::Redacted { path: path.to_string() });
    }
    let bytes = content.as_str().and_then(|text| base64::decode(text).ok());
    Ok((number, bytes.ok_or_else(|| JsonError::wrong(path, content, "base64"))?))
}
