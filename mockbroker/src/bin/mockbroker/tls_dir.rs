//! `--tls-dir DIR`: certificates and keys, and for each listener what clients of three kinds are configured with.

mod clients;
mod pkcs12;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf, absolute};

use ottla_mockbroker::{InvalidSubject, MockCluster};

use crate::arguments::Arguments;
use clients::Connection;

/// The subject of the certificate that a client may show.
const CLIENT: &str = "CN=client";

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// The system refused it.
    #[error("cannot write {}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    /// The client's certificate could not be made.
    #[error(transparent)]
    Subject(#[from] InvalidSubject),
    /// A keystore could not be made.
    #[error(transparent)]
    KeyStore(#[from] pkcs12::KeyStoreError),
}

/// Writes them into a folder that is made if it is not there.
pub(crate) fn write(cluster: &MockCluster, arguments: &Arguments, folder: &Path) -> Result<(), WriteError> {
    // Clients are started elsewhere, and find it all the same.
    let folder = absolute(folder).map_err(|source| WriteError::File { path: folder.to_owned(), source })?;
    let (broker, client) = (cluster.broker_certificate(), cluster.client_certificate(CLIENT)?);
    for (name, content) in [
        ("ca.pem", cluster.ca_pem().as_bytes()),
        ("ca.p12", &pkcs12::trusted(cluster.ca_pem())?),
        ("broker.pem", broker.chain_pem().as_bytes()),
        ("broker-key.pem", broker.key_pem().as_bytes()),
        ("client.pem", client.chain_pem().as_bytes()),
        ("client-key.pem", client.key_pem().as_bytes()),
        ("client.p12", &pkcs12::own(&client)?),
    ] {
        write_own(&folder, name, content)?;
    }
    for (at, (name, listener)) in arguments.listeners().iter().enumerate() {
        let bootstrap = cluster.bootstrap_at(name);
        let connection = Connection { bootstrap: &bootstrap, listener, users: arguments.users(), folder: &folder };
        let properties = connection.java_properties();
        if at == 0 {
            write_own(&folder, "client.properties", properties.as_bytes())?;
        }
        let folder = folder.join(name);
        write_own(&folder, "client.properties", properties.as_bytes())?;
        write_own(&folder, "librdkafka.conf", connection.librdkafka_conf().as_bytes())?;
        write_own(&folder, "kafka_python.py", connection.kafka_python().as_bytes())?;
    }
    Ok(())
}

/// Writes a file that its owner alone can read.
fn write_own(folder: &Path, name: &str, content: &[u8]) -> Result<(), WriteError> {
    let failed = |path: &Path, source| WriteError::File { path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let path = folder.join(name);
    let written = options.open(&path).and_then(|mut file| file.write_all(content));
    written.map_err(|source| failed(&path, source))
}
