//! The table of a connection: every state with every input, and what comes of it.

use ottla_wire::sasl::scram::ScramMechanism;

use super::super::login::{Said, Wanting};
use super::*;

#[derive(Clone, Copy, Debug)]
enum State {
    Versions,
    Mechanism,
    Credentials,
    Authenticate,
    /// OAUTHBEARER, without a token yet.
    Token,
    TokenSaid,
    /// The refusal of the token was seen.
    Seen,
    /// SCRAM, from the first message on.
    User,
    Salting,
    Proof,
    Idle,
    Unsent,
    InFlight,
    Draining,
    /// The session is renewed: the mechanism was named, credentials are needed, they were said.
    Renewing,
    RenewingCredentials,
    RenewingSaid,
    Failed,
    Closed,
}

#[derive(Clone, Copy, Debug)]
enum Input {
    /// The answer that is awaited, or one to nothing.
    Answer,
    /// An answer with another correlation id.
    OtherAnswer,
    /// Four bytes that are no length.
    NoFrame,
    /// The beginning of a frame.
    Part,
    Closed,
    Credentials,
    NoCredentials,
    GivenToken,
    Salted,
    Send,
    Transmit,
    /// All deadlines have passed.
    Late,
}

const STATES: [State; 19] = [
    State::Versions,
    State::Mechanism,
    State::Credentials,
    State::Authenticate,
    State::Token,
    State::TokenSaid,
    State::Seen,
    State::User,
    State::Salting,
    State::Proof,
    State::Idle,
    State::Unsent,
    State::InFlight,
    State::Draining,
    State::Renewing,
    State::RenewingCredentials,
    State::RenewingSaid,
    State::Failed,
    State::Closed,
];

const INPUTS: [Input; 12] = [
    Input::Answer,
    Input::OtherAnswer,
    Input::NoFrame,
    Input::Part,
    Input::Closed,
    Input::Credentials,
    Input::NoCredentials,
    Input::GivenToken,
    Input::Salted,
    Input::Send,
    Input::Transmit,
    Input::Late,
];

const FAILS: &str = "Ended failed";
const CLOSES: &str = "Ended closed";
/// The broker may have acted on the request.
const LOSES: &str = "Ended unknown closed";
/// The broker has not seen the request.
const KEEPS: &str = "Ended not-sent closed";
const REFUSES: &str = "= not-sent";

/// The state afterwards and the events, in order; `=` is the state that it was. Rows as [`STATES`], columns as [`INPUTS`].
#[rustfmt::skip]
const TABLE: [[&str; 12]; 19] = [
    // Answer              Other   NoFrame Part    Closed  Credentials     None   GivenToken   Salted   Send      Transmit    Late
    ["Mechanism",          FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "=",     REFUSES,  "=",        FAILS],
    ["Credentials wanted", FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "=",     REFUSES,  "=",        FAILS],
    [FAILS,                FAILS,  FAILS,  "=",    FAILS,  "Authenticate", FAILS, "=",         "=",     REFUSES,  "=",        FAILS],
    ["Idle ready",         FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "=",     REFUSES,  "=",        FAILS],
    [FAILS,                FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "TokenSaid", "=",     REFUSES,  "=",        FAILS],
    ["Idle ready",         FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "=",     REFUSES,  "=",        FAILS],
    [FAILS,                FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "=",     REFUSES,  "=",        FAILS],
    ["Salting wanted",     FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "=",     REFUSES,  "=",        FAILS],
    [FAILS,                FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "Proof", REFUSES,  "=",        FAILS],
    ["Idle ready",         FAILS,  FAILS,  "=",    FAILS,  "=",            "=",   "=",         "=",     REFUSES,  "=",        FAILS],
    [CLOSES,               CLOSES, CLOSES, CLOSES, CLOSES, "=",            "=",   "=",         "=",     "Unsent", "=",        "="],
    [KEEPS,                KEEPS,  KEEPS,  KEEPS,  KEEPS,  "=",            "=",   "=",         "=",     "Unsent", "InFlight", KEEPS],
    ["Idle answered",      LOSES,  LOSES,  "=",    LOSES,  "=",            "=",   "=",         "=",     "Unsent", "=",        LOSES],
    ["Draining answered",  LOSES,  LOSES,  "=",    LOSES,  "=",            "=",   "=",         "=",     REFUSES,  "=",        LOSES],
    ["RenewingCredentials wanted", CLOSES, CLOSES, "=", CLOSES, "=",       "=",   "=",         "=",     REFUSES,  "=",        CLOSES],
    [CLOSES,               CLOSES, CLOSES, "=",    CLOSES, "RenewingSaid", CLOSES, "=",        "=",     REFUSES,  "=",        CLOSES],
    ["Idle renewed",       CLOSES, CLOSES, "=",    CLOSES, "=",            "=",   "=",         "=",     REFUSES,  "=",        CLOSES],
    ["=",                  "=",    "=",    "=",    "=",    "=",            "=",   "=",         "=",     REFUSES,  "=",        "="],
    ["=",                  "=",    "=",    "=",    "=",    "=",            "=",   "=",         "=",     REFUSES,  "=",        "="],
];

