//! What a metric is called, what it means and which labels it carries.

use std::fmt;

/// One metric as the outside sees it; name and labels are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    pub name: &'static str,
    pub kind: Kind,
    /// One or more sentences without a full stop at the end.
    pub help: &'static str,
    /// In the order in which they are written.
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

/// The metric types of the text format in use here.
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
    help: "1 while the prober itself keeps origins from being judged, for the given cause, else 0",
    labels: &["cause"],
};

pub(super) const BUILD_INFO: Family = Family {
    name: "origin_probe_build_info",
    kind: Kind::Gauge,
    help: "Always 1, labelled with the version of this program",
    labels: &["version"],
};

pub(super) const CHAIN_BUDGET: Family = Family {
    name: "origin_probe_chain_budget_bytes",
    kind: Kind::Gauge,
    help: "Memory that the certificate chains of all origins may take, besides the first 16 KiB of \
           each origin, in bytes",
    labels: &[],
};

pub(super) const CHAIN_BUDGET_USED: Family = Family {
    name: "origin_probe_chain_budget_used_bytes",
    kind: Kind::Gauge,
    help: "The part of that memory which is in use, in bytes",
    labels: &[],
};

pub(super) const CHAINS_NOT_KEPT: Family = Family {
    name: "origin_probe_chains_not_kept",
    kind: Kind::Gauge,
    help: "Certificate chains that were read and judged and that there was no memory to keep",
    labels: &[],
};

pub(super) const CLOCK: Family = Family {
    name: "origin_probe_clock_timestamp_seconds",
    kind: Kind::Gauge,
    help: "This process's wall clock at the time of the scrape, as Unix time",
    labels: &[],
};

pub(super) const CLOCK_JUMPS: Family = Family {
    name: "origin_probe_clock_jumps_total",
    kind: Kind::Counter,
    help: "Times that the wall clock went by more than a minute against the monotonic one; each \
           begins a new round of probes",
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
    help: "When the configuration file was last accepted, as Unix time; 0 before it ever was",
    labels: &[],
};

pub(super) const RELOAD_FAILURES: Family = Family {
    name: "origin_probe_config_reload_failures_total",
    kind: Kind::Counter,
    help: "Reloads that failed because a file could not be read or has a mistake; the \
           configuration before stays in use",
    labels: &[],
};

pub(super) const DISCOVERY_API_CALLS: Family = Family {
    name: "origin_probe_discovery_api_calls_total",
    kind: Kind::Counter,
    help: "Requests of the CloudFront API, those that were tried again included",
    labels: &["operation"],
};

pub(super) const DISCOVERY_API_ERRORS: Family = Family {
    name: "origin_probe_discovery_api_errors_total",
    kind: Kind::Counter,
    help: "Calls of the CloudFront API that failed, after the last attempt",
    labels: &["reason"],
};

pub(super) const DISCOVERY_SUCCESSFUL: Family = Family {
    name: "origin_probe_discovery_last_refresh_successful",
    kind: Kind::Gauge,
    help: "1 if everything could be read when this source of origins was last looked at, else 0; \
           what could not be read stays in use as it was read last",
    labels: &["source"],
};

pub(super) const DISCOVERY_SUCCESS_AT: Family = Family {
    name: "origin_probe_discovery_last_success_timestamp_seconds",
    kind: Kind::Gauge,
    help: "When what is in use of this source was last known to be all there is, as Unix time; it \
           goes on while nothing changes, and is 0 before everything ever could be read",
    labels: &["source"],
};

pub(super) const DISCOVERY_ORIGINS: Family = Family {
    name: "origin_probe_discovery_origins",
    kind: Kind::Gauge,
    help: "Origins that this process looks after because this source names them",
    labels: &["source"],
};

pub(super) const DISCOVERY_PROBLEMS: Family = Family {
    name: "origin_probe_discovery_problems",
    kind: Kind::Gauge,
    help: "What this source names and what cannot be used; the log and the status page say why",
    labels: &["source"],
};

