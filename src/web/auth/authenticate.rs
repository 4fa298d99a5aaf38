//! The checks that every request passes before it reaches a handler.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::super::activity::Activity;
use super::super::plain;
use super::WebAccess;
use super::login_queue::Client;
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
    request: Request,
    next: Next,
) -> Response {
    let access = access.load_full();
    let peer = request.extensions().get();
    let mut response = match refusal(&access, &logins, peer, request.headers()).await {
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
    peer: Option<&Peer>,
    headers: &HeaderMap,
) -> Option<Response> {
    let limiter = access.rate_limiter.as_ref();
    if let Some(Err(wait)) = limiter.map(|limiter| limiter.admit(Instant::now())) {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        let later = [(header::RETRY_AFTER, seconds.to_string())];
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Some((status, later, "too many requests\n").into_response());
    }
    let (status, header, text) = match entry(access, logins, peer, headers).await {
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

/// Decides on a request; while it waits, its connection does not count as busy.
async fn entry(
    access: &WebAccess,
    logins: &Logins,
    peer: Option<&Peer>,
    headers: &HeaderMap,
) -> Entry {
    let Some(Peer { address, activity }) = peer else {
        // Requests without a listener count as one client.
        let nowhere = Client::from(IpAddr::from([0, 0, 0, 0]));
        return access.users.entry(logins, nowhere, headers).await;
    };
    activity.wait(Instant::now());
    let entry = access.users.entry(logins, address.ip().into(), headers).await;
    activity.go_on(Instant::now());
    entry
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
