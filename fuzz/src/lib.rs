//! What each fuzz target checks of its bytes. The targets call these with what libFuzzer finds; `protocol-tests` calls them with the committed
//! corpus, on stable.

use bytes::{Bytes, BytesMut};
use ottla_wire::compression::{DecompressError, Limits, compress, decompress, decompress_old_lz4};
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::message::{self, Request};
use ottla_wire::record::{self, Batch, BatchWriter, Compression, Header, NewRecord, ProducerStamp};
use ottla_wire::sasl::iam::{IamPayload, IamReply};
use ottla_wire::schema::Direction;
use ottla_wire::{ApiKey, codec, frame as frames, schema};

/// Frames that are taken from bytes as they drip in are those that are taken from all bytes at once.
pub fn frame(data: &[u8]) {
    const FRAME_BYTES_MAX: usize = 1024;
    let all_at_once = || {
        let mut buffer = BytesMut::from(data);
        let mut taken = Vec::new();
        loop {
            match frames::split(&mut buffer, FRAME_BYTES_MAX) {
                Ok(Some(frame)) => taken.push(frame),
                Ok(None) => return (taken, None),
                Err(error) => return (taken, Some(error)),
            }
        }
    };
    let dripping = || {
        let (mut buffer, mut taken) = (BytesMut::new(), Vec::new());
        for byte in data {
            buffer.extend_from_slice(&[*byte]);
            loop {
                match frames::split(&mut buffer, FRAME_BYTES_MAX) {
                    Ok(Some(frame)) => taken.push(frame),
                    Ok(None) => break,
                    Err(error) => return (taken, Some(error)),
                }
            }
        }
        (taken, None)
    };
    assert_eq!(all_at_once(), dripping());
}

/// A request header that is read can be written, and read again; response headers do not panic.
pub fn request_header(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    if let Ok(header) = RequestHeader::decode(&mut bytes.clone()) {
        let mut again = BytesMut::new();
        header.encode(&mut again).expect("what was read can be written");
        let mut again = again.freeze();
        assert_eq!(RequestHeader::decode(&mut again).as_ref(), Ok(&header));
        assert!(again.is_empty());
    }
    for api in ApiKey::ALL {
        for version in [0, i16::MAX] {
            let _ = decode_response_header(*api, version, &mut bytes.clone());
        }
    }
}

/// What the walk lets pass, the generated decoder reads, and its message can be written. The first three bytes choose the message.
pub fn message(data: &[u8]) {
    let [api, version, direction, body @ ..] = data else { return };
    let version = i16::from(*version % 20);
    let direction = if direction % 2 == 0 { Direction::Request } else { Direction::Response };
    let body = Bytes::copy_from_slice(body);
    macro_rules! one_of {
        ($($request:ident),+) => {{
            let checks: &[fn(Direction, i16, Bytes)] = &[$(one_message::<message::$request>),+];
            checks[usize::from(*api) % checks.len()](direction, version, body);
        }};
    }
    one_of!(
        ProduceRequest,
        FetchRequest,
        ListOffsetsRequest,
        MetadataRequest,
        ApiVersionsRequest,
        SaslHandshakeRequest,
        SaslAuthenticateRequest,
        CreateTopicsRequest,
        DeleteTopicsRequest,
        DescribeClusterRequest,
        DescribeConfigsRequest,
        InitProducerIdRequest,
        FindCoordinatorRequest
    );
}

fn one_message<R: Request>(direction: Direction, version: i16, body: Bytes) {
    let api = ApiKey::try_from(R::KEY).expect("a known API");
    if schema::preflight(api, direction, version, &body).is_err() {
        return;
    }
    match direction {
        Direction::Request => {
            let request = codec::decode_request::<R>(version, body).expect("the walk let it pass");
            codec::encode_request(version, &request).expect("what was read can be written");
        }
        Direction::Response => {
            let response = codec::decode_response::<R>(version, body).expect("the walk let it pass");
            codec::encode_response::<R>(version, &response).expect("what was read can be written");
        }
    }
}

/// Batches are read without a panic, as they are and with their checksum repaired; what is read can be written and read again.
pub fn record_batch(data: &[u8]) {
    each_batch(Bytes::copy_from_slice(data));
    if data.len() >= record::BATCH_HEADER_BYTES {
        let mut repaired = BytesMut::from(data);
        record::stamp::set_checksum(&mut repaired);
        each_batch(repaired.freeze());
    }
}

