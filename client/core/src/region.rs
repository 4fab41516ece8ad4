//! The AWS region of an MSK cluster, from the names of its brokers, and what MSK's ports speak.
//!
//! A broker's name ends in the DNS suffix of its partition (`.amazonaws.com`, `.amazonaws.com.cn`, ...), and the label before it is the region. The
//! name is never searched for something that looks like a region: the cluster `demo-us-west-1-app` in us-west-2 would be signed for us-west-1, and
//! MSK answers that with nothing but `Access denied`.

mod port;

use std::fmt;
use std::sync::Arc;

pub use port::MskProtocol;

/// An AWS region, for example `us-west-2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

/// Where a region comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegionSource {
    /// The user gave it.
    Given,
    /// It was read from a host name.
    HostName {
        /// The name.
        host: Arc<str>,
    },
}

/// Why there is no region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// The host name is not one that AWS gives to a broker, so it does not say the region.
    #[error("the host name {host:?} does not say its AWS region; give the region")]
    NotInHostName {
        /// The name.
        host: Arc<str>,
    },
    /// The text is not the name of a region.
    #[error("{0:?} is not the name of an AWS region")]
    NotARegion(String),
}

impl Region {
    /// The region of this name, for example `us-west-2`. Whether AWS has it is not checked.
    ///
    /// # Errors
    /// When it is empty, longer than a DNS label, or has anything but lower-case letters, digits and hyphens.
    pub fn new(name: &str) -> Result<Self, RegionError> {
        let fits = !name.is_empty() && name.len() <= DNS_LABEL_BYTES_MAX;
        let sayable = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits && sayable { Ok(Self(name.into())) } else { Err(RegionError::NotARegion(name.to_owned())) }
    }

    /// The region that a broker's host name says, given without a port.
    ///
    /// # Errors
    /// When the name does not end in the DNS suffix of an AWS partition, or what stands before that is no region of the partition. Names of one's own
    /// (a CNAME, a load balancer) are of this kind: the region must be given then.
    pub fn of_host(host: &str) -> Result<(Self, RegionSource), RegionError> {
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let region = PARTITIONS.iter().find_map(|partition| partition.region(&name));
        match region {
            Some(region) => Ok((Self(region.into()), RegionSource::HostName { host: host.into() })),
            None => Err(RegionError::NotInHostName { host: host.into() }),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RegionSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("as it was given"),
            Self::HostName { host } => write!(f, "read from the host name {host}"),
        }
    }
}

/// The longest label of a DNS name (RFC 1035).
const DNS_LABEL_BYTES_MAX: usize = 63;

/// One of AWS's partitions, as its SDKs describe them in `partitions.json`.
struct Partition {
    /// What its host names end in, those of dual-stack endpoints included.
    suffixes: &'static [&'static str],
    /// What its regions begin with, up to the hyphen before the direction.
    areas: &'static [&'static str],
}

const PARTITIONS: &[Partition] = &[
    Partition {
        suffixes: &[".amazonaws.com", ".api.aws"],
        areas: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "us-gov"],
    },
    Partition { suffixes: &[".amazonaws.com.cn", ".api.amazonwebservices.com.cn"], areas: &["cn"] },
    Partition { suffixes: &[".amazonaws.eu", ".api.amazonwebservices.eu"], areas: &["eusc-de"] },
    Partition { suffixes: &[".c2s.ic.gov", ".api.aws.ic.gov"], areas: &["us-iso"] },
    Partition { suffixes: &[".sc2s.sgov.gov", ".api.aws.scloud"], areas: &["us-isob"] },
    Partition { suffixes: &[".cloud.adc-e.uk", ".api.cloud-aws.adc-e.uk"], areas: &["eu-isoe"] },
    Partition { suffixes: &[".csp.hci.ic.gov", ".api.aws.hci.ic.gov"], areas: &["us-isof"] },
];

/// The label between region and suffix in the names of VPC endpoints.
const VPC_ENDPOINT_LABEL: &str = "vpce";

impl Partition {
    fn region<'a>(&self, name: &'a str) -> Option<&'a str> {
        let labels = self.suffixes.iter().find_map(|suffix| name.strip_suffix(suffix))?;
        let mut from_right = labels.rsplit('.').skip_while(|label| *label == VPC_ENDPOINT_LABEL);
        from_right.next().filter(|label| self.has(label))
    }

    /// `^(area)-\w+-\d+$`, as each partition's `regionRegex` says it.
    fn has(&self, region: &str) -> bool {
        let in_area = |area: &&str| {
            let rest = region.strip_prefix(*area).and_then(|rest| rest.strip_prefix('-'));
            let Some((direction, number)) = rest.and_then(|rest| rest.split_once('-')) else { return false };
            is_some_of(direction, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && is_some_of(number, |byte| byte.is_ascii_digit())
        };
        self.areas.iter().any(in_area)
    }
}

