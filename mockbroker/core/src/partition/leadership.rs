//! Who leads a partition: what Kafka's controller makes of it when brokers come and go, or somebody asks for another leader.
//!
//! Each change is decided as a whole and is one step of the partition's epoch. In its course a reassignment is ended whose new replicas are all in
//! sync, the eligible leaders are kept (KIP-966), and a leader is elected: the one that there is, as long as it may lead; else the first replica
//! that is in sync, or, where none is, eligible; else the one that led last; else, where the election may be unclean, any that is there.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use ottla_wire::{BrokerId, LeaderEpoch};

use super::Partition;
use crate::broker::Brokers;

/// Which brokers may be elected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Election {
    /// Those that have every committed record; the one that leads goes on.
    Online,
    /// As `Online`, but the first replica leads if it can.
    Preferred,
    /// Any replica that is there, where no other can be.
    Unclean,
}

/// What the controller knows beside the partition.
#[derive(Clone, Copy)]
pub(crate) struct Electorate<'a> {
    pub(crate) brokers: &'a Brokers,
    /// `min.insync.replicas` of the topic.
    pub(crate) in_sync_min: usize,
    /// How many replicas must be in sync for the high watermark to go on.
    pub(crate) advance_min: usize,
    pub(crate) election: Election,
}

/// A partition as it is to be.
struct Target {
    replicas: Vec<BrokerId>,
    adding: Vec<BrokerId>,
    removing: Vec<BrokerId>,
    in_sync: Vec<BrokerId>,
    eligible: Vec<BrokerId>,
    /// The replica whose log may have lost its end.
    cut_short: Option<BrokerId>,
}

/// Who is elected.
struct Elected {
    leader: BrokerId,
    /// Whether it may lack records that were committed.
    is_unclean: bool,
}

impl Partition {
    /// Takes a broker out of the replicas that are in sync, and elects another leader where it was the leader.
    pub(crate) fn drop_from_in_sync(&mut self, broker: BrokerId, electorate: &Electorate<'_>) -> bool {
        let mut target = self.as_it_is();
        target.in_sync.retain(|id| *id != broker);
        self.change(target, electorate)
    }

    /// Takes followers out of the replicas that are in sync, as the leader asks for it.
    pub(crate) fn shrink_in_sync(&mut self, followers: &[BrokerId], electorate: &Electorate<'_>) -> bool {
        let mut target = self.as_it_is();
        target.in_sync.retain(|id| !followers.contains(id));
        target.in_sync.sort_by_key(as_the_leader_tells);
        self.change(target, electorate)
    }

    /// Takes a broker whose log may have lost its end out of the replicas that may lead.
    pub(crate) fn drop_unclean(&mut self, broker: BrokerId, electorate: &Electorate<'_>) -> bool {
        let mut target = self.as_it_is();
        target.in_sync.retain(|id| *id != broker);
        target.cut_short = Some(broker);
        self.change(target, electorate)
    }

    /// Puts a follower that has caught up among the replicas that are in sync, where there is a leader that it can have caught up with.
    pub(super) fn join_in_sync(&mut self, broker: BrokerId, electorate: &Electorate<'_>) -> bool {
        let may_join = self.has_leader() && self.replicas.contains(&broker) && !self.in_sync.contains(&broker);
        if !may_join {
            return false;
        }
        let mut target = self.as_it_is();
        target.in_sync.push(broker);
        target.in_sync.sort_by_key(as_the_leader_tells);
        self.change(target, electorate)
    }

    /// Elects a leader where that changes anything; whether it did.
    pub(crate) fn elect(&mut self, electorate: &Electorate<'_>) -> bool {
        let target = self.as_it_is();
        self.change(target, electorate)
    }

    /// Makes a replica the leader, or the leader once more, whatever the order of the replicas.
    pub(crate) fn appoint(&mut self, broker: BrokerId) {
        self.takes_over(broker);
        self.leader = broker;
        self.last_leader = self.last_leader.filter(|_| broker == BrokerId::NONE);
        self.next_epoch(true);
    }

    /// Begins to move the partition to other brokers, and ends that at once where nothing has to be copied.
    pub(crate) fn reassign(&mut self, wanted: &[BrokerId], electorate: &Electorate<'_>) -> bool {
        let missing = |from: &[BrokerId], of: &[BrokerId]| {
            let mut missing: Vec<BrokerId> = from.iter().filter(|id| !of.contains(id)).copied().collect();
            missing.sort_unstable();
            missing
        };
        let (removing, adding) = (missing(&self.replicas, wanted), missing(wanted, &self.replicas));
        for broker in &adding {
            self.is_new_on(*broker);
        }
        let mut target = self.as_it_is();
        target.replicas = wanted.iter().chain(&removing).copied().collect();
        // As in Kafka, a second reassignment that moves nothing more leaves what the first began.
        if !removing.is_empty() {
            target.removing = removing;
        }
        if !adding.is_empty() {
            target.adding = adding;
        }
        self.change(target, electorate)
    }

