//! Batches in every codec: what is checked inside them, what the log keeps, and how they are read.

use ottla_wire::ErrorCode;
use ottla_wire::compression::Limits;
use ottla_wire::message::produce_response::PartitionProduceResponse;
use ottla_wire::record::{Batch, Compression, Header, TimestampType, compressed, next_batch, stamp};
use proptest::prelude::*;

use super::*;

const CODECS: [Compression; 4] = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

const PRODUCER: ProducerStamp =
    ProducerStamp { producer_id: 7, producer_epoch: 3, base_sequence: 0, is_transactional: false };

/// The values of the records that are sent.
const VALUES: [&str; 3] = ["one one one one one one", "two two two two two two", "three three three three"];

fn topic_with(configs: &[(&str, &str)]) -> (Bench, ConnId) {
    with_bounds(Bounds::default(), configs)
}

fn with_bounds(bounds: Bounds, configs: &[(&str, &str)]) -> (Bench, ConnId) {
    let mut bench = Bench::of(ClusterConfig { bounds, ..ClusterConfig::default() });
    let topic = configs.iter().fold(NewTopic::new("t"), |topic, (name, value)| topic.config(*name, *value));
    bench.cluster.create_topic(&topic).unwrap();
    let conn = bench.connect_to_leader("t", 0);
    (bench, conn)
}

/// A batch in a codec, of records at these milliseconds from `start` on; the second has a header twice and no key.
fn batch_of(codec: Compression, start: i64, times: [i64; 3]) -> Bytes {
    let mut batch = BatchWriter::new(0);
    for ((value, time), key) in VALUES.iter().zip(times).zip([Some(&b"a"[..]), None, Some(b"c")]) {
        let header = |value| Header { key: b"h", value };
        let headers = if key.is_none() { vec![header(Some(&b"x"[..])), header(None)] } else { vec![] };
        let record =
            NewRecord { timestamp: start + time, key, value: Some(value.as_bytes()), headers: headers.into_iter() };
        batch.append(&record).unwrap();
    }
    batch.finish_compressed(PRODUCER, codec, None).unwrap()
}

fn sent(bench: &Bench, codec: Compression) -> Bytes {
    batch_of(codec, bench.now.millis(), [0, 20, 10])
}

fn produce_at(bench: &mut Bench, conn: ConnId, version: i16, records: Bytes) -> PartitionProduceResponse {
    let mut answer = bench.ask(conn, version, &produce::request("t", 0, records));
    answer.responses.remove(0).partition_responses.remove(0)
}

fn produce(bench: &mut Bench, conn: ConnId, records: Bytes) -> ErrorCode {
    ErrorCode(produce_at(bench, conn, 9, records).error_code)
}

fn stored(bench: &Bench) -> Batch {
    bench.cluster.records("t", 0).unwrap().pop().unwrap()
}

fn plain(batch: Batch) -> Batch {
    batch.decompress(&Limits::default()).unwrap()
}

type Told = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(Vec<u8>, Option<Vec<u8>>)>);

/// All that the records of a batch say.
fn told(batch: Batch) -> Vec<Told> {
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    let batch = plain(batch);
    let records = batch.records().unwrap().map(Result::unwrap);
    let headers = |record: &ottla_wire::record::Record<'_>| {
        record.headers().map(|header| (header.key.to_vec(), owned(header.value))).collect()
    };
    records
        .map(|record| (record.offset, record.timestamp, owned(record.key), owned(record.value), headers(&record)))
        .collect()
}

/// The bytes of a batch with these in place of its records, and with the length and the checksum of that.
fn with_records(batch: &[u8], records: &[u8]) -> Bytes {
    let mut forged = [&batch[..61], records].concat();
    let length = i32::try_from(forged.len() - 12).unwrap();
    forged[8..12].copy_from_slice(&length.to_be_bytes());
    stamp::set_checksum(&mut forged);
    forged.into()
}

