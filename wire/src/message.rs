//! The generated message structs of `kafka-protocol`; hidden, and exempt from semantic versioning.
//!
//! This is the only module in the workspace that names that crate. Decode through [`crate::codec`], which walks the bytes first: the generated
//! decoders set aside memory by the lengths that a peer claims.

pub use kafka_protocol::messages::*;
pub use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Message, Request, StrBytes};
pub use uuid::Uuid;