    /// Whether the partition is being moved to other brokers.
    pub(crate) fn is_reassigned(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// Takes back a reassignment. `false` where that needs an unclean election, which `electorate` does not allow; nothing is changed then.
    pub(crate) fn cancel_reassignment(&mut self, electorate: &Electorate<'_>) -> bool {
        let is_old = |id: &BrokerId| !self.adding.contains(id);
        let mut target = self.as_it_is();
        target.replicas.retain(is_old);
        target.in_sync.retain(is_old);
        (target.adding, target.removing) = (Vec::new(), Vec::new());
        if target.in_sync.is_empty() {
            if electorate.election != Election::Unclean {
                return false;
            }
            target.in_sync.extend(target.replicas.first());
        }
        self.change(target, electorate);
        true
    }

    pub(crate) fn has_leader(&self) -> bool {
        self.leader != BrokerId::NONE
    }

    fn as_it_is(&self) -> Target {
        Target {
            replicas: self.replicas.clone(),
            adding: self.adding.clone(),
            removing: self.removing.clone(),
            in_sync: self.in_sync.clone(),
            eligible: self.eligible.clone(),
            cut_short: None,
        }
    }

    /// Makes the partition what it is to be, and whatever follows from that; whether anything is changed.
    fn change(&mut self, mut target: Target, electorate: &Electorate<'_>) -> bool {
        target.end_reassignment();
        self.keep_eligible(&mut target, electorate.in_sync_min);
        let elected = self.elected(&target, electorate);
        if elected.leader != self.leader && elected.leader != BrokerId::NONE {
            if elected.is_unclean {
                (target.in_sync, target.eligible) = (vec![elected.leader], Vec::new());
            } else if target.eligible.contains(&elected.leader) {
                target.eligible.retain(|id| *id != elected.leader);
                target.in_sync = vec![elected.leader];
            }
        }
        // A replica that is taken away gives the others a new epoch, so that it is fenced.
        let is_new_epoch =
            elected.leader != self.leader || self.replicas.iter().any(|id| !target.replicas.contains(id));
        let before = (&self.replicas, &self.adding, &self.removing, &self.in_sync, &self.eligible);
        let after = (&target.replicas, &target.adding, &target.removing, &target.in_sync, &target.eligible);
        if !is_new_epoch && before == after {
            return false;
        }
        self.last_leader = match elected.leader {
            BrokerId::NONE => self.last_leader.or(Some(self.leader)).filter(|id| *id != BrokerId::NONE),
            _ => None,
        };
        self.takes_over(elected.leader);
        self.leader = elected.leader;
        let Target { replicas, adding, removing, in_sync, eligible, .. } = target;
        (self.replicas, self.adding, self.removing) = (replicas, adding, removing);
        (self.in_sync, self.eligible) = (in_sync, eligible);
        self.next_epoch(is_new_epoch);
        true
    }

    fn next_epoch(&mut self, is_of_leader: bool) {
        self.partition_epoch = self.partition_epoch.saturating_add(1);
        if is_of_leader {
            self.leader_epoch = LeaderEpoch(self.leader_epoch.0.saturating_add(1));
            if self.has_leader() {
                self.log.begin_epoch(self.leader_epoch);
            }
        }
    }

    /// While fewer replicas are in sync than must be, those that leave them have every committed record all the same (KIP-966).
    fn keep_eligible(&self, target: &mut Target, in_sync_min: usize) {
        if target.in_sync.len() >= in_sync_min.min(self.replicas.len()) {
            return target.eligible.clear();
        }
        for id in &self.in_sync {
            if !target.eligible.contains(id) {
                target.eligible.push(*id);
            }
        }
        let Target { in_sync, eligible, cut_short, .. } = target;
        eligible.retain(|id| !in_sync.contains(id) && Some(*id) != *cut_short);
        target.eligible.sort_unstable();
    }

    fn elected(&self, target: &Target, electorate: &Electorate<'_>) -> Elected {
        let is_active = |id: BrokerId| electorate.brokers.is_active(id);
        let may_lead = |id: BrokerId| {
            let has_all = target.in_sync.contains(&id) || (target.in_sync.is_empty() && target.eligible.contains(&id));
            has_all && is_active(id)
        };
        let clean = |leader| Elected { leader, is_unclean: false };
        let unclean = |leader| Elected { leader, is_unclean: true };
        let preferred = target.replicas.first().copied().filter(|_| electorate.election == Election::Preferred);
        let candidates = preferred.into_iter().chain([self.leader]).chain(target.replicas.iter().copied());
        if let Some(leader) = candidates.into_iter().find(|id| may_lead(*id)) {
            return clean(leader);
        }
        let nobody_has_all = target.in_sync.is_empty() && target.eligible.is_empty();
        if let Some(leader) = self.last_leader.filter(|id| nobody_has_all && is_active(*id)) {
            return unclean(leader);
        }
        let any = target.replicas.iter().copied().find(|id| is_active(*id));
        match any.filter(|_| electorate.election == Election::Unclean) {
            Some(leader) => unclean(leader),
            None => clean(BrokerId::NONE),
        }
    }
}

/// The place of a replica among those in sync that a leader tells the controller: that in a hash set of Scala, which of ids below 16 is ascending.
fn as_the_leader_tells(id: &BrokerId) -> (i32, BrokerId) {
    (id.0 & 0xf, *id)
}

impl Target {
    /// Ends a reassignment when enough is copied: all that are added are in sync, one of those that stay is, and, where they become fewer, all.
    fn end_reassignment(&mut self) {
        if self.adding.is_empty() && self.removing.is_empty() {
            return;
        }
        let stays = |id: &BrokerId| !self.removing.contains(id);
        let in_sync: Vec<BrokerId> = self.in_sync.iter().copied().filter(stays).collect();
        let replicas: Vec<BrokerId> = self.replicas.iter().copied().filter(stays).collect();
        let are_in_sync = |ids: &[BrokerId]| ids.iter().all(|id| in_sync.contains(id));
        let is_left_empty = !self.removing.is_empty() && (in_sync.is_empty() || replicas.is_empty());
        let become_fewer = self.adding.len() < self.removing.len();
        if is_left_empty || !are_in_sync(&self.adding) || (become_fewer && !are_in_sync(&replicas)) {
            return;
        }
        (self.replicas, self.in_sync) = (replicas, in_sync);
        (self.adding, self.removing) = (Vec::new(), Vec::new());
    }
}
