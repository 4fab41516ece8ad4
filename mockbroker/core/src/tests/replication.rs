//! Followers that do not fetch, and what that is to producers and consumers.

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_configs_request::{AlterConfigsResource, AlterableConfig};
use ottla_wire::message::fetch_response::PartitionData;
use ottla_wire::message::produce_response::PartitionProduceResponse;
use ottla_wire::message::{
    AlterConfigsRequest, DescribeLogDirsRequest, FetchRequest, ProduceRequest, describe_log_dirs_request,
};

use super::*;

/// `replica.lag.time.max.ms`.
const LAG: Duration = Duration::from_secs(30);

const TIMEOUT: Duration = Duration::from_secs(100);

const SESSION: Duration = Duration::from_secs(9);

const LATEST: i64 = -1;

/// A cluster of three brokers with a topic `t` on all of them, whose leader and followers these are.
struct Lag {
    bench: Bench,
    leader: BrokerId,
    followers: [BrokerId; 2],
    conn: ConnId,
}

impl Lag {
    fn new() -> Self {
        Self::of(Bench::new(), NewTopic::new("t"))
    }

    fn of(mut bench: Bench, topic: NewTopic) -> Self {
        bench.cluster.create_topic(&topic).unwrap();
        let replicas = bench.cluster.replicas("t", 0).unwrap().replicas;
        let [leader, first, second] = replicas[..] else { panic!("{replicas:?}") };
        let conn = bench.connect(leader.0);
        Self { bench, leader, followers: [first, second], conn }
    }

    fn hold(&mut self) {
        self.bench.cluster.hold_replication(self.bench.now, self.followers[0]).unwrap();
    }

    fn release(&mut self) {
        self.bench.cluster.release_replication(self.bench.now, self.followers[0]).unwrap();
    }

    fn produce(&self, acks: i16, value: &str) -> ProduceRequest {
        let timeout_ms = i32::try_from(TIMEOUT.as_millis()).unwrap();
        produce::request("t", 0, batch(self.bench.now, &[value])).with_acks(acks).with_timeout_ms(timeout_ms)
    }

    /// Appends a record that nobody but the leader must have.
    fn append(&mut self, value: &str) {
        let request = self.produce(1, value);
        assert_eq!(self.bench.ask(self.conn, 9, &request).responses[0].partition_responses[0].error_code, 0);
    }

    /// Sends a record that all must have, and asserts that it waits.
    fn send(&mut self) -> i32 {
        let request = self.produce(-1, "waits");
        let sent = self.bench.send(self.conn, 10, &request);
        self.bench.is_silent();
        sent
    }

    fn acknowledged(&mut self, sent: i32) -> PartitionProduceResponse {
        let mut answer = self.bench.answer::<ProduceRequest>(self.conn, 10, sent);
        answer.responses.remove(0).partition_responses.remove(0)
    }

    fn fetch(&mut self, broker: BrokerId, offset: i64) -> PartitionData {
        let conn = self.bench.connect(broker.0);
        let mut answer = self.bench.ask(conn, 12, &fetch::request("t", 0, offset));
        self.bench.cluster.close(conn, self.bench.now);
        answer.responses.remove(0).partitions.remove(0)
    }

    fn replicas(&self) -> Replicas {
        self.bench.cluster.replicas("t", 0).unwrap()
    }

    /// The high watermark and the end of the log.
    fn offsets(&self) -> (i64, i64) {
        let topics = self.bench.cluster.topics();
        let partition = &topics[0].partitions[0];
        (partition.high_watermark, partition.end_offset)
    }
}

#[test]
fn a_producer_that_wants_all_waits_until_the_follower_that_is_held_has_the_record() {
    let mut lag = Lag::new();
    lag.hold();
    let sent = lag.send();
    assert_eq!(lag.offsets(), (0, 1));
    lag.release();
    let of = lag.acknowledged(sent);
    assert_eq!((of.error_code, of.base_offset, of.log_start_offset), (0, 0, 0));
    assert_eq!(lag.offsets(), (1, 1));
    assert_eq!(lag.replicas().in_sync.len(), 3);
}

#[test]
fn a_producer_that_wants_the_leader_alone_waits_for_nobody() {
    let mut lag = Lag::new();
    lag.hold();
    lag.append("a");
    assert_eq!(lag.offsets(), (0, 1));
}

