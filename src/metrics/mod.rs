//! Exports reports as Prometheus series per origin and server name.
//!
//! The series are written directly from the reports, family by family, in the order that the text
//! format requires. There is no registry, so no stale series can remain, and 100,000 origins cost
//! little more memory than their output.

mod exposition;
mod labels;
mod lines;
mod on_request;
mod per_behavior;
mod per_origin;
mod subject;

use std::sync::Arc;

use jiff::Timestamp;

pub use exposition::{Exposition, exposition};
pub use on_request::{families as families_of_one_probe, of_one_probe};

use crate::report::{Entry, Reports, is_overdue};
use crate::telemetry::Family;

/// Returns how many origins are overdue for a probe.
pub fn overdue(reports: &Reports, now: Timestamp) -> usize {
    let is_overdue = |entry: &&Arc<Entry>| {
        entry.kept().is_some_and(|kept| is_overdue(&entry.origin, &kept.brief, now))
    };
    reports.entries().iter().filter(is_overdue).count()
}

/// The content type of the text format 0.0.4.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The families that a scrape returns: all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    left_out: Vec<&'static str>,
}

impl Selection {
    /// Returns the families whose names `is_chosen` accepts.
    pub fn of(is_chosen: impl Fn(&str) -> bool) -> Self {
        let names = families().map(|family| family.name);
        Self { left_out: names.filter(|name| !is_chosen(name)).collect() }
    }

    /// Returns whether a scrape returns the family `name`.
    pub fn has(&self, name: &str) -> bool {
        !self.left_out.contains(&name)
    }
}

/// Returns whether a family belongs to the essential set, which is all that the alerts need.
pub fn is_essential(name: &str) -> bool {
    let prefixes = ["cloudfront_behavior_", "origin_probe_"];
    ESSENTIAL.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// The essential metrics of origins: seven series for a healthy origin and server name.
const ESSENTIAL: [&str; 9] = [
    "cloudfront_origin_failing",
    "cloudfront_origin_undecided",
    "cloudfront_origin_undecided_reason",
    "cloudfront_origin_failing_ratio",
    "cloudfront_origin_violation",
    "cloudfront_origin_path_not_after_timestamp_seconds",
    "cloudfront_origin_renewal_warning_timestamp_seconds",
    "cloudfront_origin_renewal_critical_timestamp_seconds",
    "cloudfront_origin_last_probe_timestamp_seconds",
];

/// Returns every metric that this program defines; those of origins and behaviors come first. The
/// `process_*` metrics are added where the operating system supports them.
///
/// `cloudfront_origin_info` also has the labels configured for the origin.
pub fn families() -> impl Iterator<Item = &'static Family> {
    let per_origin = per_origin::FAMILIES.iter().map(|definition| &definition.family);
    let per_behavior = per_behavior::FAMILIES.iter().map(|definition| &definition.family);
    per_origin.chain(per_behavior).chain(&crate::telemetry::FAMILIES)
}
