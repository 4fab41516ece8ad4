//! What the records of a producer cost the allocator: next to nothing for each, and no more than the bound for all that are not delivered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ottla::{Delivery, NotTaken, Producer, Record};
use ottla_mockbroker::NewTopic;
use protocol_tests::memory_pair;

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

const EVENTS: &str = "events";

const PARTITIONS: i32 = 6;

const RECORDS: usize = 100_000;

const MIB: usize = 1024 * 1024;

/// How often memory was allocated while `work` ran, and the most bytes at once, beyond those before.
async fn counted<T>(work: impl Future<Output = T>) -> (T, u64, usize) {
    let profiler = dhat::Profiler::builder().testing().build();
    let done = work.await;
    let stats = dhat::HeapStats::get();
    drop(profiler);
    (done, stats.total_blocks, stats.max_bytes)
}

fn event(nth: usize, partitions: i32, value: &[u8]) -> Record<'_> {
    Record::to(EVENTS).partition(nth as i32 % partitions).value(value)
}

/// A producer that has sent a record to each partition, with what it needs.
async fn warm(partitions: i32, buffer_bytes_max: usize, work: impl AsyncFnOnce(&Producer)) {
    let (cluster, client) = memory_pair().await;
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(partitions)).unwrap();
    let producer = client.producer().buffer_bytes_max(buffer_bytes_max).build().unwrap();
    for nth in 0..partitions {
        producer.send(event(nth as usize, partitions, b"first")).await.unwrap().await.unwrap();
    }
    work(&producer).await;
}

/// One rule after the other: the allocator counts for the whole process.
#[test]
fn memory_follows_the_bytes_of_the_records() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        assert_eq!(counted(async { drop(Vec::<u8>::with_capacity(1)) }).await.1, 1, "allocations are counted");
        twenty_records_share_an_allocation_at_the_least().await;
        for (partitions, value_bytes) in [(1, 100), (PARTITIONS, 100), (PARTITIONS, 1000)] {
            a_buffer_full_of_full_batches_takes_a_fifth_more_than_its_bound_at_the_most(partitions, value_bytes).await;
        }
    });
}

/// Nothing else runs while records are sent: the runtime has one thread, and there is room for all.
async fn twenty_records_share_an_allocation_at_the_least() {
    warm(PARTITIONS, 64 * MIB, async |producer| {
        let mut deliveries: Vec<Delivery> = Vec::with_capacity(RECORDS);
        let send = async {
            for nth in 0..RECORDS {
                deliveries.push(producer.send(event(nth, PARTITIONS, &[b'v'; 100])).await.unwrap());
            }
        };
        let ((), allocations, _) = counted(send).await;
        assert!(allocations * 20 <= RECORDS as u64, "{allocations} allocations for {RECORDS} records");
        for delivery in deliveries {
            delivery.await.unwrap();
        }
    })
    .await;
}

async fn a_buffer_full_of_full_batches_takes_a_fifth_more_than_its_bound_at_the_most(
    partitions: i32,
    value_bytes: usize,
) {
    let (bound, value) = (32 * MIB, vec![b'v'; value_bytes]);
    warm(partitions, bound, async |producer| {
        let fill = async {
            let mut taken = 0;
            loop {
                match producer.try_send(event(taken, partitions, &value)) {
                    Ok(_delivery) => taken += 1,
                    Err(refused) => break (taken, refused.reason),
                }
            }
        };
        let ((taken, reason), _, peak) = counted(fill).await;
        assert!(matches!(reason, NotTaken::NoRoom { .. }), "{reason:?}");
        // It is full of records, and not of what each might take.
        assert!(taken * value_bytes * 5 >= bound * 3, "{taken} records of {value_bytes} bytes");
        assert!(
            peak * 5 <= bound * 6,
            "{peak} bytes for {taken} records of {value_bytes} bytes in {partitions} partitions"
        );
        producer.flush().await;
    })
    .await;
}
