//! The configs of subscriptions to the metrics of clients (KIP-714).
//!
//! Generated from the definitions of Apache Kafka 4.4.0 by `interop/configs/generate`; do not edit.

use crate::configs::Config;
use crate::configs::Kind::*;
use crate::configs::Rule::*;

/// By ascending name.
#[rustfmt::skip]
pub(in crate::configs) static CLIENT_METRICS: &[Config] = &[
    Config::new("interval.ms", Int, Some("300000")),
    Config::new("match", List, Some("")).rule(Items { may_be_empty: true, of: &[] }),
    Config::new("metrics", List, Some("")).rule(Items { may_be_empty: true, of: &[] }),
];
