//! A certificate authority, a DNS server and broken origins on loopback.

pub mod dns;
mod error;
pub mod pki;

pub use error::DemoError;
