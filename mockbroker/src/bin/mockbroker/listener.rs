//! `--listener PROTOCOL:PORT[:OPTIONS][@HOST]`.
//!
//! PORT may be a list, and HOST have a port of its own.

use ottla_mockbroker::{ClientAuth, Listener, Mechanism};

use crate::InvalidValue;

/// A listener as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) kind: Kind,
    ports: Ports,
    pub(crate) mechanisms: Vec<Mechanism>,
    pub(crate) client_auth: ClientAuth,
    host: Option<String>,
    advertised_port: Option<u16>,
}

/// Where its brokers listen.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ports {
    /// The first broker here, and each further one at the next.
    From(u16),
    /// Each where it is said.
    Each(Vec<u16>),
}

/// Kafka's security protocols, and MSK's use of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plaintext,
    Ssl,
    SaslPlaintext,
    SaslSsl,
    Iam,
}

impl Default for Asked {
    fn default() -> Self {
        Self::plaintext(9092)
    }
}

impl Asked {
    /// A listener without options.
    pub(crate) fn plaintext(port: u16) -> Self {
        Self::new(Kind::Plaintext, Ports::From(port))
    }

    fn new(kind: Kind, ports: Ports) -> Self {
        Self { kind, ports, mechanisms: Vec::new(), client_auth: ClientAuth::None, host: None, advertised_port: None }
    }

    pub(crate) fn listener(&self, name: &str) -> Listener {
        let mechanisms = || self.mechanisms.iter().copied();
        let listener = match self.kind {
            Kind::Plaintext => Listener::plaintext(name),
            Kind::Ssl => Listener::tls(name),
            Kind::SaslPlaintext => Listener::sasl_plaintext(name, mechanisms()),
            Kind::SaslSsl | Kind::Iam => Listener::sasl_tls(name, mechanisms()),
        };
        let listener = match &self.ports {
            Ports::From(port) => listener.port(*port),
            Ports::Each(ports) => listener.ports(ports.iter().copied()),
        };
        let listener = match &self.host {
            Some(host) => listener.advertised_host(host),
            None => listener,
        };
        let listener = match self.advertised_port {
            Some(port) => listener.advertised_port(port),
            None => listener,
        };
        listener.client_auth(self.client_auth)
    }
}

impl Kind {
    const ALL: [Self; 5] = [Self::Plaintext, Self::Ssl, Self::SaslPlaintext, Self::SaslSsl, Self::Iam];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
            Self::Iam => "IAM",
        }
    }

    /// The name of the protocol as clients set it.
    pub(crate) fn protocol(self) -> &'static str {
        if self == Self::Iam { Self::SaslSsl.name() } else { self.name() }
    }

    fn is_sasl(self) -> bool {
        !matches!(self, Self::Plaintext | Self::Ssl)
    }

    pub(crate) fn is_tls(self) -> bool {
        !matches!(self, Self::Plaintext | Self::SaslPlaintext)
    }
}

pub(crate) fn parse(text: &str) -> Result<Asked, InvalidValue> {
    let (text, address) = match text.rsplit_once('@') {
        Some((text, address)) => (text, Some(address)),
        None => (text, None),
    };
    let mut parts = text.splitn(3, ':');
    let kind = kind(parts.next().unwrap_or_default())?;
    let mut asked =
        Asked::new(kind, ports(parts.next().ok_or("there is no port: it is written as in PLAINTEXT:9092")?)?);
    if let Some(address) = address {
        advertise(&mut asked, address)?;
    }
    for option in parts.next().into_iter().flat_map(|options| options.split(',')) {
        take_option(&mut asked, option)?;
    }
    if kind == Kind::Iam && asked.mechanisms.is_empty() {
        asked.mechanisms = vec![Mechanism::AwsMskIam, Mechanism::MskOAuthBearer];
    }
    if kind.is_sasl() && asked.mechanisms.is_empty() {
        return Err(format!("{0} needs mechanisms, as in {0}:9096:SCRAM-SHA-512,PLAIN", kind.name()).into());
    }
    Ok(asked)
}

fn ports(text: &str) -> Result<Ports, InvalidValue> {
    match text.split_once(',') {
        None => port(text).map(Ports::From),
        Some(_) => text.split(',').map(port).collect::<Result<_, _>>().map(Ports::Each),
    }
}

fn port(text: &str) -> Result<u16, InvalidValue> {
    text.parse().map_err(|_| format!("{text:?} is no port: it is a number up to 65535").into())
}

