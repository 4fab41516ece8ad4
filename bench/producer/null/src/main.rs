//! A Kafka broker that counts and checks the records that it is sent, and keeps none: it shows what a client can do where a broker costs next to nothing.
//!
//! `null-broker --partitions N [--cert PEM --key PEM]` says in a line of JSON where it listens, and ends with its standard input. Every topic is there, with
//! N partitions. A thread answers the requests of a connection one after the other, as Kafka does.
//!
//! It reads the headers of batches, checks their checksums and their sequence numbers, and believes their counts of records; whatever is wrong is an error to
//! the client. ListOffsets tells how many records came.

mod api;
mod log;
mod serve;

use std::io::stdin;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, bail, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use api::Broker;

#[derive(Default)]
struct Options {
    partitions: i32,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    ensure!(options.partitions > 0, "--partitions must be more than 0");
    let tls = match (&options.cert, &options.key) {
        (Some(cert), Some(key)) => Some(tls(cert, key)?),
        (None, None) => None,
        _ => bail!("--cert and --key belong together"),
    };
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    println!("{}", serde_json::json!({ "bootstrap": address.to_string() }));
    let broker = Arc::new(Mutex::new(Broker::new(address.port(), options.partitions)));
    thread::spawn(move || serve::accept(&listener, tls.as_ref(), &broker));
    std::io::copy(&mut stdin().lock(), &mut std::io::sink())?;
    Ok(())
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("partitions") => {
                options.partitions = parser.value()?.to_str().context("--partitions")?.parse()?;
            }
            lexopt::Arg::Long("cert") => options.cert = Some(parser.value()?.into()),
            lexopt::Arg::Long("key") => options.key = Some(parser.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn tls(cert: &PathBuf, key: &PathBuf) -> anyhow::Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13])?;
    Ok(Arc::new(builder.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?))
}
