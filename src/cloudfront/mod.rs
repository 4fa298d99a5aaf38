//! What CloudFront offers, trusts and reaches; every constant with its source.

mod guide;
mod load_balancer;
mod offer;
mod reach;

pub use guide::Page;
pub use load_balancer::is_load_balancers_own_name;
pub use offer::CIPHER_SUITES;
pub use offer::GROUPS;
pub use offer::Offer;
pub use offer::SIGNATURE_SCHEMES;
pub use offer::Version;
pub use reach::Reach;
pub use reach::reach;
