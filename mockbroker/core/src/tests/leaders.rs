//! Elections and reassignments that a client asks for, and the controllers' quorum.

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic};
use ottla_wire::message::elect_leaders_request::TopicPartitions;
use ottla_wire::message::list_partition_reassignments_request::ListPartitionReassignmentsTopics;
use ottla_wire::message::{
    AlterPartitionReassignmentsRequest, DescribeQuorumRequest, ElectLeadersRequest, ListPartitionReassignmentsRequest,
    MetadataRequest, UnregisterBrokerRequest, describe_quorum_request,
};

use super::*;

const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

fn elect(kind: i8, topic: &str, partitions: &[i32]) -> ElectLeadersRequest {
    let topic = TopicPartitions::default().with_topic(name(topic)).with_partitions(partitions.to_vec());
    ElectLeadersRequest::default().with_election_type(kind).with_topic_partitions(Some(vec![topic]))
}

fn to(partition: i32, replicas: Option<&[i32]>) -> AlterPartitionReassignmentsRequest {
    let replicas = replicas.map(|ids| ids.iter().map(|id| (*id).into()).collect());
    let partition = ReassignablePartition::default().with_partition_index(partition).with_replicas(replicas);
    let topic = ReassignableTopic::default().with_name(name("t")).with_partitions(vec![partition]);
    AlterPartitionReassignmentsRequest::default().with_topics(vec![topic])
}

impl Bench {
    /// What each partition's election came to.
    fn elect(&mut self, version: i16, request: &ElectLeadersRequest) -> Vec<ErrorCode> {
        let conn = self.connect(3);
        let answer = self.ask(conn, version, request);
        self.cluster.close(conn, self.now);
        let results = answer.replica_election_results.iter().flat_map(|topic| &topic.partition_result);
        results.map(|partition| ErrorCode(partition.error_code)).collect()
    }

    fn reassign(&mut self, version: i16, request: &AlterPartitionReassignmentsRequest) -> ErrorCode {
        self.reassign_at(1, version, request)
    }

    fn reassign_at(&mut self, broker: i32, version: i16, request: &AlterPartitionReassignmentsRequest) -> ErrorCode {
        let conn = self.connect(broker);
        let answer = self.ask(conn, version, request);
        self.cluster.close(conn, self.now);
        assert_eq!(answer.error_code, 0);
        ErrorCode(answer.responses[0].partitions[0].error_code)
    }

    fn moved(&mut self, topics: Option<Vec<ListPartitionReassignmentsTopics>>) -> Vec<(i32, [Vec<i32>; 3])> {
        let conn = self.connect(1);
        let answer = self.ask(conn, 0, &ListPartitionReassignmentsRequest::default().with_topics(topics));
        self.cluster.close(conn, self.now);
        let plain = |ids: &[message::BrokerId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions).map(|of| {
            let told = [plain(&of.replicas), plain(&of.adding_replicas), plain(&of.removing_replicas)];
            (of.partition_index, told)
        });
        partitions.collect()
    }

    /// A topic `t` on these brokers, the first of which leads.
    fn placed(&mut self, replicas: &[i32]) {
        self.cluster.create_topic(&NewTopic::new("t").replication_factor(1)).unwrap();
        assert_eq!(self.reassign(0, &to(0, Some(replicas))), ErrorCode::NONE);
        assert_eq!(self.elect(0, &elect(PREFERRED, "t", &[0])).len(), 1);
    }

    fn of_t(&self) -> Replicas {
        self.cluster.replicas("t", 0).unwrap()
    }
}

fn ids(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId).collect()
}

#[test]
fn a_preferred_election_gives_the_partition_back_to_its_first_replica() {
    let mut bench = Bench::new();
    bench.placed(&[1, 2, 3]);
    for version in 0..=2 {
        bench.cluster.move_leader(bench.now, "t", 0, BrokerId(2)).unwrap();
        assert_eq!(bench.elect(version, &elect(PREFERRED, "t", &[0])), [ErrorCode::NONE]);
        assert_eq!(bench.of_t().leader, Some(BrokerId(1)));
        assert_eq!(bench.elect(version, &elect(PREFERRED, "t", &[0])), [ErrorCode::ELECTION_NOT_NEEDED]);
    }
    bench.cluster.stop_broker(bench.now, BrokerId(1)).unwrap();
    assert_eq!(bench.elect(2, &elect(PREFERRED, "t", &[0])), [ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE]);
}

