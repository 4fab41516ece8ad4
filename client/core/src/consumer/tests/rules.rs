//! What the consumer does, rule by rule.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ottla_wire::compression::{DecompressError, Decompressor};
use ottla_wire::hot::FetchResponse;
use ottla_wire::record::{BatchError, Compression};
use ottla_wire::{ApiKey, BrokerId, ErrorCode, VersionRange};

use super::cluster::{Bench, TOPIC, at, led_by, offsets};
use super::log::{Kind, batch, old_message, put, reseal};
use crate::cluster::{Snapshot, TopicState};
use crate::consumer::{
    Config, Event, LookupError, NotAssigned, OffsetQuery, OnOffsetOutOfRange, Place, Start, StopReason,
};
use crate::request::RequestError;

const EARLIEST: i64 = -2;

fn from_zero(leaders: &[i32]) -> Bench {
    Bench::new(Config::default(), leaders, |_| Start::Offset(0))
}

/// Answers with records for one partition, and nothing for the others that were asked for.
fn feed(bench: &mut Bench, broker: i32, partition: i32, records: impl Into<Bytes>) {
    bench.send(broker).expect("a request");
    bench.answer(broker, [(partition, Ok(records.into()))]);
}

fn next_offsets(bench: &mut Bench) -> Vec<i64> {
    offsets(&bench.next().expect("something to hand out").expect("a batch"))
}

fn stopped(bench: &mut Bench) -> StopReason {
    bench.next().expect("something to hand out").expect_err("an error").reason
}

fn joined(batches: &[Bytes]) -> Bytes {
    batches.concat().into()
}

#[test]
fn each_broker_has_its_own_fetch_and_only_one() {
    let mut bench = from_zero(&[1, 2, 1]);
    assert_eq!(bench.send(1).unwrap().offsets, [(0, 0), (2, 0)]);
    assert_eq!(bench.send(2).unwrap().offsets, [(1, 0)]);
    assert_eq!((bench.send(1), bench.send(2)), (None, None));

    bench.answer(1, [(0, Ok(batch(0, 2, Kind::Plain))), (2, Ok(Bytes::new()))]);
    assert_eq!(next_offsets(&mut bench), [0, 1], "broker 2 is still waiting");
    assert!(bench.send(1).is_some());
}

#[test]
fn a_connection_is_wanted_as_long_as_the_broker_leads_what_is_read() {
    let mut bench = from_zero(&[1, -1]);
    assert!(bench.events().contains(&Event::Wanted(BrokerId(1))));
    bench.metadata(led_by(&[2, 2], 1));
    let events = bench.events();
    assert!(events.contains(&Event::Wanted(BrokerId(2))) && events.contains(&Event::Left(BrokerId(1))));
    assert!(!bench.consumer.wants_connection(BrokerId(1)));

    bench.metadata(led_by(&[-1, -1], 1));
    assert_eq!(bench.events(), [], "an election is no reason to close the connection");
    bench.consumer.assign(bench.now, []);
    assert_eq!(bench.events(), [Event::Left(BrokerId(2))]);
}

#[test]
fn brokers_that_trade_their_partitions_keep_their_connections() {
    let mut bench = from_zero(&[1, 2]);
    bench.events();
    bench.metadata(led_by(&[2, 1], 1));
    assert!(!bench.events().iter().any(|event| matches!(event, Event::Left(_) | Event::Wanted(_))));
}

#[test]
fn a_partition_that_was_given_something_comes_last_in_the_next_request() {
    let mut bench = from_zero(&[1, 1, 1]);
    feed(&mut bench, 1, 0, batch(0, 1, Kind::Plain));
    assert_eq!(bench.send(1).unwrap().offsets, [(1, 0), (2, 0), (0, 1)]);
}

