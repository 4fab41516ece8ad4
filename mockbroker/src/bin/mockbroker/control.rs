//! The control port: what a test in any language sees and does beside its clients, over HTTP and in JSON.
//!
//! `openapi.json` describes it, and is served too. A request that a web page sends is refused: nobody's browser is to reach into a test.

mod brokers;
mod clock;
mod connections;
mod faults;
mod journal;
mod metrics;
mod problem;
mod records;
#[cfg(test)]
mod tests;
mod topics;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use axum::{Json, Router};
use ottla_mockbroker::MockCluster;
use serde_json::Value;

use problem::{Outcome, Problem};

/// The most bytes that the body of a request may have.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the control port can do, for people and for programs.
const OPENAPI: &str = include_str!("../../../openapi.json");

/// What is controlled, and what the line said that told of it.
pub(crate) struct Controlled {
    pub(crate) cluster: MockCluster,
    pub(crate) ready: Value,
}

type Shared = State<Arc<Controlled>>;

/// The port, which takes on connections and answers them when it is served.
pub(crate) struct Control {
    listener: tokio::net::TcpListener,
    address: SocketAddr,
}

impl Control {
    /// Opens the port, inside the runtime that will serve it.
    pub(crate) fn listen(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener: tokio::net::TcpListener::from_std(listener)?, address })
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers until the task that this runs on is ended.
    pub(crate) async fn serve(self, controlled: Arc<Controlled>) -> io::Result<()> {
        axum::serve(self.listener, router(controlled)).await
    }
}

/// One verb of the control port.
struct Route {
    method: Method,
    path: &'static str,
    handler: MethodRouter<Arc<Controlled>>,
}

fn route(method: Method, path: &'static str, handler: MethodRouter<Arc<Controlled>>) -> Route {
    Route { method, path, handler }
}

/// All verbs; `openapi.json` has the same.
fn routes() -> Vec<Route> {
    vec![
        route(Method::GET, "/cluster", get(cluster)),
        route(Method::POST, "/reset", post(reset)),
        route(Method::GET, "/openapi.json", get(openapi)),
        route(Method::GET, "/metrics", get(metrics::metrics)),
        route(Method::GET, "/journal", get(journal::journal)),
        route(Method::GET, "/brokers", get(brokers::list)),
        route(Method::POST, "/brokers/{broker}/{command}", post(brokers::command)),
        route(Method::PUT, "/controller", put(brokers::move_controller)),
        route(Method::GET, "/connections", get(connections::list)),
        route(Method::GET, "/clock", get(clock::read)),
        route(Method::POST, "/clock", post(clock::advance)),
        route(Method::GET, "/faults", get(faults::list)),
        route(Method::POST, "/faults", post(faults::add)),
        route(Method::GET, "/faults/{fault}", get(faults::describe)),
        route(Method::DELETE, "/faults/{fault}", delete(faults::remove)),
        route(Method::GET, "/topics", get(topics::list)),
        route(Method::POST, "/topics", post(topics::create)),
        route(Method::GET, "/topics/{topic}", get(topics::describe)),
        route(Method::DELETE, "/topics/{topic}", delete(topics::remove)),
        route(Method::POST, "/topics/{topic}/records", post(records::produce)),
        route(Method::GET, "/topics/{topic}/partitions/{partition}/records", get(records::read)),
        route(Method::PUT, "/topics/{topic}/partitions/{partition}/leader", put(brokers::lead)),
    ]
}

fn router(controlled: Arc<Controlled>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, it| router.route(it.path, it.handler))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(refuse_pages))
        .with_state(controlled)
}

async fn cluster(State(controlled): Shared) -> Json<Value> {
    Json(controlled.ready.clone())
}

async fn reset(State(controlled): Shared) -> Outcome<StatusCode> {
    controlled.cluster.reset().map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}

async fn unknown(method: Method, uri: Uri) -> Problem {
    let known: Vec<String> = routes().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    Problem::not_found(format!("there is no {method} {}; there is {}", uri.path(), known.join(", ")))
}

/// Browsers say where a page comes from; programs do not.
async fn refuse_pages(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        return Problem::new(StatusCode::FORBIDDEN, "web pages have no business here").into_response();
    }
    next.run(request).await
}
