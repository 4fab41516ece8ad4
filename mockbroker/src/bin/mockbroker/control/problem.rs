//! What a request of the control port brings with it, and what is said of one that cannot be answered.

use std::fmt::Display;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use ottla_mockbroker::{CreateTopicError, MoveLeaderError, UnknownPartition, UnknownTopic, WriteError};
use serde::de::DeserializeOwned;
use serde_json::json;

/// The answer, or why there is none.
pub(super) type Outcome<T> = Result<T, Problem>;

/// A request that is not answered: `{"error": "..."}`.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    error: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, error: impl Display) -> Self {
        Self { status, error: error.to_string() }
    }

    /// What the request names is not there.
    pub(super) fn not_found(error: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// The request asks for what cannot be.
    pub(super) fn refused(error: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.error}))).into_response()
    }
}

impl From<UnknownTopic> for Problem {
    fn from(error: UnknownTopic) -> Self {
        Self::not_found(error)
    }
}

impl From<UnknownPartition> for Problem {
    fn from(error: UnknownPartition) -> Self {
        Self::not_found(error)
    }
}

impl From<CreateTopicError> for Problem {
    fn from(error: CreateTopicError) -> Self {
        match error {
            CreateTopicError::Exists(_) => Self::new(StatusCode::CONFLICT, error),
            _ => Self::refused(error),
        }
    }
}

impl From<MoveLeaderError> for Problem {
    fn from(error: MoveLeaderError) -> Self {
        match error {
            MoveLeaderError::UnknownPartition(unknown) => unknown.into(),
            _ => Self::refused(error),
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::UnknownPartition(unknown) => unknown.into(),
            _ => Self::refused(error),
        }
    }
}

/// The body of a request, in JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Outcome<Self> {
        let body = Json::from_request(request, state).await;
        body.map(|Json(body)| Self(body))
            .map_err(|error: JsonRejection| Problem::new(error.status(), error.body_text()))
    }
}

/// What stands in the path of a request.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Outcome<Self> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(at)| Self(at)).map_err(|error: PathRejection| Problem::new(error.status(), error.body_text()))
    }
}

/// What stands behind the question mark of a request.
pub(super) struct Asking<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asking<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Outcome<Self> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(it)| Self(it)).map_err(|error: QueryRejection| Problem::new(error.status(), error.body_text()))
    }
}