#[test]
fn partitions_take_turns_at_being_handed_out() {
    let mut bench = from_zero(&[1, 1]);
    let log = joined(&[batch(0, 1, Kind::Plain), batch(1, 1, Kind::Plain)]);
    bench.send(1);
    bench.answer(1, [(0, Ok(log.clone())), (1, Ok(log))]);
    let turns: Vec<i32> = std::iter::from_fn(|| bench.next()).map(|batch| batch.unwrap().at.partition).collect();
    assert_eq!(turns, [0, 1, 0, 1]);
}

#[test]
fn a_position_within_a_batch_is_met_exactly() {
    let mut bench = Bench::new(Config::default(), &[1], |_| Start::Offset(3));
    feed(&mut bench, 1, 0, batch(0, 5, Kind::Plain));
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(3)), "a position moves only by hand-out");
    assert_eq!(next_offsets(&mut bench), [3, 4]);
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(5)));
}

#[test]
fn what_is_not_for_the_application_only_moves_the_position() {
    let mut bench = from_zero(&[1]);
    let log = [
        batch(0, 1, Kind::Control),
        batch(1, 4, Kind::Emptied),
        batch(9, 1, Kind::Compacted(5)),
        batch(15, 1, Kind::Control),
    ];
    feed(&mut bench, 1, 0, joined(&log));
    assert_eq!(next_offsets(&mut bench), [9]);
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(15)));
    assert!(bench.next().is_none());
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(16)));
    assert_eq!(bench.consumer.buffered_bytes(), 0);
}

#[test]
fn a_batch_whose_records_are_all_before_the_position_is_not_handed_out() {
    let mut bench = Bench::new(Config::default(), &[1], |_| Start::Offset(3));
    feed(&mut bench, 1, 0, joined(&[batch(0, 2, Kind::Compacted(4)), batch(6, 1, Kind::Plain)]));
    assert_eq!(next_offsets(&mut bench), [6]);
}

#[test]
fn a_cut_batch_is_fetched_again_from_its_base_and_as_a_whole() {
    let mut bench = from_zero(&[1]);
    let [first, second] = [batch(0, 2, Kind::Plain), batch(2, 200, Kind::Plain)];
    feed(&mut bench, 1, 0, joined(&[first, second.slice(..70)]));
    assert_eq!(bench.send(1).unwrap().offsets, [(0, 2)]);
    bench.answer(1, [(0, Ok(second.slice(..70)))]);
    assert!(bench.consumer.buffered_bytes() > 0, "the first batch is still there");

    let config = Config { partition_fetch_bytes_max: 100, ..Config::default() };
    let mut small = Bench::new(config, &[1], |_| Start::Offset(2));
    feed(&mut small, 1, 0, second.slice(..70));
    assert_eq!(small.send(1).unwrap().partition_bytes_max, [i32::try_from(second.len()).unwrap()]);
}

#[test]
fn a_partition_with_enough_waiting_is_not_fetched_and_holds_up_no_other() {
    let large = batch(0, 200, Kind::Plain);
    let config = Config { partition_fetch_bytes_max: large.len(), ..Config::default() };
    let mut bench = Bench::new(config, &[1, 1], |_| Start::Offset(0));
    feed(&mut bench, 1, 0, large);

    let asked = bench.send(1).unwrap();
    assert_eq!(
        (asked.offsets, asked.wait),
        (vec![(1, 0)], Duration::ZERO),
        "partition 0 must not find the broker waiting"
    );
    bench.answer(1, [(1, Ok(Bytes::new()))]);
    assert_eq!(bench.send(1), None, "nothing came, so there is a pause");
    bench.events();
    bench.next().unwrap().unwrap();
    assert!(bench.events().contains(&Event::Work(BrokerId(1))), "the pause ends with the hand-out");
    let asked = bench.send(1).unwrap();
    assert_eq!((asked.offsets, asked.wait), (vec![(1, 0), (0, 200)], Config::default().fetch_max_wait));
}

#[test]
fn a_pause_ends_by_itself() {
    let config = Config { partition_fetch_bytes_max: 1, ..Config::default() };
    let mut bench = Bench::new(config, &[1, 1], |_| Start::Offset(0));
    feed(&mut bench, 1, 0, batch(0, 1, Kind::Plain));
    feed(&mut bench, 1, 1, Bytes::new());
    assert_eq!(bench.send(1), None);
    bench.events();
    bench.pass(Duration::from_millis(50));
    assert_eq!(bench.events(), [Event::Work(BrokerId(1))]);
    assert!(bench.send(1).is_some());
}

