//! The request for one handshake, and its result.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use crate::observation::{Ending, Failure, Handshake};
use crate::origin::{DomainName, SslProtocols};

#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub address: SocketAddr,
    pub server_name: &'a DomainName,
    /// Another name that the server may know, tried only to find out why the first is refused.
    pub other_name: Option<&'a DomainName>,
    pub ssl_protocols: &'a SslProtocols,
    /// The number of TCP connection attempts; each may take `connection_timeout`.
    pub attempts: u8,
    pub connection_timeout: Duration,
    /// From the ClientHello to the end of the handshake.
    pub handshake_timeout: Duration,
    /// The end of the whole probe of this endpoint.
    pub deadline: Instant,
}

/// The facts of one handshake, and the certificates that the server sent in it.
#[derive(Clone, Debug, Default)]
pub struct ServedHandshake {
    pub handshake: Handshake,
    /// The certificates exactly as served, in DER; empty if none were read.
    pub served: Vec<Vec<u8>>,
    /// The stapled OCSP response, in DER.
    pub staple: Option<Arc<[u8]>>,
}

impl ServedHandshake {
    /// Returns the handshake of a connection that is reset as soon as it is accepted.
    pub(super) fn reset_on_accept(connect_time: Duration) -> Self {
        let mut reset = Self::failed(Failure::ClosedBeforeServerHello { ending: Ending::Reset });
        reset.handshake.connect_time = Some(connect_time);
        reset
    }

    /// Returns a handshake with a failure and no other facts.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self { handshake: Handshake::failed(failure), ..Self::default() }
    }

    /// Replaces the failure; `None` removes it.
    pub(super) fn with_failure(mut self, failure: impl Into<Option<Failure>>) -> Self {
        self.handshake.failure = failure.into();
        self
    }

    /// Returns why the handshake did not complete; `None` if it did.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.handshake.failure.as_ref()
    }
}

/// The time limits of one handshake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// The end of the handshake's time.
    pub(super) until: Instant,
    /// The end of the whole probe's time.
    pub(super) deadline: Instant,
    /// Whether the deadline leaves less than the full handshake timeout.
    pub(super) is_shortened: bool,
}

impl Timeouts {
    /// Returns the limits of a handshake that begins now.
    pub(super) fn from_now(timeout: Duration, deadline: Instant) -> Self {
        let meant = Instant::now() + timeout;
        Self { until: meant.min(deadline), deadline, is_shortened: deadline < meant }
    }
}

/// Why no [`super::Client`] can be created.
#[derive(Debug, Error)]
pub enum HandshakeError {
    #[error("the TLS library supports none of the cipher suites that CloudFront offers")]
    NoCipherSuite,
    #[error("the system provided no random numbers")]
    NoRandom,
}
