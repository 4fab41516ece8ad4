//! Numbers, what is in flight at a time, and what becomes of both when something fails.

use super::*;

/// A producer whose leader has taken a batch already, and the next number.
fn established() -> (Producer, i32) {
    let mut producer = producer(&[Some(ONE)]);
    let id = sent_alone(&mut producer);
    producer.answer(id, OK);
    (producer, 1)
}

/// Sends a record in a batch of its own.
fn sent_alone(producer: &mut Producer) -> RequestId {
    producer.send(0, 1);
    producer.flush();
    producer.poll(ONE).expect("a request")
}

/// The epoch, the number and the records of the one batch of a request.
fn numbers(producer: &Producer, id: RequestId) -> (i16, i32, Vec<u32>) {
    let [Carried { stamp, places, .. }] = &producer.in_flight[&id].batches[..] else { panic!("one batch") };
    (stamp.producer_epoch, stamp.base_sequence, places.clone())
}

fn refuse_misnumbered(producer: &mut Producer, id: RequestId) {
    producer.answer(id, |_| (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1));
}

fn delivered(producer: &Producer, place: u32) -> bool {
    matches!(producer.outcome((0, place)), Some(Outcome::Delivered { .. }))
}

#[test]
fn a_producer_id_is_asked_for_with_the_first_record_and_nothing_is_sent_before_it() {
    let mut producer = producer(&[Some(ONE)]);
    producer.grant = None;
    producer.send(0, 1);
    producer.flush();
    assert_eq!((producer.ids_wanted, producer.poll(ONE)), (1, None));
    producer.send(0, 1);
    assert_eq!(producer.ids_wanted, 1);
    producer.sender.handle_producer_id(producer.now, Ok(PRODUCER), &mut producer.accumulators);
    producer.learn();
    let id = producer.poll(ONE).unwrap();
    let [Carried { stamp, .. }] = &producer.in_flight[&id].batches[..] else { panic!("one batch") };
    assert_eq!((stamp.producer_id, stamp.producer_epoch, stamp.base_sequence), (9, 0, 0));
}

#[test]
fn up_to_five_batches_of_a_partition_are_in_flight_in_order_and_the_next_grows_meanwhile() {
    let (mut producer, next) = established();
    let flying: Vec<_> = (0..5).map(|_| sent_alone(&mut producer)).collect();
    for (number, id) in (next..).zip(&flying) {
        assert_eq!(numbers(&producer, *id), (0, number, vec![number as u32]));
    }
    for _ in 0..3 {
        producer.send(0, 1);
        producer.flush();
        assert_eq!(producer.poll(ONE), None);
    }
    producer.answer(flying[0], OK);
    let grown = producer.poll(ONE).unwrap();
    assert_eq!(numbers(&producer, grown), (0, 6, vec![6, 7, 8]));
}

#[test]
fn a_batch_that_goes_out_again_is_never_behind_more_than_the_leader_remembers() {
    let (mut producer, next) = established();
    let first = sent_alone(&mut producer);
    let mut behind: Vec<_> = (0..4).map(|_| sent_alone(&mut producer)).collect();
    let mut retried = first;
    for _ in 0..3 {
        producer.answer(retried, |_| (ErrorCode::REQUEST_TIMED_OUT, -1));
        behind.drain(..).for_each(|id| producer.answer(id, OK));
        producer.send(0, 1);
        producer.flush();
        producer.wait(Duration::from_secs(10));
        retried = producer.poll(ONE).unwrap();
        assert_eq!(numbers(&producer, retried), (0, next, vec![next as u32]));
        assert_eq!(producer.poll(ONE), None, "a sixth would make the leader forget the first");
    }
    producer.answer(retried, OK);
    let waited = producer.poll(ONE).unwrap();
    assert_eq!(numbers(&producer, waited), (0, next + 5, vec![6, 7, 8]));
}

#[test]
fn a_leader_is_sent_one_batch_until_it_has_taken_one() {
    let mut producer = producer(&[Some(ONE)]);
    let first = sent_alone(&mut producer);
    producer.send(0, 1);
    producer.flush();
    assert_eq!(producer.poll(ONE), None, "a leader that knows nothing of a producer takes any number first");
    producer.answer(first, OK);
    assert!(producer.poll(ONE).is_some());
}

