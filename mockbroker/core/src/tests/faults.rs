//! What faults do, each on the requests and connections that it selects and on no others.

use ottla_wire::ErrorCode;
use ottla_wire::message::{
    ApiVersionsRequest, CreateTopicsRequest, FetchRequest, FetchResponse, ListOffsetsRequest, MetadataRequest,
    ProduceRequest, create_topics_request, fetch_request,
};
use ottla_wire::record::next_batch;
use serde_json::json;

use super::*;

const FETCH_VERSION: i16 = 12;
const PRODUCE_VERSION: i16 = 9;

fn fetch(topics: &[(&str, &[i32])], wait_ms: i32) -> FetchRequest {
    let partition =
        |index: &i32| fetch_request::FetchPartition::default().with_partition(*index).with_partition_max_bytes(1 << 20);
    let topic = |(of, indexes): &(&str, &[i32])| {
        let partitions = indexes.iter().map(partition).collect();
        fetch_request::FetchTopic::default().with_topic(name(of)).with_partitions(partitions)
    };
    FetchRequest::default()
        .with_max_wait_ms(wait_ms)
        .with_min_bytes(1)
        .with_max_bytes(1 << 20)
        .with_session_epoch(-1)
        .with_topics(topics.iter().map(topic).collect())
}

/// The partitions of an answer: topic, index, error and bytes of records.
fn read(answer: &FetchResponse) -> Vec<(String, i32, ErrorCode, usize)> {
    let of_topics = answer.responses.iter().flat_map(|topic| topic.partitions.iter().map(move |of| (topic, of)));
    let mut read: Vec<_> = of_topics
        .map(|(topic, of)| {
            let bytes = of.records.as_ref().map_or(0, Bytes::len);
            (topic.topic.to_string(), of.partition_index, ErrorCode(of.error_code), bytes)
        })
        .collect();
    read.sort();
    read
}

impl Bench {
    fn fault(&mut self, fault: Fault) -> FaultId {
        self.cluster.fault(self.now, fault).unwrap()
    }

    fn hits(&self, fault: FaultId) -> u64 {
        self.cluster.fault_hits(fault).unwrap()
    }

    fn end_offset(&self, topic: &str) -> usize {
        self.cluster.records(topic, 0).unwrap().len()
    }

    /// A topic of one partition, and a connection to its leader.
    fn with_topic(&mut self, topic: &str) -> ConnId {
        self.topic(topic, 1);
        self.connect_to_leader(topic, 0)
    }

    fn produce(&mut self, conn: ConnId, topic: &str) -> i32 {
        let request = produce::request(topic, 0, batch(self.now, &["value"]));
        self.send(conn, PRODUCE_VERSION, &request)
    }

    fn produced(&mut self, conn: ConnId, correlation_id: i32) -> ErrorCode {
        let answer = self.answer::<ProduceRequest>(conn, PRODUCE_VERSION, correlation_id);
        ErrorCode(answer.responses[0].partition_responses[0].error_code)
    }

