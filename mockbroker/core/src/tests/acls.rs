//! ACLs: what is made, found and deleted, and what is no rule.

use ottla_wire::ErrorCode;
use ottla_wire::message::create_acls_request::AclCreation;
use ottla_wire::message::delete_acls_request::DeleteAclsFilter;
use ottla_wire::message::{CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest, StrBytes};

use super::*;

/// A cluster in which who comes without authentication may do everything.
fn bench() -> Bench {
    Bench::of(ClusterConfig {
        authorizer: Some(StandardAuthorizer {
            super_users: ["User:ANONYMOUS".to_owned()].into(),
            ..StandardAuthorizer::default()
        }),
        ..ClusterConfig::default()
    })
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn creation(topic: &str, pattern: PatternType) -> AclCreation {
    AclCreation::default()
        .with_resource_type(ResourceType::Topic.code())
        .with_resource_name(text(topic))
        .with_resource_pattern_type(pattern.code())
        .with_principal(text("User:alice"))
        .with_host(text("*"))
        .with_operation(Operation::Read.code())
        .with_permission_type(Permission::Allow.code())
}

fn create(bench: &mut Bench, creations: Vec<AclCreation>) -> Vec<i16> {
    let conn = bench.connect(1);
    let answer = bench.ask(conn, 3, &CreateAclsRequest::default().with_creations(creations));
    answer.results.iter().map(|result| result.error_code).collect()
}

const ANY: i8 = 1;
const MATCH: i8 = 2;

fn describe(pattern: i8, name: Option<&str>) -> DescribeAclsRequest {
    DescribeAclsRequest::default()
        .with_resource_type_filter(ANY)
        .with_pattern_type_filter(pattern)
        .with_resource_name_filter(name.map(text))
        .with_principal_filter(None)
        .with_host_filter(None)
        .with_operation(ANY)
        .with_permission_type(ANY)
}

fn delete(pattern: i8, name: Option<&str>) -> DeleteAclsFilter {
    DeleteAclsFilter::default()
        .with_resource_type_filter(ANY)
        .with_pattern_type_filter(pattern)
        .with_resource_name_filter(name.map(text))
        .with_principal_filter(None)
        .with_host_filter(None)
        .with_operation(ANY)
        .with_permission_type(ANY)
}

fn found(bench: &mut Bench, version: i16, request: &DescribeAclsRequest) -> Vec<(String, i8, usize)> {
    let conn = bench.connect(2);
    let answer = bench.ask(conn, version, request);
    assert_eq!(answer.error_code, 0);
    answer.resources.iter().map(|of| (of.resource_name.to_string(), of.pattern_type, of.acls.len())).collect()
}

#[test]
fn a_rule_is_there_once_however_often_it_is_made_and_every_broker_knows_it() {
    let mut bench = bench();
    let orders = creation("orders", PatternType::Literal);
    let writes = orders.clone().with_operation(Operation::Write.code());
    let prefix = creation("ord", PatternType::Prefixed);
    assert_eq!(create(&mut bench, vec![orders.clone(), orders.clone(), writes, prefix]), [0; 4]);
    assert_eq!(create(&mut bench, vec![orders]), [0]);
    for version in 1..=3 {
        let all = found(&mut bench, version, &describe(ANY, None));
        assert_eq!(all, [("orders".to_owned(), 3, 2), ("ord".to_owned(), 4, 1)], "v{version}");
        assert_eq!(found(&mut bench, version, &describe(MATCH, Some("orders"))).len(), 2);
        assert_eq!(found(&mut bench, version, &describe(ANY, Some("orders"))).len(), 1);
        assert_eq!(found(&mut bench, version, &describe(77, Some("orders"))), []);
    }
}

#[test]
fn what_is_no_rule_fails_alone() {
    let mut bench = bench();
    let good = creation("orders", PatternType::Literal);
    let wrong = vec![
        good.clone().with_resource_name(text("")),
        good.clone().with_principal(text("alice")),
        good.clone().with_operation(77),
        good.clone().with_resource_type(77),
        good.clone().with_resource_pattern_type(77),
        good.clone().with_permission_type(77),
        good.clone().with_resource_type(ResourceType::Cluster.code()),
        good.clone(),
    ];
    let mut told = [ErrorCode::INVALID_REQUEST.0; 8];
    told[7] = 0;
    assert_eq!(create(&mut bench, wrong), told);
    assert_eq!(found(&mut bench, 3, &describe(ANY, None)).len(), 1);
    let any = vec![good.clone().with_operation(ANY), creation("other", PatternType::Literal)];
    assert_eq!(create(&mut bench, any), [ErrorCode::UNKNOWN_SERVER_ERROR.0; 2]);
    assert_eq!(found(&mut bench, 3, &describe(ANY, None)).len(), 1);
}

#[test]
fn a_zero_in_the_place_of_a_kind_closes_the_connection() {
    let mut bench = bench();
    let conn = bench.connect(1);
    let creation = creation("orders", PatternType::Literal).with_operation(0);
    bench.send(conn, 3, &CreateAclsRequest::default().with_creations(vec![creation]));
    assert_eq!(bench.closed(conn), Closed::UnknownKind(ApiKey::CreateAcls));
    let conn = bench.connect(1);
    bench.send(conn, 3, &describe(0, None));
    assert_eq!(bench.closed(conn), Closed::UnknownKind(ApiKey::DescribeAcls));
    let conn = bench.connect(1);
    bench.send(conn, 3, &DeleteAclsRequest::default().with_filters(vec![delete(0, None)]));
    assert_eq!(bench.closed(conn), Closed::UnknownKind(ApiKey::DeleteAcls));
}

#[test]
fn what_is_deleted_is_told_by_each_filter_that_finds_it_and_is_gone() {
    let mut bench = bench();
    let rules = vec![creation("orders", PatternType::Literal), creation("ord", PatternType::Prefixed)];
    assert_eq!(create(&mut bench, rules), [0; 2]);
    let conn = bench.connect(1);
    let filters = vec![delete(MATCH, Some("orders")), delete(4, Some("ord")), delete(77, None), delete(ANY, Some("x"))];
    let answer = bench.ask(conn, 3, &DeleteAclsRequest::default().with_filters(filters));
    let told: Vec<_> = answer.filter_results.iter().map(|of| (of.error_code, of.matching_acls.len())).collect();
    assert_eq!(told, [(0, 2), (0, 1), (ErrorCode::INVALID_REQUEST.0, 0), (0, 0)]);
    assert_eq!(found(&mut bench, 3, &describe(ANY, None)), []);
}

#[test]
fn without_an_authorizer_there_are_no_acls() {
    let mut bench = Bench::new();
    let disabled = ErrorCode::SECURITY_DISABLED.0;
    assert_eq!(create(&mut bench, vec![creation("orders", PatternType::Literal)]), [disabled]);
    let conn = bench.connect(1);
    assert_eq!(bench.ask(conn, 3, &describe(ANY, None)).error_code, disabled);
    let answer = bench.ask(conn, 3, &DeleteAclsRequest::default().with_filters(vec![delete(ANY, None)]));
    assert_eq!(answer.filter_results[0].error_code, disabled);
}

#[test]
fn more_rules_than_the_bound_are_refused_as_a_whole() {
    let bounds = Bounds { acls_max: 2, ..Bounds::default() };
    let config = bench().cluster.config().clone();
    let mut bench = Bench::of(ClusterConfig { bounds, ..config });
    let rules = |names: &[&str]| names.iter().map(|name| creation(name, PatternType::Literal)).collect();
    assert_eq!(create(&mut bench, rules(&["a", "b", "c"])), [ErrorCode::POLICY_VIOLATION.0; 3]);
    assert_eq!(create(&mut bench, rules(&["a", "b"])), [0; 2]);
    assert_eq!(found(&mut bench, 3, &describe(ANY, None)).len(), 2);
}

#[test]
fn a_cluster_is_not_made_of_what_is_no_rule() {
    let rule = Acl::allow("alice", Operation::Read, ResourceType::Topic, "t");
    let authorizer = Some(StandardAuthorizer { acls: vec![rule], ..StandardAuthorizer::default() });
    let made = Cluster::new(ClusterConfig { authorizer, ..ClusterConfig::default() });
    assert_eq!(made.err(), Some(ConfigError::Acl(InvalidAcl::Principal("alice".to_owned()))));
}
