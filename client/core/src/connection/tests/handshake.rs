//! From the first byte to ready, and every way not to get there.

use ottla_wire::sasl::iam::{IamError, IamPayload};

use super::*;

#[test]
fn without_sasl_it_is_ready_after_api_versions_in_the_highest_version() {
    let mut pair = Pair::new(Config { client_id: Some("tests".into()), ..Config::default() });
    let asked = pair.asked();
    assert_eq!((asked.header.api_key, asked.header.api_version), (18, 4));
    assert_eq!(asked.header.client_id.as_deref(), Some("tests"));
    let request: ApiVersionsRequest = codec::decode_request(4, asked.body.clone()).unwrap();
    assert_eq!(request.client_software_name.as_str(), "ottla");
    assert_eq!(request.client_software_version.as_str(), env!("CARGO_PKG_VERSION"));
    assert!(!pair.connection.can_send() && pair.connection.versions().is_none());
    pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
    assert!(matches!(pair.event(), Some(Event::Ready)));
    assert!(pair.connection.can_send());
    let metadata = pair.connection.versions().unwrap().offered(ApiKey::Metadata);
    assert_eq!(metadata, Some(VersionRange::new(0, 12)));
    assert_eq!((pair.connection.poll_timeout(), pair.connection.session_expires()), (None, None));
}

fn refused_with(offered: &[(ApiKey, i16, i16)]) -> Pair {
    let mut pair = Pair::new(Config::default());
    let asked = pair.asked();
    let refusal = api_versions(offered).with_error_code(ErrorCode::UNSUPPORTED_VERSION.0);
    pair.answer_in::<ApiVersionsRequest>(0, &asked, &refusal);
    pair
}

#[test]
fn a_broker_without_the_version_is_asked_again_with_the_highest_that_it_names() {
    let ranges = [(0, 3, 3), (2, 3, 3), (0, 2, 2), (0, 0, 0), (0, 9, 3)];
    for (min, max, chosen) in ranges {
        let mut pair = refused_with(&[(ApiKey::ApiVersions, min, max)]);
        let asked = pair.asked();
        assert_eq!(asked.header.api_version, chosen, "{min}-{max}");
        pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
        assert!(matches!(pair.event(), Some(Event::Ready)), "{min}-{max}");
    }
}

#[test]
fn a_broker_that_names_no_range_is_asked_again_with_version_0() {
    let mut pair = refused_with(&[]);
    assert_eq!(pair.asked().header.api_version, 0);
}

#[test]
fn a_broker_without_a_common_version_is_unsupported() {
    let mut pair = refused_with(&[(ApiKey::ApiVersions, 5, 7)]);
    let theirs = VersionRange::new(5, 7);
    assert!(
        matches!(pair.failure(), HandshakeError::Unsupported { api: ApiKey::ApiVersions, theirs: Some(range), .. } if range == theirs)
    );
}

#[test]
fn a_broker_that_refuses_what_it_named_itself_is_not_asked_a_third_time() {
    let mut pair = refused_with(&[(ApiKey::ApiVersions, 0, 3)]);
    let asked = pair.asked();
    let refusal = api_versions(&offered()).with_error_code(ErrorCode::UNSUPPORTED_VERSION.0);
    pair.answer_in::<ApiVersionsRequest>(0, &asked, &refusal);
    assert!(matches!(pair.failure(), HandshakeError::Unsupported { api: ApiKey::ApiVersions, .. }));
    assert!(pair.try_asked().is_none());
}

#[test]
fn a_broker_that_closes_at_the_first_request_is_told_apart() {
    for reason in [Disconnected::ByPeer, Disconnected::Io("reset".to_owned())] {
        let mut pair = Pair::new(Config::default());
        pair.asked();
        pair.connection.handle_closed(pair.now, reason.clone());
        assert!(matches!(pair.failure(), HandshakeError::ClosedAtOnce { reason: told } if told == reason));
    }
}