    /// The bytes that are sent as they are.
    fn part(&mut self) -> Bytes {
        match self.cluster.poll_output().map(|output| output.action) {
            Some(Action::SendPart(bytes)) => bytes,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_error_is_answered_and_nothing_is_applied() {
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    let fault = bench.fault(Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER).api(ApiKey::Produce).times(2));
    for _ in 0..2 {
        let asked = bench.produce(conn, "events");
        assert_eq!(bench.produced(conn, asked), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    assert_eq!((bench.hits(fault), bench.end_offset("events")), (2, 0));
    let asked = bench.produce(conn, "events");
    assert_eq!(bench.produced(conn, asked), ErrorCode::NONE);
    assert_eq!((bench.hits(fault), bench.end_offset("events")), (2, 1));
}

#[test]
fn an_error_after_it_is_applied_is_answered_all_the_same() {
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    bench.fault(Fault::applied_then_error(ErrorCode::REQUEST_TIMED_OUT).api(ApiKey::Produce).topic("events"));
    let asked = bench.produce(conn, "events");
    assert_eq!(bench.produced(conn, asked), ErrorCode::REQUEST_TIMED_OUT);
    assert_eq!(bench.end_offset("events"), 1);
}

#[test]
fn faults_with_counts_are_a_queue() {
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    for code in [ErrorCode::NOT_ENOUGH_REPLICAS, ErrorCode::KAFKA_STORAGE_ERROR] {
        bench.fault(Fault::error(code).api(ApiKey::Produce).times(1));
    }
    let answered: Vec<ErrorCode> = (0..3)
        .map(|_| {
            let asked = bench.produce(conn, "events");
            bench.produced(conn, asked)
        })
        .collect();
    assert_eq!(answered, [ErrorCode::NOT_ENOUGH_REPLICAS, ErrorCode::KAFKA_STORAGE_ERROR, ErrorCode::NONE]);
}

#[test]
fn an_error_of_a_partition_fails_it_alone_and_ends_the_wait_of_the_others() {
    let mut bench = Bench::of(ClusterConfig { brokers: vec![BrokerConfig::new(BrokerId(1))], ..Default::default() });
    for topic in ["a", "b"] {
        bench.topic(topic, 2);
        bench.append(topic, 0, &["value"]);
    }
    let conn = bench.connect(1);
    let error = Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER).api(ApiKey::Fetch).topic("a").partition(0);
    let error = bench.fault(error);
    let request = fetch(&[("a", &[0, 1]), ("b", &[0, 1])], 10_000);
    let answer = read(&bench.ask(conn, FETCH_VERSION, &request));
    let codes: Vec<_> = answer.iter().map(|(topic, index, code, _)| (topic.as_str(), *index, *code)).collect();
    let (failed, fine) = (ErrorCode::NOT_LEADER_OR_FOLLOWER, ErrorCode::NONE);
    assert_eq!(codes, [("a", 0, failed), ("a", 1, fine), ("b", 0, fine), ("b", 1, fine)]);
    assert_eq!(answer.iter().map(|(.., bytes)| *bytes > 0).collect::<Vec<_>>(), [false, false, true, false]);
    // Alone, the others would have waited; what fails ends that.
    let answer = read(&bench.ask(conn, FETCH_VERSION, &fetch(&[("a", &[0, 1]), ("b", &[1])], 10_000)));
    assert_eq!(answer.len(), 3);
    // What does not name the partition is not meant at all.
    bench.send(conn, FETCH_VERSION, &fetch(&[("a", &[1]), ("b", &[1])], 10_000));
    bench.is_silent();
    assert_eq!(bench.hits(error), 2);
}

#[test]
fn a_topic_is_found_by_its_id_too() {
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    let id = bench.topic("other", 1);
    bench.fault(Fault::error(ErrorCode::KAFKA_STORAGE_ERROR).api(ApiKey::Fetch).topic("other"));
    let by_id = |id: TopicId| {
        let mut request = fetch(&[("", &[0])], 0);
        request.topics[0].topic_id = id.into();
        request
    };
    let answer = bench.ask(conn, 13, &by_id(id));
    assert_eq!(answer.responses[0].partitions[0].error_code, ErrorCode::KAFKA_STORAGE_ERROR.0);
    let answer = bench.ask(conn, 13, &by_id(TopicId([7; 16])));
    assert_eq!(answer.responses[0].partitions[0].error_code, ErrorCode::UNKNOWN_TOPIC_ID.0);
}

#[test]
fn any_field_of_a_request_selects_it() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let refused = Fault::error(ErrorCode::POLICY_VIOLATION).field("$.topics[*].numPartitions", 50);
    bench.fault(refused.field("$.topics[?@.name == 'big'].replicationFactor", -1));
    let mut create = |topic: &str, partitions: i32| {
        let topic =
            create_topics_request::CreatableTopic::default().with_name(name(topic)).with_num_partitions(partitions);
        let request = CreateTopicsRequest::default().with_topics(vec![topic.with_replication_factor(-1)]);
        ErrorCode(bench.ask(conn, 5, &request).topics[0].error_code)
    };
    assert_eq!(create("big", 50), ErrorCode::POLICY_VIOLATION);
    assert_eq!(create("big", 49), ErrorCode::NONE);
    assert_eq!(create("small", 50), ErrorCode::NONE);
}

#[test]
fn a_fault_strikes_whom_it_selects_and_nobody_else() {
    let here = || Fault::error(ErrorCode::UNKNOWN_SERVER_ERROR).api(ApiKey::Metadata);
    let cases = [
        (here(), true),
        (here().broker(BrokerId(1)), true),
        (here().broker(BrokerId(2)), false),
        (here().client_id("bench"), true),
        (here().client_id("other"), false),
        (here().principal("User:ANONYMOUS"), true),
        (here().principal("User:alice"), false),
        (here().listener("PLAINTEXT"), true),
        (here().listener("CLIENT_IAM"), false),
        (here().versions(4, 9), true),
        (here().versions(10, 13), false),
        (here().connection(ConnId(1)), true),
        (here().connection(ConnId(2)), false),
        (here().topic("events"), true),
        (here().topic("other"), false),
        (here().after(1), false),
        (here().times(0), false),
        (here().probability(0.0), false),
        (Fault::error(ErrorCode::UNKNOWN_SERVER_ERROR).api(ApiKey::Fetch), false),
    ];
    for (fault, expected) in cases {
        let mut bench = Bench::new();
        bench.topic("events", 1);
        let conn = bench.connect(1);
        let id = bench.fault(fault.clone());
        let topic =
            ottla_wire::message::metadata_request::MetadataRequestTopic::default().with_name(Some(name("events")));
        let answer = bench.ask(conn, 9, &MetadataRequest::default().with_topics(Some(vec![topic])));
        assert_eq!(answer.topics[0].error_code == ErrorCode::UNKNOWN_SERVER_ERROR.0, expected, "{fault:?}");
        assert_eq!(bench.hits(id), u64::from(expected), "{fault:?}");
    }
}

#[test]
fn chance_is_drawn_from_the_seed_and_from_nothing_else() {
    let strikes = |seed: u64, others: usize| -> Vec<bool> {
        let mut bench = Bench::of(ClusterConfig { seed, ..Default::default() });
        let conn = bench.connect(1);
        let id = bench.fault(Fault::error(ErrorCode::UNKNOWN_SERVER_ERROR).probability(0.5));
        for _ in 0..others {
            bench.fault(Fault::silence().api(ApiKey::Fetch).probability(0.5));
        }
        let mut before = 0;
        let strikes = (0..64).map(|_| {
            bench.ask(conn, 0, &ApiVersionsRequest::default());
            let hits = bench.hits(id);
            std::mem::replace(&mut before, hits) < hits
        });
        strikes.collect()
    };
    assert_eq!(strikes(1, 0), strikes(1, 3));
    assert_ne!(strikes(1, 0), strikes(2, 0));
    let struck = strikes(1, 0).iter().filter(|struck| **struck).count();
    assert!((16..48).contains(&struck), "{struck} of 64 at a half");
}

#[test]
fn a_silent_broker_answers_nothing_more_on_the_connection_and_keeps_it_open() {
    for (fault, applied) in [(Fault::silence(), 0), (Fault::lost_answer(), 1)] {
        let mut bench = Bench::of(never_idle());
        let conn = bench.with_topic("events");
        bench.fault(fault.api(ApiKey::Produce).times(1));
        bench.produce(conn, "events");
        bench.produce(conn, "events");
        bench.advance(Duration::from_secs(3600));
        bench.is_silent();
        assert_eq!(bench.end_offset("events"), applied);
        assert_eq!(bench.cluster.poll_timeout().is_some(), applied > 0, "for retention alone");
        let other = bench.connect_to_leader("events", 0);
        let asked = bench.produce(other, "events");
        assert_eq!(bench.produced(other, asked), ErrorCode::NONE);
    }
}

#[test]
fn a_request_that_is_held_is_applied_later_and_one_that_is_delayed_at_once() {
    const WAIT: Duration = Duration::from_millis(300);
    for (fault, applied) in [(Fault::hold(WAIT), 0), (Fault::delay(WAIT), 1)] {
        let mut bench = Bench::new();
        let conn = bench.with_topic("events");
        bench.fault(fault.api(ApiKey::Produce).times(1));
        let first = bench.produce(conn, "events");
        let second = bench.produce(conn, "events");
        assert_eq!(bench.end_offset("events"), applied);
        bench.advance(WAIT - Duration::from_millis(1));
        bench.is_silent();
        bench.advance(Duration::from_millis(1));
        for asked in [first, second] {
            assert_eq!(bench.produced(conn, asked), ErrorCode::NONE);
        }
        bench.is_silent();
        assert_eq!(bench.end_offset("events"), 2);
    }
}

#[test]
fn a_throttled_client_is_told_at_once_and_read_from_later() {
    const WAIT: Duration = Duration::from_secs(2);
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    bench.fault(Fault::throttle(WAIT).api(ApiKey::Produce).times(1));
    let first = bench.produce(conn, "events");
    let second = bench.produce(conn, "events");
    let told = bench.answer::<ProduceRequest>(conn, PRODUCE_VERSION, first);
    assert_eq!((told.throttle_time_ms, told.responses[0].partition_responses[0].error_code), (2000, 0));
    bench.is_silent();
    bench.advance(WAIT);
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn, action: Action::Read }));
    assert_eq!(bench.produced(conn, second), ErrorCode::NONE);
}

