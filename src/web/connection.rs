//! One client connection, plain or over TLS; HTTP/1.1 only.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tracing::debug;

use super::activity::Activity;
use super::auth::Peer;
use super::stream::GuardedStream;

/// Serves the requests of one connection until the client ends it, takes longer than `patience` for
/// one, or the server shuts down.
pub(super) async fn serve(
    stream: GuardedStream,
    tls: Option<TlsAcceptor>,
    peer: Peer,
    router: Router,
    patience: Duration,
    watcher: Watcher,
) {
    let Some(tls) = tls else { return requests(stream, peer, router, patience, watcher).await };
    let handshake = tls.accept_with(stream, |session| session.set_buffer_limit(Some(TLS_BUFFER)));
    match timeout(patience, handshake.into_fallible()).await {
        Ok(Ok(stream)) => requests(stream, peer, router, patience, watcher).await,
        Ok(Err((error, mut stream))) => {
            debug!(%error, "client TLS handshake failed");
            // The client may have to read an alert.
            let _ = stream.shutdown().await;
        }
        Err(_) => debug!("client TLS handshake timed out"),
    }
}

async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    peer: Peer,
    router: Router,
    patience: Duration,
    watcher: Watcher,
) {
    let service = service_fn(|request| respond(router.clone(), peer.clone(), patience, request));
    // A builder with protocol detection is not needed.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(MOST_HEAD)
        .max_header_size(MOST_HEAD)
        .writev(true)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        debug!(%error, "client connection failed");
    }
}

async fn respond(
    router: Router,
    peer: Peer,
    patience: Duration,
    mut request: Request<Incoming>,
) -> Result<Response, Elapsed> {
    let activity = Arc::clone(&peer.activity);
    // A client that pipelines requests gets one response at a time.
    poll_fn(|_| if activity.is_unwritten() { Poll::Pending } else { Poll::Ready(()) }).await;
    activity.begin(Instant::now());
    request.extensions_mut().insert(peer);
    let Ok(mut response) = timeout(patience, router.oneshot(request.map(Body::new))).await?;
    if activity.is_place_wanted() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    activity.hand_over();
    Ok(response.map(|body| paced(body, activity)))
}

/// Returns a body that produces its next piece when the socket has accepted the last one.
fn paced(body: Body, activity: Arc<Activity>) -> Body {
    let (mut pieces, producing) = (body.into_data_stream(), Producing(activity));
    // The first piece is sent with the head.
    let mut is_first = true;
    Body::from_stream(stream::poll_fn(move |context| {
        if !is_first && producing.0.is_unwritten() {
            return Poll::Pending;
        }
        let piece = pieces.poll_next_unpin(context);
        if let Poll::Ready(Some(_)) = piece {
            is_first = false;
            producing.0.hand_over();
        }
        piece
    }))
}

/// A response whose body is not complete.
struct Producing(Arc<Activity>);

impl Drop for Producing {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The limit of a request's head in bytes; nginx has the same.
const MOST_HEAD: usize = 32 * 1024;
/// The encrypted bytes that wait for the client, in addition to the piece of a response.
const TLS_BUFFER: usize = 8 * 1024;
