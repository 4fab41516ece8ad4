//! The arguments of `load_json_lines`, and the lines that it loads.

use std::io::{self, BufRead};

use ottla::{Compression, Record};
use serde_json::Value;

/// What `--help` says.
pub const LOAD_HELP: &str = "\
Loads JSON lines into a topic, one record a line, with a progress bar.

usage: cargo run --example load_json_lines -- --topic <topic> [--key <pointer>] [--codec <codec>] [<file>]

  --topic <topic>   where to; it must exist
  --key <pointer>   the key of a record is what this JSON pointer (RFC 6901) finds in its line, for example /user_id;
                    without it, records have no key
  --codec <codec>   compress the batches: none (the default), gzip, snappy, lz4 or zstd
  <file>            the lines; without it, standard input
  -h, --help        say this

The cluster is the one that BOOTSTRAP names, with the variables that `cargo run --example quickstart -- --help` lists; without it, a mock
cluster in this process that has the topic.

It exits with 0 when every line was delivered, with 1 when not, and with 2 for arguments that it does not know. A line that is no JSON, or
has nothing where the pointer points, ends the loading; those before it are delivered.
";

/// What `load_json_lines` is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedOfLoader {
    /// To say what it does.
    Help,
    /// To load.
    Load(Loading),
}

/// What is loaded, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loading {
    /// The topic.
    pub topic: String,
    /// Where the key is in a line.
    pub key: Option<String>,
    /// The codec of the batches.
    pub codec: Compression,
    /// The file; standard input without one.
    pub file: Option<String>,
}

/// Why the arguments ask for nothing that `load_json_lines` does.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadArgumentError {
    /// There is no such argument, or one file too many.
    #[error("{0:?} is one argument too many; `--help` says which there are")]
    Unknown(String),
    /// Nothing follows the argument that something must follow.
    #[error("{0} needs a value")]
    NoValue(&'static str),
    /// There is no such codec.
    #[error("{0:?} is no codec; it can be none, gzip, snappy, lz4 or zstd")]
    Codec(String),
    /// A pointer to something within begins with a slash.
    #[error("{0:?} is no JSON pointer: it begins with a slash, as /user_id does")]
    Pointer(String),
    /// There is no topic.
    #[error("which topic? `--topic <topic>` says it")]
    NoTopic,
}

/// Reads the arguments.
///
/// # Errors
/// When they ask for nothing that can be done.
pub fn asked_of_loader(arguments: impl IntoIterator<Item = String>) -> Result<AskedOfLoader, LoadArgumentError> {
    let mut arguments = arguments.into_iter();
    let (mut topic, mut key, mut codec, mut file) = (None, None, Compression::None, None);
    while let Some(argument) = arguments.next() {
        let mut value = |name| arguments.next().ok_or(LoadArgumentError::NoValue(name));
        match argument.as_str() {
            "-h" | "--help" => return Ok(AskedOfLoader::Help),
            "--topic" => topic = Some(value("--topic")?),
            "--key" => key = Some(pointer(value("--key")?)?),
            "--codec" => codec = codec_of(value("--codec")?)?,
            _ if file.is_none() && !argument.starts_with('-') => file = Some(argument),
            _ => return Err(LoadArgumentError::Unknown(argument)),
        }
    }
    let topic = topic.ok_or(LoadArgumentError::NoTopic)?;
    Ok(AskedOfLoader::Load(Loading { topic, key, codec, file }))
}

fn pointer(text: String) -> Result<String, LoadArgumentError> {
    if text.is_empty() || text.starts_with('/') { Ok(text) } else { Err(LoadArgumentError::Pointer(text)) }
}

fn codec_of(name: String) -> Result<Compression, LoadArgumentError> {
    Compression::ALL.into_iter().find(|codec| codec.name() == name).ok_or(LoadArgumentError::Codec(name))
}

/// A line as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The key; none where none is asked for.
    pub key: Option<String>,
    /// The line, without its end.
    pub json: String,
}

