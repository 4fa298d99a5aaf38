//! Prometheus, as far as the daemon can tell: it has a password and asks every five seconds.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::error::Elapsed;

use super::fleet;

/// The scraper; it stops when dropped.
pub struct Scraper {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    scrapes: u64,
    slowest: Duration,
    probes: u64,
    faults: BTreeSet<String>,
}

impl Scraper {
    pub fn start(address: SocketAddr) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let noted = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                let began = Instant::now();
                let metrics = tokio::time::timeout(TIMEOUT, ask(address, "GET", "/metrics")).await;
                noted.lock().unwrap().note(metrics, began.elapsed());
                tokio::time::sleep(INTERVAL.saturating_sub(began.elapsed())).await;
            }
        });
        Self { seen, task }
    }

    /// Waits until so many probes have ended; tells whether they have within two minutes.
    pub async fn until_probed(&self, probes: usize) -> bool {
        let probed = async {
            while self.seen.lock().unwrap().probes < probes as u64 {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), probed).await.is_ok()
    }

    /// Returns what was wrong since the last call.
    pub fn faults(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.seen.lock().unwrap().faults)
    }

    pub fn count(&self) -> u64 {
        self.seen.lock().unwrap().scrapes
    }

    pub fn slowest(&self) -> Duration {
        self.seen.lock().unwrap().slowest
    }
}

impl Drop for Scraper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    fn note(&mut self, scrape: Result<Option<(u16, String)>, Elapsed>, took: Duration) {
        self.scrapes += 1;
        self.slowest = self.slowest.max(took);
        let fault = match scrape {
            Ok(Some((200, metrics))) => return self.read(&metrics),
            Ok(Some((status, _))) => format!("a scrape gets {status}"),
            Ok(None) => "a scrape is cut off".to_owned(),
            Err(_) => format!("a scrape takes longer than {TIMEOUT:?}"),
        };
        self.faults.insert(fault);
    }

    fn read(&mut self, metrics: &str) {
        for line in metrics.lines() {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            if series == "origin_probe_probes_total" {
                self.probes = value.parse::<f64>().unwrap() as u64;
            }
            if series.starts_with("cloudfront_origin_failing{") && value == "1" {
                let id = series.split("origin=\"").nth(1).and_then(|rest| rest.split('"').next());
                let number = id
                    .and_then(|id| id.strip_prefix('o')?.split('-').next()?.parse::<usize>().ok());
                if number.is_some_and(|number| !fleet::hangs(number)) {
                    self.faults.insert(format!("an origin that answers is failing: {series}"));
                }
            }
        }
    }
}

/// Asks with the right password; `None` where the answer is cut off.
pub async fn ask(address: SocketAddr, method: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request(method, path, fleet::PASSWORD, "").as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split_whitespace().nth(1)?.parse().ok()?, body.to_owned()))
}

/// Returns a request of HTTP/1.0, which is answered as a whole and ends with the connection.
pub fn request(method: &str, path: &str, password: &str, more: &str) -> String {
    let user = base64::engine::general_purpose::STANDARD.encode(format!("prometheus:{password}"));
    format!("{method} {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Basic {user}\r\n{more}\r\n")
}

/// What Prometheus waits unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);
const INTERVAL: Duration = Duration::from_secs(5);