/// A batch in a codec that holds these bytes as its records.
fn holding(codec: Compression, like: &[u8], records: &[u8]) -> Bytes {
    let mut out = Vec::new();
    ottla_wire::compression::compress(codec, None, records, &mut out).unwrap();
    let mut forged = with_records(like, &out).to_vec();
    forged[22] = forged[22] & !7 | codec as u8;
    stamp::set_checksum(&mut forged);
    forged.into()
}

#[test]
fn the_producers_codec_keeps_the_producers_bytes() {
    for codec in CODECS {
        let (mut bench, conn) = topic_with(&[]);
        let records = sent(&bench, codec);
        assert_eq!(produce(&mut bench, conn, records.clone()), ErrorCode::NONE);
        assert_eq!(stored(&bench).to_bytes()[16..], records[16..], "{codec}");
    }
}

#[test]
fn a_topics_own_codec_keeps_the_bytes_of_that_codec_and_writes_every_other_anew() {
    for own in Compression::ALL {
        for codec in Compression::ALL {
            let name = if own == Compression::None { "uncompressed" } else { own.name() };
            let (mut bench, conn) = topic_with(&[("compression.type", name)]);
            let mut records = sent(&bench, codec);
            assert_eq!(produce(&mut bench, conn, records.clone()), ErrorCode::NONE, "{codec} to {own}");
            let kept = stored(&bench);
            assert_eq!(kept.compression(), own);
            assert_eq!(kept.to_bytes()[16..] == records[16..], own == codec, "{codec} to {own}");
            assert_eq!((kept.producer_id(), kept.producer_epoch(), kept.base_sequence()), (7, 3, 0));
            assert_eq!(kept.max_timestamp(), bench.now.millis() + 20);
            assert_eq!(told(kept), told(next_batch(&mut records).unwrap().unwrap()));
        }
    }
}

#[test]
fn a_batch_that_comes_again_is_known_in_whatever_codec_it_was_kept() {
    let (mut bench, conn) = topic_with(&[("compression.type", "zstd")]);
    for codec in Compression::ALL {
        let records = sent(&bench, codec);
        assert_eq!(produce_at(&mut bench, conn, 9, records).base_offset, 0);
    }
    assert_eq!(bench.cluster.records("t", 0).unwrap().len(), 1);
}

#[test]
fn the_level_of_a_topic_makes_its_batches_smaller() {
    let long: Vec<String> = (0..200).map(|n| format!("{} some text {}", n * 7919 % 1000, n * n % 777)).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    for (codec, low, high) in [("gzip", "1", "9"), ("zstd", "-7", "4")] {
        let size = |level| {
            let (mut bench, conn) =
                topic_with(&[("compression.type", codec), (&format!("compression.{codec}.level"), level)]);
            let records = batch(bench.now, &long);
            assert_eq!(produce(&mut bench, conn, records), ErrorCode::NONE);
            stored(&bench).size_bytes()
        };
        assert!(size(high) < size(low), "{codec}");
    }
}

#[test]
fn the_brokers_time_is_that_of_every_record_of_a_compressed_batch() {
    for own in ["producer", "gzip"] {
        for codec in CODECS {
            let (mut bench, conn) =
                topic_with(&[("message.timestamp.type", "LogAppendTime"), ("compression.type", own)]);
            let now = bench.now.millis();
            let answer = produce_at(&mut bench, conn, 9, batch_of(codec, 5, [0, 20, 10]));
            assert_eq!((answer.error_code, answer.log_append_time_ms), (0, now));
            let kept = stored(&bench);
            assert_eq!((kept.timestamp_type(), kept.max_timestamp()), (TimestampType::LogAppendTime, now));
            assert!(told(kept).iter().all(|record| record.1 == now), "{codec} to {own}");
        }
    }
}

#[test]
fn the_largest_timestamp_is_that_of_the_records_whatever_a_compressed_batch_says() {
    for codec in CODECS {
        let (mut bench, conn) = topic_with(&[]);
        let mut forged = sent(&bench, codec).to_vec();
        stamp::set_max_timestamp(&mut forged, TimestampType::CreateTime, 1);
        assert_eq!(produce(&mut bench, conn, forged.into()), ErrorCode::NONE);
        assert_eq!(stored(&bench).max_timestamp(), bench.now.millis() + 20);
    }
}

