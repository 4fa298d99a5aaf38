//! What CloudFront offers, trusts and reaches; every constant with its source.

mod cipher_suite;
mod former_roots;
mod guide;
mod limits;
mod offer;
mod reach;

pub use cipher_suite::CIPHER_SUITES;
pub use former_roots::FormerRoot;
pub use former_roots::former_roots;
pub use guide::Page;
pub use limits::CONNECTION_ATTEMPTS;
pub use limits::CONNECTION_TIMEOUT;
pub use limits::MAX_CERTIFICATES;
pub use limits::MAX_HANDSHAKE_MESSAGE;
pub use offer::GROUPS;
pub use offer::Offer;
pub use offer::Offered;
pub use offer::POST_QUANTUM_GROUPS;
pub use offer::SIGNATURE_SCHEMES;
pub use offer::Source;
pub use offer::Version;
pub use reach::Reach;
pub use reach::reach;
