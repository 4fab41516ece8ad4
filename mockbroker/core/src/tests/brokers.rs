//! Brokers that stop, hang and come back, and who leads what then.

use ottla_wire::ErrorCode;
use ottla_wire::message::{DescribeClusterRequest, FetchRequest, MetadataRequest, MetadataResponse};

use super::*;

const WAIT: Duration = Duration::from_secs(9);

/// A topic `t` of one partition on brokers 1 to 3 with this `min.insync.replicas`, led by its first replica.
fn with_topic(in_sync_min: &str) -> (Bench, Replicas) {
    let mut bench = Bench::of(never_idle());
    bench.cluster.create_topic(&NewTopic::new("t").config("min.insync.replicas", in_sync_min)).unwrap();
    let replicas = bench.replicas();
    (bench, replicas)
}

impl Bench {
    fn replicas(&self) -> Replicas {
        self.cluster.replicas("t", 0).unwrap()
    }

    fn stop(&mut self, broker: BrokerId) {
        self.cluster.stop_broker(self.now, broker).unwrap();
    }

    fn kill(&mut self, broker: BrokerId) {
        self.cluster.kill_broker(self.now, broker).unwrap();
        self.advance(WAIT);
    }

    fn start(&mut self, broker: BrokerId) {
        self.cluster.start_broker(self.now, broker).unwrap();
    }

    fn metadata(&mut self, broker: BrokerId, version: i16) -> MetadataResponse {
        let conn = self.connect(broker.0);
        let all = if version == 0 { Some(Vec::new()) } else { None };
        self.ask(conn, version, &MetadataRequest::default().with_topics(all))
    }

    fn told(&mut self, by: BrokerId) -> Vec<i32> {
        self.metadata(by, 12).brokers.iter().map(|broker| broker.node_id.0).collect()
    }
}

#[test]
fn a_broker_that_stops_hands_its_partitions_over_and_answers_who_waits_before_it_closes() {
    let (mut bench, before) = with_topic("1");
    let [leader, next, _] = before.replicas[..] else { panic!("{before:?}") };
    let conn = bench.connect(leader.0);
    let mut waiting = fetch::request("t", 0, 0).with_min_bytes(1).with_max_wait_ms(500);
    waiting.topics[0].partitions[0].current_leader_epoch = 0;
    let correlation_id = bench.send(conn, 12, &waiting);
    bench.stop(leader);
    let answer = bench.answer::<FetchRequest>(conn, 12, correlation_id);
    assert_eq!(answer.responses[0].partitions[0].error_code, ErrorCode::FENCED_LEADER_EPOCH.0);
    assert_eq!(bench.closed(conn), Closed::BrokerStopped);
    let after = bench.replicas();
    assert_eq!((after.leader, after.leader_epoch.0), (Some(next), before.leader_epoch.0 + 1));
    assert_eq!(after.in_sync, before.replicas[1..]);
    assert!(!bench.told(next).contains(&leader.0));
    let refused = bench.cluster.open(bench.now, leader, plaintext(), "test");
    assert_eq!(refused, Err(OpenError::Down(leader)));
}

#[test]
fn a_broker_that_comes_back_follows_and_is_in_sync_at_once() {
    let (mut bench, before) = with_topic("1");
    let leader = before.replicas[0];
    bench.stop(leader);
    bench.start(leader);
    let after = bench.replicas();
    assert_ne!(after.leader, Some(leader));
    assert_eq!(after.in_sync.len(), 3);
    assert!(bench.told(leader).contains(&leader.0));
    bench.start(leader);
    assert_eq!(bench.replicas(), after, "one that runs is not started again");
}

