//! What is done to the daemon.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::error::Elapsed;

use super::daemon::Daemon;
use super::fleet::{Configured, Fleet, PASSWORD};
use super::scraper::{ask, request};

/// One attack, and how much memory it may make the daemon use.
pub struct Attack {
    pub name: &'static str,
    pub most_mib: f64,
    pub run: Run,
}

/// What went wrong.
type Faults = Vec<String>;

type Run = for<'a> fn(&'a Daemon, &'a Fleet) -> Running<'a>;

type Running<'a> = Pin<Box<dyn Future<Output = Faults> + 'a>>;

pub const ALL: [Attack; 11] = [
    attack("http2", 48.0, |daemon, _| Box::pin(http2(daemon))),
    attack("slow_readers", 48.0, |daemon, _| Box::pin(slow_readers(daemon))),
    attack("staggered_readers", 48.0, |daemon, _| Box::pin(staggered_readers(daemon))),
    attack("idle_connections", 48.0, |daemon, _| Box::pin(idle(daemon))),
    attack("passwords", 48.0, |daemon, _| Box::pin(passwords(daemon))),
    attack("guessers", 48.0, |daemon, _| Box::pin(guessers(daemon))),
    attack("files", 60.0, |daemon, fleet| Box::pin(files(daemon, fleet))),
    attack("swaps", 60.0, |daemon, fleet| Box::pin(swaps(daemon, fleet))),
    attack("abandoned_reloads", 60.0, |daemon, _| Box::pin(abandoned_reloads(daemon))),
    attack("giant", 60.0, |daemon, fleet| Box::pin(giant(daemon, fleet))),
    attack("giant_readers", 60.0, |daemon, _| Box::pin(giant_readers(daemon))),
];

const fn attack(name: &'static str, most_mib: f64, run: Run) -> Attack {
    Attack { name, most_mib, run }
}

/// Eight connections speak HTTP/2 and ask for 200 pages each.
async fn http2(daemon: &Daemon) -> Faults {
    let mut connections = Vec::new();
    for _ in 0..8 {
        let Ok(mut stream) = TcpStream::connect(daemon.address()).await else { continue };
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        // SETTINGS; no window for any stream, so that each answer waits as a whole.
        bytes.extend(frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]));
        let user = request("GET", "/", PASSWORD, "");
        let user = user.lines().find_map(|line| line.strip_prefix("Authorization: ")).unwrap();
        for stream in 0..200 {
            let mut headers = vec![0x82, 0x86, 0x84];
            headers.extend([0x41, 1, b'x', 0x0f, 0x08, u8::try_from(user.len()).unwrap()]);
            headers.extend(user.as_bytes());
            bytes.extend(frame(1, 5, 2 * stream + 1, &headers));
        }
        let _ = stream.write_all(&bytes).await;
        connections.push(stream);
    }
    // A daemon that takes them to its heart has ended by then.
    tokio::time::sleep(Duration::from_secs(8)).await;
    Vec::new()
}

/// Returns a frame of HTTP/2 (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Two hundred and fifty connections ask for the largest pages and read nothing.
async fn slow_readers(daemon: &Daemon) -> Faults {
    let pages = ["/metrics", "/", "/api/v1/origins", "/api/v1/sd", "/?page=2"];
    let mut connections = Vec::new();
    for number in 0..250 {
        let one = request("GET", pages[number / 2 % pages.len()], PASSWORD, gzip(number));
        let many = one.replace("HTTP/1.0", "HTTP/1.1").repeat(20);
        connections.extend(begin(daemon, &many).await);
    }
    // Until those that read nothing are to be closed, and a little longer.
    tokio::time::sleep(Duration::from_secs(40)).await;
    Vec::new()
}

