//! The result of probing one address with one server name.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::chain::{ChainFacts, StapledStatus};

use super::failure::{Failure, NotProbed};

/// One address, probed with one server name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    pub address: IpAddr,
    /// The start of the probe that made the connection.
    #[serde(with = "jiff::fmt::serde::timestamp::nanosecond::required")]
    pub probed_at: Timestamp,
    /// The position of the server name among the origin's targets.
    pub target: usize,
    /// Whether the configuration says that CloudFront can reach this address although it is not
    /// public.
    pub assumed_public: bool,
    /// Whether the last answer of DNS left the address out, and an earlier one did not.
    pub is_remembered: bool,
    /// How many of the latest connections ended like this one: 1, unless more are remembered
    /// because some of them failed.
    pub connections: u16,
    /// Whether an endpoint with the same address and server name, to which connections ended in
    /// another way, precedes this one.
    pub is_other_outcome: bool,
    pub handshake: Handshake,
    /// The chain as served; `None` if none was read.
    #[serde(skip)]
    pub chain: Option<Arc<ChainFacts>>,
    /// The end-entity certificate's status in the stapled OCSP response.
    pub staple: Option<StapledStatus>,
}

/// The facts of one TCP connection and its TLS handshake, without the certificates.
///
/// The default is a handshake that has not begun.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Handshake {
    pub engine: Engine,
    /// The negotiated parameters; `None` if the handshake ended before they were chosen.
    pub tls: Option<TlsParameters>,
    pub key_proof: KeyProof,
    pub client_certificate: ClientCertificate,
    /// The codes of the plaintext warning alerts after which the server continued.
    pub warnings: Vec<u8>,
    pub listed_versions: ListedVersions,
    /// Why the handshake did not complete; `None` if it did.
    pub failure: Option<Failure>,
    pub connect_time: Option<Duration>,
    /// Until the handshake completed or failed.
    pub handshake_time: Option<Duration>,
}

impl Handshake {
    /// Returns a handshake with a failure and no other facts.
    pub fn failed(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

impl Endpoint {
    /// Returns an endpoint that has not been probed yet; `target` is the position of the server
    /// name among the origin's targets.
    pub fn new(address: IpAddr, target: usize, probed_at: Timestamp) -> Self {
        Self {
            address,
            probed_at,
            target,
            assumed_public: false,
            is_remembered: false,
            connections: 1,
            is_other_outcome: false,
            handshake: Handshake::default(),
            chain: None,
            staple: None,
        }
    }

    /// Returns whether a TCP connection was established.
    pub fn was_reached(&self) -> bool {
        self.handshake.connect_time.is_some()
    }

    /// Returns whether the probe says anything about the origin. It does not if the prober itself
    /// was the obstacle.
    pub fn was_probed(&self) -> bool {
        !matches!(self.handshake.failure, Some(Failure::NotProbed { .. }))
    }

    /// Returns whether the probe ended before the endpoint had its full timeouts.
    pub fn ran_out_of_time(&self) -> bool {
        matches!(self.handshake.failure, Some(Failure::NotProbed { reason: NotProbed::OutOfTime }))
    }

    /// Returns whether the endpoint occupied a socket without answering.
    pub fn hung(&self) -> bool {
        let timed_out = matches!(
            self.handshake.failure,
            Some(Failure::ConnectionTimedOut { .. } | Failure::HandshakeTimedOut { .. })
        );
        timed_out || (self.ran_out_of_time() && self.was_reached())
    }
}

/// Further connections to one endpoint, without diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    pub address: IpAddr,
    /// The position of the server name among the origin's targets.
    pub target: usize,
    /// The kind of hello that decided before.
    pub engine: Engine,
    pub connections: u16,
}

/// The TLS implementation that talked to the origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engine {
    /// A full TLS 1.2 or 1.3 handshake.
    #[default]
    Rustls,
    /// A ClientHello with CloudFront's own offer, and the server's plaintext reply.
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

/// The negotiated parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TlsParameters {
    /// As spelled in the distribution's settings: `SSLv3`, `TLSv1`, `TLSv1.1`, `TLSv1.2` or
    /// `TLSv1.3`.
    pub version: Cow<'static, str>,
    /// The suite's IANA name.
    pub cipher_suite: Box<str>,
    /// The key exchange group's IANA name.
    pub group: Option<Box<str>>,
}

/// Whether the server also accepts exactly the versions listed in the origin's `ssl_protocols`, and
/// not only the range that they span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListedVersions {
    /// It does, or there is no difference.
    #[default]
    Suffice,
    /// It chose a version that is not listed, and refused a hello with only the listed ones.
    Refused,
}

/// Whether the server proved possession of the private key of the certificate it served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyProof {
    /// The handshake did not get that far.
    #[default]
    NotReached,
    /// The signature is valid for the certificate at this position of the served list.
    Proven { position: usize },
    /// The signature is valid for none of the served certificates.
    Wrong,
    /// The certificate or its key is of a kind that rustls does not verify.
    NotCheckable,
}

/// Whether the server asked for a client certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientCertificate {
    #[default]
    NotRequested,
    /// The server requested one and continued without it.
    Requested,
    /// The server requested one and refused the connection without it.
    Required,
}
