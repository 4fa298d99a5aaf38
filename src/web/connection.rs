//! One client connection, plain or over TLS; HTTP/1.1 only.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::Either;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tracing::debug;

use super::activity::Activity;
use super::auth::Peer;
use super::stream::GuardedStream;

/// Serves the requests of one connection until the client ends it, a timeout expires, or `shutdown`
/// completes.
pub(super) async fn serve(
    stream: GuardedStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    activity: Arc<Activity>,
    shutdown: impl Future<Output = ()>,
) {
    let Some(tls) = tls else { return requests(stream, peer, router, activity, shutdown).await };
    let shutdown = pin!(shutdown);
    let handshake = tls.accept_with(stream, |session| session.set_buffer_limit(Some(TLS_BUFFER)));
    match futures_util::future::select(handshake.into_fallible(), shutdown).await {
        Either::Left((Ok(stream), shutdown)) => {
            requests(stream, peer, router, activity, shutdown).await;
        }
        Either::Left((Err((error, mut stream)), shutdown)) => {
            debug!(%error, "client TLS handshake failed");
            // The client may have to read an alert.
            futures_util::future::select(pin!(stream.shutdown()), shutdown).await;
        }
        Either::Right(_) => {}
    }
}

async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    router: Router,
    activity: Arc<Activity>,
    shutdown: impl Future<Output = ()>,
) {
    let service =
        service_fn(|request| respond(router.clone(), peer, Arc::clone(&activity), request));
    // A builder with protocol detection is not needed.
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            .max_header_size(MOST_HEAD)
            .writev(true)
            .serve_connection(TokioIo::new(stream), service)
    );
    let shutdown = pin!(shutdown);
    let result = match futures_util::future::select(connection.as_mut(), shutdown).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        debug!(%error, "client connection failed");
    }
}

async fn respond(
    router: Router,
    peer: SocketAddr,
    activity: Arc<Activity>,
    mut request: Request<Incoming>,
) -> Result<Response<Paced>, Infallible> {
    // A client that pipelines requests gets one response at a time.
    poll_fn(|_| if activity.is_unwritten() { Poll::Pending } else { Poll::Ready(()) }).await;
    activity.begin(Instant::now());
    request.extensions_mut().insert(Peer { address: peer, activity: Arc::clone(&activity) });
    let mut response = router.oneshot(request.map(Body::new)).await?;
    if activity.is_place_wanted() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    activity.hand_over();
    Ok(response.map(|body| Paced { body, is_first: true, activity }))
}

/// A body that produces its next piece when the socket has accepted the last one.
struct Paced {
    body: Body,
    /// The first piece is sent with the head.
    is_first: bool,
    activity: Arc<Activity>,
}

impl hyper::body::Body for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.is_first && self.activity.is_unwritten() {
            return Poll::Pending;
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(_)) = frame {
            self.is_first = false;
            self.activity.hand_over();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        self.activity.end();
    }
}

/// The limit of a request's head in bytes; nginx has the same.
const MOST_HEAD: usize = 32 * 1024;
/// The encrypted bytes that wait for the client, in addition to the piece of a response.
const TLS_BUFFER: usize = 8 * 1024;
