//! A TLS client on a socket, which records the first bytes in both directions and counts those
//! received. This distinguishes a close before the ServerHello from one after it, TLS from
//! everything else, and a correct ServerHello from one that rustls wrongly accepts.
//!
//! rustls is driven here and not by tokio-rustls, because rustls allocates its receive buffer
//! before it knows whether there is anything to read: 4 KiB for each silent server. Here it is
//! called only once the socket has data.

use std::future::poll_fn;
use std::io;
use std::io::{IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustls::{ClientConnection, IoState};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TLS connection whose first bytes are kept.
#[derive(Debug)]
pub(super) struct TlsSocket {
    tls: ClientConnection,
    socket: RecordedSocket,
}

impl TlsSocket {
    pub(super) fn new(tls: ClientConnection, stream: TcpStream) -> Self {
        Self { tls, socket: RecordedSocket { stream, seen: Seen::default() } }
    }

    pub(super) fn tls(&self) -> &ClientConnection {
        &self.tls
    }

    /// Returns what was sent and received so far.
    pub(super) fn seen(&self) -> &Seen {
        &self.socket.seen
    }

    /// Performs the handshake. If the future is dropped, [`Self::seen`] still tells what came.
    ///
    /// # Errors
    /// Errors of the socket; those of rustls as their inner error.
    pub(super) async fn shake_hands(&mut self) -> io::Result<()> {
        self.send().await?;
        while self.tls.is_handshaking() {
            self.receive().await?;
            self.send().await?;
        }
        Ok(())
    }

    /// Receives until there is application data, or a close_notify. Either may have come with the
    /// server's last flight.
    ///
    /// # Errors
    /// As in [`Self::shake_hands`]; a close without close_notify is `UnexpectedEof`.
    pub(super) async fn wait_for_data(&mut self) -> io::Result<()> {
        let mut state = self.tls.process_new_packets().map_err(invalid)?;
        while state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() {
            state = self.receive().await?;
        }
        Ok(())
    }

    /// Sends close_notify and closes the connection for sending.
    ///
    /// # Errors
    /// Errors of the socket.
    pub(super) async fn close(&mut self) -> io::Result<()> {
        self.tls.send_close_notify();
        self.send().await?;
        poll_fn(|context| Pin::new(&mut self.socket.stream).poll_shutdown(context)).await
    }

    /// Sends everything that rustls has to send.
    async fn send(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            let sent = poll_fn(|context| self.poll_send(context)).await?;
            if sent == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut socket = Polled { socket: &mut self.socket, context };
        pending_if_blocked(self.tls.write_tls(&mut socket))
    }

    /// Receives once, and has rustls process it.
    async fn receive(&mut self) -> io::Result<IoState> {
        poll_fn(|context| {
            ready!(self.socket.stream.poll_read_ready(context))?;
            let mut socket = Polled { socket: &mut self.socket, context };
            if ready!(pending_if_blocked(self.tls.read_tls(&mut socket)))? == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            Poll::Ready(self.tls.process_new_packets().map_err(|error| {
                // Tells the server why, if that is possible at once.
                let _ = self.poll_send(context);
                invalid(error)
            }))
        })
        .await
    }
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn pending_if_blocked<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

#[derive(Debug)]
struct RecordedSocket {
    stream: TcpStream,
    seen: Seen,
}

/// A socket as rustls uses it: what would block does so, and wakes the task later.
struct Polled<'a, 'c> {
    socket: &'a mut RecordedSocket,
    context: &'a mut Context<'c>,
}

impl Read for Polled<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        let polled = Pin::new(&mut self.socket.stream).poll_read(self.context, &mut buffer);
        blocked_if_pending(polled)?;
        self.socket.seen.note(buffer.filled());
        Ok(buffer.filled().len())
    }
}

impl Write for Polled<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    /// rustls passes several records at once. A call for each would send a packet for each.
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let stream = Pin::new(&mut self.socket.stream);
        let sent = blocked_if_pending(stream.poll_write_vectored(self.context, slices))?;
        self.socket.seen.note_sent(slices);
        Ok(sent)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn blocked_if_pending<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// The recorded bytes.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The first bytes received, at most [`KEPT`].
    first: Vec<u8>,
    received: u64,
    /// The first bytes of the ClientHello, as many.
    sent: Vec<u8>,
}