#[test]
fn a_leader_that_may_have_forgotten_the_producer_is_sent_one_batch_until_it_has_taken_one() {
    let (mut producer, _) = established();
    producer.wait(Duration::from_secs(60));
    let first = sent_alone(&mut producer);
    producer.send(0, 1);
    producer.flush();
    assert_eq!(producer.poll(ONE), None);
    producer.answer(first, OK);
    assert!(producer.poll(ONE).is_some());
    sent_alone(&mut producer);
}

#[test]
fn a_batch_whose_answer_is_lost_goes_out_again_as_it_was() {
    let (mut producer, _) = established();
    let [first, second] = [(), ()].map(|()| sent_alone(&mut producer));
    let before = [first, second].map(|id| numbers(&producer, id));
    producer.lose(first, true);
    producer.lose(second, true);
    producer.wait(Duration::from_secs(1));
    let again = [(), ()].map(|()| producer.poll(ONE).unwrap());
    assert_eq!(again.map(|id| numbers(&producer, id)), before);
    again.into_iter().for_each(|id| producer.answer(id, OK));
    assert!(delivered(&producer, 1) && delivered(&producer, 2));
}

#[test]
fn a_batch_that_came_before_its_turn_goes_out_again_behind_the_one_that_failed() {
    let (mut producer, _) = established();
    let [first, second] = [(), ()].map(|()| sent_alone(&mut producer));
    producer.answer(first, |_| (ErrorCode::NOT_ENOUGH_REPLICAS, -1));
    refuse_misnumbered(&mut producer, second);
    producer.wait(Duration::from_secs(1));
    let again = [(), ()].map(|()| producer.poll(ONE).unwrap());
    assert_eq!(again.map(|id| numbers(&producer, id)), [(0, 1, vec![1]), (0, 2, vec![2])]);
    again.into_iter().for_each(|id| producer.answer(id, OK));
    assert!(delivered(&producer, 1) && delivered(&producer, 2));
}

#[test]
fn what_is_behind_a_refused_batch_takes_its_numbers_in_the_same_epoch() {
    let (mut producer, _) = established();
    let [first, second, third] = [(), (), ()].map(|()| sent_alone(&mut producer));
    producer.answer(first, |_| (ErrorCode::MESSAGE_TOO_LARGE, -1));
    refuse_misnumbered(&mut producer, second);
    producer.wait(Duration::from_secs(1));
    assert_eq!(producer.poll(ONE), None, "while the third is in flight with its old number");
    refuse_misnumbered(&mut producer, third);
    producer.wait(Duration::from_secs(1));
    let again = [(), ()].map(|()| producer.poll(ONE).unwrap());
    assert_eq!(again.map(|id| numbers(&producer, id)), [(0, 1, vec![2]), (0, 2, vec![3])]);
}

#[test]
fn a_refused_batch_with_none_behind_it_leaves_its_numbers_to_the_next() {
    let (mut producer, _) = established();
    let refused = sent_alone(&mut producer);
    producer.answer(refused, |_| (ErrorCode::TOPIC_AUTHORIZATION_FAILED, -1));
    let next = sent_alone(&mut producer);
    assert_eq!(numbers(&producer, next), (0, 1, vec![2]));
}

#[test]
fn behind_a_batch_of_unknown_outcome_the_numbers_go_on_and_the_leader_says_whether_it_has_it() {
    for has_it in [true, false] {
        let (mut producer, _) = established();
        let lost = sent_alone(&mut producer);
        producer.wait(Duration::from_secs(119));
        producer.lose(lost, true);
        producer.lead(&[None]);
        producer.wait(Duration::from_secs(1));
        assert!(matches!(producer.outcome((0, 1)), Some(Outcome::OutcomeUnknown { .. })));
        producer.lead(&[Some(ONE)]);
        let next = sent_alone(&mut producer);
        assert_eq!(numbers(&producer, next), (0, 2, vec![2]));
        if has_it {
            producer.answer(next, OK);
        } else {
            refuse_misnumbered(&mut producer, next);
            producer.wait(Duration::from_secs(1));
            let again = producer.poll(ONE).unwrap();
            assert_eq!(numbers(&producer, again), (1, 0, vec![2]), "a late request of the old epoch is fenced");
            producer.answer(again, OK);
        }
        assert!(delivered(&producer, 2));
    }
}