fn is_some_of(text: &str, of: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(of)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_of_an_msk_host_name_says_its_region() {
        let table = [
            ("b-1.name.abc123.c2.kafka.us-east-1.amazonaws.com", "us-east-1"),
            ("b-1-public.name.v4ni96.c2.kafka.us-east-1.amazonaws.com", "us-east-1"),
            ("boot-abcd1234.c3.kafka-serverless.us-west-2.amazonaws.com", "us-west-2"),
            ("b-1.scram.test.abcdef.c3.kafka.ap-southeast-2.amazonaws.com", "ap-southeast-2"),
            ("vpce-0123abcd.kafka.eu-central-1.vpce.amazonaws.com", "eu-central-1"),
            ("b-3.cn-test.q1w2e3.c4.kafka.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("vpce-0123abcd.kafka.cn-northwest-1.vpce.amazonaws.com.cn", "cn-northwest-1"),
            ("b-1.name.abc.c2.kafka-beta.us-east-1.amazonaws.com", "us-east-1"),
            ("b-1.name.abc.c2.kafka.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("b-1.name.abc.c2.kafka.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
            ("b-1.name.abc.c2.kafka.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
            ("b-1.name.abc.c2.kafka.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
            ("b-1.name.abc.c2.kafka.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"),
            ("b-1.name.abc.c2.kafka.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
            ("b-1.name.abc.c2.kafka.il-central-1.api.aws", "il-central-1"),
            ("b-1.name.abc.c2.kafka.cn-north-1.api.amazonwebservices.com.cn", "cn-north-1"),
            // As DNS reads them: without regard to case, and with the root's dot.
            ("B-1.MyCluster.ABC123.c2.Kafka.US-EAST-1.AmazonAWS.com", "us-east-1"),
            ("b-1.name.abc123.c2.kafka.us-east-1.amazonaws.com.", "us-east-1"),
        ];
        for (host, region) in table {
            let source = RegionSource::HostName { host: host.into() };
            assert_eq!(Region::of_host(host), Ok((Region::new(region).unwrap(), source)), "{host}");
        }
    }

    #[test]
    fn a_cluster_named_like_a_region_is_signed_for_its_own() {
        let host = "b-1.demo-us-west-1-app.abc123.c2.kafka.us-west-2.amazonaws.com";
        assert_eq!(Region::of_host(host).unwrap().0.as_str(), "us-west-2");
        let host = "b-1.us-west-1.abc123.c2.kafka.us-west-2.amazonaws.com";
        assert_eq!(Region::of_host(host).unwrap().0.as_str(), "us-west-2");
    }

    #[test]
    fn other_host_names_say_no_region() {
        let hosts = [
            "",
            ".",
            "localhost",
            "127.0.0.1",
            "kafka.example.com",
            "kafka.us-east-1.example.com",
            "amazonaws.com",
            ".amazonaws.com",
            "vpce.amazonaws.com",
            "kafka.amazonaws.com",
            "b-1.kafka.us-east-1.amazonaws.com.example.com",
            "b-1.kafka.us-east-1.notamazonaws.com",
            "b-1.kafka.us-east.amazonaws.com",
            "b-1.kafka.us-east-x.amazonaws.com",
            "b-1.kafka.-east-1.amazonaws.com",
            "b-1.kafka.us--1.amazonaws.com",
            // Regions of one partition under the suffix of another.
            "b-1.kafka.cn-north-1.amazonaws.com",
            "b-1.kafka.us-east-1.amazonaws.com.cn",
            "b-1.kafka.us-iso-east-1.amazonaws.com",
        ];
        for host in hosts {
            assert_eq!(Region::of_host(host), Err(RegionError::NotInHostName { host: host.into() }), "{host}");
        }
    }

    #[test]
    fn a_region_that_is_given_needs_no_host_name_but_the_form_of_a_label() {
        for name in ["us-east-1", "mars-north-12", "x"] {
            assert_eq!(Region::new(name).unwrap().as_str(), name);
        }
        for name in ["", "us east 1", "US-EAST-1", "us-east-1.amazonaws.com", "us/east", &"x".repeat(64)] {
            assert_eq!(Region::new(name), Err(RegionError::NotARegion(name.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn no_host_name_makes_it_panic_and_a_region_read_is_one_that_can_be_given(
            host in "([a-z0-9-]{0,9}\\.){0,5}.{0,12}(amazonaws\\.com(\\.cn)?)?",
        ) {
            if let Ok((region, _)) = Region::of_host(&host) {
                prop_assert_eq!(Region::new(region.as_str()), Ok(region.clone()));
            }
        }
    }
}
