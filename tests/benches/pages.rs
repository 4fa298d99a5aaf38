//! The status page and the API over 10,000 origins: how long until the first byte, how much a first
//! view weighs.
//!
//! The pages run in this process and are asked over a socket, as a browser asks. A tenth of the
//! origins fails at two addresses, the others answer; they belong to 200 distributions, which is
//! the longest list of choices that the page offers. No viewers are known.
//!
//! `cargo bench --bench pages`
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "../it/common/by_hand.rs"]
mod by_hand;
#[path = "../it/common/desk.rs"]
mod desk;
#[path = "../it/common/http.rs"]
mod http;
#[path = "../it/common/site.rs"]
mod site;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use origin_probe::report::Reports;
use site::{Site, answering, now, origin, refused, report};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ORIGINS: usize = 10_000;
const DISTRIBUTIONS: usize = 200;
const TIMES: usize = 51;

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let site = Site::new(fleet()).await;
        println!("figure pages_origins {ORIGINS} origins");
        for (name, path) in [
            ("first_view", "/"),
            ("search", "/?search=origin-1234"),
            ("last_page", "/?sort=domain&page=100"),
            ("api_page", "/api/v1/origins?verdict=fails&sort=urgency&per_page=100"),
            ("api_all", "/api/v1/origins"),
        ] {
            let mut all = Vec::new();
            for _ in 0..TIMES {
                all.push(ask(site.address, path).await);
            }
            all.sort_by_key(|answer| answer.first_byte);
            let (median, worst) = (all[TIMES / 2].first_byte, all[TIMES - 1].first_byte);
            println!("figure pages_{name}_first_byte {:.1} ms", milliseconds(median));
            println!("figure pages_{name}_first_byte_worst {:.1} ms", milliseconds(worst));
            println!("figure pages_{name}_gzipped {:.1} kB", all[0].bytes as f64 / 1000.0);
        }
        let mut files = 0;
        for path in assets(site.address).await {
            files += ask(site.address, &path).await.bytes;
        }
        println!("figure pages_files_gzipped {:.1} kB", files as f64 / 1000.0);
    });
}

fn fleet() -> Reports {
    let origins: Vec<_> = (0..ORIGINS)
        .map(|number| {
            let mut origin = origin(&format!("origin-{number:05}"));
            origin.key.distribution = format!("E2EXAMPLE{:05}", number % DISTRIBUTIONS).into();
            Arc::new(origin)
        })
        .collect();
    let reports = Reports::new(origins.iter().cloned());
    for (number, (entry, origin)) in reports.entries().iter().zip(&origins).enumerate() {
        let endpoints = match number % 10 {
            0 => vec![refused(1), refused(2)],
            _ => vec![answering(1), answering(2)],
        };
        entry.publish(&report(origin, endpoints, now()));
    }
    reports
}

struct Answered {
    /// From the request to the first byte of the answer's body.
    first_byte: Duration,
    /// As they came over the wire, without the head.
    bytes: usize,
}

async fn ask(address: SocketAddr, path: &str) -> Answered {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    );
    let began = Instant::now();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut answer, mut piece) = (Vec::new(), vec![0; 65_536]);
    let mut first_byte = None;
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&piece[..read]);
        if first_byte.is_none() && head_length(&answer).is_some_and(|head| answer.len() > head) {
            first_byte = Some(began.elapsed());
        }
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}");
    let bytes = answer.len() - head_length(&answer).unwrap();
    Answered { first_byte: first_byte.unwrap(), bytes }
}

fn head_length(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// Returns the files that a page loads.
async fn assets(address: SocketAddr) -> Vec<String> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /?search=nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    page.split('"').filter(|piece| piece.starts_with("/assets/")).map(str::to_owned).collect()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
