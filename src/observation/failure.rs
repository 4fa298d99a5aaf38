//! Why a handshake did not complete.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::Shortage;
use crate::origin::DomainName;

use super::prober::OwnFailure;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Nothing was learned, for a reason on the prober's side.
    NotProbed { reason: NotProbed },
    /// CloudFront cannot reach an address of this kind, so it was not connected to.
    NotPublic { kind: Cow<'static, str> },
    /// The address answered the SYN with a reset.
    ConnectionRefused { attempts: u8 },
    /// The address did not answer.
    ConnectionTimedOut { attempts: u8, timeout: Duration },
    /// The connection ended after every ClientHello, before any ServerHello.
    ClosedBeforeServerHello { ending: Ending },
    /// The connection ended between ServerHello and the end of the handshake.
    ClosedDuringHandshake { ending: Ending },
    /// The response is not TLS.
    NotTls { looks_like: Option<Cow<'static, str>>, first_bytes: Box<str> },
    /// The handshake did not complete in time.
    HandshakeTimedOut { waited: Duration, received: u64 },
    /// The server answered every offer with an alert.
    Alert { code: u8 },
    /// The server consistently refuses the server name, but accepts the same offer for another
    /// name or none.
    ServerNameRefused { refusal: Refusal, answered: AnsweredName },
    /// The server supports none of the offered protocol versions.
    NoSharedVersion {
        /// How it refused; `None` if it answered with `spoken`, which was not offered.
        refusal: Option<Refusal>,
        /// The highest version that it is known to support; `None` if it answers every hello with
        /// the alert protocol_version.
        spoken: Option<Cow<'static, str>>,
    },
    /// The server accepts none of the offered cipher suites.
    NoSharedCipherSuite {
        refusal: Refusal,
        /// The suite that it chooses when offered every suite, by IANA name.
        taken: Box<str>,
    },
    /// The server accepts none of the offered key exchange groups.
    NoSharedGroup {
        refusal: Refusal,
        /// The group that it chooses when offered every group, by IANA name.
        taken: Box<str>,
    },
    /// The server accepts only clients that offer another signature scheme, or another curve for
    /// the certificate's key.
    NoSharedSignatureScheme {
        refusal: Refusal,
        /// The scheme that it uses when offered every scheme, by IANA name.
        taken: Option<Box<str>>,
    },
    /// The server's messages violate the protocol.
    ProtocolBroken { detail: Box<str> },
    /// The server chose something that was not offered, or used a form that the offer rules out.
    OfferViolated { detail: Box<str> },
    /// The handshake failed, and it is not known whether CloudFront's would fail as well.
    Unsettled { detail: Box<str> },
    /// The server sent an empty certificate list, or none.
    NoCertificate,
    /// The server's chain exceeds the limits of TLS libraries.
    ChainUnreadable { detail: Box<str> },
    /// The handshake signature was not made with the served certificate's key.
    SignatureWrong,
}

/// How a server refused an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// With an alert.
    Alert { code: u8 },
    /// By ending the connection without an alert.
    Ended(Ending),
}

/// The server name that a server accepts instead of the one that CloudFront sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnsweredName {
    /// None: it accepts a hello without a server name.
    Nameless,
    /// Another name of the same origin or distribution.
    Name(DomainName),
}

/// Why an address was not probed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotProbed {
    /// This machine has no route to the address, or may not use it.
    NoRoute { error: Box<str> },
    /// The client that requested the probe may not have this process connect to an address of this
    /// kind.
    NotAllowed { kind: Cow<'static, str> },
    /// The probe ended before this address had its turn, or its full timeouts.
    OutOfTime,
    /// This process could not open or use a socket, or its TLS library failed.
    OwnFailure {
        /// The exhausted resource; `None` for any other failure.
        shortage: Option<Shortage>,
        detail: Box<str>,
    },
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert { code } => {
                write!(f, "the server sent the alert {} ({code})", alert_name(*code))
            }
            Self::Ended(ending) => {
                write!(f, "the server {ending} the connection after the ClientHello")
            }
        }
    }
}

