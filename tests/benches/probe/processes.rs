//! The daemon, blackbox_exporter and the bare handshake, each as a process and at the same pace:
//! probes come one by one, as in a running daemon, and each finds cold caches and threads that
//! sleep. The slower the pace, the more of the cost is waking up.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};

use tokio::process::{Child, Command};

use super::bare::{Bare, Verification};
use super::figure;
use super::measure::{cpu_of, median};
use super::origin::{DOMAIN, NAMES, TestOrigin, Ttl};

/// How many probes are made in a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace(pub(crate) u32);

impl Pace {
    /// Every origin's turn comes once in this time.
    fn interval(self) -> Duration {
        Duration::from_secs(1) * NAMES as u32 / self.0
    }

    /// How long a process is watched each time.
    fn window(self) -> Duration {
        self.interval() * 2
    }

    /// As many as the daemon begins together, which it does every 50 ms.
    fn group(self) -> u32 {
        (self.0 / 20).max(1)
    }
}

const ROUNDS: usize = 3;

/// Measures and prints.
pub(crate) fn compare(origin: &TestOrigin, pace: Pace) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("probe");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("root.pem"), &origin.root.pem).unwrap();
    let mut costs: [Vec<f64>; 4] = Default::default();
    let mut blackbox = Vec::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for _ in 0..ROUNDS {
            let [bare, grouped, asking, keeping] = &mut costs;
            bare.push(cost_of_bare(origin, pace, 1).await);
            grouped.push(cost_of_bare(origin, pace, pace.group()).await);
            asking.push(cost_of_daemon(origin, pace, &folder, Ttl::OneSecond).await);
            keeping.push(cost_of_daemon(origin, pace, &folder, Ttl::AnHour).await);
            blackbox.extend(cost_of_blackbox(origin, pace, &folder).await);
        }
    });
    let [bare, grouped, asking, keeping] = costs.map(median);
    figure("pace", f64::from(pace.0), "probes/s");
    figure("probe_cpu", asking, "us");
    figure("probe_cpu_long_ttl", keeping, "us");
    figure("bare_cpu", bare, "us");
    figure("bare_in_groups_cpu", grouped, "us");
    figure("probe_cpu_ratio", asking / bare, "x");
    figure("probe_cpu_long_ttl_ratio", keeping / bare, "x");
    figure("probe_cpu_in_groups_ratio", asking / grouped, "x");
    if blackbox.is_empty() {
        println!("blackbox_exporter is not installed (.ci/install monitoring): left out");
        return;
    }
    let blackbox = median(blackbox);
    figure("blackbox_cpu", blackbox, "us");
    figure("probe_blackbox_ratio", blackbox / asking, "x");
}

/// The bare handshake in a process of its own, which is this program again; so many together.
async fn cost_of_bare(origin: &TestOrigin, pace: Pace, group: u32) -> f64 {
    let this = std::env::current_exe().unwrap();
    let (address, group) = (origin.address.to_string(), group.to_string());
    let process = Process::start(&this, &["bare", &address, &pace.0.to_string(), &group]);
    sleep(pace.interval() / 2).await;
    process.cost(origin, sleep(pace.window())).await
}

/// Makes bare handshakes at the pace, so many together, until killed.
pub(crate) fn shake_hands_forever(address: SocketAddr, pace: Pace, group: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let bare = Bare::new(Verification::OfTheSignature, &[]);
        let mut due = Instant::now();
        loop {
            sleep_until(due).await;
            due += Duration::from_secs(1) * group / pace.0;
            for _ in 0..group {
                let bare = bare.clone();
                tokio::spawn(async move { bare.shake_hands(address).await });
            }
        }
    });
}

/// The daemon with every name an origin of its own; once an interval its metrics are read.
async fn cost_of_daemon(origin: &TestOrigin, pace: Pace, folder: &Path, ttl: Ttl) -> f64 {
    let listen = free_address();
    let config = folder.join("origin-probe.yaml");
    std::fs::write(&config, configuration(origin, pace, listen, ttl)).unwrap();
    let release = || env!("CARGO_BIN_EXE_origin-probe").into();
    let program = PathBuf::from(std::env::var_os("ORIGIN_PROBE_BINARY").unwrap_or_else(release));
    let process = Process::start(&program, &["serve", "--config", config.to_str().unwrap()]);
    let mut connection = connect(listen).await;
    // The first round, and until its probes have scattered over the interval.
    sleep(pace.interval() * 3).await;
    let scraping = async {
        let end = Instant::now() + pace.window();
        while Instant::now() < end {
            let metrics = get(&mut connection, "/metrics").await;
            let answering = "cloudfront_origin_failing{distribution=\"\",origin=\"o0\"";
            let series = metrics.lines().find(|line| line.starts_with(answering)).unwrap();
            assert!(series.ends_with(" 0"), "{series}");
            sleep(pace.interval()).await;
        }
    };
    process.cost(origin, scraping).await
}

