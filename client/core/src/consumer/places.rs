//! Where a partition stands after a change: what is to be done for it, and by whom.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use ottla_wire::BrokerId;

use super::answer::Verdict;
use super::broker::{Broker, REST};
use super::machine::Event;
use super::partition::{Need, Partition, Standing};
use super::{Config, TopicPartition};

/// The lines in which partitions wait for something to be done for them. A partition that needs nothing stands in none, so that it costs nothing.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Those that lead a partition that is read.
    pub(super) brokers: BTreeMap<BrokerId, Broker>,
    /// The partitions of which an offset is to be looked up, by leader.
    to_locate: BTreeSet<(BrokerId, TopicPartition)>,
    pub(super) events: VecDeque<Event>,
    /// The partitions that have something to hand out, in the order of their turns.
    line: VecDeque<TopicPartition>,
    timers: BTreeSet<(Instant, TopicPartition)>,
    turns: u64,
    /// The brokers that a partition left as the last; another may have come since.
    deserted: Vec<BrokerId>,
}

impl Places {
    /// Puts a partition where it belongs.
    pub(super) fn settle(&mut self, partition: &mut Partition, config: &Config) {
        let need = partition.need(config);
        let standing = match (partition.leader, need) {
            (None, _) | (_, Need::Nothing) => Standing::Nowhere,
            (Some(leader), Need::Fetch) => match partition.standing {
                same @ Standing::Queued(broker, _) if broker == leader => same,
                _ => Standing::Queued(leader, self.turn()),
            },
            (Some(leader), Need::Room | Need::Offset) => Standing::HeldBack(leader),
            (Some(leader), Need::Time) => Standing::Waiting(leader),
        };
        self.stand(partition, standing);
        if let Some(leader) = partition.leader.filter(|_| partition.wants_offset())
            && self.to_locate.insert((leader, partition.at.clone()))
        {
            self.events.push_back(Event::LookUp);
        }
        if partition.has_something() && !mem::replace(&mut partition.is_in_line, true) {
            self.line.push_back(partition.at.clone());
            self.events.push_back(Event::Readable);
        }
        self.set_timer(partition, partition.pause.until);
    }

    /// Takes a partition out of all lines.
    pub(super) fn remove(&mut self, partition: &mut Partition) {
        self.stand(partition, Standing::Nowhere);
        self.set_timer(partition, None);
        if mem::take(&mut partition.is_in_line) {
            self.line.retain(|at| *at != partition.at);
        }
    }

    /// Hands an error of a broker to the partition that it is about.
    pub(super) fn refuse(
        &mut self,
        partition: &mut Partition,
        now: Instant,
        random: u64,
        verdict: Verdict,
        config: &Config,
    ) {
        partition.handle_refusal(now, random, verdict, config);
        if matches!(verdict, Verdict::Again | Verdict::Unknown) {
            self.events.push_back(Event::RefreshMetadata(Arc::clone(&partition.at.topic)));
        }
    }

    /// A partition was given something: those that were not come before it now.
    pub(super) fn end_turn(&mut self, partition: &mut Partition) {
        if let Standing::Queued(leader, turn) = partition.standing
            && let Some(at) = self.brokers.get_mut(&leader).and_then(|broker| broker.queue.remove(&turn))
        {
            let next = self.turn();
            partition.standing = Standing::Queued(leader, next);
            self.brokers.entry(leader).or_default().queue.insert(next, at);
        }
    }

    /// The next partition that has something to hand out.
    pub(super) fn next_in_line(&mut self) -> Option<TopicPartition> {
        self.line.pop_front()
    }

    /// Whether a partition has something to hand out.
    pub(super) fn has_line(&self) -> bool {
        !self.line.is_empty()
    }

    /// The next partition of which an offset is to be looked up, and its leader; of `broker`, where one is given.
    pub(super) fn next_to_locate(&mut self, broker: Option<BrokerId>) -> Option<(BrokerId, TopicPartition)> {
        self.to_locate.first().filter(|(leader, _)| broker.is_none_or(|broker| broker == *leader))?;
        self.to_locate.pop_first()
    }

