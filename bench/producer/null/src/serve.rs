//! Connections, each with a thread of its own.

use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, ensure};
use bytes::Bytes;
use ottla_wire::frame::{FRAME_BYTES_MAX, LENGTH_BYTES};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::api::Broker;

/// Requests that are smaller are read together.
const READ_BYTES: usize = 64 * 1024;

pub(crate) fn accept(listener: &TcpListener, tls: Option<&Arc<ServerConfig>>, broker: &Arc<Mutex<Broker>>) {
    for stream in listener.incoming().flatten() {
        let (tls, broker) = (tls.cloned(), Arc::clone(broker));
        thread::spawn(move || {
            if let Err(error) = serve(stream, tls, &broker) {
                eprintln!("null-broker: {error:#}");
            }
        });
    }
}

fn serve(stream: TcpStream, tls: Option<Arc<ServerConfig>>, broker: &Mutex<Broker>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        Some(tls) => answer_all(StreamOwned::new(ServerConnection::new(tls)?, stream), broker),
        None => answer_all(stream, broker),
    }
}

/// Until the client closes.
fn answer_all(stream: impl Read + Write, broker: &Mutex<Broker>) -> anyhow::Result<()> {
    let mut stream = BufReader::with_capacity(READ_BYTES, stream);
    let mut request = Vec::new();
    while read(&mut stream, &mut request)? {
        let frame = Bytes::from(request);
        let answer = broker.lock().unwrap_or_else(PoisonError::into_inner).answer(frame.clone())?;
        // Nobody holds it any more, so that it is the same memory.
        request = Vec::from(frame);
        stream.get_mut().write_all(&answer)?;
        stream.get_mut().flush()?;
    }
    Ok(())
}

/// Reads a frame without its length; says whether there was one.
fn read(stream: &mut impl Read, request: &mut Vec<u8>) -> anyhow::Result<bool> {
    let mut length = [0; LENGTH_BYTES];
    match stream.read_exact(&mut length) {
        Ok(()) => {}
        // A client may also close without a word.
        Err(error) if is_close(&error) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let length = usize::try_from(i32::from_be_bytes(length)).context("a negative length")?;
    ensure!(length <= FRAME_BYTES_MAX, "a frame of {length} bytes");
    request.clear();
    let read = stream.take(length as u64).read_to_end(request)?;
    ensure!(read == length, "the connection ended in a frame");
    Ok(true)
}

fn is_close(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
}
