//! The reports in numbers: which series Prometheus gets of each origin and server name.
//!
//! The series are written straight from the reports, family by family, as the text format wants
//! them: nothing is registered, so that nothing stale can stay, and 100,000 origins cost little
//! more than the bytes they are.

mod exposition;
mod lines;
mod on_request;
mod overdue;
mod per_behavior;
mod per_origin;
mod server_names;
mod subject;

pub use exposition::Exposition;
pub use exposition::exposition;
pub use on_request::families as families_of_one_probe;
pub use on_request::of_one_probe;
pub use overdue::overdue;

pub use crate::telemetry::Family;
pub use crate::telemetry::Kind;

/// The content type of the text format 0.0.4, as Prometheus asks for it.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns every metric of ours, those of the origins and of the behaviors first; `process_*`, where the system has
/// it, comes on top.
///
/// `cloudfront_origin_info` has the origin's configured labels besides those named here.
pub fn families() -> impl Iterator<Item = &'static Family> {
    let per_origin = per_origin::FAMILIES.iter().map(|definition| &definition.family);
    let per_behavior = per_behavior::FAMILIES.iter().map(|definition| &definition.family);
    per_origin.chain(per_behavior).chain(&crate::telemetry::FAMILIES)
}
