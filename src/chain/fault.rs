//! What RFC 5280 §6.1 has against a path at any time, and which of its certificates is to blame.

use webpki::Error;

use super::anchors::Anchor;
use super::certificate::Certificate;
use super::name_constraints;

/// Why a path does not hold, however young its certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// An issuer lacks the CA flag (RFC 5280 §4.2.1.9).
    IssuerIsNoCa,
    /// The end entity has the CA flag.
    CaAsEndEntity,
    /// More intermediates than a path length constraint allows (ibid.).
    PathLength,
    /// A name lies outside what an issuer may certify (§4.2.1.10).
    NameConstraint,
    /// The certificate may not be used for server authentication (§4.2.1.12).
    ExtendedKeyUsage,
    /// A critical extension that nobody here understands (§4.2).
    CriticalExtension,
    /// An X.509 version below 3.
    Version,
    /// A signature algorithm, or a signing key, that today's verifiers refuse.
    SignatureAlgorithm,
    /// The key is on Mozilla's list of distrusted keys.
    Distrusted,
    /// Anything else the verifier objects to.
    Other { detail: Box<str> },
}

impl PathFault {
    /// Returns which certificate of the path (the end entity first) the fault lies in; `None`
    /// where it lies in none or cannot be told.
    pub(super) fn culprit(&self, path: &[&Certificate], anchor: Anchor<'_>) -> Option<usize> {
        let issuers = || path.iter().enumerate().skip(1);
        match self {
            Self::CaAsEndEntity => Some(0),
            Self::IssuerIsNoCa => issuers().find(|(_, c)| !c.is_ca).map(|(place, _)| place),
            // The issuer of the end entity has no intermediate below it, the next has one.
            Self::PathLength => issuers()
                .find(|(place, c)| c.path_length.is_some_and(|most| (most as usize) < place - 1))
                .map(|(place, _)| place),
            Self::ExtendedKeyUsage => path.iter().position(|c| !c.is_for_servers),
            Self::NameConstraint => name_constraints::outside(path, anchor.anchor),
            Self::CriticalExtension
            | Self::Version
            | Self::SignatureAlgorithm
            | Self::Distrusted
            | Self::Other { .. } => None,
        }
    }
}

impl From<Error> for PathFault {
    fn from(error: Error) -> Self {
        match error {
            Error::EndEntityUsedAsCa => Self::IssuerIsNoCa,
            Error::CaUsedAsEndEntity => Self::CaAsEndEntity,
            Error::PathLenConstraintViolated => Self::PathLength,
            Error::NameConstraintViolation => Self::NameConstraint,
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => {
                Self::ExtendedKeyUsage
            }
            Error::UnsupportedCriticalExtension => Self::CriticalExtension,
            Error::UnsupportedCertVersion => Self::Version,
            // Every link was checked before: a signature that is wrong here is one with a key that
            // the library does not verify with.
            Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
            | Error::InvalidSignatureForPublicKey => Self::SignatureAlgorithm,
            Error::CertDistrusted => Self::Distrusted,
            other => Self::Other { detail: format!("{other:?}").into() },
        }
    }
}
