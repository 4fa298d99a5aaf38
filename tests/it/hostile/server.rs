//! A server on loopback that follows a script, step by step, on each of its connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::wire::{Hello, RECORD_HEADER};

/// One thing that a server does.
#[derive(Clone, Debug, Hash)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Each byte in a packet of its own.
    SendApart(Vec<u8>),
    /// The bytes again and again, for as long as the client takes them.
    SendForever(Vec<u8>),
    /// A byte every 50 ms, for as long as the client takes them.
    Drip(Vec<u8>),
    /// Waits for more from the client.
    Read,
    /// Waits until the client has gone.
    Wait,
    /// Closes in order.
    Close,
    Reset,
}

/// What a server does with one connection, given its hello and its number, from 0.
pub(crate) type Script = Arc<dyn Fn(&Hello, usize) -> Vec<Step> + Send + Sync>;

/// What a server does before and after it has read a ClientHello.
#[derive(Clone)]
pub(crate) struct Behavior {
    /// Done before anything is read; a script that ends here has no more steps.
    pub(crate) before: Vec<Step>,
    pub(crate) script: Script,
}

/// A running server; it stops when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(behavior: Behavior) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            let mut running = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::Relaxed);
                let behavior = behavior.clone();
                // A client that leaves early ends its own connection only.
                running.spawn(timeout(PATIENCE, async move {
                    let _ = serve(stream, &behavior, number).await;
                }));
                while running.try_join_next().is_some() {}
            }
        });
        Self { address, connections, accepting }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// The longest that a connection is served.
const PATIENCE: Duration = Duration::from_secs(60);

const DRIP: Duration = Duration::from_millis(50);

async fn serve(mut stream: TcpStream, behavior: &Behavior, number: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    for step in &behavior.before {
        take(step, &mut stream).await?;
    }
    let mut record = vec![0; RECORD_HEADER];
    stream.read_exact(&mut record).await?;
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(RECORD_HEADER + length, 0);
    stream.read_exact(&mut record[RECORD_HEADER..]).await?;
    let hello = Hello::read(&record[RECORD_HEADER..]);
    for step in (behavior.script)(&hello, number) {
        take(&step, &mut stream).await?;
    }
    Ok(())
}

async fn take(step: &Step, stream: &mut TcpStream) -> io::Result<()> {
    let gone = || Err(io::ErrorKind::NotConnected.into());
    match step {
        Step::Send(bytes) => stream.write_all(bytes).await,
        Step::SendApart(bytes) => {
            for byte in bytes {
                stream.write_all(&[*byte]).await?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }
        Step::SendForever(bytes) => loop {
            stream.write_all(bytes).await?;
        },
        Step::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(DRIP).await;
            }
            Ok(())
        }
        Step::Read => match stream.read(&mut [0; 4096]).await? {
            0 => gone(),
            _ => Ok(()),
        },
        Step::Wait => {
            while stream.read(&mut [0; 4096]).await? > 0 {}
            gone()
        }
        Step::Close => {
            stream.shutdown().await?;
            while stream.read(&mut [0; 4096]).await? > 0 {}
            gone()
        }
        Step::Reset => {
            stream.set_zero_linger()?;
            gone()
        }
    }
}