#[test]
fn a_flipped_bit_is_found_by_the_checksum_of_the_selected_topic_alone() {
    let mut bench = Bench::of(ClusterConfig { brokers: vec![BrokerConfig::new(BrokerId(1))], ..Default::default() });
    for topic in ["a", "b"] {
        bench.topic(topic, 1);
    }
    let conn = bench.connect(1);
    let fault = bench.fault(Fault::corruption(Corruption::FlippedBit).api(ApiKey::Fetch).topic("b").times(1));
    let request = fetch(&[("a", &[0]), ("b", &[0])], 0);
    bench.ask(conn, FETCH_VERSION, &request);
    assert_eq!(bench.hits(fault), 0, "there was nothing to damage");
    ["a", "b"].iter().for_each(|topic| bench.append(topic, 0, &["value"]));
    let mut batches = |request: &FetchRequest| {
        let answer = bench.ask(conn, FETCH_VERSION, request);
        let partitions = answer.responses.into_iter().flat_map(|topic| topic.partitions);
        let sound = partitions.map(|of| next_batch(&mut of.records.unwrap()).is_ok_and(|batch| batch.is_some()));
        sound.collect::<Vec<bool>>()
    };
    assert_eq!(batches(&request), [true, false]);
    assert_eq!(batches(&request), [true, true]);
    assert_eq!(bench.hits(fault), 1);
}

