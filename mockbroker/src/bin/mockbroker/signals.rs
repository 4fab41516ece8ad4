//! The signals that end the program: SIGTERM and SIGINT, and where there are no such signals, what Ctrl-C makes.

use std::io;

use tokio::runtime::{self, Runtime};

/// The signals that end the program, caught from the moment on that [`Signals::listen`] returned.
pub(crate) struct Signals {
    runtime: Runtime,
    caught: Caught,
}

impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        let entered = runtime.enter();
        let caught = Caught::new()?;
        drop(entered);
        Ok(Self { runtime, caught })
    }

    /// Waits for the first of them.
    pub(crate) fn wait(mut self) {
        self.runtime.block_on(self.caught.first());
    }
}

#[cfg(unix)]
struct Caught([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl Caught {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?]))
    }

    async fn first(&mut self) {
        use std::task::Poll;
        std::future::poll_fn(|context| {
            let came = self.0.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(windows)]
struct Caught(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Caught {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn first(&mut self) {
        self.0.recv().await;
    }
}
