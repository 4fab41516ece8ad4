//! The cluster that an example speaks to.

use ottla::{Client, ConnectError, NewTopic};
use ottla_mockbroker::{Identity, MockCluster, StartError};

use crate::environment::{EnvironmentError, client_of_environment};

/// The name of the identity that the mock lets in.
const IDENTITY: &str = "example";
const PARTITIONS: i32 = 3;

/// Why there is no cluster to speak to.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The environment names none that can be used.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The mock does not start.
    #[error("the mock cluster does not start")]
    Mock(#[from] StartError),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The mock's topic cannot be created.
    #[error("the mock cluster has no topic")]
    Topic(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A client of the cluster that the environment names; without one, of a mock cluster in this process, which has `topic` and ends when it is dropped.
///
/// # Errors
/// When there is no connection; see [`ClusterError`].
pub async fn client_or_mock(topic: &str) -> Result<(Client, Option<MockCluster>), ClusterError> {
    if let Some(client) = client_of_environment(|name| std::env::var(name).ok())? {
        return Ok((client.connect().await?, None));
    }
    let cluster = MockCluster::builder().brokers(3).iam(Identity::new(IDENTITY)).start().await?;
    let client = Client::builder(cluster.bootstrap()).tls_root(cluster.ca_pem());
    let client = client.msk_iam(cluster.credentials(IDENTITY)).region(cluster.region()).connect().await?;
    let created = client.admin().create_topics([NewTopic::new(topic).partitions(PARTITIONS)]).await;
    created
        .map_err(|error| ClusterError::Topic(error.into()))?
        .all()
        .map_err(|error| ClusterError::Topic(error.into()))?;
    eprintln!("a mock cluster of 3 brokers in this process: TLS, AWS_MSK_IAM, {}", cluster.bootstrap());
    Ok((client, Some(cluster)))
}