#[test]
fn a_record_that_waits_for_too_long_is_told_so_and_stays() {
    let mut lag = Lag::new();
    for follower in lag.followers {
        lag.bench.cluster.hold_follower(lag.bench.now, "t", 0, follower).unwrap();
    }
    let request = lag.produce(-1, "a").with_timeout_ms(500);
    let sent = lag.bench.send(lag.conn, 10, &request);
    lag.bench.advance(Duration::from_millis(499));
    lag.bench.is_silent();
    lag.bench.advance(Duration::from_millis(1));
    let of = lag.acknowledged(sent);
    assert_eq!((of.error_code, of.base_offset), (ErrorCode::REQUEST_TIMED_OUT.0, 0));
    let at_once = lag.produce(-1, "b").with_timeout_ms(0);
    let of = lag.bench.ask(lag.conn, 10, &at_once).responses.remove(0).partition_responses.remove(0);
    assert_eq!((of.error_code, of.base_offset), (ErrorCode::REQUEST_TIMED_OUT.0, 1));
    assert_eq!(lag.offsets(), (0, 2));
}

#[test]
fn what_comes_after_a_record_that_waits_is_read_when_that_is_answered() {
    let mut lag = Lag::new();
    lag.hold();
    let first = lag.send();
    let second = lag.send();
    lag.release();
    assert_eq!(lag.acknowledged(first).base_offset, 0);
    assert_eq!(lag.acknowledged(second).base_offset, 1);
}

#[test]
fn consumers_see_nothing_above_the_high_watermark() {
    let mut lag = Lag::new();
    lag.append("seen");
    lag.hold();
    lag.append("hidden");
    let of = lag.fetch(lag.leader, 0);
    assert_eq!((fetch::read(&of), of.high_watermark, of.last_stable_offset), ((vec![0], 0), 1, 1));
    let of = lag.fetch(lag.leader, 1);
    assert_eq!((of.error_code, fetch::read(&of)), (0, (vec![], 0)));
    assert_eq!(lag.fetch(lag.leader, 3).error_code, ErrorCode::OFFSET_OUT_OF_RANGE.0);
    let (conn, now) = (lag.conn, lag.bench.now.millis());
    assert_eq!(offsets::at(&mut lag.bench, conn, 7, LATEST).offset, 1);
    assert_eq!(offsets::at(&mut lag.bench, conn, 7, now).offset, 0);
    let waiting = fetch::request("t", 0, 1).with_min_bytes(1).with_max_wait_ms(500);
    let sent = lag.bench.send(conn, 12, &waiting);
    lag.bench.is_silent();
    lag.release();
    let answer = lag.bench.answer::<FetchRequest>(conn, 12, sent);
    assert_eq!(fetch::read(&answer.responses[0].partitions[0]).0, [1]);
}

#[test]
fn a_follower_answers_as_far_as_it_is() {
    let mut lag = Lag::new();
    lag.append("a");
    lag.hold();
    lag.append("b");
    lag.bench.advance(LAG);
    assert_eq!(lag.offsets(), (2, 2));
    let [held, other] = lag.followers;
    let of = lag.fetch(held, 0);
    assert_eq!((fetch::read(&of), of.high_watermark), ((vec![0], 0), 1));
    assert_eq!(lag.fetch(held, 1).error_code, 0);
    assert_eq!(lag.fetch(held, 2).error_code, ErrorCode::OFFSET_OUT_OF_RANGE.0);
    assert_eq!(fetch::read(&lag.fetch(other, 0)).0, [0, 1]);
    let conn = lag.bench.connect(held.0);
    let topic = describe_log_dirs_request::DescribableLogDirTopic::default().with_topic(name("t"));
    let request = DescribeLogDirsRequest::default().with_topics(Some(vec![topic.with_partitions(vec![0])]));
    let told = lag.bench.ask(conn, 4, &request).results.remove(0).topics.remove(0).partitions.remove(0);
    let size = lag.bench.cluster.records("t", 0).unwrap()[0].size_bytes();
    assert_eq!((told.partition_size, told.offset_lag), (i64::try_from(size).unwrap(), 0), "by what it knows itself");
    lag.release();
    assert_eq!(fetch::read(&lag.fetch(held, 0)).0, [0, 1]);
}