/// In each of six rounds of probes, readers begin that read just enough to stay connected; each
/// could keep the reports of its round.
async fn staggered_readers(daemon: &Daemon) -> Faults {
    let pages = [
        "/metrics",
        "/metrics",
        "/metrics",
        "/api/v1/origins?verdict=answers",
        "/api/v1/origins?sort=probed",
        "/?per_page=1000",
    ];
    let mut connections: Vec<TcpStream> = Vec::new();
    for _ in 0..6 {
        for page in pages {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let connected = within(5, socket.connect(daemon.address())).await;
            let Ok(Ok(mut stream)) = connected else { continue };
            let one = request("GET", page, PASSWORD, "");
            let _ = within(5, stream.write_all(one.as_bytes())).await;
            connections.push(stream);
        }
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(10)).await;
            let reading = connections.into_iter().map(|mut stream| async {
                let mut piece = vec![0; JUST_ENOUGH];
                let read = within(5, stream.read_exact(&mut piece)).await;
                matches!(read, Ok(Ok(_))).then_some(stream)
            });
            connections = join_all(reading).await.into_iter().flatten().collect();
        }
    }
    println!("figure siege_staggered_readers_left {} connections", connections.len());
    Vec::new()
}

/// In bytes every 10 s: the system lets the daemon write on once a third of its buffer is free.
const JUST_ENOUGH: usize = 48 << 10;

/// Two hundred and fifty connections say nothing.
async fn idle(daemon: &Daemon) -> Faults {
    let mut connections = Vec::new();
    for _ in 0..250 {
        connections.extend(begin(daemon, "").await);
    }
    // A round of probes, with whatever files are left.
    tokio::time::sleep(Duration::from_secs(35)).await;
    Vec::new()
}

/// Forty loops guess, and the configuration is read again in between.
async fn passwords(daemon: &Daemon) -> Faults {
    let end = Instant::now() + Duration::from_secs(20);
    let mut guesses = tokio::task::JoinSet::new();
    for guesser in 0..40 {
        let address = daemon.address();
        guesses.spawn(async move {
            while Instant::now() < end {
                let guess = request("GET", "/metrics", &format!("guess{guesser}"), "");
                let Ok(mut stream) = TcpStream::connect(address).await else { continue };
                let _ = stream.write_all(guess.as_bytes()).await;
                let mut answer = Vec::new();
                let _ = within(10, stream.read_to_end(&mut answer)).await;
            }
        });
    }
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(4)).await;
        daemon.signal(Signal::HUP);
    }
    guesses.join_all().await;
    Vec::new()
}

/// A hundred connections from another address guess, say nothing, or begin a request, and come
/// back when they are closed.
async fn guessers(daemon: &Daemon) -> Faults {
    let mut guesses = tokio::task::JoinSet::new();
    for guesser in 0..100 {
        let address = daemon.address();
        guesses.spawn(async move {
            let guess = request("GET", "/metrics", &format!("guess{guesser}"), "");
            let guess = guess.replace("HTTP/1.0", "HTTP/1.1");
            let says: &[u8] = match guesser % 4 {
                0 => b"",
                1 => b"GET / HTTP/1.1\r\n",
                _ => guess.as_bytes(),
            };
            loop {
                let Ok(mut stream) = connect_from([127, 0, 0, 2], address).await else { continue };
                while stream.write_all(says).await.is_ok()
                    && stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0)
                {
                }
            }
        });
    }
    let mut faults = Faults::new();
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let began = Instant::now();
        match within(10, ask(daemon.address(), "GET", "/-/healthy")).await {
            Ok(Some((200, _))) => slowest = slowest.max(began.elapsed()),
            other => faults.push(format!("a login from another address: {other:?}")),
        }
    }
    println!("figure siege_guessers_slowest {:.2} s", slowest.as_secs_f64());
    if slowest > Duration::from_secs(2) {
        faults.push(format!("a login from another address takes {slowest:?}"));
    }
    faults
}

async fn connect_from(local: [u8; 4], address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((std::net::IpAddr::from(local), 0).into())?;
    socket.connect(address).await
}

