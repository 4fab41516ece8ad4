//! The client, and how it is made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use ottla_core::region::{Region, RegionSource};
use ottla_wire::sasl::scram::ScramMechanism;
use tokio::runtime::Handle;

use crate::address::{Address, IntoAddresses};
use crate::admin::Admin;
use crate::config::Config;
use crate::consumer::ConsumerBuilder;
use crate::error::{ConfigError, ConfigProblem, ConnectError};
use crate::io::clock::{Clock, SystemClock};
use crate::io::dial::{Dial, TcpDial};
use crate::io::entropy::Entropy;
use crate::io::net::{Login, Net, Speech};
use crate::io::peers::Bootstrap;
use crate::producer::ProducerBuilder;
use crate::security::{LoginBy, Transport, User};
use crate::shared::Shared;
use crate::tls::{self, Identity, Trust};
use crate::token::{ProvideToken, SharedTokenProvider};

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
            transport: Transport::Default,
            login: None,
            region: None,
            trusts: Vec::new(),
            identity: None,
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
    transport: Transport,
    login: Option<LoginBy>,
    region: Option<String>,
    trusts: Vec<Trust>,
    identity: Option<Identity>,
    dial: Option<Arc<dyn Dial>>,
    clock: Arc<dyn Clock>,
    config: Config,
}

impl ClientBuilder {
    /// Speaks without TLS. The default where the port is 9092, MSK's for this, and nothing is said of authentication.
    ///
    /// With one of the calls that begin with `sasl_`, before or after, it is Kafka's `SASL_PLAINTEXT`: whoever is on the way reads what is sent, with
    /// [`ClientBuilder::sasl_plain`] and [`ClientBuilder::sasl_oauthbearer`] the password and the token, too.
    pub fn plaintext(mut self) -> Self {
        self.transport = Transport::Plaintext;
        self
    }

    /// Speaks TLS. The default for every client that authenticates, and where the port is 9094, MSK's for this.
    pub fn tls(mut self) -> Self {
        self.transport = Transport::Tls;
        self
    }

    /// Speaks TLS, and authenticates by AWS_MSK_IAM with what `credentials` provides for each connection.
    ///
    /// The provider is asked on the client's runtime each time a connection is opened, so one that fetches credentials should cache them.
    pub fn msk_iam(mut self, credentials: impl ProvideCredentials + 'static) -> Self {
        self.login = Some(LoginBy::MskIam(SharedCredentialsProvider::new(credentials)));
        self
    }

    /// Speaks TLS, and authenticates by OAUTHBEARER with a token that is signed with what `credentials` provides for each connection, as AWS's own signers
    /// do it.
    ///
    /// MSK takes it on the port of IAM. [`ClientBuilder::msk_iam`] does the same with a signature that is good for one broker alone; this is for what
    /// stands between, and knows OAUTHBEARER only.
    pub fn msk_iam_oauthbearer(mut self, credentials: impl ProvideCredentials + 'static) -> Self {
        self.login = Some(LoginBy::MskIamToken(SharedCredentialsProvider::new(credentials)));
        self
    }

    /// Authenticates by PLAIN (RFC 4616): sends the password to the broker as it is, over TLS unless [`ClientBuilder::plaintext`] is called.
    pub fn sasl_plain(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some(LoginBy::Plain(User::new(user, password)));
        self
    }

    /// Authenticates by SCRAM-SHA-256 (RFC 7677), which does not send the password and finds out whether the broker knows it; over TLS unless
    /// [`ClientBuilder::plaintext`] is called.
    ///
    /// Each connection costs as many hashes as the broker asks for, some milliseconds mostly, on the runtime's threads for blocking work.
    pub fn sasl_scram_sha_256(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some(LoginBy::Scram(ScramMechanism::Sha256, User::new(user, password)));
        self
    }

    /// Authenticates by SCRAM-SHA-512, which is what MSK has on port 9096; otherwise as [`ClientBuilder::sasl_scram_sha_256`].
    pub fn sasl_scram_sha_512(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some(LoginBy::Scram(ScramMechanism::Sha512, User::new(user, password)));
        self
    }

