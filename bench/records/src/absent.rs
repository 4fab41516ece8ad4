//! The peers that may be missing where they are, each with its reason: `absent.txt`.

use anyhow::{Context, ensure};

use crate::codec::Codec;
use crate::race::Work;

const LIST: &str = include_str!("../absent.txt");

/// One line: a peer, what it does not do, with which codecs, and why.
pub(crate) struct Absent {
    pub(crate) peer: &'static str,
    work: &'static str,
    codecs: &'static str,
    pub(crate) reason: &'static str,
}

impl Absent {
    pub(crate) fn list() -> anyhow::Result<Vec<Self>> {
        LIST.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(Self::parse).collect()
    }

    fn parse(line: &'static str) -> anyhow::Result<Self> {
        let mut fields = line.split('|').map(str::trim);
        let mut field = |name| fields.next().with_context(|| format!("absent.txt: no {name} in {line:?}"));
        let absent =
            Self { peer: field("peer")?, work: field("work")?, codecs: field("codecs")?, reason: field("reason")? };
        ensure!(!absent.reason.is_empty(), "absent.txt: no reason in {line:?}");
        Ok(absent)
    }

    pub(crate) fn covers(&self, peer: &str, work: Work, codec: Codec) -> bool {
        let of = |list: &str, name: &str| list == "all" || list.split(' ').any(|one| one == name);
        self.peer == peer && of(self.work, work.name()) && of(self.codecs, codec.name())
    }
}
