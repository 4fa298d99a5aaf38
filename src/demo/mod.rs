//! A certificate authority, a DNS server and broken origins on loopback.

pub mod dns;
mod error;
mod listen;
pub mod pki;
pub mod script;
pub mod server;

pub use error::DemoError;
pub use listen::ClosedPort;
