//! What clients are configured with: Java's, those on librdkafka, and kafka-python.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use ottla_mockbroker::{ClientAuth, Mechanism};
use serde_json::{Value, json};

use super::pkcs12::PASSWORD;
use crate::listener::Asked;
use crate::user::Account;

/// One listener, as a client is to connect to it.
pub(super) struct Connection<'a> {
    pub(super) bootstrap: &'a str,
    pub(super) listener: &'a Asked,
    pub(super) users: &'a [Account],
    /// Where the certificates are.
    pub(super) folder: &'a Path,
}

/// How a client logs in.
enum Login<'a> {
    /// Not at all.
    None,
    /// By a password.
    Password { mechanism: Mechanism, name: &'a str, secret: &'a str },
    /// By a token that nobody signed.
    UnsecuredToken,
    /// By signing with the keys that AWS's own libraries find.
    Iam,
    /// Nobody may come in.
    Nobody,
}

/// Said where a listener wants a user and none was given.
const NOBODY: &str = "# nobody can log in here: the program was given no --user of a mechanism of this listener\n";

const JAVA_MODULES: &str = "org.apache.kafka.common.security";

impl<'a> Connection<'a> {
    /// The `client.properties` of Java's clients and command line tools.
    pub(super) fn java_properties(&self) -> String {
        let mut file = String::new();
        let mut line = |key: &str, value: &dyn Display| {
            file += &format!("{key}={}\n", escaped(&value.to_string()));
        };
        line("bootstrap.servers", &self.bootstrap);
        line("security.protocol", &self.listener.kind.protocol());
        if self.listener.kind.is_tls() {
            line("ssl.truststore.type", &"PKCS12");
            line("ssl.truststore.location", &self.path("ca.p12").display());
            line("ssl.truststore.password", &PASSWORD);
        }
        if self.shows_certificate() {
            line("ssl.keystore.type", &"PKCS12");
            line("ssl.keystore.location", &self.path("client.p12").display());
            line("ssl.keystore.password", &PASSWORD);
            line("ssl.key.password", &PASSWORD);
        }
        match self.login() {
            Login::None => {}
            Login::Nobody => file += NOBODY,
            Login::Password { mechanism, name, secret } => {
                let module =
                    if mechanism == Mechanism::Plain { "plain.PlainLoginModule" } else { "scram.ScramLoginModule" };
                let (name, secret) = (quoted(name), quoted(secret));
                line("sasl.mechanism", &mechanism.name());
                let jaas = format!("{JAVA_MODULES}.{module} required username={name} password={secret};");
                line("sasl.jaas.config", &jaas);
            }
            Login::UnsecuredToken => {
                line("sasl.mechanism", &"OAUTHBEARER");
                let module = format!("{JAVA_MODULES}.oauthbearer.OAuthBearerLoginModule");
                line("sasl.jaas.config", &format!("{module} required unsecuredLoginStringClaim_sub=\"client\";"));
            }
            Login::Iam => {
                line("sasl.mechanism", &"AWS_MSK_IAM");
                line("sasl.jaas.config", &"software.amazon.msk.auth.iam.IAMLoginModule required;");
                let handler = "software.amazon.msk.auth.iam.IAMClientCallbackHandler";
                line("sasl.client.callback.handler.class", &handler);
            }
        }
        file
    }

    /// The configuration of clients on librdkafka, as kcat reads it from a file.
    pub(super) fn librdkafka_conf(&self) -> String {
        let mut file = String::new();
        let mut line = |key: &str, value: &dyn Display| file += &format!("{key}={value}\n");
        line("bootstrap.servers", &self.bootstrap);
        line("security.protocol", &self.listener.kind.protocol().to_lowercase());
        if self.listener.kind.is_tls() {
            line("ssl.ca.location", &self.path("ca.pem").display());
        }
        if self.shows_certificate() {
            line("ssl.certificate.location", &self.path("client.pem").display());
            line("ssl.key.location", &self.path("client-key.pem").display());
        }
        match self.login() {
            Login::None => {}
            Login::Nobody => file += NOBODY,
            Login::Password { mechanism, name, secret } => {
                line("sasl.mechanisms", &mechanism.name());
                line("sasl.username", &name);
                line("sasl.password", &secret);
            }
            Login::UnsecuredToken => {
                line("sasl.mechanisms", &"OAUTHBEARER");
                line("enable.sasl.oauthbearer.unsecure.jwt", &true);
                line("sasl.oauthbearer.config", &"principal=client");
            }
            Login::Iam => {
                file += "# The token is set by a callback, for example of aws-msk-iam-sasl-signer.\n";
                file += "sasl.mechanisms=OAUTHBEARER\n";
            }
        }
        file
    }

