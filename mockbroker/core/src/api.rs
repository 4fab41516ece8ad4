//! The APIs: one table that names them all, and the way of a request through it.
//!
//! A request that Kafka answers by closing the connection is answered so here too, and the journal says why.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod alter_client_quotas;
mod alter_configs;
mod alter_partition_reassignments;
mod alter_replica_log_dirs;
mod alter_user_scram_credentials;
mod altering;
mod api_versions;
mod authorization;
pub(crate) mod create;
mod create_acls;
mod create_partitions;
mod create_topics;
mod delete_acls;
mod delete_records;
pub(crate) mod delete_topics;
mod describe_acls;
mod describe_client_quotas;
mod describe_cluster;
mod describe_configs;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod describe_user_scram_credentials;
mod elect_leaders;
mod fetch;
mod find_coordinator;
mod get_telemetry_subscriptions;
mod incremental_alter_configs;
mod init_producer_id;
mod list_config_resources;
mod list_offsets;
mod list_partition_reassignments;
mod metadata;
mod offset_for_leader_epoch;
mod produce;
mod push_telemetry;
mod sasl_authenticate;
mod sasl_handshake;
mod struck;
mod table;
mod unregister_broker;
mod update_features;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ottla_wire::codec::{self, DecodeError, EncodeError};
use ottla_wire::header::{RequestHeader, encode_response_header};
use ottla_wire::message::{Request, StrBytes};
use ottla_wire::{ApiKey, ErrorCode, Segments, VersionRange};

use crate::authorizer::Operation;
use crate::connection::{Closed, Connection, Serving, Session, Tokens};
use crate::journal::{Body, EntryKind};
use crate::quotas::MutationExceeded;
use crate::release::Release;
use crate::state::State;
use crate::time::Now;
use crate::waiting::{Parked, ParkedRequest};

use authorization::DeniedSoFar;
pub(crate) use fetch::ParkedFetch;
pub(crate) use produce::ParkedProduce;
pub use table::Absence;
use table::{Answered, Availability};

/// What became of a frame.
#[derive(Debug)]
pub(crate) enum Served {
    /// It wants no answer.
    Nothing,
    /// It is answered with this frame.
    Answered(Segments),
    /// It waits for something.
    Parked(Parked),
    /// The client is not let in: after a delay it gets this answer, if any, and the connection is closed.
    AuthenticationFailed(Option<Segments>, Closed),
    /// The connection is closed without an answer.
    Refused(Closed),
}

/// What a handler makes of a request.
#[derive(Debug)]
pub(crate) enum Reply<R> {
    /// The answer.
    Answer(R),
    /// The answer's body, already written.
    Written(Result<Segments, EncodeError>),
    /// The client is not let in: the answer, after which the connection is closed.
    AuthenticationFailed(R, Closed),
    /// No answer is wanted.
    Nothing,
    /// The request waits.
    Park(Parked),
    /// The connection is closed.
    Close(Closed),
}

/// A request that the mock answers. Each is in a file of its own.
pub(crate) trait Handle: Request {
    /// The versions that Kafka 4.4 advertises.
    const KAFKA: VersionRange;

    /// What a client must be allowed to do to the cluster for any of it; where not, all of the request fails with
    /// `CLUSTER_AUTHORIZATION_FAILED`. What a request needs for each thing in it, its handler asks.
    const NEEDS_ON_CLUSTER: Option<Operation> = None;

    /// Decides about the request.
    fn handle(self, call: &mut Call<'_>) -> Reply<Self::Response>;

    /// The answer that says that the whole request failed with `code`, where there is one; otherwise the connection is closed.
    fn failed(&self, code: ErrorCode) -> Option<Self::Response>;

    /// The same as an answer of this version says it, where not every version has room for all of it.
    fn failed_at(&self, _version: i16, code: ErrorCode) -> Option<Self::Response> {
        self.failed(code)
    }

    /// What is made of a request that fails as a whole.
    fn refuse(&self, code: ErrorCode) -> Reply<Self::Response> {
        self.failed(code).map_or(Reply::Nothing, Reply::Answer)
    }
}

/// One request on its way, with all that it may read and change.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) now: Now,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) connection: &'a mut Connection,
    pub(crate) state: &'a mut State,
    /// What the client may not do, as far as was asked.
    pub(crate) denied: DeniedSoFar,
}