pub(super) const DISCOVERY_FAILURES: Family = Family {
    name: "origin_probe_discovery_refresh_failures_total",
    kind: Kind::Counter,
    help: "Readings of this source of which something could not be read",
    labels: &["source"],
};

pub(super) const DISCOVERY_INTERVAL: Family = Family {
    name: "origin_probe_discovery_refresh_interval_seconds",
    kind: Kind::Gauge,
    help: "Time between two looks at this source, as it is configured",
    labels: &["source"],
};

pub(super) const DISCOVERY_REFRESHES: Family = Family {
    name: "origin_probe_discovery_refreshes_total",
    kind: Kind::Counter,
    help: "Readings of this source, those that failed included; a look that finds nothing changed \
           is none",
    labels: &["source"],
};

pub(super) const LOG_LINES_DROPPED: Family = Family {
    name: "origin_probe_log_lines_dropped_total",
    kind: Kind::Counter,
    help: "Log lines dropped because standard error was not read or could not be written to",
    labels: &[],
};

pub(super) const ORIGINS: Family = Family {
    name: "origin_probe_origins",
    kind: Kind::Gauge,
    help: "Origins that this process looks after",
    labels: &[],
};

pub(super) const OVERDUE_ORIGINS: Family = Family {
    name: "origin_probe_overdue_origins",
    kind: Kind::Gauge,
    help: "Origins whose last scheduled probe began more than three of their intervals and ten \
           minutes ago",
    labels: &[],
};

pub(super) const PHASE_DURATION: Family = Family {
    name: "origin_probe_phase_duration_seconds",
    kind: Kind::Histogram,
    help: "Time that one phase of a probe took: resolve once a probe, \
           connect and handshake once an endpoint",
    labels: &["phase"],
};

pub(super) const PROBE_ERRORS: Family = Family {
    name: "origin_probe_probe_errors_total",
    kind: Kind::Counter,
    help: "Probes that came to nothing through this program's own fault, never an origin's",
    labels: &["reason"],
};

pub(super) const PROBE_REQUESTS: Family = Family {
    name: "origin_probe_probe_requests_total",
    kind: Kind::Counter,
    help: "Answers to requests for a probe at /probe, by HTTP status; their probes count nowhere \
           else",
    labels: &["code"],
};

pub(super) const PROBES_IN_FLIGHT: Family = Family {
    name: "origin_probe_probes_in_flight",
    kind: Kind::Gauge,
    help: "Probes that are running now",
    labels: &[],
};

pub(super) const PROBES: Family = Family {
    name: "origin_probe_probes_total",
    kind: Kind::Counter,
    help: "Probes that were started",
    labels: &[],
};

pub(super) const PROBES_MISSED: Family = Family {
    name: "origin_probe_probes_missed_total",
    kind: Kind::Counter,
    help: "Probes that were not made because the ones before them took longer than the interval",
    labels: &[],
};

pub(super) const SCHEDULE_LAG: Family = Family {
    name: "origin_probe_schedule_lag_seconds",
    kind: Kind::Histogram,
    help: "How much later than scheduled probes started",
    labels: &[],
};

pub(super) const SHARD_ORDINAL: Family = Family {
    name: "origin_probe_shard_ordinal",
    kind: Kind::Gauge,
    help: "Which part of the origins this process takes, counted from 0",
    labels: &[],
};

pub(super) const SHARDS: Family = Family {
    name: "origin_probe_shards",
    kind: Kind::Gauge,
    help: "How many processes the origins are divided among; 1 where they are not",
    labels: &[],
};

pub(super) const TRUST_STORE: Family = Family {
    name: "origin_probe_trust_store_info",
    kind: Kind::Gauge,
    help: "Always 1, labelled with the trust anchors in use: an identifier of the whole set, the \
           release of webpki-roots that Mozilla's come from (empty where they are not in use) and \
           the day it was taken into this program, how many anchors there are, how many of them \
           are Mozilla's, and how many the configuration adds",
    labels: &["id", "version", "date", "count", "mozilla", "extra"],
};
