//! The cluster that the environment names.
//!
//! `BOOTSTRAP` has its addresses. `SECURITY` is `plaintext`, `tls`, `iam`, `sasl_ssl` or `sasl_plaintext`, and may be left out on Amazon MSK, whose port
//! numbers say it. The latter two take a `SASL_MECHANISM`, for which `SASL_USERNAME` and `SASL_PASSWORD`, or `SASL_TOKEN`, log in. `TLS_CA` names a file of
//! certificates to trust, `TLS_CERT` and `TLS_KEY` those of a certificate of the client and its key, and `AWS_REGION` is the region where the host name
//! does not say it.

use std::fs;
use std::io;

use ottla::credentials::{self, EnvironmentError as CredentialsError};
use ottla::{Address, Client, ClientBuilder, OAuthBearerToken, Region};

/// The ports on which MSK speaks IAM: within its network, in public, and over IPv6.
const MSK_IAM_PORTS: &[u16] = &[9098, 9198, 20098];
/// Those on which it speaks plaintext, TLS or SCRAM, of which the client knows what to say.
const MSK_OTHER_PORTS: &[u16] = &[9092, 20092, 9094, 9194, 20094, 9096, 9196, 20096];

/// Why the environment names no cluster that could be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// `SECURITY` is not set, and the ports do not say it.
    #[error(
        "SECURITY is not set, and the port is none of Amazon MSK's; set it to plaintext, tls, iam, sasl_ssl or sasl_plaintext"
    )]
    NoSecurity,
    /// `SECURITY` is something else.
    #[error("SECURITY is {0:?}; it can be plaintext, tls, iam, sasl_ssl or sasl_plaintext")]
    Security(String),
    /// `SASL_MECHANISM` is something else, or not set.
    #[error("SASL_MECHANISM is {0:?}; it can be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER")]
    Mechanism(String),
    /// A variable is not set, and another needs it.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A file cannot be read.
    #[error("{variable} names {path:?}, which cannot be read")]
    File {
        /// The variable that names it.
        variable: &'static str,
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
    let client = match variable("SECURITY").as_deref() {
        Some("plaintext") => Client::builder(&bootstrap).plaintext(),
        Some("tls") => Client::builder(&bootstrap).tls(),
        Some("iam") => with_iam(Client::builder(&bootstrap), variable)?,
        Some("sasl_ssl") => with_sasl(Client::builder(&bootstrap).tls(), variable)?,
        Some("sasl_plaintext") => with_sasl(Client::builder(&bootstrap).plaintext(), variable)?,
        Some(other) => return Err(EnvironmentError::Security(other.to_owned())),
        None if has_port_of(&bootstrap, MSK_IAM_PORTS) => with_iam(Client::builder(&bootstrap), variable)?,
        None if has_port_of(&bootstrap, MSK_OTHER_PORTS) => Client::builder(&bootstrap),
        None => return Err(EnvironmentError::NoSecurity),
    };
    let mut client = with_certificates(client, variable)?;
    // The host name of an MSK broker says its region; AWS_REGION may be that of something else.
    if !host_says_region(&bootstrap)
        && let Some(region) = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"))
    {
        client = client.region(region);
    }
    Ok(Some(client))
}

fn with_iam(
    client: ClientBuilder,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<ClientBuilder, EnvironmentError> {
    let credentials = credentials::from_env(&variable)?;
    match variable("SASL_MECHANISM").as_deref() {
        None | Some("AWS_MSK_IAM") => Ok(client.msk_iam(credentials)),
        Some("OAUTHBEARER") => Ok(client.msk_iam_oauthbearer(credentials)),
        Some(other) => Err(EnvironmentError::Mechanism(other.to_owned())),
    }
}

fn with_sasl(
    client: ClientBuilder,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<ClientBuilder, EnvironmentError> {
    let required = |name| variable(name).ok_or(EnvironmentError::Missing(name));
    let mechanism = variable("SASL_MECHANISM").unwrap_or_default();
    if mechanism == "OAUTHBEARER" {
        let token = OAuthBearerToken::new(required("SASL_TOKEN")?);
        return Ok(client.sasl_oauthbearer(move || {
            let token = token.clone();
            async move { Ok::<_, EnvironmentError>(token) }
        }));
    }
    let log_in: fn(ClientBuilder, String, String) -> ClientBuilder = match mechanism.as_str() {
        "PLAIN" => ClientBuilder::sasl_plain,
        "SCRAM-SHA-256" => ClientBuilder::sasl_scram_sha_256,
        "SCRAM-SHA-512" => ClientBuilder::sasl_scram_sha_512,
        _ => return Err(EnvironmentError::Mechanism(mechanism)),
    };
    Ok(log_in(client, required("SASL_USERNAME")?, required("SASL_PASSWORD")?))
}

fn with_certificates(
    mut client: ClientBuilder,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<ClientBuilder, EnvironmentError> {
    let file = |name: &'static str| {
        let read =
            |path: String| fs::read(&path).map_err(|source| EnvironmentError::File { variable: name, path, source });
        variable(name).map(read).transpose()
    };
    if let Some(pem) = file("TLS_CA")? {
        client = client.tls_root(pem);
    }
    match (file("TLS_CERT")?, file("TLS_KEY")?) {
        (Some(chain), Some(key)) => Ok(client.tls_client_certificate(chain, key)),
        (Some(_), None) => Err(EnvironmentError::Missing("TLS_KEY")),
        (None, Some(_)) => Err(EnvironmentError::Missing("TLS_CERT")),
        (None, None) => Ok(client),
    }
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

    #[test]
    fn each_mechanism_takes_what_it_needs_and_names_what_is_missing() {
        let sasl = |more: &'static [(&'static str, &'static str)]| {
            let mut variables = vec![("BOOTSTRAP", "b:9096"), ("SECURITY", "sasl_ssl")];
            variables.extend_from_slice(more);
            let found =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            client_of_environment(found).map(|client| client.is_some()).map_err(|error| error.to_string())
        };
        for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let all: &[_] = vec![("SASL_MECHANISM", mechanism), ("SASL_USERNAME", "u"), ("SASL_PASSWORD", "p")].leak();
            assert_eq!(sasl(all), Ok(true));
            assert_eq!(sasl(&all[..2]), Err("SASL_PASSWORD is not set".to_owned()));
        }
        assert_eq!(sasl(&[("SASL_MECHANISM", "OAUTHBEARER"), ("SASL_TOKEN", "a.b.c")]), Ok(true));
        assert_eq!(sasl(&[("SASL_MECHANISM", "OAUTHBEARER")]), Err("SASL_TOKEN is not set".to_owned()));
        assert!(sasl(&[]).is_err_and(|error| error.contains("PLAIN, SCRAM-SHA-256")));
        let certificate = &[("SASL_MECHANISM", "OAUTHBEARER"), ("SASL_TOKEN", "a"), ("TLS_CERT", "Cargo.toml")];
        assert_eq!(sasl(certificate), Err("TLS_KEY is not set".to_owned()));
    }
}
