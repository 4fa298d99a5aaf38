//! A server's answer to a ClientHello.

use crate::cloudfront::Version;
use crate::observation::{Ending, Failure};

/// Everything that was received, complete or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HelloRetryRequest that preceded the ServerHello.
    pub retry: Option<Retry>,
    pub server_hello: Option<ServerHello>,
    /// The certificates exactly as served, in DER; `None` if there was no Certificate message.
    pub served: Option<Vec<Vec<u8>>>,
    /// The stapled OCSP response, in DER.
    pub staple: Option<Vec<u8>>,
    /// The content of the ServerKeyExchange, if its kind is known.
    pub signed_parameters: Option<SignedParameters>,
    pub asked_for_client_certificate: bool,
    /// The codes of the warning alerts after which the server continued.
    pub warnings: Vec<u8>,
    /// How many bytes were received.
    pub received: u64,
    pub end: End,
}

impl Answer {
    /// Returns whether the server accepted the offer: it sent its whole first flight, or chose TLS
    /// 1.3, whose remaining messages are encrypted.
    pub fn is_acceptance(&self) -> bool {
        matches!(self.end, End::Flight | End::Tls13)
    }

    /// Returns the key exchange group, if one is used and known.
    pub fn group(&self) -> Option<u16> {
        let hello = self.server_hello.as_ref()?;
        hello.group.or_else(|| self.signed_parameters.as_ref()?.group)
    }
}

/// The choices in a ServerHello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    pub version: Version,
    /// Whether the extension `supported_versions` chose the version.
    pub is_version_selected: bool,
    /// The legacy_version field, as on the wire.
    pub legacy_version: [u8; 2],
    /// At most 32 bytes.
    pub session_id: Box<[u8]>,
    /// The IANA code.
    pub cipher_suite: u16,
    /// In TLS 1.3: the group of its key share.
    pub group: Option<u16>,
    /// The first extension that makes s2n-tls end a handshake up to TLS 1.2, because it was not
    /// requested or is repeated. s2n-tls ignores unknown extensions.
    pub refused_extension: Option<u16>,
    pub random: [u8; 32],
}

/// The requests in a HelloRetryRequest, and its form (RFC 8446 §4.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    pub legacy_version: [u8; 2],
    pub session_id: Box<[u8]>,
    /// The group whose share is requested; `None` if only a cookie is to be returned.
    pub group: Option<u16>,
    pub cookie: Option<Vec<u8>>,
}

/// The parameters of an ephemeral key exchange, and their signature (RFC 5246 §7.4.3, RFC 8422
/// §5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedParameters {
    /// The named curve; `None` for a finite field.
    pub group: Option<u16>,
    /// The parameters in their signed form.
    pub parameters: Vec<u8>,
    /// Present from TLS 1.2 on.
    pub scheme: Option<u16>,
    pub signature: Vec<u8>,
}

/// How the answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// With ServerHelloDone: the flight is complete.
    Flight,
    /// With a TLS 1.3 ServerHello: everything after it is encrypted.
    Tls13,
    /// With a HelloRetryRequest for a group whose share cannot be sent. It proves nothing.
    Retry,
    /// With a fatal alert.
    Alert { code: u8 },
    /// The server ended the connection.
    Ended(Ending),
    /// The bytes are not a TLS record; these are the first ones.
    NotTls { first: Vec<u8> },
    /// With a ServerHello that chooses something that no hello here offers.
    NotOffered { detail: String },
    /// The bytes violate the protocol.
    Broken { detail: String },
    /// The certificates exceed the size limit.
    TooLarge { detail: String },
    /// The answer was not complete in time.
    #[default]
    TimedOut,
    /// A socket operation of this machine failed.
    OwnFailure { failure: Failure },
}
