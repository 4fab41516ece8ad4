//! Opens the stream of a connection: dial, then TLS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use tokio::time::timeout_at;
use tokio_rustls::TlsConnector;

use super::caught::caught;
use super::dial::{DialError, Stream};
use super::net::Net;
use crate::address::Endpoint;
use crate::error::{ConnectError, Stage};

/// A stream that Kafka can be spoken over.
pub(crate) struct Opened {
    pub(crate) stream: Box<dyn Stream>,
    /// What is left of the connect timeout.
    pub(crate) left: Duration,
}

/// Opens the stream to `at`, within the client's connect timeout.
pub(crate) async fn open(net: Arc<Net>, at: Endpoint) -> Result<Opened, ConnectError> {
    let started = net.now().mono;
    let deadline = started + net.connect_timeout;
    let stream = dial(&net, &at, deadline).await?;
    let stream = match &net.speech.tls {
        None => stream,
        Some(tls) => shake_hands(&net, &at, TlsConnector::from(Arc::clone(tls)), stream, deadline).await?,
    };
    Ok(Opened { stream, left: deadline.saturating_duration_since(net.now().mono) })
}

async fn dial(net: &Net, at: &Endpoint, deadline: Instant) -> Result<Box<dyn Stream>, ConnectError> {
    let dialing = caught(async { net.dial.dial(at.address.host(), at.address.port()).await });
    match timeout_at(net.on_tokio(deadline), dialing).await {
        Ok(Ok(Ok(stream))) => Ok(stream),
        Ok(Ok(Err(error))) => Err(ConnectError::of_dial(at.clone(), error)),
        Ok(Err(panicked)) => Err(ConnectError::of_dial(at.clone(), DialError::Failed(std::io::Error::other(panicked)))),
        Err(_) => Err(late(net, at, Stage::Dial)),
    }
}

async fn shake_hands(
    net: &Net,
    at: &Endpoint,
    connector: TlsConnector,
    stream: Box<dyn Stream>,
    deadline: Instant,
) -> Result<Box<dyn Stream>, ConnectError> {
    // A trailing dot makes a DNS name absolute; no certificate has it.
    let host = at.address.host().trim_end_matches('.').to_owned();
    let name = ServerName::try_from(host).map_err(|error| {
        let source = Arc::new(std::io::Error::new(std::io::ErrorKind::InvalidInput, error));
        ConnectError::Unresolved { at: at.clone(), source }
    })?;
    match timeout_at(net.on_tokio(deadline), connector.connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(ConnectError::of_tls(at.clone(), error)),
        Err(_) => Err(late(net, at, Stage::Tls)),
    }
}

fn late(net: &Net, at: &Endpoint, stage: Stage) -> ConnectError {
    ConnectError::Timeout { at: at.clone(), stage, after: net.connect_timeout }
}
