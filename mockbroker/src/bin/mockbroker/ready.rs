//! The line that says that the cluster is ready.

use ottla_mockbroker::{Mechanism, MockCluster};
use serde_json::{Value, json};

use crate::arguments::Arguments;

/// One line of JSON. It holds the secret keys of the IAM users, which no test keeps secret.
pub(crate) fn line(cluster: &MockCluster, arguments: &Arguments, control: Option<String>) -> Value {
    let listeners: Vec<Value> = arguments
        .listeners()
        .iter()
        .map(|(name, asked)| {
            let mut mechanisms: Vec<&str> = asked.mechanisms.iter().map(|it| Mechanism::name(*it)).collect();
            mechanisms.dedup();
            json!({
                "name": name,
                "protocol": asked.kind.protocol(),
                "mechanisms": mechanisms,
                "bootstrap": cluster.bootstrap_at(name),
            })
        })
        .collect();
    let credentials: serde_json::Map<String, Value> = arguments
        .identities()
        .map(|name| {
            let own = cluster.credentials(name);
            let keys = json!({"access_key_id": own.access_key_id(), "secret_access_key": own.secret_access_key()});
            (name.to_owned(), keys)
        })
        .collect();
    json!({
        "bootstrap": cluster.bootstrap(),
        "listeners": listeners,
        "control": control,
        "cluster_id": cluster.cluster_id(),
        "ca": cluster.ca_pem(),
        "tls_dir": arguments.tls_dir,
        "region": cluster.region(),
        "credentials": credentials,
    })
}
