//! Certificates and encryption.

use std::sync::Arc;

use ottla_wire::ApiKey;
use rustls::ClientConfig;
use serde_json::json;

use super::Seen;
use crate::line::{self, Line, request};
use crate::served::Served;

pub(super) fn wrong_ca(served: &Served) -> Seen {
    let seen = over_tls(served, "SSL", &served.distrusting)?;
    // It depends on the names of the authorities what of it the client's library finds wrong first.
    let turned_away = seen.iter().all(|seen| seen.starts_with("invalid peer certificate"));
    let seen = if turned_away { vec!["is turned away".to_owned()] } else { seen };
    Ok([seen, over_tls(served, "SSL", &served.trusting)?].concat())
}

pub(super) fn foreign_certificate(served: &Served) -> Seen {
    over_tls(served, "SSL_2", &served.foreign)
}

pub(super) fn no_certificate(served: &Served) -> Seen {
    over_tls(served, "SSL_2", &served.trusting)
}

/// What comes of a request.
fn over_tls(served: &Served, listener: &str, config: &Arc<ClientConfig>) -> Seen {
    let mut line = Line::open_tls(served.at(listener)?, config)?;
    Ok(vec![match line.ask(ApiKey::ApiVersions, 0, &json!({})) {
        Ok(_) => "answers".to_owned(),
        Err(error) => line::told(error)?,
    }])
}

pub(super) fn plaintext_to_tls(served: &Served) -> Seen {
    plaintext_to(served, "SSL")
}

pub(super) fn plaintext_to_sasl_tls(served: &Served) -> Seen {
    plaintext_to(served, "SASL_SSL")
}

fn plaintext_to(served: &Served, listener: &str) -> Seen {
    let mut line = Line::open(served.at(listener)?)?;
    line.send(&request(ApiKey::ApiVersions, 0, 1, &json!({}))?)?;
    let first = line.next()?;
    let then = if first.starts_with("sends") { vec![line.next()?] } else { Vec::new() };
    Ok([vec![first], then].concat())
}

pub(super) fn tls_to_plaintext(served: &Served) -> Seen {
    over_tls(served, "PLAINTEXT", &served.trusting)
}

pub(super) fn tls_to_sasl_plaintext(served: &Served) -> Seen {
    over_tls(served, "SASL_PLAINTEXT", &served.trusting)
}

pub(super) fn half_a_handshake(served: &Served) -> Seen {
    let mut line = Line::open(served.at("SSL")?)?;
    // The head of a record of 512 bytes of a handshake, and the first bytes of its ClientHello.
    line.send(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])?;
    Ok(vec![line.silence()?])
}
