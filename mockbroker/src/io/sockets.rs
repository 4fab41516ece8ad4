//! Sockets, served on a thread of the cluster's own: a client that blocks its thread cannot keep the brokers from answering it.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::warn;

use super::door::Door;
use super::shared::Shared;
use super::timer::keep_time;

/// How long a broker waits for a connection to end before it accepts again, after the system refused it one.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// The thread that serves a cluster's sockets. Dropping it closes them all before it returns.
#[derive(Debug)]
pub(crate) struct Sockets {
    thread: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Sockets {
    /// Serves what comes in at each of the listening sockets.
    pub(crate) fn serve(shared: &Arc<Shared>, doors: Vec<(TcpListener, Door)>) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = sync_channel(1);
        let shared = Arc::clone(shared);
        let run = move || match open(&shared, doors) {
            Ok(runtime) => {
                let _caller_is_gone = ready.send(Ok(()));
                // The runtime ends with the thread, and with it every task and socket.
                drop(runtime.block_on(stopped));
            }
            Err(error) => drop(ready.send(Err(error))),
        };
        let thread = Builder::new().name("ottla-mockbroker".to_owned()).spawn(run)?;
        is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("the thread ended")))?;
        Ok(Self { thread: Some((stop, thread)) })
    }

    /// Closes all sockets, and waits until that is done.
    pub(crate) fn shut(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            drop(stop);
            if thread.join().is_err() {
                warn!("the cluster's thread panicked");
            }
        }
    }
}

/// A runtime is made on its own thread, because one that is dropped inside another panics.
fn open(shared: &Arc<Shared>, doors: Vec<(TcpListener, Door)>) -> io::Result<Runtime> {
    let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let entered = runtime.enter();
    for (listener, door) in doors {
        listener.set_nonblocking(true)?;
        runtime.spawn(accept(tokio::net::TcpListener::from_std(listener)?, door, Arc::clone(shared)));
    }
    runtime.spawn(keep_time(Arc::clone(shared)));
    drop(entered);
    Ok(runtime)
}

impl Drop for Sockets {
    fn drop(&mut self) {
        self.shut();
    }
}

async fn accept(listener: tokio::net::TcpListener, door: Door, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Kafka's brokers set it too; an answer must not wait for the acknowledgement of the one before it.
                if let Err(error) = stream.set_nodelay(true) {
                    warn!(%error, %peer, "cannot set TCP_NODELAY");
                }
                if let Err(refused) = door.enter(&shared, stream, peer.to_string()) {
                    // The nearest to a port that nobody listens on: a reset.
                    let _already_gone = refused.set_zero_linger();
                }
            }
            Err(error) => {
                warn!(%error, broker = %door.broker, "cannot accept a connection");
                let _freed = timeout(ACCEPT_RETRY, shared.freed.notified()).await;
            }
        }
    }
}
