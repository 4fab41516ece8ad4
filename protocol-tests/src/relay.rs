//! A wire between client and cluster that a test can cut, and on which it can lose answers.

use std::collections::HashSet;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ottla::Dial;
use ottla_wire::ApiKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::task::AbortHandle;

/// A wire between a client and an in-memory cluster; it understands frames and not TLS, so it is for plaintext. Its clones are the same wire.
#[derive(Clone, Debug, Default)]
pub struct Relay {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    dialled: Vec<String>,
    open: Vec<AbortHandle>,
    swallowed: HashSet<i16>,
    /// The API whose next request is cut, and after how many bytes.
    cut_within: Option<(i16, usize)>,
    delivered_bytes: usize,
}

/// A dial that is under way.
type Dialled = Pin<Box<dyn Future<Output = io::Result<DuplexStream>> + Send>>;

/// As much as the pipes of the cluster hold.
const PIPE_BYTES: usize = 64 * 1024;

impl Relay {
    /// Dials through this wire.
    pub fn before(&self, dial: impl Fn(String, u16) -> Dialled + Send + Sync + 'static) -> impl Dial {
        let relay = self.clone();
        move |host: String, port: u16| -> Dialled {
            relay.state().dialled.push(format!("{host}:{port}"));
            let (relay, dialling) = (relay.clone(), dial(host, port));
            Box::pin(async move {
                let broker = dialling.await?;
                let (near, far) = tokio::io::duplex(PIPE_BYTES);
                relay.join(far, broker);
                Ok(near)
            })
        }
    }

    /// What was dialled so far.
    #[must_use]
    pub fn dialled(&self) -> Vec<String> {
        self.state().dialled.clone()
    }

    /// How many bytes the brokers sent to the client so far, those that were lost not counted.
    #[must_use]
    pub fn delivered_bytes(&self) -> usize {
        self.state().delivered_bytes
    }

    /// Cuts every connection that is open; later ones stay.
    pub fn cut(&self) {
        self.state().open.drain(..).for_each(|connection| connection.abort());
    }

    /// The next request of `api` breaks off after so many bytes, with its connection.
    pub fn cut_within_request_of(&self, api: ApiKey, bytes: usize) {
        self.state().cut_within = Some((api.key(), bytes));
    }

    /// The answers to requests of `api` that are sent from now on never come.
    pub fn swallow_answers_of(&self, api: ApiKey) {
        self.state().swallowed.insert(api.key());
    }

    /// Every answer to what is sent from now on comes again.
    pub fn swallow_nothing(&self) {
        self.state().swallowed.clear();
    }

    fn join(&self, client: DuplexStream, broker: DuplexStream) {
        let (from_client, to_client) = tokio::io::split(client);
        let (from_broker, to_broker) = tokio::io::split(broker);
        let lost = Lost::default();
        let relay = self.clone();
        // When one side closes, so does the other.
        let connection = tokio::spawn(async move {
            tokio::select! {
                ended = ask(&relay, from_client, to_broker, Arc::clone(&lost)) => ended,
                ended = answer(&relay, from_broker, to_client, Arc::clone(&lost)) => ended,
            }
        });
        self.state().open.push(connection.abort_handle());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The correlation ids whose answers are lost.
type Lost = Arc<Mutex<HashSet<[u8; 4]>>>;

type From = ReadHalf<DuplexStream>;
type To = WriteHalf<DuplexStream>;

async fn ask(relay: &Relay, mut from: From, mut to: To, lost: Lost) -> io::Result<()> {
    loop {
        let frame = read_frame(&mut from).await?;
        // The header begins with the API key, its version and the correlation id.
        let [_, _, _, _, high, low, _, _, id @ ..] = frame.as_slice() else { return Ok(()) };
        let api = i16::from_be_bytes([*high, *low]);
        if relay.state().swallowed.contains(&api)
            && let Some(id) = id.first_chunk()
        {
            lost.lock().unwrap_or_else(PoisonError::into_inner).insert(*id);
        }
        let cut = relay.state().cut_within.take_if(|(cut, _)| *cut == api);
        if let Some((_, bytes)) = cut {
            to.write_all(&frame[..bytes.min(frame.len())]).await?;
            return to.shutdown().await;
        }
        to.write_all(&frame).await?;
    }
}

async fn answer(relay: &Relay, mut from: From, mut to: To, lost: Lost) -> io::Result<()> {
    loop {
        let frame = read_frame(&mut from).await?;
        let id = frame.get(4..).and_then(<[u8]>::first_chunk::<4>);
        let is_lost = id.is_some_and(|id| lost.lock().unwrap_or_else(PoisonError::into_inner).remove(id));
        if !is_lost {
            to.write_all(&frame).await?;
            relay.state().delivered_bytes += frame.len();
        }
    }
}

/// A frame with its length before it; the peers are our own, and their lengths are believed.
async fn read_frame(from: &mut From) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    from.read_exact(&mut frame).await?;
    let length = frame.first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
    frame.resize(4 + usize::try_from(length).unwrap_or_default(), 0);
    from.read_exact(&mut frame[4..]).await?;
    Ok(frame)
}