#[test]
fn the_memory_bound_is_over_all_brokers_and_none_takes_the_share_of_another() {
    let large = batch(0, 100, Kind::Plain);
    let config = Config { fetch_buffer_bytes_max: 2 * large.len(), ..Config::default() };
    let mut bench = Bench::new(config, &[1, 2], |_| Start::Offset(0));
    assert_eq!(bench.send(1).unwrap().bytes_max, i32::try_from(large.len()).unwrap());
    bench.answer(1, [(0, Ok(large))]);
    assert_eq!(bench.send(1), None);
    assert!(bench.send(2).is_some());

    bench.events();
    bench.next().unwrap().unwrap();
    assert_eq!(bench.events(), [Event::Work(BrokerId(1))]);
    assert_eq!(bench.send(1).unwrap().offsets, [(0, 100)]);
}

#[test]
fn an_answer_counts_until_its_last_batch_is_handed_out() {
    let mut bench = from_zero(&[1, 1]);
    bench.send(1);
    bench.answer(1, [(0, Ok(batch(0, 1, Kind::Plain))), (1, Ok(batch(0, 1, Kind::Plain)))]);
    let whole = bench.consumer.buffered_bytes();
    bench.next().unwrap().unwrap();
    assert_eq!(bench.consumer.buffered_bytes(), whole);
    bench.next().unwrap().unwrap();
    assert_eq!(bench.consumer.buffered_bytes(), 0);
}

#[test]
fn beginning_and_end_are_asked_of_the_leader_and_not_over_the_fetch() {
    let start = |partition| if partition == 0 { Start::Beginning } else { Start::End };
    let mut bench = Bench::new(Config::default(), &[1, 2], start);
    assert_eq!(bench.events().iter().filter(|event| **event == Event::LookUp).count(), 2);
    assert_eq!(bench.send(1), None);
    let lookups: Vec<_> = std::iter::from_fn(|| bench.consumer.poll_lookup()).collect();
    assert_eq!(lookups.iter().map(|lookup| lookup.broker).collect::<Vec<_>>(), [BrokerId(1), BrokerId(2)]);
    assert_eq!(bench.consumer.position(&at(0)), Ok(None));
    for lookup in &lookups {
        bench.locate(lookup, |_, timestamp| Ok(if timestamp == EARLIEST { 40 } else { 90 }));
    }
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(40)));
    assert_eq!(bench.send(1).unwrap().offsets, [(0, 40)]);
    assert_eq!(bench.send(2).unwrap().offsets, [(1, 90)]);
}

#[test]
fn a_lookup_that_fails_is_made_again_after_a_wait() {
    let mut bench = Bench::new(Config::default(), &[1], |_| Start::Beginning);
    let lookup = bench.consumer.poll_lookup().unwrap();
    bench.events();
    bench.locate(&lookup, |_, _| Err(ErrorCode::NOT_LEADER_OR_FOLLOWER));
    assert_eq!(bench.events(), [Event::RefreshMetadata(TOPIC.into())]);
    assert!(bench.consumer.poll_lookup().is_none());
    bench.pass(Duration::from_millis(200));
    let lookup = bench.consumer.poll_lookup().unwrap();
    bench.consumer.handle_lookup(bench.now, 0, lookup.id, Err(LookupError::NoAnswer));
    bench.pass(Duration::from_secs(1));
    let lookup = bench.consumer.poll_lookup().unwrap();
    bench.locate(&lookup, |_, _| Ok(7));
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(7)));
}

