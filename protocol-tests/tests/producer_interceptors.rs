//! What a producer's interceptors see and may do; in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::{Arc, Mutex};

use ottla::{EndedRecords, NotTaken, ProducerInterceptor, Record, SendError};
use ottla_mockbroker::{ApiKey, ErrorCode, Fault, NewTopic};
use protocol_tests::memory_pair;

const EVENTS: &str = "events";

/// Adds its name as a header, panics where a record asks for it, and keeps what it heard.
#[derive(Clone)]
struct Named(&'static str, Arc<Mutex<Vec<String>>>);

impl ProducerInterceptor for Named {
    fn on_send<'a>(&self, record: Record<'a>) -> Record<'a> {
        assert_ne!(record.value_bytes(), Some(&b"panic"[..]));
        record.header("by", self.0)
    }

    fn on_end(&self, ended: &EndedRecords<'_>) {
        let EndedRecords { topic, partition, record_count, result, .. } = ended;
        let result = result.map_err(ToString::to_string);
        self.1.lock().unwrap().push(format!("{} {topic} {partition} {record_count} {result:?}", self.0));
        panic!("an interceptor that panics");
    }
}

#[tokio::test(start_paused = true)]
async fn each_interceptor_changes_every_record_and_hears_how_it_ended_in_order() {
    let (cluster, client) = memory_pair().await;
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(1)).unwrap();
    let heard = Arc::default();
    let [first, second] = ["first", "second"].map(|name| Named(name, Arc::clone(&heard)));
    let producer = client.producer().interceptor(first).interceptor(second).build().unwrap();
    let record = || Record::to(EVENTS).header("own", "0").value("v");
    producer.send(record()).await.unwrap().await.unwrap();
    producer.try_send(record()).unwrap().await.unwrap();
    producer.send_all([record(), record()]).await.unwrap().await.all().unwrap();
    cluster.fault(Fault::error(ErrorCode::POLICY_VIOLATION).api(ApiKey::Produce).times(1)).unwrap();
    producer.send(record()).await.unwrap().await.unwrap_err();
    for batch in cluster.records(EVENTS, 0).unwrap() {
        for record in batch.records().unwrap() {
            let record = record.unwrap();
            let headers: Vec<_> = record.headers().map(|header| (header.key, header.value.unwrap())).collect();
            assert_eq!(headers, [(&b"own"[..], &b"0"[..]), (b"by", b"first"), (b"by", b"second")]);
        }
    }
    let heard = heard.lock().unwrap();
    let ends = ["events 0 1 Ok(0)", "events 0 1 Ok(1)", "events 0 2 Ok(2)", "events 0 1 Err("];
    assert_eq!(heard.len(), 2 * ends.len());
    for (told, end) in heard.chunks(2).zip(ends) {
        assert!(
            told[0].starts_with(&format!("first {end}")) && told[1].starts_with(&format!("second {end}")),
            "{told:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_an_interceptor_costs_its_record_alone() {
    let (cluster, client) = memory_pair().await;
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(1)).unwrap();
    let producer = client.producer().interceptor(Named("it", Arc::default())).build().unwrap();
    let record = |value| Record::to(EVENTS).value(value);
    producer.send(record("before")).await.unwrap().await.unwrap();
    assert!(matches!(producer.send(record("panic")).await, Err(SendError::Interceptor)));
    let error = producer.try_send(record("panic")).unwrap_err();
    assert!(matches!(error.reason, NotTaken::Refused(SendError::Interceptor)), "{error:?}");
    assert_eq!((error.record.value_bytes(), error.record.headers().len()), (Some(&b"panic"[..]), 0));
    let error = producer.send_all(["v", "panic", "w"].map(record)).await.unwrap_err();
    assert!(matches!(error.error, SendError::Interceptor));
    assert_eq!(error.taken.await.delivered(), 1);
    assert_eq!(producer.send(record("after")).await.unwrap().await.unwrap().offset, 2);
}