#[test]
fn a_broker_that_is_killed_is_told_and_leads_until_its_session_ends() {
    let (mut bench, before) = with_topic("1");
    let [leader, next, _] = before.replicas[..] else { panic!("{before:?}") };
    let conn = bench.connect(leader.0);
    bench.cluster.kill_broker(bench.now, leader).unwrap();
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn, action: Action::Abort }));
    bench.is_silent();
    assert_eq!(bench.replicas(), before);
    assert!(bench.told(next).contains(&leader.0));
    assert_eq!(bench.cluster.poll_timeout(), Some(bench.now.mono + WAIT));
    bench.advance(WAIT);
    assert_eq!(bench.replicas().leader, Some(next));
    assert!(!bench.told(next).contains(&leader.0));
    assert_eq!(bench.cluster.poll_timeout(), None);
}

#[test]
fn a_broker_that_was_killed_and_is_started_at_once_leads_no_more() {
    let (mut bench, before) = with_topic("1");
    let leader = before.replicas[0];
    bench.cluster.kill_broker(bench.now, leader).unwrap();
    bench.start(leader);
    let after = bench.replicas();
    assert_eq!((after.leader, after.in_sync.len()), (Some(before.replicas[1]), 3));
    assert_eq!(bench.cluster.poll_timeout(), None);
}

#[test]
fn a_broker_that_hangs_reads_and_answers_nothing_until_it_goes_on() {
    let (mut bench, before) = with_topic("1");
    let leader = before.replicas[0];
    let (conn, other) = (bench.connect(leader.0), bench.connect(leader.0));
    let waiting = fetch::request("t", 0, 0).with_min_bytes(1).with_max_wait_ms(500);
    let waits = bench.send(conn, 12, &waiting);
    bench.cluster.pause_broker(bench.now, leader).unwrap();
    assert_eq!(bench.cluster.broker_status(leader), Ok(BrokerStatus::Paused));
    assert!(!bench.cluster.accepts_frames(other) && !bench.cluster.accepts_frames(conn));
    let asked = bench.send(other, 12, &MetadataRequest::default().with_topics(None));
    bench.advance(Duration::from_secs(1));
    bench.is_silent();
    let late = bench.connect(leader.0);
    bench.cluster.resume_broker(bench.now, leader).unwrap();
    let resumed = |conn| Some(Output { conn, action: Action::Read });
    assert_eq!(bench.cluster.poll_output(), resumed(conn));
    assert_eq!(bench.cluster.poll_output(), resumed(other));
    bench.answer::<MetadataRequest>(other, 12, asked);
    assert_eq!(bench.cluster.poll_output(), resumed(late));
    let answer = bench.answer::<FetchRequest>(conn, 12, waits);
    assert_eq!(answer.responses[0].partitions[0].error_code, 0);
    bench.is_silent();
    assert_eq!(bench.replicas(), before, "the session had not ended");
}

#[test]
fn a_broker_that_hangs_for_longer_than_its_session_follows_when_it_goes_on() {
    let (mut bench, before) = with_topic("1");
    let leader = before.replicas[0];
    bench.cluster.pause_broker(bench.now, leader).unwrap();
    bench.advance(WAIT);
    assert_eq!(bench.replicas().leader, Some(before.replicas[1]));
    bench.cluster.resume_broker(bench.now, leader).unwrap();
    let after = bench.replicas();
    assert_eq!((after.leader, after.in_sync.len()), (Some(before.replicas[1]), 3));
}

#[test]
fn who_is_down_can_neither_hang_nor_go_on_and_who_is_not_there_can_do_nothing() {
    let mut bench = Bench::new();
    let (down, unknown) = (BrokerId(2), BrokerId(9));
    bench.stop(down);
    assert_eq!(bench.cluster.pause_broker(bench.now, down), Err(BrokerError::Down(down)));
    assert_eq!(bench.cluster.resume_broker(bench.now, down), Err(BrokerError::Down(down)));
    assert_eq!(bench.cluster.stop_broker(bench.now, unknown), Err(UnknownBroker(unknown)));
    assert_eq!(bench.cluster.start_broker(bench.now, unknown), Err(UnknownBroker(unknown)));
    assert_eq!(bench.cluster.pause_broker(bench.now, unknown), Err(UnknownBroker(unknown).into()));
}

