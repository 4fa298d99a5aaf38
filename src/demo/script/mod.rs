//! Servers that accept TCP connections but violate the TLS protocol on purpose.

mod choosy;
mod client_hello;
mod flight;
mod hand_made;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::DemoError;
use super::listen::{CLIENT_PATIENCE, Listening, hang_up, wait_for_close};
pub use choosy::{Choosy, Demand};
use client_hello::ClientHello;
pub use hand_made::{Flight, FlightPart, SignedBy};

/// The behavior of a server on each connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// Closes the connection at once.
    CloseOnAccept,
    /// Resets the connection at once.
    ResetOnAccept,
    /// Reads the ClientHello, then closes the connection.
    CloseAfterClientHello,
    /// Reads the ClientHello, then resets the connection.
    ResetAfterClientHello,
    /// Reads and never answers.
    Silence,
    /// Announces a handshake record of 16 KiB and sends one byte of it per second.
    DripOneByteASecond,
    /// Sends a handshake message that announces 16 MiB, and never stops sending records.
    EndlessMessage,
    /// Answers in plain HTTP, like a web server on a port without TLS.
    PlainHttp,
    /// Sends the greeting of a mail server at once.
    SmtpBanner,
    /// Answers the ClientHello with an alert (RFC 8446 §6), then closes.
    Alert { level: u8, code: u8 },
    /// Answers the ClientHello with random bytes that are not a TLS record, then closes.
    Garbage,
    /// Answers the ClientHello with these bytes, then closes.
    Bytes(Vec<u8>),
    /// Answers the ClientHello with a flight built from parts.
    Flight(Flight),
    /// Serves suitable clients and rejects the others.
    Choosy(Choosy),
}

/// The action after a hand-made flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFlight {
    Waits,
    Closes,
    Resets,
}

/// A running server that follows a script. It stops when dropped.
#[derive(Debug)]
pub struct ScriptServer {
    listening: Listening,
}

impl ScriptServer {
    /// Starts a server on the address. Port 0 means any port.
    pub async fn start(ip: IpAddr, port: u16, script: Script) -> Result<Self, DemoError> {
        let script = Arc::new(script);
        let serve = move |stream| {
            let script = Arc::clone(&script);
            // An error affects only the connection of its client.
            async move { play(&script, stream).await.unwrap_or(()) }.boxed()
        };
        Ok(Self { listening: Listening::start(ip, port, serve).await? })
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Returns the number of accepted connections.
    pub fn connections(&self) -> u64 {
        self.listening.connections()
    }
}

/// The response of a web server to a ClientHello on its plain HTTP port.
const PLAIN_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Content-Length: 12\r\nConnection: close\r\n\r\nBad Request\n";

const SMTP_BANNER: &[u8] = b"220 mail.shop.example ESMTP\r\n";

const GARBAGE_BYTES: usize = 512;

/// The interval between the bytes of a dripping server.
const DRIP: Duration = Duration::from_secs(1);

async fn play(script: &Script, mut stream: TcpStream) -> io::Result<()> {
    let record = match script {
        Script::CloseOnAccept | Script::ResetOnAccept | Script::SmtpBanner => Vec::new(),
        _ => read_client_hello(&mut stream).await?,
    };
    respond(script, &record, stream).await
}

/// Does what follows the ClientHello, which is in `record`.
fn respond<'a>(
    script: &'a Script,
    record: &'a [u8],
    mut stream: TcpStream,
) -> BoxFuture<'a, io::Result<()>> {
    async move {
        match script {
            Script::CloseOnAccept | Script::CloseAfterClientHello => hang_up(&mut stream).await,
            Script::ResetOnAccept | Script::ResetAfterClientHello => stream.set_zero_linger(),
            Script::Silence => wait_for_close(&mut stream).await,
            Script::DripOneByteASecond => drip(&mut stream).await,
            Script::EndlessMessage => send_endlessly(&mut stream).await,
            Script::PlainHttp => answer(&mut stream, PLAIN_HTTP).await,
            Script::SmtpBanner => {
                stream.write_all(SMTP_BANNER).await?;
                wait_for_close(&mut stream).await
            }
            Script::Alert { level, code } => {
                answer(&mut stream, &flight::alert_record(*level, *code)).await
            }
            Script::Garbage => answer(&mut stream, &garbage()).await,
            Script::Bytes(bytes) => answer(&mut stream, bytes).await,
            Script::Flight(flight) => {
                let message = record.get(flight::RECORD_HEADER..).unwrap_or_default();
                let hello = ClientHello::read(message).unwrap_or_default();
                stream.write_all(&flight.records(&hello)).await?;
                end(flight.then, &mut stream).await
            }
            Script::Choosy(choosy) => choosy.serve(record, stream).await,
        }
    }
    .boxed()
}

/// Sends the bytes and closes the connection.
async fn answer(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    hang_up(stream).await
}

async fn end(then: AfterFlight, stream: &mut TcpStream) -> io::Result<()> {
    match then {
        AfterFlight::Waits => wait_for_close(stream).await,
        AfterFlight::Closes => hang_up(stream).await,
        AfterFlight::Resets => stream.set_zero_linger(),
    }
}

/// Reads and returns the first record, which holds the whole ClientHello of all clients used here.
async fn read_client_hello(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let reading = async {
        let mut record = vec![0; flight::RECORD_HEADER];
        stream.read_exact(&mut record).await?;
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        record.resize(flight::RECORD_HEADER + length, 0);
        stream.read_exact(&mut record[flight::RECORD_HEADER..]).await?;
        Ok(record)
    };
    tokio::time::timeout(CLIENT_PATIENCE, reading).await?
}

async fn drip(stream: &mut TcpStream) -> io::Result<()> {
    let record = beginning_of(flight::SERVER_HELLO, flight::MAX_RECORD);
    let (header, message) = record.split_at(flight::RECORD_HEADER);
    stream.write_all(header).await?;
    for byte in message {
        // The first write after the client has disconnected causes a reset, the second fails.
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(DRIP).await;
    }
    hang_up(stream).await
}

async fn send_endlessly(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(&beginning_of(flight::CERTIFICATE, flight::MAX_MESSAGE)).await?;
    let record = flight::records(&[0; flight::MAX_RECORD]);
    // Ends when the client disconnects, or stops reading for too long.
    loop {
        tokio::time::timeout(CLIENT_PATIENCE, stream.write_all(&record)).await??;
    }
}

/// Returns the first record, full of zeros, of a message of `length` bytes.
fn beginning_of(message_type: u8, length: usize) -> Vec<u8> {
    let mut message = flight::message_header(message_type, length).to_vec();
    message.resize(flight::MAX_RECORD, 0);
    flight::records(&message)
}

/// Returns random bytes. The first is not a TLS content type (RFC 8446 §5.1).
fn garbage() -> [u8; GARBAGE_BYTES] {
    let mut bytes = rand::random::<[u8; GARBAGE_BYTES]>();
    bytes[0] |= 0x80;
    bytes
}
