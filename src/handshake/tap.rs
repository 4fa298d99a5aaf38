//! A stream that remembers how its first bytes looked and how many there were: what tells a close
//! before the ServerHello from one after it, and TLS from everything else.

use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;

/// A TCP stream whose first bytes are kept.
pub(super) struct Tap {
    stream: TcpStream,
    seen: Arc<Mutex<Seen>>,
}

impl Tap {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, seen: Arc::default() }
    }

    /// Returns a handle that outlives the stream.
    pub(super) fn seen(&self) -> Arc<Mutex<Seen>> {
        Arc::clone(&self.seen)
    }
}

/// How what came in looked.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    first: [u8; KEPT],
    received: u64,
}

impl Seen {
    /// Returns how many bytes came in.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Returns the first bytes that came in, at most [`KEPT`].
    pub(super) fn first(&self) -> &[u8] {
        let count = usize::try_from(self.received).unwrap_or(KEPT).min(KEPT);
        &self.first[..count]
    }

    /// Returns the code of the warning alert that came first, if one did (RFC 5246 §7.2): our TLS
    /// library passes over it.
    pub(super) fn warning(&self) -> Option<u8> {
        match self.first() {
            [21, 3, _, 0, 2, 1, code, ..] if *code != 0 => Some(*code),
            _ => None,
        }
    }

    /// Tells whether the first record, but for a warning, is a handshake record that begins with a ServerHello
    /// (RFC 8446 §5.1, §4).
    pub(super) fn saw_server_hello(&self) -> bool {
        matches!(
            self.first(),
            [22, 3, _, _, _, 2, ..] | [21, 3, _, 0, 2, 1, _, 22, 3, _, _, _, 2, ..]
        )
    }

    /// Tells whether the first byte is a TLS record type (ibid.).
    pub(super) fn looks_like_tls(&self) -> bool {
        matches!(self.first(), [20..=23] | [20..=23, 3, ..])
    }

    fn note(&mut self, new: &[u8]) {
        let kept = self.first().len();
        let room = new.len().min(KEPT - kept);
        self.first[kept..kept + room].copy_from_slice(&new[..room]);
        self.received += new.len() as u64;
    }
}

/// Returns what has been seen so far.
pub(super) fn look(seen: &Mutex<Seen>) -> Seen {
    *seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let new = &buf.filled()[before..];
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).note(new);
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    /// Our TLS library hands over several records at once: a call each would be a packet each.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
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

/// Enough to know the protocols that answer by mistake.
const KEPT: usize = 24;