#[test]
fn a_partition_whose_replicas_are_all_down_has_no_leader_until_one_that_may_lead_is_back() {
    let mut bench = Bench::new();
    bench.cluster.create_topic(&NewTopic::new("t").replication_factor(2)).unwrap();
    let before = bench.replicas();
    let [first, last] = before.replicas[..] else { panic!("{before:?}") };
    let witness = (1..=3).map(BrokerId).find(|id| !before.replicas.contains(id)).unwrap();
    bench.stop(first);
    bench.stop(last);
    let without = bench.replicas();
    assert_eq!((without.leader, &without.in_sync[..], &without.eligible[..]), (None, &[][..], &[last][..]));
    for (version, code) in [(1, ErrorCode::LEADER_NOT_AVAILABLE), (12, ErrorCode::LEADER_NOT_AVAILABLE)] {
        let told = bench.metadata(witness, version);
        let partition = &told.topics[0].partitions[0];
        assert_eq!((partition.error_code, partition.leader_id.0), (code.0, -1), "v{version}");
        assert_eq!(partition.replica_nodes.len(), 2);
        assert_eq!(partition.offline_replicas.len(), if version >= 5 { 2 } else { 0 });
    }
    bench.start(first);
    assert_eq!(bench.replicas().leader, None, "it lacks what the last leader wrote");
    bench.start(last);
    let after = bench.replicas();
    assert_eq!((after.leader, &after.eligible[..]), (Some(last), &[][..]));
    assert_eq!(after.leader_epoch.0, before.leader_epoch.0 + 3);
}

#[test]
fn a_replica_that_lacks_records_leads_where_the_topic_allows_it() {
    let mut bench = Bench::new();
    let topic = NewTopic::new("t").replication_factor(2).config("unclean.leader.election.enable", "true");
    bench.cluster.create_topic(&topic).unwrap();
    let before = bench.replicas();
    let [first, last] = before.replicas[..] else { panic!("{before:?}") };
    bench.stop(first);
    bench.stop(last);
    bench.start(first);
    let after = bench.replicas();
    assert_eq!((after.leader, after.in_sync), (Some(first), vec![first]));
}

#[test]
fn the_last_leader_leads_again_even_if_it_was_killed() {
    let (mut bench, before) = with_topic("1");
    let [first, second, last] = before.replicas[..] else { panic!("{before:?}") };
    bench.stop(first);
    bench.stop(second);
    bench.kill(last);
    assert_eq!(bench.replicas().leader, None);
    bench.start(last);
    assert_eq!(bench.replicas().leader, Some(last));
}

#[test]
fn who_leaves_while_too_few_are_in_sync_stays_eligible_unless_it_was_killed() {
    let (mut bench, before) = with_topic("2");
    let [first, second, last] = before.replicas[..] else { panic!("{before:?}") };
    bench.stop(first);
    assert_eq!(bench.replicas().eligible, [], "two are in sync, and as many must be");
    bench.stop(second);
    assert_eq!((bench.replicas().in_sync, bench.replicas().eligible), (vec![last], vec![second]));
    bench.stop(last);
    let mut both = vec![second, last];
    both.sort();
    assert_eq!((bench.replicas().leader, bench.replicas().eligible), (None, both));
    bench.start(second);
    assert_eq!((bench.replicas().leader, bench.replicas().in_sync), (Some(second), vec![second]));
    bench.start(last);
    bench.kill(last);
    assert_eq!(bench.replicas().eligible, [last]);
    bench.start(last);
    assert_eq!((bench.replicas().in_sync.len(), bench.replicas().eligible.len()), (2, 0));
}

