//! The cluster that the suite is about, as the environment names it.
//!
//! | variable | what it says |
//! | --- | --- |
//! | `OTTLA_E2E_BOOTSTRAP` | its addresses; without it, the mock in memory |
//! | `OTTLA_E2E_SECURITY` | `PLAINTEXT` (the default) or `SSL` |
//! | `OTTLA_E2E_CA` | a file with the certificates to trust |
//! | `OTTLA_E2E_REPLICATION` | how many replicas topics get; without it, as many as the cluster gives them |

use std::env;
use std::fs;

use ottla::{Client, ClientBuilder};

pub(crate) enum Target {
    Mock,
    Cluster(Cluster),
}

pub(crate) struct Cluster {
    bootstrap: String,
    security: String,
    ca: Option<Vec<u8>>,
}

impl Target {
    pub(crate) fn of_environment() -> Self {
        let Some(bootstrap) = variable("BOOTSTRAP") else { return Self::Mock };
        let security = variable("SECURITY").unwrap_or_else(|| "PLAINTEXT".to_owned());
        let ca = variable("CA").map(|file| fs::read(file).expect("OTTLA_E2E_CA names a file"));
        Self::Cluster(Cluster { bootstrap, security, ca })
    }
}

impl Cluster {
    pub(crate) fn client(&self) -> ClientBuilder {
        let client = Client::builder(&self.bootstrap);
        let client = match self.security.as_str() {
            "PLAINTEXT" => client.plaintext(),
            "SSL" => client.tls(),
            other => panic!("OTTLA_E2E_SECURITY is {other}"),
        };
        match &self.ca {
            Some(pem) => client.tls_root(pem),
            None => client,
        }
    }
}

/// How many replicas a topic gets, where that is said.
pub(crate) fn replication() -> Option<i16> {
    variable("REPLICATION").map(|count| count.parse().expect("OTTLA_E2E_REPLICATION is a number"))
}

fn variable(name: &str) -> Option<String> {
    env::var(format!("OTTLA_E2E_{name}")).ok().filter(|value| !value.is_empty())
}
