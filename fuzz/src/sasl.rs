//! The messages of the SASL mechanisms, for both sides, each read from the same bytes.

use std::fmt::Debug;

use bytes::Bytes;
use ottla_wire::sasl::iam::{IamPayload, IamReply};
use ottla_wire::sasl::oauthbearer::{OAuthBearerMessage, OAuthBearerRefusal};
use ottla_wire::sasl::plain::PlainMessage;
use ottla_wire::sasl::scram::{ClientFinal, ClientFirst, ServerFinal, ServerFirst};

/// What is read can be written, and read again.
pub fn sasl(data: &[u8]) {
    comes_back(data, IamPayload::parse, IamPayload::to_json);
    comes_back(data, IamReply::parse, IamReply::to_json);
    comes_back(data, PlainMessage::parse, PlainMessage::to_bytes);
    comes_back(data, ClientFirst::parse, ClientFirst::to_bytes);
    comes_back(data, ServerFirst::parse, ServerFirst::to_bytes);
    comes_back(data, ClientFinal::parse, ClientFinal::to_bytes);
    comes_back(data, ServerFinal::parse, ServerFinal::to_bytes);
    comes_back(data, OAuthBearerMessage::parse, OAuthBearerMessage::to_bytes);
    comes_back(data, OAuthBearerRefusal::parse, |refusal| refusal.to_json().into());
}

fn comes_back<M, E>(data: &[u8], parse: fn(&[u8]) -> Result<M, E>, write: fn(&M) -> Bytes)
where
    M: Debug + PartialEq,
    E: Debug + PartialEq,
{
    if let Ok(message) = parse(data) {
        assert_eq!(parse(&write(&message)), Ok(message));
    }
}
