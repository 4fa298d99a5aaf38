//! What one address said under one server name.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::chain::ChainFacts;
use crate::chain::StapledStatus;

use super::failure::Failure;
use super::failure::NotProbed;

/// One address, one server name: what came of the connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    pub address: IpAddr,
    /// When the probe began that saw this.
    pub probed_at: Timestamp,
    /// The position of the server name among the origin's targets.
    pub target: usize,
    /// Whether the configuration says that CloudFront can reach this address, which is none that
    /// the public internet has.
    pub assumed_public: bool,
    pub engine: Engine,
    /// What was negotiated, as far as it got.
    pub tls: Option<TlsParameters>,
    /// The chain as served, if one was read.
    pub chain: Option<Arc<ChainFacts>>,
    /// The status of the end entity in the OCSP response stapled to the handshake.
    pub staple: Option<StapledStatus>,
    pub key_proof: KeyProof,
    pub client_certificate: ClientCertificate,
    /// The warning alerts that the server sent in the clear and went on, by code.
    pub warnings: Vec<u8>,
    pub listed_versions: ListedVersions,
    /// Why the handshake did not complete; `None` when it did.
    pub failure: Option<Failure>,
    /// How long the TCP connection took to come up.
    pub connect_time: Option<Duration>,
    /// How long the TLS handshake took, to its end or its failure.
    pub handshake_time: Option<Duration>,
}

impl Endpoint {
    /// Returns an endpoint of which nothing is known yet; `target` is the position of the server
    /// name among the origin's targets.
    pub fn new(address: IpAddr, target: usize, probed_at: Timestamp) -> Self {
        Self {
            address,
            probed_at,
            target,
            assumed_public: false,
            engine: Engine::Rustls,
            tls: None,
            chain: None,
            staple: None,
            key_proof: KeyProof::NotReached,
            client_certificate: ClientCertificate::NotRequested,
            warnings: Vec::new(),
            listed_versions: ListedVersions::Suffice,
            failure: None,
            connect_time: None,
            handshake_time: None,
        }
    }

    /// Tells whether a TCP connection came up.
    pub fn was_reached(&self) -> bool {
        self.connect_time.is_some()
    }

    /// Tells whether anything was learnt of the origin here: not where the prober itself was in
    /// the way.
    pub fn was_probed(&self) -> bool {
        !matches!(self.failure, Some(Failure::NotProbed { .. }))
    }

    /// Returns whether the probe ended before the endpoint had its full time.
    pub fn ran_out_of_time(&self) -> bool {
        matches!(self.failure, Some(Failure::NotProbed { reason: NotProbed::OutOfTime }))
    }

    /// Tells whether the endpoint kept a socket busy without an answer.
    pub fn hung(&self) -> bool {
        let timed_out = matches!(
            self.failure,
            Some(Failure::ConnectionTimedOut { .. } | Failure::HandshakeTimedOut { .. })
        );
        timed_out || (self.ran_out_of_time() && self.was_reached())
    }
}

/// What spoke to the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A full TLS 1.2 or 1.3 handshake.
    Rustls,
    /// A ClientHello with CloudFront's own offer, and what the server answered in the clear.
    Hello,
}

impl Engine {
    /// Returns the name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rustls => "rustls",
            Self::Hello => "hello",
        }
    }
}

/// What client and server agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsParameters {
    /// As a distribution's settings write it: `SSLv3`, `TLSv1`, `TLSv1.1`, `TLSv1.2`, and
    /// `TLSv1.3`.
    pub version: &'static str,
    /// The suite's IANA name.
    pub cipher_suite: Box<str>,
    /// The key exchange group's IANA name.
    pub group: Option<Box<str>>,
}

/// Whether the server would also have taken the origin's `ssl_protocols` word for word, and not
/// only the range of versions that they stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedVersions {
    /// It would, or there is no difference.
    Suffice,
    /// The version it chose is not listed, and the listed ones alone it refused.
    Refused,
}

/// Whether the server proved to hold the key of the certificate it served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProof {
    /// The handshake did not get that far.
    NotReached,
    /// Its signature is right for the certificate at this position of the served list.
    Proven { position: usize },
    /// Its signature is right for none of the served certificates.
    Wrong,
    /// The certificate or its key is of a kind that our library does not verify.
    NotCheckable,
}

/// Whether the server asked for a client certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    NotRequested,
    /// It asked, and went on without one.
    Requested,
    /// It asked, and refused the connection without one.
    Required,
}
