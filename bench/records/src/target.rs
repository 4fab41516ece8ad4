//! What each row must reach.

use crate::ZSTD_IS_C;
use crate::bound::{FLOOR, ZSTD_C};
use crate::codec::Codec;
use crate::contender::Contender;
use crate::race::{Finish, Race, Work};
use crate::workload::Shape;

/// Whose time ours is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    BestPeer,
    Named(&'static str),
}

/// Ours may need at most so much of the other's time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    against: Against,
    at_most: f64,
}

/// How ours stands to a target.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// Who it was held against; none where nobody ran.
    theirs: Option<(&'static str, f64)>,
    ours: f64,
    target: Target,
}

/// The targets of a row.
fn targets(work: Work, codec: Codec, shape: Shape) -> Vec<Target> {
    let peer = |at_most| Target { against: Against::BestPeer, at_most };
    let named = |name, at_most| Target { against: Against::Named(name), at_most };
    let kafka_protocol = |speed: f64| named("kafka-protocol", 1.0 / speed);
    match (codec, work, shape) {
        (Codec::None, Work::Decode, Shape::Small) => vec![named(FLOOR, 1.5), peer(0.7)],
        (Codec::None, Work::Encode, Shape::Small) => vec![named(FLOOR, 1.3), peer(0.8)],
        (Codec::None, _, _) => Vec::new(),
        (Codec::Lz4, Work::Encode, _) => vec![kafka_protocol(4.0), peer(1.0)],
        (Codec::Lz4, Work::Decode, Shape::Small | Shape::Dressed) => vec![kafka_protocol(2.0), peer(1.0)],
        (Codec::Lz4, Work::Decode, Shape::Large) => vec![kafka_protocol(1.1), peer(1.0)],
        (Codec::Gzip | Codec::Snappy, _, _) => vec![peer(1.0)],
        (Codec::Zstd, _, _) if ZSTD_IS_C => vec![peer(1.0)],
        (Codec::Zstd, _, _) => vec![named(ZSTD_C, 1.0 / 0.6)],
    }
}

/// How the row stands to each of its targets.
pub(crate) fn verdicts(race: &Race<'_>) -> Vec<Verdict> {
    let Some(ours) = race.finish(Contender::OURS.name) else { return Vec::new() };
    let verdict = |target: Target| Verdict {
        theirs: match target.against {
            Against::BestPeer => best_peer(race),
            Against::Named(name) => race.finish(name),
        }
        .map(|finish| (finish.name, finish.timing.ns_per_record)),
        ours: ours.timing.ns_per_record,
        target,
    };
    targets(race.work, race.codec, race.workload.shape).into_iter().map(verdict).collect()
}

/// The fastest of the peers that ran.
pub(crate) fn best_peer<'a>(race: &'a Race<'_>) -> Option<&'a Finish> {
    let is_peer = |finish: &&Finish| Contender::ALL.iter().skip(1).any(|peer| peer.name == finish.name);
    let faster = |a: &&Finish, b: &&Finish| a.timing.ns_per_record.total_cmp(&b.timing.ns_per_record);
    race.finishes.iter().filter(is_peer).min_by(faster)
}

impl Verdict {
    /// Whether the target is reached; never where there is nobody to be held against.
    pub(crate) fn is_reached(&self) -> bool {
        self.ratio().is_some_and(|ratio| ratio <= self.target.at_most)
    }

    fn ratio(&self) -> Option<f64> {
        self.theirs.map(|(_, theirs)| self.ours / theirs)
    }

    /// In a cell of the table.
    pub(crate) fn short(&self) -> String {
        let mark = if self.is_reached() { "ok" } else { "MISSED" };
        match (self.theirs, self.ratio()) {
            (Some((name, _)), Some(ratio)) => format!("{ratio:.2} of {name} (<= {:.2}) {mark}", self.target.at_most),
            _ => format!("nobody to be held against {mark}"),
        }
    }

    /// In a line of its own.
    pub(crate) fn long(&self) -> String {
        let Some((name, theirs)) = self.theirs else { return "nobody ran that ours could be held against".to_owned() };
        format!(
            "ours {:.1} ns / {name} {theirs:.1} ns = {:.2}, may be {:.2}",
            self.ours,
            self.ours / theirs,
            self.target.at_most
        )
    }
}
