//! The messages of the SASL mechanisms, for both sides. They are read and written here; what is secret in them is made and checked elsewhere.
//!
//! What stands in a message as a secret, or lets one be guessed, is not shown by `Debug`.

pub mod base64;
pub mod iam;
pub mod oauthbearer;
pub mod plain;
pub mod scram;

/// The most bytes of one SASL message that are read: Kafka's default of `sasl.server.max.receive.size`.
pub const RECEIVE_BYTES_MAX: usize = 524_288;

/// The most extensions of one message that are read. Kafka knows one of SCRAM, and those of OAUTHBEARER are a handful.
pub const EXTENSIONS_MAX: usize = 64;

/// Names and values that a mechanism does not define itself, in the order of the message.
pub type Extensions = Vec<(String, String)>;
