//! What the walk refuses, and by which name.

use bytes::{Bytes, BytesMut};

use super::super::*;
use crate::api::VersionRange;
use crate::message::{self as m, Encodable, metadata_response};

fn request(api: ApiKey, version: i16, body: &[u8]) -> Result<(), DecodeError> {
    preflight(api, Direction::Request, version, body)
}

fn response(api: ApiKey, version: i16, body: &[u8]) -> Result<(), DecodeError> {
    preflight(api, Direction::Response, version, body)
}

#[test]
fn counts_that_make_the_generated_decoder_abort_are_refused() {
    assert_eq!(request(ApiKey::Metadata, 12, b"\xff\xff\xff\xff\x0f"), Err(DecodeError::Cut));
    assert_eq!(request(ApiKey::Metadata, 0, b"\x7f\xff\xff\xff"), Err(DecodeError::Cut));
    assert_eq!(response(ApiKey::ApiVersions, 3, b"\0\0\xff\xff\xff\xff\x0f"), Err(DecodeError::Cut));
    assert_eq!(response(ApiKey::ApiVersions, 0, b"\0\0\x7f\xff\xff\xff"), Err(DecodeError::Cut));
    // The generated decoder takes both for the same count, though one of them says more than 32 bits.
    for (last, refusal) in [(0x7f, DecodeError::VarintTooLong), (0x0f, DecodeError::Cut)] {
        let count = [0xff, 0xff, 0xff, 0xff, last];
        let topics = [b"\0\0\0\x02\x01\x04ygf\0\0\0\x01", count.as_slice(), b"\x02\x04\x02wn\x01\x01d"].concat();
        assert_eq!(response(ApiKey::Metadata, 12, &topics), Err(refusal.clone()));
        let partitions = [b"\0\0\0\x01\0\x03\0\0\0\x02\x02\x02v", count.as_slice(), b"\0"].concat();
        assert_eq!(response(ApiKey::Fetch, 12, &partitions), Err(refusal));
    }
}

#[test]
fn a_version_without_a_row_is_refused() {
    for version in [-1, 14] {
        let refusal = DecodeError::Version { message: "MetadataRequest", version, known: VersionRange::new(0, 13) };
        assert_eq!(request(ApiKey::Metadata, version, b"\x01"), Err(refusal));
    }
}

#[test]
fn null_stands_only_where_the_version_allows_it() {
    assert_eq!(request(ApiKey::Metadata, 1, b"\xff\xff\xff\xff"), Ok(()));
    assert_eq!(request(ApiKey::Metadata, 0, b"\xff\xff\xff\xff"), Err(DecodeError::Null { field: "Topics" }));
    assert_eq!(request(ApiKey::Metadata, 0, b"\0\0\0\x01\xff\xff"), Err(DecodeError::Null { field: "Name" }));
    assert_eq!(request(ApiKey::SaslAuthenticate, 2, b"\0\0"), Err(DecodeError::Null { field: "AuthBytes" }));
    assert_eq!(
        response(ApiKey::SaslHandshake, 1, b"\0\0\0\0\0\x01\xff\xff"),
        Err(DecodeError::Null { field: "Mechanisms" })
    );
    let nameless_topic = b"\0\0\0\0\x01\0\0\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0";
    assert_eq!(response(ApiKey::Metadata, 12, nameless_topic), Ok(()));
    assert_eq!(response(ApiKey::Metadata, 11, nameless_topic), Err(DecodeError::Null { field: "Name" }));
}

#[test]
fn lengths_below_null_are_refused() {
    assert_eq!(request(ApiKey::Metadata, 1, b"\xff\xff\xff\xfe"), Err(DecodeError::NegativeLength(-2)));
    assert_eq!(request(ApiKey::SaslHandshake, 1, b"\x80\0"), Err(DecodeError::NegativeLength(-32768)));
    assert_eq!(request(ApiKey::SaslAuthenticate, 0, b"\x80\0\0\0"), Err(DecodeError::NegativeLength(-2_147_483_648)));
}

#[test]
fn a_varint_ends_in_five_bytes_and_32_bits() {
    assert_eq!(request(ApiKey::SaslAuthenticate, 2, b"\x82\x80\x80\x80\0a\0"), Ok(()));
    for varint in [b"\x82\x80\x80\x80\x80\0", b"\xff\xff\xff\xff\x1f\0"] {
        assert_eq!(request(ApiKey::SaslAuthenticate, 2, varint), Err(DecodeError::VarintTooLong));
    }
}

#[test]
fn a_string_is_utf8() {
    assert_eq!(request(ApiKey::SaslHandshake, 1, b"\0\x02\xc3\xa4"), Ok(()));
    assert_eq!(request(ApiKey::SaslHandshake, 1, b"\0\x02\xc3\x28"), Err(DecodeError::NotUtf8));
}

/// The tagged fields of an otherwise empty ApiVersions response v4.
fn api_versions_with(tagged_fields: &[u8]) -> Result<(), DecodeError> {
    response(ApiKey::ApiVersions, 4, &[b"\0\0\x01\0\0\0\0", tagged_fields].concat())
}

