//! Sends a hello and reads the answer until a deadline. Then the connection is closed without an
//! alert, because no TLS session exists.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::limits::Stage;
use crate::observation::Ending;

use super::super::failure::{ending, not_probed};
use super::answer::Answer;
use super::client_hello::ClientHello;
use super::reader::{Progress, Reader};

/// Sends the hello, reads the server's first flight and closes, at the latest at `until`.
pub async fn ask(mut stream: TcpStream, hello: &ClientHello<'_>, until: Instant) -> Answer {
    let mut reader = Reader::default();
    let exchange = async {
        stream.write_all(&hello.encode()).await?;
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Ok(Over::Ended(Ending::Closed));
            }
            match reader.push(&buffer[..count]) {
                // Later bytes change nothing, nor does the end of the connection.
                Progress::Done => return Ok(Over::Ended(Ending::Closed)),
                Progress::Reading => {}
                Progress::Retry => match second_hello(&reader, hello) {
                    Some(second) => stream.write_all(&second).await?,
                    None => return Ok(Over::Retry),
                },
            }
        }
    };
    match timeout_at(until, exchange).await {
        Ok(Ok(Over::Ended(ending))) => reader.ended(ending),
        Ok(Ok(Over::Retry)) => reader.ended_at_retry(),
        Ok(Err(error)) => match ending(&error) {
            Some(ending) => reader.ended(ending),
            None => reader.failed(not_probed(&error, Stage::Transfer)),
        },
        Err(_) => reader.timed_out(),
    }
}

/// How an exchange ended.
enum Over {
    Ended(Ending),
    /// The server waits for a hello that cannot be sent.
    Retry,
}

fn second_hello(reader: &Reader, hello: &ClientHello<'_>) -> Option<Vec<u8>> {
    let retry = reader.retry().filter(|retry| hello.permits(retry))?;
    hello.encode_after(retry)
}
