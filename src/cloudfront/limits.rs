//! How much CloudFront takes, and how often and how long it tries.

pub use crate::origin::CONNECTION_ATTEMPTS;
pub use crate::origin::CONNECTION_TIMEOUT;

/// How many certificates of a served list are read at most: the default of AWS's TLS library
/// (s2n-tls, `s2n_x509_validator.c`, `DEFAULT_MAX_CHAIN_DEPTH`). Undocumented for CloudFront.
pub const MAX_CERTIFICATES: usize = 7;

/// How long a handshake message may be, in bytes: the limit of AWS's TLS library (s2n-tls,
/// `s2n_tls_parameters.h`, `S2N_MAXIMUM_HANDSHAKE_MESSAGE_LENGTH`). Undocumented for CloudFront.
pub const MAX_HANDSHAKE_MESSAGE: usize = 64 * 1024;
