//! The listener: limits the number of connections and the memory of each.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::auth::Peer;
use super::pieces::waiting_bytes;
use super::places::Places;
use super::stream::{GuardedStream, StreamTimeouts};
use super::{WebAccess, connection};

/// Returns how many of `connections` may be open at once.
pub(super) fn places(connections: usize) -> usize {
    // Half of the waiting bytes are for the operating system's buffers, and an eighth for texts
    // that are kept although they are larger than a piece.
    connections.min(waiting_bytes() / 8 * 3 / SHARE).max(1)
}

/// Serves `router` until `shutdown` completes, over at most `places` connections at once. A new
/// connection uses TLS if the web configuration requires it at that moment.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    access: Arc<ArcSwap<WebAccess>>,
    places: usize,
    patience: StreamTimeouts,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Every connection inherits this limit. Without it, the system would keep megabytes for a
    // client that does not read, which count as this process's memory in a cgroup v2. The system
    // allocates twice the requested size.
    sockopt::set_socket_send_buffer_size(&listener, waiting_bytes() / 2 / places / 2)?;
    // The same applies to requests that a client sends without reading responses.
    sockopt::set_socket_recv_buffer_size(&listener, REQUEST_BUFFER)?;
    let (places, open) = (Arc::new(Places::new(places)), GracefulShutdown::new());
    let mut shutdown = pin!(shutdown);
    loop {
        let connection = async {
            let (stream, peer) = accept(&listener).await;
            Some((stream, peer, places.take(peer.ip().into()).await?))
        };
        let connection = tokio::select! {
            connection = connection => connection,
            () = &mut shutdown => break,
        };
        let Some((stream, peer, place)) = connection else { continue };
        // Without this, the system delays the end of a response.
        let _ = stream.set_nodelay(true);
        // This process considers all data in the system's buffer as read.
        let reading = u32::try_from(patience.reading.as_millis()).unwrap_or(u32::MAX);
        let _ = sockopt::set_tcp_user_timeout(&stream, reading);
        let peer = Peer { address: peer, activity: Arc::clone(&place.activity) };
        let stream = GuardedStream::new(stream, patience, Arc::clone(&place.activity));
        let tls = access.load().tls().cloned();
        let (router, watcher) = (router.clone(), open.watcher());
        tokio::spawn(async move {
            let displaced = place.activity.displaced.notified();
            tokio::select! {
                () = connection::serve(stream, tls, peer, router, patience.request, watcher) => {}
                () = displaced => {}
            }
        });
    }
    drop(listener);
    // Requests that take longer are left to the end of the process.
    let _ = timeout(GRACE, open.shutdown()).await;
    Ok(())
}

/// Waits for a connection; errors of a single connection do not affect the listener.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                warn!(%error, "cannot accept connections");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Longer than the common scrape intervals of up to a minute, so that Prometheus can keep its
/// connection open.
pub(super) const PATIENCE: StreamTimeouts =
    StreamTimeouts { request: Duration::from_secs(90), reading: Duration::from_secs(30) };
/// The same as for probes in flight.
const GRACE: Duration = Duration::from_secs(2);
/// The bytes of requests that the system buffers per connection: as many as the largest request
/// head.
const REQUEST_BUFFER: usize = 32 * 1024;
/// The bytes of responses that one connection may hold: a piece of up to 16 KiB or a compressed
/// block of up to 24 KiB, plus 8 KiB in its TLS session.
const SHARE: usize = 32 * 1024;

#[cfg(test)]
mod tests;