#[test]
fn an_unclean_election_is_for_partitions_that_nobody_leads() {
    let mut bench = Bench::new();
    bench.placed(&[1, 2]);
    assert_eq!(bench.elect(2, &elect(UNCLEAN, "t", &[0])), [ErrorCode::ELECTION_NOT_NEEDED]);
    bench.cluster.stop_broker(bench.now, BrokerId(1)).unwrap();
    bench.cluster.stop_broker(bench.now, BrokerId(2)).unwrap();
    assert_eq!(bench.elect(2, &elect(UNCLEAN, "t", &[0])), [ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE]);
    assert_eq!(bench.elect(2, &elect(PREFERRED, "t", &[0])), [ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE]);
    bench.cluster.start_broker(bench.now, BrokerId(1)).unwrap();
    assert_eq!(bench.of_t().leader, None);
    assert_eq!(bench.elect(2, &elect(UNCLEAN, "t", &[0])), [ErrorCode::NONE]);
    assert_eq!((bench.of_t().leader, bench.of_t().in_sync), (Some(BrokerId(1)), ids(&[1])));
}

#[test]
fn an_election_of_all_tells_those_alone_that_needed_it() {
    let mut bench = Bench::new();
    bench.placed(&[1, 2, 3]);
    bench.topic("other", 2);
    let all = ElectLeadersRequest::default().with_topic_partitions(None);
    assert_eq!(bench.elect(1, &all), []);
    bench.cluster.move_leader(bench.now, "t", 0, BrokerId(2)).unwrap();
    assert_eq!(bench.elect(1, &all), [ErrorCode::NONE]);
}

#[test]
fn an_election_of_what_is_not_there_or_of_no_kind_fails() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(bench.elect(2, &elect(PREFERRED, "t", &[1, -1])), [unknown, unknown]);
    assert_eq!(bench.elect(2, &elect(PREFERRED, "none", &[0])), [unknown]);
    assert_eq!(bench.elect(2, &elect(7, "t", &[0])), [ErrorCode::INVALID_REQUEST]);
    let conn = bench.connect(1);
    assert_eq!(bench.ask(conn, 2, &elect(7, "t", &[0])).error_code, ErrorCode::INVALID_REQUEST.0);
    let none = ElectLeadersRequest::default().with_election_type(7).with_topic_partitions(Some(Vec::new()));
    assert_eq!(bench.ask(conn, 2, &none).error_code, 0);
}

#[test]
fn a_partition_is_moved_at_once_and_its_new_brokers_have_its_records() {
    let mut bench = Bench::new();
    bench.placed(&[1]);
    bench.append("t", 0, &["a"]);
    let before = bench.of_t();
    assert_eq!(bench.reassign(1, &to(0, Some(&[2, 3]))), ErrorCode::NONE);
    let after = bench.of_t();
    assert_eq!((after.leader, &after.replicas, &after.in_sync), (Some(BrokerId(2)), &ids(&[2, 3]), &ids(&[2, 3])));
    assert_eq!((after.adding.len(), after.removing.len()), (0, 0));
    assert!(after.leader_epoch > before.leader_epoch);
    assert_eq!(bench.moved(None), []);
    let conn = bench.connect(2);
    let answer = bench.ask(conn, 12, &fetch::request("t", 0, 0));
    assert!(answer.responses[0].partitions[0].records.as_ref().is_some_and(|records| !records.is_empty()));
}

#[test]
fn a_move_that_is_held_is_listed_and_can_be_taken_back() {
    let mut bench = Bench::new();
    bench.placed(&[1, 2]);
    bench.cluster.hold_reassignments(bench.now, true);
    assert_eq!(bench.reassign(0, &to(0, Some(&[3, 2]))), ErrorCode::NONE);
    let moved = (0, [vec![3, 2, 1], vec![3], vec![1]]);
    assert_eq!(bench.moved(None), std::slice::from_ref(&moved));
    let asked = |topic, partitions: &[i32]| {
        let topic = ListPartitionReassignmentsTopics::default().with_name(name(topic));
        Some(vec![topic.with_partition_indexes(partitions.to_vec())])
    };
    assert_eq!(bench.moved(asked("t", &[0, 7])), [moved]);
    assert_eq!(bench.moved(asked("none", &[0])), []);
    assert_eq!((bench.of_t().leader, bench.of_t().in_sync.len()), (Some(BrokerId(1)), 2));
    assert_eq!(bench.reassign(0, &to(0, None)), ErrorCode::NONE);
    assert_eq!(bench.of_t().replicas, ids(&[2, 1]), "the order that the move began with stays");
    assert_eq!(bench.moved(None), []);
    assert_eq!(bench.reassign(0, &to(0, None)), ErrorCode::NO_REASSIGNMENT_IN_PROGRESS);
}

#[test]
fn a_move_ends_when_it_is_let_go_or_its_new_broker_is_there() {
    let mut bench = Bench::new();
    bench.placed(&[1, 2]);
    bench.cluster.hold_reassignments(bench.now, true);
    bench.reassign(0, &to(0, Some(&[3, 2])));
    bench.cluster.hold_reassignments(bench.now, false);
    assert_eq!(bench.of_t().replicas, ids(&[3, 2]));
    bench.cluster.stop_broker(bench.now, BrokerId(1)).unwrap();
    assert_eq!(bench.reassign_at(2, 0, &to(0, Some(&[1, 2]))), ErrorCode::NONE);
    assert_eq!((bench.of_t().adding, bench.of_t().leader), (ids(&[1]), Some(BrokerId(3))));
    bench.cluster.start_broker(bench.now, BrokerId(1)).unwrap();
    assert_eq!((bench.of_t().replicas, bench.of_t().adding), (ids(&[1, 2]), ids(&[])));
}

