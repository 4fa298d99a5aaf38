//! Metrics of the sources of origins.

use std::time::Duration;

use jiff::Timestamp;
use prometheus::{GaugeVec, IntCounterVec, IntGaugeVec};

use super::family::Collectors;
use super::{TelemetryError, count, unix_seconds};

/// The metrics of each source of origins, labelled with the source's name.
#[derive(Debug)]
pub struct Sources {
    successful: IntGaugeVec,
    success_at: GaugeVec,
    origins: IntGaugeVec,
    problems: IntGaugeVec,
    refreshes: IntCounterVec,
    failures: IntCounterVec,
    interval: GaugeVec,
}

impl Sources {
    pub(super) fn new(new: Collectors<'_>) -> Result<Self, TelemetryError> {
        Ok(Self {
            successful: new
                .add("origin_probe_discovery_last_refresh_successful", IntGaugeVec::new)?,
            success_at: new
                .add("origin_probe_discovery_last_success_timestamp_seconds", GaugeVec::new)?,
            origins: new.add("origin_probe_discovery_origins", IntGaugeVec::new)?,
            problems: new.add("origin_probe_discovery_problems", IntGaugeVec::new)?,
            refreshes: new.add("origin_probe_discovery_refreshes_total", IntCounterVec::new)?,
            failures: new
                .add("origin_probe_discovery_refresh_failures_total", IntCounterVec::new)?,
            interval: new.add("origin_probe_discovery_refresh_interval_seconds", GaugeVec::new)?,
        })
    }

    /// Creates the series of a source that is refreshed every `interval`; they start at zero.
    pub fn expect(&self, source: &str, interval: Duration) {
        for gauge in [&self.successful, &self.origins, &self.problems] {
            gauge.with_label_values(&[source]);
        }
        self.success_at.with_label_values(&[source]);
        self.refreshes.with_label_values(&[source]);
        self.failures.with_label_values(&[source]);
        self.interval.with_label_values(&[source]).set(interval.as_secs_f64());
    }

    /// Removes the series of a source, if it has any.
    pub fn forget(&self, source: &str) {
        for gauge in [&self.successful, &self.origins, &self.problems] {
            let _ = gauge.remove_label_values(&[source]);
        }
        for gauge in [&self.success_at, &self.interval] {
            let _ = gauge.remove_label_values(&[source]);
        }
        for counter in [&self.refreshes, &self.failures] {
            let _ = counter.remove_label_values(&[source]);
        }
    }

    /// Counts a read of a source.
    pub fn record_read(&self, source: &str) {
        self.refreshes.with_label_values(&[source]).inc();
    }

    /// Records that the data in use was complete at the instant `at`.
    pub fn record_refresh(&self, source: &str, at: Timestamp) {
        self.successful.with_label_values(&[source]).set(1);
        self.success_at.with_label_values(&[source]).set(unix_seconds(at));
    }

    /// Records that some data could not be read; the data read before stays in use.
    pub fn failed(&self, source: &str) {
        self.successful.with_label_values(&[source]).set(0);
        self.failures.with_label_values(&[source]).inc();
    }

    /// Records how many origins a source adds, and how many of its entries cannot be used.
    pub fn record_origins(&self, source: &str, origins: usize, problems: usize) {
        self.origins.with_label_values(&[source]).set(count(origins));
        self.problems.with_label_values(&[source]).set(count(problems));
    }
}
