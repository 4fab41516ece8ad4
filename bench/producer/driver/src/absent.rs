//! The peers that may be missing where they are, each with its reason: `absent.txt`.

use anyhow::{Context, ensure};

use crate::broker::Kind;

const LIST: &str = include_str!("../absent.txt");

/// Who may be missing, and where.
pub(crate) struct Absent(Vec<(&'static str, &'static str)>);

impl Absent {
    pub(crate) fn list() -> anyhow::Result<Self> {
        let lines = LIST.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(parse).collect::<anyhow::Result<_>>().map(Self)
    }

    /// Whether a peer may be missing under a kind of broker, or, without one, altogether.
    pub(crate) fn covers(&self, peer: &str, kind: Option<Kind>) -> bool {
        let place = kind.map_or("all", Kind::name);
        self.0.iter().any(|(name, brokers)| *name == peer && brokers.split(' ').any(|one| one == "all" || one == place))
    }
}

fn parse(line: &'static str) -> anyhow::Result<(&'static str, &'static str)> {
    let mut fields = line.split('|').map(str::trim);
    let mut field = |name| fields.next().with_context(|| format!("absent.txt: no {name} in {line:?}"));
    let (peer, brokers, reason) = (field("peer")?, field("brokers")?, field("reason")?);
    ensure!(!reason.is_empty(), "absent.txt: no reason in {line:?}");
    Ok((peer, brokers))
}
