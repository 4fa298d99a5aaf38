//! What every request passes before a page sees it.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::Version;
use axum::http::header;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use tokio::time::Instant;

use super::super::activity::Activity;
use super::super::plain;
use super::Door;
use super::turns::Client;
use super::users::Entry;
use super::users::Gate;

/// The connection that a request comes over, an extension of the request.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Peer {
    pub(in crate::pages) address: SocketAddr,
    pub(in crate::pages) activity: Arc<Activity>,
}

/// Lets a request through to its page, or answers it.
pub(in crate::pages) async fn guard(
    State((door, gate)): State<(Arc<ArcSwap<Door>>, Arc<Gate>)>,
    request: Request,
    next: Next,
) -> Response {
    let door = door.load_full();
    let peer = request.extensions().get();
    let mut response = match refusal(&door, &gate, peer, request.headers()).await {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    for (name, value) in &door.headers {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}

async fn refusal(
    door: &Door,
    gate: &Gate,
    peer: Option<&Peer>,
    headers: &HeaderMap,
) -> Option<Response> {
    if let Some(Err(wait)) = door.pace.as_ref().map(|pace| pace.admit(Instant::now())) {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        return Some(later(StatusCode::TOO_MANY_REQUESTS, "too many requests\n", seconds));
    }
    match entry(door, gate, peer, headers).await {
        Entry::Granted => None,
        Entry::Refused => {
            let ask = HeaderValue::from_static("Basic realm=\"origin-probe\", charset=\"UTF-8\"");
            let text = "a user name and a password are needed\n";
            Some(with(text, StatusCode::UNAUTHORIZED, header::WWW_AUTHENTICATE, ask))
        }
        Entry::NotNow => {
            Some(later(StatusCode::SERVICE_UNAVAILABLE, "too many log in at once\n", 1))
        }
    }
}

/// Decides on a request; meanwhile its connection does not count as one that is served.
async fn entry(door: &Door, gate: &Gate, peer: Option<&Peer>, headers: &HeaderMap) -> Entry {
    let Some(Peer { address, activity }) = peer else {
        // Those that no listener has taken are one client together.
        let nowhere = Client::from(IpAddr::from([0, 0, 0, 0]));
        return door.users.entry(gate, nowhere, headers).await;
    };
    activity.wait(Instant::now());
    let entry = door.users.entry(gate, address.ip().into(), headers).await;
    activity.go_on(Instant::now());
    entry
}

/// Refuses a request whose Host header proxies and servers may read differently (RFC 9112, 3.2).
pub(in crate::pages) async fn refuse_ambiguous(request: Request, next: Next) -> Response {
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

fn later(status: StatusCode, text: &'static str, seconds: u64) -> Response {
    with(text, status, header::RETRY_AFTER, HeaderValue::from(seconds))
}

fn with(text: &'static str, status: StatusCode, name: HeaderName, value: HeaderValue) -> Response {
    (status, [(name, value)], text).into_response()
}
