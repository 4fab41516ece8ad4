//! Prints captured Kafka frames: their headers, and their bodies as JSON. `--help` says how.

use std::process::ExitCode;

use ottla_examples::{AskedOfFrames, DECODE_FRAME_HELP, asked_of_frames, captured_bytes, frames_of};
use ottla_wire::ApiKey;
use ottla_wire::decode_any::{DecodeAnyError, Decoded, decode_any, decode_response};
use ottla_wire::schema::json::View;

/// The exit code for arguments that are none.
const USAGE: u8 = 2;
/// How many other readings are printed at the most.
const OTHERS_MAX: usize = 5;

fn main() -> ExitCode {
    let (source, response_to, view) = match asked_of_frames(std::env::args().skip(1)) {
        Ok(AskedOfFrames::Help) => {
            print!("{DECODE_FRAME_HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(AskedOfFrames::Print { source, response_to, whole }) => {
            (source, response_to, if whole { View::default() } else { View::for_logs() })
        }
        Err(error) => {
            eprintln!("decode_frame: {error}");
            return ExitCode::from(USAGE);
        }
    };
    let bytes = match captured_bytes(&source) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("decode_frame: {source:?} is neither hexadecimal digits nor a file that can be read: {error}");
            return ExitCode::from(USAGE);
        }
    };
    // Each frame is printed, also after one that was not understood.
    let not_understood = frames_of(&bytes).into_iter().filter(|frame| !print(frame, response_to, &view)).count();
    if not_understood == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether the frame was understood.
fn print(frame: &[u8], response_to: Option<(ApiKey, i16)>, view: &View) -> bool {
    match decoded(frame, response_to, view) {
        Ok(decoded) => {
            println!("{decoded}");
            let others: Vec<_> = decoded.others.iter().take(OTHERS_MAX).map(ToString::to_string).collect();
            if !others.is_empty() {
                println!("it could also be: {}", others.join(", "));
            }
            true
        }
        Err(error) => {
            eprintln!("decode_frame: {error}");
            false
        }
    }
}

fn decoded(frame: &[u8], response_to: Option<(ApiKey, i16)>, view: &View) -> Result<Decoded, DecodeAnyError> {
    match response_to {
        Some((api, version)) => decode_response(api, version, frame, view),
        None => decode_any(frame, view),
    }
}