    /// The next partition whose time has come.
    pub(super) fn next_due(&mut self, now: Instant) -> Option<TopicPartition> {
        self.timers.first().filter(|(due, _)| *due <= now)?;
        self.timers.pop_first().map(|(_, at)| at)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let rests = self.brokers.values().filter_map(|broker| broker.rests_until);
        self.timers.first().map(|(due, _)| *due).into_iter().chain(rests).min()
    }

    /// Leaves a broker alone that had nothing, while some of its partitions are held back.
    pub(super) fn rest(&mut self, now: Instant, id: BrokerId, config: &Config) {
        if let Some(broker) = self.brokers.get_mut(&id) {
            broker.rests_until = Some(now + REST.min(config.fetch_max_wait));
        }
    }

    pub(super) fn end_rests(&mut self, now: Instant) {
        for (id, broker) in &mut self.brokers {
            if broker.rests_until.take_if(|until| *until <= now).is_some() {
                self.events.push_back(Event::Work(*id));
            }
        }
    }

    /// Wakes the brokers that were not asked for want of memory, where there is some now.
    pub(super) fn wake_hungry(&mut self, has_memory: impl Fn(BrokerId) -> bool) {
        for (id, broker) in &mut self.brokers {
            if broker.lacks_memory && has_memory(*id) {
                broker.lacks_memory = false;
                self.events.push_back(Event::Work(*id));
            }
        }
    }

    /// Leaves the brokers that lead nothing any more, once a change is complete: leaders may have traded places.
    pub(super) fn leave_deserted(&mut self) {
        for id in mem::take(&mut self.deserted) {
            if self.brokers.get(&id).is_some_and(|broker| broker.led == 0) {
                self.brokers.remove(&id);
                self.events.push_back(Event::Left(id));
            }
        }
    }

    fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    fn stand(&mut self, partition: &mut Partition, standing: Standing) {
        let before = mem::replace(&mut partition.standing, standing);
        if before == standing {
            return;
        }
        self.stand_in(partition, standing, before.broker());
        self.stand_out(partition, before, standing.broker());
    }

    fn stand_in(&mut self, partition: &Partition, standing: Standing, before: Option<BrokerId>) {
        let Some(id) = standing.broker() else { return };
        let broker = self.brokers.entry(id).or_insert_with(|| {
            self.events.push_back(Event::Wanted(id));
            Broker::default()
        });
        if before != Some(id) {
            broker.led += 1;
        }
        match standing {
            Standing::Queued(_, turn) => {
                broker.queue.insert(turn, partition.at.clone());
                broker.rests_until = None;
                if broker.flight.is_none() {
                    self.events.push_back(Event::Work(id));
                }
            }
            Standing::HeldBack(_) => broker.held_back += 1,
            Standing::Waiting(_) | Standing::Nowhere => {}
        }
    }

    fn stand_out(&mut self, partition: &Partition, before: Standing, after: Option<BrokerId>) {
        let Some(id) = before.broker() else { return };
        let Some(broker) = self.brokers.get_mut(&id) else { return };
        match before {
            Standing::Queued(_, turn) => drop(broker.queue.remove(&turn)),
            Standing::HeldBack(_) => broker.held_back -= 1,
            Standing::Waiting(_) | Standing::Nowhere => {}
        }
        if after == Some(id) {
            return;
        }
        self.to_locate.remove(&(id, partition.at.clone()));
        broker.led -= 1;
        if broker.led == 0 {
            self.deserted.push(id);
        }
    }

    fn set_timer(&mut self, partition: &mut Partition, timer: Option<Instant>) {
        let before = mem::replace(&mut partition.timer, timer);
        if before == timer {
            return;
        }
        if let Some(before) = before {
            self.timers.remove(&(before, partition.at.clone()));
        }
        if let Some(timer) = timer {
            self.timers.insert((timer, partition.at.clone()));
        }
    }
}

impl Standing {
    const fn broker(self) -> Option<BrokerId> {
        match self {
            Self::Nowhere => None,
            Self::Queued(broker, _) | Self::HeldBack(broker) | Self::Waiting(broker) => Some(broker),
        }
    }
}
