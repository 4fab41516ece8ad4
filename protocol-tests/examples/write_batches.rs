//! Writes our batches, and what is in them, to the file that is its only argument; `golden/read-ours.sh` lets Kafka read them.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use std::fs::File;
use std::io::{BufWriter, Write};

#[allow(dead_code, reason = "the name and the bytes stand in the line too")]
#[path = "../tests/golden/written.rs"]
mod written;

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).expect("usage: write_batches FILE");
    let mut file = BufWriter::new(File::create(path)?);
    for batch in written::batches() {
        writeln!(file, "{}", batch.line)?;
    }
    file.flush()
}
