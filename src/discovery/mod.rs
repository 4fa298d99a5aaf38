//! Where origins come from: distributions as CloudFront's API tells them.

mod json;

pub use json::Catalogue;
pub use json::Fault;
pub use json::JsonError;
pub use json::LARGEST;
