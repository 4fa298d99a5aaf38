//! Why a handshake did not complete.

use std::fmt;
use std::time::Duration;

use crate::limits::Shortage;
use crate::origin::DomainName;

use super::alert::alert_name;
use super::prober::OwnFailure;

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
    /// The connection ended after the ClientHello, before any ServerHello, whatever was offered.
    ClosedBeforeServerHello { ending: Ending },
    /// The connection ended between ServerHello and the end of the handshake.
    ClosedDuringHandshake { ending: Ending },
    /// What came back is not TLS.
    NotTls { looks_like: Option<&'static str>, first_bytes: Box<str> },
    /// The handshake did not end in time.
    HandshakeTimedOut { waited: Duration, received: u64 },
    /// The server ended the handshake with an alert, whatever was offered.
    Alert { code: u8 },
    /// The server refuses the server name, each time, and answers another hello with CloudFront's
    /// offer.
    ServerNameRefused { refusal: Refusal, answered: AnsweredName },
    /// The server speaks none of the protocol versions offered.
    NoSharedVersion {
        /// How it refused; none where it answered with this version although it was not offered.
        refusal: Option<Refusal>,
        /// The highest version that it is known to speak; `None` where it refuses every hello
        /// with the alert protocol_version.
        spoken: Option<&'static str>,
    },
    /// The server takes none of the cipher suites offered.
    NoSharedCipherSuite {
        refusal: Refusal,
        /// The suite that it chooses where every suite is offered, by IANA's name.
        taken: Box<str>,
    },
    /// The server takes none of the key exchange groups offered.
    NoSharedGroup {
        refusal: Refusal,
        /// The group that it chooses where every group is offered, by IANA's name.
        taken: Box<str>,
    },
    /// The server answers only clients that offer another signature scheme, or another curve for
    /// the certificate's key.
    NoSharedSignatureScheme {
        refusal: Refusal,
        /// The scheme that it uses where every scheme is offered, by IANA's name.
        taken: Option<Box<str>>,
    },
    /// The server's messages break the protocol.
    ProtocolBroken { detail: Box<str> },
    /// The server chose what was not offered, or answered in a form that the offer rules out.
    OfferViolated { detail: Box<str> },
    /// The negotiation failed, and whether CloudFront's would cannot be told.
    Unsettled { detail: Box<str> },
    /// The server sent an empty certificate list, or none.
    NoCertificate,
    /// The server's chain is larger than anything reads.
    ChainUnreadable { detail: Box<str> },
    /// The handshake's signature is not made with the served certificate's key.
    SignatureWrong,
}

/// How a server refused an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// With an alert of this code.
    Alert { code: u8 },
    /// By ending the connection without a word.
    Ended(Ending),
}

/// The server name that a server answers, where it refuses the one that CloudFront sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnsweredName {
    /// A hello without a server name.
    Nameless,
    /// Another name of the same origin or distribution.
    Name(DomainName),
}

/// Why nothing could be learnt of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotProbed {
    /// The network between here and there is missing or forbidden to us.
    NoRoute { error: Box<str> },
    /// Whoever asked for the probe may not have this process connect there; the text says what
    /// kind of address it is.
    NotAllowed { kind: &'static str },
    /// The probe ended before its turn came, or before it had all of the configured timeouts.
    OutOfTime,
    /// This process could not open or use a socket, or its TLS library failed.
    OwnFailure {
        /// The resource that ran out; `None` for any other failure.
        shortage: Option<Shortage>,
        detail: Box<str>,
    },
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
    /// Returns the failure of this process or its machine; `None` for anything else.
    pub fn own(&self) -> Option<OwnFailure<'_>> {
        match self {
            Self::NotProbed { reason: NotProbed::OwnFailure { shortage, detail } } => {
                Some(OwnFailure { shortage: *shortage, detail })
            }
            _ => None,
        }
    }

    /// Returns where on the way it happened: `connect`, `hello` or `handshake`.
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

    /// Returns the kind in kebab-case, a closed list.
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
                NotProbed::NoRoute { error } => write!(f, "there is no way from here: {error}"),
                NotProbed::NotAllowed { kind } => {
                    write!(f, "a probe on request may not connect to this address, which is {kind}")
                }
                NotProbed::OutOfTime => {
                    f.write_str("the probe ended before it had the time that the timeouts allow")
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
            Self::Alert { code } => write!(f, "{}", Refusal::Alert { code: *code }),
            Self::ServerNameRefused { refusal, answered: AnsweredName::Nameless } => {
                write!(f, "{refusal}, but answers a hello without a server name")
            }
            Self::ServerNameRefused { refusal, answered: AnsweredName::Name(name) } => {
                write!(f, "{refusal}, but answers for {name}")
            }
            Self::NoSharedVersion { refusal, spoken } => match (refusal, spoken) {
                (Some(refusal), Some(spoken)) => {
                    write!(f, "{refusal}; it speaks {spoken} at best")
                }
                (Some(refusal), None) => write!(f, "{refusal}, whatever version is offered"),
                (None, spoken) => {
                    write!(f, "the server answered with {}", spoken.unwrap_or("an unknown version"))
                }
            },
            Self::NoSharedCipherSuite { refusal, taken } => {
                write!(f, "{refusal}; offered every suite, it takes {taken}")
            }
            Self::NoSharedGroup { refusal, taken } => {
                write!(f, "{refusal}; offered every group, it takes {taken}")
            }
            Self::NoSharedSignatureScheme { refusal, taken } => {
                write!(f, "{refusal}; it answers only clients with another signature scheme")?;
                taken.iter().try_for_each(|scheme| write!(f, ", {scheme}"))
            }
            Self::ProtocolBroken { detail } | Self::OfferViolated { detail } => {
                write!(f, "the server breaks the protocol: {detail}")
            }
            Self::Unsettled { detail } | Self::ChainUnreadable { detail } => f.write_str(detail),
            Self::NoCertificate => f.write_str("the server sent no certificate"),
            Self::SignatureWrong => {
                f.write_str("the handshake is signed with another key than the certificate's")
            }
        }
    }
}

fn tries(attempts: u8) -> String {
    if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") }
}