impl Call<'_> {
    /// Whether the client's quota `controller_mutation_rate` lets it make or remove so many partitions. A version from `strict_from` on hears
    /// `THROTTLING_QUOTA_EXCEEDED`; before, the client is only slowed down (KIP-599).
    fn may_mutate(&mut self, partitions: usize, strict_from: i16) -> bool {
        let mutated = self.state.mutation_wait(self.now, self.connection, partitions, self.version >= strict_from);
        let wait = mutated.unwrap_or_else(|MutationExceeded(wait)| wait);
        if let Some(serving) = &mut self.connection.serving {
            serving.mutation_wait = serving.mutation_wait.max(wait);
        }
        mutated.is_ok()
    }

    /// Writes what happened into the journal.
    fn note(&mut self, kind: EntryKind) {
        self.state.journal.write(self.connection.entry(self.now, kind));
    }
}

/// Serves the frame that came next on a connection.
pub(crate) fn serve(state: &mut State, connection: &mut Connection, now: Now, mut frame: Bytes) -> Served {
    match &connection.session {
        Session::Authenticating(it) if it.tokens == Tokens::Bare => {
            return sasl_authenticate::serve_bare(state, connection, now, &frame);
        }
        Session::MechanismChanged { asked, before, .. } => {
            let reason = Closed::MechanismChanged { asked: asked.clone(), before: *before };
            return Served::AuthenticationFailed(None, reason);
        }
        _ => {}
    }
    let header = match RequestHeader::decode(&mut frame) {
        Ok(header) => header,
        Err(reason) => return Served::Refused(Closed::BadHeader(reason)),
    };
    let (api, answered, versions) = match find(&header, state.release) {
        Ok(found) => found,
        Err(reason) => return Served::Refused(reason),
    };
    if has_ended(&connection.session, api, now) {
        return Served::Refused(Closed::SessionExpired);
    }
    let RequestHeader { api_version: version, correlation_id, client_id, .. } = header;
    state.tally.request(api);
    if connection.client_id.as_deref() != client_id.as_deref() {
        connection.client_id = client_id.map(Arc::from);
    }
    let client_id = connection.client_id.clone();
    connection.serving = Some(Serving {
        api,
        version,
        correlation_id,
        request_bytes: frame.len(),
        mutation_wait: Duration::ZERO,
        aftermath: None,
    });
    let request = EntryKind::Request { api, version, correlation_id, client_id: client_id.clone() };
    let mut entry = connection.entry(now, request);
    entry.body = Some(Body::Request(frame.clone()));
    state.journal.write(entry);
    let client_id = client_id.as_deref();
    let denied = DeniedSoFar::default();
    let mut call = Call { now, version, correlation_id, client_id, connection, state, denied };
    match admit(&call.connection.session, api) {
        Admission::Admitted if !versions.contains(version) => {
            let answer = api_versions::failed_at_0(&call, ErrorCode::UNSUPPORTED_VERSION);
            answer.map_or_else(Served::Refused, Served::Answered)
        }
        Admission::Admitted => struck::serve(&mut call, api, answered, frame),
        Admission::Failed if !versions.contains(version) => {
            let answer = api_versions::failed_at_0(&call, ErrorCode::ILLEGAL_SASL_STATE);
            answer.map_or_else(Served::Refused, |answer| {
                Served::AuthenticationFailed(Some(answer), Closed::NotAuthenticated(api))
            })
        }
        Admission::Failed => match (answered.fail)(&call, frame, ErrorCode::ILLEGAL_SASL_STATE) {
            Ok(Some(answer)) => Served::AuthenticationFailed(Some(answer), Closed::NotAuthenticated(api)),
            Ok(None) => Served::Refused(Closed::NotAuthenticated(api)),
            Err(reason) => Served::Refused(reason),
        },
        Admission::Refused => Served::Refused(Closed::NotAuthenticated(api)),
    }
}

