//! TCP and TLS to one address under one server name, the way CloudFront would; failures are data.

mod client;
mod connect;
mod diagnosis;
mod dialogue;
mod failure;
mod full;
pub mod hello;
mod key_proof;
mod patience;
mod reading;
mod recorder;
mod second_chance;
mod tap;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

pub use client::Client;

use crate::observation::ClientCertificate;
use crate::observation::Ending;
use crate::observation::Engine;
use crate::observation::Failure;
use crate::observation::KeyProof;
use crate::observation::ListedVersions;
use crate::observation::TlsParameters;
use crate::origin::DomainName;
use crate::origin::SslProtocols;

/// One handshake to be made.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub address: SocketAddr,
    pub server_name: &'a DomainName,
    /// Another name that the server may know, asked for only to find out why the first is refused.
    pub other_name: Option<&'a DomainName>,
    pub ssl_protocols: &'a SslProtocols,
    /// How often to try the TCP connection, and how long each time.
    pub attempts: u8,
    pub connection_timeout: Duration,
    /// From the ClientHello to the end of the handshake.
    pub handshake_timeout: Duration,
    /// Nothing goes on beyond this instant.
    pub deadline: Instant,
}

/// What came of one handshake.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub engine: Engine,
    /// What was negotiated, as far as it got.
    pub tls: Option<TlsParameters>,
    /// The certificates exactly as served, DER; empty when none was read.
    pub served: Vec<Vec<u8>>,
    /// The OCSP response stapled to them, DER.
    pub staple: Option<Arc<[u8]>>,
    pub key_proof: KeyProof,
    pub client_certificate: ClientCertificate,
    /// The warning alerts that the server sent in the clear and went on, by code.
    pub warnings: Vec<u8>,
    pub listed_versions: ListedVersions,
    pub failure: Option<Failure>,
    pub connect_time: Option<Duration>,
    pub handshake_time: Option<Duration>,
}

impl Outcome {
    /// Returns what a connection comes to that is reset as soon as it is there.
    fn reset_on_accept(connect_time: Duration) -> Self {
        let failure = Failure::ClosedBeforeServerHello { ending: Ending::Reset };
        Self { connect_time: Some(connect_time), ..Self::failed(failure) }
    }

    /// Returns what there is to say when nothing but a failure came home.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self {
            engine: Engine::Rustls,
            tls: None,
            served: Vec::new(),
            staple: None,
            key_proof: KeyProof::NotReached,
            client_certificate: ClientCertificate::NotRequested,
            warnings: Vec::new(),
            listed_versions: ListedVersions::Suffice,
            failure: Some(failure),
            connect_time: None,
            handshake_time: None,
        }
    }
}

/// What keeps a [`Client`] from being made.
#[derive(Debug, Error)]
pub enum HandshakeError {
    #[error("the TLS library has none of the cipher suites that CloudFront offers")]
    NoCipherSuite,
    #[error("the system gave no random numbers")]
    NoRandom,
}
