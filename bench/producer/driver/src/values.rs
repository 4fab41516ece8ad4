//! The files that contenders and brokers read.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use tempfile::TempDir;

/// A folder of this run, and the certificates that `bench/run` has made.
pub(crate) struct Files {
    folder: TempDir,
    certificates: PathBuf,
}

/// More than lz4 looks back over, so that no value is found again.
const VALUES_BYTES: usize = 1024 * 1024;

const WORDS: [&str; 16] = [
    "account", "amount", "bid", "click", "currency", "customer", "device", "event", "latency", "order", "page",
    "region", "session", "status", "trace", "user",
];

impl Files {
    pub(crate) fn make() -> anyhow::Result<Self> {
        let certificates = std::env::var_os("CERTIFICATES").context("CERTIFICATES is not set")?.into();
        let files = Self { folder: tempfile::tempdir()?, certificates };
        fs::write(files.values(), values())?;
        Ok(files)
    }

    /// Values, one behind the other: whatever length they are cut to, none is like the one before it.
    pub(crate) fn values(&self) -> PathBuf {
        self.folder("values")
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn tls(&self, name: &str) -> PathBuf {
        self.certificates.join(name)
    }
}

/// Words, which a codec finds again, and numbers by chance, which it does not; the same in each run.
fn values() -> Vec<u8> {
    let mut text = String::with_capacity(VALUES_BYTES + 64);
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    while text.len() < VALUES_BYTES {
        // xorshift64
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let word = WORDS.get((random >> 60) as usize).copied().unwrap_or_default();
        text.push_str(&format!("\"{word}\":{},", random & 0xf_ffff));
    }
    text.truncate(VALUES_BYTES);
    text.into_bytes()
}