/// A connection in this state, and the frame that answers what it last asked.
fn at(state: State) -> (Pair, Vec<u8>) {
    let first = |config| {
        let mut pair = Pair::new(config);
        let asked = pair.asked();
        (pair, asked)
    };
    let sent = |mut pair: Pair| {
        pair.send(1);
        let asked = pair.asked();
        (pair, frame_of(&asked, b"body"))
    };
    let none_awaited = || frame::length_prefix(4).unwrap().into_iter().chain([0; 4]).collect();
    let in_turn = |(pair, asked, answer): (Pair, Asked, SaslAuthenticateResponse)| {
        let body = codec::encode_response::<SaslAuthenticateRequest>(2, &answer).unwrap();
        (pair, frame_of(&asked, &body))
    };
    match state {
        State::Versions => {
            let (pair, asked) = first(iam_config());
            let body = codec::encode_response::<ApiVersionsRequest>(4, &api_versions(&offered())).unwrap();
            (pair, frame_of(&asked, &body))
        }
        State::Mechanism => {
            let (mut pair, asked) = first(iam_config());
            pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
            let asked = pair.asked();
            let body = codec::encode_response::<SaslHandshakeRequest>(1, &mechanisms(ErrorCode::NONE)).unwrap();
            (pair, frame_of(&asked, &body))
        }
        State::Credentials => (Pair::awaiting_credentials(), none_awaited()),
        State::Authenticate => {
            let mut pair = Pair::awaiting_credentials();
            pair.provide(Provided::Credentials(Ok(credentials())));
            let asked = pair.asked();
            in_turn((pair, asked, let_in(0)))
        }
        State::Token => (sasl::awaiting_token(), none_awaited()),
        State::TokenSaid => in_turn(sasl::said_token()),
        State::Seen => in_turn(sasl::seen()),
        State::User => in_turn(sasl::said_user(ScramMechanism::Sha256)),
        State::Salting => (sasl::salting(ScramMechanism::Sha256).0, none_awaited()),
        State::Proof => in_turn(sasl::said_proof(ScramMechanism::Sha256)),
        State::Idle => {
            let (mut pair, answer) = sent(Pair::ready());
            pair.bytes(&answer);
            pair.event();
            (pair, answer)
        }
        State::Unsent => {
            let (_, answer) = sent(Pair::ready());
            let mut pair = Pair::ready();
            pair.send(1);
            (pair, answer)
        }
        State::InFlight => sent(Pair::ready()),
        State::Draining => {
            let (mut pair, answer) = sent(Pair::authenticated(20_000));
            pair.wait(Duration::from_secs(18));
            pair.connection.handle_timeout(pair.now);
            (pair, answer)
        }
        State::Renewing => {
            let (pair, asked) = renewal::renewing();
            let body = codec::encode_response::<SaslHandshakeRequest>(1, &mechanisms(ErrorCode::NONE)).unwrap();
            (pair, frame_of(&asked, &body))
        }
        State::RenewingCredentials => (renewal::renewing_with_credentials(), none_awaited()),
        State::RenewingSaid => {
            let (pair, asked) = renewal::said_again();
            in_turn((pair, asked, let_in(0)))
        }
        State::Failed => {
            let (mut pair, answer) = at(State::Versions);
            pair.connection.handle_closed(pair.now, Disconnected::ByPeer);
            pair.event();
            (pair, answer)
        }
        State::Closed => {
            let (mut pair, answer) = at(State::Idle);
            pair.connection.handle_closed(pair.now, Disconnected::ByPeer);
            pair.event();
            (pair, answer)
        }
    }
}

