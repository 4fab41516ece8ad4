//! A connection to a broker, and what is seen of the broker on it.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ottla_wire::ApiKey;
use ottla_wire::frame::{FRAME_BYTES_MAX, LENGTH_BYTES, length_prefix};
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::schema::{self, Direction, json};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;

/// How long a broker is listened to that should be silent. It is more than any delay of Kafka's.
const SILENCE: Duration = Duration::from_secs(1);

/// How long an answer may take, and the end of a connection, on a machine that does much else.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// How many bytes that are no answer are told.
const TOLD_BYTES_MAX: usize = 16;

/// A connection.
pub(crate) struct Line {
    stream: Stream,
    last_correlation_id: i32,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Line {
    /// Without TLS.
    pub(crate) fn open(at: &str) -> io::Result<Self> {
        Ok(Self { stream: Stream::Plain(connected(at)?), last_correlation_id: 0 })
    }

    /// With TLS; the handshake is made when there is something to send.
    pub(crate) fn open_tls(at: &str, config: &Arc<ClientConfig>) -> io::Result<Self> {
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let client = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
        let stream = StreamOwned::new(client, connected(at)?);
        Ok(Self { stream: Stream::Tls(Box::new(stream)), last_correlation_id: 0 })
    }

    /// Asks, and reads the answer.
    pub(crate) fn ask(&mut self, api: ApiKey, version: i16, body: &Value) -> io::Result<Value> {
        self.last_correlation_id += 1;
        let id = self.last_correlation_id;
        self.send(&request(api, version, id, body)?)?;
        answer(api, version, id, self.frame()?)
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// The next frame that the broker sends, without its length.
    pub(crate) fn frame(&mut self) -> io::Result<Bytes> {
        let mut length = [0; LENGTH_BYTES];
        self.read_exact(&mut length)?;
        let length = usize::try_from(i32::from_be_bytes(length)).ok().filter(|length| *length <= FRAME_BYTES_MAX);
        let length = length.ok_or_else(|| io::Error::other("the broker sent a frame of an impossible length"))?;
        let mut frame = vec![0; length];
        self.read_exact(&mut frame)?;
        Ok(frame.into())
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.read_exact(bytes),
            Stream::Tls(stream) => stream.read_exact(bytes),
        }
    }

    /// What the broker does where it should be silent.
    pub(crate) fn silence(&mut self) -> io::Result<String> {
        self.socket().set_read_timeout(Some(SILENCE))?;
        let seen = self.next();
        self.socket().set_read_timeout(Some(ANSWER_WITHIN))?;
        seen
    }

    /// What the broker does next without being asked.
    pub(crate) fn next(&mut self) -> io::Result<String> {
        let mut bytes = [0; TOLD_BYTES_MAX];
        let read = match &mut self.stream {
            Stream::Plain(stream) => stream.read(&mut bytes),
            Stream::Tls(stream) => stream.read(&mut bytes),
        };
        match read {
            Ok(0) => Ok("closes".to_owned()),
            Ok(count) => Ok(format!("sends {}", hex(bytes.get(..count).unwrap_or_default()))),
            Err(error) => told(error),
        }
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref(),
        }
    }
}

fn connected(at: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(at)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    Ok(stream)
}

/// What a failed read or write says of the broker, if it is the broker's doing.
pub(crate) fn told(error: io::Error) -> io::Result<String> {
    match error.kind() {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => Ok("closes".to_owned()),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok("is silent".to_owned()),
        ErrorKind::InvalidData => Ok(error.to_string()),
        _ => Err(error),
    }
}

/// A whole request, its length first.
pub(crate) fn request(api: ApiKey, version: i16, correlation_id: i32, body: &Value) -> io::Result<Bytes> {
    let client_id = Some("bad".to_owned());
    let header = RequestHeader { api_key: api.key(), api_version: version, correlation_id, client_id };
    let mut message = BytesMut::new();
    header.encode(&mut message).map_err(io::Error::other)?;
    let layout = schema::layout(api, Direction::Request);
    message.extend_from_slice(&json::encode(layout, version, body).map_err(io::Error::other)?);
    framed(&message)
}

/// The message with its length before it.
pub(crate) fn framed(message: &[u8]) -> io::Result<Bytes> {
    let length = length_prefix(message.len()).ok_or_else(|| io::Error::other("the message is too long"))?;
    Ok([&length[..], message].concat().into())
}

/// The body of the answer to the request of that correlation id.
pub(crate) fn answer(api: ApiKey, version: i16, correlation_id: i32, mut frame: Bytes) -> io::Result<Value> {
    let of = decode_response_header(api, version, &mut frame).map_err(io::Error::other)?;
    if of != correlation_id {
        return Err(io::Error::other(format!("{correlation_id} was asked, and {of} is answered")));
    }
    let layout = schema::layout(api, Direction::Response);
    json::decode(layout, version, &frame, &json::View::default()).map_err(io::Error::other)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _always_fits = write!(text, "{byte:02x}");
        text
    })
}
