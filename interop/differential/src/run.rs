//! The steps, one after the other, of each version, to both brokers.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use ottla_wire::schema::{self, Direction};
use ottla_wire::{ApiKey, VersionRange};

use crate::advertised;
use crate::broker::{Asked, Broker, Reaction};
use crate::compare::{self, Difference};
use crate::mask::masked;
use crate::request::{self, RequestError};
use crate::script::{Advertised, ScriptError, Step, Versions};

/// How often a step is asked again until the answer is the one that it waits for, and how long apart.
const TIMES_MAX: usize = 300;
const APART: Duration = Duration::from_millis(100);

/// What a step has shown.
pub(crate) struct Finding {
    pub(crate) api: ApiKey,
    pub(crate) what: String,
    pub(crate) versions: Vec<i16>,
    pub(crate) differences: Vec<(i16, Difference)>,
}

/// Why a script cannot be run to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Script(#[from] ScriptError),
    #[error("{api} v{version} {what}: {source}")]
    Request { api: ApiKey, version: i16, what: String, source: RequestError },
    #[error("{broker}, asked {api} v{version} {what}: {source}")]
    Broker { broker: String, api: ApiKey, version: i16, what: String, source: io::Error },
    #[error("{broker} answers {api} v{version} without {pointer}, which {what} captures")]
    NotThere { broker: String, api: ApiKey, version: i16, what: String, pointer: String },
    #[error("not both brokers advertise {0}")]
    NotAdvertised(ApiKey),
    #[error(transparent)]
    Connection(#[from] io::Error),
}

/// Runs the steps, and says for each what it has shown, and then, unless they are clusters, which of the versions that both brokers advertise no step
/// has asked.
pub(crate) fn run(steps: &[Step], mut brokers: [Broker; 2]) -> Result<Vec<Finding>, RunError> {
    let advertised = advertised::by_both(&mut brokers)?;
    let mut findings = Vec::new();
    let mut asked = BTreeSet::new();
    for step in steps {
        let api = step.api()?;
        let versions = versions(api, &step.versions, &advertised)?;
        let mut differences = Vec::new();
        for broker in &brokers {
            step.node.as_deref().map_or(Ok(()), |what| broker.tell_node(what))?;
        }
        for version in &versions {
            let found = run_at(step, api, *version, &mut brokers)?;
            differences.extend(found.into_iter().map(|difference| (*version, difference)));
            asked.insert((api, *version));
        }
        findings.push(Finding { api, what: step.what.clone(), versions, differences });
    }
    if brokers.iter().any(Broker::is_cluster) {
        return Ok(findings);
    }
    findings.extend(advertised.into_iter().map(|(api, versions)| coverage(api, versions, &asked)));
    Ok(findings)
}

fn versions(api: ApiKey, asked: &Versions, advertised: &BTreeMap<ApiKey, VersionRange>) -> Result<Vec<i16>, RunError> {
    let by_both = || {
        let both = advertised.get(&api).ok_or(RunError::NotAdvertised(api))?;
        Ok::<_, RunError>(both.intersect(schema::layout(api, Direction::Request).versions))
    };
    Ok(match asked {
        Versions::One(version) => vec![*version],
        Versions::Between(from, to) => (*from..=*to).collect(),
        Versions::Advertised(Advertised::All) => by_both().map(|both| (both.min..=both.max).collect())?,
        Versions::Advertised(Advertised::Latest) => vec![by_both()?.max],
    })
}

fn coverage(api: ApiKey, advertised: VersionRange, asked: &BTreeSet<(ApiKey, i16)>) -> Finding {
    let versions: Vec<i16> = (advertised.min..=advertised.max).collect();
    let missing = versions.iter().filter(|version| !asked.contains(&(api, **version)));
    let said = || ["both advertise it".to_owned(), "no step asks it".to_owned()];
    let differences = missing.map(|version| (*version, Difference { path: "$".to_owned(), said: said() })).collect();
    Finding { api, what: "is asked at every version that both advertise".to_owned(), versions, differences }
}

fn run_at(step: &Step, api: ApiKey, version: i16, brokers: &mut [Broker; 2]) -> Result<Vec<Difference>, RunError> {
    let [right, other] = brokers;
    let (right, other) = (react(step, api, version, right)?, react(step, api, version, other)?);
    Ok(compare::reactions(&right, &other))
}

/// What a broker does with a step, ids masked.
fn react(step: &Step, api: ApiKey, version: i16, broker: &mut Broker) -> Result<Reaction, RunError> {
    let variable = |name: &str| match name {
        "version" => Some(version.into()),
        name => broker.captured.get(name).cloned(),
    };
    let body = request::encode(api, version, &step.body, step.spoil.as_ref(), &variable)
        .map_err(|source| RunError::Request { api, version, what: step.what.clone(), source })?;
    let asked = Asked { api, version, body, at: step.at, connection: &step.on, is_answered: step.answer };
    let reaction = ask_until(&asked, &step.until, broker).map_err(|source| RunError::Broker {
        broker: broker.name.clone(),
        api,
        version,
        what: step.what.clone(),
        source,
    })?;
    let Reaction::Answers(answer) = reaction else { return Ok(reaction) };
    for (name, pointer) in &step.capture {
        let value = answer.pointer(pointer).ok_or_else(|| RunError::NotThere {
            broker: broker.name.clone(),
            api,
            version,
            what: step.what.clone(),
            pointer: pointer.clone(),
        })?;
        broker.captured.insert(name.clone(), value.clone());
    }
    Ok(Reaction::Answers(masked(&answer, &broker.captured)))
}

/// The last reaction, where it never becomes the one that is waited for.
fn ask_until(asked: &Asked<'_>, until: &BTreeMap<String, Value>, broker: &mut Broker) -> io::Result<Reaction> {
    for _ in 1..TIMES_MAX {
        let reaction = broker.ask(asked)?;
        let is_so = |answer: &Value| until.iter().all(|(pointer, value)| at(answer, pointer) == Some(value));
        match &reaction {
            Reaction::Answers(answer) if !is_so(answer) => sleep(APART),
            _ => return Ok(reaction),
        }
    }
    broker.ask(asked)
}

/// The value at a JSON pointer, in which an element of an array may also stand by its name.
fn at<'a>(answer: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(answer, |value, step| match (value, step.parse::<usize>()) {
        (Value::Array(elements), Err(_)) => elements.iter().find(|element| element["name"] == step),
        (Value::Array(elements), Ok(index)) => elements.get(index),
        (other, _) => other.get(step),
    })
}