#[test]
fn numbers_that_may_be_on_their_way_are_not_given_out_again_in_the_same_epoch() {
    let (mut producer, _) = established();
    let [first, second] = [(), ()].map(|()| sent_alone(&mut producer));
    producer.answer(first, |_| (ErrorCode::MESSAGE_TOO_LARGE, -1));
    producer.lose(second, true);
    producer.wait(Duration::from_secs(1));
    let again = producer.poll(ONE).unwrap();
    assert_eq!(numbers(&producer, again), (1, 0, vec![2]));
}

#[test]
fn a_leader_that_counts_from_elsewhere_is_sent_the_next_epoch_one_batch_at_first() {
    for code in
        [ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, ErrorCode::UNKNOWN_PRODUCER_ID, ErrorCode::INVALID_PRODUCER_EPOCH]
    {
        let (mut producer, _) = established();
        let [first, second] = [(), ()].map(|()| sent_alone(&mut producer));
        producer.answer(first, |_| (code, -1));
        producer.answer(second, |_| (code, -1));
        producer.wait(Duration::from_secs(1));
        let again = producer.poll(ONE).unwrap();
        assert_eq!(numbers(&producer, again), (1, 0, vec![1]));
        assert_eq!(producer.poll(ONE), None);
        producer.answer(again, OK);
        let next = producer.poll(ONE).unwrap();
        assert_eq!(numbers(&producer, next), (1, 1, vec![2]));
    }
}

#[test]
fn behind_the_last_epoch_comes_another_producer_id() {
    let mut producer = producer(&[Some(ONE)]);
    producer.grant = Some(Ok(ProducerId { id: 9, epoch: i16::MAX }));
    let first = sent_alone(&mut producer);
    producer.grant = Some(Ok(ProducerId { id: 10, epoch: 0 }));
    refuse_misnumbered(&mut producer, first);
    producer.wait(Duration::from_secs(1));
    let again = producer.poll(ONE).unwrap();
    let [Carried { stamp, .. }] = &producer.in_flight[&again].batches[..] else { panic!("one batch") };
    assert_eq!((stamp.producer_id, stamp.base_sequence, producer.ids_wanted), (10, 0, 2));
}

#[test]
fn batches_wait_for_those_that_another_leader_has_not_answered() {
    let (mut producer, _) = established();
    let flying = sent_alone(&mut producer);
    producer.lead(&[Some(TWO)]);
    producer.send(0, 1);
    producer.flush();
    assert_eq!(producer.poll(TWO), None);
    producer.answer(flying, |_| (ErrorCode::NOT_LEADER_OR_FOLLOWER, -1));
    producer.wait(Duration::from_secs(1));
    let again = [(), ()].map(|()| producer.poll(TWO).unwrap());
    assert_eq!(again.map(|id| numbers(&producer, id).1), [1, 2]);
}

#[test]
fn numbers_of_a_partition_go_on_after_it_was_idle_and_are_its_own() {
    let mut producer = producer(&[Some(ONE), Some(ONE)]);
    for (partition, number) in [(0, 0), (1, 0), (0, 1), (1, 1), (1, 2)] {
        producer.send(partition, 1);
        producer.flush();
        let id = producer.poll(ONE).unwrap();
        let [Carried { stamp, .. }] = &producer.in_flight[&id].batches[..] else { panic!("one batch") };
        assert_eq!(stamp.base_sequence, number, "partition {partition}");
        producer.answer(id, OK);
        assert!(producer.sender.lanes.is_empty());
    }
}

