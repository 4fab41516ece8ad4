//! `--config FILE`: arguments by their names, in TOML.
//!
//! A key is the name of an argument and its value is written as on the command line: as text or a number, `true` for one that has no value, a list
//! for one that may stand several times, and a table for one whose values are pairs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};
use toml::{Table, Value};

use crate::arguments::Arguments;

/// An argument as the file has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Without its dashes.
    pub(crate) name: String,
    /// As a word of a command line.
    pub(crate) word: OsString,
}

/// A file does not say what a cluster is to be.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .path.display())]
pub(crate) struct FileError {
    path: PathBuf,
    #[source]
    problem: Problem,
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
enum Problem {
    /// The system does not give it.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is not written as TOML is.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// There is no such argument.
    #[error("there is no {key:?}{}", .nearest.as_ref().map(|near| format!("; the nearest is {near:?}")).unwrap_or_default())]
    Unknown { key: String, nearest: Option<String> },
    /// A file that names another would never be the whole truth.
    #[error("a file names no further file")]
    Nested,
    /// A value can only be given.
    #[error("{0} takes a value, which {1} is not")]
    Value(String, Value),
    /// A value is none that the argument takes.
    #[error("{0}")]
    Argument(String),
}

/// What a file says, each by itself checked as the command line is.
pub(crate) fn read(path: &Path) -> Result<Vec<Written>, FileError> {
    let text = fs::read_to_string(path).map_err(Problem::from);
    let written = text.and_then(|text| parse(&text));
    written.map_err(|problem| FileError { path: path.to_owned(), problem })
}

fn parse(text: &str) -> Result<Vec<Written>, Problem> {
    let mut written = Vec::new();
    for (key, value) in text.parse::<Table>()? {
        if key == "config" {
            return Err(Problem::Nested);
        }
        if matches!(value, Value::Boolean(_)) && takes_value(&key) {
            return Err(Problem::Value(key, value));
        }
        write(&mut written, &key, value);
    }
    let words = written.iter().map(|argument| &argument.word);
    match Arguments::try_parse_from([&OsString::new()].into_iter().chain(words)) {
        Ok(_) => Ok(written),
        Err(error) => Err(problem(&error)),
    }
}

fn takes_value(name: &str) -> bool {
    let command = Arguments::command();
    let argument = command.get_arguments().find(|argument| argument.get_long() == Some(name));
    argument.is_some_and(|argument| argument.get_action().takes_values())
}

fn write(written: &mut Vec<Written>, name: &str, value: Value) {
    let mut push = |word: String| written.push(Written { name: name.to_owned(), word: word.into() });
    match value {
        Value::Boolean(true) => push(format!("--{name}")),
        Value::Boolean(false) => {}
        Value::Array(several) => several.into_iter().for_each(|value| push(format!("--{name}={}", plain(value)))),
        Value::Table(pairs) => flat("", pairs).into_iter().for_each(|pair| push(format!("--{name}={pair}"))),
        value => push(format!("--{name}={}", plain(value))),
    }
}

/// The pairs of a table, with dots in the keys of tables within: `num.partitions = 4` is one of them, quoted or not.
fn flat(before: &str, pairs: Table) -> Vec<String> {
    let each = pairs.into_iter().flat_map(|(key, value)| match value {
        Value::Table(within) => flat(&format!("{before}{key}."), within),
        value => vec![format!("{before}{key}={}", plain(value))],
    });
    each.collect()
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Array(several) => several.into_iter().map(plain).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    }
}

/// What the command line's reader says, in the words of a file.
fn problem(error: &clap::Error) -> Problem {
    let bare = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.trim_start_matches('-').to_owned()),
        _ => None,
    };
    match (error.kind(), bare(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(key)) => Problem::Unknown { key, nearest: bare(ContextKind::SuggestedArg) },
        _ => {
            let told = error.to_string();
            let told = told.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
            Problem::Argument(told.trim_end().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let written = parse(text).unwrap();
        written.into_iter().map(|argument| argument.word.into_string().unwrap()).collect()
    }

    #[test]
    fn a_value_of_each_kind_is_a_word_of_the_command_line() {
        assert_eq!(words("brokers = 3\nadvertised-host = \"kafka\""), ["--advertised-host=kafka", "--brokers=3"]);
        assert_eq!(words("listener = ['SSL:0', 'IAM:0']"), ["--listener=SSL:0", "--listener=IAM:0"]);
        assert_eq!(words("auto-create-topics = true\nexit-with-stdin = false"), ["--auto-create-topics"]);
        assert_eq!(words("broker-config.num.partitions = 4"), ["--broker-config=num.partitions=4"]);
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[test]
    fn pairs_have_dots_whether_quoted_or_not() {
        let pairs = "num.partitions = 4\n'log.dirs' = ['/a', '/b']\nunclean.leader.election.enable = true";
        let expected = ["log.dirs=/a,/b", "num.partitions=4", "unclean.leader.election.enable=true"];
        assert_eq!(flat("", pairs.parse().unwrap()), expected);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        for (text, told) in [
            ("brokerz = 3", "there is no \"brokerz\"; the nearest is \"brokers\""),
            ("listeners = []\nracks_ = 'a'", "there is no \"racks_\"; the nearest is \"racks\""),
            ("'completely different' = 1", "there is no \"completely different\""),
            ("config = 'other.toml'", "a file names no further file"),
            ("brokers = true", "brokers takes a value, which true is not"),
            ("brokers = 0", "invalid value '0' for '--brokers <N>'"),
            ("brokers = [1, 2]", "cannot be used multiple times"),
            ("listener = 'TLS:1'", "\"TLS\" is no protocol"),
            ("auto-create-topics = 1", "unexpected value '1' for '--auto-create-topics'"),
            ("brokers 3", "TOML parse error at line 1"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
