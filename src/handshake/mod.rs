//! TCP and TLS connections to one address with one server name, as CloudFront makes them. Failures
//! are data.

mod client;
mod connect;
mod diagnosis;
mod failure;
mod fallback;
mod full;
pub mod hello;
mod interpret;
mod key_proof;
mod recorder;
mod request;
mod session;
mod tls_socket;

pub use client::Client;
pub use request::{HandshakeError, Request, ServedHandshake};
