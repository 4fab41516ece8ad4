//! `mockbroker`: a mock Kafka cluster as a program, for clients in any language.
//!
//! When its ports are open it writes one line of JSON to its standard output, with all that a script needs to connect; on SIGTERM or SIGINT it ends.

mod arguments;
mod control;
mod ending;
mod file;
mod listener;
mod ready;
mod tls_dir;
mod topic;
mod user;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use ottla_mockbroker::StartError;
use serde_json::Value;
use tokio::runtime::{self, Runtime};

use arguments::Arguments;
use control::{Control, Controlled};
use ending::Ending;

/// Why the program ends before it is asked to.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The file of arguments is none.
    #[error(transparent)]
    Arguments(#[from] file::FileError),
    /// What it was told makes no cluster, or a port is taken.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The control port could not be opened.
    #[error("cannot listen on {address} for control: {source}")]
    Control { address: SocketAddr, source: io::Error },
    /// The certificates could not be written.
    #[error(transparent)]
    Files(#[from] tls_dir::WriteError),
    /// The system does not tell the program what ends it.
    #[error("cannot wait for the end: {0}")]
    Ending(#[source] io::Error),
    /// Nobody reads that it is ready.
    #[error("cannot write to the standard output: {0}")]
    Output(#[source] io::Error),
}

/// The exit code of a command line that is none, by clap as by this program.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let line: Vec<OsString> = std::env::args_os().collect();
    match run(&line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody may read this either, and the exit code says the same.
            let _unread = writeln!(io::stderr(), "mockbroker: {failure}");
            if matches!(failure, Failure::Arguments(_)) { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
        }
    }
}

/// Serves a cluster until something ends it.
fn run(line: &[OsString]) -> Result<(), Failure> {
    let arguments = Arguments::read(line)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Ending)?;
    let ending = Ending::listen(runtime.handle(), arguments.exit_with_stdin).map_err(Failure::Ending)?;
    let control = arguments.control().map(|address| control(&runtime, address)).transpose()?;
    let cluster = arguments.cluster().start_blocking()?;
    if let Some(folder) = &arguments.tls_dir {
        tls_dir::write(&cluster, &arguments, folder)?;
    }
    let ready = ready::line(&cluster, &arguments, control.as_ref().map(Control::url));
    say(&ready).map_err(Failure::Output)?;
    let controlled = Arc::new(Controlled { cluster, ready });
    if let Some(control) = control {
        runtime.spawn(control.serve(Arc::clone(&controlled)));
    }
    runtime.block_on(ending.wait());
    Ok(())
}

fn control(runtime: &Runtime, address: SocketAddr) -> Result<Control, Failure> {
    let _entered = runtime.enter();
    Control::listen(address).map_err(|source| Failure::Control { address, source })
}

fn say(ready: &Value) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{ready}")?;
    output.flush()
}

/// What the values of arguments are read with returns such an error, for clap to say which argument it is about.
type InvalidValue = Box<dyn Error + Send + Sync>;