#[test]
fn records_that_are_cut_lack_their_last_bytes() {
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    bench.append("events", 0, &["value"]);
    let whole = read(&bench.ask(conn, FETCH_VERSION, &fetch(&[("events", &[0])], 0)))[0].3;
    bench.fault(Fault::corruption(Corruption::Cut { bytes: 5 }).api(ApiKey::Fetch).times(1));
    let cut = read(&bench.ask(conn, FETCH_VERSION, &fetch(&[("events", &[0])], 0)))[0].3;
    assert_eq!(cut, whole - 5);
}

#[test]
fn a_connection_is_closed_before_within_or_after_the_answer() {
    let cases = [
        (Fault::close_before(), 0, None),
        (Fault::close_unanswered(), 1, None),
        (Fault::close_within_answer(), 1, Some(true)),
        (Fault::cut(6), 1, Some(true)),
        (Fault::close_after_answer(), 1, Some(false)),
    ];
    for (fault, applied, is_part) in cases {
        let mut bench = Bench::new();
        let conn = bench.with_topic("events");
        let id = bench.fault(fault.clone().api(ApiKey::Produce));
        let asked = bench.produce(conn, "events");
        match is_part {
            None => {}
            Some(false) => assert_eq!(bench.produced(conn, asked), ErrorCode::NONE),
            Some(true) => {
                let part = bench.part();
                let length = u32::from_be_bytes(part[..4].try_into().unwrap());
                assert!(part.len() >= 6 && part.len() < usize::try_from(length).unwrap() + 4, "{fault:?}");
                assert!(fault.action != FaultAction::Cut { bytes: 6 } || part.len() == 6);
            }
        }
        assert_eq!(bench.closed(conn), Closed::ByFault(id), "{fault:?}");
        assert_eq!(bench.end_offset("events"), applied, "{fault:?}");
    }
}

