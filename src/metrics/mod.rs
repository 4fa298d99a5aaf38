//! Exports reports as Prometheus series per origin and server name.
//!
//! The series are written directly from the reports, family by family, in the order that the text
//! format requires. There is no registry, so no stale series can remain, and 100,000 origins cost
//! little more memory than their output.

mod exposition;
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
        entry.latest().is_some_and(|report| is_overdue(&entry.origin, &report, now))
    };
    reports.entries().iter().filter(is_overdue).count()
}

/// The content type of the text format 0.0.4.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns every metric that this program defines; those of origins and behaviors come first. The
/// `process_*` metrics are added where the operating system supports them.
///
/// `cloudfront_origin_info` also has the labels configured for the origin.
pub fn families() -> impl Iterator<Item = &'static Family> {
    let per_origin = per_origin::FAMILIES.iter().map(|definition| &definition.family);
    let per_behavior = per_behavior::FAMILIES.iter().map(|definition| &definition.family);
    per_origin.chain(per_behavior).chain(&crate::telemetry::FAMILIES)
}
