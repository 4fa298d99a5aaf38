//! The name, meaning and labels of each of the daemon's metrics.

use std::fmt;

use prometheus::core::Collector;
use prometheus::{Gauge, HistogramOpts, IntCounter, IntGauge, IntGaugeVec, Opts, Registry};

use super::TelemetryError;

/// One metric as it is exported; name and labels are a stable contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    pub name: &'static str,
    pub kind: Kind,
    /// One or more sentences without a final period.
    pub help: &'static str,
    /// In output order.
    pub labels: &'static [&'static str],
}

impl Family {
    /// Returns a gauge.
    pub const fn gauge(
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
    ) -> Self {
        Self { name, kind: Kind::Gauge, help, labels }
    }
}

/// The metric types used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    /// Returns the name that the text format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The daemon's own metrics, sorted by name.
pub static FAMILIES: [Family; 32] = [
    BLIND,
    BUILD_INFO,
    CHAIN_BUDGET,
    CHAIN_BUDGET_USED,
    CHAINS_NOT_KEPT,
    CLOCK_JUMPS,
    CLOCK,
    RELOAD_SUCCESSFUL,
    RELOAD_SUCCESS_AT,
    RELOAD_FAILURES,
    DISCOVERY_API_CALLS,
    DISCOVERY_API_ERRORS,
    DISCOVERY_SUCCESSFUL,
    DISCOVERY_SUCCESS_AT,
    DISCOVERY_ORIGINS,
    DISCOVERY_PROBLEMS,
    DISCOVERY_FAILURES,
    DISCOVERY_INTERVAL,
    DISCOVERY_REFRESHES,
    LOG_LINES_DROPPED,
    ORIGINS,
    OVERDUE_ORIGINS,
    PHASE_DURATION,
    PROBE_ERRORS,
    PROBE_REQUESTS,
    PROBES_IN_FLIGHT,
    PROBES_MISSED,
    PROBES,
    SCHEDULE_LAG,
    SHARD_ORDINAL,
    SHARDS,
    TRUST_STORE,
];

pub(super) const BLIND: Family = Family {
    name: "origin_probe_blind",
    kind: Kind::Gauge,
    help: "1 while a fault of the prober keeps origins from being judged, by cause, else 0",
    labels: &["cause"],
};

pub(super) const BUILD_INFO: Family = Family {
    name: "origin_probe_build_info",
    kind: Kind::Gauge,
    help: "Always 1, labelled with the program version",
    labels: &["version"],
};

pub(super) const CHAIN_BUDGET: Family = Family {
    name: "origin_probe_chain_budget_bytes",
    kind: Kind::Gauge,
    help: "Memory limit for certificate chains beyond the first 16 KiB of each origin, in bytes",
    labels: &[],
};

pub(super) const CHAIN_BUDGET_USED: Family = Family {
    name: "origin_probe_chain_budget_used_bytes",
    kind: Kind::Gauge,
    help: "Used part of the memory limit for certificate chains, in bytes",
    labels: &[],
};

pub(super) const CHAINS_NOT_KEPT: Family = Family {
    name: "origin_probe_chains_not_kept",
    kind: Kind::Gauge,
    help: "Certificate chains judged but not kept because of the memory limit",
    labels: &[],
};

pub(super) const CLOCK: Family = Family {
    name: "origin_probe_clock_timestamp_seconds",
    kind: Kind::Gauge,
    help: "Wall clock at the scrape, as Unix time",
    labels: &[],
};

pub(super) const CLOCK_JUMPS: Family = Family {
    name: "origin_probe_clock_jumps_total",
    kind: Kind::Counter,
    help: "Jumps of the wall clock by more than a minute; each starts a new round of probes",
    labels: &[],
};

pub(super) const RELOAD_SUCCESSFUL: Family = Family {
    name: "origin_probe_config_last_reload_successful",
    kind: Kind::Gauge,
    help: "1 if the configuration file was accepted when it was last read, else 0",
    labels: &[],
};

pub(super) const RELOAD_SUCCESS_AT: Family = Family {
    name: "origin_probe_config_last_reload_success_timestamp_seconds",
    kind: Kind::Gauge,
    help: "Time at which the configuration file was last accepted, as Unix time; 0 if never",
    labels: &[],
};

pub(super) const RELOAD_FAILURES: Family = Family {
    name: "origin_probe_config_reload_failures_total",
    kind: Kind::Counter,
    help: "Reloads that failed because a file was not readable or not valid",
    labels: &[],
};

pub(super) const DISCOVERY_API_CALLS: Family = Family {
    name: "origin_probe_discovery_api_calls_total",
    kind: Kind::Counter,
    help: "Requests to the CloudFront API, including retries",
    labels: &["operation"],
};

pub(super) const DISCOVERY_API_ERRORS: Family = Family {
    name: "origin_probe_discovery_api_errors_total",
    kind: Kind::Counter,
    help: "CloudFront API calls that failed after the last retry",
    labels: &["reason"],
};

pub(super) const DISCOVERY_SUCCESSFUL: Family = Family {
    name: "origin_probe_discovery_last_refresh_successful",
    kind: Kind::Gauge,
    help: "1 if the last refresh of this source could read everything, else 0",
    labels: &["source"],
};

pub(super) const DISCOVERY_SUCCESS_AT: Family = Family {
    name: "origin_probe_discovery_last_success_timestamp_seconds",
    kind: Kind::Gauge,
    help: "Time of the last refresh or check that found the data in use complete, as Unix time; \
           0 before the first",
    labels: &["source"],
};

pub(super) const DISCOVERY_ORIGINS: Family = Family {
    name: "origin_probe_discovery_origins",
    kind: Kind::Gauge,
    help: "Origins from this source that this process monitors",
    labels: &["source"],
};

