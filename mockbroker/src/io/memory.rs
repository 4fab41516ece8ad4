//! Connections without sockets: pipes in memory, served on the caller's runtime, whose clock a test may pause.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::DuplexStream;
use tokio::task::AbortHandle;

use super::door::Door;
use super::shared::Shared;
use super::timer::keep_time;

/// How many bytes each direction of an in-memory connection holds, as a socket's buffers would.
pub const PIPE_BYTES: usize = 64 * 1024;

/// A dial that is under way.
pub type Dialed = Pin<Box<dyn Future<Output = io::Result<DuplexStream>> + Send>>;

/// The addresses of an in-memory cluster.
pub(crate) struct Network {
    shared: Arc<Shared>,
    doors: HashMap<(String, u16), Door>,
    timer: AbortHandle,
}

impl Network {
    /// Opens the doors and starts the timer, on the runtime that this is called on.
    pub(crate) fn new(shared: Arc<Shared>, doors: HashMap<(String, u16), Door>) -> Self {
        let timer = tokio::spawn(keep_time(Arc::clone(&shared))).abort_handle();
        Self { shared, doors, timer }
    }

    /// Connects to a broker by its host name, in upper or lower case.
    pub(crate) fn dial(network: Option<&Self>, host: &str, port: u16) -> io::Result<DuplexStream> {
        let address = (host.to_ascii_lowercase(), port);
        let refused = |text| io::Error::new(io::ErrorKind::ConnectionRefused, text);
        let found = network.filter(|network| !network.shared.is_shut());
        let found = found.and_then(|network| Some((network, network.doors.get(&address)?)));
        let Some((network, door)) = found.filter(|(network, door)| !network.shared.is_down(door.broker)) else {
            return Err(refused(format!("no in-memory broker listens on {host}:{port}")));
        };
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        match door.enter(&network.shared, far, "memory".to_owned()) {
            Ok(()) => Ok(near),
            Err(_far) => Err(refused(format!("a fault refuses connections to {host}:{port}"))),
        }
    }

    pub(crate) fn shut(&self) {
        self.timer.abort();
        self.shared.shut();
    }
}
