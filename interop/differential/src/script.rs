//! The script: JSON lines, each of them a step; empty lines and those that begin with `#` are left out.
//!
//! ```json
//! {"api": "Metadata", "versions": "all", "what": "a topic that is not there", "body": {"topics": [{"name": "absent-${version}"}]}}
//! ```
//!
//! - `api` is its name, `versions` a number, a pair of them, `"all"` that both brokers advertise, or `"latest"` of these.
//! - `body` is the request; fields that it does not name have their defaults, and those that a version does not have are left out of it.
//! - `${version}`, and what a step before has captured, stand for their values in each string of the body. A string that is nothing else becomes the value.
//! - `{"$batch": {..}}` in the place of records is a batch, as [`request`](crate::request) says.
//! - `what` says what is asked, and with the API and the versions is the name of the step.
//! - `capture` names values of the answer by their JSON pointer, for the steps after it and of each broker its own.
//! - `until` asks again until the answer has these values at these pointers; there, an element of an array may stand by its name.
//! - `at` is which of its brokers a cluster is asked, from 1 on: the first, where it does not say.
//! - `node` is what is done to one of its brokers before: `stop 2`, `kill 2` or `start 2`.
//! - `on` is the name of the connection, which is made when there is none, or when the broker has closed it.
//! - `spoil` damages the body: `{"cut": 1}` bytes off its end, `{"append": "00"}`, or another `{"body": "0000"}` in hexadecimal digits.
//! - `answer: false` says that no answer comes, and the answer to the next request on the connection is its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use ottla_wire::ApiKey;

/// One line of the script.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Step {
    api: String,
    pub(crate) versions: Versions,
    #[serde(default)]
    pub(crate) what: String,
    #[serde(default = "nothing")]
    pub(crate) body: Value,
    #[serde(default = "first")]
    pub(crate) on: String,
    #[serde(default = "one")]
    pub(crate) at: usize,
    pub(crate) node: Option<String>,
    #[serde(default)]
    pub(crate) capture: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) until: BTreeMap<String, Value>,
    pub(crate) spoil: Option<Spoil>,
    #[serde(default = "yes")]
    pub(crate) answer: bool,
}

/// The versions that a step is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Versions {
    /// This one, whether it is advertised or not.
    One(i16),
    /// These, whether they are advertised or not.
    Between(i16, i16),
    /// Some of those that both brokers advertise.
    Advertised(Advertised),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Advertised {
    All,
    Latest,
}

/// What is done to the bytes of a body.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Spoil {
    Cut(usize),
    Append(String),
    Body(String),
}

impl Step {
    /// The API, which [`read`] has found to be one.
    pub(crate) fn api(&self) -> Result<ApiKey, ScriptError> {
        let named = ApiKey::ALL.iter().copied().find(|api| api.name() == self.api);
        named.ok_or_else(|| ScriptError::Api(self.api.clone()))
    }
}

/// Why a script is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScriptError {
    #[error("line {line}: {source}")]
    Json { line: usize, source: serde_json::Error },
    #[error("no API is called {0}")]
    Api(String),
    #[error(
        "line {line}: {name:?} is the name of two steps, or has \": \" or \" @\" in it, which end a name where known differences are listed"
    )]
    Name { line: usize, name: String },
}

/// The steps of a script.
pub(crate) fn read(text: &str) -> Result<Vec<Step>, ScriptError> {
    let mut named = BTreeSet::new();
    let mut steps = Vec::new();
    for (at, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty() && !text.starts_with('#')) {
        let line = at + 1;
        let step: Step = serde_json::from_str(text).map_err(|source| ScriptError::Json { line, source })?;
        step.api()?;
        let name = format!("{} {:?} {}", step.api, step.versions, step.what);
        if step.what.contains(": ") || step.what.contains(" @") || !named.insert(name) {
            return Err(ScriptError::Name { line, name: step.what });
        }
        steps.push(step);
    }
    Ok(steps)
}

fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

fn first() -> String {
    "first".to_owned()
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}
