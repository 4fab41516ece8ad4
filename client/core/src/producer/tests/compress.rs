//! Batches that are compressed, with the jobs run when a test says so.

use super::*;

fn compressing(codec: Compression, leaders: &[Option<BrokerId>]) -> Producer {
    let config = Config { compression: codec, batch_bytes_max: 1000, request_bytes_max: 1000, ..Config::default() };
    Producer::new(config, KNOWN_ID, leaders)
}

#[test]
fn without_a_codec_there_are_no_jobs() {
    let mut producer = compressing(Compression::None, &[Some(ONE)]);
    producer.send(0, 900);
    producer.send(0, 900);
    assert_eq!(producer.take_jobs(), 0);
    assert!(producer.poll(ONE).is_some());
}

#[test]
fn a_batch_that_still_grows_is_compressed_when_it_has_lingered_and_sent_after_that() {
    for codec in &Compression::ALL[1..] {
        let mut producer = compressing(*codec, &[Some(ONE)]);
        let records = [(); 3].map(|()| producer.send(0, 100));
        assert_eq!(producer.take_jobs(), 0, "it grows");
        producer.wait(Duration::from_millis(5));
        assert_eq!(producer.take_jobs(), 1);
        assert_eq!((producer.poll(ONE), producer.woken.len()), (None, 0), "it is not compressed");
        producer.end_job(0);
        assert!(producer.woken.contains(&ONE));
        let id = producer.poll(ONE).unwrap();
        assert_eq!(producer.partitions(id), [(0, 3)]);
        producer.answer(id, OK);
        assert!(records.iter().all(|record| matches!(producer.outcome(*record), Some(Outcome::Delivered { .. }))));
        assert_eq!((producer.sender.poll_timeout(), producer.sender.lanes.len()), (None, 0));
    }
}

#[test]
fn the_next_batch_is_compressed_while_one_is_in_flight_as_soon_as_it_is_full() {
    let mut producer = compressing(Compression::Lz4, &[Some(ONE)]);
    let first = producer.send(0, 600);
    producer.flush();
    producer.take_jobs();
    producer.end_job(0);
    let id = producer.poll(ONE).unwrap();
    producer.now += Duration::from_millis(1);
    let second = producer.send(0, 600);
    producer.wait(Duration::from_secs(1));
    assert_eq!(producer.take_jobs(), 0, "it has lingered, and may grow until its turn");
    let third = producer.send(0, 600);
    assert_eq!(producer.take_jobs(), 1);
    producer.end_job(0);
    producer.send(0, 600);
    assert_eq!((producer.take_jobs(), producer.poll(ONE)), (0, None), "one is ready ahead, and no more");
    producer.answer(id, OK);
    let id = producer.poll(ONE).unwrap();
    producer.answer(id, OK);
    let ended = [first, second, third].map(|record| producer.outcome(record).is_some());
    assert_eq!(ended, [true, true, false]);
}

#[test]
fn a_job_that_never_ends_costs_its_batch_at_the_deadline_and_neither_the_next_batch_nor_another_partition() {
    let mut producer = compressing(Compression::Zstd, &[Some(ONE), Some(ONE)]);
    let stuck = producer.send(0, 100);
    producer.flush();
    producer.take_jobs();
    let (ticket, job) = producer.jobs.remove(0);
    producer.wait(Duration::from_secs(119));
    let next = producer.send(0, 100);
    let other = producer.send(1, 100);
    producer.flush();
    assert_eq!(producer.take_jobs(), 1, "one of the other partition");
    producer.end_job(0);
    let id = producer.poll(ONE).unwrap();
    assert_eq!(producer.partitions(id), [(1, 1)]);
    producer.answer(id, OK);
    producer.wait(Duration::from_secs(2));
    assert!(matches!(producer.ended[&stuck], (at, Outcome::NotSent { .. }) if at == Duration::from_secs(120)));
    assert_eq!(producer.take_jobs(), 1, "the batch behind it");
    producer.end_job(0);
    // What comes of it after all is of no use.
    let done = job.run(&mut producer.config.compressor().unwrap());
    producer.sender.handle_compressed(producer.now, ticket, done.result, &mut producer.accumulators);
    let id = producer.poll(ONE).unwrap();
    assert_eq!(producer.partitions(id), [(0, 1)]);
    producer.answer(id, OK);
    for record in [next, other] {
        assert!(matches!(producer.outcome(record), Some(Outcome::Delivered { .. })));
    }
}

#[test]
fn no_more_jobs_run_than_may_and_the_others_follow() {
    let leaders: Vec<_> = (0..6).map(|_| Some(ONE)).collect();
    let mut producer = compressing(Compression::Snappy, &leaders);
    for partition in 0..6 {
        producer.send(partition, 10);
    }
    producer.flush();
    assert_eq!(producer.take_jobs(), producer.config.compressions_max);
    producer.end_job(3);
    assert_eq!(producer.take_jobs(), producer.config.compressions_max);
    while producer.take_jobs() > 0 {
        producer.end_job(0);
    }
    while let Some(id) = producer.poll(ONE) {
        producer.answer(id, OK);
    }
    assert_eq!(producer.ended.len(), 6);
}

