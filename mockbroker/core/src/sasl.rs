//! SASL: who may come in by which mechanism, and the broker's side of each exchange.
//!
//! The rules, and what a client is told, are those of Kafka's servers: the reason that stands in the journal is mostly more than what is told.

mod exchange;
mod jws;
mod mechanism;
mod oauthbearer;
mod plain;
mod refusal;
mod scram;
mod user;

pub(crate) use exchange::{Exchange, Identified, Step, Told};
pub use jws::TokenError;
pub use mechanism::{Mechanism, UnknownMechanism};
pub use refusal::Refusal;
pub use user::{ITERATIONS_MAX, User, UserError, Users};
