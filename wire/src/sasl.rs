//! The messages of the SASL mechanisms, for both sides.

pub mod iam;

/// The most bytes of one SASL message that are read: Kafka's default of `sasl.server.max.receive.size`.
pub const RECEIVE_BYTES_MAX: usize = 524_288;
