//! What a client may do to the listener: other protocols, ambiguous requests, and connections that
//! hold responses or places.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::common::desk::Desk;
use crate::common::http::connect;
use crate::common::process::alone;
use crate::common::site::{Site, answering, now, origin, refused, report, state};
use origin_probe::report::{Report, Reports};
use origin_probe::web;
use origin_probe::web::WebAccess;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A thousand origins, half of which fail.
fn fleet() -> Reports {
    let origin = |number| Arc::new(origin(&format!("origin-{number:04}")));
    let reports = Reports::new((0..1000).map(origin));
    for (number, entry) in reports.entries().iter().enumerate() {
        let endpoint = if number % 2 == 0 { refused(1) } else { answering(1) };
        entry.publish(&report(&entry.origin, vec![endpoint], now()));
    }
    reports
}

/// Returns everything that comes until the connection ends.
async fn answer(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // An end without notice is an end.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

/// Connects, with next to no room for what comes: what this system takes for a client is not what
/// the server holds.
async fn slow_reader(site: &Site) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(site.address).await.unwrap()
}

fn status(answer: &[u8]) -> &[u8] {
    answer.get(..12).unwrap_or(answer)
}

/// Sends a request of one line and some headers, and returns the answer, which has the given status.
async fn answered(site: &Site, line: &str, headers: &str, expected: &[u8]) -> Vec<u8> {
    let request = format!("{line}\r\nConnection: close\r\n{headers}\r\n");
    let answer = answer(site.address, request.as_bytes()).await;
    assert_eq!(status(&answer), expected, "{line} {headers}");
    answer
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let site = Site::new(Reports::new([])).await;
    let mut preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // An empty SETTINGS frame.
    preface.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    let refused = answer(site.address, &preface).await;
    assert!(refused.is_empty() || refused.starts_with(b"HTTP/1.1 4"), "{refused:?}");
    let upgrade = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, \
                    close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    let answer = answer(site.address, upgrade).await;
    assert_eq!(status(&answer), b"HTTP/1.1 200");
    assert!(answer.ends_with(b"ok\n"), "{answer:?}");
}

#[tokio::test]
async fn a_request_that_proxies_may_read_differently_is_refused() {
    let site = Site::new(Reports::new([])).await;
    for (version, headers, expected) in [
        ("1.1", "Host: a\r\n", b"HTTP/1.1 200"),
        ("1.1", "Host: a.example:8080\r\n", b"HTTP/1.1 200"),
        ("1.1", "Host: [::1]:8080\r\n", b"HTTP/1.1 200"),
        ("1.1", "Host:\r\n", b"HTTP/1.1 200"),
        ("1.0", "", b"HTTP/1.0 200"),
        ("1.1", "", b"HTTP/1.1 400"),
        ("1.1", "Host: a\r\nHost: a\r\n", b"HTTP/1.1 400"),
        ("1.1", "Host: a\r\nHost: b\r\n", b"HTTP/1.1 400"),
        ("1.0", "Host: a\r\nHost: b\r\n", b"HTTP/1.0 400"),
        ("1.1", "Host: a, b\r\n", b"HTTP/1.1 400"),
        ("1.1", "Host: a@b\r\n", b"HTTP/1.1 400"),
        ("1.1", "Host: a/b\r\n", b"HTTP/1.1 400"),
    ] {
        let line = format!("GET /-/healthy HTTP/{version}");
        let answer = answered(&site, &line, headers, expected).await;
        assert!(answer.len() < 512, "{headers}");
    }
}

#[tokio::test]
async fn a_request_head_beyond_32_kib_is_refused() {
    let site = Site::new(Reports::new([])).await;
    let begin = "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: ";
    for (length, expected) in [
        (32 << 10, b"HTTP/1.1 200"),
        ((32 << 10) + 1, b"HTTP/1.1 431"),
        (40_000, b"HTTP/1.1 431"),
        (400_000, b"HTTP/1.1 431"),
    ] {
        let value = "x".repeat(length - begin.len() - 4);
        let answer = answer(site.address, format!("{begin}{value}\r\n\r\n").as_bytes()).await;
        assert_eq!(status(&answer), expected, "{length}");
    }
}

/// An `Accept-Encoding`, and whether it allows gzip and identity.
async fn row(site: &Site, accepted: &str, gzip: bool, identity: bool) {
    let headers = match accepted {
        "none" => "Host: x\r\n".to_owned(),
        accepted => format!("Host: x\r\nAccept-Encoding: {accepted}\r\n"),
    };
    // Compression is not worth it for a short answer.
    for (path, is_short) in [("/metrics", false), ("/", false), ("/-/healthy", true)] {
        let expected = if gzip || identity { b"HTTP/1.1 200" } else { b"HTTP/1.1 406" };
        let answer = answered(site, &format!("GET {path} HTTP/1.1"), &headers, expected).await;
        let is_compressed = answer.windows(3).any(|bytes| bytes == [0x1f, 0x8b, 8]);
        assert_eq!(is_compressed, gzip && !(is_short && identity), "{path} {accepted}");
        assert!(gzip || identity || answer.len() < 512, "{path} {accepted}");
    }
}

#[tokio::test]
async fn answers_are_compressed_as_the_client_accepts_it() {
    let site = &Site::new(Reports::new([])).await;
    row(site, "none", false, true).await;
    row(site, "", false, true).await;
    row(site, "gzip", true, true).await;
    row(site, "deflate, GZIP;q=0.5", true, true).await;
    row(site, "gzip;q=0", false, true).await;
    row(site, "gzip;q=0.2, identity;q=0.8", false, true).await;
    row(site, "*", true, true).await;
    row(site, "*;q=0", false, false).await;
    row(site, "identity;q=0", false, false).await;
    row(site, "br, identity; Q=0.0", false, false).await;
    row(site, "identity;q=0, gzip", true, false).await;
    row(site, "identity;q=0, *", true, false).await;
    row(site, "*;q=0, identity", false, true).await;
    row(site, "*;q=0, gzip;q=0.1", true, false).await;
}

