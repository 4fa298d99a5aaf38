//! What RFC 5280 §6.1 has against a path at any time, and which of its certificates is to blame.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::TrustAnchor;
use webpki::EndEntityCert;
use webpki::Error;

use super::certificate::Certificate;
use super::name_constraints;

/// Why a path does not hold, however young its certificates and however they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// An issuer lacks the CA flag (RFC 5280 §4.2.1.9).
    IssuerIsNoCa,
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
    /// The key is on Mozilla's list of distrusted keys.
    Distrusted,
    /// Anything else the verifier objects to.
    Other { detail: Box<str> },
}

impl PathFault {
    /// Returns what the verifier's objection stands for; `None` where it says too little: it stops
    /// at the CA flag of an end entity and at a signature that it does not verify, and refuses
    /// names that it does not compare.
    pub(super) fn of(error: Error) -> Option<Self> {
        match error {
            Error::CaUsedAsEndEntity
            | Error::NameConstraintViolation
            // Every link was checked before: a signature that is wrong here is one with a key that
            // the library does not verify with.
            | Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
            | Error::InvalidSignatureForPublicKey => None,
            Error::EndEntityUsedAsCa => Some(Self::IssuerIsNoCa),
            Error::PathLenConstraintViolated => Some(Self::PathLength),
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => {
                Some(Self::ExtendedKeyUsage)
            }
            Error::UnsupportedCriticalExtension => Some(Self::CriticalExtension),
            Error::UnsupportedCertVersion => Some(Self::Version),
            Error::CertDistrusted => Some(Self::Distrusted),
            other => Some(Self::Other { detail: format!("{other:?}").into() }),
        }
    }

    /// Looks for a fault without the verifier, at each certificate of `path` (the end entity
    /// first), and says in which it lies; `anchor` is what stands above the path, if anything is
    /// known of that.
    pub(super) fn find(
        path: &[&Certificate],
        anchor: Option<&TrustAnchor<'_>>,
    ) -> Option<(Self, usize)> {
        let mut in_order = path.iter().enumerate();
        let as_read = in_order.find_map(|(place, c)| unreadable(c).map(|fault| (fault, place)));
        as_read.or_else(|| {
            [Self::ExtendedKeyUsage, Self::IssuerIsNoCa, Self::PathLength, Self::NameConstraint]
                .into_iter()
                .find_map(|fault| fault.culprit(path, anchor).map(|place| (fault, place)))
        })
    }

    /// Returns which certificate of the path the fault lies in; `None` where it lies in none or
    /// cannot be told.
    pub(super) fn culprit(
        &self,
        path: &[&Certificate],
        anchor: Option<&TrustAnchor<'_>>,
    ) -> Option<usize> {
        let issuers = || path.iter().enumerate().skip(1);
        match self {
            Self::IssuerIsNoCa => issuers().find(|(_, c)| !c.is_ca).map(|(place, _)| place),
            // The issuer of the end entity has no intermediate below it, the next has one.
            Self::PathLength => issuers()
                .find(|(place, c)| c.path_length.is_some_and(|most| (most as usize) < place - 1))
                .map(|(place, _)| place),
            Self::ExtendedKeyUsage => path.iter().position(|c| !c.is_for_servers),
            Self::NameConstraint => name_constraints::outside(path, anchor),
            Self::CriticalExtension | Self::Version => {
                path.iter().position(|c| unreadable(c).as_ref() == Some(self))
            }
            Self::Distrusted | Self::Other { .. } => None,
        }
    }
}

/// Returns why the verifier would not even look at a certificate, where that is a fault of the
/// certificate.
fn unreadable(certificate: &Certificate) -> Option<PathFault> {
    match EndEntityCert::try_from(&CertificateDer::from(certificate.der())).err()? {
        Error::UnsupportedCriticalExtension => Some(PathFault::CriticalExtension),
        Error::UnsupportedCertVersion => Some(PathFault::Version),
        _ => None,
    }
}
