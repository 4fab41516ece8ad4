//! The table: what is measured, under which brokers, and what ours must reach.

use std::time::Duration;

use crate::broker::Kind;
use crate::figure::Figure;

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) partitions: i32,
    pub(crate) value_bytes: usize,
    /// The most records that a contender sends in one run.
    pub(crate) records: usize,
    pub(crate) rtt: Duration,
    pub(crate) tls: bool,
    pub(crate) lz4: bool,
    /// What counts, and how many times as good as the best peer ours must be.
    pub(crate) targets: &'static [(Figure, f64)],
}

/// A slow contender sends no more after this.
pub(crate) const SECONDS_MAX: f64 = 4.0;

/// How much faster a peer may be where the broker is the bottleneck.
const PEER_FASTER_MAX: f64 = 1.05;

const FAR: Duration = Duration::from_millis(10);
const NEAR: Duration = Duration::ZERO;

const PLAIN: Row = Row {
    name: "6 partitions, RTT 0, 100 B",
    partitions: 6,
    value_bytes: 100,
    records: 2_000_000,
    rtt: NEAR,
    tls: false,
    lz4: false,
    targets: &[(Figure::Rate, 2.0), (Figure::Cpu, 2.0)],
};

pub(crate) const ROWS: [Row; 6] = [
    Row {
        name: "1 partition, RTT 10 ms, 1 KiB",
        partitions: 1,
        value_bytes: 1024,
        records: 200_000,
        rtt: FAR,
        targets: &[(Figure::Rate, 2.0)],
        ..PLAIN
    },
    Row {
        name: "6 partitions, RTT 10 ms, 1 KiB",
        value_bytes: 1024,
        records: 400_000,
        rtt: FAR,
        targets: &[(Figure::Rate, 2.0)],
        ..PLAIN
    },
    PLAIN,
    Row { name: "6 partitions, RTT 0, 100 B, TLS 1.3", tls: true, targets: &[(Figure::Rate, 1.5)], ..PLAIN },
    Row { name: "6 partitions, RTT 0, 100 B, lz4", lz4: true, targets: &[(Figure::Rate, 1.5)], ..PLAIN },
    Row {
        name: "one record at a time, RTT 0, 100 B",
        partitions: 1,
        records: 10_000,
        targets: &[(Figure::P50, 1.0), (Figure::P99, 1.0)],
        ..PLAIN
    },
];

impl Row {
    /// Far away, what a client makes of the distance is judged on real brokers; nearby, a broker is the bottleneck, unless it does nothing.
    pub(crate) const fn kinds(&self) -> &'static [Kind] {
        if self.rtt.is_zero() { &[Kind::Null, Kind::Kafka, Kind::Kfake] } else { &[Kind::Kafka, Kind::Kfake] }
    }

    /// What ours must reach under a broker; `None` where the figure is only shown.
    pub(crate) fn target(&self, kind: Kind, figure: Figure, factor: f64) -> Option<f64> {
        match kind {
            _ if !self.rtt.is_zero() => Some(factor),
            Kind::Null => Some(factor),
            Kind::Kafka | Kind::Kfake => (figure != Figure::Cpu).then_some(1.0 / PEER_FASTER_MAX),
        }
    }

    pub(crate) fn is_latency(&self) -> bool {
        self.targets.iter().any(|(figure, _)| *figure == Figure::P50)
    }

    /// Its name as a topic may be called.
    pub(crate) fn topic(&self) -> String {
        self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
    }
}