    /// Authenticates by OAUTHBEARER (RFC 7628) with the token that `provider` gives for each connection, over TLS unless [`ClientBuilder::plaintext`] is
    /// called.
    ///
    /// ```no_run
    /// use ottla::{Client, OAuthBearerToken};
    ///
    /// # async fn fetch() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// let client = Client::builder("broker:9093")
    ///     .sasl_oauthbearer(async || Ok::<_, std::io::Error>(OAuthBearerToken::new(fetch().await?)));
    /// ```
    pub fn sasl_oauthbearer(mut self, provider: impl ProvideToken) -> Self {
        self.login = Some(LoginBy::OAuthBearer(SharedTokenProvider::new(provider)));
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

    /// Shows the brokers this certificate, which they may want in place of SASL (mutual TLS) or beside it.
    ///
    /// `chain` is PEM with the client's own certificate first, and behind it those that issued it up to one that the brokers trust; `key` is PEM with the
    /// private key of the first, as PKCS#8, PKCS#1 or SEC1 and not encrypted. Both may stand in one text that is given twice.
    pub fn tls_client_certificate(mut self, chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        self.identity = Some(Identity { chain: chain.as_ref().to_vec(), key: key.as_ref().to_vec() });
        self
    }

    /// Speaks TLS as `config` says.
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
        let tls = self.settled_tls(bootstrap).map_err(|problem| problems.push(problem));
        let login = self.login.as_ref().map(|login| {
            problems.extend(login.problems());
            self.settled_login(login, &bootstrap.first).map_err(|problem| problems.push(problem))
        });
        Some(Speech { tls: tls.ok()?, login: login.transpose().ok()? })
    }

    fn settled_tls(&self, bootstrap: &Bootstrap) -> Result<Option<Arc<rustls::ClientConfig>>, ConfigProblem> {
        if !self.transport.has_tls(self.login.as_ref(), bootstrap.all())? {
            let is_bare = self.trusts.is_empty() && self.identity.is_none();
            return if is_bare { Ok(None) } else { Err(ConfigProblem::TlsForPlaintext) };
        }
        match (self.trust()?, &self.identity) {
            (Trust::Given(_), Some(_)) => Err(ConfigProblem::CertificateBesideConfig),
            (trust, identity) => Ok(Some(tls::config(&trust, identity.as_ref())?)),
        }
    }

    fn settled_login(&self, login: &LoginBy, first: &Address) -> Result<Login, ConfigProblem> {
        Ok(match login.clone() {
            LoginBy::MskIam(credentials) => {
                let (region, region_source) = self.signing_region(first)?;
                Login::MskIam { credentials, region, region_source }
            }
            LoginBy::MskIamToken(credentials) => {
                let (region, region_source) = self.signing_region(first)?;
                Login::MskIamToken { credentials, region, region_source }
            }
            LoginBy::OAuthBearer(provider) => Login::OAuthBearer(provider),
            LoginBy::Plain(user) => Login::Plain(user),
            LoginBy::Scram(mechanism, user) => Login::Scram(mechanism, user),
        })
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
            .field("transport", &self.transport)
            .field("login", &self.login)
            .field("region", &self.region)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_certificate_beside_a_whole_configuration_of_tls_is_refused() {
        let given = tls::config(&Trust::Anybody, None).unwrap();
        let client = Client::builder("b:9094").tls_config(given).tls_client_certificate("", "");
        let problems = client.check().err().map(|error| error.problems);
        assert_eq!(problems, Some(vec![ConfigProblem::CertificateBesideConfig]));
    }

    #[test]
    fn the_last_login_holds_and_debug_shows_whose_it_is_and_no_password() {
        let client = Client::builder("b:9096").sasl_plain("alice", "s3cret").sasl_scram_sha_512("bob", "h1dden");
        let shown = format!("{client:?}");
        assert!(shown.contains("SCRAM-SHA-512 as \"bob\""), "{shown}");
        assert!(!shown.contains("s3cret") && !shown.contains("h1dden"), "{shown}");
    }
}
