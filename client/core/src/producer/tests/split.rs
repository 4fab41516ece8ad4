//! Batches that their leader calls too large.

use super::super::split::LEARNED_FOR;
use super::*;

const TOO_LARGE: fn(i32) -> (ErrorCode, i64) = |_| (ErrorCode::MESSAGE_TOO_LARGE, -1);

/// A producer whose partition 0 has taken a record, so that several batches may be in flight.
fn established(config: Config) -> Producer {
    let mut producer = Producer::new(config, KNOWN_ID, &[Some(ONE)]);
    producer.send(0, 1);
    producer.flush();
    prepare(&mut producer);
    let id = producer.poll(ONE).unwrap();
    producer.answer(id, OK);
    producer
}

fn prepare(producer: &mut Producer) {
    while producer.take_jobs() > 0 {
        producer.end_job(0);
    }
}

/// Sends so many records of 400 bytes in one batch.
fn sent_together(producer: &mut Producer, records: usize) -> (RequestId, Vec<Sent>) {
    producer.now += Duration::from_millis(1);
    let records = (0..records).map(|_| producer.send(0, 400)).collect();
    producer.flush();
    prepare(producer);
    (producer.poll(ONE).unwrap(), records)
}

/// The first number of the batch in this request, and how many records it has.
fn numbers(producer: &Producer, id: RequestId) -> (i32, usize) {
    let [Carried { stamp, places, .. }] = &producer.in_flight[&id].batches[..] else { panic!("one batch") };
    assert_eq!((stamp.producer_id, stamp.producer_epoch), (PRODUCER.id, 0));
    (stamp.base_sequence, places.len())
}

fn offset(producer: &Producer, sent: Sent) -> Option<i64> {
    producer.offsets.get(&sent).copied()
}

#[test]
fn a_batch_that_is_too_large_goes_out_in_parts_under_its_own_numbers_and_those_behind_it_keep_theirs() {
    let mut producer = established(Config::default());
    let (whole, records) = sent_together(&mut producer, 8);
    let (behind, next) = sent_together(&mut producer, 1);
    producer.answer(whole, TOO_LARGE);
    producer.answer(behind, |_| (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1));
    producer.wait(Duration::from_secs(1));
    assert_eq!(producer.poll(ONE), None, "nothing overtakes what is not split yet");
    prepare(&mut producer);
    let parts = [(); 4].map(|()| producer.poll(ONE).unwrap());
    assert_eq!(parts.map(|id| numbers(&producer, id)), [(1, 3), (4, 3), (7, 2), (9, 1)]);
    let offsets = |producer: &Producer| records.iter().map(|sent| offset(producer, *sent)).collect::<Vec<_>>();
    producer.answer(parts[0], |_| (ErrorCode::NONE, 50));
    assert_eq!(offsets(&producer), [Some(50), Some(51), Some(52), None, None, None, None, None]);
    for (part, base_offset) in parts.into_iter().zip([50, 60, 70, 80]).skip(1) {
        producer.answer(part, |_| (ErrorCode::NONE, base_offset));
    }
    assert_eq!(offsets(&producer), [50, 51, 52, 60, 61, 62, 70, 71].map(Some));
    assert_eq!(offset(&producer, next[0]), Some(80));
    assert!(producer.sender.lanes.is_empty() && producer.sender.poll_timeout().is_none());
}

#[test]
fn a_record_that_is_too_large_by_itself_is_refused_alone_and_its_neighbours_are_delivered() {
    for compression in [Compression::None, Compression::Lz4] {
        let mut producer = established(Config { compression, ..Config::default() });
        producer.now += Duration::from_millis(1);
        let noise: Vec<u8> = (0..3000_u64).map(|index| ((index * index * 2_654_435_761) >> 7) as u8).collect();
        let records = [100, 100, 3000, 100].map(|bytes| producer.send_value(0, &noise[..bytes]));
        producer.flush();
        for _ in 0..10 {
            prepare(&mut producer);
            let Some(id) = producer.poll(ONE) else { continue };
            let [Carried { size_bytes, stamp, .. }] = producer.in_flight[&id].batches[..] else { panic!("one batch") };
            let answer =
                if size_bytes > 1000 { TOO_LARGE(0) } else { (ErrorCode::NONE, 100 + i64::from(stamp.base_sequence)) };
            producer.answer(id, |_| answer);
        }
        let offsets = records.map(|sent| offset(&producer, sent));
        assert_eq!(
            offsets,
            [Some(101), Some(102), None, Some(103)],
            "{compression}: the numbers of what was refused are given out again"
        );
        let outcome = producer.outcome(records[2]);
        assert!(
            matches!(outcome, Some(Outcome::Refused { code: ErrorCode::MESSAGE_TOO_LARGE, batch_bytes: 3001.., .. })),
            "{compression}: {outcome:?}"
        );
    }
}

