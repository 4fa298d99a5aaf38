//! What a server said to a ClientHello.

use crate::cloudfront::Version;
use crate::observation::Ending;
use crate::observation::Failure;

/// Everything that came back, as far as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HelloRetryRequest that came before the ServerHello.
    pub retry: Option<Retry>,
    pub server_hello: Option<ServerHello>,
    /// The certificates exactly as served, DER; `None` when there was no Certificate message.
    pub served: Option<Vec<Vec<u8>>>,
    /// The OCSP response stapled to them, DER.
    pub staple: Option<Vec<u8>>,
    /// What the ServerKeyExchange says, if there was one of a kind known here.
    pub signed_parameters: Option<SignedParameters>,
    pub asked_for_client_certificate: bool,
    /// The warning alerts after which it went on, by code.
    pub warnings: Vec<u8>,
    /// How many bytes came in.
    pub received: u64,
    pub end: End,
}

impl Answer {
    /// Returns the answer of a server that has not said anything.
    pub fn nothing(end: End) -> Self {
        Self {
            retry: None,
            server_hello: None,
            served: None,
            staple: None,
            signed_parameters: None,
            asked_for_client_certificate: false,
            warnings: Vec::new(),
            received: 0,
            end,
        }
    }

    /// Tells whether the server took the offer: it sent its whole first flight, or chose TLS 1.3,
    /// of which the rest is not in the clear.
    pub fn is_acceptance(&self) -> bool {
        matches!(self.end, End::Flight | End::Tls13)
    }

    /// Returns the key exchange group, where one is used and known.
    pub fn group(&self) -> Option<u16> {
        let hello = self.server_hello.as_ref()?;
        hello.group.or_else(|| self.signed_parameters.as_ref()?.group)
    }
}

/// The choices of a ServerHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    pub version: Version,
    /// Whether the extension `supported_versions` chose the version.
    pub is_version_selected: bool,
    /// The version in the place that every client reads, on the wire.
    pub legacy_version: [u8; 2],
    /// At most 32 bytes.
    pub session_id: Box<[u8]>,
    /// IANA's code.
    pub cipher_suite: u16,
    /// In TLS 1.3: of its key share.
    pub group: Option<u16>,
    /// The first extension over which AWS's library ends a handshake up to TLS 1.2: it was not
    /// asked for, or is there twice. That library passes over those that it does not know.
    pub refused_extension: Option<u16>,
    pub random: [u8; 32],
}

/// The demands of a HelloRetryRequest, and its form (RFC 8446 §4.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    pub legacy_version: [u8; 2],
    pub session_id: Box<[u8]>,
    /// The group that a share is asked for; none where only a cookie is to come back.
    pub group: Option<u16>,
    pub cookie: Option<Vec<u8>>,
}

/// The parameters of an ephemeral key exchange, and their signature (RFC 5246 §7.4.3, RFC 8422
/// §5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedParameters {
    /// The named curve; none for a finite field.
    pub group: Option<u16>,
    /// The parameters as they are signed.
    pub parameters: Vec<u8>,
    /// Named from TLS 1.2 on.
    pub scheme: Option<u16>,
    pub signature: Vec<u8>,
}

/// How the answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With ServerHelloDone: the flight is complete.
    Flight,
    /// With a ServerHello of TLS 1.3: whatever follows is encrypted.
    Tls13,
    /// With a HelloRetryRequest for a group that has no share here. It proves nothing.
    Retry,
    /// With a fatal alert of this code.
    Alert { code: u8 },
    /// The server ended the connection.
    Ended(Ending),
    /// What came in is no TLS record; it begins so.
    NotTls { first: Vec<u8> },
    /// With a ServerHello that chooses what no hello here offers.
    NotOffered { detail: String },
    /// The bytes break the protocol.
    Broken { detail: String },
    /// The certificates are more than is read here.
    TooLarge { detail: String },
    /// The answer was not complete in time.
    TimedOut,
    /// Our own socket failed.
    OwnFailure { failure: Failure },
}
