//! What a wake-up costs where most partitions are idle, in instructions, which are the same on a busy machine.

use std::process::Command;

use anyhow::{Context, ensure};

use crate::broker::program;

/// How many partitions there are, of which ten are active.
const MANY: u32 = 10_000;
const FEW: u32 = 10;

/// How often they are in the longer of two runs; what both have in common, such as making the partitions, is no part of the difference.
const TIMES: u32 = 101;

/// How many times as many instructions it may take among many.
const FACTOR_MAX: f64 = 1.2;

/// The line of the table, and whether it is reached.
pub(crate) fn row() -> anyhow::Result<(String, bool)> {
    let (many, few) = (instructions(MANY)?, instructions(FEW)?);
    let (factor, is_reached) = (many / few, many <= FACTOR_MAX * few);
    let verdict = if is_reached { "ok" } else { "MISSED" };
    let line = format!(
        "10 of {MANY} partitions active: {many:.0} instructions a cycle, of {FEW}: {few:.0}; {factor:.2} (<= {FACTOR_MAX:.2}) {verdict}"
    );
    Ok((line, is_reached))
}

/// Of one cycle.
fn instructions(partitions: u32) -> anyhow::Result<f64> {
    let difference = whole_run(partitions, TIMES)?.checked_sub(whole_run(partitions, 1)?);
    Ok(difference.context("more cycles took fewer instructions")? as f64 / f64::from(TIMES - 1))
}

fn whole_run(partitions: u32, times: u32) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program("wakeup")?)
        .args([partitions.to_string(), times.to_string()])
        .output()
        .context("valgrind counts the instructions and did not start; Debian: apt-get install valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "it failed under valgrind:\n{said}");
    counted(&said).with_context(|| format!("valgrind did not say how many instructions it saw:\n{said}"))
}

/// The number in cachegrind's line `==1234== I   refs:      1,234,567`.
fn counted(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("I ") && line.contains("refs:"))?;
    let (_, number) = line.rsplit_once(':')?;
    number.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_what_valgrind_says() {
        assert_eq!(counted("==7== \n==7== I   refs:      1,234,567\n"), Some(1_234_567));
        assert_eq!(counted("==7== nothing"), None);
    }
}
