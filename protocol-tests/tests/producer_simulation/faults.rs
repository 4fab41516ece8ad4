//! The faults of a story: those of the network, and the errors that a broker says before it appends a batch and after.

use ottla::ErrorCode;
use ottla_mockbroker::{ApiKey, Fault};

use crate::dice::Dice;
use crate::plan::{BROKERS, Settings};
use crate::world::EVENTS;

/// What a broker says of a batch that it has not appended.
const BEFORE: [ErrorCode; 11] = [
    ErrorCode::NOT_LEADER_OR_FOLLOWER,
    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    ErrorCode::LEADER_NOT_AVAILABLE,
    ErrorCode::NOT_ENOUGH_REPLICAS,
    ErrorCode::REQUEST_TIMED_OUT,
    ErrorCode::KAFKA_STORAGE_ERROR,
    ErrorCode::NETWORK_EXCEPTION,
    ErrorCode::THROTTLING_QUOTA_EXCEEDED,
    ErrorCode::MESSAGE_TOO_LARGE,
    ErrorCode::TOPIC_AUTHORIZATION_FAILED,
    ErrorCode::INVALID_RECORD,
];

/// What a leader says that does not know the producer's numbers.
const NUMBERS: [ErrorCode; 3] =
    [ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, ErrorCode::UNKNOWN_PRODUCER_ID, ErrorCode::INVALID_PRODUCER_EPOCH];

/// What a leader says of a batch that it has appended, while it waits for the replicas (Kafka's `DelayedProduce`).
const AFTER: [ErrorCode; 5] = [
    ErrorCode::REQUEST_TIMED_OUT,
    ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ErrorCode::NOT_LEADER_OR_FOLLOWER,
    ErrorCode::KAFKA_STORAGE_ERROR,
    ErrorCode::UNKNOWN_SERVER_ERROR,
];

/// What a broker says instead of giving a producer id.
const NO_PRODUCER_ID: [ErrorCode; 3] =
    [ErrorCode::COORDINATOR_LOAD_IN_PROGRESS, ErrorCode::CLUSTER_AUTHORIZATION_FAILED, ErrorCode::REQUEST_TIMED_OUT];

pub(crate) fn draw(dice: &mut Dice, settings: &Settings) -> Fault {
    match dice.below(12) {
        _ if settings.keeps_answers => {
            let codes = dice.one_of(&[&BEFORE[..], &NUMBERS[..]]);
            let fault = Fault::error(dice.one_of(codes));
            of_produce(dice, settings, fault)
        }
        0..3 => {
            let fault = Fault::error(dice.one_of(&BEFORE));
            of_produce(dice, settings, fault)
        }
        3 => {
            let fault = Fault::applied_then_error(dice.one_of(&AFTER));
            of_produce(dice, settings, fault)
        }
        4..10 => {
            let fault = of_network(dice).api(ApiKey::Produce);
            times(dice, fault)
        }
        10 => of_others(dice),
        _ => {
            let fault = dice.one_of(&[Fault::refused_connections(), Fault::partition_from()]);
            // One broker, or all.
            if dice.one_in(3) { fault } else { fault.broker(dice.one_of(&BROKERS)) }
        }
    }
}

/// A fault of what else a producer asks.
fn of_others(dice: &mut Dice) -> Fault {
    let fault = if dice.one_in(2) {
        Fault::error(dice.one_of(&NO_PRODUCER_ID)).api(ApiKey::InitProducerId)
    } else {
        of_network(dice).api(dice.one_of(&[ApiKey::Metadata, ApiKey::ApiVersions, ApiKey::InitProducerId]))
    };
    times(dice, fault)
}

fn of_network(dice: &mut Dice) -> Fault {
    let wait = dice.millis(1, 2500);
    let every = dice.millis(1, 20);
    let bytes = dice.below(60);
    dice.one_of(&[
        Fault::silence(),
        Fault::lost_answer(),
        Fault::lost_answer(),
        Fault::hold(wait),
        Fault::delay(wait),
        Fault::throttle(wait),
        Fault::close_before(),
        Fault::close_unanswered(),
        Fault::close_unanswered(),
        Fault::close_within_answer(),
        Fault::close_after_answer(),
        Fault::cut(bytes),
        Fault::drip(bytes + 1, every),
    ])
}

/// An error of whole requests, of a topic, or of a partition.
fn of_produce(dice: &mut Dice, settings: &Settings, fault: Fault) -> Fault {
    let fault = fault.api(ApiKey::Produce);
    let partition = dice.below(settings.partitions as usize) as i32;
    let fault = match dice.below(3) {
        0 => fault,
        1 => fault.topic(EVENTS),
        _ => fault.topic(EVENTS).partition(partition),
    };
    times(dice, fault)
}

fn times(dice: &mut Dice, fault: Fault) -> Fault {
    fault.after(dice.below(3) as u64).times(dice.below(3) as u64 + 1)
}
