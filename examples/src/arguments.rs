//! The arguments of the quickstart.

use ottla::Compression;

/// What `--help` says.
pub const HELP: &str = "\
Creates a topic, produces 2,000 events to it and consumes them again.

usage: cargo run --example quickstart -- [--codec <codec>]

  --codec <codec>   compress the batches: none (the default), gzip, snappy, lz4 or zstd
  -h, --help        say this

Without more it starts a mock cluster in its own process. With BOOTSTRAP=host:port it speaks to that cluster:

  SECURITY          plaintext, tls, iam, sasl_ssl or sasl_plaintext; where it is not set, MSK's port numbers decide
  SASL_MECHANISM    for sasl_ssl and sasl_plaintext: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 (with SASL_USERNAME, SASL_PASSWORD) or
                    OAUTHBEARER (with SASL_TOKEN)
  TLS_CA            a file with the certificates to trust, in PEM; otherwise the platform's
  TLS_CERT, TLS_KEY files with a certificate of the client and its key, in PEM
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION
                    for iam
  RUST_LOG          error (the default), warn, info, debug or trace

It exits with 0 when every event came back once and in order, with 1 when not, and with 2 for arguments that it does not know.
";

/// What the quickstart is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To say what it does.
    Help,
    /// To do it, with the batches in this codec.
    Run(Compression),
}

/// Why the arguments ask for nothing that the quickstart does.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// There is no such argument.
    #[error("{0:?} is no argument of the quickstart; `--codec <codec>` is one, and `--help` says more")]
    Unknown(String),
    /// There is no such codec.
    #[error("{0:?} is no codec; it can be {codecs}", codecs = codecs())]
    Codec(String),
    /// Nothing follows `--codec`.
    #[error("--codec needs a codec: {codecs}", codecs = codecs())]
    NoCodec,
}

/// Reads the arguments, of which the last codec counts.
///
/// # Errors
/// When one of them is none.
pub fn asked(arguments: impl IntoIterator<Item = String>) -> Result<Asked, ArgumentError> {
    let mut arguments = arguments.into_iter();
    let mut codec = Compression::None;
    while let Some(argument) = arguments.next() {
        codec = match argument.as_str() {
            "-h" | "--help" => return Ok(Asked::Help),
            "--codec" => named(&arguments.next().ok_or(ArgumentError::NoCodec)?)?,
            other => match other.strip_prefix("--codec=") {
                Some(name) => named(name)?,
                None => return Err(ArgumentError::Unknown(argument)),
            },
        };
    }
    Ok(Asked::Run(codec))
}

fn named(name: &str) -> Result<Compression, ArgumentError> {
    let codec = Compression::ALL.into_iter().find(|codec| codec.name() == name);
    codec.ok_or_else(|| ArgumentError::Codec(name.to_owned()))
}

fn codecs() -> String {
    Compression::ALL.map(Compression::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(arguments: &[&str]) -> Result<Asked, ArgumentError> {
        asked(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn a_codec_is_named_in_two_ways_and_is_none_without() {
        assert_eq!(said(&[]), Ok(Asked::Run(Compression::None)));
        for codec in Compression::ALL {
            assert_eq!(said(&["--codec", codec.name()]), Ok(Asked::Run(codec)));
            assert_eq!(said(&[&format!("--codec={codec}")]), Ok(Asked::Run(codec)));
        }
        assert_eq!(said(&["--codec", "gzip", "--help"]), Ok(Asked::Help));
    }

    #[test]
    fn what_is_no_argument_is_named_with_what_could_be_there() {
        assert_eq!(said(&["--codec"]), Err(ArgumentError::NoCodec));
        assert_eq!(said(&["--codecs"]), Err(ArgumentError::Unknown("--codecs".to_owned())));
        let error = said(&["--codec=LZ4"]).map_err(|error| error.to_string());
        assert_eq!(error, Err("\"LZ4\" is no codec; it can be none, gzip, snappy, lz4, zstd".to_owned()));
    }
}
