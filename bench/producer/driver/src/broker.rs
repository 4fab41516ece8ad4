//! The brokers that contenders send to: one node each.

use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;

use crate::process::Process;
use crate::row::Row;
use crate::values::Files;

/// Whose broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It counts, and keeps nothing.
    Null,
    /// Apache Kafka.
    Kafka,
    /// franz-go's.
    Kfake,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Kafka => "kafka",
            Self::Kfake => "kfake",
        }
    }
}

/// One that runs, as a row sees it.
pub(crate) struct Broker<'f> {
    pub(crate) kind: Kind,
    pub(crate) files: &'f Files,
    /// What contenders are told.
    pub(crate) bootstrap: String,
    /// Where it answers at once, and whether that is TLS.
    pub(crate) direct: (String, bool),
    /// They end with it; the proxy first.
    _processes: Vec<Rc<Process>>,
}

/// Starts them. Kafka takes long to start, and so serves one row after the other.
pub(crate) struct Brokers<'f> {
    files: &'f Files,
    kafka: Option<(Duration, Kafka)>,
}

#[derive(Clone)]
struct Kafka {
    node: Rc<Process>,
    proxy: Option<Rc<Process>>,
}

/// Kafka's heap does not grow in a run.
const KAFKA_JVM: [&str; 2] = ["-Xms1g", "-Xmx1g"];

impl<'f> Brokers<'f> {
    pub(crate) const fn new(files: &'f Files) -> Self {
        Self { files, kafka: None }
    }

    pub(crate) fn of(&mut self, row: &Row, kind: Kind) -> anyhow::Result<Broker<'f>> {
        match kind {
            Kind::Null => self.null(row),
            Kind::Kfake => self.kfake(row),
            Kind::Kafka => self.kafka(row),
        }
    }

    fn null(&self, row: &Row) -> anyhow::Result<Broker<'f>> {
        let mut command = Command::new(program("null-broker")?);
        command.args(["--partitions", &row.partitions.to_string()]);
        if row.tls {
            command.arg("--cert").arg(self.files.tls("broker.pem")).arg("--key").arg(self.files.tls("broker-key.pem"));
        }
        let process = Process::start(&mut command)?;
        let bootstrap = process.bootstrap()?.to_owned();
        Ok(self.broker(Kind::Null, bootstrap.clone(), (bootstrap, row.tls), vec![Rc::new(process)]))
    }

    fn kfake(&self, row: &Row) -> anyhow::Result<Broker<'f>> {
        let proxy = proxy(row.rtt)?;
        let mut command = Command::new(program("kfake")?);
        if let Some(proxy) = &proxy {
            command.args(["-advertise", proxy.bootstrap()?]);
        }
        if row.tls {
            command.arg("-cert").arg(self.files.tls("broker.pem")).arg("-key").arg(self.files.tls("broker-key.pem"));
        }
        let process = Process::start(&mut command)?;
        let direct = process.bootstrap()?.to_owned();
        let proxy = proxy.map(|proxy| towards(proxy, &direct)).transpose()?;
        let bootstrap = proxy.as_deref().map_or(Ok(direct.as_str()), Process::bootstrap)?.to_owned();
        let processes = proxy.into_iter().chain([Rc::new(process)]).collect();
        Ok(self.broker(Kind::Kfake, bootstrap, (direct, row.tls), processes))
    }

    fn kafka(&mut self, row: &Row) -> anyhow::Result<Broker<'f>> {
        if self.kafka.as_ref().is_none_or(|(rtt, _)| *rtt != row.rtt) {
            // Two of them would be in each other's way.
            self.kafka = None;
            self.kafka = Some((row.rtt, self.start_kafka(row.rtt)?));
        }
        let (_, Kafka { node, proxy }) = self.kafka.clone().context("it was started")?;
        let direct = listener(&node, "PLAINTEXT")?;
        let bootstrap = match &proxy {
            Some(proxy) => proxy.bootstrap()?.to_owned(),
            None => listener(&node, if row.tls { "SSL" } else { "PLAINTEXT" })?,
        };
        let processes = proxy.into_iter().chain([node]).collect();
        Ok(self.broker(Kind::Kafka, bootstrap, (direct, false), processes))
    }

    fn start_kafka(&self, rtt: Duration) -> anyhow::Result<Kafka> {
        let proxy = proxy(rtt)?;
        let mut command = Command::new("python3");
        command
            .arg(variable("KAFKA_PY")?)
            .args(["--version", "4.4.0", "--nodes", "1", "--property", "auto.create.topics.enable=false"])
            // What was deleted is gone soon: a run writes gigabytes.
            .args(["--property", "log.segment.delete.delay.ms=100"])
            .args(KAFKA_JVM.map(|option| format!("--jvm={option}")))
            .args(["--jars", &variable("KAFKA_JARS")?])
            .arg("--folder")
            .arg(self.files.folder("kafka"))
            .arg("--tls")
            .arg(self.files.tls(""));
        if let Some(proxy) = &proxy {
            command.arg("--advertise").arg(format!("PLAINTEXT={}", proxy.bootstrap()?));
        }
        let node = Rc::new(Process::start(&mut command)?);
        let proxy = proxy.map(|proxy| towards(proxy, &listener(&node, "PLAINTEXT")?)).transpose()?;
        Ok(Kafka { node, proxy })
    }

    fn broker(&self, kind: Kind, bootstrap: String, direct: (String, bool), processes: Vec<Rc<Process>>) -> Broker<'f> {
        Broker { kind, files: self.files, bootstrap, direct, _processes: processes }
    }
}

/// What makes the way to a broker as long as it is to be.
fn proxy(rtt: Duration) -> anyhow::Result<Option<Process>> {
    if rtt.is_zero() {
        return Ok(None);
    }
    let mut command = Command::new(program("rtt-proxy")?);
    Process::start(command.arg(rtt.as_micros().to_string())).map(Some)
}

fn towards(mut proxy: Process, broker: &str) -> anyhow::Result<Rc<Process>> {
    proxy.tell(broker)?;
    Ok(Rc::new(proxy))
}

fn listener(kafka: &Process, name: &str) -> anyhow::Result<String> {
    let listeners = kafka.ready["listeners"].as_array().context("it has no listeners")?;
    let listener = listeners.iter().find(|listener| listener["name"] == name).context("it has not this listener")?;
    Ok(listener["bootstrap"].as_str().context("it does not say where it listens")?.to_owned())
}

/// A program that `bench/run` has built.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
    Ok(PathBuf::from(variable("PROGRAMS")?).join(name))
}

fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set: start this by bench/run producer"))
}
