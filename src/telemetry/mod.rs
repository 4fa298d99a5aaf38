//! The daemon's own counters and histograms: what it does, and whether it is well.

mod api;
mod create;
mod event;
mod family;
mod sources;
mod trust_store;

use std::time::Duration;

use jiff::Timestamp;
use prometheus::Gauge;
use prometheus::Histogram;
use prometheus::HistogramVec;
use prometheus::IntCounter;
use prometheus::IntCounterVec;
use prometheus::IntGauge;
use prometheus::IntGaugeVec;
use prometheus::Registry;
use prometheus::TextEncoder;
use thiserror::Error;

pub use api::ApiFault;
pub use api::Operation;
pub use event::BlindCause;
pub use event::OwnError;
pub use event::Phase;
pub use family::FAMILIES;
pub use family::Family;
pub use family::Kind;
pub use sources::Sources;
pub use trust_store::TrustStore;

use create::counter;
use create::float_gauge;
use create::gauge;
use create::gauge_vec;
use create::histogram_opts;
use create::opts;
use create::register;

/// What the daemon counts of itself. Cheap to update from any thread.
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    origins: IntGauge,
    overdue_origins: IntGauge,
    probes: IntCounter,
    probe_errors: IntCounterVec,
    probe_requests: IntCounterVec,
    probes_in_flight: IntGauge,
    probes_missed: IntCounter,
    schedule_lag: Histogram,
    phase_duration: HistogramVec,
    reload_successful: IntGauge,
    reload_failures: IntCounter,
    reload_success_at: Gauge,
    trust_store: IntGaugeVec,
    clock: Gauge,
    clock_jumps: IntCounter,
    log_lines_dropped: IntCounter,
    shard_ordinal: IntGauge,
    shards: IntGauge,
    blind: IntGaugeVec,
    chain_budget: IntGauge,
    chain_budget_used: IntGauge,
    chains_not_kept: IntGauge,
    sources: Sources,
    api: api::Api,
}

impl Telemetry {
    /// Returns counters at zero in a registry of their own, for the program version `version`.
    ///
    /// # Errors
    /// When the metrics library refuses a name or an option, which is a fault of this program.
    pub fn new(version: &str) -> Result<Self, TelemetryError> {
        let registry = Registry::new();
        let build_info = register(&registry, &family::BUILD_INFO, gauge_vec)?;
        build_info.with_label_values(&[version]).set(1);
        let telemetry = Self {
            origins: register(&registry, &family::ORIGINS, gauge)?,
            overdue_origins: register(&registry, &family::OVERDUE_ORIGINS, gauge)?,
            probes: register(&registry, &family::PROBES, counter)?,
            probe_errors: register(&registry, &family::PROBE_ERRORS, |f| {
                IntCounterVec::new(opts(f), f.labels)
            })?,
            probe_requests: register(&registry, &family::PROBE_REQUESTS, |f| {
                IntCounterVec::new(opts(f), f.labels)
            })?,
            probes_in_flight: register(&registry, &family::PROBES_IN_FLIGHT, gauge)?,
            probes_missed: register(&registry, &family::PROBES_MISSED, counter)?,
            schedule_lag: register(&registry, &family::SCHEDULE_LAG, |f| {
                Histogram::with_opts(histogram_opts(f))
            })?,
            phase_duration: register(&registry, &family::PHASE_DURATION, |f| {
                HistogramVec::new(histogram_opts(f), f.labels)
            })?,
            reload_successful: register(&registry, &family::RELOAD_SUCCESSFUL, gauge)?,
            reload_failures: register(&registry, &family::RELOAD_FAILURES, counter)?,
            reload_success_at: register(&registry, &family::RELOAD_SUCCESS_AT, float_gauge)?,
            trust_store: register(&registry, &family::TRUST_STORE, gauge_vec)?,
            clock: register(&registry, &family::CLOCK, float_gauge)?,
            clock_jumps: register(&registry, &family::CLOCK_JUMPS, counter)?,
            log_lines_dropped: register(&registry, &family::LOG_LINES_DROPPED, counter)?,
            shard_ordinal: register(&registry, &family::SHARD_ORDINAL, gauge)?,
            shards: register(&registry, &family::SHARDS, gauge)?,
            blind: register(&registry, &family::BLIND, gauge_vec)?,
            chain_budget: register(&registry, &family::CHAIN_BUDGET, gauge)?,
            chain_budget_used: register(&registry, &family::CHAIN_BUDGET_USED, gauge)?,
            chains_not_kept: register(&registry, &family::CHAINS_NOT_KEPT, gauge)?,
            sources: Sources::new(&registry)?,
            api: api::Api::new(&registry)?,
            registry,
        };
        telemetry.create_every_series();
        #[cfg(target_os = "linux")]
        telemetry.register_process()?;
        Ok(telemetry)
    }

