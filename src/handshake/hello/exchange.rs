//! The hello on the wire: sent, and its answer read until a given instant.

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

/// Sends the hello, reads the server's first flight and takes leave; no longer than `until`.
pub async fn ask(mut stream: TcpStream, hello: &ClientHello<'_>, until: Instant) -> Answer {
    let mut reader = Reader::default();
    let exchange = async {
        stream.write_all(&hello.encode()).await?;
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Ok(Some(Ending::Closed));
            }
            if reader.push(&buffer[..count]) == Progress::Done {
                return Ok(None);
            }
        }
    };
    match timeout_at(until, exchange).await {
        Ok(Ok(None)) => {
            // The server is told that this was all; one that has gone already need not hear it.
            let _ = stream.try_write(&FAREWELL);
            reader.ended(Ending::Closed)
        }
        Ok(Ok(Some(ending))) => reader.ended(ending),
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

/// user_canceled and close_notify (RFC 8446 §6.1): no error on either side, and no more to come.
const FAREWELL: [u8; 14] = [21, 3, 1, 0, 2, 1, 90, 21, 3, 1, 0, 2, 1, 0];
