//! Why the demo could not be set up.

use std::io;
use std::net::SocketAddr;

use jiff::Timestamp;
use thiserror::Error;

/// What kept a part of the demo from being made or started.
#[derive(Debug, Error)]
pub enum DemoError {
    /// rcgen or the crypto library refused.
    #[error("the certificate of `{name}` could not be made")]
    Certificate { name: String, source: rcgen::Error },
    /// RFC 5280 §4.1.2.5 writes years with four digits.
    #[error(
        "the certificate of `{name}`: {instant} lies before the year 1, which no certificate can say"
    )]
    Instant { name: String, instant: Timestamp },
    /// A name in the zone that DNS cannot carry.
    #[error("the dns record of `{name}`: the name or its target is no domain name")]
    DnsName { name: String, source: hickory_server::proto::ProtoError },
    /// The operating system did not give the address.
    #[error("{address}: cannot listen there")]
    Listen { address: SocketAddr, source: io::Error },
    /// rustls refused the settings of a server.
    #[error("{address}: the settings of this tls server do not work")]
    Tls { address: SocketAddr, source: rustls::Error },
    /// The authority whose client certificates a server shall take is unusable.
    #[error("{address}: the authority for client certificates is not usable")]
    ClientAuthority { address: SocketAddr, source: rustls::server::VerifierBuilderError },
}
