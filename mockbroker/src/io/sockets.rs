//! Sockets, served on a thread of the cluster's own: a client that blocks its thread cannot keep the brokers from answering it.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use ottla_wire::BrokerId;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tracing::warn;

use super::door::Door;
use super::shared::Shared;
use super::timer::keep_time;

/// How long a broker waits for a connection to end before it accepts again, after the system refused it one.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How long the thread may take to close a port. Only one that a test's own code holds up takes any time.
const CLOSE_MAX: Duration = Duration::from_secs(1);

/// How many connections the system takes on before they are accepted, as far as it allows so many itself. Kafka asks for 50
/// (`socket.listen.backlog.size`); a test that opens thousands at once would lose some to that.
const BACKLOG: u32 = 1024;

/// The thread that serves a cluster's sockets. Dropping it closes them all before it returns.
pub(crate) struct Thread {
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    runtime: Handle,
}

/// The sockets of a cluster, and the thread that serves them. Dropping it closes them all before it returns.
pub(crate) struct Sockets {
    thread: Thread,
    shared: Arc<Shared>,
    ports: Mutex<Vec<Port>>,
}

/// One broker's port under one listener.
struct Port {
    address: SocketAddr,
    door: Door,
    state: PortState,
}

/// What a port does.
enum PortState {
    /// It accepts connections.
    Open { accepting: AbortHandle, closed: Receiver<()> },
    /// It refuses connections, and is kept.
    Refusing(TcpSocket),
    /// It refuses connections; somebody else may have taken it.
    Closed,
}

impl Thread {
    /// A thread that serves nothing yet.
    pub(crate) fn start() -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = sync_channel(1);
        let run = move || match runtime::Builder::new_current_thread().enable_io().enable_time().build() {
            Ok(runtime) => {
                let _caller_is_gone = ready.send(Ok(runtime.handle().clone()));
                // The runtime ends with the thread, and with it every task and socket. One that is dropped inside another panics.
                drop(runtime.block_on(stopped));
            }
            Err(error) => drop(ready.send(Err(error))),
        };
        let thread = Builder::new().name("ottla-mockbroker".to_owned()).spawn(run)?;
        let runtime = is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("the thread ended")))?;
        Ok(Self { running: Some((stop, thread)), runtime })
    }

    /// A socket that listens at an address, for the thread to serve.
    pub(crate) fn listen(&self, address: SocketAddr) -> io::Result<TcpListener> {
        let _entered = self.runtime.enter();
        bound(address)?.listen(BACKLOG)
    }

    /// Closes all sockets, and waits until that is done.
    fn end(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            if thread.join().is_err() {
                warn!("the cluster's thread panicked");
            }
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.end();
    }
}

impl Sockets {
    /// Serves what comes in at each of the listening sockets.
    pub(crate) fn serve(thread: Thread, shared: &Arc<Shared>, doors: Vec<(TcpListener, Door)>) -> io::Result<Self> {
        thread.runtime.spawn(keep_time(Arc::clone(shared)));
        let mut ports = Vec::new();
        for (listener, door) in doors {
            let address = listener.local_addr()?;
            let state = open(&thread.runtime, shared, listener, door.clone());
            ports.push(Port { address, door, state });
        }
        Ok(Self { thread, shared: Arc::clone(shared), ports: Mutex::new(ports) })
    }

    /// Closes a broker's ports: whoever connects is refused.
    pub(crate) fn refuse(&self, broker: BrokerId) {
        for port in self.lock().iter_mut().filter(|port| port.door.broker == broker) {
            port.refuse();
        }
    }

    /// Opens a broker's ports again. What came in by then is accepted after `then`.
    ///
    /// # Errors
    /// When somebody else has taken a port, or the system refuses it; `then` is not called.
    pub(crate) fn accept(&self, broker: BrokerId, then: impl FnOnce()) -> Result<(), (SocketAddr, io::Error)> {
        let entered = self.thread.runtime.enter();
        let mut ports = self.lock();
        let mut listening = Vec::new();
        for port in ports.iter_mut().filter(|port| port.door.broker == broker) {
            if let Some(listener) = port.listen().map_err(|error| (port.address, error))? {
                listening.push((port, listener));
            }
        }
        then();
        for (port, listener) in listening {
            port.state = open(&self.thread.runtime, &self.shared, listener, port.door.clone());
        }
        drop(entered);
        Ok(())
    }

    /// Closes all sockets, and waits until that is done.
    pub(crate) fn shut(&mut self) {
        self.thread.end();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Port>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Port {
    fn refuse(&mut self) {
        let PortState::Open { accepting, closed } = &self.state else { return };
        accepting.abort();
        // The task ends by dropping its end of the channel, after the socket.
        let _ended = closed.recv_timeout(CLOSE_MAX);
        // A socket that is bound and does not listen refuses, and the system gives its port to nobody who asks for any.
        self.state = bound(self.address).map_or(PortState::Closed, PortState::Refusing);
    }

    /// The socket, listening; none where it does already.
    fn listen(&mut self) -> io::Result<Option<TcpListener>> {
        let socket = match std::mem::replace(&mut self.state, PortState::Closed) {
            open @ PortState::Open { .. } => {
                self.state = open;
                return Ok(None);
            }
            PortState::Refusing(socket) => socket,
            PortState::Closed => bound(self.address)?,
        };
        socket.listen(BACKLOG).map(Some)
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Connections of the broker before may not be gone yet. Elsewhere than on Unix it would let others listen at the same port.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    Ok(socket)
}

fn open(runtime: &Handle, shared: &Arc<Shared>, listener: TcpListener, door: Door) -> PortState {
    let (open, closed) = sync_channel(1);
    let listening = Listening { listener, _open: open };
    let accepting = runtime.spawn(accept(listening, door, Arc::clone(shared))).abort_handle();
    PortState::Open { accepting, closed }
}

/// A listening socket, and after it, in the order of their ends, what tells that it is closed.
struct Listening {
    listener: TcpListener,
    _open: SyncSender<()>,
}

async fn accept(listening: Listening, door: Door, shared: Arc<Shared>) {
    loop {
        match listening.listener.accept().await {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::net::{Ipv4Addr, TcpStream};

    use ottla_mockbroker_core::{Cluster, ClusterConfig, Listener};

    use super::*;
    use crate::io::Clock;

    /// More than the standard library's 128, and less than a system with limits of its own gives.
    const AT_ONCE: usize = 300;

    /// What a connection that finds no room waits before it asks again is a second.
    const AT_FIRST: Duration = Duration::from_millis(900);

    #[test]
    fn hundreds_of_connections_find_room_while_the_brokers_are_busy() {
        let shared = Shared::new(Cluster::new(ClusterConfig::default()).unwrap(), Clock::System);
        let thread = Thread::start().unwrap();
        let listener = thread.listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let door = Door { broker: BrokerId(1), listener: Listener::plaintext("PLAINTEXT"), tls: None };
        let sockets = Sockets::serve(thread, &shared, vec![(listener, door)]).unwrap();
        let busy = shared.lock();
        let connect = |_| TcpStream::connect_timeout(&address, AT_FIRST).unwrap();
        let connections: Vec<TcpStream> = (0..AT_ONCE).map(connect).collect();
        assert_eq!(connections.len(), AT_ONCE);
        drop(busy);
        drop(sockets);
    }
}
