//! Who is not let in, and how he is told.

use std::borrow::Cow;
use std::error::Error;
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use ottla_core::iam;
use ottla_core::region::Region;
use ottla_wire::ApiKey;
use ottla_wire::sasl::base64;
use ottla_wire::sasl::oauthbearer::OAuthBearerMessage;
use ottla_wire::sasl::plain::PlainMessage;
use ottla_wire::sasl::scram::{ClientFinal, ClientFirst, ScramMechanism, ServerFirst};
use serde_json::{Value, json};

use super::Seen;
use crate::line::{self, Line, framed};
use crate::served::{ACCESS_KEY_ID, PASSWORD, REGION, SECRET_ACCESS_KEY, Served, USER};

/// What Kafka's `connection.failed.authentication.delay.ms` is where nobody sets it.
pub(super) const DELAY: Duration = Duration::from_millis(100);

/// How often something is timed. The shortest counts, for a busy machine makes each longer.
pub(super) const TIMED: usize = 5;

/// A connection on which somebody comes in, step by step, and what was seen of that.
pub(super) struct Login {
    pub(super) line: Line,
    seen: Vec<String>,
}

impl Login {
    /// At a listener without TLS, after the handshake for a mechanism.
    fn by(served: &Served, mechanism: &str) -> Result<Self, Box<dyn Error>> {
        let mut login = Self { line: Line::open(served.at("SASL_PLAINTEXT")?)?, seen: Vec::new() };
        login.handshake(mechanism)?;
        Ok(login)
    }

    /// As the user who is let in.
    pub(super) fn succeeded(served: &Served) -> Result<Line, Box<dyn Error>> {
        let mut login = Self::by(served, "PLAIN")?;
        login.token(&plain(USER, PASSWORD))?;
        if login.seen == ["0"] { Ok(login.line) } else { Err(format!("not let in: {:?}", login.seen).into()) }
    }

    /// Only a refusal is told.
    fn handshake(&mut self, mechanism: &str) -> io::Result<()> {
        let answer = self.line.ask(ApiKey::SaslHandshake, 1, &json!({"mechanism": mechanism}))?;
        if answer["errorCode"] != 0 {
            let mechanisms = answer["mechanisms"].as_array().map(Vec::len).unwrap_or_default();
            self.seen.push(format!("{} and {mechanisms} mechanisms", answer["errorCode"]));
        }
        Ok(())
    }

    /// What the broker answers, decoded.
    fn token(&mut self, token: &[u8]) -> io::Result<Vec<u8>> {
        let body = json!({"authBytes": base64::encode(token)});
        let answer = match self.line.ask(ApiKey::SaslAuthenticate, 2, &body) {
            Ok(answer) => answer,
            Err(error) => {
                self.seen.push(line::told(error)?);
                return Ok(Vec::new());
            }
        };
        let text = without_id(answer["errorMessage"].as_str().unwrap_or_default());
        self.seen.push(format!("{} {text}", answer["errorCode"]).trim().to_owned());
        base64::decode(answer["authBytes"].as_str().unwrap_or_default()).map_err(io::Error::other)
    }

    /// And what the broker does then.
    fn then(mut self) -> Seen {
        self.seen.push(self.line.next()?);
        Ok(self.seen)
    }
}

/// MSK puts the id of the authentication before what it tells.
fn without_id(text: &str) -> Cow<'_, str> {
    match text.strip_prefix('[').and_then(|text| text.split_once("]: ")) {
        Some((_, told)) => format!("[id]: {told}").into(),
        None => text.into(),
    }
}

fn plain(user: &str, password: &str) -> Vec<u8> {
    let (user, password) = (user.to_owned(), password.to_owned());
    PlainMessage { authorization_id: String::new(), user, password }.to_bytes().to_vec()
}

fn with_token(served: &Served, mechanism: &str, token: &[u8]) -> Seen {
    let mut login = Login::by(served, mechanism)?;
    login.token(token)?;
    login.then()
}

pub(super) fn plain_wrong_password(served: &Served) -> Seen {
    with_token(served, "PLAIN", &plain(USER, "wrong"))
}

pub(super) fn plain_unknown_user(served: &Served) -> Seen {
    with_token(served, "PLAIN", &plain("nobody", PASSWORD))
}

pub(super) fn plain_malformed(served: &Served) -> Seen {
    with_token(served, "PLAIN", b"alice")
}

pub(super) fn plain_over_tls(served: &Served) -> Seen {
    let line = Line::open_tls(served.at("SASL_SSL")?, &served.trusting)?;
    let mut login = Login { line, seen: Vec::new() };
    login.handshake("PLAIN")?;
    login.token(&plain(USER, "wrong"))?;
    login.then()
}

/// As clients before KIP-152 do: after version 0 of the handshake the tokens are frames of their own.
pub(super) fn plain_raw(served: &Served) -> Seen {
    let mut line = Line::open(served.at("SASL_PLAINTEXT")?)?;
    line.ask(ApiKey::SaslHandshake, 0, &json!({"mechanism": "PLAIN"}))?;
    line.send(&framed(&plain(USER, "wrong"))?)?;
    Ok(vec![line.next()?])
}

pub(super) fn scram_256_wrong_password(served: &Served) -> Seen {
    scram_wrong_password(served, ScramMechanism::Sha256)
}

