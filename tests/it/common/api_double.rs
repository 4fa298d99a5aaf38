//! A double of CloudFront's API: answers as a test says, passes the rest on to another server, and
//! remembers what was asked.
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::api_documents::filled;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET /2020-05-31/distribution?MaxItems=100`
    pub line: String,
    pub body: String,
    pub head: String,
}

impl Request {
    /// Returns the path without the version of the API, and without the query.
    pub fn path(&self) -> &str {
        let path = self.line.split([' ', '?']).nth(1).unwrap();
        path.strip_prefix("/2020-05-31").unwrap_or(path)
    }

    /// Returns the value of a key of the query, as it is written.
    pub fn query(&self, key: &str) -> Option<&str> {
        let (_, query) = self.line.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// 200, with this document.
    Xml(String),
    /// An error of the API.
    Error(u16, &'static str),
    /// 200 and the beginning of a document, and then the end of the connection.
    CutShort(String),
    /// These bytes, the head and all.
    Raw(String),
    /// 200 and a document that goes on for ever.
    Endless,
    /// Nothing, for ever.
    Silence,
    /// What the other server answers.
    PassOn,
}

type Script = Box<dyn Fn(&Request) -> Answer + Send>;

/// The double, running on loopback.
pub struct ApiDouble {
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl ApiDouble {
    /// Returns a double that does as `script` says; `behind` is the server that it passes on to.
    pub async fn start(
        behind: Option<SocketAddr>,
        script: impl Fn(&Request) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let double = Self {
            address: listener.local_addr().unwrap(),
            script: Arc::new(Mutex::new(Box::new(script))),
            requests: Arc::default(),
        };
        let (script, requests) = (Arc::clone(&double.script), Arc::clone(&double.requests));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (script, requests) = (Arc::clone(&script), Arc::clone(&requests));
                tokio::spawn(async move {
                    // A client that goes away is no failure.
                    let _ = serve(stream, behind, &script, &requests).await;
                });
            }
        });
        double
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what is answered from now on.
    pub fn now(&self, script: impl Fn(&Request) -> Answer + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    /// Returns what was asked since the last time that somebody wanted to know.
    pub fn asked(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

async fn serve(
    stream: TcpStream,
    behind: Option<SocketAddr>,
    script: &Mutex<Script>,
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let answer = (script.lock().unwrap())(&request);
        requests.lock().unwrap().push(request.clone());
        match answer {
            Answer::Xml(body) => write(&mut stream, "200 OK", &body).await?,
            Answer::Error(status, code) => {
                let body = filled(include_str!("documents/error.xml"), &[("code", code)]);
                write(&mut stream, &format!("{status} No"), &body).await?;
            }
            Answer::CutShort(body) => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n",
                    body.len() * 2
                );
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(body.as_bytes()).await?;
                return stream.shutdown().await;
            }
            Answer::Raw(bytes) => stream.write_all(bytes.as_bytes()).await?,
            Answer::Endless => {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n\
                            transfer-encoding: chunked\r\n\r\n";
                stream.write_all(head.as_bytes()).await?;
                let chunk = format!("10000\r\n{}\r\n", "<A></A><B></B>  ".repeat(0x1000));
                loop {
                    stream.write_all(chunk.as_bytes()).await?;
                }
            }
            Answer::Silence => std::future::pending::<()>().await,
            Answer::PassOn => {
                let mut server = TcpStream::connect(behind.unwrap()).await?;
                let head = request.head.to_ascii_lowercase().contains("\r\nconnection:");
                assert!(!head, "the request says how long the connection lasts");
                let (first, rest) = request.head.split_once("\r\n").unwrap();
                let head = format!("{first}\r\nconnection: close\r\n{rest}");
                server.write_all(head.as_bytes()).await?;
                server.write_all(request.body.as_bytes()).await?;
                let mut answer = Vec::new();
                server.read_to_end(&mut answer).await?;
                stream.write_all(&answer).await?;
                return stream.shutdown().await;
            }
        }
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let before = head.len();
        if stream.read_line(&mut head).await? == 0 {
            return Ok(None);
        }
        let line = head[before..].trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let line = head.split(" HTTP/1.1").next().unwrap().to_owned();
    Ok(Some(Request { line, head, body: String::from_utf8(body).unwrap() }))
}

async fn write(stream: &mut BufReader<TcpStream>, status: &str, body: &str) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}
