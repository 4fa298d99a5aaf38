//! One query to one nameserver over TCP, after a truncated UDP answer (RFC 7766). Each query has
//! its own connection.

use std::io;
use std::net::SocketAddr;

use hickory_resolver::proto::op::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::limits::{Stage, own_failure};
use crate::observation::ResolutionFailure;

use super::not_asked;

/// Returns the answer of `nameserver` to `request`, without a timeout.
///
/// # Errors
/// If the connection fails or ends before the answer, or if the answer is not a DNS message or is
/// truncated as well.
pub(super) async fn ask(
    nameserver: SocketAddr,
    request: &Message,
) -> Result<Message, ResolutionFailure> {
    let bytes = request.to_vec().map_err(|error| unusable(&error.to_string()))?;
    // Its UDP answer proves that there is a route.
    let stream = TcpStream::connect(nameserver).await;
    let mut stream = stream.map_err(|error| failed(&error, Stage::Connect))?;
    let answer = exchange(&mut stream, &bytes).await;
    let answer = answer.map_err(|error| failed(&error, Stage::Transfer))?;
    let message = Message::from_vec(&answer).map_err(|error| unusable(&error.to_string()))?;
    if message.metadata.id != request.metadata.id {
        return Err(unusable("it answers a different question"));
    }
    if message.metadata.truncation {
        let detail = "its TCP answer is truncated as well".to_owned();
        return Err(ResolutionFailure::TcpFailed { detail });
    }
    Ok(message)
}

/// Sends one message and receives one. Each is preceded by its length (RFC 1035 §4.2.2), so neither
/// exceeds 64 KiB.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> io::Result<Vec<u8>> {
    let length = u16::try_from(request.len()).map_err(io::Error::other)?;
    // In one segment, because some servers expect the length and the message in one read.
    let framed = [&length.to_be_bytes(), request].concat();
    stream.write_all(&framed).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

fn failed(error: &io::Error, stage: Stage) -> ResolutionFailure {
    if own_failure(error, stage).is_some() {
        return not_asked(error, stage);
    }
    let detail = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "connection reset".to_owned(),
        io::ErrorKind::UnexpectedEof => "connection closed before the answer".to_owned(),
        _ => error.to_string(),
    };
    ResolutionFailure::TcpFailed { detail }
}

fn unusable(detail: &str) -> ResolutionFailure {
    ResolutionFailure::Unusable { detail: detail.to_owned() }
}
