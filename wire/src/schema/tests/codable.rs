//! What Kafka has and the generated structs cannot code: data that may only shrink.

use std::collections::BTreeMap;

use super::super::*;
use crate::api::VersionRange;

/// Each line: a message, and its versions that no generated struct codes.
const UNCODED: &str = include_str!("uncoded.txt");

fn uncoded() -> Vec<String> {
    let generated: BTreeMap<&str, VersionRange> =
        generated::ALL.iter().map(|generated| (generated.message.name, generated.versions)).collect();
    let mut lines = Vec::new();
    for message in messages() {
        let coded = generated.get(message.name).copied().unwrap_or(VersionRange::new(0, -1));
        for version in message.versions.min..=message.versions.max {
            if !coded.contains(version) {
                let unstable = message.latest_unstable && version == message.versions.max;
                lines.push(format!("{} {version}{}", message.name, if unstable { " unstable" } else { "" }));
            }
        }
    }
    lines
}

#[test]
fn what_kafka_has_and_no_generated_struct_codes_is_listed_line_by_line() {
    let listed: Vec<&str> = UNCODED.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(uncoded(), listed);
}

#[test]
fn an_api_is_coded_at_the_versions_of_the_table_that_both_of_its_messages_have() {
    let versions = |api, direction| {
        let message = layout(api, direction);
        let generated = generated::ALL.iter().find(|generated| std::ptr::eq(generated.message, message)).unwrap();
        generated.versions
    };
    for (api, codable) in generated::CODABLE {
        let both = versions(*api, Direction::Request).intersect(versions(*api, Direction::Response));
        if *api == ApiKey::DescribeLogDirs {
            assert_eq!((both.max, codable().max), (4, 5), "by the table");
            continue;
        }
        assert_eq!(codable(), both, "{api}");
    }
    let absent = ApiKey::ALL.iter().filter(|api| generated::CODABLE.iter().all(|(coded, _)| coded != *api));
    for api in absent {
        assert!(UNCODED.contains(layout(*api, Direction::Request).name), "{api}");
    }
}