#[test]
fn later_batches_of_the_topic_close_at_half_of_what_was_refused_until_that_is_old() {
    let config = Config { batch_bytes_max: 8000, ..Config::default() };
    let mut producer = established(config);
    let (whole, _) = sent_together(&mut producer, 10);
    producer.answer(whole, TOO_LARGE);
    prepare(&mut producer);
    let bound = producer.batch_bytes_max;
    assert!((2000..2200).contains(&bound), "{bound}");
    while let Some(part) = producer.poll(ONE) {
        let [Carried { size_bytes, .. }] = producer.in_flight[&part].batches[..] else { panic!("one batch") };
        assert!(size_bytes <= bound);
        producer.answer(part, OK);
    }
    let (full, _) = sent_together(&mut producer, 10);
    assert_eq!(numbers(&producer, full).1, 4);
    producer.answer(full, OK);
    for _ in 0..2 {
        let rest = producer.poll(ONE).unwrap();
        producer.answer(rest, OK);
    }
    producer.wait(LEARNED_FOR);
    producer.send(0, 1);
    assert_eq!(producer.batch_bytes_max, 8000);
}

#[test]
fn what_was_learned_goes_with_the_topic_and_is_no_less_than_the_least() {
    let mut producer = established(Config::default());
    let (whole, _) = sent_together(&mut producer, 2);
    producer.answer(whole, TOO_LARGE);
    prepare(&mut producer);
    assert_eq!(producer.batch_bytes_max, BATCH_BYTES_LEARNED_MIN);
    while let Some(part) = producer.poll(ONE) {
        producer.answer(part, OK);
    }
    producer.id = TopicId([6; 16]);
    producer.lead(&[Some(ONE)]);
    producer.send(0, 1);
    assert_eq!(producer.batch_bytes_max, Config::default().batch_bytes_max);
}

#[test]
fn the_parts_of_a_compressed_batch_are_compressed() {
    for codec in &Compression::ALL[1..] {
        let mut producer = established(Config { compression: *codec, ..Config::default() });
        let (whole, records) = sent_together(&mut producer, 8);
        producer.answer(whole, TOO_LARGE);
        prepare(&mut producer);
        let parts = [(), (), ()].map(|()| producer.poll(ONE).unwrap());
        for part in parts {
            let [Carried { size_bytes, ref places, .. }] = producer.in_flight[&part].batches[..] else { panic!("one") };
            assert!(places.len() <= 3 && size_bytes < 500, "{codec}: {size_bytes} bytes");
        }
        for part in parts {
            producer.answer(part, OK);
        }
        assert!(records.iter().all(|sent| offset(&producer, *sent).is_some()));
    }
}

#[test]
fn a_batch_that_may_be_in_the_log_is_not_split_for_its_parts_could_be_there_twice() {
    let mut producer = established(Config::default());
    let (lost, records) = sent_together(&mut producer, 2);
    producer.lose(lost, true);
    producer.wait(Duration::from_secs(1));
    let again = producer.poll(ONE).unwrap();
    producer.answer(again, TOO_LARGE);
    assert!(matches!(producer.outcome(records[0]), Some(Outcome::OutcomeUnknown { .. })));
    assert_eq!(producer.take_jobs(), 0);
}

#[test]
fn a_batch_beyond_a_segment_of_the_log_is_not_split() {
    let mut producer = established(Config::default());
    let (whole, records) = sent_together(&mut producer, 2);
    producer.answer(whole, |_| (ErrorCode::RECORD_LIST_TOO_LARGE, -1));
    assert!(matches!(producer.outcome(records[1]), Some(Outcome::Refused { .. })));
    assert_eq!(producer.take_jobs(), 0);
}

#[test]
fn a_batch_that_cannot_be_split_in_time_or_at_all_ends_and_those_behind_it_are_numbered_anew() {
    for is_late in [true, false] {
        let mut producer = established(Config::default());
        let (whole, records) = sent_together(&mut producer, 2);
        producer.answer(whole, TOO_LARGE);
        assert_eq!(producer.take_jobs(), 1);
        let (ticket, job) = producer.jobs.remove(0);
        if is_late {
            producer.wait(Duration::from_secs(120));
        }
        let done = job.run(&mut producer.config.compressor().unwrap());
        let result = if is_late { done.result } else { Err(CompressionError::Lost) };
        producer.sender.handle_compressed(producer.now, ticket, result, &mut producer.accumulators);
        producer.learn();
        assert!(matches!(producer.outcome(records[1]), Some(Outcome::NotSent { cause: Some(_) })));
        let (next, _) = sent_together(&mut producer, 1);
        assert_eq!(numbers(&producer, next).0, 1);
    }
}

#[test]
fn without_numbers_the_parts_go_out_one_after_the_other() {
    let mut producer = established(Config { idempotence: false, ..Config::default() });
    let (whole, records) = sent_together(&mut producer, 2);
    producer.answer(whole, TOO_LARGE);
    prepare(&mut producer);
    for _ in 0..2 {
        let part = producer.poll(ONE).unwrap();
        assert_eq!(producer.in_flight[&part].batches[0].stamp, ProducerStamp::NONE);
        assert_eq!(producer.poll(ONE), None);
        producer.answer(part, OK);
    }
    assert!(records.iter().all(|sent| offset(&producer, *sent).is_some()));
}
