//! The same scripted requests to two brokers, and what their answers differ in.
//!
//! `ottla-differential SCRIPT KNOWN NAME=HOST:PORT,.. NAME=HOST:PORT,.. [COMMAND COMMAND]`: the first broker is the one that is right. It prints a line for
//! each step of the script (see [`script`]) that both answer alike, and for each difference: its name, `pass` or `fail`, and what each broker said, with
//! tabs between. The differences that the file KNOWN lists are told too, so that whoever reads the lines can hold them against the file (see
//! [`verdicts`]). With the COMMANDs that stop and start their nodes, the script is one of clusters, which need not ask all that there is.

mod advertised;
mod broker;
mod compare;
mod mask;
mod request;
mod run;
mod script;
mod verdicts;

use std::error::Error;
use std::process::ExitCode;
use std::{env, fs, io};

use broker::Broker;

fn main() -> ExitCode {
    match told() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ottla-differential: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the script and prints the verdicts. That there are differences is no error.
fn told() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (script, known, brokers) = match arguments.as_slice() {
        [script, known, right, other] => (script, known, [Broker::of(right, None)?, Broker::of(other, None)?]),
        [script, known, right, other, of_right, of_other] => {
            (script, known, [Broker::of(right, Some(of_right))?, Broker::of(other, Some(of_other))?])
        }
        _ => {
            return Err(
                "usage: ottla-differential SCRIPT KNOWN NAME=HOST:PORT,.. NAME=HOST:PORT,.. [COMMAND COMMAND]".into()
            );
        }
    };
    let steps = script::read(&fs::read_to_string(script)?)?;
    let known = if fs::exists(known)? { fs::read_to_string(known)? } else { String::new() };
    let findings = run::run(&steps, brokers)?;
    verdicts::write(&findings, &verdicts::names(&known), &mut io::stdout().lock())?;
    Ok(())
}