/// The configuration becomes a pipe, then something without an end, then itself again.
async fn files(daemon: &Daemon, fleet: &Fleet) -> Faults {
    let mut faults = Faults::new();
    fleet.replace("origin-probe.yaml", |path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    });
    faults.extend(reload(daemon, 500).await);
    fleet.replace("origin-probe.yaml", |path| {
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    });
    faults.extend(reload(daemon, 500).await);
    fleet.configure(Configured::Second);
    faults.extend(reload(daemon, 200).await);
    faults
}

/// A thousand origins are exchanged for others, again and again, while they are probed.
async fn swaps(daemon: &Daemon, fleet: &Fleet) -> Faults {
    let mut faults = Faults::new();
    for configured in [Configured::First, Configured::Second].repeat(4) {
        fleet.configure(configured);
        faults.extend(reload(daemon, 200).await);
    }
    fleet.configure(Configured::First);
    faults.extend(reload(daemon, 200).await);
    // A round of the last.
    tokio::time::sleep(Duration::from_secs(35)).await;
    faults
}

/// Two thousand times the files are to be read again, and the client is gone at once.
async fn abandoned_reloads(daemon: &Daemon) -> Faults {
    let one = request("POST", "/-/reload", PASSWORD, "");
    for _ in 0..2_000 {
        let Some(_stream) = begin(daemon, &one).await else { continue };
        // Long enough for the request to be read.
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    reload(daemon, 200).await.into_iter().collect()
}

/// One origin serves 75 MB of certificates, and its document is asked for.
async fn giant(daemon: &Daemon, fleet: &Fleet) -> Faults {
    fleet.configure(Configured::FirstWithGiant);
    let mut faults: Faults = reload(daemon, 200).await.into_iter().collect();
    let end = Instant::now() + Duration::from_secs(120);
    while fleet.connections_to_giant() < 2 * 64 * 20 && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("figure siege_giant_connections {} connections", fleet.connections_to_giant());
    match within(20, ask(daemon.address(), "GET", "/api/v1/origins/giant")).await {
        Ok(Some((200, document))) => {
            println!("figure siege_giant_document {:.2} MB", document.len() as f64 / 1e6);
        }
        other => faults.push(format!("its document: {other:?}")),
    }
    faults
}

/// Two hundred and fifty connections ask for that document and read nothing.
async fn giant_readers(daemon: &Daemon) -> Faults {
    let mut connections = Vec::new();
    for number in 0..250 {
        let one = request("GET", "/api/v1/origins/giant", PASSWORD, gzip(number));
        connections.extend(begin(daemon, &one).await);
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    Vec::new()
}

/// Has the files read again; even a reload that is refused ends within its deadline.
async fn reload(daemon: &Daemon, expected: u16) -> Option<String> {
    match within(15, ask(daemon.address(), "POST", "/-/reload")).await {
        Ok(Some((status, _))) if status == expected => None,
        Ok(Some((status, body))) => Some(format!("a reload is answered by {status}: {body}")),
        Ok(None) => Some("a reload is cut off".to_owned()),
        Err(_) => Some("a reload takes longer than 15 s".to_owned()),
    }
}

/// Connects and sends a request; `None` where no connection comes about.
async fn begin(daemon: &Daemon, request: &str) -> Option<TcpStream> {
    let mut stream = within(5, TcpStream::connect(daemon.address())).await.ok()?.ok()?;
    let _ = within(5, stream.write_all(request.as_bytes())).await;
    Some(stream)
}

/// Asks for compression every other time.
fn gzip(number: usize) -> &'static str {
    if number.is_multiple_of(2) { "Accept-Encoding: gzip\r\n" } else { "" }
}

async fn within<F: Future>(seconds: u64, future: F) -> Result<F::Output, Elapsed> {
    tokio::time::timeout(Duration::from_secs(seconds), future).await
}