#[test]
fn without_a_permission_to_write_idempotently_records_end_at_once_and_it_is_asked_for_again_later() {
    let mut producer = producer(&[Some(ONE)]);
    let code = ErrorCode::CLUSTER_AUTHORIZATION_FAILED;
    producer.grant = Some(Err(DeliveryCause::ProducerId(ProducerIdRefused::NotAuthorized { code })));
    let [first, second] = [(), ()].map(|()| producer.send(0, 1));
    for sent in [first, second] {
        let Some(Outcome::NotSent { cause: Some(cause @ DeliveryCause::ProducerId(_)) }) = producer.outcome(sent)
        else {
            panic!("{:?}", producer.outcome(sent))
        };
        assert!(cause.to_string().contains("WriteDataIdempotently"), "{cause}");
    }
    assert_eq!((producer.ids_wanted, producer.sender.poll_timeout()), (1, None));
    producer.wait(Duration::from_secs(1));
    producer.grant = Some(Ok(PRODUCER));
    let third = producer.send(0, 1);
    producer.flush();
    let id = producer.poll(ONE).unwrap();
    producer.answer(id, OK);
    assert!(matches!(producer.outcome(third), Some(Outcome::Delivered { .. })));
    assert_eq!(producer.ids_wanted, 2);
}

#[test]
fn while_nobody_gives_a_producer_id_each_batch_ends_by_its_own_deadline_and_asking_goes_on_for_as_long_as_any_waits() {
    let mut producer = Producer::new(Config::default(), KNOWN_ID, &[Some(ONE), Some(ONE)]);
    producer.grant = None;
    let code = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS;
    let delayed = |producer: &mut Producer| {
        producer.sender.handle_producer_id_delayed(DeliveryCause::ProducerId(ProducerIdRefused::Code { code }))
    };
    let early = producer.send(0, 1);
    producer.wait(Duration::from_secs(60));
    let late = producer.send(1, 1);
    assert!(delayed(&mut producer));
    producer.wait(Duration::from_secs(60));
    assert!(matches!(producer.outcome(early), Some(Outcome::NotSent { cause: Some(DeliveryCause::ProducerId(_)) })));
    assert!(delayed(&mut producer) && producer.outcome(late).is_none());
    producer.wait(Duration::from_secs(60));
    assert!(producer.outcome(late).is_some());
    assert!(!delayed(&mut producer), "nothing waits");
    assert_eq!(producer.ids_wanted, 1);
    producer.grant = Some(Ok(PRODUCER));
    sent_alone(&mut producer);
    assert_eq!(producer.ids_wanted, 2);
}

#[test]
fn without_idempotence_one_batch_is_in_flight_and_none_is_numbered() {
    let config = Config { idempotence: false, ..Config::default() };
    let mut producer = Producer::new(config, KNOWN_ID, &[Some(ONE)]);
    for _ in 0..3 {
        let id = sent_alone(&mut producer);
        let [Carried { stamp, .. }] = &producer.in_flight[&id].batches[..] else { panic!("one batch") };
        assert_eq!(*stamp, ProducerStamp::NONE);
        producer.send(0, 1);
        producer.flush();
        assert_eq!(producer.poll(ONE), None);
        producer.answer(id, |_| (ErrorCode::MESSAGE_TOO_LARGE, -1));
        let next = producer.poll(ONE).unwrap();
        producer.answer(next, OK);
    }
    assert_eq!(producer.ids_wanted, 0);
}

#[test]
fn numbers_of_a_batch_that_ended_unknown_are_not_given_out_again_in_the_same_epoch() {
    let (mut producer, _) = established();
    let [first, second] = [(), ()].map(|()| sent_alone(&mut producer));
    producer.in_flight.get_mut(&second).unwrap().partitions.clear();
    producer.answer(second, OK);
    assert!(matches!(producer.outcome((0, 2)), Some(Outcome::OutcomeUnknown { .. })));
    producer.answer(first, |_| (ErrorCode::MESSAGE_TOO_LARGE, -1));
    let next = sent_alone(&mut producer);
    assert_eq!(numbers(&producer, next), (1, 0, vec![3]), "the second may still come to the log as number 2");
}
