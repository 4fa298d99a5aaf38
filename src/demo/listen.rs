//! The listener of the demo's servers: one loopback address, until it is dropped.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::DemoError;

/// A listener that serves connections concurrently. All of them end when it is dropped.
#[derive(Debug)]
pub(super) struct Listening {
    address: SocketAddr,
    connections: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Listening {
    /// Listens on the address and passes each connection to `serve`. Port 0 means any port.
    pub(super) async fn start(
        ip: IpAddr,
        port: u16,
        serve: impl Fn(TcpStream) -> BoxFuture<'static, ()> + Send + 'static,
    ) -> Result<Self, DemoError> {
        let wanted = SocketAddr::new(ip, port);
        let refused = |source| DemoError::Listen { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let connections = Arc::new(AtomicU64::new(0));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&connections), serve));
        Ok(Self { address, connections, accepting })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A bound port that refuses every connection, and that no other process can listen on, until this
/// is dropped.
#[derive(Debug)]
pub struct ClosedPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl ClosedPort {
    /// Binds the port. Port 0 means any port.
    pub fn bind(ip: IpAddr, port: u16) -> Result<Self, DemoError> {
        let wanted = SocketAddr::new(ip, port);
        let refused = |source| DemoError::Listen { address: wanted, source };
        let socket = match ip {
            IpAddr::V4(_) => TcpSocket::new_v4(),
            IpAddr::V6(_) => TcpSocket::new_v6(),
        }
        .map_err(refused)?;
        socket.bind(wanted).map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        Ok(Self { address, _socket: socket })
    }

    /// Returns the address that refuses connections.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Closes the sending side, then reads until the client closes. Closing with unread bytes would
/// make the kernel send a reset, which can overtake the written data.
pub(super) async fn hang_up(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    wait_for_close(stream).await
}

/// Discards input until the client closes or [`CLIENT_PATIENCE`] is over.
pub(super) async fn wait_for_close(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let reading = async {
        while stream.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    // A timeout counts as closed.
    tokio::time::timeout(CLIENT_PATIENCE, reading).await.unwrap_or(Ok(()))
}

/// The timeout of client connections, longer than any deadline of a probe.
pub(super) const CLIENT_PATIENCE: Duration = Duration::from_secs(120);

/// The delay after a failed accept, which nearly always means that file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

async fn accept(
    listener: TcpListener,
    connections: Arc<AtomicU64>,
    serve: impl Fn(TcpStream) -> BoxFuture<'static, ()>,
) {
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.fetch_add(1, Ordering::Relaxed);
                open.spawn(serve(stream));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}
