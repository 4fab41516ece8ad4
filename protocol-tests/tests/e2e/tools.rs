//! Kafka's own tools on the one side, ottla on the other.

use ottla::{Compression, ConfigSource, ConsumeError, Record, SendError, StopReason};

use crate::commands::{tool, tool_with_input};
use crate::world::{World, deliver, eventually, new_topic, next, numbered, read, unique, values};

const CODECS: [Compression; 5] =
    [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

const RECORDS: usize = 300;

#[tokio::test]
#[ignore = "needs Kafka's tools: interop/run kafka"]
async fn kafkas_console_consumer_reads_what_was_sent_in_every_codec() {
    let world = World::new().await;
    let topic = world.topic(1).await;
    let mut expected = Vec::new();
    for (codec, base) in CODECS.into_iter().zip((0_i64..).step_by(RECORDS)) {
        let producer = world.client.producer().compression(codec).build().unwrap();
        let numbers = numbered(0..RECORDS);
        let record = |number: &String| {
            let value = format!("{codec} größe {number}");
            let record = Record::to(&topic).key(format!("key {number}")).value(value).timestamp(1_700_000_000_000);
            record.header("twice", "1").header("twice", number.clone()).null_header("null")
        };
        deliver(&producer, numbers.iter().map(record)).await;
        let line = |(number, offset): (&String, i64)| {
            format!(
                "CreateTime:1700000000000|Partition:0|Offset:{offset}|twice:1,twice:{number},null:null|key {number}|{codec} größe {number}"
            )
        };
        expected.extend(numbers.iter().zip(base..).map(line));
    }
    let mut asked = vec!["--topic".to_owned(), topic.clone(), "--from-beginning".to_owned()];
    asked.extend([
        "--max-messages".to_owned(),
        expected.len().to_string(),
        "--timeout-ms".to_owned(),
        "30000".to_owned(),
    ]);
    for what in ["timestamp", "partition", "offset", "headers", "key"] {
        asked.extend(["--formatter-property".to_owned(), format!("print.{what}=true")]);
    }
    asked.extend(["--formatter-property".to_owned(), "key.separator=|".to_owned()]);
    let said = tool("consumer.ConsoleConsumer", asked).await;
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[tokio::test]
#[ignore = "needs Kafka's tools: interop/run kafka"]
async fn what_kafkas_console_producer_sent_in_every_codec_is_read() {
    let world = World::new().await;
    for codec in CODECS {
        let topic = world.topic(1).await;
        let lines: String =
            (0..RECORDS).map(|number| format!("a:{number},b:x|key {number}|{codec} größe {number}\n")).collect();
        let name = codec.to_string();
        let asked = [
            "--topic",
            &topic,
            "--compression-codec",
            &name,
            "--reader-property",
            "parse.key=true",
            "--reader-property",
            "parse.headers=true",
            "--reader-property",
            "key.separator=|",
            "--reader-property",
            "headers.delimiter=|",
        ];
        tool_with_input("ConsoleProducer", asked, &lines).await;
        let consumer = world.consumer(&topic).await;
        let mut log = Vec::new();
        while log.len() < RECORDS {
            let batch = next(&consumer).await;
            assert_eq!(batch.compression(), codec);
            log.extend(batch.records().map(|record| record.unwrap().into_owned()));
        }
        for (record, number) in log.iter().zip(numbered(0..RECORDS)) {
            assert_eq!(record.value.as_deref(), Some(format!("{codec} größe {number}").as_bytes()));
            assert_eq!(record.key.as_deref(), Some(format!("key {number}").as_bytes()));
            let headers: Vec<_> = record.headers.iter().map(|(name, value)| (&name[..], value.as_deref())).collect();
            assert_eq!(headers, [(&b"a"[..], Some(number.as_bytes())), (b"b", Some(&b"x"[..]))]);
        }
    }
}

#[tokio::test]
#[ignore = "needs Kafka's tools: interop/run kafka"]
async fn partitions_that_are_added_are_written_to_and_read() {
    let world = World::new().await;
    let topic = world.topic(2).await;
    let producer = world.producer();
    deliver(&producer, (0..2).map(|partition| Record::to(&topic).partition(partition).value("before"))).await;
    tool("TopicCommand", ["--alter", "--topic", &topic, "--partitions", "5"]).await;
    // The producer hears of them with its next look at the cluster, and asks for one when it is told of a partition that it does not know.
    eventually("the producer knows the new partitions", async || {
        match producer.send(Record::to(&topic).partition(4).value("after")).await {
            Ok(delivery) => delivery.await.unwrap().partition == 4,
            Err(SendError::UnknownPartition { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    })
    .await;
    deliver(&producer, (2..4).map(|partition| Record::to(&topic).partition(partition).value("after"))).await;
    let logs = world.read(&topic, 5).await;
    assert_eq!(
        logs.values().map(|log| values(log).concat()).collect::<Vec<_>>(),
        ["before", "before", "after", "after", "after"]
    );
}

#[tokio::test]
#[ignore = "needs Kafka's tools: interop/run kafka"]
async fn what_was_deleted_from_a_log_is_told_with_the_logs_bounds() {
    let world = World::new().await;
    let topic = world.topic(1).await;
    let records = (0..20).map(|number: u32| Record::to(&topic).value(number.to_string()));
    deliver(&world.producer(), records).await;
    let file = std::env::temp_dir().join(unique("e2e-delete"));
    std::fs::write(&file, format!(r#"{{"partitions":[{{"topic":"{topic}","partition":0,"offset":12}}],"version":1}}"#))
        .unwrap();
    tool("DeleteRecordsCommand", [std::ffi::OsStr::new("--offset-json-file"), file.as_os_str()]).await;
    std::fs::remove_file(file).unwrap();
    let at = (topic.as_str(), 0);
    let consumer = world.client.consumer().from_offset(at, 3).build().await.unwrap();
    let error = consumer.next().await.expect_err("those are gone");
    let ConsumeError::Stopped(stopped) = &error else { panic!("{error}") };
    let StopReason::OffsetOutOfRange { offset, log_start, .. } = stopped.reason else { panic!("{error}") };
    assert_eq!((offset, log_start), (3, Some(12)));
    assert_eq!(consumer.beginning_offsets([at]).await.unwrap()[&at.into()], 12);
    consumer.seek(at, ottla::Start::Beginning).unwrap();
    assert_eq!(read(&consumer, 8).await[&0][0].offset, 12);
}

#[tokio::test]
#[ignore = "needs Kafka's tools: interop/run kafka"]
async fn what_the_tools_configure_is_what_is_described() {
    let world = World::new().await;
    let topic = world.topic_of(new_topic(&unique("e2e-altered")).config("retention.ms", "1000000")).await;
    let altered =
        ["--alter", "--entity-type", "topics", "--entity-name", &topic, "--add-config", "retention.ms=2000000"];
    tool("kafka.admin.ConfigCommand", altered).await;
    eventually("the new value is described", async || {
        let configs = world.admin().topic_configs([&topic]).await.unwrap().all().unwrap();
        let entry = &configs[0].entries["retention.ms"];
        entry.value.as_deref() == Some("2000000") && entry.source == ConfigSource::Topic
    })
    .await;
    let said = tool("TopicCommand", ["--describe", "--topic", &topic]).await;
    let described = world.admin().describe_topics([&topic]).await.unwrap().all().unwrap();
    assert!(said.contains(&format!("TopicId: {}", described[0].id)), "{said}");
}
