//! The broker that is asked: where its listeners are, and whom it knows.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, crypto};
use serde_json::Value;

/// The user that every SASL listener lets in, and the password; interop/lib serves them.
pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "alice-secret";

/// The region and the keys of the mock's IAM user.
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A broker, as its line of JSON tells of it.
pub(crate) struct Served {
    /// The first address of each listener, by its name.
    listeners: BTreeMap<String, String>,
    /// Trusts the broker's authority, and shows no certificate.
    pub(crate) trusting: Arc<ClientConfig>,
    /// Trusts another authority alone.
    pub(crate) distrusting: Arc<ClientConfig>,
    /// Trusts the broker's authority, and shows a certificate that the other one has signed.
    pub(crate) foreign: Arc<ClientConfig>,
}

impl Served {
    /// From the file with the line, the folder with the broker's certificates, and that of the other authority.
    pub(crate) fn read(ready: &str, tls: &str, others: &str) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(ready)?;
        let line: Value = serde_json::from_str(text.lines().next().unwrap_or_default())?;
        let listeners = line["listeners"].as_array().ok_or("the line of JSON names no listeners")?;
        let first = |listener: &Value| {
            let address = listener["bootstrap"].as_str()?.split(',').next()?;
            Some((listener["name"].as_str()?.to_owned(), address.to_owned()))
        };
        let (own, other) = (Path::new(tls), Path::new(others));
        Ok(Self {
            listeners: listeners.iter().filter_map(first).collect(),
            trusting: Arc::new(config(own, None)?),
            distrusting: Arc::new(config(other, None)?),
            foreign: Arc::new(config(own, Some(other))?),
        })
    }

    /// Where the listener of this name is.
    pub(crate) fn at(&self, listener: &str) -> Result<&str, String> {
        self.listeners.get(listener).map(String::as_str).ok_or_else(|| format!("there is no listener {listener}"))
    }
}

/// Trusts the authority of one folder, and shows the client certificate of another.
fn config(trusted: &Path, shown: Option<&Path>) -> Result<ClientConfig, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trusted.join("ca.pem"))?)?;
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = builder.with_root_certificates(roots);
    let Some(shown) = shown else { return Ok(builder.with_no_client_auth()) };
    let chain = CertificateDer::pem_file_iter(shown.join("client.pem"))?.collect::<Result<_, _>>()?;
    Ok(builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(shown.join("client-key.pem"))?)?)
}
