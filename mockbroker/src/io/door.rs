//! Where connections come in: one broker's address under one listener.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ottla_mockbroker_core::Listener;
use ottla_wire::BrokerId;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::{Instrument as _, debug, info_span};

use super::serve::serve;
use super::shared::{Opened, Shared};

/// How long a client may take for its TLS handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// One broker's address under one listener.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) broker: BrokerId,
    pub(crate) listener: Listener,
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Door {
    /// Serves a connection that came in here, in a task of the runtime that this is called on.
    pub(super) fn enter<S>(&self, shared: &Arc<Shared>, stream: S, peer: String)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let span = info_span!("connection", broker = %self.broker, listener = %self.listener.name, peer, id = tracing::field::Empty);
        let opened = match shared.open(self, peer) {
            Some(Ok(opened)) => opened,
            Some(Err(refused)) => return span.in_scope(|| debug!(%refused, "refused")),
            None => return,
        };
        span.record("id", tracing::field::display(opened.id));
        let conn = opened.id;
        let task = run(Arc::clone(shared), self.tls.clone(), opened, stream).instrument(span);
        shared.served_by(conn, tokio::spawn(task).abort_handle());
    }
}

async fn run<S>(shared: Arc<Shared>, tls: Option<TlsAcceptor>, opened: Opened, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match tls {
        None => serve(&shared, &opened, stream).await,
        Some(acceptor) => match handshake(&acceptor, stream).await {
            Ok(stream) => serve(&shared, &opened, stream).await,
            Err(error) => {
                debug!(%error, "TLS handshake failed");
                shared.drive(|core, now| core.handle_failed_handshake(opened.id, now, error.to_string()));
            }
        },
    }
    shared.close(opened.id);
}

async fn handshake<S>(acceptor: &TlsAcceptor, stream: S) -> io::Result<tokio_rustls::server::TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await.unwrap_or_else(|_| {
        let waited = HANDSHAKE_TIMEOUT.as_secs();
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("not done after {waited} s")))
    })
}