#[test]
fn a_move_to_brokers_that_nobody_may_have_fails_alone() {
    let mut bench = Bench::new();
    bench.placed(&[1, 2]);
    for (replicas, code) in [
        (&[][..], ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (&[1, 1], ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (&[1, 9], ErrorCode::INVALID_REPLICA_ASSIGNMENT),
    ] {
        assert_eq!(bench.reassign(1, &to(0, Some(replicas))), code, "{replicas:?}");
    }
    assert_eq!(bench.reassign(1, &to(5, Some(&[1]))), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let same_size = |replicas| to(0, Some(replicas)).with_allow_replication_factor_change(false);
    assert_eq!(bench.reassign(1, &same_size(&[1, 2, 3])), ErrorCode::INVALID_REPLICATION_FACTOR);
    assert_eq!(bench.reassign(1, &same_size(&[2, 3])), ErrorCode::NONE);
    assert_eq!(bench.of_t().replicas, ids(&[2, 3]));
}

#[test]
fn the_quorum_tells_its_leader_and_when_each_controller_was_last_heard_of() {
    let mut bench = Bench::new();
    let start = bench.now.millis();
    bench.cluster.stop_broker(bench.now, BrokerId(1)).unwrap();
    bench.advance(Duration::from_secs(2));
    let conn = bench.connect(3);
    let partition = describe_quorum_request::PartitionData::default();
    let topic = describe_quorum_request::TopicData::default().with_topic_name(name("__cluster_metadata"));
    let topic = topic.with_partitions(vec![partition]);
    let request = DescribeQuorumRequest::default().with_topics(vec![topic.clone()]);
    for version in 0..=2 {
        let answer = bench.ask(conn, version, &request);
        let of = &answer.topics[0].partitions[0];
        assert_eq!((of.error_code, of.leader_id.0, of.leader_epoch, of.observers.len()), (0, 2, 2, 0));
        let heard: Vec<_> =
            of.current_voters.iter().map(|voter| (voter.replica_id.0, voter.last_fetch_timestamp)).collect();
        let at = |after: i64| if version == 0 { -1 } else { start + after };
        assert_eq!(heard, [(1, at(0)), (2, at(2000)), (3, at(2000))], "v{version}");
        assert_eq!(answer.nodes.len(), if version == 2 { 3 } else { 0 });
    }
    let wrong = DescribeQuorumRequest::default().with_topics(vec![topic.with_topic_name(name("t"))]);
    let answer = bench.ask(conn, 2, &wrong);
    assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
}

#[test]
fn who_was_in_sync_before_a_move_to_fewer_than_must_be_stays_eligible_until_the_next_change() {
    let mut bench = Bench::new();
    bench.cluster.create_topic(&NewTopic::new("t").replication_factor(1).config("min.insync.replicas", "2")).unwrap();
    let before = bench.of_t().replicas[0];
    let after = if before == BrokerId(1) { BrokerId(2) } else { BrokerId(1) };
    assert_eq!(bench.reassign(0, &to(0, Some(&[after.0]))), ErrorCode::NONE);
    assert_eq!((bench.of_t().replicas, bench.of_t().eligible), (vec![after], vec![before]));
}

#[test]
fn a_broker_that_is_unregistered_is_told_no_more_until_it_is_started_again() {
    let mut bench = Bench::new();
    bench.placed(&[2, 1]);
    let conn = bench.connect(1);
    let request = UnregisterBrokerRequest::default().with_broker_id(2.into());
    assert_eq!(bench.ask(conn, 0, &request).error_code, 0);
    assert_eq!(bench.of_t().leader, Some(BrokerId(1)));
    let metadata = MetadataRequest::default().with_topics(None);
    assert_eq!(bench.ask(conn, 12, &metadata).brokers.len(), 2);
    assert_eq!(bench.ask(conn, 0, &request).error_code, ErrorCode::BROKER_ID_NOT_REGISTERED.0);
    let itself = bench.connect(2);
    assert_eq!(bench.ask(itself, 12, &metadata).brokers.len(), 2, "it goes on, and knows nothing of itself");
    bench.cluster.stop_broker(bench.now, BrokerId(2)).unwrap();
    bench.closed(itself);
    bench.cluster.start_broker(bench.now, BrokerId(2)).unwrap();
    assert_eq!(bench.ask(conn, 12, &metadata).brokers.len(), 3);
    assert_eq!(bench.of_t().in_sync, ids(&[1, 2]));
}
