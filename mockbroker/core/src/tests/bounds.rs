//! What a client may make last has a bound: beyond it nothing is made, and what is there may still be altered and taken away.

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_client_quotas_request::{EntityData, EntryData, OpData};
use ottla_wire::message::alter_user_scram_credentials_request::{ScramCredentialDeletion, ScramCredentialUpsertion};
use ottla_wire::message::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use ottla_wire::message::{
    AlterClientQuotasRequest, AlterUserScramCredentialsRequest, IncrementalAlterConfigsRequest, StrBytes,
};

use super::*;

/// A name that is one byte longer than Kafka reads.
fn too_long() -> String {
    "x".repeat(32_768)
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// Two of each thing, and no more.
fn bench() -> (Bench, ConnId) {
    let mut config = ClusterConfig::default();
    let bounds = &mut config.bounds;
    bounds.quota_entities_max = 2;
    bounds.scram_credentials_max = 2;
    bounds.config_resources_max = 2;
    bounds.broker_configs_max = 2;
    let mut bench = Bench::of(config);
    let conn = bench.connect(1);
    (bench, conn)
}

/// That `make` makes a first and a second thing and no third, alters the second, and makes a third when the first is gone; and none of too long a name.
fn check(too_long_gives: ErrorCode, mut make: impl FnMut(&mut Bench, ConnId, &str, bool) -> ErrorCode) {
    let (mut bench, conn) = bench();
    let steps = [
        ("a", true, ErrorCode::NONE),
        ("b", true, ErrorCode::NONE),
        ("c", true, ErrorCode::POLICY_VIOLATION),
        ("b", true, ErrorCode::NONE),
        ("a", false, ErrorCode::NONE),
        ("c", true, ErrorCode::NONE),
        (too_long().as_str(), true, too_long_gives),
    ]
    .map(|(name, is_made, expected)| (name.to_owned(), is_made, expected));
    for (name, is_made, expected) in steps {
        assert_eq!(make(&mut bench, conn, &name, is_made), expected, "{}", &name[..1]);
    }
}

#[test]
fn no_more_entities_have_quotas_than_the_bound_says() {
    check(ErrorCode::INVALID_REQUEST, |bench, conn, name, is_made| {
        let entity = EntityData::default().with_entity_type(text("user")).with_entity_name(Some(text(name)));
        let op = OpData::default().with_key(text("producer_byte_rate")).with_value(1.0).with_remove(!is_made);
        let entry = EntryData::default().with_entity(vec![entity]).with_ops(vec![op]);
        let answer = bench.ask(conn, 1, &AlterClientQuotasRequest::default().with_entries(vec![entry]));
        ErrorCode(answer.entries[0].error_code)
    });
}

#[test]
fn no_more_users_of_scram_are_made_than_the_bound_says() {
    check(ErrorCode::UNACCEPTABLE_CREDENTIAL, |bench, conn, name, is_made| {
        let request = AlterUserScramCredentialsRequest::default();
        let set = ScramCredentialUpsertion::default().with_name(text(name)).with_mechanism(1).with_iterations(4096);
        let delete = ScramCredentialDeletion::default().with_name(text(name)).with_mechanism(1);
        let request = match is_made {
            true => request.with_upsertions(vec![set]),
            false => request.with_deletions(vec![delete]),
        };
        ErrorCode(bench.ask(conn, 0, &request).results[0].error_code)
    });
}

/// Sets one config of a resource, or deletes it.
fn alter(bench: &mut Bench, conn: ConnId, (kind, name): (i8, &str), config: &str, value: Option<&str>) -> ErrorCode {
    let operation = i8::from(value.is_none());
    let config = AlterableConfig::default().with_name(text(config)).with_config_operation(operation);
    let config = config.with_value(value.map(text));
    let resource = AlterConfigsResource::default().with_resource_type(kind).with_resource_name(text(name));
    let resource = resource.with_configs(vec![config]);
    let answer = bench.ask(conn, 1, &IncrementalAlterConfigsRequest::default().with_resources(vec![resource]));
    ErrorCode(answer.responses[0].error_code)
}

#[test]
fn no_more_groups_and_subscriptions_have_configs_than_the_bound_says() {
    for (kind, config, value) in [(32, "consumer.session.timeout.ms", "50000"), (16, "interval.ms", "1000")] {
        check(ErrorCode::INVALID_REQUEST, |bench, conn, name, is_made| {
            alter(bench, conn, (kind, name), config, is_made.then_some(value))
        });
    }
}

#[test]
fn brokers_set_no_more_configs_than_the_bound_says() {
    let own = |name: &str| format!("own.{name}");
    check(ErrorCode::INVALID_CONFIG, |bench, conn, name, is_made| {
        alter(bench, conn, (4, "1"), &own(name), is_made.then_some("x"))
    });
    // A cluster with eligible leader replicas has one for all brokers from its beginning.
    let (mut bench, conn) = bench();
    for (name, expected) in [("a", ErrorCode::NONE), ("b", ErrorCode::POLICY_VIOLATION), ("a", ErrorCode::NONE)] {
        assert_eq!(alter(&mut bench, conn, (4, ""), &own(name), Some("x")), expected, "{name}");
    }
}
