//! The options of a TLS server.

use std::collections::BTreeMap;
use std::fmt;

/// The chain and key presented for a server name.
#[derive(Clone, PartialEq, Eq)]
pub struct ServedCertificate {
    /// The certificates in DER, sent unchanged and in this order, without parsing; may be empty.
    pub chain: Vec<Vec<u8>>,
    /// The private key as PKCS #8 in DER; need not match the first certificate.
    pub key: Vec<u8>,
    /// The OCSP response in DER to staple, if the client requests it.
    pub ocsp_staple: Option<Vec<u8>>,
}

impl ServedCertificate {
    /// Returns a chain with its key, without an OCSP response.
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

/// Which certificate is presented for which server name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// By server name, in lower case.
    pub by_name: BTreeMap<String, ServedCertificate>,
    /// For all other server names, and for none. If `None`, they are rejected with the fatal alert
    /// `unrecognized_name` (RFC 6066 §3).
    pub for_others: Option<ServedCertificate>,
}

impl Certificates {
    /// Presents the same certificate to all clients.
    pub fn for_everyone(served: ServedCertificate) -> Self {
        Self { by_name: BTreeMap::new(), for_others: Some(served) }
    }

    /// Presents a certificate for one name and rejects all other names.
    pub fn only_for(name: &str, served: ServedCertificate) -> Self {
        Self { by_name: BTreeMap::from([(name.to_owned(), served)]), for_others: None }
    }
}

/// The protocol versions that a server supports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersions {
    #[default]
    Tls12And13,
    Tls12,
    Tls13,
}

/// Whether a server requests a client certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    #[default]
    NotAsked,
    /// Clients without a certificate are accepted.
    Asked {
        /// The authority that must have issued it, in DER.
        authority: Vec<u8>,
    },
    /// Clients without a certificate are rejected.
    Required {
        /// The authority that must have issued it, in DER.
        authority: Vec<u8>,
    },
}

/// The options of a TLS server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsServerOptions {
    pub certificates: Certificates,
    pub versions: TlsVersions,
    /// IANA numbers; empty means all that rustls supports.
    pub cipher_suites: Vec<u16>,
    /// IANA numbers of key exchange groups; empty means all that rustls supports.
    pub groups: Vec<u16>,
    pub client_authentication: ClientAuthentication,
}

impl TlsServerOptions {
    /// Returns the options of a TLS 1.2 and 1.3 server with these certificates.
    pub fn new(certificates: Certificates) -> Self {
        Self { certificates, ..Self::default() }
    }
}
