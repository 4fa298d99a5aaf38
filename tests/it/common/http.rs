//! Requests to the pages, each on its own connection, and their answers.
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// An answer to one request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    /// Without chunks.
    pub body: String,
}

impl Answer {
    /// Parses a whole answer; `None` if it is not HTTP.
    pub fn parse(answer: Vec<u8>) -> Option<Self> {
        let answer = String::from_utf8(answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let head = head.to_lowercase();
        let body = match head.contains("transfer-encoding: chunked") && !body.is_empty() {
            true => unchunked(body),
            false => body.to_owned(),
        };
        Some(Self { status, head, body })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&*prefix))
    }

    /// Returns the value of one series; `None` if it is missing.
    pub fn sample(&self, series: &str) -> Option<&str> {
        sample(&self.body, series)
    }

    /// Returns the values of one label over the series of one metric.
    pub fn labels(&self, metric: &str, label: &str) -> Vec<&str> {
        let lines = self.body.lines().filter(|line| line.starts_with(&format!("{metric}{{")));
        let values = lines.map(|line| line.split_once(&format!("{label}=\"")).unwrap().1);
        values.map(|value| value.split('"').next().unwrap()).collect()
    }
}

/// Returns the value of one line of some metrics.
pub fn sample<'a>(metrics: &'a str, series: &str) -> Option<&'a str> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

/// Joins the chunks of a body (RFC 9112 §7.1).
fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    loop {
        let (length, rest) = body.split_once("\r\n").unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.push_str(&rest[..length]);
        body = rest[length..].strip_prefix("\r\n").unwrap();
    }
}

/// Connects from one address of this machine.
pub async fn connect(from: [u8; 4], address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((IpAddr::from(from), 0).into())?;
    socket.connect(address).await
}

/// Makes a request with these headers besides `Host`.
pub async fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> Answer {
    request(address, &format!("{method} {path} HTTP/1.0\r\nHost: x\r\n{headers}\r\n")).await
}

/// Sends a whole request, and reads the answer until the connection ends.
pub async fn request(address: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    Answer::parse(answer).unwrap()
}
