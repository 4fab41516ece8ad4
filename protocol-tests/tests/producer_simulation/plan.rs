//! What is to happen in a story, all of it drawn from the seed before the story begins.

use std::time::Duration;

use ottla::{BrokerId, Compression};
use ottla_mockbroker::Fault;

use crate::dice::Dice;
use crate::faults;

pub(crate) const BROKERS: [BrokerId; 3] = [BrokerId(1), BrokerId(2), BrokerId(3)];

/// After how long a leader forgets a producer that was silent. It is longer than any record may take: what a forgotten producer sends again is new to a
/// leader, in Kafka as here.
pub(crate) const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// How much happens in a story, at least and at most.
const STEPS: (usize, usize) = (20, 70);

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) partitions: i32,
    pub(crate) min_insync_replicas: usize,
    pub(crate) broker_session_timeout: Duration,
    pub(crate) idempotence: bool,
    pub(crate) in_flight_per_partition: usize,
    pub(crate) linger: Duration,
    pub(crate) compression: Compression,
    pub(crate) batch_bytes_max: usize,
    pub(crate) buffer_bytes_max: usize,
    pub(crate) delivery_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) send_timeout: Duration,
    /// Whether no answer is lost. Then a leader may say that it does not know the producer's numbers; otherwise that would be a lie where it has a batch
    /// whose answer was lost, and the batch would be there twice.
    pub(crate) keeps_answers: bool,
}

/// Where a record goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    Partition(i32),
    Key(usize),
    Any,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send {
        to: To,
        value_bytes: usize,
    },
    Flush,
    Wait(Duration),
    /// A fault is there from now on.
    Fault(Fault),
    /// The oldest fault that is there goes away.
    Heal,
    Stop(BrokerId),
    Kill(BrokerId),
    Pause(BrokerId),
    /// All brokers run.
    Mend,
    Lead(i32, BrokerId),
    Shrink(i32, BrokerId),
    Expand(i32, BrokerId),
    /// So long nothing is sent that leaders forget the producer.
    Forget,
    Close(Duration),
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let settings = Settings::draw(&mut dice);
        let count = STEPS.0 + dice.below(STEPS.1 - STEPS.0 + 1);
        let mut steps: Vec<Step> = (0..count).flat_map(|_| steps(&mut dice, &settings)).collect();
        if dice.one_in(8) {
            steps.push(Step::Close(dice.millis(0, 3000)));
        }
        Self { seed, settings, steps }
    }
}

impl Settings {
    fn draw(dice: &mut Dice) -> Self {
        let batch_bytes_max = dice.one_of(&[256, 512, 2048]);
        let codecs = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
        Self {
            partitions: dice.one_of(&[1, 1, 2, 3]),
            min_insync_replicas: dice.one_of(&[1, 2]),
            broker_session_timeout: dice.millis(500, 5000),
            idempotence: !dice.one_in(8),
            in_flight_per_partition: dice.one_of(&[1, 2, 5, 5, 5, 5]),
            linger: dice.one_of(&[0, 1, 5, 20].map(Duration::from_millis)),
            compression: if dice.one_in(4) { dice.one_of(&codecs) } else { Compression::None },
            batch_bytes_max,
            buffer_bytes_max: if dice.one_in(4) { batch_bytes_max * 4 } else { 1024 * 1024 },
            delivery_timeout: dice.one_of(&[2, 5, 30].map(Duration::from_secs)),
            request_timeout: dice.one_of(&[300, 1000, 5000].map(Duration::from_millis)),
            send_timeout: dice.millis(100, 5000),
            keeps_answers: dice.one_in(5),
        }
    }
}

/// What happens next: mostly records, of which many may come at once.
fn steps(dice: &mut Dice, settings: &Settings) -> Vec<Step> {
    let broker = dice.one_of(&BROKERS);
    let partition = dice.below(settings.partitions as usize) as i32;
    let step = match dice.below(40) {
        0..18 => return sends(dice, settings),
        18..26 => Step::Wait(dice.millis(1, 300)),
        26 => Step::Wait(dice.millis(1000, 4000)),
        27..33 => Step::Fault(faults::draw(dice, settings)),
        33 => Step::Heal,
        34 if settings.keeps_answers => Step::Stop(broker),
        34 => dice.one_of(&[Step::Stop(broker), Step::Kill(broker), Step::Pause(broker)]),
        35 => Step::Mend,
        36..38 => Step::Lead(partition, broker),
        38 => dice.one_of(&[Step::Shrink(partition, broker), Step::Expand(partition, broker)]),
        _ => dice.one_of(&[Step::Flush, Step::Flush, Step::Flush, Step::Forget]),
    };
    vec![step]
}

fn sends(dice: &mut Dice, settings: &Settings) -> Vec<Step> {
    let count = dice.one_of(&[1, 1, 1, 2, 5]);
    let send = |dice: &mut Dice| {
        let to = match dice.below(4) {
            0 => To::Any,
            1 => To::Key(dice.below(5)),
            _ => To::Partition(dice.below(settings.partitions as usize) as i32),
        };
        Step::Send { to, value_bytes: dice.below(150) }
    };
    (0..count).map(|_| send(dice)).collect()
}
