//! Bytes that no client sends.

use ottla_wire::message::{FetchRequest, MetadataRequest, ProduceRequest};
use proptest::prelude::*;

use super::*;

/// A valid body of each kind, to be spoilt.
fn bodies(now: Now) -> Vec<(i16, i16, Bytes)> {
    let records = batch(now, &["a", "b"]);
    let body = |request: &ProduceRequest, version| (0, version, encode_request(version, request).unwrap());
    let produce = produce::request("t", 0, records);
    let fetch = encode_request::<FetchRequest>(12, &fetch::request("t", 0, 0)).unwrap();
    let metadata = MetadataRequest::default().with_topics(Some(vec![topics::by_name("t")]));
    vec![
        body(&produce, 3),
        body(&produce, 9),
        (1, 12, fetch),
        (3, 12, encode_request(12, &metadata).unwrap()),
        (3, 1, encode_request(1, &metadata).unwrap()),
    ]
}

fn bench() -> (Bench, [ConnId; 2]) {
    let mut bench = Bench::of(never_idle());
    bench.topic("t", 1);
    let open = bench.connect_to_leader("t", 0);
    let guarded = bench.connect_iam(1);
    (bench, [open, guarded])
}

/// Lets the cluster take a frame, and shows that it still answers others.
fn survives(bench: &mut Bench, conn: ConnId, frame: Bytes) {
    bench.cluster.handle_frame(conn, bench.now, frame);
    bench.advance(Duration::from_secs(3600 * 24 * 365));
    while bench.cluster.poll_output().is_some() {}
    let other = bench.connect(1);
    bench.ask(other, 0, &message::ApiVersionsRequest::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (mut bench, conns) = bench();
        for conn in conns {
            survives(&mut bench, conn, Bytes::from(bytes.clone()));
        }
    }

    #[test]
    fn a_random_body_of_any_api_and_version_never_panics(
        api in 0..ApiKey::ALL.len(),
        version in 0_i16..19,
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let (mut bench, conns) = bench();
        for conn in conns {
            survives(&mut bench, conn, raw_frame(ApiKey::ALL[api].key(), version, 1, &bytes));
        }
    }

    #[test]
    fn a_spoilt_byte_in_a_good_request_never_panics(which in 0_usize..5, at in 0_usize..200, byte in any::<u8>()) {
        let (mut bench, [conn, _]) = bench();
        let (api, version, body) = bodies(bench.now).swap_remove(which);
        let mut body = body.to_vec();
        let at = at % body.len();
        body[at] = byte;
        survives(&mut bench, conn, raw_frame(api, version, 1, &body));
    }
}

#[test]
fn every_cut_of_a_good_request_is_answered_or_closed_and_never_a_panic() {
    let (mut bench, _) = bench();
    for (api, version, body) in bodies(bench.now) {
        for end in 0..body.len() {
            let conn = bench.connect(1);
            survives(&mut bench, conn, raw_frame(api, version, 1, &body[..end]));
        }
    }
}

#[test]
fn numbers_at_their_ends_are_numbers() {
    let (mut bench, [conn, _]) = bench();
    for number in [i32::MIN, -1, 0, i32::MAX] {
        let mut request = fetch::request("t", number, i64::from(number)).with_min_bytes(number).with_max_bytes(number);
        request.topics[0].partitions[0].partition_max_bytes = number;
        request.topics[0].partitions[0].current_leader_epoch = number;
        bench.send(conn, 12, &request.with_max_wait_ms(number));
        bench.advance(Duration::from_secs(3600 * 24 * 365));
        assert!(bench.cluster.poll_output().is_some());
        bench.is_silent();
    }
}
