//! How long, how many and how often: what hangs is given up, and nobody can ask for too much.

use std::time::Duration;

use futures_util::future::join_all;
use origin_probe::demo::dns::DnsRecord;
use origin_probe::demo::script::Script;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::stage::{DOMAIN, SHORT_TIMEOUT, Stage, failures};
use crate::common::stage::{LOOPBACK, scripted};

/// As many as are made at once, and after a pause.
const AT_ONCE: usize = 64;
const BURST: usize = 100;

#[tokio::test]
async fn a_hanging_server_is_given_up_when_the_scraper_would() {
    let server = scripted(Script::Silence).await;
    let port = server.address().port();
    let stage = Stage::at(port, "127.0.0.0/8").await;
    // With the three seconds of the prober it would be the server's fault, handshake-timed-out.
    let query = format!("target={DOMAIN}:{port}&debug=true");
    let answer = stage.probe_with(&query, SHORT_TIMEOUT).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(failures(&answer), ["127.0.0.1 out-of-time"]);
    assert!(answer.body.contains(" of 0.3 s at most (scrape timeout 0.8 s)\n"));
    let reasons = answer.labels("cloudfront_origin_undecided_reason", "reason");
    assert_eq!(reasons, [TOO_SHORT]);
    assert_eq!(answer.sample("probe_success"), Some("0"));
    assert_eq!(server.connections(), 1);
}

const TOO_SHORT: &str = "scrape-timeout-too-short";

#[tokio::test]
async fn dns_that_takes_longer_than_the_scraper_waits_is_no_fault() {
    for (domain, root) in [
        (DnsRecord::Silence, None),
        // It fails on the domain, and does not come to what else it is asked.
        (DnsRecord::ServerFailure, Some(DnsRecord::Silence)),
    ] {
        let stage = Stage::at(443, "127.0.0.0/8").await;
        stage.dns.set(DOMAIN, domain).unwrap();
        root.into_iter().for_each(|root| stage.dns.set(".", root).unwrap());
        let query = format!("target={DOMAIN}:443");
        let answer = stage.probe_with(&query, SHORT_TIMEOUT).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let reasons = answer.labels("cloudfront_origin_undecided_reason", "reason");
        assert_eq!(reasons, [TOO_SHORT]);
    }
}

#[tokio::test]
async fn who_waits_for_a_socket_longer_than_the_scraper_does_is_told_so() {
    let (listener, port) = listen().await;
    let stage = Stage::patient(port, "127.0.0.0/8").await;
    // As many as guests have sockets to one address.
    let mut hanging = Vec::new();
    for _ in 0..8 {
        let client = hanging_request(&stage, port).await;
        hanging.push((client, listener.accept().await.unwrap()));
    }
    let query = format!("target={DOMAIN}:{port}&debug=true");
    let answer = stage.probe_with(&query, SHORT_TIMEOUT).await;
    assert_eq!(failures(&answer), ["127.0.0.1 out-of-time"]);
    let reasons = answer.labels("cloudfront_origin_undecided_reason", "reason");
    assert_eq!(reasons, [TOO_SHORT]);
}

/// Returns a server that never answers, and its port.
async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Begins a probe of a server that never answers.
async fn hanging_request(stage: &Stage, port: u16) -> TcpStream {
    let mut client = TcpStream::connect(stage.site.address).await.unwrap();
    let request = format!("GET /probe?target={DOMAIN}:{port} HTTP/1.1\r\nHost: x\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    client
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_work_behind() {
    let (listener, port) = listen().await;
    let stage = Stage::patient(port, "127.0.0.0/8").await;
    let client = hanging_request(&stage, port).await;
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut hello = [0; 5];
    connection.read_exact(&mut hello).await.unwrap();
    drop(client);
    // The prober itself would wait twice as long.
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(30), connection.read_to_end(&mut rest));
    assert!(ended.await.is_ok(), "the probe goes on");
}

#[tokio::test]
async fn no_more_than_a_few_dozen_probes_run_at_once() {
    let (_listener, port) = listen().await;
    let stage = Stage::at(port, "127.0.0.0/8").await;
    let clients = join_all((0..AT_ONCE).map(|_| hanging_request(&stage, port))).await;
    // Those that come between are answered at once: their domain does not exist.
    let quick = format!("target=none.example:{port}");
    let full = async {
        loop {
            let answer = stage.probe(&quick).await;
            if answer.status == 503 {
                return answer;
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE, full).await.unwrap();
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.body, "too many probes are running; retry later or with fewer at once\n");
    drop(clients);
    let room = async { while stage.probe(&quick).await.status != 200 {} };
    tokio::time::timeout(PATIENCE, room).await.unwrap();
}

/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn more_than_a_burst_of_probes_is_refused() {
    // While this waits the clock stands still, and no more probes are let in.
    let (let_go, waits) = std::sync::mpsc::channel::<()>();
    let standstill = tokio::task::spawn_blocking(move || waits.recv().is_err());
    let stage = Stage::at(443, "").await;
    for number in 0..BURST {
        let answer = stage.probe("target=none.example").await;
        assert_eq!(answer.status, 200, "number {number}: {}", answer.body);
    }
    let answer = stage.probe("target=none.example").await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.body, "too many probe requests per second; retry later or less often\n");
    // What is no probe costs nothing.
    assert_eq!(stage.probe("").await.status, 400);
    tokio::time::advance(Duration::from_millis(20)).await;
    assert_eq!(stage.probe("target=none.example").await.status, 200);
    drop(let_go);
    assert!(standstill.await.unwrap());
}
