//! A real TLS server that presents any chain.

mod load;
mod options;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use rustls::sign::SingleCertAndKey;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::DemoError;
use super::listen::{Listening, hang_up, wait_for_close};
use load::{Presented, server_config};
pub use options::{
    Certificates, ClientAuthentication, ServedCertificate, TlsServerOptions, TlsVersions,
};

/// A running TLS server. It stops when dropped.
#[derive(Debug)]
pub struct TlsServer {
    listening: Listening,
    presented: Arc<ArcSwap<Presented>>,
    seen: Arc<Seen>,
}

impl TlsServer {
    /// Starts a server on the address. Port 0 means any port.
    pub async fn start(
        ip: IpAddr,
        port: u16,
        options: &TlsServerOptions,
    ) -> Result<Self, DemoError> {
        let wanted = SocketAddr::new(ip, port);
        let presented = Presented::load(&options.certificates)
            .map_err(|source| DemoError::Tls { address: wanted, source })?;
        let presented = Arc::new(ArcSwap::from_pointee(presented));
        let config = server_config(options, wanted)?;
        let seen = Arc::new(Seen::default());
        let serve = {
            let (presented, seen) = (Arc::clone(&presented), Arc::clone(&seen));
            move |stream| {
                let (config, presented, seen) =
                    (config.clone(), Arc::clone(&presented), Arc::clone(&seen));
                // An error affects only the connection of its client.
                async move { serve(stream, config, &presented, &seen).await.unwrap_or(()) }.boxed()
            }
        };
        Ok(Self { listening: Listening::start(ip, port, serve).await?, presented, seen })
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Returns the number of accepted connections.
    pub fn connections(&self) -> u64 {
        self.listening.connections()
    }

    /// Returns the number of completed handshakes.
    pub fn handshakes(&self) -> u64 {
        self.seen.handshakes.load(Ordering::Relaxed)
    }

    /// Returns how often each server name was sent; `None` means no server name.
    pub fn server_names(&self) -> BTreeMap<Option<String>, u64> {
        self.seen.server_names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the certificates, starting with the next connection.
    pub fn present(&self, certificates: &Certificates) -> Result<(), DemoError> {
        let presented = Presented::load(certificates)
            .map_err(|source| DemoError::Tls { address: self.address(), source })?;
        self.presented.store(Arc::new(presented));
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Seen {
    handshakes: AtomicU64,
    server_names: Mutex<BTreeMap<Option<String>, u64>>,
}

/// The timeout of a client's handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(30);

/// A record with the fatal alert `unrecognized_name` (RFC 8446 §6, RFC 6066 §3). rustls would send
/// `access_denied`.
const UNRECOGNIZED_NAME: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 112];

async fn serve(
    stream: TcpStream,
    mut config: ServerConfig,
    presented: &ArcSwap<Presented>,
    seen: &Seen,
) -> io::Result<()> {
    let accepting = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let mut start = tokio::time::timeout(HANDSHAKE_PATIENCE, accepting).await??;
    let server_name = start.client_hello().server_name().map(str::to_owned);
    let certified = presented.load().choose(server_name.as_deref()).cloned();
    *seen
        .server_names
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(server_name)
        .or_default() += 1;
    let Some(certified) = certified else {
        start.io.write_all(&UNRECOGNIZED_NAME).await?;
        return hang_up(&mut start.io).await;
    };
    config.cert_resolver = Arc::new(SingleCertAndKey::from(certified));
    let handshake = start.into_stream(Arc::new(config)).into_fallible();
    let mut stream = match tokio::time::timeout(HANDSHAKE_PATIENCE, handshake).await? {
        Ok(stream) => stream,
        Err((_, mut stream)) => return hang_up(&mut stream).await,
    };
    seen.handshakes.fetch_add(1, Ordering::Relaxed);
    wait_for_close(&mut stream).await?;
    stream.shutdown().await
}