impl Seen {
    /// Returns the number of bytes received.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    pub(super) fn first(&self) -> &[u8] {
        &self.first
    }

    /// Returns the code of the warning alert that came first, if there was one (RFC 5246 §7.2).
    /// rustls ignores it.
    pub(super) fn warning(&self) -> Option<u8> {
        match self.first() {
            [21, 3, _, 0, 2, 1, code, ..] if *code != 0 => Some(*code),
            _ => None,
        }
    }

    /// Returns whether the first record, not counting a warning, is a handshake record that begins
    /// with a ServerHello (RFC 8446 §5.1, §4).
    pub(super) fn saw_server_hello(&self) -> bool {
        matches!(
            self.first(),
            [22, 3, _, _, _, 2, ..] | [21, 3, _, 0, 2, 1, _, 22, 3, _, _, _, 2, ..]
        )
    }

    /// Returns whether the first byte is a TLS record type (RFC 8446 §5.1).
    pub(super) fn looks_like_tls(&self) -> bool {
        matches!(self.first(), [20..=23] | [20..=23, 3, ..])
    }

    /// Returns the formal error in a TLS 1.3 ServerHello (RFC 8446 §4.1.3), if there is one.
    /// s2n-tls refuses it, but rustls does not check.
    pub(super) fn violation(&self) -> Option<&'static str> {
        let received = match self.first() {
            [21, 3, _, 0, 2, 1, _, rest @ ..] => rest,
            all => all,
        };
        let (legacy_version, echoed) = head(received, SERVER_HELLO)?;
        let (_, sent) = head(&self.sent, CLIENT_HELLO)?;
        if legacy_version != [3, 3] {
            return Some(WRONG_LEGACY_VERSION);
        }
        (echoed != sent).then_some(SESSION_ID_NOT_ECHOED)
    }

    /// Keeps the first write, which is the ClientHello.
    fn note_sent(&mut self, slices: &[IoSlice<'_>]) {
        if self.sent.is_empty() {
            self.sent.extend(slices.iter().flat_map(|slice| slice.iter()).take(KEPT));
        }
    }

    fn note(&mut self, new: &[u8]) {
        self.first.extend(new.iter().take(KEPT - self.first.len()));
        self.received += new.len() as u64;
    }
}

/// Returns the legacy version and the session id of a hello at the beginning of a stream; `None` if
/// the bytes are something else.
fn head(bytes: &[u8], message_type: u8) -> Option<([u8; 2], &[u8])> {
    let [22, 3, _, _, _, found, _, _, _, major, minor, rest @ ..] = bytes else { return None };
    if *found != message_type {
        return None;
    }
    let length = usize::from(*rest.get(RANDOM)?);
    Some(([*major, *minor], rest.get(RANDOM + 1..RANDOM + 1 + length)?))
}

pub(super) const WRONG_LEGACY_VERSION: &str =
    "a TLS 1.3 ServerHello whose legacy_version is not 0x0303";
pub(super) const SESSION_ID_NOT_ECHOED: &str =
    "a TLS 1.3 ServerHello that does not echo the session id";

/// Enough for a warning alert and a hello up to its session id.
const KEPT: usize = 96;

const RANDOM: usize = 32;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use super::{SESSION_ID_NOT_ECHOED, Seen, WRONG_LEGACY_VERSION};

    fn hello(message_type: u8, legacy_version: [u8; 2], session_id: &[u8]) -> Vec<u8> {
        let mut bytes = vec![22, 3, 3, 0, 90, message_type, 0, 0, 86];
        bytes.extend(legacy_version);
        bytes.extend([7; 32]);
        bytes.push(u8::try_from(session_id.len()).unwrap());
        bytes.extend(session_id);
        bytes
    }

    #[test]
    fn a_server_hello_of_tls_1_3_echoes_the_session_id_and_looks_like_tls_1_2() {
        let warning = [21, 3, 3, 0, 2, 1, 112];
        let good = hello(2, [3, 3], &[5; 32]);
        for (received, expected) in [
            (good.clone(), None),
            ([warning.as_slice(), &good].concat(), None),
            (hello(2, [3, 3], &[6; 32]), Some(SESSION_ID_NOT_ECHOED)),
            (hello(2, [3, 3], &[]), Some(SESSION_ID_NOT_ECHOED)),
            (hello(2, [3, 4], &[5; 32]), Some(WRONG_LEGACY_VERSION)),
            // Not a complete head, so nothing is known.
            (good[..60].to_vec(), None),
            (b"HTTP/1.1 400".to_vec(), None),
        ] {
            let mut seen = Seen::default();
            seen.note_sent(&[IoSlice::new(&hello(1, [3, 3], &[5; 32]))]);
            seen.note(&received);
            assert_eq!(seen.violation(), expected, "{received:?}");
        }
    }
}
