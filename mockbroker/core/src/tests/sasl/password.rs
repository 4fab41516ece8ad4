//! `PLAIN` and SCRAM.

use hmac::{Hmac, KeyInit as _, Mac as _};
use ottla_wire::sasl::plain::{PlainError, PlainMessage};
use ottla_wire::sasl::scram::{
    ClientFinal, ClientFirst, GS2_HEADER, ScramError, ServerFinal, ServerFirst, auth_message,
};
use pbkdf2::pbkdf2_hmac;
use sha2::{Digest as _, Sha256, Sha512};

use super::*;

fn plain(authorization_id: &str, user: &str, password: &str) -> Bytes {
    let message =
        PlainMessage { authorization_id: authorization_id.into(), user: user.into(), password: password.into() };
    message.to_bytes()
}

#[test]
fn a_user_of_plain_comes_in_with_its_password_and_may_say_twice_who_it_is() {
    for id in ["", "alice"] {
        let mut bench = with_users(ClusterConfig::default());
        let conn = bench.agreed(Mechanism::Plain);
        let answer = bench.token(conn, plain(id, "alice", "alice-secret"));
        assert_eq!((answer.auth_bytes.len(), answer.session_lifetime_ms), (0, 0));
        assert_eq!(bench.principal_of(conn).as_deref(), Some("User:alice"));
        let journal = bench.cluster.journal();
        let mut entries = journal.entries().filter(|entry| !matches!(entry.kind, EntryKind::Response { .. }));
        let last = entries.next_back().map(Entry::to_string).unwrap_or_default();
        assert!(last.ends_with("authenticated by PLAIN as User:alice"), "{journal}");
    }
}

#[test]
fn each_refusal_of_plain_is_told_in_kafkas_words_and_the_journal_knows_more() {
    let another = Refusal::AuthorizationId { asked: "bob".to_owned(), proved: "alice".to_owned() };
    let alice = Some("alice".to_owned());
    for (token, told, reason, claimed) in [
        (
            plain("", "alice", "wrong"),
            "Authentication failed: Invalid username or password",
            Refusal::WrongPassword,
            alice.clone(),
        ),
        (
            plain("", "nobody", "alice-secret"),
            "Authentication failed: Invalid username or password",
            Refusal::UnknownUser,
            Some("nobody".to_owned()),
        ),
        (
            plain("bob", "alice", "alice-secret"),
            "Authentication failed: Client requested an authorization id that is different from username",
            another,
            alice,
        ),
        (plain("", "", "x"), "Authentication failed: username not specified", PlainError::NoUser.into(), None),
        (plain("", "alice", ""), "Authentication failed: password not specified", PlainError::NoPassword.into(), None),
        (
            Bytes::from_static(b"alice-secret"),
            "Invalid SASL/PLAIN response: expected 3 tokens, got 1",
            PlainError::Tokens { found: 1 }.into(),
            None,
        ),
    ] {
        let mut bench = with_users(ClusterConfig::default());
        let conn = bench.agreed(Mechanism::Plain);
        assert_eq!(bench.refused(conn, token), told);
        assert_eq!(bench.last_refusal(), (reason, claimed));
    }
}

/// A cluster with users of these mechanisms; to make their credentials takes a while.
fn with_scram(mechanisms: &[Mechanism]) -> Bench {
    let mut bench = with_users(ClusterConfig::default());
    let users = bench.cluster.users_mut();
    if mechanisms.contains(&Mechanism::ScramSha256) {
        users.add(User::scram_sha_256("alice", "alice-secret")).unwrap();
        users.add(User::scram_sha_256("comma,equals=", "secret")).unwrap();
    }
    if mechanisms.contains(&Mechanism::ScramSha512) {
        users.add(User::scram_sha_512("alice", "alice-secret").iterations(5000)).unwrap();
    }
    bench
}

/// A client of SCRAM.
struct Scram {
    mechanism: Mechanism,
    first: ClientFirst,
    password: &'static str,
}

impl Scram {
    fn new(mechanism: Mechanism, user: &str, password: &'static str) -> Self {
        Self { mechanism, first: ClientFirst::new(user, "fyko+d2lbbFgONRv9qkxdawL"), password }
    }

