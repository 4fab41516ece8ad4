//! Whom the client trusts, who it is itself, and with which cryptography it speaks TLS.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WantsClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ConfigBuilder, DigitallySignedStruct, InconsistentKeys, RootCertStore, SignatureScheme};

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

/// Who the client is: its certificate, and the key that proves it. Both are PEM as they were given.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) chain: Vec<u8>,
    pub(crate) key: Vec<u8>,
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
    /// The client's certificates are no PEM.
    #[error("the client's certificate is no PEM: {0}")]
    ClientCertificateNotPem(String),
    /// There is no certificate in what was given as the client's.
    #[error("there is no certificate in what was given as the client's certificate")]
    NoClientCertificate,
    /// The client's certificate is PEM of something else.
    #[error("the client's certificate cannot be used: {0}")]
    BadClientCertificate(rustls::Error),
    /// The client's key is no PEM.
    #[error("the client's key is no PEM: {0}")]
    ClientKeyNotPem(String),
    /// There is no private key in what was given as the client's.
    #[error("there is no private key in what was given as the client's key: it must be PKCS#8, PKCS#1 or SEC1 in PEM")]
    NoClientKey,
    /// The client's key is encrypted.
    #[error(
        "the client's key is encrypted: decrypt it first, for example by `openssl pkey -in key.pem -out plain.pem`"
    )]
    EncryptedClientKey,
    /// The client's key is of a kind that the crypto provider does not have, or damaged.
    #[error("the client's key cannot be used: {0}")]
    BadClientKey(rustls::Error),
    /// The client's key is not that of its certificate.
    #[error(
        "the client's key is not that of its certificate; the client's own certificate must stand first in the chain"
    )]
    ClientKeyMismatch,
}

/// What the client speaks TLS with.
///
/// # Errors
/// When there is no provider, or the roots or the client's certificate are none.
pub(crate) fn config(trust: &Trust, identity: Option<&Identity>) -> Result<Arc<ClientConfig>, TlsConfigError> {
    let roots = match trust {
        Trust::Given(config) => return Ok(Arc::clone(config)),
        Trust::Anybody => return accepting_anybody(identity),
        Trust::Platform => platform_roots(),
        Trust::Roots(texts) => given_roots(texts)?,
    };
    let provider = provider()?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let verifier = verifier.map_err(|error| TlsConfigError::BadRoot(rustls::Error::General(error.to_string())))?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(TlsConfigError::CryptoProvider)?;
    identified(config.with_webpki_verifier(verifier), identity)
}

/// The configuration of a client that is `identity`, or nobody.
fn identified(
    config: ConfigBuilder<ClientConfig, WantsClientCert>,
    identity: Option<&Identity>,
) -> Result<Arc<ClientConfig>, TlsConfigError> {
    let Some(identity) = identity else { return Ok(Arc::new(config.with_no_client_auth())) };
    let (chain, key) = (identity.chain()?, identity.key()?);
    let key = config.crypto_provider().key_provider.load_private_key(key).map_err(TlsConfigError::BadClientKey)?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
        Err(rustls::Error::InconsistentKeys(_)) => return Err(TlsConfigError::ClientKeyMismatch),
        // rustls reads none of these, and need not: it is the broker that judges it.
        Err(_) if certified.cert.first().is_some_and(|own| is_of_version_1(own)) => {}
        Err(error) => return Err(TlsConfigError::BadClientCertificate(error)),
    }
    Ok(Arc::new(config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))))
}

/// Whether it is a certificate of X.509 version 1, which `openssl x509 -req` makes where it is told of no extensions: it begins with its serial
/// number, a later one with the version.
fn is_of_version_1(der: &[u8]) -> bool {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let inside = |der: &[u8]| match der {
        [SEQUENCE, 0x81, _, inside @ ..] | [SEQUENCE, 0x82, _, _, inside @ ..] => Some(inside.to_vec()),
        [SEQUENCE, (..=0x7f), inside @ ..] => Some(inside.to_vec()),
        _ => None,
    };
    inside(der).and_then(|certificate| inside(&certificate)).is_some_and(|signed| signed.first() == Some(&INTEGER))
}

impl Identity {
    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsConfigError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.chain).collect();
        match chain {
            Ok(chain) if chain.is_empty() => Err(TlsConfigError::NoClientCertificate),
            Ok(chain) => Ok(chain),
            Err(error) => Err(TlsConfigError::ClientCertificateNotPem(error.to_string())),
        }
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
        match PrivateKeyDer::from_pem_slice(&self.key) {
            Ok(key) => Ok(key),
            Err(pem::Error::NoItemsFound) if is_encrypted(&self.key) => Err(TlsConfigError::EncryptedClientKey),
            Err(pem::Error::NoItemsFound) => Err(TlsConfigError::NoClientKey),
            Err(error) => Err(TlsConfigError::ClientKeyNotPem(error.to_string())),
        }
    }
}

