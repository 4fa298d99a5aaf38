//! A stream that records its first bytes and counts all of them. This distinguishes a close before
//! the ServerHello from one after it, TLS from everything else, and a correct ServerHello from one
//! that rustls wrongly accepts.

use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TCP stream whose first bytes are kept.
pub(super) struct RecordingStream {
    stream: TcpStream,
    seen: Arc<Mutex<Seen>>,
    has_sent: bool,
}

impl RecordingStream {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, seen: Arc::default(), has_sent: false }
    }

    /// Returns a handle that outlives the stream.
    pub(super) fn seen(&self) -> Arc<Mutex<Seen>> {
        Arc::clone(&self.seen)
    }

    /// Keeps the first write, which is the ClientHello.
    fn note_sent<'a>(&mut self, slices: impl IntoIterator<Item = &'a [u8]>) {
        if std::mem::replace(&mut self.has_sent, true) {
            return;
        }
        let mut seen = look(&self.seen);
        slices.into_iter().for_each(|slice| seen.note_sent(slice));
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

    fn note_sent(&mut self, new: &[u8]) {
        self.sent.extend(new.iter().take(KEPT - self.sent.len()));
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

pub(super) fn look(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsyncRead for RecordingStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let new = &buf.filled()[before..];
        look(&self.seen).note(new);
        polled
    }
}

impl AsyncWrite for RecordingStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(count)) = polled {
            self.note_sent([&buf[..count]]);
        }
        polled
    }

    /// rustls passes several records at once. A call for each would send a packet for each.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        if let Poll::Ready(Ok(_)) = polled {
            self.note_sent(slices.iter().map(|slice| &**slice));
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Enough for a warning alert and a hello up to its session id.
const KEPT: usize = 96;

const RANDOM: usize = 32;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

#[cfg(test)]
mod tests {
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
            seen.note_sent(&hello(1, [3, 3], &[5; 32]));
            seen.note(&received);
            assert_eq!(seen.violation(), expected, "{received:?}");
        }
    }
}
