//! How a TLS server can be told to behave.

use std::collections::BTreeMap;
use std::fmt;

/// What is presented for one server name.
#[derive(Clone, PartialEq, Eq)]
pub struct ServedCertificate {
    /// The certificates in DER, sent exactly as they are and in this order; none of them is
    /// looked into, and the list may be empty.
    pub chain: Vec<Vec<u8>>,
    /// The private key as PKCS #8 in DER; need not belong to the first certificate.
    pub key: Vec<u8>,
    /// The OCSP response in DER that is stapled for clients that ask.
    pub ocsp_staple: Option<Vec<u8>>,
}

impl ServedCertificate {
    /// Returns a chain with its key and without a staple.
    pub fn new(chain: Vec<Vec<u8>>, key: Vec<u8>) -> Self {
        Self { chain, key, ocsp_staple: None }
    }
}

impl fmt::Debug for ServedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServedCertificate")
            .field("certificates", &self.chain.len())
            .field("ocsp_staple", &self.ocsp_staple.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// Which certificate is presented to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// By the server name sent, in lower case.
    pub by_name: BTreeMap<String, ServedCertificate>,
    /// For every other name and for none; if absent, those are refused by the fatal alert
    /// `unrecognized_name` (RFC 6066 §3).
    pub for_others: Option<ServedCertificate>,
}

impl Certificates {
    /// Presents one certificate to everyone.
    pub fn for_everyone(served: ServedCertificate) -> Self {
        Self { by_name: BTreeMap::new(), for_others: Some(served) }
    }

    /// Presents one certificate under one name and refuses all other names.
    pub fn only_for(name: &str, served: ServedCertificate) -> Self {
        Self { by_name: BTreeMap::from([(name.to_owned(), served)]), for_others: None }
    }
}

/// The protocol versions that a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersions {
    #[default]
    Tls12And13,
    Tls12,
    Tls13,
}

/// Whether a server wants a certificate of its client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    #[default]
    NotAsked,
    /// A client without one is let in.
    Asked {
        /// The authority that must have issued it, in DER.
        authority: Vec<u8>,
    },
    /// A client without one is turned away.
    Required {
        /// The authority that must have issued it, in DER.
        authority: Vec<u8>,
    },
}

/// How a server behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsServerOptions {
    pub certificates: Certificates,
    pub versions: TlsVersions,
    /// IANA numbers; empty is all that rustls has.
    pub cipher_suites: Vec<u16>,
    /// IANA numbers of key exchange groups; empty is all that rustls has.
    pub groups: Vec<u16>,
    pub client_authentication: ClientAuthentication,
}

impl TlsServerOptions {
    /// Returns a server of TLS 1.2 and 1.3 with these certificates.
    pub fn new(certificates: Certificates) -> Self {
        Self { certificates, ..Self::default() }
    }
}
