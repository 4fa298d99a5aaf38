//! The socket of one connection, and how long its client may keep us waiting.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep;

use super::places::Activity;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Between two requests, and from the first byte of a request to the first of its response.
    pub(super) request: Duration,
    /// To read [`PROGRESS`] bytes of a response once the system's buffer is full.
    pub(super) reading: Duration,
}

/// A connection that fails once its client has kept us waiting for too long.
#[derive(Debug)]
pub(super) struct GuardedStream {
    stream: TcpStream,
    deadline: Pin<Box<Sleep>>,
    direction: Direction,
    patience: Patience,
    /// `None` unless the client is slow to read.
    slow: Option<Slow>,
    activity: Arc<Activity>,
}

/// The last operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Reading,
    Writing,
}

/// A client that has not read everything when there was more.
#[derive(Debug)]
struct Slow {
    deadline: Pin<Box<Sleep>>,
    /// Since then.
    written: usize,
    /// Whether the system's buffer is full now.
    is_stalled: bool,
}

impl GuardedStream {
    pub(super) fn new(stream: TcpStream, patience: Patience, activity: Arc<Activity>) -> Self {
        let deadline = Box::pin(sleep(patience.request));
        let direction = Direction::Writing;
        Self { stream, deadline, direction, patience, slow: None, activity }
    }

    /// A request that comes byte by byte gets no more time for each of them.
    fn moved(&mut self, direction: Direction) {
        if direction == Direction::Writing || self.direction == Direction::Writing {
            self.deadline.as_mut().reset(Instant::now() + self.patience.request);
        }
        self.direction = direction;
    }

    fn wrote(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(result) = result else {
            let reading = self.patience.reading;
            let slow = self.slow.get_or_insert_with(|| Slow {
                deadline: Box::pin(sleep(reading)),
                written: 0,
                is_stalled: false,
            });
            if !slow.is_stalled {
                slow.is_stalled = true;
                self.activity.stall(Instant::now());
            }
            return slow.deadline.as_mut().poll(context).map(|()| Err(timed_out()));
        };
        self.moved(Direction::Writing);
        if let (Some(slow), Ok(written)) = (&mut self.slow, &result) {
            slow.written += written;
            slow.is_stalled = false;
            self.activity.advance();
            if slow.written >= PROGRESS {
                self.slow = None;
            }
        }
        Poll::Ready(result)
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(result) => {
                self.moved(Direction::Reading);
                Poll::Ready(result)
            }
            Poll::Pending => self.deadline.as_mut().poll(context).map(|()| Err(timed_out())),
        }
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

    /// Asked for once everything above has been written to the socket.
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
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for GuardedStream {
    fn drop(&mut self) {
        if self.slow.as_ref().is_some_and(|slow| slow.is_stalled) {
            // Otherwise the system keeps what the client does not read for minutes.
            let _ = self.stream.set_zero_linger();
        }
    }
}

fn timed_out() -> io::Error {
    io::ErrorKind::TimedOut.into()
}

/// About 500 bytes a second with 30 s: slower than any line in use, and an end to a client that reads
/// a byte now and then.
const PROGRESS: usize = 16 * 1024;