    fn mac(&self, key: &[u8], text: &[u8]) -> Vec<u8> {
        match self.mechanism {
            Mechanism::ScramSha256 => {
                Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
            }
            _ => Hmac::<Sha512>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec(),
        }
    }

    /// The last message, and the signature that the broker must answer with.
    fn proof(&self, challenge: &ServerFirst) -> (ClientFinal, Vec<u8>) {
        let password = self.password.as_bytes();
        let ServerFirst { salt, iterations, .. } = challenge;
        let mut salted = [0; 64];
        let salted = match self.mechanism {
            Mechanism::ScramSha256 => &mut salted[..32],
            _ => &mut salted[..],
        };
        match self.mechanism {
            Mechanism::ScramSha256 => pbkdf2_hmac::<Sha256>(password, salt, *iterations, salted),
            _ => pbkdf2_hmac::<Sha512>(password, salt, *iterations, salted),
        }
        let mut last = ClientFinal {
            channel_binding: GS2_HEADER.into(),
            nonce: challenge.nonce.clone(),
            extensions: Vec::new(),
            proof: Vec::new(),
        };
        let signed = auth_message(&self.first, challenge, &last);
        let key = self.mac(salted, b"Client Key");
        let stored = match self.mechanism {
            Mechanism::ScramSha256 => Sha256::digest(&key).to_vec(),
            _ => Sha512::digest(&key).to_vec(),
        };
        let signature = self.mac(&stored, signed.as_bytes());
        last.proof = key.iter().zip(signature).map(|(key, signature)| key ^ signature).collect();
        (last, self.mac(&self.mac(salted, b"Server Key"), signed.as_bytes()))
    }

    /// As far as the broker's challenge.
    fn begin(&self, bench: &mut Bench, conn: ConnId) -> ServerFirst {
        let answer = bench.token(conn, self.first.to_bytes());
        assert_eq!(answer.session_lifetime_ms, 0);
        ServerFirst::parse(&answer.auth_bytes).unwrap()
    }
}

#[test]
fn a_user_of_scram_comes_in_with_its_password_and_the_broker_proves_that_it_knows_it() {
    for (mechanism, user, password, iterations) in [
        (Mechanism::ScramSha256, "alice", "alice-secret", 4096),
        (Mechanism::ScramSha256, "comma,equals=", "secret", 4096),
        (Mechanism::ScramSha512, "alice", "alice-secret", 5000),
    ] {
        let mut bench = with_scram(&[mechanism]);
        let conn = bench.agreed(mechanism);
        let client = Scram::new(mechanism, user, password);
        let challenge = client.begin(&mut bench, conn);
        let own = challenge.nonce.strip_prefix(&client.first.nonce).expect("the client's nonce before the broker's");
        assert_eq!((own.len(), challenge.iterations, challenge.salt.len()), (26, iterations, 16));
        assert_eq!(bench.principal_of(conn), None);
        let (last, signature) = client.proof(&challenge);
        let answer = bench.token(conn, last.to_bytes());
        assert_eq!(ServerFinal::parse(&answer.auth_bytes), Ok(ServerFinal::Verified { signature }));
        assert_eq!(bench.principal_of(conn), Some(format!("User:{user}")));
    }
}

#[test]
fn no_two_challenges_have_the_same_nonce_and_no_two_users_the_same_salt() {
    let mut bench = with_scram(&[Mechanism::ScramSha256, Mechanism::ScramSha512]);
    let mut challenge = |mechanism, user| {
        let conn = bench.agreed(mechanism);
        Scram::new(mechanism, user, "").begin(&mut bench, conn)
    };
    let one = challenge(Mechanism::ScramSha256, "alice");
    let again = challenge(Mechanism::ScramSha256, "alice");
    let other = challenge(Mechanism::ScramSha512, "alice");
    assert_eq!(one.salt, again.salt);
    assert!(one.nonce != again.nonce && one.salt != other.salt);
}

