//! `--topic NAME[:PARTITIONS[:REPLICAS]]`.

use ottla_mockbroker::NewTopic;

use crate::InvalidValue;

pub(crate) fn parse(text: &str) -> Result<NewTopic, InvalidValue> {
    let mut parts = text.splitn(3, ':');
    let mut topic = NewTopic::new(parts.next().unwrap_or_default());
    if let Some(partitions) = parts.next() {
        let partitions = partitions.parse().ok().filter(|number| *number > 0);
        topic = topic.partitions(partitions.ok_or("the number of partitions is positive, as in orders:3")?);
    }
    if let Some(replicas) = parts.next() {
        let replicas = replicas.parse().ok().filter(|number| *number > 0);
        topic = topic.replication_factor(replicas.ok_or("the number of replicas is positive, as in orders:3:2")?);
    }
    Ok(topic)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_topic_has_as_many_partitions_and_replicas_as_it_says() {
        assert_eq!(parse("orders").unwrap(), NewTopic::new("orders"));
        assert_eq!(parse("orders:3").unwrap(), NewTopic::new("orders").partitions(3));
        assert_eq!(parse("a.b:3:2").unwrap(), NewTopic::new("a.b").partitions(3).replication_factor(2));
        for (text, told) in
            [("a:", "partitions"), ("a:0", "partitions"), ("a:1:0", "replicas"), ("a:1:2:3", "replicas")]
        {
            assert!(parse(text).unwrap_err().to_string().contains(told), "{text}");
        }
    }
}