#[test]
fn tls_and_http_on_a_plaintext_connection_are_recognised() {
    let table: [(&[u8], OtherProtocol); 3] = [
        (&[0x15, 3, 1, 0, 2, 2, 70], OtherProtocol::Tls),
        (&[0x16, 3, 3, 0x40, 0], OtherProtocol::Tls),
        (b"HTTP/1.1 400 Bad Request\r\n", OtherProtocol::Http),
    ];
    for (bytes, protocol) in table {
        // Also where the bound is so high that the bytes might be the length of a frame.
        for frame_bytes_max in [FRAME_BYTES_MAX, usize::MAX] {
            let mut pair = Pair::new(Config { frame_bytes_max, ..Config::default() });
            pair.asked();
            pair.bytes(bytes);
            assert!(matches!(pair.failure(), HandshakeError::OtherProtocol(told) if told == protocol));
        }
    }
}

#[test]
fn msk_iam_is_handshake_1_then_credentials_then_authenticate_2() {
    let mut pair = Pair::new(iam_config());
    let asked = pair.asked();
    pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
    let asked = pair.asked();
    assert_eq!((asked.header.api_key, asked.header.api_version), (17, 1));
    let request: SaslHandshakeRequest = codec::decode_request(1, asked.body.clone()).unwrap();
    assert_eq!(request.mechanism.as_str(), "AWS_MSK_IAM");
    pair.answer::<SaslHandshakeRequest>(&asked, &mechanisms(ErrorCode::NONE));
    assert!(matches!(pair.event(), Some(Event::Wanted(Want::Credentials))));
    assert!(pair.try_asked().is_none());
    pair.provide(Provided::Credentials(Ok(credentials())));
    let asked = pair.asked();
    assert_eq!((asked.header.api_key, asked.header.api_version), (36, 2));
    let request: SaslAuthenticateRequest = codec::decode_request(2, asked.body.clone()).unwrap();
    let payload = IamPayload::parse(&request.auth_bytes).unwrap();
    assert_eq!((payload.host.as_str(), payload.date.as_str()), (HOST, "20260102T030405Z"));
    assert_eq!(payload.security_token.as_deref(), Some(TOKEN));
    pair.answer::<SaslAuthenticateRequest>(&asked, &let_in(0));
    assert!(matches!(pair.event(), Some(Event::Ready)));
    assert_eq!(pair.connection.session_expires(), None);
}

#[test]
fn sasl_needs_version_1_of_both_apis() {
    for (api, max) in [(ApiKey::SaslHandshake, 0), (ApiKey::SaslAuthenticate, 0)] {
        let mut pair = Pair::new(iam_config());
        let asked = pair.asked();
        let offers: Vec<_> = offered().into_iter().map(|it| if it.0 == api { (api, 0, max) } else { it }).collect();
        pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offers));
        if api == ApiKey::SaslAuthenticate {
            let asked = pair.asked();
            pair.answer::<SaslHandshakeRequest>(&asked, &mechanisms(ErrorCode::NONE));
            pair.event();
            pair.provide(Provided::Credentials(Ok(credentials())));
        }
        let error = pair.failure();
        assert!(matches!(error, HandshakeError::Unsupported { api: told, .. } if told == api), "{error}");
    }
}

#[test]
fn a_session_is_counted_from_before_it_was_asked_for() {
    let mut pair = Pair::awaiting_credentials();
    let asked_at = pair.now.mono;
    pair.provide(Provided::Credentials(Ok(credentials())));
    let asked = pair.asked();
    pair.wait(Duration::from_secs(2));
    pair.answer::<SaslAuthenticateRequest>(&asked, &let_in(900_000));
    assert!(matches!(pair.event(), Some(Event::Ready)));
    assert_eq!(pair.connection.session_expires(), Some(asked_at + Duration::from_secs(900)));
    for endless in [0, -1, i64::MIN, i64::MAX] {
        assert_eq!(Pair::authenticated(endless).connection.session_expires().is_some(), endless == i64::MAX);
    }
}

