//! Connections on which nothing moves: `connections.max.idle.ms`.

use super::*;

const MAX: Duration = Duration::from_secs(600);
const STEP: Duration = Duration::from_millis(1);

fn metadata() -> message::MetadataRequest {
    message::MetadataRequest::default().with_topics(Some(vec![]))
}

fn with_properties(of: &[(&str, &str)]) -> ClusterConfig {
    let properties = of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ClusterConfig { properties, ..Default::default() }
}

#[test]
fn a_connection_on_which_nothing_moves_is_closed_and_one_that_is_used_is_not() {
    let mut bench = Bench::new();
    let idle = bench.connect(1);
    let used = bench.connect(1);
    bench.advance(MAX - STEP);
    bench.ask(used, 1, &metadata());
    bench.is_silent();
    bench.advance(STEP);
    assert_eq!(bench.closed(idle), Closed::Idle(MAX));
    bench.advance(MAX - STEP - STEP);
    bench.is_silent();
    assert_eq!(bench.cluster.poll_timeout(), Some(bench.now.mono + STEP));
    bench.advance(STEP);
    assert_eq!(bench.closed(used), Closed::Idle(MAX));
    assert_eq!(bench.cluster.poll_timeout(), None);
}

#[test]
fn each_connection_is_closed_at_its_own_time_whatever_order_they_moved_in() {
    let mut bench = Bench::new();
    let conns: Vec<ConnId> = (0..4).map(|_| bench.connect(1)).collect();
    let start = bench.now.mono;
    for (conn, after) in [(3, 1), (0, 2), (2, 3), (1, 4)] {
        bench.now.mono = start + Duration::from_secs(after);
        bench.cluster.handle_movement(conns[conn], bench.now);
    }
    let mut closed = Vec::new();
    while let Some(next) = bench.cluster.poll_timeout() {
        bench.now.mono = next;
        bench.cluster.handle_timeout(bench.now);
        while let Some(output) = bench.cluster.poll_output() {
            closed.push((output.conn, next - start));
        }
    }
    let at = |after| MAX + Duration::from_secs(after);
    assert_eq!(closed, [(conns[3], at(1)), (conns[0], at(2)), (conns[2], at(3)), (conns[1], at(4))]);
}

#[test]
fn a_wake_up_looks_at_what_is_due_and_not_at_every_connection() {
    let mut bench = Bench::new();
    let conns: Vec<ConnId> = (0..1000).map(|_| bench.connect(1)).collect();
    bench.advance(STEP);
    for conn in &conns[1..] {
        bench.cluster.handle_movement(*conn, bench.now);
    }
    // The first is closed, and each of the others is looked up once, when its old time has come; then nobody is for the rest.
    bench.advance(MAX - STEP);
    assert_eq!(bench.closed(conns[0]), Closed::Idle(MAX));
    assert_eq!(bench.cluster.poll_timeout(), Some(bench.now.mono + STEP));
    for conn in conns {
        bench.cluster.close(conn, bench.now);
    }
    assert_eq!(bench.cluster.poll_timeout(), None, "a connection that is closed leaves nothing behind");
}

#[test]
fn a_request_that_waits_longer_than_a_connection_may_be_idle_loses_it() {
    let mut bench = Bench::of(with_properties(&[("connections.max.idle.ms", "1000")]));
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    let waiting = |wait| fetch::request("t", 0, 0).with_max_wait_ms(wait).with_min_bytes(1);
    let short = bench.send(conn, 4, &waiting(999));
    bench.advance(Duration::from_millis(999));
    bench.answer::<message::FetchRequest>(conn, 4, short);
    bench.send(conn, 4, &waiting(60_000));
    bench.advance(Duration::from_millis(1000));
    assert_eq!(bench.closed(conn), Closed::Idle(Duration::from_secs(1)));
}

#[test]
fn a_broker_that_hangs_closes_nobody_and_begins_anew_when_it_goes_on() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    bench.cluster.pause_broker(bench.now, BrokerId(1)).unwrap();
    let late = bench.connect(1);
    bench.advance(MAX * 2);
    bench.is_silent();
    bench.cluster.resume_broker(bench.now, BrokerId(1)).unwrap();
    while let Some(output) = bench.cluster.poll_output() {
        assert_eq!(output.action, Action::Read);
    }
    bench.advance(MAX);
    let closed: Vec<_> = std::iter::from_fn(|| bench.cluster.poll_output()).collect();
    assert_eq!(closed, [conn, late].map(|conn| Output { conn, action: Action::Close }));
}

#[test]
fn a_connection_that_is_cut_off_is_closed_behind_the_clients_back() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let fault = bench.cluster.fault(bench.now, Fault::partition_from()).unwrap();
    bench.advance(MAX - STEP);
    bench.send(conn, 1, &metadata());
    bench.advance(STEP);
    bench.is_silent();
    bench.cluster.remove_fault(bench.now, fault);
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn, action: Action::Close }));
}

#[test]
fn how_long_is_a_config_of_the_broker_that_may_say_never_and_not_less_than_a_refusal_takes() {
    let mut bench = Bench::of(with_properties(&[("connections.max.idle.ms", "-1")]));
    bench.connect(1);
    assert_eq!(bench.cluster.poll_timeout(), None);
    let delay = ("connection.failed.authentication.delay.ms", "1000");
    let wrong = with_properties(&[("connections.max.idle.ms", "1000"), delay]).settled().unwrap_err();
    assert!(matches!(wrong, ConfigError::FailedAuthenticationDelay { .. }), "{wrong}");
}
