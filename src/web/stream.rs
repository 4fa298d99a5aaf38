//! The socket of one connection: notes what its client does, and fails for one that does not read.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, Sleep, interval, sleep};

use super::activity::Activity;

/// The timeouts of a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamTimeouts {
    /// For a TLS handshake, between a response and the end of the next request's head, and from
    /// there to the first byte of its response.
    pub(super) request: Duration,
    /// To read [`PROGRESS`] bytes of a response once the system's buffer is full, and the rest at
    /// the end of the connection.
    pub(super) reading: Duration,
}

/// A connection that fails once its client does not read for too long.
#[derive(Debug)]
pub(super) struct GuardedStream {
    stream: TcpStream,
    reading: Duration,
    /// Set while the client is slow to read.
    slow: Option<Slow>,
    /// Whether the system may hold bytes that the client has not acknowledged.
    is_unread: bool,
    /// Set once nothing more will be written.
    ending: Option<Interval>,
    activity: Arc<Activity>,
}

/// A client that did not read everything while more was waiting.
#[derive(Debug)]
struct Slow {
    deadline: Pin<Box<Sleep>>,
    /// The bytes written since then.
    written: usize,
}

impl GuardedStream {
    pub(super) fn new(
        stream: TcpStream,
        patience: StreamTimeouts,
        activity: Arc<Activity>,
    ) -> Self {
        let reading = patience.reading;
        Self { stream, reading, slow: None, is_unread: false, ending: None, activity }
    }

    fn wrote(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(result) = result else {
            // On each call, because the next request may have started since.
            self.activity.stall(Instant::now());
            return self.poll_deadline(context).map(Err);
        };
        self.is_unread = true;
        if let (Some(slow), Ok(written)) = (&mut self.slow, &result) {
            slow.written += written;
            self.activity.advance(Instant::now());
            if slow.written >= PROGRESS {
                self.slow = None;
            }
        }
        Poll::Ready(result)
    }

    /// Waits until a slow client has had its time.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let deadline = || Slow { deadline: Box::pin(sleep(self.reading)), written: 0 };
        let slow = self.slow.get_or_insert_with(deadline);
        slow.deadline.as_mut().poll(context).map(|()| io::ErrorKind::TimedOut.into())
    }

    /// Waits until the client has acknowledged everything and closed its side. Otherwise the system
    /// would keep unread data beyond all limits.
    fn poll_acknowledged(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ending.is_none() {
            self.activity.linger(Instant::now());
            self.slow = None;
        }
        loop {
            // Anything that the client still sends is discarded.
            let mut bytes = [0; 512];
            let mut buffer = ReadBuf::new(&mut bytes);
            while let Poll::Ready(Ok(())) =
                Pin::new(&mut self.stream).poll_read(context, &mut buffer)
                && !buffer.filled().is_empty()
            {
                buffer.clear();
            }
            // Only a socket with both directions closed and acknowledged has no peer.
            if self.stream.peer_addr().is_err() {
                self.is_unread = false;
                return Poll::Ready(Ok(()));
            }
            if let Poll::Ready(error) = self.poll_deadline(context) {
                return Poll::Ready(Err(error));
            }
            ready!(self.ending.get_or_insert_with(|| interval(LOOK_AGAIN)).poll_tick(context));
        }
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        self.activity.hear(Instant::now());
        Poll::Ready(result)
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called once everything above has been written to the socket.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let goes_on = self.activity.is_unwritten();
        if self.activity.written(Instant::now()) {
            self.slow = None;
        }
        if goes_on {
            // The next piece, or the next request, waits for this in the same task.
            context.waker().wake_by_ref();
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        if self.is_unread { self.poll_acknowledged(context) } else { Poll::Ready(Ok(())) }
    }
}

impl Drop for GuardedStream {
    fn drop(&mut self) {
        if self.is_unread && !self.activity.is_idle() {
            // Otherwise the system keeps unread data until its own timeout.
            let _ = self.stream.set_zero_linger();
        }
    }
}

/// About 500 bytes per second with 30 s: slower than any connection in use, and a limit for clients
/// that read a byte now and then.
const PROGRESS: usize = 16 * 1024;
/// An acknowledgement triggers no event, so the socket is polled.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::{Instant, timeout};

    use super::super::places::Places;
    use super::{GuardedStream, StreamTimeouts};

    #[tokio::test]
    async fn a_client_that_does_not_read_is_stalled_when_its_next_request_has_begun_too() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let client = |host| IpAddr::from([192, 0, 2, host]).into();
        let places = Arc::new(Places::new(1));
        let place = places.take(client(1)).await.unwrap();
        let patience =
            StreamTimeouts { request: Duration::from_secs(60), reading: Duration::from_secs(60) };
        let mut stream = GuardedStream::new(stream, patience, Arc::clone(&place.activity));
        place.activity.begin(Instant::now());
        let mut is_full = async || while stream.write(&[0; 4096]).await.is_ok() {};
        assert!(timeout(Duration::from_millis(100), is_full()).await.is_err());
        place.activity.begin(Instant::now());
        assert!(stream.write(&[0]).now_or_never().is_none());
        let displaced = timeout(Duration::from_secs(20), async {
            tokio::select! {
                _ = places.take(client(2)) => panic!("no slot is free"),
                () = place.activity.displaced.notified() => {}
            }
        });
        displaced.await.unwrap();
    }
}
