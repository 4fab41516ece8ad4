//! How the stream to a broker is opened.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

/// Bytes to a broker and from it.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// The future of [`Dial::dial`].
pub type Dialing<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Stream>, DialError>> + Send + 'a>>;

/// Opens the streams to the brokers; TLS is spoken over them where the client is told so.
///
/// Every `Fn(String, u16) -> impl Future<Output = io::Result<impl AsyncRead + AsyncWrite>>` is one.
pub trait Dial: Send + Sync + 'static {
    /// Opens a stream to `port` of `host`, which is a name or an IP address. The client drops the future at its connect timeout.
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a>;
}

impl<F, Opening, S> Dial for F
where
    F: Fn(String, u16) -> Opening + Send + Sync + 'static,
    Opening: Future<Output = io::Result<S>> + Send + 'static,
    S: Stream,
{
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        let opening = self(host.to_owned(), port);
        Box::pin(async move {
            match opening.await {
                Ok(stream) => Ok(Box::new(stream) as Box<dyn Stream>),
                Err(source) => Err(DialError::Failed(source)),
            }
        })
    }
}

/// Why no stream could be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The name has no address.
    #[error("the name cannot be resolved")]
    Unresolved(#[source] io::Error),
    /// Every address of the name was tried, and none took the connection.
    #[error("{}", each(tried))]
    NoAddress {
        /// The addresses in the order they were tried, each with its error.
        tried: Vec<(SocketAddr, io::Error)>,
    },
    /// A dialer that was given to the client failed.
    #[error(transparent)]
    Failed(io::Error),
}

fn each(tried: &[(SocketAddr, io::Error)]) -> String {
    let each = tried.iter().map(|(address, error)| format!("{address}: {error}"));
    each.collect::<Vec<_>>().join(", ")
}

/// Dials by TCP: resolves the name and tries each of its addresses in turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TcpDial {
    /// How long all addresses together may take; each gets an equal share of what is left when its turn comes.
    pub(crate) timeout: Duration,
}

impl Dial for TcpDial {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(async move {
            let deadline = Instant::now() + self.timeout;
            let resolved = lookup_host((host, port)).await.map_err(DialError::Unresolved)?;
            let addresses: Vec<SocketAddr> = resolved.collect();
            if addresses.is_empty() {
                return Err(DialError::Unresolved(io::Error::new(io::ErrorKind::NotFound, "the name has no address")));
            }
            let stream = try_each(&addresses, deadline).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}

async fn try_each(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, DialError> {
    let mut tried = Vec::new();
    for (left, address) in (1..=u32::try_from(addresses.len()).unwrap_or(u32::MAX)).rev().zip(addresses) {
        let now = Instant::now();
        // The last address keeps a little less than all that is left, so that its error is known before the client's own deadline.
        let share = deadline.saturating_duration_since(now) / left.saturating_add(1);
        match timeout_at(now + share, connect(*address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => tried.push((*address, error)),
            Err(_) => {
                tried.push((*address, io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {share:?}"))))
            }
        }
    }
    Err(DialError::NoAddress { tried })
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // A request is written whole: to wait for more to send would only delay it.
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    async fn refusing_address() -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    }

    #[tokio::test]
    async fn every_address_is_tried_until_one_answers() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = [refusing_address().await, listener.local_addr().unwrap()];
        let stream = try_each(&addresses, Instant::now() + Duration::from_secs(5)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), addresses[1]);
        assert!(stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn when_none_answers_the_error_names_each_address() {
        let addresses = [refusing_address().await, refusing_address().await];
        let error = try_each(&addresses, Instant::now() + Duration::from_secs(5)).await.unwrap_err();
        let DialError::NoAddress { tried } = &error else { panic!("{error}") };
        assert_eq!(tried.iter().map(|(address, _)| *address).collect::<Vec<_>>(), addresses);
        assert!(error.to_string().contains(&addresses[1].to_string()), "{error}");
    }

    #[tokio::test]
    async fn a_name_that_has_no_address_is_unresolved() {
        let dial = TcpDial { timeout: Duration::from_secs(5) };
        let error = dial.dial("no-such-host.invalid", 9092).await.err().unwrap();
        assert!(matches!(error, DialError::Unresolved(_)), "{error}");
    }
}
