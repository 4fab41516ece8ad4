//! What ends the program: SIGTERM and SIGINT, and where there are no such signals, what Ctrl-C makes; and the end of its standard input, if that is
//! asked for.

use std::future::{Future, poll_fn};
use std::io::{self, Read as _};
use std::pin::pin;
use std::task::Poll;
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The signals that end the program, caught from the moment on that [`Ending::listen`] returned.
pub(crate) struct Ending {
    caught: Caught,
    stdin: Option<oneshot::Receiver<()>>,
}

impl Ending {
    /// Catches signals on a runtime, which must go on for as long as they are waited for.
    pub(crate) fn listen(runtime: &Handle, with_stdin: bool) -> io::Result<Self> {
        let _entered = runtime.enter();
        let stdin = if with_stdin { Some(stdin_ended()?) } else { None };
        Ok(Self { caught: Caught::new()?, stdin })
    }

    /// Waits for the first thing that ends the program.
    pub(crate) async fn wait(mut self) {
        let mut signal = pin!(self.caught.first());
        poll_fn(|context| {
            let stdin = self.stdin.as_mut().is_some_and(|ended| pin!(ended).poll(context).is_ready());
            if stdin || signal.as_mut().poll(context).is_ready() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// Is told when the standard input ends; what comes on it is not looked at. The thread that reads it ends with the program at the latest.
fn stdin_ended() -> io::Result<oneshot::Receiver<()>> {
    let (ended, is_ended) = oneshot::channel();
    let read = move || {
        let mut passed_over = [0; 1024];
        while matches!(io::stdin().lock().read(&mut passed_over), Ok(1..)) {}
        // A program that ends for another reason does not wait for this.
        let _not_waited_for = ended.send(());
    };
    thread::Builder::new().name("stdin".to_owned()).spawn(read)?;
    Ok(is_ended)
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
        poll_fn(|context| {
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
