//! Certificates for brokers and clients on `localhost`, for the runs in `interop/`: `certificates DIR`.
//!
//! `ca.pem` signs all but `other-ca.pem`, which signs nothing. `server.pem` is key, certificate and CA in one file, as Kafka's PEM keystores want it;
//! `client.pem` and `client.key` are those of a client called `CN=app`, and `client-keystore.pem` is both in one file. P-256, PKCS#8.

use std::error::Error;
use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: certificates DIR")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let (ca, issuer) = authority("interop CA")?;
    let (other, _) = authority("another CA")?;
    let server = signed("interop broker", &["localhost", "127.0.0.1"], ExtendedKeyUsagePurpose::ServerAuth, &issuer)?;
    let client = signed("app", &[], ExtendedKeyUsagePurpose::ClientAuth, &issuer)?;
    let files = [
        ("ca.pem", ca.clone()),
        ("other-ca.pem", other),
        ("server.pem", format!("{}{}{ca}", server.key, server.certificate)),
        ("client.pem", format!("{}{ca}", client.certificate)),
        ("client.key", client.key.clone()),
        ("client-keystore.pem", format!("{}{}{ca}", client.key, client.certificate)),
    ];
    for (name, pem) in files {
        fs::write(folder.join(name), pem)?;
    }
    Ok(())
}

/// A certificate and its private key, both PEM.
struct Pair {
    certificate: String,
    key: String,
}

fn authority(name: &str) -> Result<(String, Issuer<'static, KeyPair>), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((pem, Issuer::new(params, key)))
}

fn signed(
    name: &str,
    hosts: &[&str],
    purpose: ExtendedKeyUsagePurpose,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<Pair, rcgen::Error> {
    let mut params = CertificateParams::new(hosts.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![purpose];
    let key = KeyPair::generate()?;
    Ok(Pair { certificate: params.signed_by(&key, issuer)?.pem(), key: key.serialize_pem() })
}