pub(super) fn scram_512_wrong_password(served: &Served) -> Seen {
    scram_wrong_password(served, ScramMechanism::Sha512)
}

fn scram_wrong_password(served: &Served, mechanism: ScramMechanism) -> Seen {
    let mut login = Login::by(served, mechanism.name())?;
    let first = login.token(&ClientFirst::new(USER, "nonce").to_bytes())?;
    let nonce = ServerFirst::parse(&first)?.nonce;
    // No password gives this proof.
    let proof = vec![0; mechanism.hash_bytes()];
    let last = ClientFinal { channel_binding: b"n,,".to_vec(), nonce, extensions: Vec::new(), proof };
    login.token(&last.to_bytes())?;
    login.then()
}

pub(super) fn scram_unknown_user(served: &Served) -> Seen {
    with_token(served, "SCRAM-SHA-256", &ClientFirst::new("nobody", "nonce").to_bytes())
}

pub(super) fn scram_malformed(served: &Served) -> Seen {
    with_token(served, "SCRAM-SHA-256", b"alice")
}

pub(super) fn token_malformed(served: &Served) -> Seen {
    let mut login = Login::by(served, "OAUTHBEARER")?;
    login.token(&OAuthBearerMessage::new("no-token").to_bytes())?;
    // RFC 7628, 3.2.3: the client has seen why.
    login.token(b"\x01")?;
    login.then()
}

pub(super) fn token_expired(served: &Served) -> Seen {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let part = |claims: Value| base64::encode_url(claims.to_string().as_bytes());
    let claims = json!({"sub": USER, "iat": now.saturating_sub(7200), "exp": now.saturating_sub(3600)});
    let token = format!("{}.{}.", part(json!({"alg": "none"})), part(claims));
    let mut login = Login::by(served, "OAUTHBEARER")?;
    login.token(&OAuthBearerMessage::new(token).to_bytes())?;
    login.token(b"\x01")?;
    login.then()
}

pub(super) fn unknown_mechanism(served: &Served) -> Seen {
    Login::by(served, "GSSAPI")?.then()
}

fn first_of_all(served: &Served, api: ApiKey, version: i16, body: &Value) -> Seen {
    let mut line = Line::open(served.at("SASL_PLAINTEXT")?)?;
    Ok(vec![match line.ask(api, version, body) {
        Ok(answer) => answer.to_string(),
        Err(error) => line::told(error)?,
    }])
}

pub(super) fn request_before_login(served: &Served) -> Seen {
    first_of_all(served, ApiKey::Metadata, 12, &json!({"topics": []}))
}

pub(super) fn token_before_handshake(served: &Served) -> Seen {
    first_of_all(served, ApiKey::SaslAuthenticate, 2, &json!({"authBytes": base64::encode(&plain(USER, PASSWORD))}))
}

pub(super) fn request_within_login(served: &Served) -> Seen {
    let mut login = Login::by(served, "PLAIN")?;
    let answer = login.line.ask(ApiKey::Metadata, 12, &json!({"topics": []}))?;
    login.seen.push(format!("names {} brokers", answer["brokers"].as_array().map(Vec::len).unwrap_or_default()));
    login.then()
}

pub(super) fn how_soon_told(served: &Served) -> Seen {
    soonest(|| {
        let mut login = Login::by(served, "PLAIN")?;
        let since = Instant::now();
        login.token(&plain(USER, "wrong"))?;
        Ok(since.elapsed())
    })
}

/// Whether something takes as long as a login that fails.
pub(super) fn soonest(mut timed: impl FnMut() -> Result<Duration, Box<dyn Error>>) -> Seen {
    let mut shortest = Duration::MAX;
    for _ in 0..TIMED {
        shortest = shortest.min(timed()?);
    }
    Ok(vec![if shortest < DELAY { "at once" } else { "after 100 ms" }.to_owned()])
}

pub(super) fn iam_expired(served: &Served) -> Seen {
    let (now, second) = (SystemTime::now(), Duration::from_secs(1));
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, Some(now - 30 * second), "bad");
    // Good for half a minute, a minute ago.
    iam_signed(served, &credentials, now - 60 * second)
}

pub(super) fn iam_behind(served: &Served) -> Seen {
    iam_signed(served, &keys(SECRET_ACCESS_KEY), SystemTime::now() - TWENTY_MINUTES)
}

pub(super) fn iam_ahead(served: &Served) -> Seen {
    iam_signed(served, &keys(SECRET_ACCESS_KEY), SystemTime::now() + TWENTY_MINUTES)
}

pub(super) fn iam_wrong_secret(served: &Served) -> Seen {
    iam_signed(served, &keys("wrong"), SystemTime::now())
}

const TWENTY_MINUTES: Duration = Duration::from_secs(20 * 60);

fn keys(secret: &str) -> Credentials {
    Credentials::new(ACCESS_KEY_ID, secret, None, None, "bad")
}

/// What comes of a signature that was made at this time.
fn iam_signed(served: &Served, credentials: &Credentials, wall: SystemTime) -> Seen {
    let payload = iam::sign(credentials, "localhost", &Region::new(REGION)?, "bad", wall)?;
    let mut login = Login { line: Line::open_tls(served.at("IAM")?, &served.trusting)?, seen: Vec::new() };
    login.handshake("AWS_MSK_IAM")?;
    login.token(&payload.to_json())?;
    login.then()
}
