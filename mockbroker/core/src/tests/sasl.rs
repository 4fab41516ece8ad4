//! Authentication: what every mechanism shares, and a client that speaks them all.

mod iam;
mod oauthbearer;
mod password;
mod sessions;
mod states;

use ottla_wire::ErrorCode;
use ottla_wire::message::{
    MetadataRequest, SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest, StrBytes,
};

use super::*;
use crate::sasl::{Mechanism, Refusal, User};

/// Every mechanism on one listener.
fn everything() -> Listener {
    Listener::sasl_plaintext("SASL", Mechanism::ALL)
}

/// A cluster with the listener of [`everything`], and users of `PLAIN`.
fn with_users(config: ClusterConfig) -> Bench {
    let mut bench = Bench::of(config);
    for id in 1..=3 {
        bench.cluster.advertise(BrokerId(id), &everything().name, HOST, 9092).unwrap();
    }
    for name in ["alice", "bob"] {
        bench.cluster.users_mut().add(User::plain(name, format!("{name}-secret"))).unwrap();
    }
    bench
}

fn handshake(mechanism: &str) -> SaslHandshakeRequest {
    SaslHandshakeRequest::default().with_mechanism(StrBytes::from_string(mechanism.to_owned()))
}

fn authenticate(token: impl Into<Bytes>) -> SaslAuthenticateRequest {
    SaslAuthenticateRequest::default().with_auth_bytes(token.into())
}

fn metadata() -> MetadataRequest {
    MetadataRequest::default().with_topics(Some(vec![]))
}

impl Bench {
    /// A connection to the listener with every mechanism, on which this one is agreed.
    fn agreed(&mut self, mechanism: Mechanism) -> ConnId {
        let conn = self.connect_to(1, everything());
        self.agree(conn, mechanism);
        conn
    }

    fn agree(&mut self, conn: ConnId, mechanism: Mechanism) {
        assert_eq!(self.ask(conn, 1, &handshake(mechanism.name())).error_code, 0);
    }

    /// Sends a token that is answered at once, and well.
    fn token(&mut self, conn: ConnId, token: impl Into<Bytes>) -> SaslAuthenticateResponse {
        let answer = self.ask(conn, 2, &authenticate(token));
        assert_eq!(answer.error_code, 0, "{}", self.cluster.journal());
        answer
    }

    /// Sends a token that does not let the client in; returns what it is told.
    fn refused(&mut self, conn: ConnId, token: impl Into<Bytes>) -> String {
        let correlation_id = self.send_to_be_refused(conn, 2, &authenticate(token));
        let answer = self.answer::<SaslAuthenticateRequest>(conn, 2, correlation_id);
        assert_eq!(answer.error_code, ErrorCode::SASL_AUTHENTICATION_FAILED.0);
        assert_eq!((answer.auth_bytes.len(), answer.session_lifetime_ms), (0, 0));
        assert_eq!(self.closed(conn), Closed::AuthenticationFailed);
        answer.error_message.unwrap().to_string()
    }

    /// Why the last authentication was refused, and whose it was.
    fn last_refusal(&self) -> (Refusal, Option<String>) {
        let mut entries = self.cluster.journal().entries().rev();
        let refused = entries.find_map(|entry| match &entry.kind {
            EntryKind::AuthenticationRefused { reason, claimed, .. } => Some((reason.clone(), claimed.clone())),
            _ => None,
        });
        refused.expect("a refusal in the journal")
    }

    fn principal_of(&self, conn: ConnId) -> Option<String> {
        self.cluster.principal(conn).map(Principal::to_string)
    }
}
