//! The spans of a producer's batches, as a subscriber hears of them when they close.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use ottla::Record;
use ottla_mockbroker::{ApiKey, ErrorCode, Fault, NewTopic};
use protocol_tests::memory_pair;
use tracing::{Instrument, Level, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

/// What was heard: a subscriber of one test alone would race with the others for the callsites, which are cached.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::DEBUG);
    let subscriber = subscriber.with_span_events(FmtSpan::CLOSE).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log
});

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The spans of the batches of `topic` that are closed, in that order.
fn closed(topic: &str) -> Vec<String> {
    let text = String::from_utf8(LOG.0.lock().unwrap().clone()).unwrap();
    let of_topic = |line: &&str| line.contains("ottla::send: close") && line.contains(&format!("\"{topic}\""));
    text.lines().filter(of_topic).map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_one_span_from_its_first_record_to_its_end() {
    LazyLock::force(&LOG);
    let (cluster, client) = memory_pair().await;
    cluster.create_topic(&NewTopic::new("traced").partitions(2)).unwrap();
    let producer = client.producer().build().unwrap();
    let records = || (0..3).map(|_| Record::to("traced").partition(1).value("v"));
    let sending = producer.send_all(records()).instrument(info_span!("request")).await.unwrap();
    assert_eq!(closed("traced"), [""; 0]);
    assert_eq!(sending.await.delivered(), 3);
    assert_eq!(producer.send_all(records()).await.unwrap().await.delivered(), 3);
    let [first, second] = &closed("traced")[..] else { panic!("{:?}", closed("traced")) };
    for field in [
        "otel.name=send traced",
        "otel.kind=\"client\"",
        "messaging.system=\"kafka\"",
        "messaging.operation.name=\"send\"",
        "messaging.operation.type=\"send\"",
        "messaging.client.id=\"ottla\"",
        "messaging.destination.name=\"traced\"",
        "messaging.destination.partition.id=1",
        "messaging.batch.message_count=3",
    ] {
        assert!(first.contains(field), "{field} is not in {first}");
    }
    assert!(first.contains("request:send{") && first.contains("messaging.kafka.offset=0"), "{first}");
    assert!(!second.contains("request") && second.contains("messaging.kafka.offset=3"), "{second}");
    assert!(!first.contains("error.type"), "{first}");
}

#[tokio::test(start_paused = true)]
async fn the_span_of_a_batch_that_failed_says_how() {
    LazyLock::force(&LOG);
    let (cluster, client) = memory_pair().await;
    cluster.create_topic(&NewTopic::new("refused").partitions(1)).unwrap();
    let refuse = Fault::error(ErrorCode::POLICY_VIOLATION).api(ApiKey::Produce);
    cluster.fault(refuse.times(1)).unwrap();
    let producer = client.producer().build().unwrap();
    producer.send(Record::to("refused")).await.unwrap().await.unwrap_err();
    let unsent = producer.send(Record::to("refused")).await.unwrap();
    drop(producer);
    unsent.await.unwrap_err();
    let [refused, not_sent] = &closed("refused")[..] else { panic!("{:?}", closed("refused")) };
    assert!(refused.contains("error.type=\"POLICY_VIOLATION\"") && refused.contains("otel.status_code=\"ERROR\""));
    assert!(not_sent.contains("error.type=\"not_sent\""), "{refused}\n{not_sent}");
}
