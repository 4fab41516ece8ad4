//! The messages of the SASL mechanisms, each read from the same bytes.

use ottla_wire::sasl::iam::{IamPayload, IamReply};

/// What is read can be written, and read again.
pub fn sasl(data: &[u8]) {
    msk_iam(data);
}

fn msk_iam(data: &[u8]) {
    if let Ok(payload) = IamPayload::parse(data) {
        assert_eq!(IamPayload::parse(&payload.to_json()).as_ref(), Ok(&payload));
    }
    if let Ok(reply) = IamReply::parse(data) {
        assert_eq!(IamReply::parse(&reply.to_json()).as_ref(), Ok(&reply));
    }
}
