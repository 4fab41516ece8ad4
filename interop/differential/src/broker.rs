//! A broker, and what it does when it is asked.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::Value;

use ottla_wire::ApiKey;
use ottla_wire::frame::{FRAME_BYTES_MAX, LENGTH_BYTES, length_prefix};
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::schema::{self, Direction, json};

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// One of the two: a broker, or a cluster of them.
pub(crate) struct Broker {
    pub(crate) name: String,
    addresses: Vec<String>,
    /// What stops and starts its nodes.
    command: Option<String>,
    /// By which broker they go to, and their name.
    connections: BTreeMap<(usize, String), TcpStream>,
    last_correlation_id: i32,
    /// What steps have captured of its answers.
    pub(crate) captured: BTreeMap<String, Value>,
}

/// What a broker does with a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reaction {
    Answers(Value),
    /// With bytes that are no such answer.
    AnswersWrongly(String),
    ClosesTheConnection,
    IsSilent,
    /// As it should be.
    SaysNothing,
}

/// A request without its header.
pub(crate) struct Asked<'a> {
    pub(crate) api: ApiKey,
    pub(crate) version: i16,
    pub(crate) body: Bytes,
    /// Which broker of a cluster is asked, from 1 on.
    pub(crate) at: usize,
    pub(crate) connection: &'a str,
    pub(crate) is_answered: bool,
}

impl Broker {
    /// The broker of an argument `NAME=HOST:PORT`, or the cluster of one that has several addresses with commas between.
    pub(crate) fn of(argument: &str, command: Option<&String>) -> Result<Self, String> {
        let (name, addresses) = argument.split_once('=').ok_or_else(|| format!("{argument:?} is no NAME=HOST:PORT"))?;
        Ok(Self {
            name: name.to_owned(),
            addresses: addresses.split(',').map(str::to_owned).collect(),
            command: command.cloned(),
            connections: BTreeMap::new(),
            last_correlation_id: 0,
            captured: BTreeMap::new(),
        })
    }

    /// Whether its nodes can be stopped and started.
    pub(crate) fn is_cluster(&self) -> bool {
        self.command.is_some()
    }

    /// Stops or starts a node.
    pub(crate) fn tell_node(&self, what: &str) -> io::Result<()> {
        let command = self.command.as_ref().ok_or_else(|| io::Error::other("no command is given for its nodes"))?;
        let done = Command::new(command).args(what.split(' ')).stdout(Stdio::null()).status()?;
        if done.success() { Ok(()) } else { Err(io::Error::other(format!("{command} {what} failed"))) }
    }

    /// Sends a request and says what comes of it.
    pub(crate) fn ask(&mut self, asked: &Asked<'_>) -> io::Result<Reaction> {
        let named = (asked.at, asked.connection.to_owned());
        let mut connection = match self.connections.remove(&named) {
            Some(open) => open,
            None => self.connect(asked.at)?,
        };
        self.last_correlation_id += 1;
        let frame = framed(asked, self.last_correlation_id)?;
        let reaction = match connection
            .write_all(&frame)
            .and_then(|()| if asked.is_answered { read_frame(&mut connection).map(Some) } else { Ok(None) })
        {
            Ok(Some(answer)) => read_answer(asked, self.last_correlation_id, answer),
            Ok(None) => Reaction::SaysNothing,
            Err(error) => without_answer(&error).ok_or(error)?,
        };
        if !matches!(reaction, Reaction::ClosesTheConnection | Reaction::IsSilent) {
            self.connections.insert(named, connection);
        }
        Ok(reaction)
    }

    fn connect(&self, at: usize) -> io::Result<TcpStream> {
        let address = at.checked_sub(1).and_then(|at| self.addresses.get(at));
        let address = address.ok_or_else(|| io::Error::other(format!("there is no broker {at}")))?;
        let connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(ANSWER_WITHIN))?;
        connection.set_nodelay(true)?;
        Ok(connection)
    }
}

fn framed(asked: &Asked<'_>, correlation_id: i32) -> io::Result<BytesMut> {
    let header = RequestHeader {
        api_key: asked.api.key(),
        api_version: asked.version,
        correlation_id,
        client_id: Some("differential".to_owned()),
    };
    let mut message = BytesMut::new();
    header.encode(&mut message).map_err(io::Error::other)?;
    message.extend_from_slice(&asked.body);
    let length =
        length_prefix(message.len()).ok_or_else(|| io::Error::other("a request is longer than its length can say"))?;
    let mut frame = BytesMut::from(&length[..]);
    frame.extend_from_slice(&message);
    Ok(frame)
}

fn read_frame(connection: &mut TcpStream) -> io::Result<Bytes> {
    let mut length = [0; LENGTH_BYTES];
    connection.read_exact(&mut length)?;
    let length = usize::try_from(i32::from_be_bytes(length)).ok().filter(|length| *length <= FRAME_BYTES_MAX);
    let length = length.ok_or_else(|| io::Error::other("a broker sent a frame of an impossible length"))?;
    let mut frame = vec![0; length];
    connection.read_exact(&mut frame)?;
    Ok(frame.into())
}

fn read_answer(asked: &Asked<'_>, correlation_id: i32, answer: Bytes) -> Reaction {
    let &Asked { api, version, .. } = asked;
    let wrong = |why: String| Reaction::AnswersWrongly(why);
    let mut body = answer;
    match decode_response_header(api, version, &mut body) {
        Ok(of) if of == correlation_id => {}
        Ok(of) => {
            return wrong(format!(
                "the answer is to the request {} before this one",
                correlation_id.saturating_sub(of)
            ));
        }
        Err(error) => return wrong(error.to_string()),
    }
    let answer = schema::layout(api, Direction::Response);
    // Where it does not know the version of an ApiVersions request, a broker answers in version 0 (KIP-511).
    let read = json::decode(answer, version, &body, &json::View::default()).or_else(|error| {
        if api == ApiKey::ApiVersions { json::decode(answer, 0, &body, &json::View::default()) } else { Err(error) }
    });
    match read {
        Ok(body) => Reaction::Answers(body),
        Err(error) => wrong(error.to_string()),
    }
}

/// What a failed read or write says of the broker, if it is the broker's doing.
fn without_answer(error: &io::Error) -> Option<Reaction> {
    match error.kind() {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => Some(Reaction::ClosesTheConnection),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Some(Reaction::IsSilent),
        _ => None,
    }
}