#[test]
fn a_follower_that_lags_for_too_long_is_in_sync_no_more_and_the_others_go_on() {
    let mut lag = Lag::new();
    lag.hold();
    let before = lag.replicas();
    lag.bench.advance(LAG * 2);
    assert_eq!(lag.replicas(), before, "it lacks nothing");
    let sent = lag.send();
    assert_eq!(lag.bench.cluster.poll_timeout(), Some(lag.bench.now.mono + LAG));
    lag.bench.advance(LAG - Duration::from_millis(1));
    lag.bench.is_silent();
    lag.bench.advance(Duration::from_millis(1));
    assert_eq!(lag.acknowledged(sent).error_code, 0);
    let after = lag.replicas();
    assert_eq!((after.leader, after.leader_epoch), (before.leader, before.leader_epoch));
    assert_eq!(after.partition_epoch, before.partition_epoch + 1);
    let mut in_sync = [lag.leader, lag.followers[1]];
    in_sync.sort();
    assert_eq!(after.in_sync, in_sync);
    lag.release();
    let after = lag.replicas();
    assert_eq!((after.in_sync.len(), after.partition_epoch), (3, before.partition_epoch + 2));
}

#[test]
fn replicas_that_join_stand_where_the_leader_tells_them() {
    let mut lag = Lag::new();
    lag.bench.cluster.move_leader(lag.bench.now, "t", 0, BrokerId(3)).unwrap();
    for follower in [1, 2].map(BrokerId) {
        lag.bench.cluster.shrink_isr(lag.bench.now, "t", 0, follower).unwrap();
    }
    for follower in [2, 1].map(BrokerId) {
        lag.bench.cluster.expand_isr(lag.bench.now, "t", 0, follower).unwrap();
    }
    assert_eq!(lag.replicas().in_sync, [1, 2, 3].map(BrokerId));
}

#[test]
fn the_high_watermark_stays_while_too_few_are_in_sync() {
    let mut lag = Lag::of(Bench::new(), NewTopic::new("t").config("min.insync.replicas", "3"));
    lag.hold();
    let sent = lag.send();
    lag.bench.advance(LAG);
    lag.bench.is_silent();
    assert_eq!((lag.replicas().in_sync.len(), lag.offsets()), (2, (0, 1)));
    lag.bench.advance(TIMEOUT - LAG);
    assert_eq!(lag.acknowledged(sent).error_code, ErrorCode::REQUEST_TIMED_OUT.0);
    let refused = lag.produce(-1, "refused");
    let of = lag.bench.ask(lag.conn, 10, &refused).responses.remove(0).partition_responses.remove(0);
    assert_eq!((of.error_code, of.log_start_offset), (ErrorCode::NOT_ENOUGH_REPLICAS.0, 0), "the log was looked at");
    let other = lag.bench.connect(lag.followers[1].0);
    let resource = AlterConfigsResource::default().with_resource_type(2).with_resource_name("t".into());
    let config = AlterableConfig::default().with_name("min.insync.replicas".into()).with_value(Some("2".into()));
    let alter = AlterConfigsRequest::default().with_resources(vec![resource.with_configs(vec![config])]);
    assert_eq!(lag.bench.ask(other, 2, &alter).responses[0].error_code, 0);
    assert_eq!(lag.offsets(), (1, 1), "two are enough now");
}

#[test]
fn before_kafka_3_7_the_high_watermark_goes_on_and_the_producer_hears_that_too_few_had_the_record() {
    let config = ClusterConfig { kafka_version: "3.6".to_owned(), ..Default::default() };
    let mut lag = Lag::of(Bench::of(config), NewTopic::new("t").config("min.insync.replicas", "3"));
    lag.hold();
    let request = lag.produce(-1, "a");
    let sent = lag.bench.send(lag.conn, 9, &request);
    lag.bench.advance(LAG);
    let answer = lag.bench.answer::<ProduceRequest>(lag.conn, 9, sent);
    let of = &answer.responses[0].partition_responses[0];
    assert_eq!((of.error_code, of.base_offset), (ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND.0, 0));
    assert_eq!(lag.offsets(), (1, 1));
}

#[test]
fn a_leader_that_is_killed_takes_with_it_what_its_followers_lack() {
    let mut lag = Lag::new();
    lag.append("kept");
    for follower in lag.followers {
        lag.bench.cluster.hold_replication(lag.bench.now, follower).unwrap();
    }
    lag.append("lost");
    lag.bench.cluster.kill_broker(lag.bench.now, lag.leader).unwrap();
    assert_eq!(lag.bench.cluster.poll_output(), Some(Output { conn: lag.conn, action: Action::Abort }));
    lag.bench.advance(SESSION);
    let after = lag.replicas();
    assert_eq!(after.leader, Some(lag.followers[0]), "it is in sync");
    assert_eq!(lag.bench.cluster.records("t", 0).unwrap().len(), 1);
    assert_eq!(lag.offsets(), (1, 1));
    lag.bench.cluster.start_broker(lag.bench.now, lag.leader).unwrap();
    assert_eq!((lag.replicas().leader, lag.offsets()), (Some(lag.followers[0]), (1, 1)));
    let mut diverged = fetch::request("t", 0, 2);
    diverged.topics[0].partitions[0].last_fetched_epoch = 0;
    let conn = lag.bench.connect(lag.followers[0].0);
    let of = lag.bench.ask(conn, 12, &diverged).responses.remove(0).partitions.remove(0);
    assert_eq!((of.diverging_epoch.epoch, of.diverging_epoch.end_offset), (0, 1));
}

