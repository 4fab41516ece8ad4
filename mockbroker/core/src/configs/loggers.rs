//! The levels of a broker's loggers (KIP-412).

use std::collections::BTreeMap;

use ottla_wire::BrokerId;

use super::{Operation, Refusal};

/// The loggers that a broker has, by ascending name.
const LOGGERS: [&str; 3] = ["kafka", "org.apache.kafka", ROOT];

/// The logger that gives the others their level.
const ROOT: &str = "root";

/// The level that loggers have at the start.
const LEVEL: &str = "INFO";

/// The levels, the least first.
const LEVELS: [&str; 6] = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

/// The levels that are set, of each broker's loggers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loggers(BTreeMap<BrokerId, BTreeMap<&'static str, &'static str>>);

impl Loggers {
    /// The loggers of a broker with their levels.
    pub(super) fn of(&self, broker: BrokerId) -> impl Iterator<Item = (&'static str, &'static str)> {
        let levels = self.0.get(&broker);
        let level = move |name| levels.and_then(|levels| levels.get(name)).copied();
        let root = level(ROOT).unwrap_or(LEVEL);
        LOGGERS.into_iter().map(move |name| (name, level(name).unwrap_or(root)))
    }

    /// Sets and deletes levels, all of them or none.
    pub(super) fn set(
        &mut self,
        broker: BrokerId,
        levels: &[(&str, Option<Operation>, Option<&str>)],
        validate_only: bool,
    ) -> Result<(), Refusal> {
        let checked: Result<Vec<_>, _> = levels.iter().map(check).collect();
        let of_broker = self.0.entry(broker).or_default();
        for (name, level) in checked?.into_iter().filter(|_| !validate_only) {
            match level {
                Some(level) => drop(of_broker.insert(name, level)),
                None => drop(of_broker.remove(name)),
            }
        }
        Ok(())
    }
}

/// A logger, and the level that it is to have; none where it is to have the root's.
fn check(
    (name, operation, level): &(&str, Option<Operation>, Option<&str>),
) -> Result<(&'static str, Option<&'static str>), Refusal> {
    let missing = || Refusal::config(format!("there is no logger {name}"));
    let known = || LOGGERS.into_iter().find(|known| known == name).ok_or_else(missing);
    match operation {
        Some(Operation::Set) => {
            let name = known()?;
            let level = LEVELS.into_iter().find(|known| Some(*known) == *level);
            let unknown = || Refusal::config(format!("the level of {name} must be one of {}", LEVELS.join(", ")));
            Ok((name, Some(level.ok_or_else(unknown)?)))
        }
        Some(Operation::Delete) => match known()? {
            ROOT => Err(Refusal::request("the level of the root logger cannot be removed")),
            name => Ok((name, None)),
        },
        Some(Operation::Append | Operation::Subtract) | None => {
            Err(Refusal::request(format!("the level of {name} is set or deleted, and nothing else")))
        }
    }
}
