//! The daemon's own counters and histograms: activity and health.

mod event;
mod family;
mod sources;

use event::label;
pub use event::{ApiFault, Operation, OwnError, Phase};
use family::{Collectors, counter, float_gauge, gauge};
pub use family::{FAMILIES, Family, Kind};
pub use sources::Sources;

use std::time::Duration;

use jiff::Timestamp;
use prometheus::{
    Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};
use thiserror::Error;

/// The daemon's own metrics. Updates are cheap from any thread.
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
    api_calls: IntCounterVec,
    api_errors: IntCounterVec,
}

impl Telemetry {
    /// Returns counters at zero in a new registry, for the program version `version`.
    ///
    /// # Errors
    /// If the metrics library rejects a name or an option, which is a bug in this program.
    pub fn new(version: &str) -> Result<Self, TelemetryError> {
        let registry = Registry::new();
        let new = Collectors(&registry);
        let build_info = new.add("origin_probe_build_info", IntGaugeVec::new)?;
        build_info.with_label_values(&[version]).set(1);
        let telemetry = Self {
            origins: new.add("origin_probe_origins", gauge)?,
            overdue_origins: new.add("origin_probe_overdue_origins", gauge)?,
            probes: new.add("origin_probe_probes_total", counter)?,
            probe_errors: new.add("origin_probe_probe_errors_total", IntCounterVec::new)?,
            probe_requests: new.add("origin_probe_probe_requests_total", IntCounterVec::new)?,
            probes_in_flight: new.add("origin_probe_probes_in_flight", gauge)?,
            probes_missed: new.add("origin_probe_probes_missed_total", counter)?,
            schedule_lag: new.add("origin_probe_schedule_lag_seconds", |opts, _| {
                Histogram::with_opts(buckets(opts))
            })?,
            phase_duration: new.add("origin_probe_phase_duration_seconds", |opts, labels| {
                HistogramVec::new(buckets(opts), labels)
            })?,
            reload_successful: new.add("origin_probe_config_last_reload_successful", gauge)?,
            reload_failures: new.add("origin_probe_config_reload_failures_total", counter)?,
            reload_success_at: new
                .add("origin_probe_config_last_reload_success_timestamp_seconds", float_gauge)?,
            trust_store: new.add("origin_probe_trust_store_info", IntGaugeVec::new)?,
            clock: new.add("origin_probe_clock_timestamp_seconds", float_gauge)?,
            clock_jumps: new.add("origin_probe_clock_jumps_total", counter)?,
            log_lines_dropped: new.add("origin_probe_log_lines_dropped_total", counter)?,
            shard_ordinal: new.add("origin_probe_shard_ordinal", gauge)?,
            shards: new.add("origin_probe_shards", gauge)?,
            blind: new.add("origin_probe_blind", IntGaugeVec::new)?,
            chain_budget: new.add("origin_probe_chain_budget_bytes", gauge)?,
            chain_budget_used: new.add("origin_probe_chain_budget_used_bytes", gauge)?,
            chains_not_kept: new.add("origin_probe_chains_not_kept", gauge)?,
            sources: Sources::new(new)?,
            api_calls: new.add("origin_probe_discovery_api_calls_total", IntCounterVec::new)?,
            api_errors: new.add("origin_probe_discovery_api_errors_total", IntCounterVec::new)?,
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

    /// Counts a probe that failed through a fault of this program.
    pub fn probe_failed(&self, error: OwnError) {
        self.probe_errors.with_label_values(&[label(&OwnError::ALL, error)]).inc();
    }

    /// Counts a response to a request for a probe, by HTTP status.
    pub fn probe_request_answered(&self, status: u16) {
        self.probe_requests.with_label_values(&[&status.to_string()]).inc();
    }

    /// Records how much later than scheduled a probe started.
    pub fn probe_was_late(&self, lag: Duration) {
        self.schedule_lag.observe(lag.as_secs_f64());
    }

    /// Counts probes that were skipped because earlier ones took too long.
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

    /// Records this process's share of the origins: shard `ordinal`, counted from 0, of `shards`.
    pub fn set_shard(&self, ordinal: u32, shards: u32) {
        self.shard_ordinal.set(i64::from(ordinal));
        self.shards.set(i64::from(shards));
    }

    /// Records how long one phase of a probe took.
    pub fn phase_took(&self, phase: Phase, duration: Duration) {
        let phase = label(&Phase::ALL, phase);
        self.phase_duration.with_label_values(&[phase]).observe(duration.as_secs_f64());
    }

    /// Records how many origins this process monitors.
    pub fn looks_after(&self, origins: usize) {
        self.origins.set(count(origins));
    }

    /// Records how many origins are overdue for a probe.
    pub fn set_overdue(&self, origins: usize) {
        self.overdue_origins.set(count(origins));
    }

    /// Records the trust anchors in use, replacing those recorded before.
    pub fn set_trust_store(&self, store: &TrustStore<'_>) {
        self.trust_store.reset();
        let (mozilla, extra) = (store.mozilla.to_string(), store.extra.to_string());
        let count = (store.mozilla + store.extra).to_string();
        let labels = [store.id, store.version, store.date, &count, &mozilla, &extra];
        self.trust_store.with_label_values(&labels).set(1);
    }

    /// Records that the configuration was read and accepted at the instant `at`.
    pub fn config_accepted(&self, at: Timestamp) {
        self.reload_successful.set(1);
        self.reload_success_at.set(unix_seconds(at));
    }

    /// Records that the configuration was rejected; the previous one stays in use.
    pub fn config_refused(&self) {
        self.reload_successful.set(0);
        self.reload_failures.inc();
    }

    /// Records that `cause`, a label value, keeps origins from being judged.
    pub fn blinded_by(&self, cause: &str) {
        self.blind.with_label_values(&[cause]).set(1);
    }

    /// Records that `cause`, a label value, has ended or has not occurred.
    pub fn no_longer_blinded_by(&self, cause: &str) {
        self.blind.with_label_values(&[cause]).set(0);
    }

    /// Counts a request to the CloudFront API.
    pub fn api_called(&self, operation: Operation) {
        self.api_calls.with_label_values(&[operation.as_str()]).inc();
    }

    /// Counts a failed call of the CloudFront API.
    pub fn api_failed(&self, fault: ApiFault) {
        self.api_errors.with_label_values(&[fault.as_str()]).inc();
    }

    /// Records the memory of certificate chains: the limit and the use in bytes, and the number of
    /// chains that are not kept.
    pub fn set_chain_memory(&self, limit: usize, used: usize, not_kept: usize) {
        self.chain_budget.set(count(limit));
        self.chain_budget_used.set(count(used));
        self.chains_not_kept.set(count(not_kept));
    }

    /// Returns the metrics of the sources of origins.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the metrics whose names `is_chosen` accepts in the text format 0.0.4, as of `now`.
    ///
    /// # Errors
    /// If the metrics library cannot encode them, which is a bug in this program.
    pub fn render(
        &self,
        now: Timestamp,
        is_chosen: impl Fn(&str) -> bool,
    ) -> Result<String, TelemetryError> {
        self.clock.set(unix_seconds(now));
        let mut families = self.registry.gather();
        families.retain(|family| is_chosen(family.name()));
        TextEncoder::new()
            .encode_to_string(&families)
            .map_err(|source| TelemetryError::Unwritable { source })
    }

    /// Returns whether any origin is undecided for this cause.
    pub fn is_blinded_by(&self, cause: &str) -> bool {
        self.blind.with_label_values(&[cause]).get() != 0
    }

    /// Creates every series at zero: `increase()` misses the first event of a series that appears
    /// with it.
    fn create_every_series(&self) {
        self.set_shard(0, 1);
        for (error, _) in OwnError::ALL {
            self.probe_errors.with_label_values(&[error]);
        }
        for status in REQUEST_STATUSES {
            self.probe_requests.with_label_values(&[status]);
        }
        for (phase, _) in Phase::ALL {
            self.phase_duration.with_label_values(&[phase]);
        }
        for (operation, _) in Operation::ALL {
            self.api_calls.with_label_values(&[operation]);
        }
        for (fault, _) in ApiFault::ALL {
            self.api_errors.with_label_values(&[fault]);
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

/// A running probe; dropping it ends the probe, also after a panic.
#[derive(Debug)]
pub struct ProbeInFlight {
    in_flight: IntGauge,
}

impl Drop for ProbeInFlight {
    fn drop(&mut self) {
        self.in_flight.dec();
    }
}

/// Why the daemon's metrics are not available.
#[derive(Debug, Error)]
pub enum TelemetryError {
    #[error("metric `{name}` was rejected: {source}; names and labels must be valid and unique")]
    Refused { name: &'static str, source: prometheus::Error },
    #[error("the daemon's own metrics could not be written: {source}")]
    Unwritable { source: prometheus::Error },
}

/// The statuses of `/probe`: success, bad request, not allowed, rate limited, panic, too many at
/// once.
const REQUEST_STATUSES: [&str; 6] = ["200", "400", "403", "429", "500", "503"];

/// From the delay of a healthy start to one that makes every verdict stale, in seconds.
const BUCKETS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

fn buckets(opts: Opts) -> HistogramOpts {
    HistogramOpts::from(opts).buckets(BUCKETS.to_vec())
}

fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}

/// Returns an instant as a sample value. It is a float, so nanosecond precision is lost anyway.
pub fn unix_seconds(at: Timestamp) -> f64 {
    at.as_second() as f64 + f64::from(at.subsec_nanosecond()) / 1e9
}

/// The trust anchors in use, as `origin_probe_trust_store_info` shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustStore<'a> {
    /// An identifier of the whole set; stores with the same identifier reach the same decisions.
    pub id: &'a str,
    /// The release that Mozilla's anchors come from; empty if they are not in use.
    pub version: &'a str,
    /// The date on which that release was added to this program; empty if they are not in use.
    pub date: &'a str,
    /// How many anchors are Mozilla's.
    pub mozilla: usize,
    /// How many anchors the configuration adds.
    pub extra: usize,
}