/// Why a line cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("line {number} cannot be loaded")]
pub struct LineError {
    /// The line, counted from 1.
    pub number: usize,
    /// What is wrong with it.
    pub source: LineProblem,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineProblem {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It has no key.
    #[error("there is nothing at {0:?}")]
    NoKey(String),
}

/// The lines of `input` that are not empty, each with the key that `pointer` finds in it.
pub fn lines_of(input: impl BufRead, pointer: Option<String>) -> impl Iterator<Item = Result<Line, LineError>> {
    let numbered = input.lines().enumerate().map(|(index, line)| (index + 1, line));
    let numbered = numbered.filter(|(_, line)| !line.as_ref().is_ok_and(|line| line.trim().is_empty()));
    numbered.map(move |(number, line)| {
        let line = line.map_err(LineProblem::from).and_then(|json| line_of(json, pointer.as_deref()));
        line.map_err(|source| LineError { number, source })
    })
}

fn line_of(json: String, pointer: Option<&str>) -> Result<Line, LineProblem> {
    let value: Value = serde_json::from_str(&json)?;
    let key = pointer.map(|pointer| match value.pointer(pointer) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
        None => Err(LineProblem::NoKey(pointer.to_owned())),
    });
    Ok(Line { key: key.transpose()?, json })
}

impl Line {
    /// The record that is sent to `topic`.
    #[must_use]
    pub fn record<'a>(&'a self, topic: &'a str) -> Record<'a> {
        let record = Record::to(topic).value(&self.json);
        match &self.key {
            Some(key) => record.key(key),
            None => record,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(arguments: &[&str]) -> Result<AskedOfLoader, LoadArgumentError> {
        asked_of_loader(arguments.iter().map(ToString::to_string))
    }

    fn read(input: &str, pointer: Option<&str>) -> Vec<Result<Line, String>> {
        let lines = lines_of(input.as_bytes(), pointer.map(str::to_owned));
        lines.map(|line| line.map_err(|error| format!("{error}: {}", error.source))).collect()
    }

    #[test]
    fn a_topic_is_needed_and_the_rest_may_be_left_out() {
        let (topic, key) = ("events".to_owned(), Some("/user_id".to_owned()));
        let bare = Loading { topic: topic.clone(), key: None, codec: Compression::None, file: None };
        assert_eq!(said(&["--topic", "events"]), Ok(AskedOfLoader::Load(bare)));
        let full = Loading { topic, key, codec: Compression::Zstd, file: Some("a.jsonl".to_owned()) };
        let arguments = ["a.jsonl", "--codec", "zstd", "--key", "/user_id", "--topic", "events"];
        assert_eq!(said(&arguments), Ok(AskedOfLoader::Load(full)));
        assert_eq!(said(&["--topic", "events", "-h"]), Ok(AskedOfLoader::Help));
    }

    #[test]
    fn what_asks_for_nothing_is_refused() {
        assert_eq!(said(&["a.jsonl"]), Err(LoadArgumentError::NoTopic));
        assert_eq!(said(&["--topic"]), Err(LoadArgumentError::NoValue("--topic")));
        assert_eq!(said(&["a", "b"]), Err(LoadArgumentError::Unknown("b".to_owned())));
        assert_eq!(said(&["--codec", "brotli"]), Err(LoadArgumentError::Codec("brotli".to_owned())));
        assert_eq!(said(&["--key", "user_id"]), Err(LoadArgumentError::Pointer("user_id".to_owned())));
    }

    #[test]
    fn a_key_is_the_text_or_the_json_of_what_the_pointer_finds() {
        let line = |key: Option<&str>, json: &str| Ok(Line { key: key.map(str::to_owned), json: json.to_owned() });
        let input = "{\"a\": {\"b\": \"x\"}}\n\n{\"a\":{\"b\":[1]}}\r\n";
        let keyed = [line(Some("x"), "{\"a\": {\"b\": \"x\"}}"), line(Some("[1]"), "{\"a\":{\"b\":[1]}}")];
        assert_eq!(read(input, Some("/a/b")), keyed);
        assert_eq!(read("1", None), [line(None, "1")]);
    }

    #[test]
    fn a_line_that_cannot_be_loaded_is_named() {
        let [Ok(_), Err(no_key), Err(no_json)] = &read("{\"a\":1}\n{}\n{", Some("/a"))[..] else {
            unreachable!("three lines");
        };
        assert_eq!(no_key, "line 2 cannot be loaded: there is nothing at \"/a\"");
        assert!(no_json.starts_with("line 3 cannot be loaded: EOF"), "{no_json}");
    }
}