#[test]
fn tags_ascend() {
    assert_eq!(api_versions_with(b"\x03\x03\x01\x01\x04\0\x7f\x01x"), Ok(()));
    assert_eq!(api_versions_with(b"\x02\x04\0\x03\x01\x01"), Err(DecodeError::TagOrder { tag: 3 }));
    assert_eq!(api_versions_with(b"\x02\x04\0\x04\0"), Err(DecodeError::TagOrder { tag: 4 }));
    assert_eq!(api_versions_with(b"\x01\x80\x80\x80\x80\x08\0"), Err(DecodeError::TagOrder { tag: 0x8000_0000 }));
}

#[test]
fn a_tagged_field_takes_the_size_that_it_declares() {
    let epoch = |size: u8| [b"\x01\x01".as_slice(), &[size], &[7; 9]].concat();
    assert_eq!(api_versions_with(&epoch(8)[..11]), Ok(()));
    assert_eq!(api_versions_with(&epoch(9)), Err(DecodeError::TagSize { tag: 1, declared: 9 }));
    assert_eq!(api_versions_with(&epoch(7)), Err(DecodeError::TagSize { tag: 1, declared: 7 }));
    assert_eq!(api_versions_with(&epoch(10)), Err(DecodeError::Cut));
    assert_eq!(api_versions_with(b"\x01\0\x01\xff"), Err(DecodeError::TagSize { tag: 0, declared: 1 }));
}

#[test]
fn a_tagged_field_is_refused_before_its_version() {
    let responses_and_throttle = b"\x01\0\0\0\0";
    let node_endpoints = b"\x01\0\x01\x01";
    let body = [responses_and_throttle.as_slice(), node_endpoints].concat();
    assert_eq!(response(ApiKey::Produce, 9, &body), Err(DecodeError::TagVersion { tag: 0 }));
    assert_eq!(response(ApiKey::Produce, 10, &body), Ok(()));
}

#[test]
fn many_elements_in_few_bytes_are_refused_by_what_they_take_in_memory() {
    let topics = |count: u32| {
        let mut body = (count | 0x8000_0000).to_be_bytes().to_vec();
        body[0] &= 0x7f;
        body.resize(4 + 2 * count as usize, 0);
        body
    };
    assert_eq!(request(ApiKey::Metadata, 0, &topics(1_000_000)), Ok(()));
    let refusal = request(ApiKey::Metadata, 0, &topics(2_000_000));
    assert_eq!(refusal, Err(DecodeError::TooLarge { max: DECODED_BYTES_MAX }));
}

#[test]
fn unknown_tagged_fields_count_as_memory() {
    let mut body = b"\0\0\x01\0\0\0\0\x80\x80\x20".to_vec();
    for tag in 0x4000_u32..0x4000 + 0x8_0000 {
        body.extend([tag & 0x7f | 0x80, (tag >> 7) & 0x7f | 0x80, tag >> 14].map(|bits| u8::try_from(bits).unwrap()));
        body.push(0);
    }
    let refusal = response(ApiKey::ApiVersions, 4, &body);
    assert_eq!(refusal, Err(DecodeError::TooLarge { max: DECODED_BYTES_MAX }));
}

/// A Metadata response v12 with one topic, whose partitions have three replicas each.
fn metadata_response(partitions: usize) -> Bytes {
    let replicas = || vec![m::BrokerId(1); 3];
    let partition = || {
        metadata_response::MetadataResponsePartition::default()
            .with_replica_nodes(replicas())
            .with_isr_nodes(replicas())
    };
    let topic = metadata_response::MetadataResponseTopic::default()
        .with_partitions(std::iter::repeat_with(partition).take(partitions).collect());
    let mut out = BytesMut::new();
    m::MetadataResponse::default().with_topics(vec![topic]).encode(&mut out, 12).expect("it can be encoded");
    out.freeze()
}

#[test]
fn the_memory_of_a_message_is_its_structs_and_its_arrays() {
    let memory = size_of::<m::MetadataResponse>()
        + size_of::<metadata_response::MetadataResponseTopic>()
        + 5 * (size_of::<metadata_response::MetadataResponsePartition>() + 2 * 3 * size_of::<i32>());
    let walk = |max| preflight_within(max, layout(ApiKey::Metadata, Direction::Response), 12, &metadata_response(5));
    assert_eq!(walk(memory), Ok(()));
    assert_eq!(walk(memory - 1), Err(DecodeError::TooLarge { max: memory - 1 }));
}

#[test]
fn a_cluster_of_many_partitions_is_not_refused() {
    assert_eq!(response(ApiKey::Metadata, 12, &metadata_response(100_000)), Ok(()));
}

#[test]
fn records_do_not_count_as_memory() {
    let records = DECODED_BYTES_MAX + 1;
    // No transaction, acks, timeout, one topic "t", one partition 0.
    let mut body = b"\xff\xff\0\x01\0\0\0\0\0\0\0\x01\0\x01t\0\0\0\x01\0\0\0\0".to_vec();
    body.extend(u32::try_from(records).expect("a length").to_be_bytes());
    body.resize(body.len() + records, 0);
    assert_eq!(request(ApiKey::Produce, 8, &body), Ok(()));
}
