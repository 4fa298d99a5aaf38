//! Sources of origins other than the configuration file: target files and CloudFront's API.
//!
//! Each source runs in its own task and delivers a [`SourceUpdate`] through its [`SourceHandle`]
//! after each read. The [`SourceStore`] keeps the last good content of each part in use.
//! [`gather()`] combines the configured origins and those of all sources into one fleet.

#[cfg(feature = "aws")]
pub mod cloudfront;
pub mod files;
mod gather;
mod groups;
mod json;
mod problem;
mod settings;
mod state;
mod store;
mod update;

pub use gather::{Configured, Contribution, Gathered, MOST_ORIGINS, gather};
pub use json::{Catalogue, Fault, LARGEST, MOST_VALUES};
pub use problem::{MOST_PROBLEMS, Place, Problem, Problems};
pub use settings::{SourceContext, SourceSettings};
pub use state::{Effect, Failure, PartState, SourceName, SourceState};
pub use store::{SourceHandle, SourceStore};
pub use update::{Found, FoundOrigin, Part, PartUpdate, SourceUpdate};