/// Serves the request of a connection that a fault had held up.
pub(crate) fn resume(state: &mut State, connection: &mut Connection, now: Now, api: ApiKey, body: Bytes) -> Served {
    let answered = table::all_answered().find(|(row, _)| *row == api).map(|(_, answered)| answered);
    let (Some(answered), Some(serving)) = (answered, &connection.serving) else { return Served::Nothing };
    let Serving { version, correlation_id, .. } = *serving;
    let client_id = connection.client_id.clone();
    let client_id = client_id.as_deref();
    let denied = DeniedSoFar::default();
    let mut call = Call { now, version, correlation_id, client_id, connection, state, denied };
    (answered.serve)(&mut call, body)
}

/// Whether a request comes too late: in a session that has ended, nothing but the beginning of a new one is answered (KIP-368).
fn has_ended(session: &Session, api: ApiKey, now: Now) -> bool {
    let Session::Open(login) = session else { return false };
    let renews = api == ApiKey::SaslHandshake && login.may_renew(now.mono);
    login.has_ended(now.mono) && !renews
}

/// The API of a request with the versions that a cluster like this release answers, if it is one that is answered at its version.
fn find(header: &RequestHeader, release: &Release) -> Result<(ApiKey, &'static Answered, VersionRange), Closed> {
    let unknown = Closed::UnknownApi(header.api_key);
    let Ok(api) = ApiKey::try_from(header.api_key) else { return Err(unknown) };
    let (Some(row), Some(of_release)) = (table::row(api), release.versions(api)) else { return Err(unknown) };
    let answered = match &row.availability {
        Availability::Answered(answered) => answered,
        Availability::Absent(reason) => return Err(Closed::AbsentApi { api, reason: *reason }),
    };
    let versions = answered.versions().intersect(of_release);
    // ApiVersions is answered at any version, so that clients learn which ones there are (KIP-511).
    if api != ApiKey::ApiVersions && !versions.contains(header.api_version) {
        return Err(Closed::UnsupportedVersion { api, version: header.api_version, answered: versions });
    }
    Ok((api, answered, versions))
}

/// Whether a request may come now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admission {
    Admitted,
    /// It fails with `ILLEGAL_SASL_STATE`, and the connection is closed.
    Failed,
    /// The connection is closed without a word.
    Refused,
}

/// What a client may ask while it is not authenticated: ApiVersions once, then SaslHandshake, then SaslAuthenticate. Kafka fails other
/// requests with an error only where it expects SaslAuthenticate; before that it closes at once.
fn admit(session: &Session, api: ApiKey) -> Admission {
    match (session, api) {
        (Session::Open(_), _) => Admission::Admitted,
        (Session::Fresh, ApiKey::ApiVersions | ApiKey::SaslHandshake) => Admission::Admitted,
        (Session::VersionsKnown, ApiKey::SaslHandshake) => Admission::Admitted,
        (Session::Authenticating(_), ApiKey::SaslAuthenticate) => Admission::Admitted,
        (Session::Authenticating(_), _) => Admission::Failed,
        (Session::Fresh | Session::VersionsKnown | Session::MechanismChanged { .. }, _) => Admission::Refused,
    }
}

/// Decodes a request, lets its handler decide, and writes the answer.
fn serve_request<R: Handle>(call: &mut Call<'_>, body: Bytes) -> Served {
    let request = match decode::<R>(call.version, body) {
        Ok(request) => request,
        Err(reason) => return Served::Refused(reason),
    };
    let reply = match call.may_on_cluster::<R>() {
        true => request.handle(call),
        false => {
            let denied = request.failed_at(call.version, ErrorCode::CLUSTER_AUTHORIZATION_FAILED);
            denied.map_or(Reply::Nothing, Reply::Answer)
        }
    };
    call.note_denied();
    let written = match reply {
        Reply::Answer(answer) => answer_frame::<R>(call, &answer).map(Served::Answered),
        Reply::Written(body) => with_header::<R>(call.version, call.correlation_id, body).map(Served::Answered),
        Reply::AuthenticationFailed(answer, reason) => {
            answer_frame::<R>(call, &answer).map(|answer| Served::AuthenticationFailed(Some(answer), reason))
        }
        Reply::Nothing => Ok(Served::Nothing),
        Reply::Park(parked) => Ok(Served::Parked(parked)),
        Reply::Close(reason) => Ok(Served::Refused(reason)),
    };
    written.unwrap_or_else(Served::Refused)
}

