use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{PATIENCE, StreamTimeouts, serve};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// The time to read.
const READING: Duration = Duration::from_millis(300);
const HASTY: StreamTimeouts = StreamTimeouts { request: Duration::from_secs(60), reading: READING };

/// Serves `router` with `places` slots until `shutdown` completes.
async fn start(
    router: Router,
    places: usize,
    patience: StreamTimeouts,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, Arc::default(), places, patience, shutdown));
    address
}

async fn ask(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(request).await.unwrap();
    client
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_request_is_cut_off() {
    let router = Router::new().route("/", get(async || "hello"));
    let patience =
        StreamTimeouts { request: Duration::from_millis(20), reading: Duration::from_secs(9) };
    let address = start(router, 9, patience, pending()).await;
    for (request, is_answered) in
        [(&b""[..], false), (b"GET / HTTP/1.1\r\nHost: ", false), (REQUEST, true)]
    {
        let mut answer = Vec::new();
        // Ends only when the server closes the connection.
        let _ = ask(address, request).await.read_to_end(&mut answer).await;
        assert_eq!(answer.ends_with(b"hello"), is_answered, "{request:?}");
    }
}

#[tokio::test]
async fn shutdown_ends_the_server_and_idle_connections() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let address = start(Router::new(), 9, PATIENCE, async { drop(stopped.await) }).await;
    let mut client = ask(address, REQUEST).await;
    let mut first = [0; 12];
    client.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 404");
    stop.send(()).unwrap();
    client.read_to_end(&mut Vec::new()).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_client_that_does_not_read_or_hardly_reads_is_cut_off() {
    // More than both systems' buffers hold.
    let body = async || axum::body::Body::from(vec![b'x'; 64 << 20]);
    let address = start(Router::new().route("/", get(body)), 9, HASTY, pending()).await;
    for reads_a_little in [false, true] {
        let mut client = ask(address, REQUEST).await;
        let mut read = 0;
        // The server resets the connection; until then this waits or continues to read.
        while timeout(READING / 4, client.ready(tokio::io::Interest::ERROR)).await.is_err() {
            if reads_a_little {
                read += client.read(&mut [0]).await.unwrap_or(0);
            }
        }
        assert!(read < 1000, "{read}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_the_end_of_a_response_is_cut_off() {
    // More than the client's system accepts, less than the server's.
    let router = Router::new().route("/", get(async || "x".repeat(16 << 10)));
    let address = start(router, 9, HASTY, pending()).await;
    for connection in ["keep-alive", "close"] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        let mut client = socket.connect(address).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        // The client reads nothing meanwhile.
        let _ = timeout(READING * 4, client.ready(tokio::io::Interest::ERROR)).await;
        let mut answer = Vec::new();
        let read = timeout(Duration::from_secs(20), client.read_to_end(&mut answer)).await;
        assert!(read.unwrap().is_err(), "{connection}: {} bytes", answer.len());
    }
}

#[tokio::test]
async fn a_connection_is_closed_after_its_response_while_another_waits() {
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, is_told) = tokio::sync::watch::channel(false);
    let slow = async move || {
        begun.send(()).unwrap();
        is_told.clone().wait_for(|told| *told).await.unwrap();
        "hello"
    };
    let address = start(Router::new().route("/", get(slow)), 1, PATIENCE, pending()).await;
    let mut first = ask(address, REQUEST).await;
    has_begun.recv().await.unwrap();
    // The listener accepts a connection from another address but has no slot for it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut second = socket.connect(address).await.unwrap();
    second.write_all(REQUEST).await.unwrap();
    let waits = timeout(Duration::from_millis(500), first.read(&mut [0])).await;
    assert!(waits.is_err(), "the first one keeps its slot");
    go_on.send(true).unwrap();
    let mut answer = String::new();
    first.read_to_string(&mut answer).await.unwrap();
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    drop(first);
    let mut status = [0; 12];
    second.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}
