//! What clients of a fetch session need not say, and are not told (KIP-227).

use ottla_wire::ErrorCode;
use ottla_wire::message::fetch_request::{FetchTopic, ForgottenTopic};
use ottla_wire::message::{DeleteTopicsRequest, FetchRequest, FetchResponse};

use super::fetch::{partition, read};
use super::*;

/// A client with a session at one broker, which leads all three partitions of `t`.
struct Fetcher {
    bench: Bench,
    conn: ConnId,
    id: TopicId,
    session: [i32; 2],
    version: i16,
}

impl Fetcher {
    /// A session of partitions 0 to 2 from offset 0 on, of which 1 has a record.
    fn new(version: i16) -> Self {
        Self::of(version, ClusterConfig::default())
    }

    fn of(version: i16, config: ClusterConfig) -> Self {
        let mut bench = Bench::of(ClusterConfig { brokers: vec![BrokerConfig::new(BrokerId(1))], ..config });
        let id = bench.topic("t", 3);
        bench.append("t", 1, &["a"]);
        let conn = bench.connect(1);
        let mut fetcher = Self { bench, conn, id, session: [0, 0], version };
        let answer = fetcher.ask(&[(0, 0), (1, 0), (2, 0)]);
        assert_eq!(told(&answer), [(0, 0, 0), (1, 0, 1), (2, 0, 0)]);
        fetcher.session = [answer.session_id, 1];
        fetcher
    }

    fn request(&self, partitions: &[(i32, i64)]) -> FetchRequest {
        let partitions: Vec<_> = partitions.iter().map(|(index, offset)| partition(*index, *offset)).collect();
        let topic = FetchTopic::default().with_partitions(partitions);
        let topic = match self.version >= 13 {
            true => topic.with_topic_id(self.id.into()),
            false => topic.with_topic(name("t")),
        };
        let topics = if topic.partitions.is_empty() { vec![] } else { vec![topic] };
        let [id, epoch] = self.session;
        FetchRequest::default()
            .with_max_bytes(1 << 20)
            .with_min_bytes(1)
            .with_session_id(id)
            .with_session_epoch(epoch)
            .with_topics(topics)
    }

    /// Says these partitions and offsets, and goes on to the next epoch.
    fn ask(&mut self, partitions: &[(i32, i64)]) -> FetchResponse {
        let request = self.request(partitions);
        let answer = self.bench.ask(self.conn, self.version, &request);
        assert_eq!(answer.error_code, 0);
        self.session[1] += 1;
        answer
    }

    fn fails(&mut self, session: [i32; 2]) -> ErrorCode {
        let [id, epoch] = session;
        let request = self.request(&[]).with_session_id(id).with_session_epoch(epoch);
        let answer = self.bench.ask(self.conn, self.version, &request);
        assert_eq!((answer.responses.len(), answer.session_id), (0, 0));
        ErrorCode(answer.error_code)
    }
}

/// Each partition of an answer, its error, and how many batches it has.
fn told(answer: &FetchResponse) -> Vec<(i32, i16, usize)> {
    let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|of| (of.partition_index, of.error_code, read(of).0.len())).collect()
}

#[test]
fn a_session_tells_only_what_changed() {
    for version in [7, 12, 13, 18] {
        let mut fetcher = Fetcher::new(version);
        assert_ne!(fetcher.session[0], 0);
        let answer = fetcher.ask(&[]);
        assert_eq!(told(&answer), [(1, 0, 1)], "v{version}: the record is still not fetched");
        assert_eq!(answer.session_id, fetcher.session[0]);
        assert_eq!(told(&fetcher.ask(&[(1, 1)])), [], "v{version}");
        fetcher.bench.append("t", 2, &["b"]);
        assert_eq!(told(&fetcher.ask(&[])), [(2, 0, 1)], "v{version}");
        fetcher.ask(&[(2, 1)]);
        fetcher.bench.cluster.delete_records(fetcher.bench.now, "t", 1, 1).unwrap();
        let answer = fetcher.ask(&[]);
        assert_eq!(told(&answer), [(1, 0, 0)], "v{version}: the start of the log moved");
        assert_eq!(answer.responses[0].partitions[0].log_start_offset, 1);
        assert_eq!(told(&fetcher.ask(&[])), []);
    }
}