#[test]
fn who_is_made_the_leader_uncleanly_has_what_it_had_when_it_stopped() {
    let topic = NewTopic::new("t").config("unclean.leader.election.enable", "true");
    let mut lag = Lag::of(Bench::new(), topic);
    let bytes = |lag: &Lag| lag.bench.cluster.topics()[0].partitions[0].size_bytes;
    lag.append("a");
    let before = bytes(&lag);
    let [first, second] = lag.followers;
    lag.bench.cluster.stop_broker(lag.bench.now, second).unwrap();
    lag.append("b");
    lag.bench.cluster.shrink_isr(lag.bench.now, "t", 0, first).unwrap();
    lag.append("c");
    lag.bench.cluster.stop_broker(lag.bench.now, lag.leader).unwrap();
    assert_eq!((lag.replicas().leader, lag.offsets()), (Some(first), (2, 2)));
    lag.bench.cluster.stop_broker(lag.bench.now, first).unwrap();
    lag.bench.cluster.start_broker(lag.bench.now, second).unwrap();
    assert_eq!((lag.replicas().leader, lag.offsets()), (Some(second), (1, 1)));
    assert_eq!(bytes(&lag), before);
}

#[test]
fn a_leader_that_moves_ends_the_wait_with_where_the_next_one_is() {
    let mut lag = Lag::new();
    lag.hold();
    let sent = lag.send();
    let next = lag.followers[1];
    lag.bench.cluster.move_leader(lag.bench.now, "t", 0, next).unwrap();
    let answer = lag.bench.answer::<ProduceRequest>(lag.conn, 10, sent);
    let of = &answer.responses[0].partition_responses[0];
    assert_eq!(of.error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER.0);
    assert_eq!((of.current_leader.leader_id.0, of.current_leader.leader_epoch), (next.0, 1));
    assert_eq!(answer.node_endpoints.iter().map(|node| node.node_id.0).collect::<Vec<_>>(), [next.0]);
}

