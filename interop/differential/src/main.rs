//! The same scripted requests to two brokers, and what their answers differ in.
//!
//! `ottla-differential SCRIPT KNOWN NAME=HOST:PORT NAME=HOST:PORT`: the first broker is the one that is right. It prints a line for each step of the
//! script (see [`script`]) that both answer alike, and for each difference: its name, `pass` or `fail`, and what each broker said, with tabs between.
//! The differences that the file KNOWN lists are told too, so that whoever reads the lines can hold them against the file (see [`verdicts`]).

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
    let [script, known, right, other] = arguments.as_slice() else {
        return Err("usage: ottla-differential SCRIPT KNOWN NAME=HOST:PORT NAME=HOST:PORT".into());
    };
    let steps = script::read(&fs::read_to_string(script)?)?;
    let known = if fs::exists(known)? { fs::read_to_string(known)? } else { String::new() };
    let brokers = [Broker::of(right)?, Broker::of(other)?];
    let findings = run::run(&steps, brokers)?;
    verdicts::write(&findings, &verdicts::names(&known), &mut io::stdout().lock())?;
    Ok(())
}