/// The frame that says that a request failed, where there is one, or why it cannot be said.
type Failure = Result<Option<Segments>, Closed>;

/// Decodes a request, and answers that it failed.
fn fail_request<R: Handle>(call: &Call<'_>, body: Bytes, code: ErrorCode) -> Failure {
    let request = decode::<R>(call.version, body)?;
    request.failed_at(call.version, code).map(|answer| answer_frame::<R>(call, &answer)).transpose()
}

/// Bytes after the request's end are passed over, as by Kafka: librdkafka's Metadata v13 has some.
fn decode<R: Handle>(version: i16, mut body: Bytes) -> Result<R, Closed> {
    let malformed = |reason: DecodeError| match ApiKey::try_from(R::KEY) {
        Ok(api) => Closed::Malformed { api, version, reason },
        Err(unknown) => Closed::UnknownApi(unknown.0),
    };
    let request = match codec::decode_request::<R>(version, body.clone()) {
        Err(DecodeError::Trailing(bytes)) => {
            body.truncate(body.len().saturating_sub(bytes));
            codec::decode_request::<R>(version, body)
        }
        request => request,
    };
    request.map_err(malformed)
}

fn answer_frame<R: Handle>(call: &Call<'_>, answer: &R::Response) -> Result<Segments, Closed> {
    frame_of::<R>(call.version, call.correlation_id, answer)
}

fn frame_of<R: Handle>(version: i16, correlation_id: i32, answer: &R::Response) -> Result<Segments, Closed> {
    let body = codec::encode_response::<R>(version, answer).map(Segments::from);
    with_header::<R>(version, correlation_id, body)
}

fn with_header<R: Handle>(
    version: i16,
    correlation_id: i32,
    body: Result<Segments, EncodeError>,
) -> Result<Segments, Closed> {
    let api = ApiKey::try_from(R::KEY).map_err(|unknown| Closed::UnknownApi(unknown.0))?;
    let mut header = BytesMut::new();
    encode_response_header(api, version, correlation_id, &mut header);
    let mut frame = Segments::from(header.freeze());
    frame.append(body?);
    Ok(frame)
}

/// Whether what a parked request waits for is there.
pub(crate) fn is_ready(state: &State, connection: &Connection, parked: &Parked) -> bool {
    match &parked.request {
        ParkedRequest::Fetch(fetch) => fetch.is_ready(state, connection),
        ParkedRequest::Produce(produce) => produce.is_ready(),
        ParkedRequest::Closing { .. } | ParkedRequest::Lull(_) => false,
    }
}

/// The frame that answers a parked Produce.
pub(crate) fn answer_produce(
    state: &State,
    connection: &Connection,
    correlation_id: i32,
    produce: ParkedProduce,
) -> Result<Segments, Closed> {
    let (answer, version) = produce.into_response(state, connection);
    frame_of::<ottla_wire::message::ProduceRequest>(version, correlation_id, &answer)
}

/// The frame that answers a parked Fetch with what there is.
pub(crate) fn answer_fetch(
    state: &mut State,
    connection: &Connection,
    now: Now,
    parked: &Parked,
    fetch: &ParkedFetch,
) -> Result<Segments, Closed> {
    let body = fetch.answer_now(state, connection, now, parked.api_version);
    with_header::<ottla_wire::message::FetchRequest>(parked.api_version, parked.correlation_id, body)
}

/// Text as the generated messages have it.
fn text(text: impl Into<String>) -> StrBytes {
    StrBytes::from_string(text.into())
}
