//! Connections: how many at once, and how long one may keep us waiting.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::serve::Listener;
use futures_util::FutureExt;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep;

use super::Door;
use super::connection::Connection;

/// Serves `router` until `shutdown` is done; a connection comes over what the door asks for when it
/// begins.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    door: Arc<ArcSwap<Door>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_patiently(listener, router, door, shutdown, PATIENCE).await
}

async fn serve_patiently(
    listener: TcpListener,
    router: Router,
    door: Arc<ArcSwap<Door>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
    patience: Duration,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let listener = GuardedListener { listener, places, door, patience };
    let shutdown = shutdown.shared();
    let overtime = {
        let shutdown = shutdown.clone();
        async move {
            shutdown.await;
            sleep(GRACE).await;
        }
    };
    tokio::select! {
        result = axum::serve(listener, router).with_graceful_shutdown(shutdown) => result,
        () = overtime => Ok(()),
    }
}

/// Takes no more connections than there are places; the others wait in the system's queue.
#[derive(Debug)]
struct GuardedListener {
    listener: TcpListener,
    places: Arc<Semaphore>,
    door: Arc<ArcSwap<Door>>,
    patience: Duration,
}

impl Listener for GuardedListener {
    type Io = Connection<GuardedStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection<GuardedStream>, SocketAddr) {
        // The semaphore is never closed, so there is always a place in the end.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let deadline = Box::pin(sleep(self.patience));
        let direction = Direction::Writing;
        let stream =
            GuardedStream { stream, deadline, direction, patience: self.patience, _place: place };
        (Connection::new(stream, self.door.load().tls()), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that fails once it has kept us waiting for too long: between two requests, from
/// the first byte of a request to the first of its answer, or for room to write on.
#[derive(Debug)]
pub(super) struct GuardedStream {
    stream: TcpStream,
    deadline: Pin<Box<Sleep>>,
    direction: Direction,
    patience: Duration,
    _place: Option<OwnedSemaphorePermit>,
}

/// What was done last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Reading,
    Writing,
}

impl GuardedStream {
    /// A request that comes byte by byte gets no more time for each of them; an answer that is
    /// read byte by byte does, because a large one over a slow line is no fault.
    fn moved(&mut self, direction: Direction) {
        if direction == Direction::Writing || self.direction == Direction::Writing {
            self.deadline.as_mut().reset(Instant::now() + self.patience);
        }
        self.direction = direction;
    }

    fn waits<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        self.deadline.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
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
            Poll::Pending => self.waits(context),
        }
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Ready(result) => {
                self.moved(Direction::Writing);
                Poll::Ready(result)
            }
            Poll::Pending => self.waits(context),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(context, slices) {
            Poll::Ready(result) => {
                self.moved(Direction::Writing);
                Poll::Ready(result)
            }
            Poll::Pending => self.waits(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Longer than the common scrape intervals of up to a minute, so that Prometheus may keep its
/// connection.
const PATIENCE: Duration = Duration::from_secs(90);
/// As long as probes in flight get.
const GRACE: Duration = Duration::from_secs(2);
/// A handful of scrapers and readers; each may hold a fraction of a megabyte in buffers.
const CONNECTIONS: usize = 256;

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::time::Duration;

    use arc_swap::ArcSwap;
    use axum::Router;
    use axum::routing::get;
    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::net::TcpStream;

    use super::Door;
    use super::serve;
    use super::serve_patiently;

    fn open() -> Arc<ArcSwap<Door>> {
        Arc::new(ArcSwap::from_pointee(Door::open()))
    }

    async fn listener() -> (TcpListener, std::net::SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_client_that_does_not_finish_its_request_is_cut_off() {
        let (listener, address) = listener().await;
        let router = Router::new().route("/", get(async || "hello"));
        let patience = Duration::from_millis(20);
        let server = tokio::spawn(serve_patiently(listener, router, open(), pending(), patience));
        for request in ["", "GET / HTTP/1.1\r\nHost: ", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            // Ends only because the server closes.
            let _ = client.read_to_end(&mut answer).await;
            let answered = answer.ends_with(b"hello");
            assert_eq!(answered, request.ends_with("\r\n\r\n"), "{request:?}");
        }
        server.abort();
    }

    #[tokio::test]
    async fn shutdown_ends_the_server_and_idle_connections() {
        let (listener, address) = listener().await;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shutdown = async { drop(stopped.await) };
        let server = tokio::spawn(serve(listener, Router::new(), open(), shutdown));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        client.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 404");
        stop.send(()).unwrap();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        server.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