fn after_handshake(code: ErrorCode) -> HandshakeError {
    let mut pair = Pair::new(iam_config());
    let asked = pair.asked();
    pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
    let asked = pair.asked();
    pair.answer::<SaslHandshakeRequest>(&asked, &mechanisms(code));
    pair.failure()
}

#[test]
fn a_listener_without_the_mechanism_names_those_that_it_has() {
    let error = after_handshake(ErrorCode::UNSUPPORTED_SASL_MECHANISM);
    let HandshakeError::MechanismNotEnabled { mechanism, enabled } = &error else { panic!("{error:?}") };
    assert_eq!((*mechanism, enabled.join(" ")), ("AWS_MSK_IAM", "AWS_MSK_IAM OAUTHBEARER".to_owned()));
}

#[test]
fn a_listener_without_sasl_is_told_apart() {
    assert!(matches!(after_handshake(ErrorCode::ILLEGAL_SASL_STATE), HandshakeError::NoSasl));
    let other = after_handshake(ErrorCode::INVALID_REQUEST);
    assert!(matches!(other, HandshakeError::Refused { api: ApiKey::SaslHandshake, code: ErrorCode::INVALID_REQUEST }));
}

#[test]
fn credentials_that_are_not_there_or_cannot_sign_end_it() {
    let mut pair = Pair::awaiting_credentials();
    let after = Duration::from_secs(5);
    pair.provide(Provided::Credentials(Err(CredentialsFailure::Timeout { after })));
    assert!(matches!(pair.failure(), HandshakeError::Credentials(CredentialsFailure::Timeout { .. })));
    let mut pair = Pair::awaiting_credentials();
    let empty = Credentials::new("", SECRET, None, None, "test");
    pair.provide(Provided::Credentials(Ok(empty)));
    assert!(matches!(pair.failure(), HandshakeError::Unsigned(crate::iam::SignError::EmptyCredentials(_))));
    let mut pair = Pair::awaiting_credentials();
    let expired = Credentials::new("AKIA", SECRET, None, Some(pair.now.wall), "test");
    pair.provide(Provided::Credentials(Ok(expired)));
    assert!(matches!(pair.failure(), HandshakeError::Unsigned(crate::iam::SignError::ExpiredCredentials { .. })));
}

fn answered(response: &SaslAuthenticateResponse, credentials: Credentials) -> HandshakeError {
    let mut pair = Pair::awaiting_credentials();
    pair.provide(Provided::Credentials(Ok(credentials)));
    let asked = pair.asked();
    pair.answer::<SaslAuthenticateRequest>(&asked, response);
    pair.failure()
}