#[test]
fn max_message_bytes_holds_before_and_after_a_batch_is_written_anew() {
    for codec in CODECS {
        let (bench, _) = topic_with(&[]);
        let long = "x".repeat(1000);
        let mut records = batch(bench.now, &[&long]);
        let plain_bytes = records.len();
        let records = next_batch(&mut records).unwrap().unwrap();
        let records = compressed(records, codec, None).unwrap().to_bytes();
        assert!(records.len() < plain_bytes - 1);
        for (own, bytes_max, expected) in [
            ("producer", records.len(), ErrorCode::NONE),
            ("producer", records.len() - 1, ErrorCode::MESSAGE_TOO_LARGE),
            ("uncompressed", plain_bytes, ErrorCode::NONE),
            ("uncompressed", plain_bytes - 1, ErrorCode::MESSAGE_TOO_LARGE),
        ] {
            let (mut bench, conn) =
                topic_with(&[("compression.type", own), ("max.message.bytes", &bytes_max.to_string())]);
            assert_eq!(produce(&mut bench, conn, records.clone()), expected, "{codec}, {own}, {bytes_max}");
        }
    }
}

#[test]
fn zstd_needs_version_7_whatever_the_topic_keeps() {
    for own in ["producer", "gzip", "zstd"] {
        for (codec, version, expected) in [
            (Compression::Zstd, 6, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE),
            (Compression::Zstd, 7, ErrorCode::NONE),
            (Compression::Gzip, 6, ErrorCode::NONE),
        ] {
            let (mut bench, conn) = topic_with(&[("compression.type", own)]);
            let records = sent(&bench, codec);
            assert_eq!(produce_at(&mut bench, conn, version, records).error_code, expected.0);
        }
    }
}

#[test]
fn each_record_of_a_compressed_batch_is_held_to_the_topic() {
    for codec in CODECS {
        let (mut bench, conn) = topic_with(&[("cleanup.policy", "compact")]);
        let late = bench.now.millis() + 3_600_001;
        let records = sent(&bench, codec);
        let cases = [
            (records, ErrorCode::INVALID_RECORD, vec![1]),
            (batch_of(codec, late, [0, 0, -1]), ErrorCode::INVALID_TIMESTAMP, vec![0, 1]),
        ];
        for (records, expected, indices) in cases {
            let answer = produce_at(&mut bench, conn, 9, records);
            assert_eq!((answer.error_code, answer.log_start_offset), (expected.0, 0));
            let refused: Vec<_> = answer.record_errors.iter().map(|error| error.batch_index).collect();
            assert_eq!(refused, indices, "{codec}");
        }
    }
}

#[test]
fn bytes_that_the_codec_cannot_read_are_answered_as_kafka_answers_them() {
    for own in ["producer", "uncompressed"] {
        for codec in CODECS {
            let (mut bench, conn) = topic_with(&[("compression.type", own)]);
            let good = sent(&bench, codec);
            for bad in [&b"garbage garbage garbage"[..], &good[61..good.len() - 3], &good[61..65]] {
                let answer = produce_at(&mut bench, conn, 9, with_records(&good, bad));
                assert_eq!(
                    (answer.error_code, answer.log_start_offset),
                    (ErrorCode::UNKNOWN_SERVER_ERROR.0, 0),
                    "{codec}"
                );
            }
            assert_eq!(produce(&mut bench, conn, good), ErrorCode::NONE);
        }
    }
}

#[test]
fn records_that_are_not_what_a_compressed_batch_says_are_refused() {
    for codec in CODECS {
        let (mut bench, conn) = topic_with(&[]);
        let good = sent(&bench, Compression::None);
        let records = &good[61..];
        let mut second_first = records.to_vec();
        // The offset delta of the first record stands after its length, attributes and timestamp, of one byte each.
        assert_eq!(second_first[3], 0);
        second_first[3] = 2;
        for (records, expected) in [
            (&records[..records.len() - 1], ErrorCode::INVALID_RECORD),
            (&[records, b"\0"].concat(), ErrorCode::INVALID_RECORD),
            (&records[..5], ErrorCode::INVALID_RECORD),
            (&second_first, ErrorCode::UNKNOWN_SERVER_ERROR),
            (records, ErrorCode::NONE),
        ] {
            let forged = holding(codec, &good, records);
            assert_eq!(produce(&mut bench, conn, forged), expected, "{codec}");
        }
    }
}

