//! One question to one nameserver by TCP, where its answer by UDP was truncated (RFC 7766): a
//! connection of its own, closed after the answer.

use std::io;
use std::net::SocketAddr;

use hickory_resolver::proto::op::Message;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::limits::Stage;
use crate::limits::own_failure;
use crate::observation::ResolutionFailure;

use super::not_asked;

/// Returns what `nameserver` answers to `request`; waits for as long as it is let.
///
/// # Errors
/// When the connection fails or ends before the answer, or the answer is not a DNS message or is
/// truncated as well.
pub(super) async fn ask(
    nameserver: SocketAddr,
    request: &Message,
) -> Result<Message, ResolutionFailure> {
    let bytes = request.to_vec().map_err(|error| unusable(&error.to_string()))?;
    // That it answered by UDP shows that there is a way to it.
    let stream = TcpStream::connect(nameserver).await;
    let mut stream = stream.map_err(|error| failed(&error, Stage::Connect))?;
    let answer = exchange(&mut stream, &bytes).await;
    let answer = answer.map_err(|error| failed(&error, Stage::Transfer))?;
    let message = Message::from_vec(&answer).map_err(|error| unusable(&error.to_string()))?;
    if message.metadata.id != request.metadata.id {
        return Err(unusable("it answers another question"));
    }
    if message.metadata.truncation {
        let detail = "its answer by TCP is truncated, too".to_owned();
        return Err(ResolutionFailure::TcpFailed { detail });
    }
    Ok(message)
}

/// Sends one message and reads one; its length comes before each (RFC 1035 §4.2.2), so that none
/// is larger than 64 KiB.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> io::Result<Vec<u8>> {
    let length = u16::try_from(request.len()).map_err(io::Error::other)?;
    // In one segment: some servers read the length and the message in one go.
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
        io::ErrorKind::ConnectionRefused => "the connection is refused".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "the connection is reset".to_owned()
        }
        io::ErrorKind::UnexpectedEof => "the connection is closed before the answer".to_owned(),
        _ => error.to_string(),
    };
    ResolutionFailure::TcpFailed { detail }
}

fn unusable(detail: &str) -> ResolutionFailure {
    ResolutionFailure::Unusable { detail: detail.to_owned() }
}
