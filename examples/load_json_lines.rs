//! Loads JSON lines into a topic: a file or standard input, one record a line, keyed by a JSON pointer, with a progress bar.
//!
//! Lines are read on a thread where that may block, and sent some hundreds at a time with one delivery for each lot, while the lots before are on their way.

use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use ottla::{Deliveries, Producer};
use ottla_examples::{AskedOfLoader, LOAD_HELP, Line, LineError, Loading, asked_of_loader, client_or_mock, lines_of};
use tokio::sync::mpsc;

/// How many lines are sent with one delivery.
const LOT_LINES: usize = 500;
/// How many lots are read ahead of those that are sent.
const LOTS_AHEAD: usize = 8;
/// How many lots may be on their way.
const LOTS_IN_FLIGHT: usize = 64;
/// How long what was sent may take to be delivered when the producer is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(30);
/// How many failures are shown.
const FAILURES_SHOWN: u64 = 10;
/// The exit code for arguments that are none.
const USAGE: u8 = 2;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let loading = match asked_of_loader(std::env::args().skip(1)) {
        Ok(AskedOfLoader::Load(loading)) => loading,
        Ok(AskedOfLoader::Help) => {
            print!("{LOAD_HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("load_json_lines: {error}");
            return ExitCode::from(USAGE);
        }
    };
    match load(loading).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load_json_lines: {}", told(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Says whether every line was delivered.
async fn load(loading: Loading) -> Result<bool, Failure> {
    let (client, _mock) = client_or_mock(&loading.topic).await?;
    let (input, total_bytes): (Box<dyn BufRead + Send>, _) = match &loading.file {
        Some(path) => {
            let file = File::open(path).map_err(|error| format!("{path:?} cannot be read: {error}"))?;
            let total_bytes = file.metadata()?.len();
            (Box::new(BufReader::new(file)), Some(total_bytes))
        }
        None => (Box::new(BufReader::new(io::stdin())), None),
    };
    let producer = client.producer().compression(loading.codec).build()?;
    let mut loaded = Loaded::new(total_bytes)?;
    let ended = send(&producer, &loading.topic, read(input, loading.key), &mut loaded).await;
    producer.close(CLOSE_WITHIN).await?;
    loaded.finish();
    ended?;
    Ok(loaded.failed == 0)
}

/// Reads lots of lines, on a thread where that may block, as fast as they are taken.
fn read(input: impl BufRead + Send + 'static, key: Option<String>) -> mpsc::Receiver<Result<Vec<Line>, LineError>> {
    let (lots, receiver) = mpsc::channel(LOTS_AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut lines = lines_of(input, key);
        loop {
            let mut lot = Vec::with_capacity(LOT_LINES);
            let error = lines.by_ref().take(LOT_LINES).find_map(|line| line.map(|line| lot.push(line)).err());
            let is_last = lot.len() < LOT_LINES;
            // Where nobody takes them, they are not needed.
            let is_taken = lot.is_empty() || lots.blocking_send(Ok(lot)).is_ok();
            if let Some(error) = error {
                let _ = lots.blocking_send(Err(error));
            }
            if is_last || !is_taken {
                return;
            }
        }
    });
    receiver
}

/// Sends every lot, and waits until all have ended.
async fn send(
    producer: &Producer,
    topic: &str,
    mut lots: mpsc::Receiver<Result<Vec<Line>, LineError>>,
    loaded: &mut Loaded,
) -> Result<(), Failure> {
    let mut in_flight: VecDeque<(Deliveries, u64)> = VecDeque::new();
    let mut ended = Ok(());
    while let Some(lot) = lots.recv().await {
        let lot = match lot {
            Ok(lot) => lot,
            Err(error) => {
                ended = Err(error.into());
                break;
            }
        };
        let bytes = lot.iter().map(|line| line.json.len() as u64 + 1).sum();
        match producer.send_all(lot.iter().map(|line| line.record(topic))).await {
            Ok(deliveries) => in_flight.push_back((deliveries, bytes)),
            Err(error) => {
                let number = loaded.taken(&in_flight) + error.taken.len() as u64 + 1;
                ended = Err(format!("record {number} was not taken: {}", told(&error.error)).into());
                in_flight.push_back((error.taken, 0));
                break;
            }
        }
        if in_flight.len() > LOTS_IN_FLIGHT
            && let Some((deliveries, bytes)) = in_flight.pop_front()
        {
            loaded.add(deliveries, bytes).await;
        }
    }
    for (deliveries, bytes) in in_flight {
        loaded.add(deliveries, bytes).await;
    }
    ended
}

/// What was loaded up to now, and the bar that shows it.
struct Loaded {
    delivered: u64,
    failed: u64,
    bytes: u64,
    since: Instant,
    bar: ProgressBar,
}

impl Loaded {
    fn new(total_bytes: Option<u64>) -> Result<Self, Failure> {
        // It is drawn only where standard error is a terminal.
        let bar = match total_bytes {
            Some(bytes) => ProgressBar::new(bytes).with_style(ProgressStyle::with_template(
                "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left, {msg}",
            )?),
            None => ProgressBar::new_spinner()
                .with_style(ProgressStyle::with_template("{spinner} {bytes}, {bytes_per_sec}, {elapsed}, {msg}")?),
        };
        Ok(Self { delivered: 0, failed: 0, bytes: 0, since: Instant::now(), bar })
    }

    /// How many records were taken by the producer.
    fn taken(&self, in_flight: &VecDeque<(Deliveries, u64)>) -> u64 {
        self.delivered + self.failed + in_flight.iter().map(|(deliveries, _)| deliveries.len() as u64).sum::<u64>()
    }

    async fn add(&mut self, deliveries: Deliveries, bytes: u64) {
        for result in deliveries.await.iter() {
            match result {
                Ok(_) => self.delivered += 1,
                Err(error) => {
                    self.failed += 1;
                    if self.failed <= FAILURES_SHOWN {
                        let number = self.delivered + self.failed;
                        self.bar.suspend(|| eprintln!("record {number} was not delivered: {}", told(&error)));
                    }
                }
            }
        }
        self.bytes += bytes;
        self.bar.set_position(self.bytes);
        self.bar.set_message(format!("{} records", HumanCount(self.delivered)));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
        let seconds = self.since.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
        println!(
            "load_json_lines: {} delivered, {} failed, {} in {seconds:.1} s: {:.0} records/s",
            self.delivered,
            self.failed,
            HumanBytes(self.bytes),
            self.delivered as f64 / seconds
        );
    }
}

/// An error with all that caused it.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