    /// Counts the start of a probe; the probe is in flight until the returned guard is dropped.
    pub fn probe_started(&self) -> ProbeInFlight {
        self.probes.inc();
        self.probes_in_flight.inc();
        ProbeInFlight { in_flight: self.probes_in_flight.clone() }
    }

    /// Counts a probe that came to nothing through our own fault.
    pub fn probe_failed(&self, error: OwnError) {
        self.probe_errors.with_label_values(&[error.as_str()]).inc();
    }

    /// Counts an answer to a request for a probe, by its HTTP status.
    pub fn probe_request_answered(&self, status: u16) {
        self.probe_requests.with_label_values(&[&status.to_string()]).inc();
    }

    /// Notes by how much a probe started later than scheduled.
    pub fn probe_was_late(&self, lag: Duration) {
        self.schedule_lag.observe(lag.as_secs_f64());
    }

    /// Counts probes that were not made because the ones before took too long.
    pub fn probes_missed(&self, probes: u64) {
        self.probes_missed.inc_by(probes);
    }

    /// Counts a jump of the wall clock.
    pub fn clock_jumped(&self) {
        self.clock_jumps.inc();
    }

    /// Counts log lines that were dropped.
    pub fn log_lines_dropped(&self, lines: u64) {
        self.log_lines_dropped.inc_by(lines);
    }

    /// Notes which part of the origins this process takes: number `ordinal`, counted from 0, of
    /// `shards`.
    pub fn is_shard(&self, ordinal: u32, shards: u32) {
        self.shard_ordinal.set(i64::from(ordinal));
        self.shards.set(i64::from(shards));
    }

    /// Notes how long one phase of a probe took.
    pub fn phase_took(&self, phase: Phase, duration: Duration) {
        self.phase_duration.with_label_values(&[phase.as_str()]).observe(duration.as_secs_f64());
    }

    /// Notes how many origins this process looks after.
    pub fn looks_after(&self, origins: usize) {
        self.origins.set(count(origins));
    }

    /// Notes how many origins have not been probed as often as they should have been.
    pub fn are_overdue(&self, origins: usize) {
        self.overdue_origins.set(count(origins));
    }

    /// Notes the trust anchors in use. They replace those noted before.
    pub fn trusts(&self, store: &TrustStore<'_>) {
        self.trust_store.reset();
        let (mozilla, extra) = (store.mozilla.to_string(), store.extra.to_string());
        let count = (store.mozilla + store.extra).to_string();
        let labels = [store.id, store.version, store.date, &count, &mozilla, &extra];
        self.trust_store.with_label_values(&labels).set(1);
    }

    /// Notes that the configuration was read and accepted at the instant `at`.
    pub fn config_accepted(&self, at: Timestamp) {
        self.reload_successful.set(1);
        self.reload_success_at.set(unix_seconds(at));
    }

    /// Notes that the configuration was read and refused; the one before stays in use.
    pub fn config_refused(&self) {
        self.reload_successful.set(0);
        self.reload_failures.inc();
    }