#[test]
fn a_partition_that_fails_is_told_each_time_and_when_it_is_well_again() {
    let mut fetcher = Fetcher::new(12);
    fetcher.ask(&[(1, 1)]);
    for _ in 0..2 {
        assert_eq!(told(&fetcher.ask(&[(0, 5)])), [(0, ErrorCode::OFFSET_OUT_OF_RANGE.0, 0)]);
    }
    let answer = fetcher.ask(&[(0, 0)]);
    assert_eq!((told(&answer), answer.responses[0].partitions[0].high_watermark), (vec![(0, 0, 0)], 0));
    assert_eq!(told(&fetcher.ask(&[])), []);
}

#[test]
fn what_is_forgotten_is_not_told_and_a_session_without_partitions_ends() {
    for version in [12, 13] {
        let mut fetcher = Fetcher::new(version);
        let forget = |fetcher: &Fetcher, partitions: Vec<i32>| {
            let topic = ForgottenTopic::default().with_partitions(partitions);
            let topic = match version >= 13 {
                true => topic.with_topic_id(fetcher.id.into()),
                false => topic.with_topic(name("t")),
            };
            fetcher.request(&[]).with_forgotten_topics_data(vec![topic])
        };
        let request = forget(&fetcher, vec![1]);
        assert_eq!(told(&fetcher.bench.ask(fetcher.conn, version, &request)), []);
        fetcher.session[1] += 1;
        assert_eq!(told(&fetcher.ask(&[])), []);
        let request = forget(&fetcher, vec![0, 2]);
        assert_eq!(fetcher.bench.ask(fetcher.conn, version, &request).session_id, 0);
        assert_eq!(fetcher.fails(fetcher.session), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    }
}

#[test]
fn a_request_of_another_epoch_or_session_or_way_to_name_topics_fails_whole() {
    let mut fetcher = Fetcher::new(13);
    let [id, epoch] = fetcher.session;
    for (session, expected) in [
        ([id, epoch + 1], ErrorCode::INVALID_FETCH_SESSION_EPOCH),
        ([id, 9], ErrorCode::INVALID_FETCH_SESSION_EPOCH),
        ([id, -2], ErrorCode::INVALID_FETCH_SESSION_EPOCH),
        ([id ^ 1, epoch], ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
        ([0, epoch], ErrorCode::FETCH_SESSION_ID_NOT_FOUND),
    ] {
        assert_eq!(fetcher.fails(session), expected, "{session:?}");
    }
    fetcher.version = 12;
    assert_eq!(fetcher.fails([id, epoch]), ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
    fetcher.version = 13;
    fetcher.ask(&[]);
}

#[test]
fn a_whole_fetch_ends_the_session_that_it_names() {
    for epoch in [-1, 0] {
        let mut fetcher = Fetcher::new(13);
        let before = fetcher.session;
        fetcher.session[1] = epoch;
        let answer = fetcher.ask(&[(0, 0), (1, 0)]);
        assert_eq!(told(&answer), [(0, 0, 0), (1, 0, 1)]);
        assert_eq!(answer.session_id == 0, epoch == -1);
        assert_eq!(fetcher.fails(before), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    }
}

#[test]
fn a_session_belongs_to_its_broker_and_to_no_connection() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let [conn, again] = [bench.connect(1), bench.connect(1)];
    let request = fetch::request("t", 0, 0).with_session_epoch(0);
    let id = bench.ask(conn, 12, &request).session_id;
    bench.cluster.close(conn, bench.now);
    let next = FetchRequest::default().with_session_id(id).with_session_epoch(1);
    let elsewhere = bench.connect(2);
    assert_eq!(bench.ask(elsewhere, 12, &next).error_code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND.0);
    assert_eq!(bench.ask(again, 12, &next).error_code, 0);
}

#[test]
fn a_broker_that_starts_again_knows_no_session() {
    let mut fetcher = Fetcher::new(12);
    fetcher.bench.cluster.stop_broker(fetcher.bench.now, BrokerId(1)).unwrap();
    assert_eq!(fetcher.bench.closed(fetcher.conn), Closed::BrokerStopped);
    fetcher.bench.cluster.start_broker(fetcher.bench.now, BrokerId(1)).unwrap();
    fetcher.conn = fetcher.bench.connect(1);
    assert_eq!(fetcher.fails(fetcher.session), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
}

#[test]
fn partitions_take_turns_where_not_all_have_room() {
    let mut fetcher = Fetcher::new(12);
    for index in 0..3 {
        fetcher.bench.append("t", index, &["x"]);
    }
    let mut turns = Vec::new();
    for _ in 0..6 {
        let request = fetcher.request(&[]).with_max_bytes(1);
        let answer = fetcher.bench.ask(fetcher.conn, 12, &request);
        fetcher.session[1] += 1;
        turns.extend(told(&answer).into_iter().filter(|(_, _, batches)| *batches > 0).map(|(index, ..)| index));
    }
    assert_eq!(turns, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_fetch_of_a_session_waits_and_tells_what_came() {
    let mut fetcher = Fetcher::new(12);
    fetcher.ask(&[(1, 1)]);
    let request = fetcher.request(&[]).with_max_wait_ms(500);
    let correlation_id = fetcher.bench.send(fetcher.conn, 12, &request);
    fetcher.bench.is_silent();
    let producer = fetcher.bench.connect(1);
    let produced = fetcher.bench.send(producer, 9, &produce::request("t", 2, batch(fetcher.bench.now, &["b"])));
    fetcher.bench.answer::<message::ProduceRequest>(producer, 9, produced);
    let answer = fetcher.bench.answer::<FetchRequest>(fetcher.conn, 12, correlation_id);
    assert_eq!(told(&answer), [(2, 0, 1)]);
}

#[test]
fn a_fetch_that_waits_fails_when_its_session_went_on_without_it() {
    let mut fetcher = Fetcher::new(12);
    fetcher.ask(&[(1, 1)]);
    let request = fetcher.request(&[]).with_max_wait_ms(500);
    let correlation_id = fetcher.bench.send(fetcher.conn, 12, &request);
    let waiting = std::mem::replace(&mut fetcher.conn, fetcher.bench.connect(1));
    fetcher.session[1] += 1;
    fetcher.ask(&[]);
    fetcher.bench.advance(Duration::from_millis(500));
    let answer = fetcher.bench.answer::<FetchRequest>(waiting, 12, correlation_id);
    let failed = ErrorCode::INVALID_FETCH_SESSION_EPOCH.0;
    assert_eq!((answer.error_code, answer.session_id), (failed, fetcher.session[0]));
}

#[test]
fn a_topic_that_goes_and_comes_back_is_another_one_for_its_sessions() {
    for (version, recreated) in [(12, ErrorCode::NONE), (13, ErrorCode::INCONSISTENT_TOPIC_ID)] {
        let mut fetcher = Fetcher::new(version);
        fetcher.ask(&[(1, 0)]);
        let admin = fetcher.bench.connect(1);
        fetcher.bench.ask(admin, 5, &DeleteTopicsRequest::default().with_topic_names(vec![name("t")]));
        let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
        assert_eq!(told(&fetcher.ask(&[])).iter().map(|(_, code, _)| *code).collect::<Vec<_>>(), [unknown; 3]);
        fetcher.bench.topic("t", 3);
        let answer = told(&fetcher.ask(&[]));
        assert_eq!(answer.iter().map(|(_, code, _)| *code).collect::<Vec<_>>(), [recreated.0; 3], "v{version}");
    }
}

#[test]
fn a_topic_that_comes_later_is_found_by_its_session() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let answer = bench.ask(conn, 12, &fetch::request("late", 0, 0).with_session_epoch(0));
    assert_eq!(told(&answer), [(0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, 0)]);
    bench.topic("late", 1);
    let next = FetchRequest::default().with_session_id(answer.session_id).with_session_epoch(1);
    let answer = bench.ask(conn, 12, &next);
    assert_eq!(told(&answer), [(0, 0, 0)]);
}

#[test]
fn without_a_place_a_client_is_answered_without_a_session() {
    let slots = ("max.incremental.fetch.session.cache.slots".to_owned(), "1".to_owned());
    let mut fetcher = Fetcher::of(12, ClusterConfig { properties: [slots].into(), ..Default::default() });
    let open = |bench: &mut Bench| {
        let request = fetch::request("t", 1, 0).with_session_epoch(0);
        let answer = bench.ask(fetcher.conn, 12, &request);
        assert_eq!(told(&answer), [(1, 0, 1)]);
        answer.session_id
    };
    assert_eq!(open(&mut fetcher.bench), 0);
    fetcher.bench.advance(Duration::from_secs(121));
    assert_ne!(open(&mut fetcher.bench), 0, "the first was not used for long");
    assert_eq!(fetcher.fails(fetcher.session), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
}

#[test]
fn a_partition_that_stands_twice_is_read_as_it_is_said_last() {
    let mut fetcher = Fetcher::new(12);
    fetcher.session = [0, -1];
    assert_eq!(told(&fetcher.ask(&[(1, 0), (0, 0), (1, 9)])), [(1, ErrorCode::OFFSET_OUT_OF_RANGE.0, 0), (0, 0, 0)]);
}