#[test]
fn an_offset_that_was_looked_up_before_a_seek_does_not_count() {
    let mut bench = Bench::new(Config::default(), &[1], |_| Start::End);
    let before = bench.consumer.poll_lookup().unwrap();
    bench.consumer.seek(&at(0), Start::End).unwrap();
    bench.locate(&before, |_, _| Ok(5));
    assert_eq!(bench.consumer.position(&at(0)), Ok(None), "records that were there at the seek would be read");
    let after = bench.consumer.poll_lookup().unwrap();
    bench.locate(&after, |_, _| Ok(9));
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(9)));
}

#[test]
fn a_seek_forgets_what_waits_and_what_is_in_flight() {
    let mut bench = from_zero(&[1]);
    feed(&mut bench, 1, 0, batch(0, 2, Kind::Plain));
    bench.send(1).unwrap();
    bench.consumer.seek(&at(0), Start::Offset(50)).unwrap();
    assert_eq!(bench.consumer.buffered_bytes(), 0);
    bench.answer(1, [(0, Ok(batch(2, 2, Kind::Plain)))]);
    assert!(bench.next().is_none());
    assert_eq!(bench.send(1).unwrap().offsets, [(0, 50)]);
    assert_eq!(bench.consumer.seek(&at(9), Start::End), Err(NotAssigned(at(9))));
}

#[test]
fn a_new_assignment_keeps_the_positions_of_what_stays() {
    let mut bench = from_zero(&[1, 1]);
    feed(&mut bench, 1, 0, batch(0, 2, Kind::Plain));
    next_offsets(&mut bench);
    bench.consumer.assign(bench.now, [(at(0), Start::Offset(99))]);
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(2)));
    assert_eq!(bench.consumer.position(&at(1)), Err(NotAssigned(at(1))));
}

#[test]
fn memory_that_a_new_assignment_frees_is_used_again() {
    let large = batch(0, 100, Kind::Plain);
    let config = Config { fetch_buffer_bytes_max: large.len(), ..Config::default() };
    let mut bench = Bench::new(config, &[1, 1], |_| Start::Offset(0));
    feed(&mut bench, 1, 0, large);
    assert_eq!(bench.send(1), None);
    bench.events();
    bench.consumer.assign(bench.now, [(at(1), Start::End)]);
    assert_eq!((bench.consumer.buffered_bytes(), bench.events()), (0, vec![Event::Work(BrokerId(1))]));
    assert_eq!(bench.send(1).unwrap().offsets, [(1, 0)]);
}

#[test]
fn new_leaders_take_over_at_the_fetch_offset_with_their_epoch() {
    let mut bench = from_zero(&[1]);
    feed(&mut bench, 1, 0, batch(0, 2, Kind::Plain));
    bench.metadata(led_by(&[2], 5));
    let asked = bench.send(2).unwrap();
    assert_eq!((asked.offsets, asked.epochs), (vec![(0, 2)], vec![5]));
    assert_eq!(next_offsets(&mut bench), [0, 1], "what the old leader sent is not fetched again");
}

#[test]
fn a_moved_leader_is_looked_up_and_tried_again_after_a_wait_or_with_the_news() {
    for code in [
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
        ErrorCode::FENCED_LEADER_EPOCH,
        ErrorCode::UNKNOWN_LEADER_EPOCH,
        ErrorCode::UNKNOWN_TOPIC_ID,
    ] {
        let mut bench = from_zero(&[1]);
        bench.send(1);
        bench.events();
        bench.answer(1, [(0, Err(code))]);
        assert_eq!(bench.events(), [Event::RefreshMetadata(TOPIC.into())]);
        assert_eq!(bench.send(1), None, "{code}");
        bench.pass(Duration::from_millis(200));
        assert!(bench.send(1).is_some(), "{code}");
        bench.answer(1, [(0, Err(code))]);
        bench.metadata(led_by(&[2], 1));
        assert!(bench.send(2).is_some(), "{code}");
    }
}

#[test]
fn a_lost_connection_costs_nothing_but_the_fetch() {
    let mut bench = from_zero(&[1]);
    feed(&mut bench, 1, 0, batch(0, 2, Kind::Plain));
    bench.send(1);
    bench.events();
    bench.cut(1);
    assert_eq!(bench.events(), [Event::RefreshMetadata(TOPIC.into())]);
    assert_eq!(bench.send(1).unwrap().offsets, [(0, 2)]);
    assert_eq!(next_offsets(&mut bench), [0, 1]);
}

