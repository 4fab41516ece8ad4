//! The arguments of `decode_frame`, and the bytes that they name.

use std::{fs, io};

use ottla_wire::ApiKey;

/// What `--help` says.
pub const DECODE_FRAME_HELP: &str = "\
Prints captured Kafka frames: their headers, and their bodies as JSON.

usage: cargo run --example decode_frame -- <hex> | <file> [--api <api> --version <version>] [--whole]

  <hex>                 a frame as hexadecimal digits; spaces and colons between them are fine
  <file>                a file that holds such digits, or the bytes themselves: one frame with or without its length,
                        or the frames that went one way over a connection, each with its length
  --api <api>           the API of a response, by name or key, for it does not say so; without it, the likeliest
  --version <version>   and its version
  --whole               print records and secrets too, not only their sizes
  -h, --help            say this

It exits with 0 when every frame was understood, with 1 when not, and with 2 for arguments that it does not know.
";

/// What `decode_frame` is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedOfFrames {
    /// To say what it does.
    Help,
    /// To print frames.
    Print {
        /// The frames' bytes as digits, or the name of a file.
        source: String,
        /// The API and version of the request, where they are responses.
        response_to: Option<(ApiKey, i16)>,
        /// Whether to print records and secrets.
        whole: bool,
    },
}

/// Why the arguments ask for nothing that `decode_frame` does.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameArgumentError {
    /// There is no such argument, or one frame too many.
    #[error("{0:?} is one argument too many; `--help` says which there are")]
    Unknown(String),
    /// Nothing follows the argument that something must follow.
    #[error("{0} needs a value")]
    NoValue(&'static str),
    /// There is no such API.
    #[error("{0:?} is no API of Kafka's, neither by its name nor by its key")]
    Api(String),
    /// A version is a number.
    #[error("{0:?} is no version")]
    Version(String),
    /// The API without its version, or the version without its API.
    #[error("--api and --version go together")]
    Half,
    /// There is no frame.
    #[error("which frame? `--help` says how to give it")]
    NoFrame,
}

/// Reads the arguments.
///
/// # Errors
/// When they ask for nothing that can be done.
pub fn asked_of_frames(arguments: impl IntoIterator<Item = String>) -> Result<AskedOfFrames, FrameArgumentError> {
    let mut arguments = arguments.into_iter();
    let (mut source, mut api, mut version, mut whole) = (None, None, None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-h" | "--help" => return Ok(AskedOfFrames::Help),
            "--whole" => whole = true,
            "--api" => api = Some(api_of(arguments.next().ok_or(FrameArgumentError::NoValue("--api"))?)?),
            "--version" => {
                let number = arguments.next().ok_or(FrameArgumentError::NoValue("--version"))?;
                version = Some(number.parse().map_err(|_| FrameArgumentError::Version(number))?);
            }
            _ if source.is_none() && !argument.starts_with('-') => source = Some(argument),
            _ => return Err(FrameArgumentError::Unknown(argument)),
        }
    }
    if api.is_some() != version.is_some() {
        return Err(FrameArgumentError::Half);
    }
    let source = source.ok_or(FrameArgumentError::NoFrame)?;
    Ok(AskedOfFrames::Print { source, response_to: api.zip(version), whole })
}

fn api_of(text: String) -> Result<ApiKey, FrameArgumentError> {
    let api = match text.parse::<i16>() {
        Ok(key) => ApiKey::try_from(key).ok(),
        Err(_) => ApiKey::ALL.iter().copied().find(|api| api.name().eq_ignore_ascii_case(&text)),
    };
    api.ok_or(FrameArgumentError::Api(text))
}

/// The bytes that `source` says in digits, or that are in the file of this name.
///
/// # Errors
/// When it is neither digits nor a file that can be read.
pub fn captured_bytes(source: &str) -> io::Result<Vec<u8>> {
    if let Some(bytes) = bytes_of_digits(source) {
        return Ok(bytes);
    }
    let content = fs::read(source)?;
    let digits = std::str::from_utf8(&content).ok().and_then(bytes_of_digits);
    Ok(digits.unwrap_or(content))
}

fn bytes_of_digits(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != ':')
        .map(|letter| letter.to_digit(16))
        .collect();
    let pairs = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    pairs.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).ok()).collect()
}

/// The frames in `bytes`: each without its length where they all have one, else all of it as one.
#[must_use]
pub fn frames_of(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut frames) = (bytes, Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let frame = usize::try_from(i32::from_be_bytes(*length)).ok().and_then(|length| after.split_at_checked(length));
        let Some((frame, after)) = frame else { break };
        frames.push(frame);
        rest = after;
    }
    if rest.is_empty() && frames.len() > 1 { frames } else { vec![bytes] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(arguments: &[&str]) -> Result<AskedOfFrames, FrameArgumentError> {
        asked_of_frames(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn an_api_is_named_or_numbered_and_has_a_version() {
        let print = |response_to, whole| Ok(AskedOfFrames::Print { source: "00".to_owned(), response_to, whole });
        assert_eq!(said(&["00"]), print(None, false));
        assert_eq!(said(&["--api", "metadata", "--version", "12", "00"]), print(Some((ApiKey::Metadata, 12)), false));
        assert_eq!(
            said(&["00", "--version", "3", "--api", "18", "--whole"]),
            print(Some((ApiKey::ApiVersions, 3)), true)
        );
        assert_eq!(said(&["00", "--api", "Metadata"]), Err(FrameArgumentError::Half));
        assert_eq!(said(&["--api", "Meta", "--help"]), Err(FrameArgumentError::Api("Meta".to_owned())));
        assert_eq!(said(&["--version", "x"]), Err(FrameArgumentError::Version("x".to_owned())));
    }

    #[test]
    fn what_asks_for_nothing_is_refused() {
        assert_eq!(said(&[]), Err(FrameArgumentError::NoFrame));
        assert_eq!(said(&["00", "01"]), Err(FrameArgumentError::Unknown("01".to_owned())));
        assert_eq!(said(&["--hole"]), Err(FrameArgumentError::Unknown("--hole".to_owned())));
        assert_eq!(said(&["--api"]), Err(FrameArgumentError::NoValue("--api")));
        assert_eq!(said(&["--nothing", "-h"]), Err(FrameArgumentError::Unknown("--nothing".to_owned())));
    }

    #[test]
    fn digits_may_stand_apart_and_frames_are_told_apart_by_their_lengths() {
        assert_eq!(bytes_of_digits("00:0a FF\n"), Some(vec![0, 10, 255]));
        assert_eq!(bytes_of_digits("00a"), None);
        assert_eq!(bytes_of_digits("frame.bin"), None);
        assert_eq!(frames_of(&[0, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9]), [&[7][..], &[8, 9]]);
        for one in [&[0, 0, 0, 1, 7][..], &[0, 0, 0, 1, 7, 8], &[0, 0, 0, 1, 7, 0, 0, 0, 9, 8], &[]] {
            assert_eq!(frames_of(one), [one]);
        }
    }
}
