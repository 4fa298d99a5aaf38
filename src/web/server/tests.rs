use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{CONNECTIONS, StreamTimeouts, WebAccess, serve, serve_patiently};

fn open() -> Arc<ArcSwap<WebAccess>> {
    Arc::new(ArcSwap::from_pointee(WebAccess::open()))
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
        StreamTimeouts { request: Duration::from_millis(20), reading: Duration::from_secs(9) };
    let server =
        tokio::spawn(serve_patiently(listener, router, open(), CONNECTIONS, pending(), patience));
    for request in ["", "GET / HTTP/1.1\r\nHost: ", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Ends only when the server closes the connection.
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
    // More than both systems' buffers hold.
    let body = || axum::body::Body::from(vec![b'x'; 64 << 20]);
    let router = Router::new().route("/", get(async move || body()));
    let reading = Duration::from_millis(300);
    let patience = StreamTimeouts { request: Duration::from_secs(60), reading };
    let server = serve_patiently(listener, router, open(), CONNECTIONS, pending(), patience);
    let server = tokio::spawn(server);
    for reads_a_little in [false, true] {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut read = 0;
        // The server resets the connection; until then this waits or continues to read.
        loop {
            let ready = client.ready(tokio::io::Interest::ERROR);
            match timeout(reading / 4, ready).await {
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
    assert!(!matches!(clients[0].read(&mut [0]).await, Ok(1)), "it is closed");
    for client in clients.iter_mut().skip(1) {
        ask(client).await.unwrap();
    }
    server.abort();
}

#[tokio::test]
async fn a_client_that_does_not_read_the_end_of_a_response_is_cut_off() {
    let (listener, address) = listener().await;
    // More than the client's system accepts, less than the server's.
    let router = Router::new().route("/", get(async || "x".repeat(16 << 10)));
    let reading = Duration::from_millis(300);
    let patience = StreamTimeouts { request: Duration::from_secs(60), reading };
    let server = tokio::spawn(serve_patiently(listener, router, open(), 9, pending(), patience));
    for connection in ["keep-alive", "close"] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        let mut client = socket.connect(address).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        // The client reads nothing meanwhile.
        let _ = timeout(reading * 4, client.ready(tokio::io::Interest::ERROR)).await;
        let mut answer = Vec::new();
        let read = timeout(Duration::from_secs(20), client.read_to_end(&mut answer)).await;
        assert!(read.unwrap().is_err(), "{connection}: {} bytes", answer.len());
    }
    server.abort();
}

#[tokio::test]
async fn a_connection_is_closed_after_its_response_while_another_waits() {
    let (listener, address) = listener().await;
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, is_told) = tokio::sync::watch::channel(false);
    let slow = async move || {
        begun.send(()).unwrap();
        is_told.clone().wait_for(|told| *told).await.unwrap();
        "hello"
    };
    let router = Router::new().route("/", get(async || "hello")).route("/slow", get(slow));
    let server = tokio::spawn(serve(listener, router, open(), 1, pending()));
    let mut first = from([127, 0, 0, 1], address).await.unwrap();
    first.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    has_begun.recv().await.unwrap();
    let mut second = from([127, 0, 0, 2], address).await.unwrap();
    let second = tokio::spawn(async move { ask(&mut second).await });
    // The listener accepts the second connection but has no slot for it.
    let waits = timeout(LISTENING, first.read(&mut [0])).await;
    assert!(waits.is_err(), "the first one keeps its slot");
    go_on.send(true).unwrap();
    let mut answer = String::new();
    first.read_to_string(&mut answer).await.unwrap();
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    drop(first);
    second.await.unwrap().unwrap();
    server.abort();
}

#[tokio::test]
async fn no_address_keeps_another_out_by_connections_in_use() {
    let (listener, address) = listener().await;
    let router = Router::new().route("/", get(async || "hello"));
    let server = tokio::spawn(serve(listener, router, open(), 4, pending()));
    let mut greedy = tokio::task::JoinSet::new();
    for number in 0..24 {
        greedy.spawn(async move {
            while let Ok(mut client) = from([127, 0, 0, 2], address).await {
                // Some send requests repeatedly, some send nothing, some send part of a request.
                match number % 3 {
                    0 => while ask(&mut client).await.is_ok() {},
                    1 => drop(client.read(&mut [0]).await),
                    _ => {
                        let _ = client.write_all(b"GET / HTTP/1.1\r\n").await;
                        drop(client.read(&mut [0]).await);
                    }
                }
            }
        });
    }
    for _ in 0..20 {
        let answered = async { ask(&mut from([127, 0, 0, 1], address).await?).await };
        timeout(Duration::from_secs(2), answered).await.unwrap().unwrap();
    }
    server.abort();
}

const LISTENING: Duration = Duration::from_millis(500);

async fn from(local: [u8; 4], address: std::net::SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((std::net::IpAddr::from(local), 0).into())?;
    socket.connect(address).await
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