#[test]
fn an_offset_out_of_range_is_an_error_that_names_the_log() {
    let mut bench = from_zero(&[1]);
    feed(&mut bench, 1, 0, batch(0, 2, Kind::Plain));
    bench.send(1);
    bench.answer(1, [(0, Err(ErrorCode::OFFSET_OUT_OF_RANGE))]);
    assert!(bench.consumer.poll_lookup().is_none(), "what waits comes first");
    assert_eq!(next_offsets(&mut bench), [0, 1]);
    let lookup = bench.consumer.poll_lookup().unwrap();
    bench.locate(&lookup, |_, timestamp| Ok(timestamp + 100));
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(2)));
    let lookup = bench.consumer.poll_lookup().unwrap();
    bench.locate(&lookup, |_, timestamp| Ok(timestamp + 100));
    assert_eq!(stopped(&mut bench), StopReason::OffsetOutOfRange { offset: 2, log_start: Some(98), log_end: Some(99) });
    assert!(bench.consumer.is_over() && bench.next().is_none());
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(2)));
}

#[test]
fn an_offset_out_of_range_is_reset_where_it_is_to_be() {
    for (reset, timestamp) in [(OnOffsetOutOfRange::Beginning, EARLIEST), (OnOffsetOutOfRange::End, -1)] {
        let config = Config { on_offset_out_of_range: reset, ..Config::default() };
        let mut bench = Bench::new(config, &[1], |_| Start::Offset(0));
        bench.send(1);
        bench.answer(1, [(0, Err(ErrorCode::OFFSET_OUT_OF_RANGE))]);
        let lookup = bench.consumer.poll_lookup().unwrap();
        bench.locate(&lookup, |_, asked| Ok(if asked == timestamp { 30 } else { 0 }));
        assert_eq!(bench.send(1).unwrap().offsets, [(0, 30)]);
    }
}

#[test]
fn what_cannot_be_read_stops_its_partition_alone_and_once() {
    let mut corrupt = BytesMut::from(&batch(1, 1, Kind::Plain)[..]);
    let last = corrupt.len() - 1;
    corrupt[last] ^= 1;
    let mut magic = BytesMut::from(&batch(1, 1, Kind::Plain)[..]);
    put(&mut magic, 16, &[9]);
    type Expected = fn(&StopReason) -> bool;
    let rows: [(Bytes, Expected); 3] = [
        (corrupt.freeze(), |reason| {
            matches!(reason, StopReason::Corrupt { offset: 1, source: BatchError::Crc { .. } })
        }),
        (magic.freeze(), |reason| *reason == StopReason::Corrupt { offset: 1, source: BatchError::UnknownMagic(9) }),
        (batch(1, 3, Kind::NotLz4), |reason| {
            let StopReason::Decompression { codec, offset, next_offset, .. } = reason else { return false };
            (*codec, *offset, *next_offset) == (Compression::Lz4, 1, 4)
        }),
    ];
    let check = |bad: Bytes, is_right: &dyn Fn(&StopReason) -> bool| {
        let mut bench = from_zero(&[1, 1]);
        bench.send(1);
        bench.answer(1, [(0, Ok(joined(&[batch(0, 1, Kind::Plain), bad]))), (1, Ok(batch(0, 1, Kind::Plain)))]);
        assert_eq!(next_offsets(&mut bench), [0]);
        assert_eq!(next_offsets(&mut bench), [0]);
        let reason = stopped(&mut bench);
        assert!(is_right(&reason), "{reason}");
        assert_eq!(bench.consumer.position(&at(0)), Ok(Some(1)));
        assert!(bench.next().is_none());
        assert_eq!((bench.send(1).unwrap().offsets, bench.consumer.is_over()), (vec![(1, 1)], false));
        assert_eq!(bench.consumer.buffered_bytes(), 0);
        bench.answer(1, []);

        bench.consumer.seek(&at(0), Start::Offset(4)).unwrap();
        assert_eq!(bench.send(1).unwrap().offsets, [(1, 1), (0, 4)]);
    };
    for (bad, is_right) in rows {
        check(bad, &is_right);
    }
}

