//! The checks that every request passes before it reaches a handler.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::super::activity::Activity;
use super::super::plain;
use super::WebAccess;
use super::users::{Entry, Logins};

/// The connection of a request, stored as a request extension.
#[derive(Clone, Debug)]
pub(in crate::web) struct Peer {
    pub(in crate::web) address: SocketAddr,
    pub(in crate::web) activity: Arc<Activity>,
}

/// Passes a request on to its handler, or rejects it.
pub(in crate::web) async fn authenticate(
    State((access, logins)): State<(Arc<ArcSwap<WebAccess>>, Arc<Logins>)>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let access = access.load_full();
    let mut response = match refusal(&access, &logins, &peer, request.headers()).await {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    for (name, value) in &access.headers {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}

async fn refusal(
    access: &WebAccess,
    logins: &Logins,
    peer: &Peer,
    headers: &HeaderMap,
) -> Option<Response> {
    let limiter = access.rate_limiter.as_ref();
    if let Some(Err(wait)) = limiter.map(|limiter| limiter.admit(Instant::now())) {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        let later = [(header::RETRY_AFTER, seconds.to_string())];
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Some((status, later, "too many requests\n").into_response());
    }
    // While the request waits, its connection does not count as busy.
    peer.activity.wait(Instant::now());
    let entry = access.users.entry(logins, peer.address.ip().into(), headers).await;
    peer.activity.go_on(Instant::now());
    let (status, header, text) = match entry {
        Entry::Granted => return None,
        Entry::Refused => (
            StatusCode::UNAUTHORIZED,
            (header::WWW_AUTHENTICATE, "Basic realm=\"origin-probe\", charset=\"UTF-8\""),
            "a user name and a password are required\n",
        ),
        Entry::NotNow => (
            StatusCode::SERVICE_UNAVAILABLE,
            (header::RETRY_AFTER, "1"),
            "too many logins at once; retry in 1 s\n",
        ),
    };
    Some((status, [header], text).into_response())
}

/// Rejects a request with a Host header that proxies and servers may interpret differently (RFC
/// 9112, 3.2).
pub(in crate::web) async fn refuse_ambiguous(request: Request, next: Next) -> Response {
    match ambiguity(request.version(), request.headers()) {
        Some(text) => plain(StatusCode::BAD_REQUEST, text),
        None => next.run(request).await,
    }
}

fn ambiguity(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => Some("the request has several Host headers; send one\n"),
        (Some(host), None) => {
            let is_valid = |host: &[u8]| {
                host.is_empty() || !host.contains(&b'@') && Authority::try_from(host).is_ok()
            };
            let text = "the Host header is not a host name or address with an optional port\n";
            (!is_valid(host.as_bytes())).then_some(text)
        }
        (None, _) if version == Version::HTTP_11 => {
            Some("the request has no Host header, which HTTP/1.1 requires\n")
        }
        (None, _) => None,
    }
}