    /// Notes that `cause` keeps origins from being judged.
    pub fn blinded_by(&self, cause: BlindCause) {
        self.blind.with_label_values(&[cause.as_str()]).set(1);
    }

    /// Notes that `cause` is over.
    pub fn no_longer_blinded_by(&self, cause: BlindCause) {
        self.blind.with_label_values(&[cause.as_str()]).set(0);
    }

    /// Counts a request of CloudFront's API.
    pub fn api_called(&self, operation: Operation) {
        self.api.calls.with_label_values(&[operation.as_str()]).inc();
    }

    /// Counts a call of CloudFront's API that came to nothing.
    pub fn api_failed(&self, fault: ApiFault) {
        self.api.errors.with_label_values(&[fault.as_str()]).inc();
    }

    /// Notes what certificate chains take of their memory: the limit and the part in use in bytes,
    /// and how many chains are not kept.
    pub fn set_chain_memory(&self, limit: usize, used: usize, not_kept: usize) {
        self.chain_budget.set(count(limit));
        self.chain_budget_used.set(count(used));
        self.chains_not_kept.set(count(not_kept));
    }

    /// Returns what is counted of the sources of origins.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns every metric in the text format 0.0.4, as of `now`.
    ///
    /// # Errors
    /// When the metrics library cannot write them, which is a fault of this program.
    pub fn render(&self, now: Timestamp) -> Result<String, TelemetryError> {
        self.clock.set(unix_seconds(now));
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .map_err(|source| TelemetryError::Unwritable { source })
    }

    /// Tells whether any origin is undecided for that cause.
    pub fn is_blinded_by(&self, cause: BlindCause) -> bool {
        self.blind.with_label_values(&[cause.as_str()]).get() != 0
    }

    /// A series that appears with its first event hides that event from `increase()`.
    fn create_every_series(&self) {
        self.is_shard(0, 1);
        for error in OwnError::ALL {
            self.probe_errors.with_label_values(&[error.as_str()]);
        }
        for status in REQUEST_STATUSES {
            self.probe_requests.with_label_values(&[status]);
        }
        for phase in Phase::ALL {
            self.phase_duration.with_label_values(&[phase.as_str()]);
        }
        for cause in BlindCause::ALL {
            self.blind.with_label_values(&[cause.as_str()]);
        }
    }

    #[cfg(target_os = "linux")]
    fn register_process(&self) -> Result<(), TelemetryError> {
        let process = prometheus::process_collector::ProcessCollector::for_self();
        self.registry
            .register(Box::new(process))
            .map_err(|source| TelemetryError::Refused { name: "process_*", source })
    }
}

/// A probe that is running; it ends when this is dropped, even by a panic.
#[derive(Debug)]
pub struct ProbeInFlight {
    in_flight: IntGauge,
}

impl Drop for ProbeInFlight {
    fn drop(&mut self) {
        self.in_flight.dec();
    }
}

/// Why the daemon cannot count.
#[derive(Debug, Error)]
pub enum TelemetryError {
    #[error(
        "metric `{name}` was refused: {source}; names and labels must be valid and used only once"
    )]
    Refused { name: &'static str, source: prometheus::Error },
    #[error("the daemon's own metrics could not be written: {source}")]
    Unwritable { source: prometheus::Error },
}

/// How `/probe` answers: a probe, a bad request, one not allowed, one too often, a panic, one too
/// many.
const REQUEST_STATUSES: [&str; 6] = ["200", "400", "403", "429", "500", "503"];

fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}

/// Returns an instant as a sample has it. That is a float, so nanoseconds would be lost anyway.
pub fn unix_seconds(at: Timestamp) -> f64 {
    at.as_second() as f64 + f64::from(at.subsec_nanosecond()) / 1e9
}

#[cfg(test)]
mod tests;