fn refusal(text: Option<&'static str>) -> AuthenticationError {
    match answered(&refused(text), credentials()) {
        HandshakeError::Authentication(error) => *error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_refusal_keeps_the_text_and_its_request_id_and_knows_what_msk_says() {
    let id = Some("5c0f2d1e-0000-4000-8000-000000000001");
    let table = [
        (Some("[5c0f2d1e-0000-4000-8000-000000000001]: Access denied"), id, Refusal::AccessDenied),
        (Some("[5c0f2d1e-0000-4000-8000-000000000001]: Too many connects"), id, Refusal::TooManyConnects),
        (Some("[5c0f2d1e-0000-4000-8000-000000000001]: Session too short"), id, Refusal::SessionTooShort),
        (Some("[5c0f2d1e-0000-4000-8000-000000000001]: Something new"), id, Refusal::Other),
        (Some("Access denied"), None, Refusal::AccessDenied),
        (Some("[unfinished"), None, Refusal::Other),
        (Some(""), None, Refusal::Other),
        (None, None, Refusal::Other),
    ];
    for (text, request_id, kind) in table {
        let error = refusal(text);
        assert_eq!((error.text.as_deref(), error.request_id.as_deref(), error.refusal), (text, request_id, kind));
        assert_eq!(error.is_retriable(), kind == Refusal::TooManyConnects);
    }
}

#[test]
fn a_refusal_tells_what_was_signed_and_what_may_be_wrong_but_no_secret() {
    let shown = refusal(Some("[uuid-1]: Access denied")).to_string();
    let told = [
        "[uuid-1]: Access denied",
        "SASL_AUTHENTICATION_FAILED (58)",
        HOST,
        "region us-east-1 (read from the host name b-1.Demo",
        "access key ASIAIOSFODNN7EXAMPLE",
        "20260102T030405Z",
        "(1) the credentials",
        "(2) the region",
        "(3) the policy: it does not allow kafka-cluster:Connect",
        "(4) the cluster's policy",
        "(5) the clock",
    ];
    let mut rest = shown.as_str();
    for part in ["AWS_MSK_IAM was refused"].into_iter().chain(told[4..].iter().copied()) {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("no {part:?} in {shown}")).1;
    }
    assert!(told.iter().all(|part| shown.contains(part)), "{shown}");
    let all = format!("{shown} {:?}", refusal(Some("[uuid-1]: Access denied")));
    assert!(!all.contains(SECRET) && !all.contains(TOKEN), "{all}");
}

#[test]
fn a_temporary_key_without_its_token_is_the_first_cause() {
    let response = SaslAuthenticateResponse::default()
        .with_error_code(58)
        .with_error_message(Some(StrBytes::from_static_str("Access denied")));
    let error = answered(&response, Credentials::new("ASIAKEY", SECRET, None, None, "test"));
    let HandshakeError::Authentication(error) = error else { panic!("{error}") };
    assert!(error.likely_causes()[0].contains("without its session token"));
}

#[test]
fn a_reply_that_is_none_is_no_success() {
    let table = [
        (&b""[..], IamError::Empty),
        (br#"{"version":"2030_01_01","request-id":"1"}"#, IamError::Version("2030_01_01".to_owned())),
        (b"{", IamError::NotJson { line: 1, column: 1 }),
    ];
    for (bytes, expected) in table {
        let response = SaslAuthenticateResponse::default().with_auth_bytes(Bytes::from_static(bytes));
        let error = answered(&response, credentials());
        let expected = ReplyError::Iam(expected);
        assert!(matches!(&error, HandshakeError::Reply { source, .. } if *source == expected), "{error}");
    }
}

#[test]
fn a_connection_shows_nothing_of_what_it_signs_in_with() {
    let mut pair = Pair::awaiting_credentials();
    pair.provide(Provided::Credentials(Ok(credentials())));
    let shown = format!("{:?}", pair.connection);
    assert!(shown.contains("Authenticated"), "{shown}");
    for secret in [SECRET, TOKEN, "x-amz-signature"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_deadline_is_for_all_of_it_and_the_wait_for_credentials_too() {
    let mut pair = Pair::awaiting_credentials();
    assert_eq!(pair.connection.poll_timeout(), Some(pair.now.mono + HANDSHAKE_TIMEOUT));
    pair.wait(HANDSHAKE_TIMEOUT - Duration::from_nanos(1));
    pair.connection.handle_timeout(pair.now);
    assert!(pair.event().is_none());
    pair.wait(Duration::from_nanos(1));
    pair.connection.handle_timeout(pair.now);
    let expected = (Step::Credentials, HANDSHAKE_TIMEOUT);
    assert!(matches!(pair.failure(), HandshakeError::Timeout { during, after } if (during, after) == expected));
    assert_eq!(pair.connection.poll_timeout(), None);
}

#[test]
fn a_client_id_that_no_header_can_say_ends_it_before_the_first_byte() {
    let client_id = Some("x".repeat(40_000).into());
    let mut pair = Pair::new(Config { client_id, ..Config::default() });
    assert!(pair.try_asked().is_none());
    assert!(matches!(pair.failure(), HandshakeError::Unwritable(_)));
}

#[test]
fn a_region_that_was_given_says_so() {
    let iam = MskIam {
        host: "kafka.internal".into(),
        region: Region::new("eu-west-1").unwrap(),
        region_source: RegionSource::Given,
        user_agent: "ottla".into(),
    };
    assert_eq!(Sasl::MskIam(iam).to_string(), "AWS_MSK_IAM in region eu-west-1 (as it was given)");
}
