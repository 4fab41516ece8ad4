//! The client, and how it is made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use ottla_core::region::{Region, RegionSource};
use tokio::runtime::Handle;

use crate::address::{Address, IntoAddresses};
use crate::admin::Admin;
use crate::config::Config;
use crate::consumer::ConsumerBuilder;
use crate::error::{ConfigError, ConfigProblem, ConnectError};
use crate::io::clock::{Clock, SystemClock};
use crate::io::dial::{Dial, TcpDial};
use crate::io::entropy::Entropy;
use crate::io::net::{Net, Speech};
use crate::io::peers::Bootstrap;
use crate::producer::ProducerBuilder;
use crate::security::Wanted;
use crate::shared::Shared;
use crate::tls::{self, Trust};

/// A connection to a Kafka cluster, shared by its clones and by the producers, consumers and admins made from it.
///
/// Dropping the last of them closes its connections and ends its tasks; it never blocks.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

impl Client {
    /// Begins a client of the cluster that has these brokers: `"host:port,host:port"`, or a list of such texts. One broker that answers is enough.
    pub fn builder(bootstrap: impl IntoAddresses) -> ClientBuilder {
        ClientBuilder {
            bootstrap: bootstrap.into_addresses(),
            wanted: Wanted::ByPort,
            region: None,
            trusts: Vec::new(),
            dial: None,
            clock: Arc::new(SystemClock),
            config: Config::default(),
        }
    }

    /// Begins a producer.
    pub fn producer(&self) -> ProducerBuilder {
        ProducerBuilder::new(&self.shared)
    }

    /// Begins a consumer.
    pub fn consumer(&self) -> ConsumerBuilder {
        ConsumerBuilder::new(&self.shared)
    }

    /// The operations on topics.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.shared))
    }
}

/// A client that is being configured.
#[must_use = "a builder does nothing before `connect`"]
pub struct ClientBuilder {
    bootstrap: Vec<String>,
    wanted: Wanted,
    region: Option<String>,
    trusts: Vec<Trust>,
    dial: Option<Arc<dyn Dial>>,
    clock: Arc<dyn Clock>,
    config: Config,
}

impl ClientBuilder {
    /// Speaks without TLS and without authentication. The default where the port is 9092, MSK's for this.
    pub fn plaintext(mut self) -> Self {
        self.wanted = Wanted::Plaintext;
        self
    }

    /// Speaks TLS, without SASL. The default where the port is 9094, MSK's for this.
    pub fn tls(mut self) -> Self {
        self.wanted = Wanted::Tls;
        self
    }

    /// Speaks TLS, and authenticates by AWS_MSK_IAM with what `credentials` provides for each connection.
    ///
    /// The provider is asked on the client's runtime each time a connection is opened, so one that fetches credentials should cache them.
    pub fn msk_iam(mut self, credentials: impl ProvideCredentials + 'static) -> Self {
        self.wanted = Wanted::MskIam(SharedCredentialsProvider::new(credentials));
        self
    }

    /// The AWS region that IAM signs for. Where it is not given, it is read from the host name of the first bootstrap address, which says it on MSK. The environment is not asked.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Trusts the certificates in `pem` to issue those of the brokers, and no others; may be called again for more.
    ///
    /// The default is to trust the roots of the platform, or Mozilla's where it has none.
    pub fn tls_root(mut self, pem: impl AsRef<[u8]>) -> Self {
        let pem = pem.as_ref().to_vec();
        match self.trusts.iter_mut().find_map(|trust| if let Trust::Roots(roots) = trust { Some(roots) } else { None })
        {
            Some(roots) => roots.push(pem),
            None => self.trusts.push(Trust::Roots(vec![pem])),
        }
        self
    }

    /// Speaks TLS as `config` says, for example with a client certificate.
    pub fn tls_config(mut self, config: impl Into<Arc<rustls::ClientConfig>>) -> Self {
        self.trusts.push(Trust::Given(config.into()));
        self
    }

