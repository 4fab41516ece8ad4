//! Where connections come in: one broker's address under one listener.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use ottla_mockbroker_core::{Listener, OpenError};
use ottla_wire::BrokerId;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tracing::{Instrument as _, debug, info_span};

use super::serve::serve;
use super::shared::{Opened, Shared};

/// One broker's address under one listener.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) broker: BrokerId,
    pub(crate) listener: Listener,
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Door {
    /// Serves a connection that came in here, in a task of the runtime that this is called on. Returns one that a fault refuses, for the caller to
    /// refuse it as its kind does.
    pub(super) fn enter<S>(&self, shared: &Arc<Shared>, stream: S, peer: String) -> Result<(), S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let span = info_span!("connection", broker = %self.broker, listener = %self.listener.name, peer, id = tracing::field::Empty);
        let opened = match shared.open(self, peer) {
            Some(Ok(opened)) => opened,
            Some(Err(refused)) => {
                span.in_scope(|| debug!(%refused, "refused"));
                return if matches!(refused, OpenError::Refused(_)) { Err(stream) } else { Ok(()) };
            }
            None => return Ok(()),
        };
        span.record("id", tracing::field::display(opened.id));
        let conn = opened.id;
        let task = run(Arc::clone(shared), self.tls.clone(), opened, stream).instrument(span);
        shared.served_by(conn, tokio::spawn(task).abort_handle());
        Ok(())
    }
}

async fn run<S>(shared: Arc<Shared>, tls: Option<TlsAcceptor>, opened: Opened, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match tls {
        None => serve(&shared, &opened, stream).await,
        Some(acceptor) => {
            shared.reading(&opened).await;
            serve_tls(&shared, &opened, &acceptor, stream).await;
        }
    }
    shared.close(opened.id);
}

async fn serve_tls<S>(shared: &Shared, opened: &Opened, acceptor: &TlsAcceptor, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Kafka has no bound for a handshake but that of a connection on which nothing moves.
    match unless(shared.closing(opened), acceptor.accept(stream).into_fallible()).await {
        None => debug!("closed before the TLS handshake was done"),
        Some(Ok(stream)) => {
            shared.moves(opened.id);
            let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).cloned();
            if let Some(certificate) = shown {
                shared.drive(|core, now| core.handle_certificate(opened.id, now, &certificate));
            }
            serve(shared, opened, stream).await;
        }
        // The stream is kept until the reason stands in the journal: whoever sees the end may look there.
        Some(Err((error, _stream))) => {
            debug!(%error, "TLS handshake failed");
            shared.drive(|core, now| core.handle_failed_handshake(opened.id, now, error.to_string()));
        }
    }
}

/// What `wanted` gives, unless `ended` comes first.
async fn unless<F: Future>(ended: impl Future<Output = ()>, wanted: F) -> Option<F::Output> {
    let (mut ended, mut wanted) = (pin!(ended), pin!(wanted));
    poll_fn(|context| match ended.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => wanted.as_mut().poll(context).map(Some),
    })
    .await
}
