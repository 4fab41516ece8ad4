//! The cluster's own certificate authority, made at its start, what its TLS listeners show, and the certificates of clients.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use ottla_mockbroker_core::ClientAuth;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use tokio_rustls::TlsAcceptor;

/// The name in the certificate of the authority.
const AUTHORITY: &str = "ottla mock cluster CA";

/// The name in the certificate of all brokers.
const BROKER: &str = "ottla mock broker";

type MakeError = Box<dyn Error + Send + Sync>;

/// A certificate and the key that belongs to it, both in PEM. `Debug` does not show the key.
#[derive(Clone)]
pub struct Certificate {
    chain_pem: String,
    key_pem: String,
}

/// Text that is no subject of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no subject: it is written as in CN=app,OU=dev,O=example, of CN, OU, O, L, ST and C, each once at the most"
)]
pub struct InvalidSubject(pub String);

impl Certificate {
    /// The certificate, and after it that of the authority.
    #[must_use]
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// The private key, in PKCS#8.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain_pem", &self.chain_pem).finish_non_exhaustive()
    }
}

/// An authority that signed one certificate with the names of all brokers, and signs those of clients.
///
/// Its certificates are P-256, which is made in well under a millisecond, and hold for every time that a virtual clock may say: rcgen's default
/// runs from 1975 to 4096.
pub(crate) struct Authority {
    certificate: rcgen::Certificate,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    broker: Signed,
}

/// A certificate that the authority signed.
struct Signed {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Result<Self, MakeError> {
        let (certificate, issuer) = authority()?;
        let broker = Signed::new(broker(names)?, &issuer)?;
        Ok(Self { pem: certificate.pem(), certificate, issuer, broker })
    }

    /// The authority's own certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// What a TLS listener shows, and asks of its clients.
    pub(crate) fn acceptor(&self, client_auth: ClientAuth) -> Result<TlsAcceptor, MakeError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let config = match client_auth {
            ClientAuth::None => config.with_no_client_auth(),
            ClientAuth::Requested => config.with_client_cert_verifier(self.verifier(provider, true)?),
            ClientAuth::Required => config.with_client_cert_verifier(self.verifier(provider, false)?),
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.broker.key.serialize_der()));
        let config = config.with_single_cert(vec![self.broker.certificate.der().clone()], key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The pair that the brokers themselves show.
    pub(crate) fn broker_certificate(&self) -> Certificate {
        self.in_pem(&self.broker)
    }

    pub(crate) fn client_certificate(&self, subject: &str) -> Result<Certificate, InvalidSubject> {
        let invalid = || InvalidSubject(subject.to_owned());
        let params = client(distinguished_name(subject).ok_or_else(invalid)?);
        let signed = params.and_then(|params| Signed::new(params, &self.issuer)).map_err(|_| invalid())?;
        Ok(self.in_pem(&signed))
    }

    fn verifier(
        &self,
        provider: Arc<CryptoProvider>,
        anonymous: bool,
    ) -> Result<Arc<dyn ClientCertVerifier>, MakeError> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::clone(self.certificate.der()))?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        Ok(if anonymous { verifier.allow_unauthenticated() } else { verifier }.build()?)
    }

    fn in_pem(&self, signed: &Signed) -> Certificate {
        Certificate {
            chain_pem: format!("{}{}", signed.certificate.pem(), self.pem),
            key_pem: signed.key.serialize_pem(),
        }
    }
}

impl Signed {
    fn new(params: CertificateParams, issuer: &Issuer<'static, KeyPair>) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        Ok(Self { certificate: params.signed_by(&key, issuer)?, key })
    }
}

fn authority() -> Result<(rcgen::Certificate, Issuer<'static, KeyPair>), rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, AUTHORITY);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate, Issuer::new(params, key)))
}

fn broker(names: impl IntoIterator<Item = String>) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names.into_iter().collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, BROKER);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn client(subject: DistinguishedName) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = subject;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

/// A name as it is written, the last of its attributes first (RFC 2253).
fn distinguished_name(text: &str) -> Option<DistinguishedName> {
    let mut name = DistinguishedName::new();
    for attribute in text.rsplit(',') {
        let (keyword, value) = attribute.trim().split_once('=')?;
        let kind = match keyword {
            "CN" => DnType::CommonName,
            "OU" => DnType::OrganizationalUnitName,
            "O" => DnType::OrganizationName,
            "L" => DnType::LocalityName,
            "ST" => DnType::StateOrProvinceName,
            "C" => DnType::CountryName,
            _ => return None,
        };
        if name.get(&kind).is_some() || value.is_empty() {
            return None;
        }
        name.push(kind, value);
    }
    Some(name)
}
