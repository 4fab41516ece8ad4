//! A record to send.

use std::borrow::Cow;

use bytes::Bytes;
use ottla_wire::record::{Header, NewRecord};

/// A record to send: where to, and what it says. It borrows what it is given by reference; the bytes are copied once, into the batch.
///
/// ```
/// # use ottla::Record;
/// let json = br#"{"amount": 3}"#;
/// let record = Record::to("events").key("user123").value(json).header("source", "checkout");
/// ```
#[derive(Clone, Debug)]
pub struct Record<'a> {
    topic: Cow<'a, str>,
    partition: Option<i32>,
    timestamp: Option<i64>,
    key: Option<RecordBytes<'a>>,
    value: Option<RecordBytes<'a>>,
    headers: Vec<(Cow<'a, str>, Option<RecordBytes<'a>>)>,
}

impl<'a> Record<'a> {
    /// A record for `topic`, with null for its key and its value.
    #[must_use]
    pub fn to(topic: impl Into<Cow<'a, str>>) -> Self {
        Self { topic: topic.into(), partition: None, timestamp: None, key: None, value: None, headers: Vec::new() }
    }

    /// The key. Records with equal keys go to the same partition, for as long as the topic has as many partitions; an empty key is a key.
    #[must_use]
    pub fn key(self, key: impl Into<RecordBytes<'a>>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// The value. Without one it is null, which deletes the key from a compacted topic.
    #[must_use]
    pub fn value(self, value: impl Into<RecordBytes<'a>>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    /// Adds a header; their order is kept, and so are several of one name.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<RecordBytes<'a>>) -> Self {
        self.headers.push((name.into(), Some(value.into())));
        self
    }

    /// Adds a header whose value is null.
    #[must_use]
    pub fn null_header(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.headers.push((name.into(), None));
        self
    }

    /// The timestamp, in milliseconds since 1970. Without one it is the time of [`Producer::send`](crate::Producer::send).
    #[must_use]
    pub fn timestamp(self, millis: i64) -> Self {
        Self { timestamp: Some(millis), ..self }
    }

    /// The partition. Without one it is chosen as the producer's [`Partitioning`](crate::Partitioning) says: by the key, where nothing else is asked for.
    #[must_use]
    pub fn partition(self, partition: i32) -> Self {
        Self { partition: Some(partition), ..self }
    }

    /// Where it goes to.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The partition that it was given.
    #[must_use]
    pub const fn chosen_partition(&self) -> Option<i32> {
        self.partition
    }

    /// The key that it was given.
    #[must_use]
    pub fn key_bytes(&self) -> Option<&[u8]> {
        self.key.as_ref().map(RecordBytes::as_slice)
    }

    /// The value that it was given.
    #[must_use]
    pub fn value_bytes(&self) -> Option<&[u8]> {
        self.value.as_ref().map(RecordBytes::as_slice)
    }

    /// The headers that it was given, in order.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = Header<'_>> + Clone {
        self.headers.iter().map(header)
    }

    /// The record as it is encoded, where it is sent at `now` milliseconds.
    pub(crate) fn at(&self, now: i64) -> NewRecord<'_, impl ExactSizeIterator<Item = Header<'_>> + Clone> {
        NewRecord {
            timestamp: self.timestamp.unwrap_or(now),
            key: self.key_bytes(),
            value: self.value_bytes(),
            headers: self.headers(),
        }
    }
}

fn header<'r>((name, value): &'r (Cow<'_, str>, Option<RecordBytes<'_>>)) -> Header<'r> {
    Header { key: name.as_bytes(), value: value.as_ref().map(RecordBytes::as_slice) }
}

/// The bytes of a key, a value or a header: borrowed, owned or shared, as they were given.
#[derive(Clone, Debug)]
pub struct RecordBytes<'a>(Kept<'a>);

#[derive(Clone, Debug)]
enum Kept<'a> {
    Plain(Cow<'a, [u8]>),
    Shared(Bytes),
}

impl RecordBytes<'_> {
    fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Kept::Plain(bytes) => bytes,
            Kept::Shared(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for RecordBytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl<'a> From<Cow<'a, [u8]>> for RecordBytes<'a> {
    fn from(bytes: Cow<'a, [u8]>) -> Self {
        Self(Kept::Plain(bytes))
    }
}

impl<'a> From<&'a [u8]> for RecordBytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Cow::Borrowed(bytes).into()
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for RecordBytes<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Cow::Borrowed(bytes.as_slice()).into()
    }
}

impl<'a> From<&'a Vec<u8>> for RecordBytes<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Cow::Borrowed(bytes.as_slice()).into()
    }
}

impl<'a> From<&'a str> for RecordBytes<'a> {
    fn from(text: &'a str) -> Self {
        Cow::Borrowed(text.as_bytes()).into()
    }
}

impl<'a> From<&'a String> for RecordBytes<'a> {
    fn from(text: &'a String) -> Self {
        Cow::Borrowed(text.as_bytes()).into()
    }
}

impl From<Vec<u8>> for RecordBytes<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Kept::Plain(Cow::Owned(bytes)))
    }
}

impl From<String> for RecordBytes<'_> {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<Bytes> for RecordBytes<'_> {
    fn from(bytes: Bytes) -> Self {
        Self(Kept::Shared(bytes))
    }
}

impl<'a> From<&'a Bytes> for RecordBytes<'a> {
    fn from(bytes: &'a Bytes) -> Self {
        bytes.as_ref().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_what_it_was_given_in_that_order() {
        let owned = String::from("v2");
        let record = Record::to("events")
            .key(b"k")
            .value(Bytes::from_static(b"value"))
            .header("a", "1")
            .null_header("b")
            .header("a", owned)
            .timestamp(7)
            .partition(3);
        assert_eq!((record.topic(), record.chosen_partition()), ("events", Some(3)));
        let encoded = record.at(99);
        assert_eq!((encoded.timestamp, encoded.key, encoded.value), (7, Some(&b"k"[..]), Some(&b"value"[..])));
        let headers: Vec<_> = encoded.headers.map(|header| (header.key, header.value)).collect();
        assert_eq!(headers, [(&b"a"[..], Some(&b"1"[..])), (b"b", None), (b"a", Some(b"v2"))]);
    }

    #[test]
    fn what_is_not_given_is_null_and_the_time_is_now() {
        let record = Record::to("events");
        let encoded = record.at(99);
        assert_eq!((encoded.timestamp, encoded.key, encoded.value, encoded.headers.len()), (99, None, None, 0));
        assert_eq!(record.clone().key("").at(0).key, Some(&b""[..]));
    }
}