fn each_batch(mut bytes: Bytes) {
    while let Ok(Some(batch)) = record::next_batch(&mut bytes) {
        assert!(batch.next_offset() > batch.base_offset());
        let Ok(records) = batch.records() else { continue };
        if let Ok(records) = records.collect::<Result<Vec<_>, _>>() {
            let copied: Vec<_> = records.iter().map(|record| (record, record.headers().collect::<Vec<_>>())).collect();
            // Kafka has no batch of a producer without a record, so none is written.
            if !batch.is_control() && !copied.is_empty() {
                read_again(&batch, &copied);
            }
        }
    }
}

fn read_again(batch: &Batch, records: &[(&record::Record<'_>, Vec<Header<'_>>)]) {
    let mut writer = BatchWriter::new(batch.size_bytes());
    for (record, headers) in records {
        let new = NewRecord {
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: headers.iter().copied(),
        };
        if writer.append(&new).is_err() {
            return;
        }
    }
    let mut written = writer.finish(ProducerStamp::default());
    let again = record::next_batch(&mut written).expect("what was written can be read").expect("a batch");
    let again = again.records().expect("not compressed").collect::<Result<Vec<_>, _>>().expect("records");
    assert_eq!(again.len(), records.len());
    for (again, (record, headers)) in again.iter().zip(records) {
        assert_eq!((again.timestamp, again.key, again.value), (record.timestamp, record.key, record.value));
        assert_eq!(&again.headers().collect::<Vec<_>>(), headers);
    }
}

/// A payload that is read can be written, and read again; so can a reply.
pub fn iam_payload(data: &[u8]) {
    if let Ok(payload) = IamPayload::parse(data) {
        assert_eq!(IamPayload::parse(&payload.to_json()).as_ref(), Ok(&payload));
    }
    if let Ok(reply) = IamReply::parse(data) {
        assert_eq!(IamReply::parse(&reply.to_json()).as_ref(), Ok(&reply));
    }
}

/// Members of gzip are read within the bound; what is read can be written, and read again.
pub fn gzip(data: &[u8]) {
    decompressor(Compression::Gzip, data);
}

/// As [`gzip`], for snappy with and without framing.
pub fn snappy(data: &[u8]) {
    decompressor(Compression::Snappy, data);
}

/// As [`gzip`], for lz4 frames; one whose header checksum is right is read alike where that is passed over.
pub fn lz4(data: &[u8]) {
    decompressor(Compression::Lz4, data);
    let (new, old) = (decompress(Compression::Lz4, data, &LIMITS), decompress_old_lz4(data, &LIMITS));
    match new {
        Ok(_) => assert_eq!(new, old),
        Err(_) => held_to_the_bound(Compression::Lz4, old, |limits| decompress_old_lz4(data, limits)),
    }
}

/// As [`gzip`], for zstd frames.
pub fn zstd(data: &[u8]) {
    decompressor(Compression::Zstd, data);
}

const LIMITS: Limits = Limits { bytes_max: 1024 * 1024, ratio_max: usize::MAX };

fn decompressor(codec: Compression, data: &[u8]) {
    held_to_the_bound(codec, decompress(codec, data, &LIMITS), |limits| decompress(codec, data, limits));
}

/// What was `read` fits into its own length and into no less, and comes back when it is written.
fn held_to_the_bound(
    codec: Compression,
    read: Result<Vec<u8>, DecompressError>,
    again: impl Fn(&Limits) -> Result<Vec<u8>, DecompressError>,
) {
    let Ok(read) = read else { return };
    assert!(read.len() <= LIMITS.bytes_max);
    assert_eq!(again(&Limits { bytes_max: read.len(), ..LIMITS }).as_ref(), Ok(&read));
    if let Some(bytes_max) = read.len().checked_sub(1) {
        assert_eq!(again(&Limits { bytes_max, ..LIMITS }), Err(DecompressError::TooLong { codec, bytes_max }));
    }
    let mut written = Vec::new();
    compress(codec, None, &read, &mut written).expect("what was read can be written");
    assert_eq!(decompress(codec, &written, &LIMITS), Ok(read));
}
