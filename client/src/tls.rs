//! Whom the client trusts, and with which cryptography it speaks TLS.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// How the certificate of a broker is judged.
#[derive(Clone, Debug, Default)]
pub(crate) enum Trust {
    /// By the roots of the platform; where it has none, by Mozilla's.
    #[default]
    Platform,
    /// By these roots alone, each text PEM with one certificate or more.
    Roots(Vec<Vec<u8>>),
    /// As this configuration says.
    Given(Arc<ClientConfig>),
    /// Not at all.
    Anybody,
}

/// Why TLS cannot be set up.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsConfigError {
    /// The process has installed no rustls crypto provider, and ottla was built with none.
    #[error(
        "there is no rustls crypto provider: install one, or build ottla with its feature `ring` (the default) or `aws-lc-rs`"
    )]
    NoCryptoProvider,
    /// The provider cannot speak TLS 1.2 or 1.3.
    #[error("the rustls crypto provider cannot be used: {0}")]
    CryptoProvider(rustls::Error),
    /// A text that was given as root certificates is none.
    #[error("the root certificates are no PEM: {0}")]
    NotPem(String),
    /// A text that was given as root certificates has none in it.
    #[error("there is no certificate in what was given as root certificates")]
    NoCertificate,
    /// A root certificate cannot be used.
    #[error("a root certificate cannot be used: {0}")]
    BadRoot(rustls::Error),
}

/// What the client speaks TLS with.
///
/// # Errors
/// When there is no provider, or the roots are none.
pub(crate) fn config(trust: &Trust) -> Result<Arc<ClientConfig>, TlsConfigError> {
    let roots = match trust {
        Trust::Given(config) => return Ok(Arc::clone(config)),
        Trust::Anybody => return accepting_anybody(),
        Trust::Platform => platform_roots(),
        Trust::Roots(texts) => given_roots(texts)?,
    };
    let provider = provider()?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let verifier = verifier.map_err(|error| TlsConfigError::BadRoot(rustls::Error::General(error.to_string())))?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(TlsConfigError::CryptoProvider)?;
    Ok(Arc::new(config.with_webpki_verifier(verifier).with_no_client_auth()))
}

/// The provider of the process, else `ring`'s, else that of `aws-lc-rs`.
fn provider() -> Result<Arc<CryptoProvider>, TlsConfigError> {
    if let Some(installed) = CryptoProvider::get_default() {
        return Ok(Arc::clone(installed));
    }
    #[cfg(feature = "ring")]
    let built_in = Ok(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
    let built_in = Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    let built_in = Err(TlsConfigError::NoCryptoProvider);
    built_in
}

fn platform_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::debug!(%error, "a root certificate of the platform cannot be read");
    }
    let (kept, _) = roots.add_parsable_certificates(found.certs);
    if kept == 0 {
        tracing::debug!("the platform has no root certificates, Mozilla's are used");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

fn given_roots(texts: &[Vec<u8>]) -> Result<RootCertStore, TlsConfigError> {
    let mut roots = RootCertStore::empty();
    for text in texts {
        let mut found = 0_usize;
        for certificate in CertificateDer::pem_slice_iter(text) {
            let certificate = certificate.map_err(|error| TlsConfigError::NotPem(error.to_string()))?;
            roots.add(certificate).map_err(TlsConfigError::BadRoot)?;
            found += 1;
        }
        if found == 0 {
            return Err(TlsConfigError::NoCertificate);
        }
    }
    Ok(roots)
}

fn accepting_anybody() -> Result<Arc<ClientConfig>, TlsConfigError> {
    tracing::warn!(
        "the certificates of the brokers are not checked: anybody on the way can read and change what is sent"
    );
    let provider = provider()?;
    let algorithms = provider.signature_verification_algorithms;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(TlsConfigError::CryptoProvider)?.dangerous();
    let verifier = Arc::new(Anybody { algorithms });
    Ok(Arc::new(config.with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

/// Takes any certificate for a good one; the peer must still hold its key.
#[derive(Debug)]
struct Anybody {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused_when_the_client_is_built() {
        let of = |text: &str| config(&Trust::Roots(vec![text.as_bytes().to_vec()])).err();
        assert_eq!(of("no PEM at all"), Some(TlsConfigError::NoCertificate));
        assert_eq!(of(""), Some(TlsConfigError::NoCertificate));
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB";
        assert!(matches!(of(cut), Some(TlsConfigError::NotPem(_) | TlsConfigError::NoCertificate)));
        let not_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(of(not_der), Some(TlsConfigError::BadRoot(_))));
    }
}
