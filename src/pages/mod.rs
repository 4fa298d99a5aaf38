//! HTTP: the status list, the rules, the metrics, and whether this process is well.

mod activity;
mod address;
mod api;
mod assets;
mod connection;
mod control;
mod door;
mod encoding;
mod layout;
mod origin;
mod pace;
mod pieces;
mod places;
mod probe;
mod query;
mod question;
mod readiness;
mod rules;
mod server;
mod service_discovery;
mod sources;
mod status;
mod stream;
mod time;
mod viewers;

use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use tokio::net::TcpListener;

pub use control::Control;
pub use control::NotReloaded;
pub use control::Refusal;
pub use control::Reloaded;
pub use control::SourceStatus;
pub use door::Door;
pub use door::DoorError;
pub use readiness::NotReady;
pub use readiness::Readiness;

use pieces::Part;
use question::Question;

use crate::limits::ChainBudget;
use crate::metrics;
use crate::metrics::exposition;
use crate::report::Reports;
use crate::report::printable_lines;
use crate::telemetry::Telemetry;

/// What the pages show.
#[derive(Clone, Debug)]
pub struct PagesState {
    pub reports: Arc<Reports>,
    pub telemetry: Arc<Telemetry>,
    pub readiness: Arc<Readiness>,
    pub control: Arc<dyn Control>,
    /// Who may see them; another door may take this one's place at any time.
    pub door: Arc<ArcSwap<Door>>,
}

/// Serves every page until `shutdown` is done, then lets open requests end for at most two seconds.
///
/// # Errors
/// When the server itself fails; a connection that does only ends that connection.
pub async fn serve(
    listener: TcpListener,
    state: PagesState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_at_most(server::CONNECTIONS, listener, state, shutdown).await
}

/// Serves as [`serve`] does, over at most `connections` at once; fewer where a low memory limit
/// leaves less room for responses.
///
/// # Errors
/// When the server itself fails; a connection that does only ends that connection.
pub async fn serve_at_most(
    connections: usize,
    listener: TcpListener,
    state: PagesState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (door, places) = (Arc::clone(&state.door), server::places(connections));
    server::serve(listener, router(state, places), door, places, shutdown).await
}

/// Returns every route behind the door, each compressed for a client that asks for gzip.
fn router(state: PagesState, places: usize) -> Router {
    let door = (Arc::clone(&state.door), Arc::new(door::Gate::new(places)));
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
        .fallback(async || plain(StatusCode::NOT_FOUND, "there is no such page\n"))
        .layer(from_fn(encoding::encode))
        .layer(from_fn(door::refuse_ambiguous))
        .layer(from_fn_with_state(door, door::guard))
        .with_state(state)
}

async fn status_page(State(state): State<PagesState>, RawQuery(query): RawQuery) -> Response {
    match Question::read(&query.unwrap_or_default()) {
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
    // Counted here and not by the scheduler, whose standstill it is to tell.
    state.telemetry.are_overdue(metrics::overdue(&state.reports, now));
    let chains = ChainBudget::of_process();
    state.telemetry.set_chain_memory(chains.limit(), chains.used(), chains.not_kept());
    match state.telemetry.render(now) {
        Ok(own) => {
            let body = pieces::body(exposition(&state.reports, own).map(Part::Text));
            ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], body).into_response()
        }
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

async fn targets(State(state): State<PagesState>) -> Response {
    api::stream_json(StatusCode::OK, service_discovery::targets(&state.reports))
}

/// What is in use: the configuration, and then the web configuration as a document of its own.
async fn config_page(State(state): State<PagesState>) -> Response {
    let (config, door) = (state.control.config(), state.door.load_full());
    let mut settings = config.show_settings();
    if let Some(web) = door.settings() {
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
        let text =
            "reloading by request is turned off (web.lifecycle: false); SIGHUP still works\n";
        return plain(StatusCode::FORBIDDEN, text);
    }
    match state.control.reload().await {
        Ok(Reloaded::Everything) => plain(StatusCode::OK, "reloaded\n"),
        Ok(Reloaded::WithoutAws { until }) => {
            let text = format!(
                "reloaded; AWS was not asked again, requests may do so from {until:.0} on; \
                 SIGHUP asks at once\n"
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
            let text =
                format!("refused, the old configuration stays in use:\n{}\n", refusal.reason);
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
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, text.into()).into_response()
}
