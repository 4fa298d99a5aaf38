//! The listener: which connections are served at once, and what each may hold.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use futures_util::FutureExt;
use rustix::net::sockopt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::warn;

use super::Door;
use super::connection;
use super::pieces::waiting_bytes;
use super::places::Places;
use super::stream::GuardedStream;
use super::stream::Patience;

/// Serves `router` until `shutdown` is done, over at most `connections` at once; a connection
/// comes over what the door asks for when it begins.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    door: Arc<ArcSwap<Door>>,
    connections: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_patiently(listener, router, door, connections, shutdown, PATIENCE).await
}

async fn serve_patiently(
    listener: TcpListener,
    router: Router,
    door: Arc<ArcSwap<Door>>,
    connections: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
    patience: Patience,
) -> io::Result<()> {
    // A quarter is for texts that are kept although they are larger than a piece.
    let most = connections.min(waiting_bytes() / 4 * 3 / SHARE).max(1);
    // Every connection inherits it. Without a limit the system would keep megabytes for a client
    // that does not read, which count as this process's memory in a control group of version 2.
    sockopt::set_socket_send_buffer_size(&listener, waiting_bytes() / most)?;
    // The same holds for requests that a client sends before it reads.
    sockopt::set_socket_recv_buffer_size(&listener, REQUEST_BUFFER)?;
    let (places, shutdown) = (Arc::new(Places::new(most)), shutdown.shared());
    let mut open = JoinSet::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = shutdown.clone() => break,
            // A panic of one connection has been logged, and ended that connection.
            Some(_) = open.join_next() => continue,
        };
        let place = tokio::select! {
            place = places.take() => place,
            () = shutdown.clone() => break,
        };
        // Otherwise the system holds back the end of a response.
        let _ = stream.set_nodelay(true);
        let activity = Arc::clone(&place.activity);
        let stream = GuardedStream::new(stream, patience, Arc::clone(&activity));
        let tls = door.load().tls().cloned();
        let (router, shutdown) = (router.clone(), shutdown.clone());
        open.spawn(async move {
            let displaced = place.activity.displaced.notified();
            tokio::select! {
                () = connection::serve(stream, peer, tls, router, activity, shutdown) => {}
                () = displaced => {}
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = async { while open.join_next().await.is_some() {} } => {}
        () = sleep(GRACE) => {}
    }
    Ok(())
}

/// Waits for a connection; an error of one is none of the listener.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                warn!(%error, "no connection can be accepted; trying again in a second");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::ConnectionAborted;
    use io::ErrorKind::ConnectionRefused;
    use io::ErrorKind::ConnectionReset;
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// A request takes longer than the common scrape intervals of up to a minute, so that Prometheus
/// may keep its connection.
const PATIENCE: Patience =
    Patience { request: Duration::from_secs(90), reading: Duration::from_secs(30) };
/// As long as probes in flight get.
const GRACE: Duration = Duration::from_secs(2);
/// A handful of scrapers and readers.
pub(super) const CONNECTIONS: usize = 256;
/// Bytes of requests that the system keeps for one connection: as much as the largest head.
const REQUEST_BUFFER: usize = 32 * 1024;
/// Bytes of responses that one connection may hold: a piece of up to 16 KiB, or a compressed block
/// of up to 24 KiB, and 8 KiB in its TLS session.
const SHARE: usize = 32 * 1024;

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

    use super::CONNECTIONS;
    use super::Door;
    use super::Patience;
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
        let patience =
            Patience { request: Duration::from_millis(20), reading: Duration::from_secs(9) };
        let server = tokio::spawn(serve_patiently(
            listener,
            router,
            open(),
            CONNECTIONS,
            pending(),
            patience,
        ));
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
        let server = tokio::spawn(serve(listener, Router::new(), open(), CONNECTIONS, shutdown));
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

    #[tokio::test]
    async fn a_client_that_does_not_read_or_hardly_reads_is_cut_off() {
        let (listener, address) = listener().await;
        // More than both systems hold.
        let body = || axum::body::Body::from(vec![b'x'; 64 << 20]);
        let router = Router::new().route("/", get(async move || body()));
        let reading = Duration::from_millis(300);
        let patience = Patience { request: Duration::from_secs(60), reading };
        let server = serve_patiently(listener, router, open(), CONNECTIONS, pending(), patience);
        let server = tokio::spawn(server);
        for reads_a_little in [false, true] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            let mut read = 0;
            // The server resets the connection; until then this waits, or reads on.
            loop {
                let ready = client.ready(tokio::io::Interest::ERROR);
                match tokio::time::timeout(reading / 4, ready).await {
                    Ok(_) => break,
                    Err(_) if reads_a_little => read += client.read(&mut [0]).await.unwrap_or(0),
                    Err(_) => {}
                }
            }
            assert!(read < 1000, "{read}");
        }
        server.abort();
    }

    #[tokio::test]
    async fn a_new_connection_takes_the_place_of_the_one_idle_for_longest() {
        let (listener, address) = listener().await;
        let router = Router::new().route("/", get(async || "hello"));
        let server = tokio::spawn(serve(listener, router, open(), 2, pending()));
        let mut clients = Vec::new();
        for _ in 0..3 {
            let mut client = TcpStream::connect(address).await.unwrap();
            ask(&mut client).await.unwrap();
            clients.push(client);
        }
        assert_eq!(clients[0].read(&mut [0]).await.unwrap(), 0, "it is closed");
        for client in clients.iter_mut().skip(1) {
            ask(client).await.unwrap();
        }
        server.abort();
    }

    async fn ask(client: &mut TcpStream) -> std::io::Result<()> {
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"hello") {
            let mut piece = [0; 512];
            let read = client.read(&mut piece).await?;
            answer.extend_from_slice(&piece[..read]);
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}