/// Asks for /-/healthy over a connection that stays open.
async fn is_healthy(client: &mut TcpStream) -> io::Result<()> {
    client.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n").await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok\n") {
        if client.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_new_connection_takes_the_place_of_the_one_idle_for_longest() {
    let site = Site::with_places(2).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = TcpStream::connect(site.address).await.unwrap();
        is_healthy(&mut client).await.unwrap();
        clients.push(client);
    }
    assert!(!matches!(clients[0].read(&mut [0]).await, Ok(1)), "it is closed");
    for client in clients.iter_mut().skip(1) {
        is_healthy(client).await.unwrap();
    }
}

#[tokio::test]
async fn no_address_keeps_another_out_by_connections_in_use() {
    let site = Site::with_places(4).await;
    let address = site.address;
    let mut greedy = JoinSet::new();
    for number in 0..24 {
        greedy.spawn(async move {
            while let Ok(mut client) = connect([127, 0, 0, 2], address).await {
                // Some send requests repeatedly, some send nothing, some send part of a request.
                match number % 3 {
                    0 => while is_healthy(&mut client).await.is_ok() {},
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
        let answered = async { is_healthy(&mut connect([127, 0, 0, 1], address).await?).await };
        timeout(Duration::from_secs(2), answered).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_read_nothing_hold_little_and_delay_no_scrape() {
    if !alone("listener::clients_that_read_nothing_hold_little_and_delay_no_scrape") {
        return;
    }
    let site = Site::new(fleet()).await;
    let large =
        ["/?per_page=1000", "/metrics", "/api/v1/origins", "/api/v1/sd", "/origins/origin-0000"];
    let whole = scrape(&site).await;
    let before = resident();
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let mut stream = slow_reader(&site).await;
        let encoding = if number % 2 == 0 { "Accept-Encoding: gzip\r\n" } else { "" };
        let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n{encoding}\r\n");
        // Some send small requests without end before they read, the others ask for much.
        let requests = match number % 5 {
            0 => request("/-/healthy").repeat(5_000),
            _ => request(large[number / 2 % large.len()]).repeat(20),
        };
        // What the socket takes; a server that does not read on leaves the rest.
        let writing = stream.write_all(requests.as_bytes());
        let _ = timeout(Duration::from_millis(20), writing).await;
        clients.push(stream);
    }
    let scraped = timeout(LONGEST_SCRAPE, scrape(&site)).await.unwrap();
    assert!(scraped * 10 > whole * 9, "{scraped} of {whole}");
    let held = resident().saturating_sub(before);
    assert!(held < CLIENTS * MOST_HELD, "{} KiB for {CLIENTS} clients", held >> 10);
}

#[tokio::test]
async fn slow_readers_keep_the_reports_of_two_moments_at_most() {
    let reports = fleet();
    let entries = reports.entries();
    let site = Site::new(reports).await;
    let (mut clients, mut replaced) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        for path in [
            "/metrics",
            "/?per_page=1000",
            "/api/v1/origins",
            "/api/v1/origins?verdict=fails",
            "/api/v1/origins?sort=probed",
            "/api/v1/origins?per_page=1000",
        ] {
            let mut stream = slow_reader(&site).await;
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut begin = [0; 12];
            stream.read_exact(&mut begin).await.unwrap();
            assert_eq!(&begin, b"HTTP/1.1 200", "{path}");
            clients.push(stream);
        }
        for entry in &*entries {
            let report = entry.latest().unwrap();
            replaced.push(Arc::downgrade(&report));
            entry.publish(&Report::clone(&report));
        }
    }
    let held = replaced.iter().filter(|report| report.strong_count() > 0).count();
    // Each response may be about to write one more.
    assert!(held <= 2 * entries.len() + clients.len(), "{held} of {}", replaced.len());
}

/// Fewer than there are places.
const CLIENTS: usize = 200;
/// Three times the slowest scrape of a debug build beside these clients, which was 0.6 s on two cores
/// with a load of 14.
const LONGEST_SCRAPE: Duration = Duration::from_secs(2);
/// Bytes of each client, the buffers of its requests included: not quite three times the 35 to 38 KiB
/// that a debug build takes.
const MOST_HELD: usize = 100 << 10;

/// Returns how many bytes a scrape has.
async fn scrape(site: &Site) -> usize {
    answered(site, "GET /metrics HTTP/1.1", "Host: x\r\n", b"HTTP/1.1 200").await.len()
}

/// Returns how many bytes of memory this process has.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() << 10
}

#[tokio::test]
async fn a_scrape_needs_nothing_of_the_threads_that_probe() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let state = state(Desk::new(now), fleet(), WebAccess::open());
    let (end, ending) = oneshot::channel::<()>();
    let serving = web::serve_apart(16, listener, state, async { drop(ending.await) });
    // This blocks the only thread of this test's runtime.
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    io::Write::write_all(&mut stream, b"GET /metrics HTTP/1.0\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    let series = answer.lines().filter(|line| line.starts_with("cloudfront_origin_failing{"));
    assert_eq!(series.count(), 1000);
    drop(end);
    assert!(timeout(Duration::from_secs(20), serving).await.unwrap().unwrap().is_ok());
}