#[test]
fn a_producer_that_wants_all_is_refused_while_too_few_are_in_sync() {
    let (mut bench, before) = with_topic("2");
    let [leader, first, second] = before.replicas[..] else { panic!("{before:?}") };
    let conn = bench.connect(leader.0);
    bench.cluster.shrink_isr(bench.now, "t", 0, first).unwrap();
    bench.stop(second);
    let request = produce::request("t", 0, batch(bench.now, &["a"])).with_acks(-1);
    let code = |bench: &mut Bench| bench.ask(conn, 9, &request).responses[0].partition_responses[0].error_code;
    assert_eq!(code(&mut bench), ErrorCode::NOT_ENOUGH_REPLICAS.0);
    bench.stop(first);
    bench.start(first);
    assert_eq!(code(&mut bench), ErrorCode::NOT_ENOUGH_REPLICAS.0, "a follower that is held back stays so");
    bench.cluster.expand_isr(bench.now, "t", 0, first).unwrap();
    assert_eq!(code(&mut bench), ErrorCode::NONE.0);
    let no_follower = bench.cluster.shrink_isr(bench.now, "t", 0, leader);
    assert_eq!(no_follower, Err(FollowerError::NoFollower(leader)));
}

#[test]
fn fenced_brokers_are_told_to_who_asks_for_them() {
    let mut bench = Bench::new();
    bench.stop(BrokerId(2));
    let conn = bench.connect(1);
    let told = |bench: &mut Bench, version, fenced| {
        let request = DescribeClusterRequest::default().with_endpoint_type(1).with_include_fenced_brokers(fenced);
        let answer = bench.ask(conn, version, &request);
        answer.brokers.iter().map(|broker| (broker.broker_id.0, broker.is_fenced)).collect::<Vec<_>>()
    };
    assert_eq!(told(&mut bench, 1, false), [(1, false), (3, false)]);
    assert_eq!(told(&mut bench, 2, false), [(1, false), (3, false)]);
    assert_eq!(told(&mut bench, 2, true), [(1, false), (2, true), (3, false)]);
    bench.cluster.unregister_broker(bench.now, BrokerId(2)).unwrap();
    assert_eq!(told(&mut bench, 2, true), [(1, false), (3, false)]);
}

#[test]
fn the_controller_is_another_broker_when_it_stops_or_is_moved() {
    let mut bench = Bench::new();
    assert_eq!(bench.cluster.controller(), BrokerId(1));
    bench.stop(BrokerId(1));
    assert_eq!(bench.metadata(BrokerId(2), 12).controller_id.0, 2);
    bench.cluster.move_controller(BrokerId(3)).unwrap();
    assert_eq!(bench.metadata(BrokerId(2), 12).controller_id.0, 3);
    assert_eq!(bench.cluster.move_controller(BrokerId(1)), Err(BrokerError::Down(BrokerId(1))));
}

#[test]
fn new_partitions_are_led_by_brokers_that_are_there() {
    let mut bench = Bench::new();
    bench.stop(BrokerId(2));
    for (name, factor) in [("a", 2), ("b", 3)] {
        bench.cluster.create_topic(&NewTopic::new(name).partitions(6).replication_factor(factor)).unwrap();
        for partition in 0..6 {
            let of = bench.cluster.replicas(name, partition).unwrap();
            assert_eq!(of.replicas.contains(&BrokerId(2)), factor == 3);
            assert!(of.leader.is_some_and(|leader| leader != BrokerId(2)));
            assert!(!of.in_sync.contains(&BrokerId(2)));
        }
    }
    bench.start(BrokerId(2));
    assert_eq!(bench.cluster.replicas("b", 0).unwrap().in_sync.len(), 3);
}

#[test]
fn version_0_of_metadata_leaves_out_replicas_that_are_not_there() {
    let (mut bench, before) = with_topic("1");
    let [leader, follower, _] = before.replicas[..] else { panic!("{before:?}") };
    bench.stop(follower);
    let told = bench.metadata(leader, 0);
    let partition = &told.topics[0].partitions[0];
    assert_eq!(partition.error_code, ErrorCode::REPLICA_NOT_AVAILABLE.0);
    assert_eq!((partition.leader_id.0, partition.replica_nodes.len()), (leader.0, 2));
}
