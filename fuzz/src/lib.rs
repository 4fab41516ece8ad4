//! What each fuzz target holds true of its bytes. The targets in `fuzz_targets` call these with what libFuzzer finds; `protocol-tests` calls them
//! with the committed corpora, on stable.

mod canary;
mod cluster;
mod codecs;
mod connection;
mod frame;
mod message;
mod old_records;
mod record_batch;
mod records;
mod repair;
mod sasl;
mod script;

pub use canary::canary;
pub use cluster::cluster;
pub use codecs::{gzip, lz4, snappy, zstd};
pub use connection::connection;
pub use frame::frame;
pub use message::{begin_anew, chosen, message, seeds};
pub use old_records::old_records;
pub use record_batch::record_batch;
pub use sasl::sasl;

/// Holds bytes to the laws of a target; panics where one is broken.
pub type Check = fn(&[u8]);

/// The targets by their names, but for the canary, which must fail.
pub const TARGETS: &[(&str, Check)] = &[
    ("cluster", cluster),
    ("connection", connection),
    ("frame", frame),
    ("gzip", gzip),
    ("lz4", lz4),
    ("message", message),
    ("old_records", old_records),
    ("record_batch", record_batch),
    ("sasl", sasl),
    ("snappy", snappy),
    ("zstd", zstd),
];
