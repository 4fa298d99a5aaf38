//! The hello on the wire: sent, and its answer read until a given instant. The connection is just
//! closed then: TLS has not come up, so that there is nothing to take leave of.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::timeout_at;

use crate::observation::Ending;

use super::answer::Answer;
use super::client_hello::ClientHello;
use super::reader::Progress;
use super::reader::Reader;

/// Sends the hello, reads the server's first flight and closes; no longer than `until`.
pub async fn ask(mut stream: TcpStream, hello: &ClientHello<'_>, until: Instant) -> Answer {
    let mut reader = Reader::default();
    let exchange = async {
        stream.write_all(&hello.encode()).await?;
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Ok(Ending::Closed);
            }
            // What follows changes nothing, nor does how the connection ends.
            if reader.push(&buffer[..count]) == Progress::Done {
                return Ok(Ending::Closed);
            }
        }
    };
    match timeout_at(until, exchange).await {
        Ok(Ok(ending)) => reader.ended(ending),
        Ok(Err(error)) => match ending(&error) {
            Some(ending) => reader.ended(ending),
            None => reader.failed(error.to_string()),
        },
        Err(_) => reader.timed_out(),
    }
}

fn ending(error: &io::Error) -> Option<Ending> {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted
    )
    .then_some(Ending::Reset)
}