#[test]
fn a_batch_that_grows_above_the_bound_is_refused_and_one_at_the_bound_is_not() {
    for codec in CODECS {
        let plain_bytes = batch_of(Compression::None, 0, [0, 20, 10]).len() - 61;
        for (bytes_max, expected) in [(plain_bytes - 1, ErrorCode::INVALID_RECORD), (plain_bytes, ErrorCode::NONE)] {
            let bounds = Bounds { decompressed_bytes_max: bytes_max, ..Bounds::default() };
            let (mut bench, conn) = with_bounds(bounds, &[]);
            let records = sent(&bench, codec);
            assert_eq!(produce(&mut bench, conn, records), expected, "{codec}");
        }
    }
}

#[test]
fn the_cluster_has_room_for_what_is_kept_and_not_for_what_came() {
    let (bench, _) = topic_with(&[]);
    let records = sent(&bench, Compression::Zstd);
    for (own, expected) in [("producer", ErrorCode::NONE), ("uncompressed", ErrorCode::KAFKA_STORAGE_ERROR)] {
        let bounds = Bounds { log_bytes_max: records.len(), ..Bounds::default() };
        let (mut bench, conn) = with_bounds(bounds, &[("compression.type", own)]);
        assert_eq!(produce(&mut bench, conn, records.clone()), expected);
    }
}

#[test]
fn every_version_of_fetch_reads_every_codec() {
    for codec in CODECS {
        let (mut bench, conn) = topic_with(&[]);
        let records = sent(&bench, codec);
        produce(&mut bench, conn, records);
        for version in 4..=12 {
            let answer = bench.ask(conn, version, &fetch::request("t", 0, 1));
            let of = &answer.responses[0].partitions[0];
            assert_eq!(
                (of.error_code, of.records.as_ref()),
                (0, Some(&stored(&bench).to_bytes())),
                "{codec}, v{version}"
            );
        }
    }
}

#[test]
fn a_time_is_found_inside_a_compressed_batch() {
    for codec in CODECS {
        let (mut bench, conn) = topic_with(&[]);
        for start in [1000, 1100] {
            let mut records = BatchWriter::new(0);
            for time in [5, 30, 7, 30] {
                records.append(&NewRecord::new(start + time, None, Some(b"v"))).unwrap();
            }
            let records = records.finish_compressed(ProducerStamp::NONE, codec, None).unwrap();
            assert_eq!(produce(&mut bench, conn, records), ErrorCode::NONE);
        }
        for (asked, timestamp, offset) in [
            (0, 1005, 0),
            (1005, 1005, 0),
            (1006, 1030, 1),
            (1031, 1105, 4),
            (1106, 1130, 5),
            (1131, -1, -1),
            (-3, 1130, 5),
        ] {
            let found = offsets::at(&mut bench, conn, 7, asked);
            assert_eq!((found.error_code, found.timestamp, found.offset), (0, timestamp, offset), "{codec} at {asked}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_kept_of_a_spoilt_batch_can_be_read_and_what_cannot_is_refused(
        codec in 0..CODECS.len(),
        own in proptest::sample::select(vec!["producer", "uncompressed", "lz4"]),
        at in 0_usize..200,
        byte in any::<u8>(),
    ) {
        let (mut bench, conn) = topic_with(&[("compression.type", own)]);
        let mut spoilt = sent(&bench, CODECS[codec]).to_vec();
        let at = 21 + at % (spoilt.len() - 21);
        spoilt[at] = byte;
        stamp::set_checksum(&mut spoilt);
        let refused = !produce(&mut bench, conn, spoilt.into()).is_ok();
        match bench.cluster.records("t", 0).unwrap().pop() {
            None => prop_assert!(refused),
            Some(kept) => {
                prop_assert!(!refused);
                prop_assert_eq!(told(kept).len(), 3);
            }
        }
    }
}