#[test]
fn batches_of_every_codec_and_messages_of_before_are_read_and_only_from_the_position_on() {
    let mut log = vec![batch(0, 2, Kind::Plain), old_message(2)];
    let mut next = 3;
    for codec in Compression::ALL {
        log.push(batch(next, 3, Kind::In(codec)));
        next += 3;
    }
    for start in 0..next {
        let mut bench = Bench::new(Config::default(), &[1], |_| Start::Offset(start));
        feed(&mut bench, 1, 0, joined(&log));
        let mut read = Vec::new();
        while let Some(batch) = bench.next() {
            read.extend(offsets(&batch.unwrap()));
            assert_eq!(bench.consumer.position(&at(0)), Ok(read.last().map(|last| last + 1)));
        }
        assert_eq!(read, (start..next).collect::<Vec<_>>());
    }
}

#[test]
fn a_compressed_batch_with_nothing_from_the_position_on_is_passed_over() {
    let mut compacted = BytesMut::from(&batch(0, 2, Kind::In(Compression::Zstd))[..]);
    put(&mut compacted, 23, &9_i32.to_be_bytes());
    reseal(&mut compacted);
    let mut bench = Bench::new(Config::default(), &[1], |_| Start::Offset(5));
    feed(&mut bench, 1, 0, joined(&[compacted.freeze(), batch(10, 1, Kind::Plain)]));
    assert_eq!(next_offsets(&mut bench), [10]);
}

#[test]
fn a_batch_above_the_bounds_of_decompression_stops_its_partition_alone() {
    let limits = Config { decompressed_batch_bytes_max: 10, ..Config::default() }.decompression();
    let mut bench = from_zero(&[1, 1]);
    bench.send(1);
    bench.answer(1, [(0, Ok(batch(0, 9, Kind::In(Compression::Gzip)))), (1, Ok(batch(0, 1, Kind::Plain)))]);
    let unreadable =
        bench.consumer.poll_batch().unwrap().unwrap().unpack(&mut Decompressor::default(), &limits).unwrap_err();
    let stopped = bench.consumer.handle_unreadable(*unreadable).unwrap();
    let source = DecompressError::TooLong { codec: Compression::Gzip, bytes_max: 10 }.into();
    let reason = StopReason::Decompression { codec: Compression::Gzip, offset: 0, next_offset: 9, source };
    assert_eq!((stopped.at, stopped.reason), (at(0), reason));
    assert_eq!(bench.consumer.position(&at(0)), Ok(Some(0)));
    assert_eq!(next_offsets(&mut bench), [0]);
    assert_eq!(bench.send(1).unwrap().offsets, [(1, 1)]);
}

#[test]
fn a_batch_that_turns_out_unreadable_after_a_seek_stops_nothing() {
    let mut bench = from_zero(&[1]);
    feed(&mut bench, 1, 0, batch(0, 3, Kind::NotLz4));
    let limits = Config::default().decompression();
    let unreadable =
        bench.consumer.poll_batch().unwrap().unwrap().unpack(&mut Decompressor::default(), &limits).unwrap_err();
    bench.consumer.seek(&at(0), Start::Offset(3)).unwrap();
    assert_eq!(bench.consumer.handle_unreadable(*unreadable), None);
    assert_eq!(bench.send(1).unwrap().offsets, [(0, 3)]);
}

#[test]
fn a_broker_that_sends_only_what_is_behind_stops_the_partition() {
    let mut bench = Bench::new(Config::default(), &[1], |_| Start::Offset(9));
    feed(&mut bench, 1, 0, batch(0, 2, Kind::Plain));
    assert_eq!(stopped(&mut bench), StopReason::Behind { offset: 9, next_offset: 2 });
}

