//! Paths from the end entity to a trust anchor (RFC 5280 §6), whatever the time.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::UnixTime;
use webpki::EndEntityCert;
use webpki::Error;
use webpki::KeyUsage;

use super::anchors::Anchor;
use super::anchors::TrustAnchors;
use super::certificate::Certificate;
use super::links::Links;
use super::links::SignatureBudget;

/// One way from the end entity to a trust anchor, found by structure: names, key ids, signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Positions in the served list: the end entity first, the anchor left out.
    pub certificates: Vec<usize>,
    /// The anchor's subject.
    pub anchor: Box<str>,
    /// Until when the anchor's own certificate is valid, where that is known; verifiers do not
    /// look at it (RFC 5280 §6.1.1).
    pub anchor_not_after: Option<Timestamp>,
    /// From when all of the path's certificates are valid.
    pub not_before: Timestamp,
    /// Until when all of them are.
    pub not_after: Timestamp,
    /// What RFC 5280 §6.1 has against the path at any time.
    pub fault: Option<PathFault>,
}

impl Path {
    /// Tells whether every certificate of the path is within its validity at `at`.
    pub fn is_in_time(&self, at: Timestamp) -> bool {
        self.not_before <= at && at.as_second() <= self.not_after.as_second()
    }
}

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
    /// A signature algorithm that today's verifiers refuse.
    SignatureAlgorithm,
    /// The key is on Mozilla's list of distrusted keys.
    Distrusted,
    /// Anything else the verifier objects to.
    Other { detail: Box<str> },
}

/// Enumerates the paths that start at `end_entity`, at most [`MAX_PATHS`].
pub(super) fn enumerate(
    served: &[Option<&Certificate>],
    end_entity: usize,
    links: &Links,
    anchors: &TrustAnchors,
    budget: &SignatureBudget,
) -> Vec<Path> {
    let mut search = Search { served, links, anchors, budget, found: Vec::new() };
    search.extend(&mut vec![end_entity]);
    search.found
}

struct Search<'a> {
    served: &'a [Option<&'a Certificate>],
    links: &'a Links,
    anchors: &'a TrustAnchors,
    budget: &'a SignatureBudget,
    found: Vec<Path>,
}

impl<'a> Search<'a> {
    fn extend(&mut self, so_far: &mut Vec<usize>) {
        let Some(last) = so_far.last().copied() else { return };
        let Some(Some(certificate)) = self.served.get(last).copied() else { return };
        for anchor in self.anchors.named(&certificate.issuer) {
            if self.found.len() < MAX_PATHS && self.budget.signed_with(certificate, &anchor.spki())
            {
                let path = self.complete(so_far, anchor);
                self.found.push(path);
            }
        }
        // A self-signed certificate ends the way: beyond it there is only itself.
        if certificate.is_self_signed || so_far.len() >= MAX_DEPTH {
            return;
        }
        for issuer in self.links.issuers_of(last) {
            // A path through an anchor's own certificate is the path to that anchor once more.
            let is_anchor = self.served.get(*issuer).copied().flatten().is_some_and(|issuer| {
                issuer.is_self_signed && self.anchors.named(&issuer.subject).next().is_some()
            });
            if !so_far.contains(issuer) && !is_anchor && self.found.len() < MAX_PATHS {
                so_far.push(*issuer);
                self.extend(so_far);
                so_far.pop();
            }
        }
    }

    fn complete(&self, positions: &[usize], anchor: Anchor<'_>) -> Path {
        let certificates: Vec<&Certificate> =
            positions.iter().filter_map(|p| self.served.get(*p).copied().flatten()).collect();
        let not_before = certificates.iter().map(|c| c.not_before).max();
        let not_after = certificates.iter().map(|c| c.not_after).min();
        let (not_before, not_after) =
            (not_before.unwrap_or(Timestamp::MIN), not_after.unwrap_or(Timestamp::MIN));
        Path {
            certificates: positions.to_vec(),
            anchor: anchor.name(),
            anchor_not_after: anchor.not_after,
            not_before,
            not_after,
            fault: fault(&certificates, anchor, not_before, not_after),
        }
    }
}

/// Asks webpki about one path and nothing else, at an instant when time is no objection.
fn fault(
    certificates: &[&Certificate],
    anchor: Anchor<'_>,
    not_before: Timestamp,
    not_after: Timestamp,
) -> Option<PathFault> {
    let (end_entity, issuers) = certificates.split_first()?;
    if not_before > not_after {
        // Never in time as a whole; there is no instant at which to ask.
        return None;
    }
    let at = not_after.as_second().max(0).unsigned_abs();
    let end_entity = CertificateDer::from(end_entity.der());
    let issuers: Vec<CertificateDer<'_>> =
        issuers.iter().map(|c| CertificateDer::from(c.der())).collect();
    let verified = EndEntityCert::try_from(&end_entity).and_then(|end_entity| {
        end_entity
            .verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                std::slice::from_ref(anchor.anchor),
                &issuers,
                UnixTime::since_unix_epoch(Duration::from_secs(at)),
                KeyUsage::server_auth(),
                None,
                None,
            )
            .map(|_| ())
    });
    verified.err().map(PathFault::from)
}

impl From<Error> for PathFault {
    fn from(error: Error) -> Self {
        match error {
            Error::EndEntityUsedAsCa => Self::IssuerIsNoCa,
            Error::CaUsedAsEndEntity => Self::CaAsEndEntity,
            Error::PathLenConstraintViolated | Error::MaximumPathDepthExceeded => Self::PathLength,
            Error::NameConstraintViolation => Self::NameConstraint,
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => {
                Self::ExtendedKeyUsage
            }
            Error::UnsupportedCriticalExtension => Self::CriticalExtension,
            Error::UnsupportedCertVersion => Self::Version,
            Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
                Self::SignatureAlgorithm
            }
            Error::CertDistrusted => Self::Distrusted,
            other => Self::Other { detail: format!("{other:?}").into() },
        }
    }
}

/// Cross-signing gives a handful of paths; more is an attack or an accident.
const MAX_PATHS: usize = 32;

/// AWS's library allows seven certificates; a path twice as long is still reported as a path.
const MAX_DEPTH: usize = 14;
