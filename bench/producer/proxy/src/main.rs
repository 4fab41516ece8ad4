//! A proxy that makes a network longer: `rtt-proxy MICROSECONDS` says in a line of JSON where it listens, reads from its standard input where the broker
//! is, and ends with its standard input.
//!
//! Bytes wait for half of the round-trip time on each way, in their order and at no other cost: what is read is given on when its time has come, however much
//! is behind it. Threads that block wake up more exactly than tokio's clock, which has milliseconds.

use std::io::{BufRead as _, Read as _, Write as _, stdin};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// The most bytes that are read at once.
const READ_BYTES_MAX: usize = 256 * 1024;

/// How many reads may be on their way in one direction. With the buffers of the sockets it holds more than a client sends in a round trip here.
const READS_MAX: usize = 4096;

fn main() -> anyhow::Result<()> {
    let microseconds: u64 = std::env::args().nth(1).context("usage: rtt-proxy MICROSECONDS")?.parse()?;
    let one_way = Duration::from_micros(microseconds) / 2;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", serde_json::json!({ "bootstrap": listener.local_addr()?.to_string() }));
    let mut lines = stdin().lock().lines();
    let broker = lines.next().context("it was not told where the broker is")??;
    ensure!(broker.contains(':'), "{broker:?} is no address");
    thread::spawn(move || serve(&listener, &broker, one_way));
    // Until its end.
    lines.for_each(drop);
    Ok(())
}

fn serve(listener: &TcpListener, broker: &str, one_way: Duration) {
    for client in listener.incoming().flatten() {
        if let Err(error) = connect(client, broker, one_way) {
            eprintln!("rtt-proxy: {error:#}");
        }
    }
}

fn connect(client: TcpStream, broker: &str, one_way: Duration) -> anyhow::Result<()> {
    let server = TcpStream::connect(broker).with_context(|| format!("connecting to {broker}"))?;
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        to.set_nodelay(true)?;
        let (sender, receiver) = sync_channel(READS_MAX);
        thread::spawn(move || take(from, &sender, one_way));
        thread::spawn(move || give(to, &receiver));
    }
    Ok(())
}

/// Bytes, and when they are to arrive.
type InFlight = (Instant, Vec<u8>);

fn take(mut from: TcpStream, sender: &SyncSender<InFlight>, one_way: Duration) {
    let mut buffer = vec![0; READ_BYTES_MAX];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let bytes = buffer.get(..read).unwrap_or_default().to_vec();
        if sender.send((Instant::now() + one_way, bytes)).is_err() {
            return;
        }
    }
}

fn give(mut to: TcpStream, receiver: &Receiver<InFlight>) {
    for (arrives, bytes) in receiver {
        thread::sleep(arrives.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            break;
        }
    }
    // Whatever the other end still sends goes to nobody.
    let _closed = to.shutdown(Shutdown::Both);
}
