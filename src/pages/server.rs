//! The listener: which connections are served at once, and what each may hold.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use futures_util::FutureExt;
use rustix::net::sockopt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::warn;

use super::Door;
use super::connection;
use super::pieces::waiting_bytes;
use super::places::Places;
use super::stream::GuardedStream;
use super::stream::Patience;

/// Returns how many of so many connections may be open at once.
pub(super) fn places(connections: usize) -> usize {
    // Of what may wait, half is for the system's buffers, and an eighth for texts that are kept
    // although they are larger than a piece.
    connections.min(waiting_bytes() / 8 * 3 / SHARE).max(1)
}

/// Serves `router` until `shutdown` is done, over so many connections at once; a connection comes
/// over what the door asks for when it begins.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    door: Arc<ArcSwap<Door>>,
    places: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_patiently(listener, router, door, places, shutdown, PATIENCE).await
}

async fn serve_patiently(
    listener: TcpListener,
    router: Router,
    door: Arc<ArcSwap<Door>>,
    places: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
    patience: Patience,
) -> io::Result<()> {
    // Every connection inherits it. Without a limit the system would keep megabytes for a client
    // that does not read, which count as this process's memory in a control group of version 2.
    // It takes twice what is asked for.
    sockopt::set_socket_send_buffer_size(&listener, waiting_bytes() / 2 / places / 2)?;
    // The same holds for requests that a client sends before it reads.
    sockopt::set_socket_recv_buffer_size(&listener, REQUEST_BUFFER)?;
    let (places, shutdown) = (Arc::new(Places::new(places)), shutdown.shared());
    let mut open = JoinSet::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = shutdown.clone() => break,
            // A panic of one connection has been logged, and ended that connection.
            Some(_) = open.join_next() => continue,
        };
        let place = tokio::select! {
            place = places.take(peer.ip().into()) => place,
            () = shutdown.clone() => break,
        };
        let Some(place) = place else { continue };
        // Otherwise the system holds back the end of a response.
        let _ = stream.set_nodelay(true);
        // As far as this process can tell, all that the system's buffer holds has been read.
        let reading = u32::try_from(patience.reading.as_millis()).unwrap_or(u32::MAX);
        let _ = sockopt::set_tcp_user_timeout(&stream, reading);
        let activity = Arc::clone(&place.activity);
        let stream = GuardedStream::new(stream, patience, Arc::clone(&activity));
        let tls = door.load().tls().cloned();
        let (router, shutdown) = (router.clone(), shutdown.clone());
        open.spawn(async move {
            let displaced = place.activity.displaced.notified();
            tokio::select! {
                () = connection::serve(stream, peer, tls, router, activity, shutdown) => {}
                () = displaced => {}
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = async { while open.join_next().await.is_some() {} } => {}
        () = sleep(GRACE) => {}
    }
    Ok(())
}

/// Waits for a connection; an error of one is none of the listener.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                warn!(%error, "no connection can be accepted; trying again in a second");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::ConnectionAborted;
    use io::ErrorKind::ConnectionRefused;
    use io::ErrorKind::ConnectionReset;
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// A request takes longer than the common scrape intervals of up to a minute, so that Prometheus
/// may keep its connection.
const PATIENCE: Patience =
    Patience { request: Duration::from_secs(90), reading: Duration::from_secs(30) };
/// As long as probes in flight get.
const GRACE: Duration = Duration::from_secs(2);
/// A handful of scrapers and readers.
pub(super) const CONNECTIONS: usize = 256;
/// Bytes of requests that the system keeps for one connection: as much as the largest head.
const REQUEST_BUFFER: usize = 32 * 1024;
/// Bytes of responses that one connection may hold: a piece of up to 16 KiB, or a compressed block
/// of up to 24 KiB, and 8 KiB in its TLS session.
const SHARE: usize = 32 * 1024;

#[cfg(test)]
mod tests;
