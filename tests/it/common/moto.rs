//! Moto's server, a double of AWS, as a process of its own.
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A running server; it is killed when dropped.
pub struct Moto {
    _child: Child,
    pub address: SocketAddr,
}

impl Moto {
    /// Starts it where `.ci/install python` has put it; `None`, and a word about that, where it is
    /// not and need not be.
    pub async fn start() -> Option<Self> {
        let python = std::env::var_os("ORIGIN_PROBE_MOTO").map(PathBuf::from);
        let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        let python = python.unwrap_or_else(|| home().join(".cache/origin-probe/python/bin/python"));
        if !python.exists() {
            let required = std::env::var("ORIGIN_PROBE_REQUIRE_PEERS").is_ok_and(|one| one == "1");
            assert!(!required, "moto is missing at {}", python.display());
            eprintln!("skipped: moto is missing; install it with `.ci/install python`");
            return None;
        }
        let mut command = Command::new(python);
        command.args(["-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]);
        command.stderr(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("moto ended");
            if let Some((_, url)) = line.split_once("http://") {
                break url.trim().parse().unwrap();
            }
        };
        // Nobody may make it wait for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some(Self { _child: child, address })
    }

    /// Creates a distribution and returns its id.
    pub async fn create(&self, config: &str) -> String {
        let (_, body) = self.send("POST", "/distribution", "", config).await;
        element(&body, "Id")
    }

    /// Changes a distribution.
    pub async fn update(&self, id: &str, config: &str) {
        let path = format!("/distribution/{id}/config");
        let (head, _) = self.send("GET", &path, "", "").await;
        let tag = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("etag").then(|| value.to_owned())
        });
        let condition = format!("If-Match: {}\r\n", tag.unwrap());
        self.send("PUT", &path, &condition, config).await;
    }

    async fn send(&self, method: &str, path: &str, head: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} /2020-05-31{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 \
             Credential=AKIDEXAMPLE/20260101/us-east-1/cloudfront/aws4_request, \
             SignedHeaders=host, Signature=x\r\n{head}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        (head.to_owned(), body.to_owned())
    }
}

fn element(document: &str, name: &str) -> String {
    let (_, rest) = document.split_once(&format!("<{name}>")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}
