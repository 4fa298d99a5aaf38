//! What one address said under one server name.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::chain::ChainFacts;

use super::alert::alert_name;

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
    /// The OCSP response stapled to the handshake, DER.
    pub staple: Option<Arc<[u8]>>,
    pub key_proof: KeyProof,
    pub client_certificate: ClientCertificate,
    /// Why the handshake did not complete; `None` when it did.
    pub failure: Option<Failure>,
    /// How long the TCP connection took to come up.
    pub connect_time: Option<Duration>,
    /// How long the TLS handshake took, to its end or its failure.
    pub handshake_time: Option<Duration>,
}

impl Endpoint {
    /// Tells whether a TCP connection came up.
    pub fn was_reached(&self) -> bool {
        self.connect_time.is_some()
    }

    /// Tells whether anything was learnt of the origin here: not where the prober itself was in
    /// the way.
    pub fn was_probed(&self) -> bool {
        !matches!(self.failure, Some(Failure::NotProbed { .. }))
    }

    /// Tells whether it was this process that failed: for want of a socket, or in its TLS library.
    pub fn failed_on_our_side(&self) -> bool {
        matches!(self.failure, Some(Failure::NotProbed { reason: NotProbed::OwnFailure { .. } }))
    }

    /// Tells whether the endpoint kept a socket busy without an answer.
    pub fn hung(&self) -> bool {
        matches!(
            self.failure,
            Some(Failure::ConnectionTimedOut { .. } | Failure::HandshakeTimedOut { .. })
        )
    }
}

/// What spoke to the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A full TLS 1.2 or 1.3 handshake.
    Rustls,
}

impl Engine {
    /// Returns the name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rustls => "rustls",
        }
    }
}

/// What client and server agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsParameters {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// The suite's IANA name.
    pub cipher_suite: Box<str>,
    /// The key exchange group's IANA name.
    pub group: Option<Box<str>>,
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

/// Why a handshake did not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was learnt, for a reason on our side.
    NotProbed { reason: NotProbed },
    /// CloudFront cannot get to this address, which is of the given kind; it was not connected to.
    NotPublic { kind: &'static str },
    /// The address answered the connection with a reset.
    ConnectionRefused { attempts: u8 },
    /// The address did not answer at all.
    ConnectionTimedOut { attempts: u8, timeout: Duration },
    /// The connection ended after the ClientHello, before any ServerHello.
    ClosedBeforeServerHello { ending: Ending },
    /// The connection ended between ServerHello and the end of the handshake.
    ClosedDuringHandshake { ending: Ending },
    /// What came back is not TLS.
    NotTls { looks_like: Option<&'static str>, first_bytes: Box<str> },
    /// The handshake did not end in time.
    HandshakeTimedOut { waited: Duration, received: u64 },
    /// The server ended the handshake with an alert.
    Alert { code: u8 },
    /// The server and our TLS library have nothing in common, or it broke the protocol.
    Incompatible { detail: Box<str> },
    /// The server sent an empty certificate list.
    NoCertificate,
    /// The server's chain is larger than our TLS library reads.
    ChainUnreadable { detail: Box<str> },
    /// The handshake's signature is not made with the served certificate's key.
    SignatureWrong,
}

/// Why nothing could be learnt of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotProbed {
    /// The network between here and there is missing or forbidden to us.
    NoRoute { error: Box<str> },
    /// The deadline passed before its turn came.
    OutOfTime,
    /// This process could not open a socket, or its TLS library failed.
    OwnFailure { detail: Box<str> },
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Closed,
    Reset,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Reset => "reset",
        })
    }
}

impl Failure {
    /// Returns where on the way it happened: `connect`, `hello` or `handshake`.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::NotProbed { .. }
            | Self::NotPublic { .. }
            | Self::ConnectionRefused { .. }
            | Self::ConnectionTimedOut { .. } => "connect",
            Self::ClosedBeforeServerHello { .. } | Self::NotTls { .. } => "hello",
            _ => "handshake",
        }
    }

    /// Returns the kind in kebab-case, a closed list.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotProbed { reason: NotProbed::NoRoute { .. } } => "no-route-from-here",
            Self::NotPublic { .. } => "address-not-public",
            Self::NotProbed { reason: NotProbed::OutOfTime } => "out-of-time",
            Self::NotProbed { reason: NotProbed::OwnFailure { .. } } => "own-failure",
            Self::ConnectionRefused { .. } => "connection-refused",
            Self::ConnectionTimedOut { .. } => "connection-timed-out",
            Self::ClosedBeforeServerHello { .. } => "closed-before-server-hello",
            Self::ClosedDuringHandshake { .. } => "closed-during-handshake",
            Self::NotTls { .. } => "not-tls",
            Self::HandshakeTimedOut { .. } => "handshake-timed-out",
            Self::Alert { .. } => "alert",
            Self::Incompatible { .. } => "incompatible",
            Self::NoCertificate => "no-certificate",
            Self::ChainUnreadable { .. } => "chain-unreadable",
            Self::SignatureWrong => "signature-wrong",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotProbed { reason } => match reason {
                NotProbed::NoRoute { error } => write!(f, "there is no way from here: {error}"),
                NotProbed::OutOfTime => {
                    f.write_str("the probe's deadline passed before this address had its turn")
                }
                NotProbed::OwnFailure { detail } => write!(f, "the prober failed: {detail}"),
            },
            Self::NotPublic { kind } => write!(f, "the address is {kind}"),
            Self::ConnectionRefused { attempts } => {
                write!(f, "the connection was refused ({})", tries(*attempts))
            }
            Self::ConnectionTimedOut { attempts, timeout } => {
                write!(f, "no answer within {} s ({})", timeout.as_secs_f64(), tries(*attempts))
            }
            Self::ClosedBeforeServerHello { ending } => {
                write!(f, "the server {ending} the connection after the ClientHello")
            }
            Self::ClosedDuringHandshake { ending } => {
                write!(f, "the server {ending} the connection in the middle of the handshake")
            }
            Self::NotTls { looks_like: Some(protocol), .. } => {
                write!(f, "the server answered the ClientHello with {protocol}")
            }
            Self::NotTls { looks_like: None, first_bytes } => {
                write!(f, "the server's answer is no TLS; it begins with {first_bytes}")
            }
            Self::HandshakeTimedOut { waited, received: 0 } => {
                write!(f, "no answer to the ClientHello within {:.1} s", waited.as_secs_f64())
            }
            Self::HandshakeTimedOut { waited, received } => write!(
                f,
                "the handshake was not over after {:.1} s, with {received} bytes received",
                waited.as_secs_f64()
            ),
            Self::Alert { code } => {
                write!(f, "the server sent the alert {} ({code})", alert_name(*code))
            }
            Self::Incompatible { detail } => write!(f, "{detail}"),
            Self::NoCertificate => f.write_str("the server sent an empty certificate list"),
            Self::ChainUnreadable { detail } => write!(f, "{detail}"),
            Self::SignatureWrong => {
                f.write_str("the handshake is signed with another key than the certificate's")
            }
        }
    }
}

fn tries(attempts: u8) -> String {
    if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") }
}
