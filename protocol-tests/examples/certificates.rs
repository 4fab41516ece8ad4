//! Certificates for brokers and clients on `localhost`, for the runs in `interop/`: `certificates DIR`.
//!
//! `ca.pem` signs the others. `broker.pem` and `client.pem` are chains, and the second is that of a client called `CN=client`;
//! their keys, P-256 in PKCS#8, are `broker-key.pem` and `client-key.pem`. `client-keystore.pem` is key and chain in one file, as Java clients take it.

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
    let broker = signed("interop broker", &["localhost", "127.0.0.1"], ExtendedKeyUsagePurpose::ServerAuth, &issuer)?;
    let client = signed("client", &[], ExtendedKeyUsagePurpose::ClientAuth, &issuer)?;
    let files = [
        ("ca.pem", ca.clone()),
        ("broker.pem", format!("{}{ca}", broker.certificate)),
        ("broker-key.pem", broker.key),
        ("client.pem", format!("{}{ca}", client.certificate)),
        ("client-key.pem", client.key.clone()),
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
