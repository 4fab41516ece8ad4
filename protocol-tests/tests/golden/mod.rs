//! Reads the golden files that `golden/make` made.

use bytes::Bytes;
use ottla_wire::ApiKey;
use ottla_wire::schema::Direction;
use serde_json::Value;

/// The lines of one golden file.
pub(crate) fn lines(file: &str) -> impl Iterator<Item = Value> {
    lines_of(&format!("{}/golden/{file}", env!("CARGO_MANIFEST_DIR")))
}

/// The lines of a file of the same form anywhere.
pub(crate) fn lines_of(path: &str) -> impl Iterator<Item = Value> + use<> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect::<Vec<_>>().into_iter()
}

/// The integer in `field`.
pub(crate) fn int<T: TryFrom<i64, Error: std::fmt::Debug>>(line: &Value, field: &str) -> T {
    let value = line[field].as_i64().unwrap_or_else(|| panic!("{field} is no integer in {line}"));
    T::try_from(value).expect("an integer in range")
}

/// The API that the line is about.
pub(crate) fn api(line: &Value) -> ApiKey {
    ApiKey::try_from(int::<i16>(line, "apiKey")).expect("a known API")
}

/// The bytes in `bytes_hex`.
pub(crate) fn bytes(line: &Value) -> Bytes {
    line["bytes_hex"].as_str().and_then(unhexed).unwrap_or_else(|| panic!("no hex in {line}"))
}

/// The bytes whose hex this is; none where it is no hex.
pub(crate) fn unhexed(hex: &str) -> Option<Bytes> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8; 2]| u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok();
    let (pairs, rest) = hex.as_bytes().as_chunks();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// Which of the two messages of an API the line is about.
pub(crate) fn direction(line: &Value) -> Direction {
    match line["direction"].as_str() {
        Some("request") => Direction::Request,
        Some("response") => Direction::Response,
        other => panic!("no direction: {other:?}"),
    }
}
