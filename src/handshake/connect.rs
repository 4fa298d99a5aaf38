//! The TCP connection, with the origin's number of attempts and timeout.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::limits::Stage;
use crate::observation::{Failure, NotProbed};

use super::failure;
use super::request::Request;

/// An established connection, and how long it took to establish.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) took: Duration,
}

/// Why there is no connection for a handshake.
pub(super) enum ConnectFailure {
    /// The connection was established and reset before this process used it. Timing decides whether
    /// connect() or the first read reports that.
    ResetOnAccept {
        took: Duration,
    },
    Other(Failure),
}

/// Connects with as many attempts as CloudFront makes, after timeouts and refusals alike.
pub(super) async fn connect(request: &Request<'_>) -> Result<Connection, ConnectFailure> {
    let out_of_time = || Failure::NotProbed { reason: NotProbed::OutOfTime };
    let mut failure = out_of_time();
    for attempt in 1..=request.attempts.max(1) {
        let began = Instant::now();
        let left = request.deadline.saturating_duration_since(began);
        if left.is_zero() {
            // A refusal that was received is a fact; a timeout might have ended at the next
            // attempt.
            return Err(ConnectFailure::Other(match failure {
                refused @ Failure::ConnectionRefused { .. } => refused,
                _ => out_of_time(),
            }));
        }
        let timeouts = request.connection_timeout.min(left);
        match tokio::time::timeout(timeouts, TcpStream::connect(request.address)).await {
            Ok(Ok(stream)) if !is_connected_to_itself(&stream, request.address) => {
                return Ok(Connection { stream, took: began.elapsed() });
            }
            Ok(Ok(_)) => failure = Failure::ConnectionRefused { attempts: attempt },
            // A refusal is ECONNREFUSED, a reset in response to the SYN. ECONNRESET comes later.
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => {
                return Err(ConnectFailure::ResetOnAccept { took: began.elapsed() });
            }
            Ok(Err(error)) => {
                failure = classify(&error, attempt, request.connection_timeout);
                if matches!(failure, Failure::NotProbed { .. }) {
                    break;
                }
            }
            // Timeouts shorter than CloudFront's, at any of its attempts, prove nothing about the
            // origin.
            Err(_) if timeouts < request.connection_timeout => {
                return Err(ConnectFailure::Other(out_of_time()));
            }
            Err(_) => {
                failure = Failure::ConnectionTimedOut {
                    attempts: attempt,
                    timeout: request.connection_timeout,
                };
            }
        }
    }
    Err(ConnectFailure::Other(failure))
}

/// On loopback, connecting to a free ephemeral port can receive its own SYN (RFC 9293, simultaneous
/// open), although nothing listens there.
fn is_connected_to_itself(stream: &TcpStream, address: SocketAddr) -> bool {
    address.ip().is_loopback() && stream.local_addr().is_ok_and(|local| local == address)
}

fn classify(error: &io::Error, attempts: u8, timeout: Duration) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Failure::ConnectionRefused { attempts },
        io::ErrorKind::TimedOut => Failure::ConnectionTimedOut { attempts, timeout },
        _ => failure::not_probed(error, Stage::Connect),
    }
}
