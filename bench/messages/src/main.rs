//! `bench/run messages [--check]`: what the walk over a message costs beside decoding it.
//!
//! Instructions are counted by valgrind, for they are the same on a busy machine and in a virtual one, where the processor's own counters are often not
//! to be had. The program runs itself under it (`--repeat <path> <times>`).

mod case;
mod instructions;
mod path;

use std::process::ExitCode;

use anyhow::{Context, bail};

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => measure(false),
        ["--check"] => measure(true),
        ["--repeat", name, times] => {
            let path = path::named(name).with_context(|| format!("no path is named {name}"))?;
            path.repeat(times.parse()?)?;
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("usage: bench/run messages [--check], not {other:?}"),
    }
}

fn measure(check: bool) -> anyhow::Result<ExitCode> {
    println!("{:<44} {:>14} {:>14} {:>8} {:>8}", "instructions", "beside", "walk", "share", "target");
    let mut missed = Vec::new();
    for case in case::ALL {
        let outcome = case.measure()?;
        println!("{outcome}");
        if !outcome.is_reached() {
            missed.push(outcome);
        }
    }
    for outcome in &missed {
        println!("MISSED {outcome}");
    }
    Ok(if check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