#[test]
fn an_answer_that_drips_is_whole_in_the_end() {
    const EVERY: Duration = Duration::from_millis(10);
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    bench.fault(Fault::drip(7, EVERY).api(ApiKey::Produce).times(1));
    bench.produce(conn, "events");
    let next = bench.produce(conn, "events");
    let mut seen = BytesMut::from(bench.part().as_ref());
    let length = usize::try_from(u32::from_be_bytes(seen[..4].try_into().unwrap())).unwrap();
    while seen.len() < length + 4 {
        bench.is_silent();
        bench.advance(EVERY);
        let part = bench.part();
        assert!(part.len() == 7 || seen.len() + part.len() == length + 4);
        seen.extend_from_slice(&part);
    }
    assert_eq!(seen.len(), length + 4);
    assert_eq!(bench.produced(conn, next), ErrorCode::NONE);
}

#[test]
fn a_refused_connection_is_not_opened_until_the_fault_is_removed() {
    let mut bench = Bench::new();
    let fault = bench.fault(Fault::refused_connections().broker(BrokerId(1)).listener("PLAINTEXT"));
    let open =
        |bench: &mut Bench, broker: i32, listener| bench.cluster.open(bench.now, BrokerId(broker), listener, "test");
    assert_eq!(open(&mut bench, 1, plaintext()), Err(OpenError::Refused(fault)));
    assert!(open(&mut bench, 2, plaintext()).is_ok() && open(&mut bench, 1, iam()).is_ok());
    assert_eq!(bench.cluster.remove_fault(bench.now, fault).unwrap().hits, 1);
    assert!(open(&mut bench, 1, plaintext()).is_ok());
    assert_eq!(bench.cluster.remove_fault(bench.now, fault), None);
}

#[test]
fn nothing_passes_a_partition_in_either_direction_until_it_is_healed() {
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    let leader = bench.cluster.leader("events", 0).unwrap();
    let waiting = bench.connect_to_leader("events", 0);
    let asked_before = bench.send(waiting, FETCH_VERSION, &fetch(&[("events", &[0])], 500));
    let fault = bench.fault(Fault::partition_from().client_id("bench").broker(leader));
    // The broker's answer does not arrive, nor what the client asks; connections that are opened meanwhile are silent.
    let asked = bench.produce(conn, "events");
    let late = bench.connect_to_leader("events", 0);
    let asked_late = bench.produce(late, "events");
    bench.advance(Duration::from_secs(60));
    bench.is_silent();
    assert_eq!(bench.end_offset("events"), 0);
    // Another broker is reached.
    let elsewhere = bench.follower("events", 0);
    let elsewhere = bench.connect(elsewhere.0);
    bench.ask(elsewhere, 0, &ApiVersionsRequest::default());
    assert_eq!(bench.hits(fault), 3);
    bench.cluster.remove_fault(bench.now, fault).unwrap();
    let mut told = Vec::new();
    while let Some(output) = bench.cluster.poll_output() {
        if let Action::Send(frame) = output.action {
            told.push((output.conn, i32::from_be_bytes(frame.to_bytes()[..4].try_into().unwrap())));
        }
    }
    told.sort();
    assert_eq!(told, [(conn, asked), (waiting, asked_before), (late, asked_late)]);
    assert_eq!(bench.end_offset("events"), 2);
}

#[test]
fn two_partitions_are_both_to_be_healed() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let faults = [1, 2].map(|_| bench.fault(Fault::partition_from().broker(BrokerId(1))));
    let asked = bench.send(conn, 0, &ApiVersionsRequest::default());
    bench.cluster.remove_fault(bench.now, faults[0]).unwrap();
    bench.is_silent();
    bench.cluster.remove_fault(bench.now, faults[1]).unwrap();
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn, action: Action::Read }));
    bench.answer::<ApiVersionsRequest>(conn, 0, asked);
}

#[test]
fn a_connection_that_is_cut_off_keeps_no_more_requests_than_the_bound() {
    let bounds = Bounds { queued_requests_max: 3, ..Bounds::default() };
    let mut bench = Bench::of(ClusterConfig { bounds, ..Default::default() });
    let conn = bench.connect(1);
    bench.fault(Fault::partition_from());
    for _ in 0..3 {
        assert!(bench.cluster.accepts_frames(conn));
        bench.send(conn, 0, &ApiVersionsRequest::default());
    }
    assert!(!bench.cluster.accepts_frames(conn));
}

