//! Where origins come from besides the configuration file: files of target groups, distributions as
//! CloudFront's API tells them; and what is known of each source while it is read again and again.
//!
//! A source runs on its own and delivers a [`Reading`] through its [`Post`] whenever it has looked.
//! The [`Register`] keeps the last good list of each part of a source in use; [`gather()`] makes one
//! fleet of them and of the configured origins.

#[cfg(feature = "aws")]
pub mod cloudfront;
pub mod files;
mod gather;
mod groups;
mod json;
mod post;
mod problem;
mod reading;
mod record;
mod register;
mod source;

pub use gather::Configured;
pub use gather::Gathered;
pub use gather::MOST_ORIGINS;
pub use gather::Share;
pub use gather::gather;
pub use groups::FoundGroup;
pub use json::Catalogue;
pub use json::Fault;
pub use json::JsonError;
pub use json::LARGEST;
pub use post::Post;
pub use problem::MOST_PROBLEMS;
pub use problem::Place;
pub use problem::Problem;
pub use problem::Problems;
pub use reading::Found;
pub use reading::FoundOrigin;
pub use reading::News;
pub use reading::Part;
pub use reading::Reading;
pub use record::Effect;
pub use record::Failure;
pub use record::Heard;
pub use record::PartRecord;
pub use record::Record;
pub use register::Register;
pub use source::SourceName;