fn configuration(origin: &TestOrigin, pace: Pace, listen: SocketAddr, ttl: Ttl) -> String {
    let mut yaml = format!(
        "web: {{listen: \"{listen}\"}}\nresolver: {{nameservers: [\"{}\"]}}\nlog: {{level: error}}\n\
         reachability: {{assume_public: [127.0.0.0/8]}}\ntrust_anchors: {{extra: [root.pem]}}\n\
         probe: {{interval: {}ms, per_address: 64}}\norigins:\n",
        origin.dns,
        pace.interval().as_millis()
    );
    for number in 0..NAMES {
        let (domain, port) = (ttl.name(number), origin.address.port());
        writeln!(yaml, "  - {{id: o{number}, domain: {domain}, https_port: {port}}}").unwrap();
    }
    yaml
}

/// blackbox_exporter, asked for each probe by HTTP on one connection; `None` where it is not
/// installed.
async fn cost_of_blackbox(origin: &TestOrigin, pace: Pace, folder: &Path) -> Option<f64> {
    let listen = free_address();
    let blackbox = start_blackbox(folder, listen)?;
    let mut connection = connect(listen).await;
    // By address, so that it looks up nothing.
    let path = format!("/probe?module=tls&target={}", origin.address);
    let end = Instant::now() + pace.interval() / 2 + pace.window();
    let probing = async |connection: &mut TcpStream, until: Instant| {
        let mut due = Instant::now();
        while due < until {
            sleep_until(due).await;
            due += Duration::from_secs(1) / pace.0;
            let metrics = get(connection, &path).await;
            assert!(metrics.contains("\nprobe_success 1\n"), "{metrics}");
        }
    };
    probing(&mut connection, Instant::now() + pace.interval() / 2).await;
    Some(blackbox.cost(origin, probing(&mut connection, end)).await)
}

/// Starts blackbox_exporter with `root.pem` in `folder` for an authority. It does what comes nearest
/// to a probe: its tcp prober with TLS verifies the chain and writes metrics of it. `None` where it
/// is not installed.
fn start_blackbox(folder: &Path, listen: SocketAddr) -> Option<Process> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/origin-probe"));
    let cache = std::env::var_os("ORIGIN_PROBE_CACHE").map(PathBuf::from).or_else(home)?;
    let program = cache.join("monitoring/usr/bin/prometheus-blackbox-exporter");
    if !program.exists() {
        return None;
    }
    let yaml = format!(
        "modules:\n  tls:\n    prober: tcp\n    timeout: 5s\n    tcp:\n      \
         preferred_ip_protocol: ip4\n      tls: true\n      tls_config:\n        \
         ca_file: {}\n        server_name: {DOMAIN}\n",
        folder.join("root.pem").display()
    );
    let config = folder.join("blackbox.yml");
    std::fs::write(&config, yaml).unwrap();
    let config = format!("--config.file={}", config.display());
    let listen = format!("--web.listen-address={listen}");
    Some(Process::start(&program, &[&config, &listen, "--log.level=error"]))
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn connect(address: SocketAddr) -> TcpStream {
    loop {
        if let Ok(stream) = TcpStream::connect(address).await {
            return stream;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Asks on a connection that stays open, and returns head and body.
async fn get(connection: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let (mut answer, mut buffer) = (Vec::new(), vec![0; 65_536]);
    while !is_whole(&answer) {
        let read = connection.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the connection was closed");
        answer.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(answer).unwrap()
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    match text.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        Some(length) => answer.len() >= head + 4 + length.parse::<usize>().unwrap(),
        // In chunks, the last of which is empty.
        None => answer.ends_with(b"\r\n0\r\n\r\n"),
    }
}

/// A running process; it is killed when dropped.
#[derive(Debug)]
struct Process {
    child: Child,
}

impl Process {
    /// Starts a program.
    fn start(program: &Path, arguments: &[&str]) -> Self {
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { child }
    }

    /// Returns the microseconds of CPU, all threads, for each handshake that the origin sees while
    /// `meanwhile` runs.
    async fn cost(&self, origin: &TestOrigin, meanwhile: impl Future<Output = ()>) -> f64 {
        let process = self.child.id().unwrap();
        let (cpu, handshakes) = (cpu_of(process), origin.handshakes());
        meanwhile.await;
        let used: Duration = cpu_of(process) - cpu;
        let made = origin.handshakes() - handshakes;
        assert!(made > 0, "no handshake was made");
        used.as_secs_f64() * 1e6 / made as f64
    }
}