#[test]
fn a_topic_that_is_deleted_ends_the_wait() {
    let mut lag = Lag::new();
    lag.hold();
    let sent = lag.send();
    lag.bench.cluster.delete_topic(lag.bench.now, "t").unwrap();
    assert_eq!(lag.acknowledged(sent).error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
}

#[test]
fn a_partition_whose_wait_was_over_is_acknowledged_whatever_became_of_it_while_others_waited() {
    let mut bench = Bench::new();
    let topic = NewTopic::new("t").partitions(9).replication_factor(2);
    bench.cluster.create_topic(&topic).unwrap();
    let of = |bench: &Bench, partition| bench.cluster.replicas("t", partition).unwrap().replicas;
    let first = of(&bench, 0);
    let second = (1..9).find(|index| of(&bench, *index)[0] == first[0]).unwrap();
    for index in [0, second] {
        let follower = of(&bench, index)[1];
        bench.cluster.hold_follower(bench.now, "t", index, follower).unwrap();
    }
    let conn = bench.connect(first[0].0);
    let mut request = produce::request("t", 0, batch(bench.now, &["a"])).with_timeout_ms(1000);
    let other = produce::request("t", second, batch(bench.now, &["a"])).topic_data.remove(0).partition_data.remove(0);
    request.topic_data[0].partition_data.push(other);
    let sent = bench.send(conn, 9, &request);
    bench.cluster.expand_isr(bench.now, "t", 0, first[1]).unwrap();
    bench.is_silent();
    bench.cluster.move_leader(bench.now, "t", 0, first[1]).unwrap();
    let follower = of(&bench, second)[1];
    bench.cluster.shrink_isr(bench.now, "t", second, follower).unwrap();
    let answer = bench.answer::<ProduceRequest>(conn, 9, sent);
    let codes: Vec<i16> = answer.responses[0].partition_responses.iter().map(|of| of.error_code).collect();
    assert_eq!(codes, [0, 0]);
}

#[test]
fn a_batch_that_comes_again_waits_as_the_first_time() {
    let mut lag = Lag::new();
    lag.hold();
    let stamp = ProducerStamp { producer_id: 7, producer_epoch: 0, base_sequence: 0, ..ProducerStamp::NONE };
    let request =
        produce::request("t", 0, batch_at(lag.bench.now.millis(), &["a", "b"], stamp)).with_timeout_ms(90_000);
    let (first, again) = (lag.conn, lag.bench.connect(lag.leader.0));
    let sent = [first, again].map(|conn| (conn, lag.bench.send(conn, 9, &request)));
    lag.bench.is_silent();
    assert_eq!(lag.offsets(), (0, 2));
    lag.release();
    for (conn, sent) in sent {
        let answer = lag.bench.answer::<ProduceRequest>(conn, 9, sent);
        let of = &answer.responses[0].partition_responses[0];
        assert_eq!((of.error_code, of.base_offset), (0, 0));
    }
}

#[test]
fn a_follower_that_is_killed_or_hangs_is_waited_for_until_its_session_ends() {
    for kills in [true, false] {
        let mut lag = Lag::new();
        let follower = lag.followers[0];
        match kills {
            true => lag.bench.cluster.kill_broker(lag.bench.now, follower).unwrap(),
            false => lag.bench.cluster.pause_broker(lag.bench.now, follower).unwrap(),
        }
        let sent = lag.send();
        lag.bench.advance(SESSION);
        assert_eq!(lag.acknowledged(sent).error_code, 0);
        assert_eq!(lag.replicas().in_sync, [lag.leader, lag.followers[1]]);
    }
}

#[test]
fn a_new_leader_says_no_end_while_it_does_not_know_what_is_committed() {
    let mut lag = Lag::new();
    lag.append("a");
    lag.hold();
    lag.append("b");
    let next = lag.followers[1];
    lag.bench.cluster.move_leader(lag.bench.now, "t", 0, next).unwrap();
    assert_eq!(lag.offsets(), (1, 2));
    let conn = lag.bench.connect(next.0);
    for (version, code) in [(4, ErrorCode::LEADER_NOT_AVAILABLE), (5, ErrorCode::OFFSET_NOT_AVAILABLE)] {
        assert_eq!(offsets::at(&mut lag.bench, conn, version, LATEST).error_code, code.0);
        assert_eq!(offsets::at(&mut lag.bench, conn, version, i64::MAX).error_code, code.0);
        assert_eq!(offsets::at(&mut lag.bench, conn, version, 0).offset, 0);
    }
    lag.release();
    assert_eq!(offsets::at(&mut lag.bench, conn, 5, LATEST).offset, 2);
}

#[test]
fn a_topic_that_is_made_while_a_broker_is_held_has_it_in_sync_until_it_lags() {
    let mut bench = Bench::new();
    bench.cluster.hold_replication(bench.now, BrokerId(2)).unwrap();
    let lag = Lag::of(bench, NewTopic::new("t"));
    assert_eq!(lag.replicas().in_sync.len(), 3);
    let Lag { mut bench, .. } = lag;
    let leads = bench.cluster.leader("t", 0).unwrap() == BrokerId(2);
    bench.cluster.produce(bench.now, "t", 0, &[crate::NewRecord::new("a")]).unwrap();
    assert_eq!(bench.cluster.topics()[0].partitions[0].high_watermark, i64::from(leads));
    bench.advance(LAG);
    assert_eq!(bench.cluster.topics()[0].partitions[0].high_watermark, 1);
}

#[test]
fn a_broker_that_is_not_there_cannot_be_held() {
    let mut bench = Bench::new();
    let unknown = BrokerId(9);
    assert_eq!(bench.cluster.hold_replication(bench.now, unknown), Err(UnknownBroker(unknown)));
    assert_eq!(bench.cluster.release_replication(bench.now, unknown), Err(UnknownBroker(unknown)));
}

#[test]
fn retention_keeps_what_is_not_committed() {
    let topic = NewTopic::new("t").config("retention.bytes", "0").config("segment.bytes", "1048576");
    let mut lag = Lag::of(Bench::new(), topic);
    lag.hold();
    lag.append("a");
    lag.bench.cluster.look_after_logs(lag.bench.now);
    assert_eq!(lag.offsets(), (0, 1));
    assert_eq!(lag.bench.cluster.records("t", 0).unwrap().len(), 1);
    lag.release();
    lag.bench.cluster.look_after_logs(lag.bench.now);
    assert_eq!(lag.bench.cluster.records("t", 0).unwrap().len(), 0);
}
