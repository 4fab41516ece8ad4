//! Others who ask the broker while a client does something bad: one that stays, and one that comes anew each time.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ottla_wire::ApiKey;
use serde_json::json;

use crate::line::Line;
use crate::served::Served;

/// How long the others wait between two questions.
const APART: Duration = Duration::from_millis(20);

/// How long the broker may take for one of them, on a machine that does much else.
const WITHIN: Duration = Duration::from_secs(5);

/// The others. They ask until they are asked for the verdict.
pub(crate) struct Probe {
    found: Arc<Mutex<Found>>,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Found {
    beside: &'static str,
    asked: usize,
    longest: Duration,
    longest_beside: &'static str,
    failed: Option<String>,
}

impl Probe {
    pub(crate) fn start(served: &Served) -> Result<Self, String> {
        let at = served.at("PLAINTEXT")?.to_owned();
        let found = Arc::new(Mutex::new(Found::default()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (of_thread, over) = (Arc::clone(&found), Arc::clone(&is_over));
        let thread = thread::spawn(move || ask_on(&at, &of_thread, &over));
        Ok(Self { found, is_over, thread })
    }

    /// What goes on beside them from now on.
    pub(crate) fn beside(&self, name: &'static str) {
        locked(&self.found).beside = name;
    }

    pub(crate) fn verdict(self) -> String {
        self.is_over.store(true, Ordering::Relaxed);
        let ended = self.thread.join().is_ok();
        let found = locked(&self.found);
        match &found.failed {
            Some(failed) => format!("fail\t{failed}"),
            None if !ended || found.asked == 0 => "fail\tnothing was asked".to_owned(),
            None => format!(
                "pass\t{} times asked, the longest took {} ms, beside: {}",
                found.asked,
                found.longest.as_millis(),
                found.longest_beside
            ),
        }
    }
}

fn ask_on(at: &str, found: &Mutex<Found>, over: &AtomicBool) {
    let mut staying = None;
    while !over.load(Ordering::Relaxed) {
        let since = Instant::now();
        let asked = ask(at, &mut staying);
        let took = since.elapsed();
        let mut found = locked(found);
        found.asked += 1;
        if took > found.longest {
            (found.longest, found.longest_beside) = (took, found.beside);
        }
        let wrong = match asked {
            Err(error) => Some(error.to_string()),
            Ok(()) if took > WITHIN => Some(format!("an answer took {} ms", took.as_millis())),
            Ok(()) => None,
        };
        if let Some(wrong) = wrong {
            let beside = found.beside;
            found.failed.get_or_insert_with(|| format!("{wrong}, beside: {beside}"));
            staying = None;
        }
        drop(found);
        thread::sleep(APART);
    }
}

fn ask(at: &str, staying: &mut Option<Line>) -> io::Result<()> {
    let line = match staying {
        Some(line) => line,
        None => staying.insert(Line::open(at)?),
    };
    asks_metadata(line)?;
    asks_metadata(&mut Line::open(at)?)
}

fn asks_metadata(line: &mut Line) -> io::Result<()> {
    let answer = line.ask(ApiKey::Metadata, 12, &json!({"topics": [], "allowAutoTopicCreation": false}))?;
    let brokers = answer["brokers"].as_array().map(Vec::len);
    if brokers == Some(1) { Ok(()) } else { Err(io::Error::other(format!("Metadata has not one broker: {answer}"))) }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
