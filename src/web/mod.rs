//! The HTTP server: pages, API, metrics, health and readiness.

mod activity;
mod address;
mod api;
mod assets;
mod auth;
mod connection;
mod control;
mod encoding;
mod format;
mod layout;
mod list;
mod lookup;
mod origin;
mod pieces;
mod places;
mod probe;
mod query;
mod rate_limiter;
mod readiness;
mod rules;
mod server;
mod service_discovery;
mod sources;
mod status;
mod stream;
mod tls;
mod viewers;

use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use auth::WebAccess;
pub use control::{Control, NotReloaded, Refusal, Reloaded, SourceStatus};
pub use readiness::{NotReady, Readiness};
pub use tls::WebAccessError;

use list::Query;
use pieces::Part;

use crate::chain::printable_lines;
use crate::limits::ChainBudget;
use crate::metrics;
use crate::metrics::exposition;
use crate::report::Reports;
use crate::telemetry::Telemetry;

/// The state that the request handlers share.
#[derive(Clone, Debug)]
pub struct PagesState {
    pub reports: Arc<Reports>,
    pub telemetry: Arc<Telemetry>,
    pub readiness: Arc<Readiness>,
    pub control: Arc<dyn Control>,
    /// The access rules of the pages; a reload may replace them at any time.
    pub access: Arc<ArcSwap<WebAccess>>,
}

/// Serves every page until `shutdown` completes, then waits at most two seconds for open requests.
/// At most `connections` are open at once, or fewer if the memory limit does not allow that many.
///
/// # Errors
/// If the server itself fails; a failing connection affects only that connection.
pub async fn serve(
    connections: usize,
    listener: TcpListener,
    state: PagesState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (access, places) = (Arc::clone(&state.access), server::places(connections));
    server::serve(listener, router(state, places), access, places, server::PATIENCE, shutdown).await
}

/// [`serve`] on a thread of its own, so that a scrape of a large fleet never delays a probe.
pub fn serve_apart(
    connections: usize,
    listener: std::net::TcpListener,
    state: PagesState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<io::Result<()>> {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            serve(connections, TcpListener::from_std(listener)?, state, shutdown).await
        })
    })
}

/// Returns every route behind the login, with compression for clients that accept gzip.
fn router(state: PagesState, places: usize) -> Router {
    let access = (Arc::clone(&state.access), Arc::new(auth::Logins::new(places)));
    Router::new()
        .route("/", get(status_page))
        .route("/metrics", get(metrics_page))
        .route("/assets/{name}", get(assets::respond))
        .route("/api/v1/origins", get(api::origins))
        .route("/api/v1/origins/{id}", get(api::origin))
        .route("/api/v1/openapi.json", get(api::document))
        .route("/api/v1/sd", get(targets))
        .route("/config", get(config_page))
        .route("/probe", probe::route(probe::Limits::default()))
        .merge(origin::routes())
        .merge(rules::routes())
        .route("/-/healthy", get(async || plain(StatusCode::OK, "ok\n")))
        .route("/-/ready", get(ready_page))
        .route("/-/reload", post(reload))
        .fallback(async || plain(StatusCode::NOT_FOUND, "page not found\n"))
        .layer(from_fn(encoding::encode))
        .layer(from_fn(auth::refuse_ambiguous))
        .layer(from_fn_with_state(access, auth::authenticate))
        .with_state(state)
}

async fn status_page(State(state): State<PagesState>, RawQuery(query): RawQuery) -> Response {
    match Query::read(&query.unwrap_or_default()) {
        Ok(question) => {
            let (health, now) = (status::Health::of(&state), state.control.now());
            let parts = status::page(&state.reports, question, &health, now);
            layout::respond_in_parts(StatusCode::OK, parts)
        }
        Err(error) => {
            layout::respond_with(StatusCode::BAD_REQUEST, move || status::refused(&error))
        }
    }
}

async fn metrics_page(State(state): State<PagesState>) -> Response {
    let now = state.control.now();
    // Counted here and not by the scheduler, because the metric must also reveal that the scheduler
    // has stopped.
    state.telemetry.set_overdue(metrics::overdue(&state.reports, now));
    let chains = ChainBudget::of_process();
    state.telemetry.set_chain_memory(chains.limit(), chains.used(), chains.not_kept());
    let config = state.control.config();
    match state.telemetry.render(now, |name| config.metrics.has(name)) {
        Ok(own) => {
            let text = exposition(&state.reports, own, &config.metrics);
            let body = pieces::body_of_pieces(text);
            ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], body).into_response()
        }
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

async fn targets(State(state): State<PagesState>) -> Response {
    api::stream_json(StatusCode::OK, service_discovery::targets(&state.reports))
}

/// Returns the configuration in use, preceded by the web configuration as a separate document.
async fn config_page(State(state): State<PagesState>) -> Response {
    let (config, access) = (state.control.config(), state.access.load_full());
    let mut settings = config.show_settings();
    if let Some(web) = access.settings() {
        settings.insert_str(0, &format!("# --web.config.file\n---\n{}---\n", web.show()));
    }
    let origins = (0..config.origins.len()).map(move |at| {
        let config = Arc::clone(&config);
        Part::render(move || config.show_origin(at).unwrap_or_default())
    });
    plain(StatusCode::OK, pieces::body(std::iter::once(Part::from(settings)).chain(origins)))
}

async fn reload(State(state): State<PagesState>) -> Response {
    if !state.control.config().web.lifecycle {
        let text = "reload by request is disabled (web.lifecycle: false); send SIGHUP instead\n";
        return plain(StatusCode::FORBIDDEN, text);
    }
    match state.control.reload().await {
        Ok(Reloaded::Everything) => plain(StatusCode::OK, "reloaded\n"),
        Ok(Reloaded::WithoutAws { until }) => {
            let text = format!(
                "reloaded without AWS, which was queried recently; requests query it again from \
                 {until:.0}, SIGHUP at once\n"
            );
            plain(StatusCode::OK, text)
        }
        Err(NotReloaded::Busy) => {
            let text = "too many requests are waiting for a reload; try again in 5 s\n";
            let response = plain(StatusCode::SERVICE_UNAVAILABLE, text);
            ([(header::RETRY_AFTER, "5")], response).into_response()
        }
        Err(NotReloaded::Ending) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "not reloaded: shutting down\n")
        }
        Err(NotReloaded::Refused(refusal)) => {
            let reason = &refusal.reason;
            let text = format!("rejected; the previous configuration stays in use:\n{reason}\n");
            plain(StatusCode::INTERNAL_SERVER_ERROR, printable_lines(&text).into_owned())
        }
    }
}

async fn ready_page(State(state): State<PagesState>) -> Response {
    match state.readiness.reason() {
        None => plain(StatusCode::OK, "ready\n"),
        Some(reason) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
    }
}

fn plain(status: StatusCode, text: impl Into<Body>) -> Response {
    respond(status, "text/plain; charset=utf-8", text)
}

/// Returns a response that browsers neither keep nor take for another type.
fn respond(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.into()).into_response()
}
