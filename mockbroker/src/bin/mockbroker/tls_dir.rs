//! The certificates and keys on disk, for clients that read them from files.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ottla_mockbroker::{InvalidSubject, MockCluster};

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
}

/// Writes the authority's certificate, and certificate and key of the brokers and of a client, into a folder that is made if it is not there.
pub(crate) fn write(cluster: &MockCluster, folder: &Path) -> Result<(), WriteError> {
    let failed = |path: &Path, source| WriteError::File { path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    let (broker, client) = (cluster.broker_certificate(), cluster.client_certificate(CLIENT)?);
    for (name, pem) in [
        ("ca.pem", cluster.ca_pem()),
        ("broker.pem", broker.chain_pem()),
        ("broker-key.pem", broker.key_pem()),
        ("client.pem", client.chain_pem()),
        ("client-key.pem", client.key_pem()),
    ] {
        let path = folder.join(name);
        write_own(&path, pem).map_err(|source| failed(&path, source))?;
    }
    Ok(())
}

/// Writes a file that its owner alone can read.
fn write_own(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
