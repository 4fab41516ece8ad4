//! Requests of a connection that is ready: order, ends, time, and the end of a session.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// How each request ended, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Answered,
    NotSent,
    OutcomeUnknown,
    Unwritable,
}

impl Pair {
    /// The ends since the last call, in order, and how the connection closed if it did.
    fn ends(&mut self) -> (Vec<(u64, End)>, Option<Disconnected>) {
        let mut ends = Vec::new();
        while let Some(event) = self.event() {
            match event {
                Event::Ended { id, result } => ends.push((id.0, End::of(&result))),
                Event::Closed(reason) => return (ends, Some(reason)),
                other => panic!("{other:?}"),
            }
        }
        (ends, None)
    }

    fn answer_empty(&mut self, asked: &Asked) {
        self.bytes(&frame_of(asked, b"body"));
    }
}

impl End {
    fn of(result: &Result<Answer, RequestError>) -> Self {
        match result {
            Ok(_) => Self::Answered,
            Err(RequestError::NotSent { .. }) => Self::NotSent,
            Err(RequestError::OutcomeUnknown { .. }) => Self::OutcomeUnknown,
            Err(RequestError::Unwritable(_)) => Self::Unwritable,
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn answers_come_back_in_order_with_their_bodies() {
    let mut pair = Pair::ready();
    pair.send(7);
    pair.send(3);
    let [first, second] = [pair.asked(), pair.asked()];
    assert_eq!((first.header.api_key, first.header.api_version), (3, 12));
    let both = [frame_of(&first, b"one"), frame_of(&second, b"two")].concat();
    // Byte by byte: a frame is answered when its last byte is there.
    let mut buffer = BytesMut::new();
    for byte in both {
        buffer.extend_from_slice(&[byte]);
        pair.connection.handle_bytes(pair.now, &mut buffer);
    }
    for (id, body) in [(7, &b"one"[..]), (3, b"two")] {
        match pair.event() {
            Some(Event::Ended { id: told, result: Ok(answer) }) => {
                assert_eq!((told, &answer.body[..], answer.version), (RequestId(id), body, 12));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(pair.event().is_none());
}

#[test]
fn an_answer_out_of_order_ends_the_connection() {
    let mut pair = Pair::ready();
    pair.send(1);
    pair.send(2);
    let [_, second] = [pair.asked(), pair.asked()];
    pair.answer_empty(&second);
    let (ends, closed) = pair.ends();
    assert_eq!(ends, [(1, End::OutcomeUnknown), (2, End::OutcomeUnknown)]);
    assert!(matches!(closed, Some(Disconnected::Protocol(_))));
}

#[test]
fn an_answer_that_nobody_awaits_ends_the_connection() {
    let mut pair = Pair::ready();
    pair.send(1);
    let asked = pair.asked();
    pair.answer_empty(&asked);
    pair.answer_empty(&asked);
    let (ends, closed) = pair.ends();
    assert_eq!(ends, [(1, End::Answered)]);
    assert!(matches!(closed, Some(Disconnected::Protocol(_))));
}

#[test]
fn a_byte_where_no_answer_is_awaited_ends_the_connection() {
    let begun = |pair: &mut Pair| pair.bytes(&[0]);
    let mut idle = Pair::ready();
    begun(&mut idle);
    assert!(matches!(idle.ends(), (ends, Some(Disconnected::Protocol(_))) if ends.is_empty()), "idle");
    let mut unsent = Pair::ready();
    unsent.send(1);
    begun(&mut unsent);
    assert!(matches!(unsent.ends(), (ends, Some(Disconnected::Protocol(_))) if ends == [(1, End::NotSent)]), "unsent");
    let mut behind = Pair::ready();
    behind.send(1);
    let asked = behind.asked();
    behind.bytes(&[frame_of(&asked, b"body"), vec![0]].concat());
    assert!(matches!(behind.ends(), (ends, Some(Disconnected::Protocol(_))) if ends == [(1, End::Answered)]), "behind");
    let mut awaiting = Pair::ready();
    awaiting.send(1);
    awaiting.asked();
    begun(&mut awaiting);
    assert_eq!(awaiting.ends(), (vec![], None), "awaited");
}

#[test]
fn correlation_ids_start_again_at_zero() {
    let mut pair = Pair::ready();
    pair.connection.writer.start_at(i32::MAX);
    for expected in [i32::MAX, 0, 1] {
        pair.send(9);
        let asked = pair.asked();
        assert_eq!(asked.header.correlation_id, expected);
        pair.answer_empty(&asked);
        assert_eq!(pair.ends(), (vec![(9, End::Answered)], None));
    }
}

#[test]
fn what_was_handed_out_is_unknown_and_what_was_not_was_not_sent() {
    let mut pair = Pair::ready();
    for id in [1, 2, 3] {
        pair.send(id);
    }
    pair.asked();
    pair.connection.handle_closed(pair.now, Disconnected::ByPeer);
    let ends = vec![(1, End::OutcomeUnknown), (2, End::NotSent), (3, End::NotSent)];
    assert_eq!(pair.ends(), (ends, Some(Disconnected::ByPeer)));
    pair.send(4);
    assert_eq!(pair.ends(), (vec![(4, End::NotSent)], None));
    assert!(pair.try_asked().is_none());
    assert_eq!(pair.connection.poll_timeout(), None);
}

#[test]
fn the_first_request_to_miss_its_time_ends_all_of_them() {
    let mut pair = Pair::ready();
    pair.send(1);
    pair.send_with(2, |outgoing| outgoing.timeout = Duration::from_secs(5));
    pair.asked();
    pair.asked();
    pair.send(3);
    assert_eq!(pair.connection.poll_timeout(), Some(pair.now.mono + Duration::from_secs(5)));
    pair.wait(Duration::from_secs(5) - Duration::from_nanos(1));
    pair.connection.handle_timeout(pair.now);
    assert_eq!(pair.ends(), (vec![], None));
    pair.wait(Duration::from_nanos(1));
    pair.connection.handle_timeout(pair.now);
    let ends = vec![(1, End::OutcomeUnknown), (2, End::OutcomeUnknown), (3, End::NotSent)];
    assert_eq!(pair.ends(), (ends, Some(Disconnected::Timeout { after: Duration::from_secs(5) })));
}

#[test]
fn a_timeout_without_end_is_no_panic() {
    let mut pair = Pair::ready();
    pair.send_with(1, |outgoing| outgoing.timeout = Duration::MAX);
    pair.asked();
    assert_eq!(pair.connection.poll_timeout(), None);
}

#[test]
fn a_request_that_the_broker_does_not_answer_ends_when_it_is_handed_out() {
    let mut pair = Pair::ready();
    pair.send_with(1, |outgoing| outgoing.answered = false);
    assert_eq!(pair.ends(), (vec![], None));
    pair.asked();
    assert_eq!(pair.ends(), (vec![(1, End::Answered)], None));
    pair.connection.handle_closed(pair.now, Disconnected::ByPeer);
    assert_eq!(pair.ends(), (vec![], Some(Disconnected::ByPeer)));
}

#[test]
fn no_more_requests_are_taken_than_the_bound() {
    let mut pair = Pair::ready();
    pair.connection.in_flight_max = 2;
    pair.send(1);
    let first = pair.asked();
    pair.send(2);
    assert!(!pair.connection.can_send());
    pair.send(3);
    assert_eq!(pair.ends(), (vec![(3, End::NotSent)], None));
    pair.answer_empty(&first);
    assert!(pair.connection.can_send());
}

#[test]
fn a_request_that_cannot_be_written_ends_alone() {
    let mut pair = Pair::ready();
    let piece = Bytes::from(vec![0; 1 << 20]);
    pair.send_with(1, |outgoing| outgoing.body.extend(std::iter::repeat_n(piece, 1 << 11)));
    pair.send(2);
    assert_eq!(pair.ends(), (vec![(1, End::Unwritable)], None));
    let asked = pair.asked();
    pair.answer_empty(&asked);
    assert_eq!(pair.ends(), (vec![(2, End::Answered)], None));
}

#[test]
fn a_frame_above_the_bound_ends_the_connection_from_its_length() {
    let mut pair = Pair::ready();
    pair.send(1);
    pair.asked();
    pair.bytes(&i32::MAX.to_be_bytes());
    let (ends, closed) = pair.ends();
    assert_eq!(ends, [(1, End::OutcomeUnknown)]);
    assert!(matches!(closed, Some(Disconnected::Protocol(_))));
}

#[test]
fn a_session_lets_no_request_in_before_its_renewal_and_waits_for_those_in_flight() {
    let mut pair = Pair::authenticated(100_000);
    pair.send(1);
    let asked = pair.asked();
    let drain = pair.now.mono + Duration::from_secs(85);
    assert_eq!(pair.connection.poll_timeout(), Some(pair.now.mono + REQUEST_TIMEOUT));
    pair.answer_empty(&asked);
    pair.ends();
    assert_eq!(pair.connection.poll_timeout(), Some(drain));
    pair.wait(Duration::from_secs(84));
    pair.send(2);
    let asked = pair.asked();
    pair.wait(Duration::from_secs(1));
    pair.connection.handle_timeout(pair.now);
    assert!(!pair.connection.can_send());
    pair.send(3);
    assert_eq!(pair.ends(), (vec![(3, End::NotSent)], None));
    assert_eq!(pair.connection.poll_timeout(), Some(pair.now.mono + Duration::from_secs(29)), "of request 2");
    pair.answer_empty(&asked);
    assert_eq!(pair.ends(), (vec![(2, End::Answered)], None));
    assert_eq!(pair.connection.poll_timeout(), Some(drain));
    pair.connection.handle_timeout(pair.now);
    assert_eq!(pair.ends(), (vec![], None));
    assert_eq!(pair.asked().header.api_key, ApiKey::SaslHandshake.key());
}

#[derive(Clone, Debug)]
enum Action {
    Send { timeout_millis: u64, answered: bool },
    Transmit,
    Answer,
    AnswerWrong,
    Bytes(Vec<u8>),
    Wait(u64),
    Close,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        8 => (0..2_000_u64, prop::bool::weighted(0.9))
            .prop_map(|(timeout_millis, answered)| Action::Send { timeout_millis, answered }),
        8 => Just(Action::Transmit),
        8 => Just(Action::Answer),
        1 => Just(Action::AnswerWrong),
        1 => prop::collection::vec(any::<u8>(), 0..9).prop_map(Action::Bytes),
        3 => (0..500_u64).prop_map(Action::Wait),
        1 => Just(Action::Close),
    ]
}

proptest! {
    #[test]
    fn each_request_ends_exactly_once_and_as_its_bytes_went(
        lifetime in prop_oneof![Just(0), 100..5_000_i64], actions in prop::collection::vec(action(), 0..80),
    ) {
        let mut pair = Pair::authenticated(lifetime);
        pair.connection.in_flight_max = 5;
        let mut sent = 0;
        let mut on_the_wire = Vec::new();
        let mut handed_out = 0;
        let mut ended = BTreeMap::new();
        let mut closed = false;
        for action in actions.into_iter().chain([Action::Close]) {
            match action {
                Action::Send { timeout_millis, answered } => {
                    pair.send_with(sent, |outgoing| {
                        outgoing.timeout = Duration::from_millis(timeout_millis);
                        outgoing.answered = answered;
                    });
                    sent += 1;
                }
                Action::Transmit => on_the_wire.extend(pair.try_asked().inspect(|asked| {
                    // Those of a renewal are the connection's own.
                    handed_out += u64::from(asked.header.api_key == ApiKey::Metadata.key());
                })),
                Action::Answer if !on_the_wire.is_empty() => {
                    let asked = on_the_wire.remove(0);
                    pair.answer_empty(&asked);
                }
                Action::Answer => {}
                Action::AnswerWrong => on_the_wire.last().cloned().iter().for_each(|asked| pair.answer_empty(asked)),
                Action::Bytes(bytes) => pair.bytes(&bytes),
                Action::Wait(millis) => {
                    pair.wait(Duration::from_millis(millis));
                    pair.connection.handle_timeout(pair.now);
                }
                Action::Close => pair.connection.handle_closed(pair.now, Disconnected::ByPeer),
            }
            let (ends, how) = pair.ends();
            for (id, end) in ends {
                prop_assert_eq!(ended.insert(id, end), None, "request {} ended again", id);
            }
            prop_assert!(how.is_none() || !closed, "closed again");
            closed |= how.is_some();
            // Nothing may be asked to come back for when it is over, or the owner would never rest.
            prop_assert!(!closed || pair.connection.poll_timeout().is_none());
        }
        prop_assert!(closed);
        prop_assert_eq!(ended.len() as u64, sent);
        let certain = ended.values().filter(|end| **end == End::NotSent).count();
        prop_assert_eq!(certain as u64, sent - handed_out, "what was not handed out was not sent, and nothing else");
    }

    #[test]
    fn hostile_bytes_never_panic_and_end_in_one_failure_at_most(
        step in 0..4_u8, bytes in prop::collection::vec(any::<u8>(), 0..200), framed: bool,
    ) {
        let mut pair = match step {
            0 => Pair::new(iam_config()),
            1 => Pair::awaiting_credentials(),
            2 => {
                let mut pair = Pair::awaiting_credentials();
                pair.provide(Provided::Credentials(Ok(credentials())));
                pair
            }
            _ => Pair::ready(),
        };
        let bytes = match pair.try_asked() {
            Some(asked) if framed => frame_of(&asked, &bytes),
            _ => bytes,
        };
        pair.bytes(&bytes);
        pair.connection.handle_closed(pair.now, Disconnected::ByPeer);
        let over = |event: &Event| matches!(event, Event::Failed(_) | Event::Closed(_));
        let events: Vec<Event> = std::iter::from_fn(|| pair.event()).collect();
        prop_assert_eq!(events.iter().filter(|event| over(event)).count(), 1);
        prop_assert!(events.last().is_some_and(over));
    }
}
