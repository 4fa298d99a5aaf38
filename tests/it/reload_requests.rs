//! Requests for a reload as clients make them: in crowds, and without waiting for the answer.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::process::{Folder, NO_DNS, Process, yaml};

const RELOADED: &str = "configuration reloaded why=/-/reload";
/// So many that reading them takes longer than hundreds of requests.
const ORIGINS: usize = 5_000;

/// Starts a daemon that probes next to nothing.
async fn daemon(name: &str) -> Process {
    let ids: Vec<String> = (0..ORIGINS).map(|number| format!("o{number}.example")).collect();
    let head = format!("{NO_DNS}probe: {{interval: 1h, start_rate: 1}}\n");
    let origins = ids.iter().map(|id| (&**id, &**id, 443));
    let daemon = Folder::new(name).start(&yaml(&head, origins)).await;
    daemon.shows("origin_probe_origins", &ORIGINS.to_string()).await;
    daemon
}

fn threads(daemon: &Process) -> usize {
    let folder = format!("/proc/{}/task", daemon.pid().as_raw_nonzero());
    std::fs::read_dir(folder).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn abandoned_requests_share_reloads_that_end() {
    let daemon = daemon("abandoned-reloads").await;
    let before = threads(&daemon);
    let mut most = 0;
    for _ in 0..60 {
        daemon.abandon("POST", "/-/reload").await;
        most = most.max(threads(&daemon));
    }
    assert!(most < before + 10, "{most} threads, {before} before");
    // Nobody waits for them, and all the same nothing is left half done.
    daemon.says(RELOADED).await;
    assert_eq!(daemon.ask("POST", "/-/reload").await, (200, "reloaded\n".to_owned()));
    let reloads = daemon.log().matches(RELOADED).count();
    assert!(reloads < 30, "{reloads} reloads");
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_wants_reloads_delays_no_scrape() {
    let daemon = daemon("crowd-of-reloads").await;
    // More than the connections that are served at once.
    let mut crowd = Vec::new();
    for _ in 0..300 {
        let mut client = TcpStream::connect(daemon.address).await.unwrap();
        client.write_all(b"POST /-/reload HTTP/1.0\r\nHost: x\r\n\r\n").await.unwrap();
        crowd.push(tokio::spawn(async move {
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.map(|_| answer)
        }));
    }
    let scrape = daemon.ask("GET", "/metrics");
    let scrape = tokio::time::timeout(Duration::from_secs(10), scrape).await;
    assert_eq!(scrape.expect("a scrape is not held up").0, 200);
    let (mut done, mut refused) = (0, 0);
    for client in crowd {
        let answer = client.await.unwrap().unwrap();
        if answer.starts_with("HTTP/1.0 503") {
            assert!(answer.contains("\r\nretry-after: 5\r\n"), "{answer}");
            let text = "too many requests are waiting for a reload; try again in 5 s\n";
            assert!(answer.ends_with(text), "{answer}");
            refused += 1;
        } else {
            assert!(answer.ends_with("\r\n\r\nreloaded\n"), "{answer}");
            done += 1;
        }
    }
    let reloads = daemon.log().matches(RELOADED).count();
    assert!(done >= 8 && refused >= 100 && reloads < done, "{done} {refused} {reloads}");
    assert_eq!(daemon.end().await, Some(0));
}
