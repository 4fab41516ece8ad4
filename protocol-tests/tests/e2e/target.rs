//! The cluster that the suite is about, as the environment names it.
//!
//! | variable | what it says |
//! | --- | --- |
//! | `OTTLA_E2E_BOOTSTRAP` | its addresses; without it, the mock in memory |
//! | `OTTLA_E2E_SECURITY`, `OTTLA_E2E_TLS_CA`, .. | what the examples are told without the prefix: see [`ottla_examples::client_of_environment`] |
//! | `OTTLA_E2E_REPLICATION` | how many replicas topics get; without it, as many as the cluster gives them |

use std::env;

use ottla::ClientBuilder;
use ottla_examples::client_of_environment;

/// A client of the cluster that is named; nothing where the mock is meant.
pub(crate) fn client() -> Option<ClientBuilder> {
    let is_empty = env::var("OTTLA_E2E_BOOTSTRAP").is_ok_and(|addresses| addresses.is_empty());
    assert!(!is_empty, "OTTLA_E2E_BOOTSTRAP is empty: whoever set it did not mean the mock");
    client_with(variable)
}

/// The same with other answers to what the environment is asked.
pub(crate) fn client_with(variable: impl Fn(&str) -> Option<String>) -> Option<ClientBuilder> {
    client_of_environment(variable).expect("OTTLA_E2E_* name a cluster")
}

/// How many replicas a topic gets, where that is said.
pub(crate) fn replication() -> Option<i16> {
    variable("REPLICATION").map(|count| count.parse().expect("OTTLA_E2E_REPLICATION is a number"))
}

/// The addresses of a cluster that is not the mock.
pub(crate) fn bootstrap() -> String {
    variable("BOOTSTRAP").expect("OTTLA_E2E_BOOTSTRAP names a cluster")
}

pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(format!("OTTLA_E2E_{name}")).ok().filter(|value| !value.is_empty())
}
