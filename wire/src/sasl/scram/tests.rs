#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use proptest::prelude::*;

use super::super::{EXTENSIONS_MAX, RECEIVE_BYTES_MAX};
use super::*;

/// The example of RFC 7677 (SCRAM-SHA-256), and before it that of RFC 5802, whose messages have the same form with a shorter hash.
const EXAMPLES: [[&str; 4]; 2] = [
    [
        "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ],
    [
        "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ],
];

#[test]
fn the_examples_of_both_rfcs_are_read_and_written_to_the_byte() {
    for [client_first, server_first, client_final, server_final] in EXAMPLES {
        let first = ClientFirst::parse(client_first.as_bytes()).unwrap();
        assert_eq!((first.user.as_str(), first.to_bytes()), ("user", client_first.into()));
        let salted = ServerFirst::parse(server_first.as_bytes()).unwrap();
        assert_eq!((salted.iterations, salted.to_bytes()), (ITERATIONS_MIN, server_first.into()));
        assert!(salted.nonce.starts_with(&first.nonce));
        let proven = ClientFinal::parse(client_final.as_bytes()).unwrap();
        assert_eq!((&proven.channel_binding[..], proven.to_bytes()), (GS2_HEADER.as_bytes(), client_final.into()));
        assert_eq!(ServerFinal::parse(server_final.as_bytes()).unwrap().to_bytes(), server_final);
        let signed = auth_message(&first, &salted, &proven);
        let (without_proof, _) = client_final.rsplit_once(",p=").unwrap();
        assert_eq!(signed, [client_first.strip_prefix("n,,").unwrap(), server_first, without_proof].join(","));
    }
}

#[test]
fn a_name_with_a_comma_or_an_equals_sign_is_escaped() {
    let first = ClientFirst { authorization_id: Some("a,b".to_owned()), ..ClientFirst::new("x=y,z", "r") };
    assert_eq!(first.to_bytes(), "n,a=a=2Cb,n=x=3Dy=2Cz,r=r");
    assert_eq!(ClientFirst::parse(&first.to_bytes()), Ok(first));
    for name in ["", "a=", "a=2", "a=2c", "a=3d", "a=41", "a==3D", "\u{e4}"] {
        let bytes = format!("n,,n={name},r=r");
        assert_eq!(ClientFirst::parse(bytes.as_bytes()), Err(ScramError::Invalid("n")), "{name:?}");
    }
}

#[test]
fn a_delegation_token_says_that_it_is_one() {
    let of = |text: &str| ClientFirst::parse(text.as_bytes()).unwrap().is_token_auth();
    assert!(of("n,,n=id,r=r,tokenauth=true") && of("n,,n=id,r=r,other=x,tokenauth=TRUE"));
    assert!(!of("n,,n=id,r=r") && !of("n,,n=id,r=r,tokenauth=false") && !of("n,,n=id,r=r,Tokenauth=true"));
}

#[test]
fn each_part_of_the_clients_first_message_that_is_wrong_has_an_error() {
    use ScramError::{ChannelBinding, Invalid, MandatoryExtension, Missing, NotText};
    let table = [
        ("", Missing("the header")),
        ("n=user,r=r", Missing("the header")),
        ("n", Missing("the header")),
        ("n,", Missing("the header")),
        ("x,,n=user,r=r", Missing("the header")),
        ("y,,n=user,r=r", ChannelBinding),
        ("p=tls-unique,,n=user,r=r", ChannelBinding),
        ("n,user,n=user,r=r", Invalid("a")),
        ("n,a=,n=user,r=r", Invalid("a")),
        ("n,,", Missing("n")),
        ("n,,r=r,n=user", Missing("n")),
        ("n,,m=x,n=user,r=r", MandatoryExtension),
        ("n,,n=user", Missing("r")),
        ("n,,n=user,", Missing("r")),
        ("n,,n=user,r=", Invalid("r")),
        ("n,,n=user,r=a b", Invalid("r")),
        ("n,,n=user,r=r,", Invalid("an extension")),
        ("n,,n=user,r=r,x", Invalid("an extension")),
        ("n,,n=user,r=r,x=", Invalid("an extension")),
        ("n,,n=user,r=r,x1=y", Invalid("an extension")),
        ("n,,n=us\0er,r=r", NotText),
    ];
    for (text, error) in table {
        assert_eq!(ClientFirst::parse(text.as_bytes()), Err(error), "{text:?}");
    }
    assert_eq!(ClientFirst::parse(b"n,,n=\xff,r=r"), Err(NotText));
}

#[test]
fn each_part_of_the_brokers_first_message_that_is_wrong_has_an_error() {
    use ScramError::{Invalid, MandatoryExtension, Missing};
    let table = [
        ("", Missing("r")),
        ("e=unknown-user", Missing("r")),
        ("m=x,r=r,s=AAAA,i=4096", MandatoryExtension),
        ("r=r,s=AAAA", Missing("i")),
        ("r=r,i=4096,s=AAAA", Missing("s")),
        ("r=r,s=AAA,i=4096", Invalid("s")),
        ("r=r,s=AAAA,i=", Invalid("i")),
        ("r=r,s=AAAA,i=0", Invalid("i")),
        ("r=r,s=AAAA,i=-1", Invalid("i")),
        ("r=r,s=AAAA,i=+4096", Invalid("i")),
        ("r=r,s=AAAA,i=04096", Invalid("i")),
        ("r=r,s=AAAA,i=4294967296", Invalid("i")),
        ("r=r,s=AAAA,i=4096,", Invalid("an extension")),
    ];
    for (text, error) in table {
        assert_eq!(ServerFirst::parse(text.as_bytes()), Err(error), "{text:?}");
    }
}

#[test]
fn each_part_of_the_final_messages_that_is_wrong_has_an_error() {
    use ScramError::{Invalid, Missing};
    let of = |text: &str| ClientFinal::parse(text.as_bytes()).unwrap_err();
    assert_eq!(of("c=biws,r=r"), Missing("p"));
    assert_eq!(of("p=AAAA"), Missing("p"));
    assert_eq!(of("r=r,p=AAAA"), Missing("c"));
    assert_eq!(of("c=biws,p=AAAA"), Missing("r"));
    assert_eq!(of("c=b,r=r,p=AAAA"), Invalid("c"));
    assert_eq!(of("c=biws,r=r,p=AAAA,x=y"), Invalid("p"));
    assert_eq!(of("c=biws,r=r,,p=AAAA"), Invalid("an extension"));
    let of = |text: &str| ServerFinal::parse(text.as_bytes());
    assert_eq!(of(""), Err(Missing("v")));
    assert_eq!(of("e="), Err(Invalid("e")));
    assert_eq!(of("v=AAA"), Err(Invalid("v")));
    assert_eq!(of("v=AAAA,"), Err(Invalid("an extension")));
    assert_eq!(of("v=AAAA,x=y"), Ok(ServerFinal::Verified { signature: vec![0; 3] }));
    assert_eq!(of("e=invalid-proof"), Ok(ServerFinal::Refused { error: "invalid-proof".to_owned() }));
}

#[test]
fn more_extensions_or_bytes_than_the_bound_are_refused() {
    let with = |count: usize| format!("n,,n=user,r=r{}", ",x=y".repeat(count));
    assert!(ClientFirst::parse(with(EXTENSIONS_MAX).as_bytes()).is_ok());
    let error = ScramError::TooManyExtensions { max: EXTENSIONS_MAX };
    assert_eq!(ClientFirst::parse(with(EXTENSIONS_MAX + 1).as_bytes()), Err(error));
    let long = vec![b'n'; RECEIVE_BYTES_MAX + 1];
    assert!(matches!(ServerFirst::parse(&long), Err(ScramError::TooLong { .. })));
}

#[test]
fn a_mechanism_is_found_by_its_name_alone() {
    for mechanism in [ScramMechanism::Sha256, ScramMechanism::Sha512] {
        assert_eq!(ScramMechanism::of_name(mechanism.name()), Some(mechanism));
    }
    assert_eq!(ScramMechanism::of_name("SCRAM-SHA-1"), None);
    assert_eq!(ScramMechanism::of_name("scram-sha-256"), None);
}

#[test]
fn debug_shows_neither_proof_nor_signature() {
    let proven = ClientFinal::parse(EXAMPLES[1][2].as_bytes()).unwrap();
    let signed = ServerFinal::parse(EXAMPLES[1][3].as_bytes()).unwrap();
    let shown = format!("{proven:?} {signed:?}");
    assert!(shown.contains("rOprNGfw") && shown.matches("<redacted>").count() == 2, "{shown}");
}

fn extensions() -> impl Strategy<Value = Extensions> {
    prop::collection::vec(("[A-Za-z]{1,9}", "[^\0,]+"), 0..4)
}

proptest! {
    #[test]
    fn any_message_comes_back(
        id in prop::option::of("[\x01-\x7f]+"), user in "[\x01-\x7f]+", nonce in "[!-+.-~-]+", extensions in extensions(),
        bytes in prop::collection::vec(any::<u8>(), 0..80), iterations in 1_u32.., error in "[^\0,]+",
    ) {
        let first = ClientFirst { authorization_id: id, user, nonce: nonce.clone(), extensions: extensions.clone() };
        prop_assert_eq!(ClientFirst::parse(&first.to_bytes()), Ok(first));
        let salted = ServerFirst { nonce: nonce.clone(), salt: bytes.clone(), iterations, extensions: extensions.clone() };
        prop_assert_eq!(ServerFirst::parse(&salted.to_bytes()), Ok(salted));
        let proven = ClientFinal { channel_binding: bytes.clone(), nonce, extensions, proof: bytes.clone() };
        prop_assert_eq!(ClientFinal::parse(&proven.to_bytes()), Ok(proven));
        for verdict in [ServerFinal::Verified { signature: bytes }, ServerFinal::Refused { error }] {
            prop_assert_eq!(ServerFinal::parse(&verdict.to_bytes()), Ok(verdict));
        }
    }

    #[test]
    fn hostile_bytes_never_panic_and_what_is_read_is_written_byte_for_byte(
        bytes in prop::collection::vec(any::<u8>(), 0..64), example in 0_usize..8, at in any::<prop::sample::Index>(),
    ) {
        let mut damaged = EXAMPLES[example / 4][example % 4].as_bytes().to_vec();
        let index = at.index(damaged.len());
        damaged.splice(index..(index + bytes.len() / 8).min(damaged.len()), bytes.iter().copied().take(3));
        for bytes in [&bytes, &damaged] {
            if let Ok(first) = ClientFirst::parse(bytes) {
                prop_assert_eq!(&first.to_bytes()[..], &bytes[..]);
            }
            if let Ok(salted) = ServerFirst::parse(bytes) {
                prop_assert_eq!(&salted.to_bytes()[..], &bytes[..]);
            }
            if let Ok(proven) = ClientFinal::parse(bytes) {
                prop_assert_eq!(&proven.to_bytes()[..], &bytes[..]);
            }
            let _ = ServerFinal::parse(bytes);
        }
    }
}
