//! Keystores as Java reads them.

use ottla_mockbroker::Certificate as Pair;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// What every keystore opens with: nobody's secret, for the same keys stand beside it in PEM.
pub(super) const PASSWORD: &str = "changeit";

/// How often the password is hashed: it is known to all.
const ITERATIONS: u32 = 1024;

/// A keystore could not be made of a certificate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyStoreError {
    /// What it is made of is not in PEM.
    #[error("the cluster's certificates are not in PEM: {0}")]
    Pem(#[from] pem::Error),
    /// It cannot be written.
    #[error("cannot make a keystore: {0}")]
    KeyStore(#[from] p12_keystore::error::Error),
}

/// A keystore of one certificate that is trusted.
pub(super) fn trusted(ca_pem: &str) -> Result<Vec<u8>, KeyStoreError> {
    let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes())?;
    written("ca", KeyStoreEntry::Certificate(Certificate::from_der(&ca)?))
}

/// A keystore of a key and its certificates.
pub(super) fn own(pair: &Pair) -> Result<Vec<u8>, KeyStoreError> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(pair.key_pem().as_bytes())?;
    let key = PrivateKey::from_der(key.secret_pkcs8_der())?;
    let mut chain = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pair.chain_pem().as_bytes()) {
        chain.push(Certificate::from_der(&certificate?)?);
    }
    written("client", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("client".to_owned(), key, chain)))
}

fn written(alias: &str, entry: KeyStoreEntry) -> Result<Vec<u8>, KeyStoreError> {
    let mut store = KeyStore::new();
    store.add_entry(alias, entry);
    let writer = store.writer(PASSWORD).encryption_iterations(ITERATIONS).mac_iterations(ITERATIONS);
    Ok(writer.write()?)
}
