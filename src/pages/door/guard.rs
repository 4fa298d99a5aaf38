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
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use tokio::time::Instant;

use super::Door;
use super::turns::Client;
use super::users::Entry;
use super::users::Gate;

/// The address that a connection comes from, an extension of its requests.
#[derive(Clone, Copy, Debug)]
pub(in crate::pages) struct Peer(pub(in crate::pages) SocketAddr);

/// Lets a request through to its page, or answers it.
pub(in crate::pages) async fn guard(
    State((door, gate)): State<(Arc<ArcSwap<Door>>, Arc<Gate>)>,
    request: Request,
    next: Next,
) -> Response {
    let door = door.load_full();
    let mut response = match refusal(&door, &gate, client(&request), request.headers()).await {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    for (name, value) in &door.headers {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}

/// Returns where a request comes from; those that no listener has taken are one client together.
fn client(request: &Request) -> Client {
    let peer = request.extensions().get::<Peer>();
    peer.map_or_else(|| IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip()).into()
}

async fn refusal(
    door: &Door,
    gate: &Gate,
    client: Client,
    headers: &HeaderMap,
) -> Option<Response> {
    if let Some(Err(wait)) = door.pace.as_ref().map(|pace| pace.admit(Instant::now())) {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        return Some(later(StatusCode::TOO_MANY_REQUESTS, "too many requests\n", seconds));
    }
    match door.users.entry(gate, client, headers).await {
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

fn later(status: StatusCode, text: &'static str, seconds: u64) -> Response {
    with(text, status, header::RETRY_AFTER, HeaderValue::from(seconds))
}

fn with(text: &'static str, status: StatusCode, name: HeaderName, value: HeaderValue) -> Response {
    (status, [(name, value)], text).into_response()
}