impl Failure {
    /// Returns the failure of this process or its machine, if it is one.
    pub fn own(&self) -> Option<OwnFailure<'_>> {
        match self {
            Self::NotProbed { reason: NotProbed::OwnFailure { shortage, detail } } => {
                Some(OwnFailure { shortage: *shortage, detail })
            }
            _ => None,
        }
    }

    /// Returns how the server refused the ClientHello, whether or not the cause is known.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Alert { code } => Some(Refusal::Alert { code: *code }),
            Self::ClosedBeforeServerHello { ending } => Some(Refusal::Ended(*ending)),
            Self::ServerNameRefused { refusal, .. }
            | Self::NoSharedVersion { refusal: Some(refusal), .. }
            | Self::NoSharedCipherSuite { refusal, .. }
            | Self::NoSharedGroup { refusal, .. }
            | Self::NoSharedSignatureScheme { refusal, .. } => Some(*refusal),
            _ => None,
        }
    }

    /// Returns whether it is a refusal whose cause is not known.
    pub fn is_bare_refusal(&self) -> bool {
        matches!(self, Self::Alert { .. } | Self::ClosedBeforeServerHello { .. })
    }

    /// Returns the stage at which it happened: `connect`, `hello` or `handshake`.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::NotProbed { .. }
            | Self::NotPublic { .. }
            | Self::ConnectionRefused { .. }
            | Self::ConnectionTimedOut { .. } => "connect",
            Self::ClosedBeforeServerHello { .. }
            | Self::NotTls { .. }
            | Self::ServerNameRefused { .. }
            | Self::NoSharedVersion { .. }
            | Self::NoSharedCipherSuite { .. }
            | Self::NoSharedGroup { .. }
            | Self::NoSharedSignatureScheme { .. } => "hello",
            _ => "handshake",
        }
    }

    /// Returns the kind in kebab case. The set is closed.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotProbed { reason: NotProbed::NoRoute { .. } } => "no-route-from-here",
            Self::NotProbed { reason: NotProbed::NotAllowed { .. } } => "not-allowed",
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
            Self::ServerNameRefused { .. } => "server-name-refused",
            Self::NoSharedVersion { .. } => "no-shared-protocol-version",
            Self::NoSharedCipherSuite { .. } => "no-shared-cipher-suite",
            Self::NoSharedGroup { .. } => "no-shared-group",
            Self::NoSharedSignatureScheme { .. } => "no-shared-signature-scheme",
            Self::ProtocolBroken { .. } => "protocol-broken",
            Self::OfferViolated { .. } => "offer-violated",
            Self::Unsettled { .. } => "unsettled",
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
                NotProbed::NoRoute { error } => {
                    write!(f, "the prober cannot reach this address: {error}")
                }
                NotProbed::NotAllowed { kind } => {
                    write!(f, "a probe on request may not connect to this address, which is {kind}")
                }
                NotProbed::OutOfTime => {
                    f.write_str("the probe ended before the configured timeouts had elapsed")
                }
                NotProbed::OwnFailure { detail, .. } => write!(f, "the prober failed: {detail}"),
            },
            Self::NotPublic { kind } => write!(f, "the address is {kind}"),
            Self::ConnectionRefused { attempts } => {
                write!(f, "the connection was refused ({})", tries(*attempts))
            }
            Self::ConnectionTimedOut { attempts, timeout } => {
                write!(f, "no answer within {} s ({})", timeout.as_secs_f64(), tries(*attempts))
            }
            Self::ClosedBeforeServerHello { ending } => write!(f, "{}", Refusal::Ended(*ending)),
            Self::ClosedDuringHandshake { ending } => {
                write!(f, "the server {ending} the connection during the handshake")
            }
            Self::NotTls { looks_like: Some(protocol), .. } => {
                write!(f, "the server answered the ClientHello with {protocol}")
            }
            Self::NotTls { looks_like: None, first_bytes } => {
                write!(f, "the server's answer is not TLS; it starts with {first_bytes}")
            }
            Self::HandshakeTimedOut { waited, received: 0 } => {
                write!(f, "no answer to the ClientHello within {:.1} s", waited.as_secs_f64())
            }
            Self::HandshakeTimedOut { waited, received } => write!(
                f,
                "the handshake did not complete within {:.1} s; {received} bytes were received",
                waited.as_secs_f64()
            ),
            Self::Alert { code } => write!(f, "{}", Refusal::Alert { code: *code }),
            Self::ServerNameRefused { refusal, answered: AnsweredName::Nameless } => {
                write!(f, "{refusal}, but accepts a ClientHello without a server name")
            }
            Self::ServerNameRefused { refusal, answered: AnsweredName::Name(name) } => {
                write!(f, "{refusal}, but accepts the server name {name}")
            }
            Self::NoSharedVersion { refusal, spoken } => match (refusal, spoken) {
                (Some(refusal), Some(spoken)) => {
                    write!(f, "{refusal}; the highest version that it supports is {spoken}")
                }
                (Some(refusal), None) => write!(f, "{refusal}, whichever version is offered"),
                (None, spoken) => {
                    write!(
                        f,
                        "the server answered with {}",
                        spoken.as_deref().unwrap_or("an unknown version")
                    )
                }
            },
            Self::NoSharedCipherSuite { refusal, taken } => {
                write!(f, "{refusal}; when offered every suite, it chooses {taken}")
            }
            Self::NoSharedGroup { refusal, taken } => {
                write!(f, "{refusal}; when offered every group, it chooses {taken}")
            }
            Self::NoSharedSignatureScheme { refusal, taken } => {
                write!(f, "{refusal}; it only accepts clients with another signature scheme")?;
                taken.iter().try_for_each(|scheme| write!(f, " ({scheme})"))
            }
            Self::ProtocolBroken { detail } | Self::OfferViolated { detail } => {
                write!(f, "the server violates the protocol: {detail}")
            }
            Self::Unsettled { detail } | Self::ChainUnreadable { detail } => f.write_str(detail),
            Self::NoCertificate => f.write_str("the server sent no certificate"),
            Self::SignatureWrong => {
                f.write_str("the handshake is signed with a key other than the certificate's")
            }
        }
    }
}

fn tries(attempts: u8) -> String {
    if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") }
}

/// Returns an alert's name (RFC 8446 §6 and the IANA registry "TLS Alerts").
pub fn alert_name(code: u8) -> &'static str {
    match code {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        121 => "ech_required",
        _ => "unassigned",
    }
}