#[test]
fn as_many_faults_stand_as_the_bound_allows() {
    let bounds = Bounds { faults_max: 1, ..Bounds::default() };
    let mut bench = Bench::of(ClusterConfig { bounds, ..Default::default() });
    let first = bench.fault(Fault::silence());
    assert_eq!(bench.cluster.fault(bench.now, Fault::silence()), Err(FaultError::TooMany { max: 1 }));
    bench.cluster.remove_fault(bench.now, first).unwrap();
    let second = bench.fault(Fault::silence().times(3));
    let shown = serde_json::to_value(bench.cluster.faults().collect::<Vec<_>>()).unwrap();
    assert_eq!(shown, json!([{"id": second.0, "action": "silence", "times": 3, "hits": 0}]));
}

#[test]
fn the_journal_shows_requests_and_answers_and_which_fault_struck() {
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    bench.fault(Fault::error(ErrorCode::NOT_ENOUGH_REPLICAS).api(ApiKey::Produce));
    let asked = bench.produce(conn, "events");
    bench.produced(conn, asked);
    let entries: Vec<&Entry> = bench.cluster.journal().entries().collect();
    let [.., request, struck, answer] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(request.body().unwrap()["topicData"][0]["name"], "events");
    assert_eq!(request.json()["clientId"], "bench");
    assert_eq!(struck.to_string().split(": ").nth(1), Some("fault 1 strikes"));
    let json = answer.json();
    assert_eq!(
        (&json["event"], &json["api"], &json["correlationId"]),
        (&json!("response"), &json!("Produce"), &json!(asked))
    );
    assert_eq!(json["body"]["responses"][0]["partitionResponses"][0]["errorCode"], ErrorCode::NOT_ENOUGH_REPLICAS.0);
}

#[test]
fn list_offsets_fails_by_its_partitions() {
    use ottla_wire::message::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
    let mut bench = Bench::new();
    let conn = bench.with_topic("events");
    bench.fault(Fault::error(ErrorCode::OFFSET_NOT_AVAILABLE).api(ApiKey::ListOffsets).times(1));
    let partition = ListOffsetsPartition::default().with_timestamp(-1).with_current_leader_epoch(-1);
    let topic = ListOffsetsTopic::default().with_name(name("events")).with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default().with_replica_id((-1).into()).with_topics(vec![topic]);
    let answer = bench.ask(conn, 7, &request);
    assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::OFFSET_NOT_AVAILABLE.0);
}

#[test]
fn an_error_of_a_request_that_names_nothing_is_told_of_all_that_is_answered() {
    let mut bench = Bench::new();
    ["a", "b"].iter().for_each(|topic| _ = bench.topic(topic, 1));
    let conn = bench.connect(1);
    bench.fault(Fault::error(ErrorCode::LEADER_NOT_AVAILABLE).api(ApiKey::Metadata).times(1));
    let codes = |bench: &mut Bench| {
        let answer = bench.ask(conn, 9, &MetadataRequest::default().with_topics(None));
        answer.topics.iter().map(|topic| ErrorCode(topic.error_code)).collect::<Vec<_>>()
    };
    assert_eq!(codes(&mut bench), [ErrorCode::LEADER_NOT_AVAILABLE; 2]);
    assert_eq!(codes(&mut bench), [ErrorCode::NONE; 2]);
}

#[test]
fn a_cluster_made_anew_has_no_faults_and_gives_none_the_number_of_an_old_one() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let old = bench.fault(Fault::partition_from());
    let written = bench.cluster.journal().written();
    let fresh = Cluster::new(ClusterConfig::default()).unwrap();
    bench.cluster.become_like(bench.now, fresh);
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn, action: Action::Close }));
    assert_eq!((bench.cluster.faults().count(), bench.cluster.fault_hits(old)), (0, None));
    assert!(bench.fault(Fault::silence()) > old);
    assert!(bench.cluster.journal().written() >= written, "who waits for what is new goes on");
}
