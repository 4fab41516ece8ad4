//! `/metrics`, as Prometheus reads it (text format 0.0.4).

use std::fmt::{self, Write};

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use ottla_mockbroker::MockCluster;

use super::Shared;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(State(controlled): Shared) -> impl IntoResponse {
    let mut text = String::new();
    // A string takes whatever is written.
    let _written = write(&mut text, &controlled.cluster);
    ([(header::CONTENT_TYPE, TEXT)], text)
}

fn write(out: &mut String, cluster: &MockCluster) -> fmt::Result {
    let (tally, topics) = (cluster.tally(), cluster.topics());
    let partitions = topics.iter().flat_map(|topic| &topic.partitions);
    let log_bytes: usize = partitions.clone().map(|partition| partition.size_bytes).sum();
    head(out, "requests_total", "counter", "Requests that came, by their API.")?;
    for (api, count) in &tally.requests {
        writeln!(out, "mockbroker_requests_total{{api=\"{api}\"}} {count}")?;
    }
    head(out, "errors_total", "counter", "Errors in answers, by API and code; each topic and partition has its own.")?;
    for ((api, code), count) in &tally.errors {
        let code = code.name().map_or_else(|| code.0.to_string(), str::to_owned);
        writeln!(out, "mockbroker_errors_total{{api=\"{api}\",code=\"{code}\"}} {count}")?;
    }
    one(out, "received_bytes_total", "counter", "Bytes of all requests.", tally.received_bytes)?;
    one(out, "sent_bytes_total", "counter", "Bytes of all answers.", tally.sent_bytes)?;
    one(out, "connections_total", "counter", "Connections that were opened.", tally.connections)?;
    one(out, "connections", "gauge", "Connections that are open.", cluster.open_connections())?;
    one(out, "topics", "gauge", "Topics that there are.", topics.len())?;
    one(out, "partitions", "gauge", "Partitions of all topics.", partitions.count())?;
    one(out, "log_bytes", "gauge", "Bytes of the record batches of all partitions, each once.", log_bytes)
}

fn one(out: &mut String, name: &str, kind: &str, help: &str, value: impl fmt::Display) -> fmt::Result {
    head(out, name, kind, help)?;
    writeln!(out, "mockbroker_{name} {value}")
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP mockbroker_{name} {help}\n# TYPE mockbroker_{name} {kind}")
}
