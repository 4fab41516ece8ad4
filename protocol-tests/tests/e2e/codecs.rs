//! Every codec, there and back.

use ottla::{Compression, Record};

use crate::world::{World, deliver, next, numbered, values};

async fn comes_through(codec: Compression) {
    let world = World::new().await;
    let topic = world.topic(1).await;
    let producer = world.client.producer().compression(codec).build().unwrap();
    let small = numbered(0..2_000);
    // Beyond the blocks of every codec, one part that shrinks and one that does not.
    let mut noise = 1_u64;
    let large: Vec<u8> = (0..700_000)
        .map(|at| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if at < 300_000 { b'a' } else { noise.to_be_bytes()[0] }
        })
        .collect();
    let record = |value| Record::to(&topic).key("key").value(value).header("header", value);
    deliver(&producer, small.iter().map(record)).await;
    deliver(&producer, [Record::to(&topic).value(&large)]).await;
    let consumer = world.consumer(&topic).await;
    let mut log = Vec::new();
    while log.len() <= small.len() {
        let batch = next(&consumer).await;
        assert_eq!(batch.compression(), codec, "what was written is what the brokers keep");
        log.extend(batch.records().map(|record| record.unwrap().into_owned()));
    }
    assert_eq!(values(&log[..small.len()]), small);
    assert!(log[..small.len()].iter().all(|record| record.headers[0].1 == record.value));
    assert_eq!(log[small.len()].value.as_deref(), Some(&large[..]));
}

#[tokio::test]
async fn what_is_not_compressed_comes_through() {
    comes_through(Compression::None).await;
}

#[tokio::test]
async fn gzip_comes_through() {
    comes_through(Compression::Gzip).await;
}

#[tokio::test]
async fn snappy_comes_through() {
    comes_through(Compression::Snappy).await;
}

#[tokio::test]
async fn lz4_comes_through() {
    comes_through(Compression::Lz4).await;
}

#[tokio::test]
async fn zstd_comes_through() {
    comes_through(Compression::Zstd).await;
}