#[test]
fn a_failed_compression_is_an_error_of_that_batch_alone() {
    let mut producer = compressing(Compression::Gzip, &[Some(ONE)]);
    let failed = producer.send(0, 600);
    let next = producer.send(0, 600);
    producer.take_jobs();
    let (ticket, _) = producer.jobs.remove(0);
    let lost = Err(CompressionError::Lost);
    producer.sender.handle_compressed(producer.now, ticket, lost, &mut producer.accumulators);
    producer.flush();
    let outcome = producer.outcome(failed);
    let Some(Outcome::NotSent { cause: Some(DeliveryCause::Compression(CompressionError::Lost)) }) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(producer.take_jobs(), 1);
    producer.end_job(0);
    let id = producer.poll(ONE).unwrap();
    producer.answer(id, OK);
    assert!(matches!(producer.outcome(next), Some(Outcome::Delivered { .. })));
}

#[test]
fn a_batch_goes_out_compressed_also_where_it_does_not_shrink_and_plain_where_it_would_be_above_the_bound() {
    let sent_in = |codec: Compression, value: &[u8]| {
        let mut producer = compressing(codec, &[Some(ONE)]);
        producer.send_value(0, value);
        producer.flush();
        while producer.take_jobs() > 0 {
            producer.end_job(0);
        }
        let batch = sent(&mut producer);
        (batch.size_bytes(), batch.compression())
    };
    let noise: Vec<u8> = (0..940_u64).map(|index| ((index * index * 2_654_435_761) >> 7) as u8).collect();
    let full = (900..noise.len()).find(|end| sent_in(Compression::None, &noise[..*end]).0 == 1000).unwrap();
    let (plain_bytes, _) = sent_in(Compression::None, &noise[..500]);
    let (bytes, codec) = sent_in(Compression::Lz4, &noise[..500]);
    assert!(bytes > plain_bytes && codec == Compression::Lz4, "{bytes} bytes of {plain_bytes} in {codec}");
    assert_eq!(sent_in(Compression::Lz4, &noise[..full]), (1000, Compression::None));
}

/// The one batch of the next request.
fn sent(producer: &mut Producer) -> ottla_wire::record::Batch {
    let request = producer.sender.poll_request(producer.now, ONE, &producer.versions, &mut producer.accumulators);
    let Outgoing { version, body, .. } = request.unwrap();
    let mut decoded: message::ProduceRequest = codec::decode_request(version, body.to_bytes()).unwrap();
    next_batch(decoded.topic_data[0].partition_data[0].records.as_mut().unwrap()).unwrap().unwrap()
}

#[test]
fn requests_are_filled_by_what_batches_take_when_compressed() {
    let leaders: Vec<_> = (0..4).map(|_| Some(ONE)).collect();
    let mut producer = compressing(Compression::Gzip, &leaders);
    for partition in 0..4 {
        producer.send(partition, 900);
    }
    producer.flush();
    while producer.take_jobs() > 0 {
        producer.end_job(0);
    }
    let id = producer.poll(ONE).unwrap();
    assert_eq!(producer.partitions(id).len(), 4);
}

#[test]
fn zstd_is_not_sent_to_a_broker_that_is_older_than_it() {
    for (codec, version, is_sent) in
        [(Compression::Zstd, 6, false), (Compression::Zstd, 7, true), (Compression::Lz4, 6, true)]
    {
        let mut producer = compressing(codec, &[Some(ONE)]);
        producer.versions = [(ApiKey::Produce, VersionRange::new(3, version))].into_iter().collect();
        let record = producer.send(0, 10);
        producer.flush();
        producer.take_jobs();
        producer.end_job(0);
        assert_eq!(producer.poll(ONE).is_some(), is_sent, "{codec} in v{version}");
        if !is_sent {
            let outcome = producer.outcome(record);
            let Some(Outcome::NotSent { cause: Some(cause) }) = outcome else { panic!("{outcome:?}") };
            assert!(matches!(
                cause,
                DeliveryCause::CodecUnsupported { codec: Compression::Zstd, version: 6, needed: 7 }
            ));
        }
    }
}

#[test]
fn what_comes_back_after_the_close_ends_nothing_twice() {
    let mut producer = compressing(Compression::Lz4, &[Some(ONE)]);
    let record = producer.send(0, 10);
    producer.flush();
    producer.take_jobs();
    producer.sender.handle_close(producer.now, &mut producer.accumulators);
    producer.learn();
    assert!(matches!(producer.outcome(record), Some(Outcome::NotSent { cause: Some(DeliveryCause::Closed) })));
    producer.end_job(0);
    assert_eq!((producer.ended.len(), producer.sender.poll_timeout()), (1, None));
}