fn apply(pair: &mut Pair, answer: &[u8], input: Input) {
    let now = pair.now;
    match input {
        Input::Answer => pair.bytes(answer),
        Input::OtherAnswer => {
            let mut other = answer.to_vec();
            other[4] ^= 1;
            pair.bytes(&other);
        }
        Input::NoFrame => pair.bytes(&[0xff; 4]),
        Input::Part => pair.bytes(&answer[..answer.len() - 1]),
        Input::Closed => pair.connection.handle_closed(now, Disconnected::ByPeer),
        Input::Credentials => pair.provide(Provided::Credentials(Ok(credentials()))),
        Input::NoCredentials => {
            let after = Duration::from_secs(1);
            pair.provide(Provided::Credentials(Err(CredentialsFailure::Timeout { after })));
        }
        Input::GivenToken => pair.provide(Provided::Token(Ok(OAuthBearerToken::new("a.b.c")))),
        Input::Salted => pair.provide(Provided::SaltedPassword(sasl::job(ScramMechanism::Sha256).run())),
        Input::Send => pair.send(2),
        Input::Transmit => drop(pair.try_asked()),
        Input::Late => {
            pair.wait(Duration::from_secs(60));
            pair.connection.handle_timeout(pair.now);
        }
    }
}

fn name(connection: &Connection) -> &'static str {
    match &connection.phase {
        Phase::Handshaking(at) if at.attempt == phase::Attempt::Renewal => match &at.handshake {
            Handshake::Versions(_) => panic!("the versions are known"),
            Handshake::Mechanism(_) => "Renewing",
            Handshake::Provided(_) => "RenewingCredentials",
            Handshake::Authenticated(_) => "RenewingSaid",
        },
        Phase::Handshaking(at) => match &at.handshake {
            Handshake::Versions(_) => "Versions",
            Handshake::Mechanism(_) => "Mechanism",
            Handshake::Provided(wait) => match wait.wanting() {
                Wanting::Payload(_) | Wanting::SignedToken(_) => "Credentials",
                Wanting::Token => "Token",
                Wanting::SaltedPassword(_) => "Salting",
            },
            Handshake::Authenticated(wait) => match wait.said() {
                Said::Payload(_) | Said::Password { .. } => "Authenticate",
                Said::Token(_) => "TokenSaid",
                Said::Seen { .. } => "Seen",
                Said::User { .. } => "User",
                Said::Proof { .. } => "Proof",
            },
        },
        Phase::Ready(ready) if matches!(ready.session, phase::Session::Draining { .. }) => "Draining",
        Phase::Ready(ready) if ready.pipeline.has_unsent() => "Unsent",
        Phase::Ready(ready) if ready.pipeline.len() > 0 => "InFlight",
        Phase::Ready(_) => "Idle",
        Phase::Ended(_) => "Ended",
    }
}

fn shown(event: &Event) -> &'static str {
    match event {
        Event::Wanted(_) => "wanted",
        Event::Ready => "ready",
        Event::Renewed => "renewed",
        Event::Ended { result: Ok(_), .. } => "answered",
        Event::Ended { result: Err(RequestError::NotSent { .. }), .. } => "not-sent",
        Event::Ended { result: Err(RequestError::OutcomeUnknown { .. }), .. } => "unknown",
        Event::Ended { result: Err(other), .. } => panic!("{other}"),
        Event::Failed(_) => "failed",
        Event::Closed(_) => "closed",
    }
}

#[test]
fn every_state_with_every_input_does_what_the_table_says() {
    for (state, row) in STATES.into_iter().zip(TABLE) {
        for (input, expected) in INPUTS.into_iter().zip(row) {
            let (mut pair, answer) = at(state);
            let before = name(&pair.connection);
            assert!(pair.event().is_none(), "{state:?} begins without events");
            apply(&mut pair, &answer, input);
            let events = std::iter::from_fn(|| pair.event()).map(|event| shown(&event)).collect::<Vec<_>>();
            let after = [&[name(&pair.connection)], &events[..]].concat().join(" ");
            assert_eq!(after, expected.replace('=', before), "{state:?} and {input:?}");
        }
    }
}