pub(super) const DISCOVERY_PROBLEMS: Family = Family {
    name: "origin_probe_discovery_problems",
    kind: Kind::Gauge,
    help: "Entries of this source that cannot be used",
    labels: &["source"],
};

pub(super) const DISCOVERY_FAILURES: Family = Family {
    name: "origin_probe_discovery_refresh_failures_total",
    kind: Kind::Counter,
    help: "Refreshes of this source that could not read everything",
    labels: &["source"],
};

pub(super) const DISCOVERY_INTERVAL: Family = Family {
    name: "origin_probe_discovery_refresh_interval_seconds",
    kind: Kind::Gauge,
    help: "Configured time between refreshes of this source, in seconds",
    labels: &["source"],
};

pub(super) const DISCOVERY_REFRESHES: Family = Family {
    name: "origin_probe_discovery_refreshes_total",
    kind: Kind::Counter,
    help: "Refreshes of this source, including failed ones, but not checks that find no change",
    labels: &["source"],
};

pub(super) const LOG_LINES_DROPPED: Family = Family {
    name: "origin_probe_log_lines_dropped_total",
    kind: Kind::Counter,
    help: "Log lines dropped because standard error was not read or not writable",
    labels: &[],
};

pub(super) const ORIGINS: Family = Family {
    name: "origin_probe_origins",
    kind: Kind::Gauge,
    help: "Origins that this process monitors",
    labels: &[],
};

pub(super) const OVERDUE_ORIGINS: Family = Family {
    name: "origin_probe_overdue_origins",
    kind: Kind::Gauge,
    help: "Origins whose last scheduled probe began more than three intervals plus ten minutes ago",
    labels: &[],
};

pub(super) const PHASE_DURATION: Family = Family {
    name: "origin_probe_phase_duration_seconds",
    kind: Kind::Histogram,
    help: "Duration of one phase of a probe in seconds: resolve once per probe, connect and \
           handshake once per endpoint",
    labels: &["phase"],
};

pub(super) const PROBE_ERRORS: Family = Family {
    name: "origin_probe_probe_errors_total",
    kind: Kind::Counter,
    help: "Probes that failed through a fault of this program, not of an origin",
    labels: &["reason"],
};

pub(super) const PROBE_REQUESTS: Family = Family {
    name: "origin_probe_probe_requests_total",
    kind: Kind::Counter,
    help: "Responses of /probe, by HTTP status; probes on request count in no other metric",
    labels: &["code"],
};

pub(super) const PROBES_IN_FLIGHT: Family = Family {
    name: "origin_probe_probes_in_flight",
    kind: Kind::Gauge,
    help: "Probes currently running",
    labels: &[],
};

pub(super) const PROBES: Family = Family {
    name: "origin_probe_probes_total",
    kind: Kind::Counter,
    help: "Probes started",
    labels: &[],
};

pub(super) const PROBES_MISSED: Family = Family {
    name: "origin_probe_probes_missed_total",
    kind: Kind::Counter,
    help: "Probes skipped because earlier ones took longer than the interval",
    labels: &[],
};

pub(super) const SCHEDULE_LAG: Family = Family {
    name: "origin_probe_schedule_lag_seconds",
    kind: Kind::Histogram,
    help: "Delay of probe starts behind their schedule, in seconds",
    labels: &[],
};

pub(super) const SHARD_ORDINAL: Family = Family {
    name: "origin_probe_shard_ordinal",
    kind: Kind::Gauge,
    help: "Shard number of this process, counted from 0",
    labels: &[],
};

pub(super) const SHARDS: Family = Family {
    name: "origin_probe_shards",
    kind: Kind::Gauge,
    help: "Number of shards; 1 without sharding",
    labels: &[],
};

pub(super) const TRUST_STORE: Family = Family {
    name: "origin_probe_trust_store_info",
    kind: Kind::Gauge,
    help: "Always 1, labelled with the trust anchors in use: id of the set, version of webpki-roots \
           and date of its addition (both empty without Mozilla's anchors), and the number of \
           anchors: in total, from Mozilla and from the configuration",
    labels: &["id", "version", "date", "count", "mozilla", "extra"],
};

/// From the delay of a healthy start to one that makes every verdict stale, in seconds.
const BUCKETS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Creates a collector and registers it; the registry rejects a duplicate name.
pub(super) fn register<C: Collector + Clone + 'static>(
    registry: &Registry,
    family: &Family,
    create: impl FnOnce(&Family) -> prometheus::Result<C>,
) -> Result<C, TelemetryError> {
    let refused = |source| TelemetryError::Refused { name: family.name, source };
    let collector = create(family).map_err(refused)?;
    registry.register(Box::new(collector.clone())).map_err(refused)?;
    Ok(collector)
}

pub(super) fn opts(family: &Family) -> Opts {
    Opts::new(family.name, family.help)
}

pub(super) fn histogram_opts(family: &Family) -> HistogramOpts {
    HistogramOpts::new(family.name, family.help).buckets(BUCKETS.to_vec())
}

pub(super) fn counter(family: &Family) -> prometheus::Result<IntCounter> {
    IntCounter::with_opts(opts(family))
}

pub(super) fn gauge(family: &Family) -> prometheus::Result<IntGauge> {
    IntGauge::with_opts(opts(family))
}

pub(super) fn float_gauge(family: &Family) -> prometheus::Result<Gauge> {
    Gauge::with_opts(opts(family))
}

pub(super) fn gauge_vec(family: &Family) -> prometheus::Result<IntGaugeVec> {
    IntGaugeVec::new(opts(family), family.labels)
}
