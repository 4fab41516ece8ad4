//! A service that embeds the producer: `POST /events/{key}` sends the body as a record and answers when it is delivered.
//!
//! - Back pressure goes to the caller. A request waits a moment for room under the producer's `buffer_bytes_max`, and is answered with 503 and
//!   `Retry-After` when there is none: it was not sent, and the service's memory is bounded however slow the brokers are.
//! - On Ctrl-C or SIGTERM it takes no more requests, answers those that it has, and closes the producer, which delivers what is left.
//!
//! The cluster is the one that `BOOTSTRAP` names (see `quickstart --help`), or else a mock cluster in this process. `TOPIC` (`events`) must exist; `LISTEN`
//! is `127.0.0.1:8080` where it is not set.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ottla::{Delivery, DeliveryError, NotTaken, Producer, Record, SendError};
use ottla_examples::client_or_mock;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// The memory that records may take which are not delivered.
const BUFFER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long a request waits for room in it.
const ROOM_WITHIN: Duration = Duration::from_millis(200);
/// After how many seconds a caller that found no room may come again.
const RETRY_AFTER_SECONDS: &str = "1";
/// How long a record may take to be delivered; a caller waits no longer.
const DELIVERY_WITHIN: Duration = Duration::from_secs(20);
/// How long what was sent may take to be delivered when the service ends.
const CLOSE_WITHIN: Duration = Duration::from_secs(30);
/// The most bytes of a body, which leaves room for the key in a batch of a MiB.
const BODY_BYTES_MAX: usize = 1000 * 1024;

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Clone)]
struct Service {
    producer: Producer,
    topic: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("axum_service: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Failure> {
    let variable = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let topic = variable("TOPIC", "events");
    let (client, _mock) = client_or_mock(&topic).await?;
    let producer = client.producer().buffer_bytes_max(BUFFER_BYTES_MAX).delivery_timeout(DELIVERY_WITHIN).build()?;
    let listener = TcpListener::bind(variable("LISTEN", "127.0.0.1:8080")).await?;
    println!("listening on {}", listener.local_addr()?);
    let service = Service { producer: producer.clone(), topic };
    let router = Router::new()
        .route("/events/{key}", post(produce))
        .route("/metrics", get(metrics))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(service);
    axum::serve(listener, router).with_graceful_shutdown(asked_to_end()).await?;
    producer.close(CLOSE_WITHIN).await?;
    let metrics = producer.metrics();
    println!("ended: {} delivered, {} failed", metrics.record_acknowledged_total, metrics.record_error_total());
    Ok(())
}

/// Takes the body, and answers when it is in the log, or is not.
async fn produce(State(service): State<Service>, Path(key): Path<String>, body: Bytes) -> Response {
    let record = Record::to(&service.topic).key(&key).value(body);
    let delivery = match taken(&service.producer, record).await {
        Ok(delivery) => delivery,
        Err(refused) => return refused,
    };
    match delivery.await {
        Ok(delivered) => {
            let place = json!({ "partition": delivered.partition, "offset": delivered.offset });
            (StatusCode::CREATED, Json(place)).into_response()
        }
        Err(error) => answer(of_delivery(&error), &error),
    }
}

/// Has a record taken at once where there is room, and otherwise in a moment or not at all.
async fn taken(producer: &Producer, record: Record<'_>) -> Result<Delivery, Response> {
    let refused = match producer.try_send(record) {
        Ok(delivery) => return Ok(delivery),
        Err(refused) => refused,
    };
    match refused.reason {
        NotTaken::Refused(error) => Err(answer(of_send(&error), &error)),
        // The time is over before the record is taken, or not at all: what is dropped while it waits is not sent.
        reason => match timeout(ROOM_WITHIN, producer.send(refused.record)).await {
            Ok(sent) => sent.map_err(|error| answer(of_send(&error), &error)),
            Err(_) => Err(answer(StatusCode::SERVICE_UNAVAILABLE, &reason)),
        },
    }
}

fn of_send(error: &SendError) -> StatusCode {
    match error {
        SendError::RecordTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn of_delivery(error: &DeliveryError) -> StatusCode {
    match error {
        DeliveryError::BatchTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        DeliveryError::NotSent { .. } => StatusCode::SERVICE_UNAVAILABLE,
        // It may be in the log: a caller that sends it again may put it there twice.
        DeliveryError::OutcomeUnknown { .. } => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    }
}

fn answer(status: StatusCode, error: &dyn Error) -> Response {
    let body = Json(json!({ "error": error.to_string() }));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return (status, [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)], body).into_response();
    }
    (status, body).into_response()
}

async fn metrics(State(service): State<Service>) -> Response {
    let metrics = service.producer.metrics();
    let told = json!({
        "record_acknowledged_total": metrics.record_acknowledged_total,
        "record_error_total": metrics.record_error_total(),
        "buffer_used_bytes": metrics.buffer_used_bytes,
        "request_latency_p99_seconds": metrics.request_latency.quantile(0.99).as_secs_f64(),
    });
    Json(told).into_response()
}

/// Waits for Ctrl-C, or the signal by which an orchestrator ends a service.
async fn asked_to_end() {
    let interrupted = async { tokio::signal::ctrl_c().await.is_ok() };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await.is_some(),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<bool>();
    tokio::select! {
        _ = interrupted => {}
        _ = terminated => {}
    }
}