/// What clients are told: a host, and a port behind it unless the colon is one of an IPv6 address.
fn advertise(asked: &mut Asked, address: &str) -> Result<(), InvalidValue> {
    let host = match address.rsplit_once(':') {
        Some((host, at)) if !host.contains(':') => {
            asked.advertised_port = Some(port(at)?);
            host
        }
        _ => address,
    };
    if host.is_empty() {
        return Err("there is no host after @".into());
    }
    asked.host = Some(host.to_owned());
    Ok(())
}

fn kind(name: &str) -> Result<Kind, InvalidValue> {
    let known = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    known.ok_or_else(|| {
        let all = Kind::ALL.map(Kind::name).join(", ");
        format!("{name:?} is no protocol; these are: {all}").into()
    })
}

fn take_option(asked: &mut Asked, option: &str) -> Result<(), InvalidValue> {
    if let Some(value) = option.strip_prefix("client-auth=") {
        let all = [ClientAuth::None, ClientAuth::Requested, ClientAuth::Required];
        let known = all.into_iter().find(|client_auth| client_auth.name() == value);
        asked.client_auth =
            known.ok_or_else(|| format!("client-auth is none, requested or required, and not {value:?}"))?;
        return if asked.kind.is_tls() {
            Ok(())
        } else {
            Err(format!("{} has no certificates", asked.kind.name()).into())
        };
    }
    if !asked.kind.is_sasl() {
        return Err(format!("{} has no option {option:?}", asked.kind.name()).into());
    }
    asked.mechanisms.push(option.parse()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_part_of_a_listener_is_read() {
        let all = parse("SASL_SSL:9096:SCRAM-SHA-512,PLAIN,client-auth=required@kafka").unwrap();
        let expected = Asked {
            kind: Kind::SaslSsl,
            ports: Ports::From(9096),
            mechanisms: vec![Mechanism::ScramSha512, Mechanism::Plain],
            client_auth: ClientAuth::Required,
            host: Some("kafka".to_owned()),
            advertised_port: None,
        };
        assert_eq!(all, expected);
        assert_eq!(parse("PLAINTEXT:9092").unwrap(), Asked::default());
        assert_eq!(parse("SSL:1,2,0").unwrap().ports, Ports::Each(vec![1, 2, 0]));
        let mapped = parse("SSL:9094@gate:19094").unwrap();
        assert_eq!((mapped.host.as_deref(), mapped.advertised_port), (Some("gate"), Some(19094)));
        let ipv6 = parse("SSL:9094@::1").unwrap();
        assert_eq!((ipv6.host.as_deref(), ipv6.advertised_port), (Some("::1"), None));
        assert_eq!(parse("IAM:0").unwrap().mechanisms, [Mechanism::AwsMskIam, Mechanism::MskOAuthBearer]);
        assert_eq!(parse("IAM:0:AWS_MSK_IAM").unwrap().mechanisms, [Mechanism::AwsMskIam]);
        assert_eq!(parse("SSL:9094:client-auth=requested").unwrap().client_auth, ClientAuth::Requested);
    }

    #[test]
    fn what_is_wrong_with_a_listener_is_said() {
        for (text, told) in [
            ("", "\"\" is no protocol"),
            ("TLS:9094", "\"TLS\" is no protocol; these are: PLAINTEXT, SSL, "),
            ("PLAINTEXT", "there is no port"),
            ("PLAINTEXT:", "\"\" is no port"),
            ("PLAINTEXT:65536", "\"65536\" is no port"),
            ("PLAINTEXT:9092,", "\"\" is no port"),
            ("PLAINTEXT:9092@", "there is no host"),
            ("PLAINTEXT:9092@:1", "there is no host"),
            ("PLAINTEXT:9092@kafka:", "\"\" is no port"),
            ("PLAINTEXT:9092:PLAIN", "PLAINTEXT has no option \"PLAIN\""),
            ("PLAINTEXT:9092:client-auth=required", "PLAINTEXT has no certificates"),
            ("SSL:9094:client-auth=yes", "client-auth is none, requested or required, and not \"yes\""),
            ("SASL_SSL:9096", "SASL_SSL needs mechanisms, as in SASL_SSL:9096:"),
            ("SASL_SSL:9096:SCRAM", "\"SCRAM\" is no mechanism"),
            ("SASL_SSL:9096:", "\"\" is no mechanism"),
        ] {
            assert!(refused(text).contains(told), "{text}: {}", refused(text));
        }
    }
}
