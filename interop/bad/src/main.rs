//! What clients get wrong, and what brokers make of it.
//!
//! `ottla-bad BROKER READY TLS OTHER_CA`: does all that [`checks::ALL`] lists to the broker whose line of JSON stands in the file READY, which has the
//! certificates of the folder TLS; the authority OTHER_CA has signed none of them. BROKER is `kafka` or `mock`. For each check it prints its name, `pass`
//! or `fail`, and where the broker does not what Kafka is written to do, what it does instead, with tabs between. At the same time others ask the
//! broker, and a last line says whether they were served all the while.

mod checks;
mod line;
mod probe;
mod served;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use checks::{ALL, Check, Where};
use probe::Probe;
use served::Served;

fn main() -> ExitCode {
    match told() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ottla-bad: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the checks and prints the verdicts. That some fail is no error.
fn told() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [broker, ready, tls, other_ca] = arguments.as_slice() else {
        return Err("usage: ottla-bad kafka|mock READY TLS OTHER_CA".into());
    };
    let here = match broker.as_str() {
        "kafka" => Where::Kafka,
        "mock" => Where::Mock,
        other => return Err(format!("no broker is called {other}").into()),
    };
    let served = Served::read(ready, tls, other_ca)?;
    let probe = Probe::start(&served)?;
    let mut out = io::stdout().lock();
    for check in ALL.iter().filter(|check| check.is_for(here)) {
        probe.beside(check.name);
        writeln!(out, "{}\t{}", check.name, verdict(check, &served))?;
        out.flush()?;
    }
    writeln!(out, "others are served all the while\t{}", probe.verdict())?;
    Ok(())
}

fn verdict(check: &Check, served: &Served) -> String {
    match (check.run)(served) {
        Ok(seen) if seen == check.expected => "pass\t".to_owned(),
        Ok(seen) => format!("fail\tnot {:?} but {seen:?}", check.expected),
        Err(error) => format!("fail\t{error}"),
    }
}
