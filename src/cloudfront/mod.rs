//! CloudFront's TLS offer, trusted roots, limits and reach, with the source of every constant.

mod former_roots;
mod offer;
mod reach;

use std::fmt;

pub use former_roots::{FormerRoot, former_roots};
pub use offer::{
    CIPHER_SUITES, GROUPS, Offer, Offered, POST_QUANTUM_GROUPS, SIGNATURE_SCHEMES, Source, Version,
};
pub use reach::{Reach, reach};

/// How many certificates of a served list are read at most: the default of AWS's TLS library
/// (s2n-tls, `s2n_x509_validator.c`, `DEFAULT_MAX_CHAIN_DEPTH`). AWS does not document it for
/// CloudFront.
pub const MAX_CERTIFICATES: usize = 7;

/// The maximum length of a handshake message in bytes: the limit of AWS's TLS library (s2n-tls,
/// `s2n_tls_parameters.h`, `S2N_MAXIMUM_HANDSHAKE_MESSAGE_LENGTH`). AWS does not document it for
/// CloudFront.
pub const MAX_HANDSHAKE_MESSAGE: usize = 64 * 1024;

/// A page, or a section of a page, of the CloudFront Developer Guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    name: &'static str,
    section: Option<&'static str>,
}

impl Page {
    /// "HTTP 502 status code (Bad Gateway)".
    pub const BAD_GATEWAY: Self = Self::new("http-502-bad-gateway");
    /// "HTTP 504 status code (Gateway Timeout)".
    pub const GATEWAY_TIMEOUT: Self = Self::new("http-504-gateway-timeout");
    /// "Requirements for using SSL/TLS certificates with CloudFront".
    pub const REQUIREMENTS: Self = Self::new("cnames-and-https-requirements");
    /// "Request and response behavior for custom origins".
    pub const REQUEST_BEHAVIOR: Self = Self::new("RequestAndResponseBehaviorCustomOrigin");
    /// "Supported protocols and ciphers between CloudFront and the origin".
    pub const CIPHERS: Self =
        Self::new("secure-connections-supported-ciphers-cloudfront-to-origin");
    /// "Require HTTPS for communication between CloudFront and your custom origin".
    pub const HTTPS_TO_ORIGIN: Self = Self::new("using-https-cloudfront-to-custom-origin");
    /// "Origin settings".
    pub const ORIGIN_SETTINGS: Self = Self::new("DownloadDistValuesOrigin");

    const fn new(name: &'static str) -> Self {
        Self { name, section: None }
    }

    /// Returns the section of this page with the given anchor.
    pub const fn section(self, section: &'static str) -> Self {
        Self { section: Some(section), ..self }
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/{}.html",
            self.name
        )?;
        match self.section {
            Some(section) => write!(f, "#{section}"),
            None => Ok(()),
        }
    }
}
