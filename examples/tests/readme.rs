//! The README's code, compiled and run, and held to be the README's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::error::Error;
use std::time::Duration;

use ottla::{Client, NewTopic, Record};
use ottla_mockbroker::{Identity, MockCluster};

const README: &str = include_str!("../../README.md");
const THIS: &str = include_str!("readme.rs");

/// The lines of the README's Rust code, without their comments.
fn lines_of_code(text: &str) -> Vec<String> {
    let mut code = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```rust" => inside = true,
            "```" => inside = false,
            _ if inside => code.push(without_comment(line)),
            _ => {}
        }
    }
    code.into_iter().filter(|line| !line.is_empty()).collect()
}

fn without_comment(line: &str) -> String {
    let code = line.find("// ").map_or(line, |at| &line[..at]);
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_line_of_code_in_the_readme_stands_in_this_file() {
    let here = THIS.lines().map(without_comment).collect::<Vec<_>>();
    let lines = lines_of_code(README);
    assert!(lines.len() > 15, "{lines:#?}");
    for line in lines {
        let stands_here = here.iter().any(|own| own.contains(&line)) || line.starts_with("use ");
        assert!(stands_here, "the README says {line:?}");
    }
}

#[tokio::test]
async fn the_readmes_mock_lets_its_client_in() -> Result<(), Box<dyn Error>> {
    #[rustfmt::skip]
    let cluster = MockCluster::builder().brokers(3).iam(Identity::new("app")).start().await?;
    #[rustfmt::skip]
    let client = Client::builder(cluster.bootstrap())
        .tls_root(cluster.ca_pem())
        .msk_iam(cluster.credentials("app"))
        .region(cluster.region())
        .connect().await?;
    assert!(client.admin().list_topics().await?.is_empty());
    assert!(!cluster.journal().is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_readmes_client_produces_and_consumes_on_a_cluster_of_that_name() -> Result<(), Box<dyn Error>> {
    let cluster = MockCluster::builder()
        .brokers(1)
        .hosts(["boot-abc123.c3.kafka-serverless.us-west-2.amazonaws.com"])
        .region("us-west-2")
        .iam(Identity::new("app"))
        .start_in_memory()?;
    let credentials = cluster.credentials("app");
    #[rustfmt::skip]
    let client = Client::builder("boot-abc123.c3.kafka-serverless.us-west-2.amazonaws.com:9098")
        .tls_root(cluster.ca_pem()).dial(cluster.dialer()).clock(cluster.clock())
        .msk_iam(credentials)
        .connect().await?;
    let json = r#"{"value":1}"#;

    client.admin().create_topics([NewTopic::new("events").partitions(3)]).await?.all()?;

    let producer = client.producer().linger(Duration::from_millis(5)).build()?;
    let delivery = producer.send(Record::to("events").key("user123").value(json)).await?;
    let at = delivery.await?;
    assert_eq!(at.offset, 0);

    let consumer = client.consumer().assign_topic("events").from_beginning().build().await?;
    while let Some(batch) = consumer.next().await? {
        for record in batch.records() {
            let record = record?;
            assert_eq!((record.offset(), record.value()), (0, Some(json.as_bytes())));
        }
        if consumer.position(("events", batch.partition()))? == Some(1) {
            return Ok(());
        }
    }
    Err("nothing came back".into())
}
