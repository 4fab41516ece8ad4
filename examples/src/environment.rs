//! The cluster that the environment names.
//!
//! `BOOTSTRAP` has its addresses, `SECURITY` is `plaintext`, `tls` or `iam` and may be left out on Amazon MSK, whose port numbers say it, `TLS_CA` names a
//! file of certificates to trust, and `AWS_REGION` the region where the host name does not say it.

use std::fs;
use std::io;

use ottla::credentials::{self, EnvironmentError as CredentialsError};
use ottla::{Address, Client, ClientBuilder, Region};

/// The ports on which MSK speaks IAM: within its network, in public, and over IPv6.
const MSK_IAM_PORTS: &[u16] = &[9098, 9198, 20098];
/// Those on which it speaks plaintext, TLS or SCRAM, of which the client knows what to say.
const MSK_OTHER_PORTS: &[u16] = &[9092, 20092, 9094, 9194, 20094, 9096, 9196, 20096];

/// Why the environment names no cluster that could be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// `SECURITY` is not set, and the ports do not say it.
    #[error("SECURITY is not set, and the port is none of Amazon MSK's; set it to plaintext, tls or iam")]
    NoSecurity,
    /// `SECURITY` is something else.
    #[error("SECURITY is {0:?}; it can be plaintext, tls or iam")]
    Security(String),
    /// The file that `TLS_CA` names cannot be read.
    #[error("TLS_CA names {path:?}, which cannot be read")]
    Ca {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// There are no credentials.
    #[error("SECURITY=iam needs AWS credentials")]
    Credentials(#[from] CredentialsError),
}

/// A client of the cluster that `BOOTSTRAP` names; nothing where it names none.
///
/// # Errors
/// When one of the other variables cannot be used.
pub fn client_of_environment(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<ClientBuilder>, EnvironmentError> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let Some(bootstrap) = variable("BOOTSTRAP") else { return Ok(None) };
    let mut client = match variable("SECURITY").as_deref() {
        Some("plaintext") => Client::builder(&bootstrap).plaintext(),
        Some("tls") => Client::builder(&bootstrap).tls(),
        Some("iam") => Client::builder(&bootstrap).msk_iam(credentials::from_env(variable)?),
        Some(other) => return Err(EnvironmentError::Security(other.to_owned())),
        None if has_port_of(&bootstrap, MSK_IAM_PORTS) => {
            Client::builder(&bootstrap).msk_iam(credentials::from_env(variable)?)
        }
        None if has_port_of(&bootstrap, MSK_OTHER_PORTS) => Client::builder(&bootstrap),
        None => return Err(EnvironmentError::NoSecurity),
    };
    if let Some(path) = variable("TLS_CA") {
        let pem = fs::read(&path).map_err(|source| EnvironmentError::Ca { path, source })?;
        client = client.tls_root(pem);
    }
    // The host name of an MSK broker says its region; AWS_REGION may be that of something else.
    if !host_says_region(&bootstrap)
        && let Some(region) = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"))
    {
        client = client.region(region);
    }
    Ok(Some(client))
}

fn host_says_region(bootstrap: &str) -> bool {
    let first = bootstrap.split(',').next().unwrap_or_default();
    first.parse::<Address>().is_ok_and(|address| Region::of_host(address.host()).is_ok())
}

fn has_port_of(bootstrap: &str, ports: &[u16]) -> bool {
    let addresses = bootstrap.split(',').filter_map(|address| address.parse::<Address>().ok());
    addresses.into_iter().any(|address| ports.contains(&address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(variables: &'static [(&'static str, &'static str)]) -> Result<Option<ClientBuilder>, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        client_of_environment(variable).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn without_bootstrap_there_is_no_cluster() {
        assert!(client(&[]).is_ok_and(|client| client.is_none()));
        assert!(client(&[("BOOTSTRAP", "")]).is_ok_and(|client| client.is_none()));
    }

    #[test]
    fn on_msks_iam_port_credentials_are_asked_for() {
        let error = client(&[("BOOTSTRAP", "b-1.x.kafka.us-east-1.amazonaws.com:9098"), ("AWS_PROFILE", "dev")]);
        assert!(error.is_err_and(|error| error.contains("AWS_PROFILE")));
        let keys = &[("BOOTSTRAP", "b:9098"), ("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "hush")];
        assert!(client(keys).is_ok_and(|client| client.is_some()));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let error = client(&[("BOOTSTRAP", "b:9092"), ("SECURITY", "kerberos")]);
        assert!(error.is_err_and(|error| error.contains("kerberos")));
        let error = client(&[("BOOTSTRAP", "b:29092")]);
        assert!(error.is_err_and(|error| error.contains("NoSecurity")));
        let error = client(&[("BOOTSTRAP", "b:9094"), ("TLS_CA", "/no/such/file")]);
        assert!(error.is_err_and(|error| error.contains("/no/such/file")));
    }
}
