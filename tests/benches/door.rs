//! Passwords at the pages' access: what a wrong one takes for users with hashes of different costs and
//! for an unknown one, and how long a right one waits while 40 clients guess.
//!
//! `cargo bench --bench door`
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "../it/common/http.rs"]
mod http;
#[path = "../it/common/process.rs"]
mod process;
#[path = "../it/common/section.rs"]
mod section;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use process::{Folder, Process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

const ROUNDS: u32 = 20;
const GUESSING: usize = 40;

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let folder = Folder::new("bench-door");
        let text = "web: {listen: \"127.0.0.1:0\"}\nresolver: {nameservers: [\"127.0.0.1:9\"]}\n\
                    origins: [{id: a, domain: a.example}]\n";
        let hash = |cost| bcrypt::hash("right", cost).unwrap();
        let users = format!(
            "basic_auth_users: {{cheap: \"{}\", dear: \"{}\", scraper: \"{}\"}}\n",
            hash(4),
            hash(10),
            hash(10)
        );
        let mut command = folder.serve(text);
        command.arg("--web.config.file").arg(folder.write("web.yaml", users));
        let daemon = Process::start(command).await;
        let here = [127, 0, 0, 1];
        for user in ["cheap", "dear", "unknown"] {
            let began = Instant::now();
            for _ in 0..ROUNDS {
                assert_eq!(ask(daemon.address, here, &format!("{user}:wrong")).await, Some(401));
            }
            figure(&format!("door_wrong_password_{user}"), began.elapsed() / ROUNDS);
        }
        for _ in 0..GUESSING {
            let address = daemon.address;
            tokio::spawn(async move {
                loop {
                    ask(address, [127, 0, 0, 2], "dear:wrong").await;
                }
            });
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        for name in ["door_first_login_while_guessed", "door_next_login_while_guessed"] {
            let began = Instant::now();
            assert_eq!(ask(daemon.address, here, "scraper:right").await, Some(200));
            figure(name, began.elapsed());
        }
    });
}

fn figure(name: &str, time: Duration) {
    println!("figure {name} {:.1} ms", time.as_secs_f64() * 1_000.0);
}

/// Returns the status of an answer; `None` where the connection came to nothing.
async fn ask(daemon: SocketAddr, from: [u8; 4], credentials: &str) -> Option<u16> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind((IpAddr::from(from), 0).into()).ok()?;
    let mut stream = socket.connect(daemon).await.ok()?;
    let encoded = BASE64_STANDARD.encode(credentials);
    let request =
        format!("GET /-/healthy HTTP/1.0\r\nHost: x\r\nAuthorization: Basic {encoded}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}
