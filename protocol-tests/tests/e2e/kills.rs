//! One broker after the other is killed for two minutes, and leaders are moved by hand, while half a million records are written and read.
//!
//! It holds a cluster of three brokers that nothing else works on, and leaves it whole.

use std::time::Duration;

use ottla::ProducerBuilder;
use tokio::time::{Instant, sleep};

use crate::commands::{node, tool};
use crate::outages::{PARTITIONS, Traffic, Writing};

const RECORDS: usize = 500_000;
const KILLING: Duration = Duration::from_secs(120);

/// How many records are sent at a time, and how often: as many as make [`RECORDS`] in a little less than [`KILLING`], where nothing holds them up.
const AT_A_TIME: usize = 2_000;
const EVERY: Duration = Duration::from_millis(450);

/// How long a broker stays away, and how long all are there between two.
const AWAY: Duration = Duration::from_secs(3);
const TOGETHER: Duration = Duration::from_secs(1);

#[tokio::test]
#[ignore = "needs a cluster of its own whose brokers can be ended, and Kafka's tools: interop/run kafka-cluster"]
async fn brokers_that_are_killed_for_two_minutes_cost_no_record_none_twice_and_no_order() {
    let write = |producer: ProducerBuilder, topic| Writing::paced(producer.build().unwrap(), topic, AT_A_TIME, EVERY);
    let traffic = Traffic::start(write).await;
    let began = Instant::now();
    let mut kills = 0;
    while began.elapsed() < KILLING || traffic.writing.acknowledged() < RECORDS {
        traffic.writing.go_on(AT_A_TIME).await;
        let broker = traffic.leader(kills % PARTITIONS).await;
        node("kill", broker).await;
        kills += 1;
        sleep(AWAY).await;
        node("start", broker).await;
        traffic.all_in_sync().await;
        // Whoever was killed leads nothing by now, and is given back what it led, while records are written to those that lead it.
        tool("LeaderElectionCommand", ["--election-type", "preferred", "--all-topic-partitions"]).await;
        sleep(TOGETHER).await;
    }
    println!(
        "{kills} kills in {:?}, {} records acknowledged meanwhile",
        began.elapsed(),
        traffic.writing.acknowledged()
    );
    traffic.end().await;
}
