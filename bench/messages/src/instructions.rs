//! How many instructions a path takes, as valgrind's cachegrind counts them.

use std::process::Command;

use anyhow::{Context, bail};

/// How often the path is repeated in the longer of two runs; what both have in common, such as making the input, is no part of the difference.
const TIMES: u64 = 11;

/// The instructions of one pass over the path of this name.
pub(crate) fn of(path: &str) -> anyhow::Result<f64> {
    let once = whole_run(path, 1)?;
    let often = whole_run(path, TIMES)?;
    let difference = often.checked_sub(once).context("more passes took fewer instructions")?;
    Ok(difference as f64 / (TIMES - 1) as f64)
}

fn whole_run(path: &str, times: u64) -> anyhow::Result<u64> {
    let program = std::env::current_exe()?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.arg(program).args(["--repeat", path, &times.to_string()]);
    let output = valgrind
        .output()
        .context("valgrind counts the instructions and did not start; Debian: apt-get install valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{path} failed under valgrind:\n{said}");
    }
    counted(&said).with_context(|| format!("valgrind did not say how many instructions it saw:\n{said}"))
}

/// The number in cachegrind's line `==1234== I   refs:      1,234,567`.
fn counted(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("I ") && line.contains("refs:"))?;
    let (_, number) = line.rsplit_once(':')?;
    number.trim().replace(',', "").parse().ok()
}