#[test]
fn refusals_say_what_was_refused() {
    for (code, reason) in [
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, StopReason::NotAuthorized),
        (ErrorCode::CORRUPT_MESSAGE, StopReason::Refused { code: ErrorCode::CORRUPT_MESSAGE, offset: Some(0) }),
        // Batches in zstd, asked for with a Fetch from before v10 (KIP-110).
        (
            ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            StopReason::Refused { code: ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, offset: Some(0) },
        ),
        (ErrorCode(999), StopReason::Refused { code: ErrorCode(999), offset: Some(0) }),
    ] {
        let mut bench = from_zero(&[1]);
        bench.send(1);
        bench.answer(1, [(0, Err(code))]);
        assert_eq!(stopped(&mut bench), reason);
    }
}

#[test]
fn a_refused_request_is_refused_for_all_that_it_asked() {
    let mut bench = from_zero(&[1, 1]);
    bench.send(1);
    bench.respond(1, &FetchResponse { error_code: ErrorCode::INVALID_REQUEST, ..FetchResponse::default() });
    let refused = StopReason::Refused { code: ErrorCode::INVALID_REQUEST, offset: Some(0) };
    assert_eq!([stopped(&mut bench), stopped(&mut bench)], [refused.clone(), refused]);
}

#[test]
fn a_partition_that_stays_unknown_is_an_error_after_its_time() {
    let refused = |bench: &Bench| {
        let state = TopicState::Refused { code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, at: bench.now };
        Arc::new(Snapshot { topics: BTreeMap::from([(TOPIC.into(), state)]), ..Snapshot::default() })
    };
    let mut bench = from_zero(&[1]);
    bench.metadata(refused(&bench));
    bench.pass(Duration::from_secs(29));
    bench.metadata(refused(&bench));
    assert!(bench.next().is_none());
    bench.pass(Duration::from_secs(1));
    bench.metadata(refused(&bench));
    assert_eq!(stopped(&mut bench), StopReason::Unknown { after: Duration::from_secs(30) });
}

#[test]
fn a_broker_without_a_version_that_can_be_read_stops_its_partitions() {
    let mut bench = from_zero(&[1]);
    bench.versions = [(ApiKey::Fetch, VersionRange::new(0, 3))].into_iter().collect();
    assert_eq!(bench.send(1), None);
    assert!(matches!(stopped(&mut bench), StopReason::Request(RequestError::Unsupported { .. })));
}

#[test]
fn topics_are_named_by_name_where_the_broker_or_the_metadata_knows_no_ids() {
    let mut bench = from_zero(&[1]);
    bench.versions = [(ApiKey::Fetch, VersionRange::new(4, 12))].into_iter().collect();
    feed(&mut bench, 1, 0, batch(0, 1, Kind::Plain));
    assert_eq!(next_offsets(&mut bench), [0]);
}

#[test]
fn nothing_assigned_is_over() {
    let mut bench = from_zero(&[]);
    assert!(bench.consumer.is_over() && bench.next().is_none());
    assert_eq!(bench.consumer.poll_timeout(), None);
}

#[test]
fn a_query_asks_every_leader_once_and_again_what_was_not_answered() {
    let mut query = OffsetQuery::new(Place::End, [at(0), at(1), at(2)]);
    let snapshot = led_by(&[1, 2, -1], 3);
    let (first, request) = query.poll_request(&snapshot).unwrap();
    assert_eq!((first, request.topics[0].partitions[0].current_leader_epoch), (BrokerId(1), 3));
    let (second, _) = query.poll_request(&snapshot).unwrap();
    assert!(query.poll_request(&snapshot).is_none());
    query.handle_answer(first, Err(LookupError::NoAnswer)).unwrap();
    query.handle_answer(second, Err(LookupError::NoAnswer)).unwrap();
    assert_eq!(query.poll_request(&snapshot).unwrap().0, BrokerId(1));
    assert_eq!(query.left().collect::<Vec<_>>(), [&at(0), &at(1), &at(2)]);
}
