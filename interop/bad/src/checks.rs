//! What is done to a broker, and what Apache Kafka 4.4.0 makes of it.

mod frames;
mod load;
mod logins;
mod tls;

use std::error::Error;

use crate::served::Served;

/// A broker.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Where {
    Kafka,
    Mock,
}

/// Something that a client does, and what comes of it.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Served) -> Seen,
    /// What a broker does, step by step.
    pub(crate) expected: &'static [&'static str],
    /// Where Kafka has nothing of the kind, this is done to the mock alone.
    only: Option<Where>,
}

/// What was seen of the broker, step by step.
pub(crate) type Seen = Result<Vec<String>, Box<dyn Error>>;

impl Check {
    const fn of_both(name: &'static str, run: fn(&Served) -> Seen, expected: &'static [&'static str]) -> Self {
        Self { name, run, expected, only: None }
    }

    const fn of_mock(name: &'static str, run: fn(&Served) -> Seen, expected: &'static [&'static str]) -> Self {
        Self { name, run, expected, only: Some(Where::Mock) }
    }

    pub(crate) fn is_for(&self, here: Where) -> bool {
        self.only.is_none_or(|only| only == here)
    }
}

const PLAIN_REFUSED: &str = "58 Authentication failed: Invalid username or password";
const SCRAM_256_REFUSED: &str =
    "58 Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256";
const SCRAM_512_REFUSED: &str =
    "58 Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512";
/// Why stands in the journal of the mock alone.
const IAM_REFUSED: &[&str] = &["58 [id]: Access denied", "closes"];

/// All of them.
pub(crate) const ALL: &[Check] = &[
    Check::of_both("a client that does not trust the broker's CA", tls::wrong_ca, &["is turned away", "answers"]),
    Check::of_both(
        "a client certificate of another CA",
        tls::foreign_certificate,
        &["received fatal alert: CertificateUnknown"],
    ),
    Check::of_both(
        "no client certificate where one is required",
        tls::no_certificate,
        &["received fatal alert: BadCertificate"],
    ),
    Check::of_both("plaintext to a TLS port", tls::plaintext_to_tls, &["sends 15030300020250", "closes"]),
    Check::of_both(
        "plaintext to a TLS port with SASL",
        tls::plaintext_to_sasl_tls,
        &["sends 15030300020250", "closes"],
    ),
    Check::of_both("TLS to a plaintext port", tls::tls_to_plaintext, &["closes"]),
    Check::of_both("TLS to a plaintext port with SASL", tls::tls_to_sasl_plaintext, &["closes"]),
    Check::of_both("half a TLS handshake and silence", tls::half_a_handshake, &["is silent"]),
    Check::of_both("a wrong password by PLAIN", logins::plain_wrong_password, &[PLAIN_REFUSED, "closes"]),
    Check::of_both("an unknown user by PLAIN", logins::plain_unknown_user, &[PLAIN_REFUSED, "closes"]),
    Check::of_both("a wrong password by PLAIN, over TLS", logins::plain_over_tls, &[PLAIN_REFUSED, "closes"]),
    Check::of_both("a wrong password by PLAIN, without SaslAuthenticate", logins::plain_raw, &["closes"]),
    Check::of_both(
        "a message that PLAIN does not have",
        logins::plain_malformed,
        &["58 Invalid SASL/PLAIN response: expected 3 tokens, got 1", "closes"],
    ),
    Check::of_both(
        "a wrong password by SCRAM-SHA-256",
        logins::scram_256_wrong_password,
        &["0", SCRAM_256_REFUSED, "closes"],
    ),
    Check::of_both(
        "a wrong password by SCRAM-SHA-512",
        logins::scram_512_wrong_password,
        &["0", SCRAM_512_REFUSED, "closes"],
    ),
    Check::of_both("an unknown user by SCRAM-SHA-256", logins::scram_unknown_user, &[SCRAM_256_REFUSED, "closes"]),
    Check::of_both("a message that SCRAM does not have", logins::scram_malformed, &[SCRAM_256_REFUSED, "closes"]),
    Check::of_both(
        "a token that is none by OAUTHBEARER",
        logins::token_malformed,
        &["0", "58 {\"status\":\"invalid_token\"}", "closes"],
    ),
    Check::of_both(
        "an expired token by OAUTHBEARER",
        logins::token_expired,
        &["0", "58 {\"status\":\"invalid_token\"}", "closes"],
    ),
    Check::of_both("a mechanism that there is not", logins::unknown_mechanism, &["33 and 4 mechanisms", "closes"]),
    Check::of_both("a request before the login", logins::request_before_login, &["closes"]),
    Check::of_both("a request in the midst of the login", logins::request_within_login, &["names 0 brokers", "closes"]),
    Check::of_both("SaslAuthenticate before SaslHandshake", logins::token_before_handshake, &["closes"]),
    Check::of_both("how soon a wrong password is told", logins::how_soon_told, &["after 100 ms"]),
    Check::of_mock("an IAM signature that has expired", logins::iam_expired, IAM_REFUSED),
    Check::of_mock("an IAM signature by a clock 20 minutes behind", logins::iam_behind, IAM_REFUSED),
    Check::of_mock("an IAM signature by a clock 20 minutes ahead", logins::iam_ahead, IAM_REFUSED),
    Check::of_mock("an IAM signature with a wrong secret", logins::iam_wrong_secret, IAM_REFUSED),
    Check::of_both("a frame above the bound", frames::oversized, &["closes"]),
    Check::of_both("a frame of the bound, and silence", frames::largest, &["is silent"]),
    Check::of_both("a frame of a negative length", frames::negative, &["closes"]),
    Check::of_both("a frame without a byte", frames::empty, &["closes"]),
    Check::of_both("a frame above the bound before the login", frames::oversized_before_login, &["closes"]),
    Check::of_both(
        "how soon a frame above the bound before the login is closed",
        frames::how_soon_closed,
        &["after 100 ms"],
    ),
    Check::of_both("a frame of the bound before the login, and silence", frames::largest_before_login, &["is silent"]),
    Check::of_both("a frame above the bound after the login", frames::oversized_after_login, &["closes"]),
    Check::of_both("half a frame, silence, and the other half", frames::two_halves, &["is silent", "answers 0"]),
    Check::of_both("a frame byte by byte", frames::byte_by_byte, &["answers 0"]),
    Check::of_both("10,000 pipelined requests", load::pipelined, &["answers 10000 in order"]),
    Check::of_both(
        "a client that stops reading",
        load::stops_reading,
        &["takes no more requests", "answers all when it is read"],
    ),
    Check::of_both(
        "2,000 connections that never authenticate",
        load::never_authenticate,
        &["2000 stay open", "another logs in"],
    ),
    Check::of_both(
        "2,000 connections that never begin with TLS",
        load::never_begin_tls,
        &["2000 stay open", "another logs in"],
    ),
];