/// Whether there is a key of PKCS#8 that needs a password.
fn is_encrypted(pem: &[u8]) -> bool {
    String::from_utf8_lossy(pem).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
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

fn accepting_anybody(identity: Option<&Identity>) -> Result<Arc<ClientConfig>, TlsConfigError> {
    tracing::warn!(
        "the certificates of the brokers are not checked: anybody on the way can read and change what is sent"
    );
    let provider = provider()?;
    let algorithms = provider.signature_verification_algorithms;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(TlsConfigError::CryptoProvider)?.dangerous();
    let verifier = Arc::new(Anybody { algorithms });
    identified(config.with_custom_certificate_verifier(verifier), identity)
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
        let of = |text: &str| config(&Trust::Roots(vec![text.as_bytes().to_vec()]), None).err();
        assert_eq!(of("no PEM at all"), Some(TlsConfigError::NoCertificate));
        assert_eq!(of(""), Some(TlsConfigError::NoCertificate));
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB";
        assert!(matches!(of(cut), Some(TlsConfigError::NotPem(_) | TlsConfigError::NoCertificate)));
        let not_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(of(not_der), Some(TlsConfigError::BadRoot(_))));
    }

    const RSA: &[u8] = include_bytes!("../tests/keys/rsa.cert.pem");
    const RSA_PKCS8: &[u8] = include_bytes!("../tests/keys/rsa.pkcs8.pem");
    const RSA_PKCS1: &[u8] = include_bytes!("../tests/keys/rsa.pkcs1.pem");
    const EC: &[u8] = include_bytes!("../tests/keys/ec.cert.pem");
    const EC_VERSION_1: &[u8] = include_bytes!("../tests/keys/ec.v1.cert.pem");
    const EC_PKCS8: &[u8] = include_bytes!("../tests/keys/ec.pkcs8.pem");
    const EC_SEC1: &[u8] = include_bytes!("../tests/keys/ec.sec1.pem");
    const EC_ENCRYPTED: &[u8] = include_bytes!("../tests/keys/ec.encrypted.pem");

    fn as_client(chain: &[u8], key: &[u8]) -> Result<bool, TlsConfigError> {
        let identity = Identity { chain: chain.to_vec(), key: key.to_vec() };
        let by_roots = config(&Trust::Roots(vec![RSA.to_vec()]), Some(&identity))?;
        let by_nobody = config(&Trust::Anybody, Some(&identity))?;
        Ok(by_roots.client_auth_cert_resolver.has_certs() && by_nobody.client_auth_cert_resolver.has_certs())
    }

    #[test]
    fn a_clients_key_may_have_each_form_of_pem_and_stand_beside_the_certificate() {
        for (chain, key) in [(RSA, RSA_PKCS8), (RSA, RSA_PKCS1), (EC, EC_PKCS8), (EC, EC_SEC1)] {
            assert_eq!(as_client(chain, key), Ok(true));
            let (both, reversed) = ([chain, key].concat(), [key, chain].concat());
            assert_eq!((as_client(&both, &both), as_client(&reversed, &reversed)), (Ok(true), Ok(true)));
        }
        let chain = [EC, RSA].concat();
        assert_eq!(as_client(&chain, EC_SEC1), Ok(true));
    }

    #[test]
    fn a_clients_certificate_without_extensions_is_left_for_the_broker_to_judge() {
        assert_eq!(as_client(EC_VERSION_1, EC_SEC1), Ok(true));
        for der in [&[][..], &[0x30], &[0x30, 0x82, 1], &[0x30, 2, 0x30, 0], &[2, 1, 0]] {
            assert!(!is_of_version_1(der), "{der:?}");
        }
    }

    #[test]
    fn each_part_of_a_clients_certificate_that_is_wrong_has_an_error() {
        let (not_der, cut) = ("\nAAAA\n-----END ", "\nMIIB");
        let (certificate, key) = ("-----BEGIN CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----");
        assert_eq!(as_client(b"", EC_SEC1), Err(TlsConfigError::NoClientCertificate));
        assert_eq!(as_client(EC_SEC1, EC_SEC1), Err(TlsConfigError::NoClientCertificate));
        let bad = as_client(format!("{certificate}{cut}").as_bytes(), EC_SEC1);
        assert!(matches!(bad, Err(TlsConfigError::ClientCertificateNotPem(_))), "{bad:?}");
        let bad = as_client(format!("{certificate}{not_der}CERTIFICATE-----\n").as_bytes(), EC_SEC1);
        assert!(matches!(bad, Err(TlsConfigError::BadClientCertificate(_))), "{bad:?}");
        assert_eq!(as_client(EC, b""), Err(TlsConfigError::NoClientKey));
        assert_eq!(as_client(EC, EC), Err(TlsConfigError::NoClientKey));
        assert_eq!(as_client(EC, EC_ENCRYPTED), Err(TlsConfigError::EncryptedClientKey));
        let bad = as_client(EC, format!("{key}{cut}").as_bytes());
        assert!(matches!(bad, Err(TlsConfigError::ClientKeyNotPem(_))), "{bad:?}");
        let bad = as_client(EC, format!("{key}{not_der}PRIVATE KEY-----\n").as_bytes());
        assert!(matches!(bad, Err(TlsConfigError::BadClientKey(_))), "{bad:?}");
        assert_eq!(as_client(EC, RSA_PKCS8), Err(TlsConfigError::ClientKeyMismatch));
        assert_eq!(as_client(&[RSA, EC].concat(), EC_SEC1), Err(TlsConfigError::ClientKeyMismatch));
    }
}
