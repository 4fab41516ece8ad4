#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, SystemTime};

use ottla_wire::codec;
use ottla_wire::message::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::message::{self, MetadataRequest, MetadataResponse, StrBytes, TopicName, Uuid};
use proptest::prelude::*;

use super::*;
use crate::backoff::Backoff;
use crate::time::Now;

const NEWEST: i16 = 13;
const NONE: i32 = -1;

fn start() -> Now {
    Now { mono: Instant::now(), wall: SystemTime::UNIX_EPOCH }
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn broker(id: i32) -> MetadataResponseBroker {
    MetadataResponseBroker::default().with_node_id(message::BrokerId(id)).with_host(text("b")).with_port(9092 + id)
}

/// Index, leader, leader epoch.
fn topic(name: &str, id: u128, partitions: &[(i32, i32, i32)]) -> MetadataResponseTopic {
    let partition = |&(index, leader, epoch): &(i32, i32, i32)| {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(message::BrokerId(leader))
            .with_leader_epoch(epoch)
    };
    MetadataResponseTopic::default()
        .with_name(Some(TopicName(text(name))))
        .with_topic_id(Uuid::from_u128(id))
        .with_partitions(partitions.iter().map(partition).collect())
}

fn refused(name: &str, code: ErrorCode) -> MetadataResponseTopic {
    topic(name, 0, &[]).with_error_code(code.0)
}

fn answer(topics: Vec<MetadataResponseTopic>) -> MetadataResponse {
    MetadataResponse::default()
        .with_brokers(vec![broker(1), broker(2), broker(3)])
        .with_cluster_id(Some(text("cluster-a")))
        .with_controller_id(message::BrokerId(2))
        .with_topics(topics)
}

fn interested_in(topics: &[&str]) -> (Now, Cluster) {
    let now = start();
    let mut cluster = Cluster::new(now, Config::default());
    cluster.want(now, topics.iter().map(|name| Arc::from(*name)));
    (now, cluster)
}

fn merged(cluster: &mut Cluster, now: Now, version: i16, topics: Vec<MetadataResponseTopic>) -> Arc<Snapshot> {
    cluster.handle_response(now, version, &answer(topics), 0).unwrap()
}

/// Leader and leader epoch of each partition.
fn partitions(snapshot: &Snapshot, name: &str) -> Vec<(i32, i32)> {
    let shown = |partition: &Partition| (partition.leader.unwrap_or(BrokerId::NONE).0, partition.leader_epoch.0);
    snapshot.topic(name).unwrap().partitions.iter().map(shown).collect()
}

#[test]
fn an_older_leader_epoch_does_not_replace_a_newer_of_the_same_topic() {
    let (now, mut cluster) = interested_in(&["t"]);
    let mut see = |told: (i32, i32)| {
        let snapshot = merged(&mut cluster, now, NEWEST, vec![topic("t", 7, &[(0, told.0, told.1)])]);
        partitions(&snapshot, "t")
    };
    assert_eq!(see((1, 5)), [(1, 5)]);
    assert_eq!(see((2, 4)), [(1, 5)]);
    assert_eq!(see((NONE, 5)), [(NONE, 5)], "an equal one does");
    assert_eq!(see((3, 6)), [(3, 6)]);
}

#[test]
fn a_topic_that_was_created_again_replaces_the_old_one() {
    let (now, mut cluster) = interested_in(&["t"]);
    merged(&mut cluster, now, NEWEST, vec![topic("t", 7, &[(0, 1, 5), (1, 1, 5)])]);
    let snapshot = merged(&mut cluster, now, NEWEST, vec![topic("t", 8, &[(0, 2, 0)])]);
    assert_eq!(partitions(&snapshot, "t"), [(2, 0)]);
    assert!(snapshot.topic_of_id(Uuid::from_u128(7).into()).is_none());
}

#[test]
fn without_an_id_a_topic_is_known_by_its_name() {
    let (now, mut cluster) = interested_in(&["t"]);
    merged(&mut cluster, now, 9, vec![topic("t", 0, &[(0, 1, 5)])]);
    let snapshot = merged(&mut cluster, now, 9, vec![topic("t", 0, &[(0, 2, 4)])]);
    assert_eq!(partitions(&snapshot, "t"), [(1, 5)]);
}

#[test]
fn leader_epochs_before_version_9_do_not_count() {
    let (now, mut cluster) = interested_in(&["t"]);
    merged(&mut cluster, now, 8, vec![topic("t", 0, &[(0, 1, 5)])]);
    let snapshot = merged(&mut cluster, now, 8, vec![topic("t", 0, &[(0, 2, 4)])]);
    assert_eq!(partitions(&snapshot, "t"), [(2, -1)]);
}

#[test]
fn a_refusal_is_kept_with_its_time_and_does_not_make_an_older_epoch_newer() {
    let (now, mut cluster) = interested_in(&["t"]);
    merged(&mut cluster, now, NEWEST, vec![topic("t", 7, &[(0, 1, 5)])]);
    let later = Now { mono: now.mono + METADATA_MAX_AGE, ..now };
    let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let snapshot = merged(&mut cluster, later, NEWEST, vec![refused("t", code)]);
    assert!(snapshot.topic("t").is_none());
    match &snapshot.topics["t"] {
        TopicState::Refused { code: told, at } => assert_eq!((*told, *at), (code, later.mono)),
        known @ TopicState::Known(_) => panic!("{known:?}"),
    }
    let snapshot = merged(&mut cluster, later, NEWEST, vec![topic("t", 7, &[(0, 2, 4)])]);
    assert_eq!(partitions(&snapshot, "t"), [(1, 5)]);
}

#[test]
fn brokers_are_replaced_as_a_whole_and_a_controller_that_is_not_among_them_is_none() {
    let (now, mut cluster) = interested_in(&[]);
    let snapshot = merged(&mut cluster, now, NEWEST, vec![]);
    assert_eq!(snapshot.brokers.keys().map(|id| id.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(snapshot.controller, Some(BrokerId(2)));
    let moved = broker(3).with_host(text("elsewhere")).with_rack(Some(text("use1-az1")));
    let snapshot = cluster.handle_response(now, NEWEST, &answer(vec![]).with_brokers(vec![moved]), 0).unwrap();
    let expected = Broker { host: "elsewhere".into(), port: 9095, rack: Some("use1-az1".into()) };
    assert_eq!(snapshot.brokers, BTreeMap::from([(BrokerId(3), expected)]));
    assert_eq!(snapshot.controller, None);
}

#[test]
fn an_answer_that_cannot_be_believed_changes_nothing() {
    let (now, mut cluster) = interested_in(&["t"]);
    let before = merged(&mut cluster, now, NEWEST, vec![topic("t", 7, &[(0, 1, 5)])]);
    let index = |index| MetadataError::PartitionIndex { topic: "t".into(), index };
    let far = i32::try_from(1 + HOLES_MAX).unwrap();
    let rebootstrap = ErrorCode(129);
    let table = [
        (answer(vec![]).with_brokers(vec![]), MetadataError::NoBrokers),
        (
            answer(vec![]).with_cluster_id(Some(text("cluster-b"))),
            MetadataError::OtherCluster { expected: "cluster-a".into(), actual: "cluster-b".into() },
        ),
        (answer(vec![]).with_error_code(rebootstrap.0), MetadataError::Refused { code: rebootstrap }),
        (
            answer(vec![]).with_brokers(vec![broker(1).with_port(65_536)]),
            MetadataError::Port { broker: BrokerId(1), port: 65_536 },
        ),
        (answer(vec![topic("t", 7, &[(-1, 1, 5)])]), index(-1)),
        (answer(vec![topic("t", 8, &[(far, 1, 5)])]), index(far)),
        (answer(vec![topic("t", 8, &[(i32::MAX, 1, 5)])]), index(i32::MAX)),
    ];
    for (response, error) in table {
        assert_eq!(cluster.handle_response(now, NEWEST, &response, 0).unwrap_err(), error);
        assert!(Arc::ptr_eq(cluster.snapshot(), &before), "{error}");
    }
}

#[test]
fn a_partition_that_no_answer_has_told_of_has_no_leader() {
    let (now, mut cluster) = interested_in(&["t"]);
    let snapshot = merged(&mut cluster, now, NEWEST, vec![topic("t", 7, &[(2, 1, 5)])]);
    assert_eq!(partitions(&snapshot, "t"), [(NONE, -1), (NONE, -1), (1, 5)]);
}

#[test]
fn what_an_answer_leaves_out_stays_as_it_was() {
    let (now, mut cluster) = interested_in(&["t", "u"]);
    let both = vec![topic("t", 7, &[(0, 1, 1), (1, 2, 2), (2, 3, 3)]), topic("u", 8, &[(0, 1, 1)])];
    merged(&mut cluster, now, NEWEST, both);
    let snapshot = merged(&mut cluster, now, NEWEST, vec![topic("t", 7, &[(1, 3, 4)])]);
    assert_eq!(partitions(&snapshot, "t"), [(1, 1), (3, 4), (3, 3)]);
    assert_eq!(partitions(&snapshot, "u"), [(1, 1)]);
}

#[test]
fn a_topic_that_nobody_asked_about_is_not_kept() {
    let (now, mut cluster) = interested_in(&["t"]);
    let told = vec![topic("t", 7, &[(0, 1, 1)]), topic("other", 8, &[(0, 1, 1)])];
    let snapshot = merged(&mut cluster, now, NEWEST, told.clone());
    assert_eq!(snapshot.topics.keys().map(|name| &**name).collect::<Vec<_>>(), ["t"]);
    cluster.forget("t");
    assert!(merged(&mut cluster, now, NEWEST, told).topics.is_empty());
}

#[test]
fn a_request_names_the_topics_of_interest_and_creates_none_in_every_version_that_can_say_so() {
    let (now, mut cluster) = interested_in(&["t", "u"]);
    let request = cluster.poll_request(now).unwrap();
    for version in 4..=NEWEST {
        let body = codec::encode_request(version, &request).unwrap();
        let read: MetadataRequest = codec::decode_request(version, body).unwrap();
        let names = read.topics.unwrap().into_iter().map(|topic| topic.name.unwrap().to_string());
        assert_eq!(names.collect::<Vec<_>>(), ["t", "u"], "v{version}");
        assert!(!read.allow_auto_topic_creation, "v{version}");
    }
}

#[test]
fn one_request_is_under_way_at_a_time_and_the_next_is_due_at_the_age() {
    let (now, mut cluster) = interested_in(&["t"]);
    assert_eq!(cluster.poll_timeout(), Some(now.mono));
    assert!(cluster.poll_request(now).is_some());
    cluster.refresh(now);
    assert!(cluster.poll_request(now).is_none());
    assert_eq!(cluster.poll_timeout(), None);
    merged(&mut cluster, now, NEWEST, vec![topic("t", 7, &[(0, 1, 1)])]);
    assert_eq!(cluster.poll_timeout(), Some(now.mono + METADATA_MAX_AGE));
    cluster.refresh(now);
    assert_eq!(cluster.poll_timeout(), Some(now.mono + REFRESH_INTERVAL_MIN));
    cluster.want(now, ["t".into()]);
    assert_eq!(cluster.poll_timeout(), Some(now.mono + REFRESH_INTERVAL_MIN), "it was of interest before");
    cluster.want(now, ["u".into()]);
    assert_eq!(cluster.poll_timeout(), Some(now.mono), "it is new, and somebody waits for it");
}

#[test]
fn a_topic_that_nobody_uses_is_asked_for_no_longer_and_one_that_is_used_is() {
    let (now, mut cluster) = interested_in(&["deleted", "used"]);
    let gone = || vec![refused("deleted", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION), topic("used", 7, &[(0, 1, 1)])];
    let at = |after| Now { mono: now.mono + after, wall: now.wall + after };
    merged(&mut cluster, now, NEWEST, gone());
    let asked = |now, cluster: &mut Cluster| {
        let names = cluster.poll_request(now).unwrap().topics.unwrap().into_iter();
        names.map(|topic| topic.name.unwrap().to_string()).collect::<Vec<_>>()
    };
    let before = at(TOPIC_IDLE_MAX - Duration::from_nanos(1));
    cluster.want(before, ["used".into()]);
    assert_eq!(asked(before, &mut cluster), ["deleted", "used"]);
    merged(&mut cluster, before, NEWEST, gone());
    let later = at(TOPIC_IDLE_MAX + Duration::from_secs(1));
    assert_eq!(asked(later, &mut cluster), ["used"]);
    let snapshot = merged(&mut cluster, later, NEWEST, vec![topic("used", 7, &[(0, 1, 1)])]);
    assert_eq!(snapshot.topics.len(), 1);
    assert_eq!(cluster.poll_timeout(), Some(later.mono + METADATA_MAX_AGE), "all is known of what is used");
}

#[test]
fn an_incomplete_answer_is_asked_for_again_and_a_final_refusal_is_not() {
    let longest = u64::MAX;
    let again = |topics: Vec<MetadataResponseTopic>| {
        let (now, mut cluster) = interested_in(&["t"]);
        cluster.handle_response(now, NEWEST, &answer(topics), longest).unwrap();
        let wait = cluster.poll_timeout().unwrap() - now.mono;
        assert!(wait <= Backoff::METADATA.initial || wait == METADATA_MAX_AGE, "{wait:?}");
        wait < METADATA_MAX_AGE
    };
    assert!(again(vec![refused("t", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)]));
    assert!(again(vec![topic("t", 7, &[(0, NONE, 5)])]), "no leader");
    assert!(again(vec![topic("t", 7, &[(0, 9, 5)])]), "a leader that is not there");
    assert!(!again(vec![refused("t", ErrorCode::TOPIC_AUTHORIZATION_FAILED)]));
    assert!(!again(vec![topic("t", 7, &[(0, 1, 5)])]));
}

#[test]
fn failures_in_a_row_wait_longer_and_one_good_answer_ends_the_row() {
    let (now, mut cluster) = interested_in(&[]);
    let mut waits = Vec::new();
    for _ in 0..6 {
        cluster.handle_failure(now, 0);
        waits.push((cluster.poll_timeout().unwrap() - now.mono).as_millis());
    }
    assert_eq!(waits, [50, 100, 200, 400, 500, 500]);
    merged(&mut cluster, now, NEWEST, vec![]);
    cluster.handle_failure(now, 0);
    assert_eq!(cluster.poll_timeout(), Some(now.mono + Backoff::METADATA.initial / 2));
}

#[test]
fn every_version_of_the_answer_that_can_be_coded_is_merged() {
    let (now, mut cluster) = interested_in(&["t"]);
    for version in 0..=NEWEST {
        let mut told = answer(vec![topic("t", if version >= 10 { 7 } else { 0 }, &[(0, 1, 3)])]);
        told.cluster_id = told.cluster_id.filter(|_| version >= 2);
        let body = codec::encode_response::<MetadataRequest>(version, &told).unwrap();
        let read = codec::decode_response::<MetadataRequest>(version, body).unwrap();
        let snapshot = cluster.handle_response(now, version, &read, 0).unwrap();
        let epoch = if version >= 9 { 3 } else { -1 };
        assert_eq!(partitions(&snapshot, "t"), [(1, epoch)], "v{version}");
        assert_eq!(snapshot.controller.is_some(), version >= 1, "v{version}");
    }
    assert_eq!(cluster.snapshot().cluster_id.as_deref(), Some("cluster-a"));
}

/// What a broker may say of topic `t`: an error, or an id and its partitions.
#[derive(Clone, Debug)]
enum Told {
    Refused,
    Of { id: u128, partitions: Vec<(i32, i32, i32)> },
}

fn told() -> impl Strategy<Value = Told> {
    let partitions = prop::collection::vec((0..4_i32, -1..4_i32, 0..6_i32), 0..5);
    prop_oneof![1 => Just(Told::Refused), 6 => (1..3_u128, partitions).prop_map(|(id, partitions)| Told::Of { id, partitions })]
}

proptest! {
    #[test]
    fn the_epoch_of_a_partition_never_goes_back_while_the_topic_is_the_same(answers in prop::collection::vec(told(), 1..30)) {
        let (now, mut cluster) = interested_in(&["t"]);
        let mut last: Option<Arc<Topic>> = None;
        for told in answers {
            let told = match told {
                Told::Refused => refused("t", ErrorCode::LEADER_NOT_AVAILABLE),
                Told::Of { id, partitions } => topic("t", id, &partitions),
            };
            let snapshot = merged(&mut cluster, now, NEWEST, vec![told]);
            let Some(now_known) = snapshot.topic("t") else { continue };
            if let Some(last) = last.filter(|last| last.id == now_known.id) {
                prop_assert!(now_known.partitions.len() >= last.partitions.len());
                for (old, new) in last.partitions.iter().zip(&now_known.partitions) {
                    prop_assert!(old.leader_epoch <= new.leader_epoch, "{old:?} became {new:?}");
                    prop_assert!(old.leader_epoch != new.leader_epoch || old.leader_epoch.0 >= 0 || new.leader.is_none());
                }
            }
            last = Some(now_known.clone());
        }
    }
}