    /// The arguments of kafka-python's clients, as a module to import.
    pub(super) fn kafka_python(&self) -> String {
        let servers: Vec<&str> = self.bootstrap.split(',').collect();
        let protocol = self.listener.kind.protocol();
        let mut arguments = vec![("bootstrap_servers", json!(servers)), ("security_protocol", json!(protocol))];
        let path = |name| json!(self.path(name));
        if self.listener.kind.is_tls() {
            arguments.push(("ssl_cafile", path("ca.pem")));
        }
        if self.shows_certificate() {
            arguments.extend([("ssl_certfile", path("client.pem")), ("ssl_keyfile", path("client-key.pem"))]);
        }
        let mut told = "\"\"\"kafka-python: KafkaProducer(**CLIENT)\"\"\"\n".to_owned();
        match self.login() {
            Login::None => {}
            Login::Nobody => told += NOBODY,
            Login::Password { mechanism, name, secret } => arguments.extend([
                ("sasl_mechanism", json!(mechanism.name())),
                ("sasl_plain_username", json!(name)),
                ("sasl_plain_password", json!(secret)),
            ]),
            Login::UnsecuredToken => {
                told += "# Beside these it wants sasl_oauth_token_provider, an object that makes tokens.\n";
                arguments.push(("sasl_mechanism", json!("OAUTHBEARER")));
            }
            Login::Iam => {
                told += "# Keys and region are those that botocore finds: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION.\n";
                arguments.push(("sasl_mechanism", json!("AWS_MSK_IAM")));
            }
        }
        let lines = arguments.iter().map(|(key, value): &(&str, Value)| format!("    {}: {value},\n", json!(key)));
        told + "CLIENT = {\n" + &lines.collect::<String>() + "}\n"
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn shows_certificate(&self) -> bool {
        self.listener.client_auth != ClientAuth::None
    }

    /// The first of the listener's mechanisms by which somebody comes in.
    fn login(&self) -> Login<'a> {
        let mechanisms = &self.listener.mechanisms;
        let first = mechanisms.iter().find_map(|mechanism| self.login_by(*mechanism));
        first.unwrap_or(if mechanisms.is_empty() { Login::None } else { Login::Nobody })
    }

    fn login_by(&self, wanted: Mechanism) -> Option<Login<'a>> {
        match wanted {
            Mechanism::OAuthBearer => return Some(Login::UnsecuredToken),
            Mechanism::AwsMskIam => {
                let is_known = self.users.iter().any(|account| matches!(account, Account::Identity { .. }));
                return is_known.then_some(Login::Iam);
            }
            _ => {}
        }
        self.users.iter().find_map(|account| match account {
            Account::User { mechanism, name, secret, .. } if *mechanism == wanted => {
                Some(Login::Password { mechanism: wanted, name, secret: &secret.0 })
            }
            _ => None,
        })
    }
}

/// A value as a file of properties has it, which is in ISO 8859-1.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\\') => out += "\\\\",
            Ok(byte @ b' '..=b'~') => out.push(byte.into()),
            _ => out += &format!("\\u{unit:04x}"),
        }
    }
    out
}

/// A value as the options of a login module have it.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{listener, user};

    fn files(listener: &str, users: &[&str]) -> [String; 3] {
        let listener = listener::parse(listener).unwrap();
        let users: Vec<Account> = users.iter().map(|user| user::parse(user).unwrap()).collect();
        let (bootstrap, folder) = ("localhost:9,localhost:10", Path::new("/tls"));
        let connection = Connection { bootstrap, listener: &listener, users: &users, folder };
        [connection.java_properties(), connection.librdkafka_conf(), connection.kafka_python()]
    }

    #[test]
    fn each_file_names_the_brokers_and_the_certificate_to_trust() {
        for file in files("SSL:9", &[]) {
            assert!(file.contains("localhost:9") && file.contains("/tls/ca."), "{file}");
        }
        for file in files("SSL:9:client-auth=required", &[]) {
            assert!(file.contains("/tls/client."), "{file}");
        }
        for file in files("PLAINTEXT:9", &["PLAIN:alice:hush"]) {
            assert!(!file.contains("/tls") && !file.contains("hush"), "{file}");
        }
    }

    #[test]
    fn each_file_logs_in_by_the_first_mechanism_that_somebody_has() {
        let listener = "SASL_SSL:9:SCRAM-SHA-512,PLAIN";
        for file in files(listener, &["SCRAM-SHA-256:bob:other", "PLAIN:alice:hush"]) {
            assert!(file.contains("PLAIN") && file.contains("alice") && file.contains("hush"), "{file}");
            assert!(!file.contains("bob") && !file.contains("SCRAM"), "{file}");
        }
        for file in files(listener, &[]) {
            assert!(file.contains("nobody can log in here"), "{file}");
        }
        let [java, librdkafka, python] = files("IAM:9", &["AWS_MSK_IAM:app"]);
        assert!(java.contains("IAMLoginModule required;") && librdkafka.contains("=OAUTHBEARER"), "{java}{librdkafka}");
        assert!(python.contains("\"sasl_mechanism\": \"AWS_MSK_IAM\""), "{python}");
        for file in files("SASL_PLAINTEXT:9:OAUTHBEARER", &[]) {
            assert!(file.contains("OAUTHBEARER"), "{file}");
        }
    }

    #[test]
    fn a_password_survives_the_quotes_around_it() {
        let [java, librdkafka, python] = files("SASL_PLAINTEXT:9:PLAIN", &[r#"PLAIN:alice:a"b\cä"#]);
        assert!(java.contains(r#"username="alice" password="a\\"b\\\\c\u00e4";"#), "{java}");
        assert!(librdkafka.contains(r#"sasl.password=a"b\cä"#), "{librdkafka}");
        assert!(python.contains(r#""sasl_plain_password": "a\"b\\cä""#), "{python}");
    }
}
