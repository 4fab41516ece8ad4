//! `mockbroker`: a mock Kafka cluster as a program, for clients in any language.
//!
//! When its ports are open it writes one line of JSON to its standard output, with all that a script needs to connect; on SIGTERM or SIGINT it ends.

mod arguments;
mod files;
mod listener;
mod ready;
mod signals;
mod user;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use ottla_mockbroker::{MockCluster, StartError};

use arguments::Arguments;
use signals::Signals;

/// Why the program ends before it is asked to.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// What it was told makes no cluster, or a port is taken.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The certificates could not be written.
    #[error(transparent)]
    Files(#[from] files::WriteError),
    /// The system gives the program no signals.
    #[error("cannot wait for signals: {0}")]
    Signals(#[source] io::Error),
    /// Nobody reads that it is ready.
    #[error("cannot write to the standard output: {0}")]
    Output(#[source] io::Error),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody may read this either, and the exit code says the same.
            let _unread = writeln!(io::stderr(), "mockbroker: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Serves a cluster until a signal ends it.
fn run(arguments: &Arguments) -> Result<(), Failure> {
    let signals = Signals::listen().map_err(Failure::Signals)?;
    let cluster = arguments.cluster().start_blocking()?;
    if let Some(folder) = &arguments.tls_dir {
        files::write(&cluster, folder)?;
    }
    say_ready(&cluster, arguments).map_err(Failure::Output)?;
    signals.wait();
    Ok(())
}

fn say_ready(cluster: &MockCluster, arguments: &Arguments) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{}", ready::line(cluster, arguments))?;
    output.flush()
}

/// What the values of arguments are read with returns such an error, for clap to say which argument it is about.
type InvalidValue = Box<dyn Error + Send + Sync>;
