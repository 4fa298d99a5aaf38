//! The name, meaning and labels of each of the daemon's metrics.

use std::fmt;

use prometheus::core::Collector;
use prometheus::{Gauge, IntCounter, IntGauge, Opts, Registry};

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
    /// Returns a counter without labels.
    pub const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Counter, help, labels: &[] }
    }

    /// Returns a gauge without labels.
    pub const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Gauge, ..Self::counter(name, help) }
    }

    /// Returns a histogram without labels.
    pub const fn histogram(name: &'static str, help: &'static str) -> Self {
        Self { kind: Kind::Histogram, ..Self::counter(name, help) }
    }

    /// Returns the family with these labels.
    pub const fn labelled(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }
}

/// The metric types used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// The name that the text format uses.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        })
    }
}

/// The daemon's own metrics, sorted by name.
pub static FAMILIES: [Family; 32] = [
    Family::gauge(
        "origin_probe_blind",
        "1 while a fault of the prober keeps origins from being judged, by cause, else 0",
    )
    .labelled(&["cause"]),
    Family::gauge("origin_probe_build_info", "Always 1, labelled with the program version")
        .labelled(&["version"]),
    Family::gauge(
        "origin_probe_chain_budget_bytes",
        "Memory limit for certificate chains beyond the first 16 KiB of each origin, in bytes",
    ),
    Family::gauge(
        "origin_probe_chain_budget_used_bytes",
        "Used part of the memory limit for certificate chains, in bytes",
    ),
    Family::gauge(
        "origin_probe_chains_not_kept",
        "Certificate chains judged but not kept because of the memory limit",
    ),
    Family::counter(
        "origin_probe_clock_jumps_total",
        "Jumps of the wall clock by more than a minute; each starts a new round of probes",
    ),
    Family::gauge("origin_probe_clock_timestamp_seconds", "Wall clock at the scrape, as Unix time"),
    Family::gauge(
        "origin_probe_config_last_reload_successful",
        "1 if the configuration file was accepted when it was last read, else 0",
    ),
    Family::gauge(
        "origin_probe_config_last_reload_success_timestamp_seconds",
        "Time at which the configuration file was last accepted, as Unix time; 0 if never",
    ),
    Family::counter(
        "origin_probe_config_reload_failures_total",
        "Reloads that failed because a file was not readable or not valid",
    ),
    Family::counter(
        "origin_probe_discovery_api_calls_total",
        "Requests to the CloudFront API, including retries",
    )
    .labelled(&["operation"]),
    Family::counter(
        "origin_probe_discovery_api_errors_total",
        "CloudFront API calls that failed after the last retry",
    )
    .labelled(&["reason"]),
    Family::gauge(
        "origin_probe_discovery_last_refresh_successful",
        "1 if the last refresh of this source could read everything, else 0",
    )
    .labelled(&["source"]),
    Family::gauge(
        "origin_probe_discovery_last_success_timestamp_seconds",
        "Time of the last refresh or check that found the data in use complete, as Unix time; \
         0 before the first",
    )
    .labelled(&["source"]),
    Family::gauge(
        "origin_probe_discovery_origins",
        "Origins from this source that this process monitors",
    )
    .labelled(&["source"]),
    Family::gauge("origin_probe_discovery_problems", "Entries of this source that cannot be used")
        .labelled(&["source"]),
    Family::counter(
        "origin_probe_discovery_refresh_failures_total",
        "Refreshes of this source that could not read everything",
    )
    .labelled(&["source"]),
    Family::gauge(
        "origin_probe_discovery_refresh_interval_seconds",
        "Configured time between refreshes of this source, in seconds",
    )
    .labelled(&["source"]),
    Family::counter(
        "origin_probe_discovery_refreshes_total",
        "Refreshes of this source, including failed ones, but not checks that find no change",
    )
    .labelled(&["source"]),
    Family::counter(
        "origin_probe_log_lines_dropped_total",
        "Log lines dropped because standard error was not read or not writable",
    ),
    Family::gauge("origin_probe_origins", "Origins that this process monitors"),
    Family::gauge(
        "origin_probe_overdue_origins",
        "Origins whose last scheduled probe began more than three intervals plus ten minutes \
         ago",
    ),
    Family::histogram(
        "origin_probe_phase_duration_seconds",
        "Duration of one phase of a probe in seconds: resolve once per probe, connect and \
         handshake once per endpoint",
    )
    .labelled(&["phase"]),
    Family::counter(
        "origin_probe_probe_errors_total",
        "Probes that failed through a fault of this program, not of an origin",
    )
    .labelled(&["reason"]),
    Family::counter(
        "origin_probe_probe_requests_total",
        "Responses of /probe, by HTTP status; probes on request count in no other metric",
    )
    .labelled(&["code"]),
    Family::gauge("origin_probe_probes_in_flight", "Probes currently running"),
    Family::counter(
        "origin_probe_probes_missed_total",
        "Probes skipped because earlier ones took longer than the interval",
    ),
    Family::counter("origin_probe_probes_total", "Probes started"),
    Family::histogram(
        "origin_probe_schedule_lag_seconds",
        "Delay of probe starts behind their schedule, in seconds",
    ),
    Family::gauge("origin_probe_shard_ordinal", "Shard number of this process, counted from 0"),
    Family::gauge("origin_probe_shards", "Number of shards; 1 without sharding"),
    Family::gauge(
        "origin_probe_trust_store_info",
        "Always 1, labelled with the trust anchors in use: id of the set, version of \
         webpki-roots and date of its addition (both empty without Mozilla's anchors), and the \
         number of anchors: in total, from Mozilla and from the configuration",
    )
    .labelled(&["id", "version", "date", "count", "mozilla", "extra"]),
];

/// Creates the collectors of [`FAMILIES`] in a registry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Collectors<'a>(pub(super) &'a Registry);

impl Collectors<'_> {
    /// Creates one collector; the registry rejects a duplicate name.
    pub(super) fn add<C: Collector + Clone + 'static>(
        self,
        name: &'static str,
        create: impl FnOnce(Opts, &[&str]) -> prometheus::Result<C>,
    ) -> Result<C, TelemetryError> {
        let refused = |source| TelemetryError::Refused { name, source };
        let family = FAMILIES.iter().find(|family| family.name == name);
        let unknown = || refused(prometheus::Error::Msg("it is not in the table".to_owned()));
        let Family { help, labels, .. } = family.ok_or_else(unknown)?;
        let collector = create(Opts::new(name, *help), labels).map_err(refused)?;
        self.0.register(Box::new(collector.clone())).map_err(refused)?;
        Ok(collector)
    }
}

pub(super) fn counter(opts: Opts, _no_labels: &[&str]) -> prometheus::Result<IntCounter> {
    IntCounter::with_opts(opts)
}

pub(super) fn gauge(opts: Opts, _no_labels: &[&str]) -> prometheus::Result<IntGauge> {
    IntGauge::with_opts(opts)
}

pub(super) fn float_gauge(opts: Opts, _no_labels: &[&str]) -> prometheus::Result<Gauge> {
    Gauge::with_opts(opts)
}