#[test]
fn each_refusal_of_scram_is_told_alike_and_the_journal_knows_the_reason() {
    const TOLD: &str =
        "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512";
    let mechanism = Mechanism::ScramSha512;
    let with_extension = |value: &str| {
        let extensions = vec![("tokenauth".to_owned(), value.to_owned())];
        ClientFirst { extensions, ..ClientFirst::new("alice", "nonce") }.to_bytes()
    };
    let alice = Some("alice".to_owned());
    for (token, reason, claimed) in [
        (ClientFirst::new("nobody", "nonce").to_bytes(), Refusal::UnknownUser, Some("nobody".to_owned())),
        // Each mechanism has users of its own.
        (ClientFirst::new("bob", "nonce").to_bytes(), Refusal::UnknownUser, Some("bob".to_owned())),
        (with_extension("true"), Refusal::DelegationToken, alice),
        (Bytes::from_static(b"y,,n=alice,r=nonce"), ScramError::ChannelBinding.into(), None),
        (Bytes::new(), ScramError::Missing("the header").into(), None),
    ] {
        let mut bench = with_scram(&[Mechanism::ScramSha512]);
        let conn = bench.agreed(mechanism);
        assert_eq!(bench.refused(conn, token), TOLD);
        assert_eq!(bench.last_refusal(), (reason, claimed));
    }
}

#[test]
fn a_proof_of_something_else_is_refused() {
    type Change = fn(&mut ClientFinal);
    let changes: [(Change, Refusal); 5] = [
        (|last| last.proof[0] ^= 1, Refusal::WrongPassword),
        (|last| last.proof.truncate(63), Refusal::WrongPassword),
        (|last| last.channel_binding = b"n,a=bob,".into(), Refusal::WrongPassword),
        (|last| last.nonce.push('x'), Refusal::Nonce),
        (|last| last.nonce = "x".to_owned(), Refusal::Nonce),
    ];
    for (change, reason) in changes {
        let mut bench = with_scram(&[Mechanism::ScramSha512]);
        let conn = bench.agreed(Mechanism::ScramSha512);
        let client = Scram::new(Mechanism::ScramSha512, "alice", "alice-secret");
        let challenge = client.begin(&mut bench, conn);
        let (mut last, _) = client.proof(&challenge);
        change(&mut last);
        assert!(bench.refused(conn, last.to_bytes()).ends_with("SASL mechanism SCRAM-SHA-512"));
        assert_eq!(bench.last_refusal(), (reason, Some("alice".to_owned())));
    }
}

#[test]
fn a_wrong_password_is_refused_with_the_proof_and_not_before() {
    let mut bench = with_scram(&[Mechanism::ScramSha256]);
    let conn = bench.agreed(Mechanism::ScramSha256);
    let client = Scram::new(Mechanism::ScramSha256, "alice", "wrong");
    let challenge = client.begin(&mut bench, conn);
    bench.refused(conn, client.proof(&challenge).0.to_bytes());
    assert_eq!(bench.last_refusal(), (Refusal::WrongPassword, Some("alice".to_owned())));
}

#[test]
fn who_wants_to_be_another_user_is_told_so_by_scram_too() {
    let mut bench = with_scram(&[Mechanism::ScramSha256]);
    let conn = bench.agreed(Mechanism::ScramSha256);
    let first = ClientFirst { authorization_id: Some("bob".to_owned()), ..ClientFirst::new("alice", "nonce") };
    let told = bench.refused(conn, first.to_bytes());
    assert_eq!(told, "Authentication failed: Client requested an authorization id that is different from username");
}

#[test]
fn after_a_bare_token_of_scram_that_is_refused_the_connection_is_closed_at_once() {
    let mut bench = with_scram(&[Mechanism::ScramSha256]);
    let conn = bench.connect_to(1, everything());
    assert_eq!(bench.ask(conn, 0, &handshake("SCRAM-SHA-256")).error_code, 0);
    bench.cluster.handle_frame(conn, bench.now, ClientFirst::new("nobody", "nonce").to_bytes());
    assert_eq!(bench.closed(conn), Closed::AuthenticationFailed);
}

#[test]
fn no_password_stands_in_the_journal() {
    let mut bench = with_users(ClusterConfig::default());
    for password in ["alice-secret", "hush-hush"] {
        let conn = bench.agreed(Mechanism::Plain);
        bench.send(conn, 2, &authenticate(plain("", "alice", password)));
        while bench.cluster.poll_output().is_some() {}
    }
    let written = format!("{} {:?}", bench.cluster.journal(), bench.cluster);
    assert!(!written.contains("alice-secret") && !written.contains("hush-hush"));
}