    /// Takes whatever certificate a broker shows for a good one, and logs a warning: anybody on the way can read and change what is sent.
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.trusts.push(Trust::Anybody);
        self
    }

    /// What the client calls itself; see [`Config::client_id`].
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.config.client_id = client_id.into();
        self
    }

    /// How long it may take to open one connection; see [`Config::connect_timeout`].
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout;
        self
    }

    /// How long a broker may take for an answer; see [`Config::request_timeout`].
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.config.request_timeout = timeout;
        self
    }

    /// All settings at once; replaces those that were made before.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Opens the streams to the brokers by `dial` in place of TCP.
    pub fn dial(mut self, dial: impl Dial) -> Self {
        self.dial = Some(Arc::new(dial));
        self
    }

    /// Takes the time from `clock` in place of the machine's clocks.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Connects: opens a connection to the first bootstrap address that answers, and asks it what the cluster is made of.
    ///
    /// Each address gets the connect timeout and one request timeout, and is tried once. Dropping the future closes what was opened.
    ///
    /// # Errors
    /// When the configuration is refused ([`ConnectError::Config`] has all that is wrong with it), or no address could be used; see [`ConnectError`].
    pub async fn connect(self) -> Result<Client, ConnectError> {
        let runtime = Handle::try_current().map_err(|_| ConnectError::NoRuntime)?;
        let Checked { bootstrap, speech } = self.check()?;
        let config = self.config;
        let dial = self.dial.unwrap_or_else(|| Arc::new(TcpDial { timeout: config.connect_timeout }));
        let net = Net {
            runtime,
            clock: self.clock,
            dial,
            entropy: Entropy::new(config.seed),
            speech,
            client_id: config.client_id.as_str().into(),
            connect_timeout: config.connect_timeout,
            request_timeout: config.request_timeout,
            reconnect: config.reconnect(),
            retry: config.retry(),
        };
        let shared = Shared::connect(net, bootstrap, &config).await?;
        Ok(Client { shared })
    }

    /// Judges everything before anything is opened.
    fn check(&self) -> Result<Checked, ConfigError> {
        let mut problems = self.config.problems();
        let bootstrap = self.addresses(&mut problems);
        let speech = bootstrap.as_ref().and_then(|bootstrap| self.speech(bootstrap, &mut problems));
        match (bootstrap, speech) {
            (Some(bootstrap), Some(speech)) if problems.is_empty() => Ok(Checked { bootstrap, speech }),
            _ => Err(ConfigError { problems }),
        }
    }

    fn addresses(&self, problems: &mut Vec<ConfigProblem>) -> Option<Bootstrap> {
        let mut good = Vec::new();
        for text in &self.bootstrap {
            match text.parse::<Address>() {
                Ok(address) => good.push(address),
                Err(error) => problems.push(error.into()),
            }
        }
        if self.bootstrap.is_empty() {
            problems.push(ConfigProblem::NoBootstrap);
        }
        let mut good = good.into_iter();
        Some(Bootstrap { first: good.next()?, others: good.collect() })
    }

    fn speech(&self, bootstrap: &Bootstrap, problems: &mut Vec<ConfigProblem>) -> Option<Speech> {
        let wanted = match self.wanted.settle(bootstrap.all()) {
            Ok(wanted) => wanted,
            Err(problem) => {
                problems.push(problem);
                return None;
            }
        };
        if let Wanted::Plaintext = wanted {
            if !self.trusts.is_empty() {
                problems.push(ConfigProblem::TlsForPlaintext);
            }
            return Some(Speech::Plaintext);
        }
        let tls = self.trust().and_then(|trust| Ok(tls::config(&trust)?));
        let tls = tls.map_err(|problem| problems.push(problem)).ok();
        let Wanted::MskIam(credentials) = wanted else { return tls.map(Speech::Tls) };
        let region = self.signing_region(&bootstrap.first).map_err(|problem| problems.push(problem)).ok();
        let ((region, region_source), tls) = (region?, tls?);
        Some(Speech::MskIam { tls, credentials, region, region_source })
    }

    fn trust(&self) -> Result<Trust, ConfigProblem> {
        match self.trusts.as_slice() {
            [] => Ok(Trust::Platform),
            [only] => Ok(only.clone()),
            _ => Err(ConfigProblem::TwoTrusts),
        }
    }

    fn signing_region(&self, first: &Address) -> Result<(Region, RegionSource), ConfigProblem> {
        match &self.region {
            Some(region) => Ok((Region::new(region)?, RegionSource::Given)),
            None => Ok(Region::of_host(first.host())?),
        }
    }
}

/// A configuration that can be used.
struct Checked {
    bootstrap: Bootstrap,
    speech: Speech,
}

/// Shows no credentials.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("bootstrap", &self.bootstrap)
            .field("security", &self.wanted)
            .field("region", &self.region)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
