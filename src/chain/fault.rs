//! The faults of a path that do not depend on the time (RFC 5280 §6.1, and checks that s2n-tls
//! adds), and which of its certificates is to blame.

use super::anchor_certificate::AnchorCertificate;
use super::anchors::Anchor;
use super::certificate::Certificate;
use super::name_constraints::{NameChecks, NameVerdict};
use super::profile::KeyUsage;

/// Why a path is invalid, regardless of validity periods and signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// An unknown critical extension (RFC 5280 §4.2).
    CriticalExtension,
    /// The certificate may not be used for server authentication (§4.2.1.12).
    ExtendedKeyUsage,
    /// An issuer lacks the CA flag (§4.2.1.9).
    IssuerIsNoCa,
    /// More intermediates than a path length constraint allows (§4.2.1.9).
    PathLength,
    /// The same with a self-issued issuer, whose constraint s2n-tls ignores.
    PathLengthOfSelfIssued,
    /// A name lies outside an issuer's name constraints (§4.2.1.10).
    NameConstraint,
    /// The key is on Mozilla's list of distrusted keys.
    Distrusted,
    /// An extension that path validation needs is repeated (§4.2).
    RepeatedExtension,
    /// The two fields for the signature algorithm differ (§4.1.1.2).
    SignatureAlgorithms,
    /// The key usage forbids the certificate's role (§4.2.1.3).
    KeyUsage(KeyUsageFault),
    /// The authority key identifier names another certificate of the issuer (§4.2.1.1).
    AuthorityKey,
    /// A common name that looks like a host name lies outside an issuer's name constraints.
    CommonNameConstraint,
    /// A name could not be compared with an issuer's name constraints.
    NameNotComparable,
    /// An extension that path validation needs is unreadable, at least for this program.
    MalformedExtension,
    /// An X.509 version below 3.
    Version,
    /// The trust anchor's own certificate has an unknown critical extension.
    AnchorCriticalExtension,
    /// s2n-tls cannot read the trust anchor's own certificate, or an extension of it is unreadable
    /// or repeated.
    AnchorMalformed,
}

/// Why a key usage does not fit a certificate's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUsageFault {
    /// An issuer may not sign certificates.
    NoCertificateSigning,
    /// The trust anchor's own certificate may not sign certificates.
    AnchorMayNotSign,
    /// The trust anchor's own certificate lacks the CA flag.
    AnchorIsNoCa,
    /// The end entity's key may neither sign, decrypt nor agree on keys.
    NoServing,
    /// The end entity's Netscape certificate type excludes TLS servers.
    NetscapeType,
    /// A certificate that is not a CA has a path length.
    PathLengthWithoutCa,
    /// The key's usage period is empty (RFC 3280 §4.2.1.4).
    EmptyKeyPeriod,
}

impl PathFault {
    /// Returns whether the fault may be harmless, because RFC 5280 and s2n-tls disagree on it, or
    /// because it could not be judged.
    pub fn is_in_doubt(&self) -> bool {
        match self {
            Self::CriticalExtension
            | Self::ExtendedKeyUsage
            | Self::IssuerIsNoCa
            | Self::PathLength
            | Self::NameConstraint
            | Self::Distrusted
            | Self::RepeatedExtension
            | Self::SignatureAlgorithms => false,
            Self::KeyUsage(_)
            | Self::AuthorityKey
            | Self::CommonNameConstraint
            | Self::NameNotComparable
            | Self::PathLengthOfSelfIssued
            | Self::MalformedExtension
            | Self::Version
            | Self::AnchorCriticalExtension
            | Self::AnchorMalformed => true,
        }
    }

    /// Looks for a fault in a path, the end entity first, and returns it with the position of the
    /// faulty certificate, if it is in one. `positions` are those of the served list; `anchor` is
    /// the trust anchor above the path, if known.
    pub(super) fn find(
        path: &[&Certificate],
        positions: &[usize],
        anchor: Option<Anchor<'_>>,
        names: &mut NameChecks,
    ) -> Option<(Self, Option<usize>)> {
        let name = names.gravest(path, positions, anchor);
        // Clear faults come first.
        simple(path)
            .or_else(|| match name? {
                (NameVerdict::Outside, place) => Some((Self::NameConstraint, place)),
                _ => None,
            })
            .or_else(|| doubtful(path))
            .map(|(fault, place)| (fault, Some(place)))
            .or_else(|| of_anchor(path.last()?, anchor?))
            .or_else(|| {
                let (verdict, place) = name?;
                let fault = match verdict {
                    NameVerdict::Permitted => return None,
                    NameVerdict::NotComparable => Self::NameNotComparable,
                    NameVerdict::CommonNameOutside => Self::CommonNameConstraint,
                    NameVerdict::Outside => Self::NameConstraint,
                };
                Some((fault, Some(place)))
            })
            // It is uncertain whether the version matters.
            .or_else(|| {
                let place = path.iter().position(|c| c.profile.version < 3)?;
                Some((Self::Version, Some(place)))
            })
    }
}

/// Returns a clear fault that needs no comparison of names.
fn simple(path: &[&Certificate]) -> Option<(PathFault, usize)> {
    let issuers = || path.iter().enumerate().skip(1);
    let at = |place: Option<usize>, fault| place.map(|place| (fault, place));
    let position = |is_it: fn(&Certificate) -> bool| path.iter().position(|c| is_it(c));
    at(position(|c| c.profile.has_unknown_critical_extension), PathFault::CriticalExtension)
        .or_else(|| at(position(|c| !c.is_for_servers), PathFault::ExtendedKeyUsage))
        .or_else(|| {
            let is_no_ca = |c: &Certificate| !c.is_ca && !c.profile.has_malformed_basic_constraints;
            issuers().find(|(_, c)| is_no_ca(c)).map(|(place, _)| (PathFault::IssuerIsNoCa, place))
        })
        .or_else(|| {
            let place = too_long(path, |issuer| !issuer.profile.is_self_issued);
            at(place, PathFault::PathLength)
        })
        .or_else(|| {
            let (place, _) = issuers().find(|(_, issuer)| is_distrusted(issuer))?;
            Some((PathFault::Distrusted, place))
        })
        .or_else(|| {
            at(position(|c| c.profile.has_repeated_extension), PathFault::RepeatedExtension)
        })
        .or_else(|| {
            let differs = |c: &Certificate| c.profile.has_two_signature_algorithms;
            at(position(differs), PathFault::SignatureAlgorithms)
        })
}

/// Returns the issuer, among those that count, whose path length is exceeded. The issuer of the end
/// entity has no intermediate below it, the next has one; self-issued ones do not count (RFC 5280
/// §4.2.1.9).
fn too_long(path: &[&Certificate], counts: fn(&Certificate) -> bool) -> Option<usize> {
    let mut below = 0;
    for (place, issuer) in path.iter().enumerate().skip(1) {
        if counts(issuer) && issuer.path_length.is_some_and(|most| most < below) {
            return Some(place);
        }
        below += u32::from(!issuer.profile.is_self_issued);
    }
    None
}

/// Returns a fault of one certificate on which s2n-tls and RFC 5280 §6.1, or its implementations,
/// disagree.
fn doubtful(path: &[&Certificate]) -> Option<(PathFault, usize)> {
    let usage = |(place, certificate): (usize, &&Certificate)| {
        let fault = key_usage(certificate, place)?;
        Some((PathFault::KeyUsage(fault), place))
    };
    let of_self_issued = |path| {
        let place = too_long(path, |issuer| issuer.profile.is_self_issued)?;
        Some((PathFault::PathLengthOfSelfIssued, place))
    };
    { path.iter().enumerate().find_map(usage) }.or_else(|| of_self_issued(path)).or_else(|| {
        let pairs = path.iter().zip(path.iter().skip(1));
        let fits = |(certificate, issuer): (&&Certificate, &&Certificate)| {
            certificate.profile.authority_key.fits_serial_and_issuer(issuer.ids())
        };
        { pairs }
            .position(|pair| !fits(pair))
            .map(|place| (PathFault::AuthorityKey, place))
            .or_else(|| {
                let place = path.iter().position(|c| c.profile.has_malformed_extension)?;
                Some((PathFault::MalformedExtension, place))
            })
    })
}

fn key_usage(certificate: &Certificate, place: usize) -> Option<KeyUsageFault> {
    let profile = &certificate.profile;
    let forbids =
        |allows: fn(KeyUsage) -> bool| profile.key_usage.is_some_and(|usage| !allows(usage));
    if profile.has_path_length_without_ca {
        Some(KeyUsageFault::PathLengthWithoutCa)
    } else if place > 0 && forbids(KeyUsage::may_sign_certificates) {
        Some(KeyUsageFault::NoCertificateSigning)
    } else if place == 0 && forbids(KeyUsage::may_serve) {
        Some(KeyUsageFault::NoServing)
    } else if place == 0 && profile.has_other_netscape_type {
        Some(KeyUsageFault::NetscapeType)
    } else {
        profile.has_empty_key_period.then_some(KeyUsageFault::EmptyKeyPeriod)
    }
}

/// Returns s2n-tls's objection to an anchor as the issuer of `last`; the faulty certificate is
/// `last` or none.
fn of_anchor(last: &Certificate, anchor: Anchor<'_>) -> Option<(PathFault, Option<usize>)> {
    let own = anchor.certificates();
    if own.is_empty() || anchor.is_own(last) {
        return None;
    }
    let none = |allows: &dyn Fn(&AnchorCertificate) -> bool| !own.iter().any(allows);
    let fault = if none(&|one| !one.has_unknown_critical_extension) {
        PathFault::AnchorCriticalExtension
    } else if none(&|one| one.is_readable) {
        PathFault::AnchorMalformed
    } else if none(&AnchorCertificate::may_sign_certificates) {
        PathFault::KeyUsage(KeyUsageFault::AnchorMayNotSign)
    } else if none(&|one| one.is_ca) {
        PathFault::KeyUsage(KeyUsageFault::AnchorIsNoCa)
    } else if none(&|one| one.is_identified_by(last)) {
        PathFault::AuthorityKey
    } else {
        return None;
    };
    Some((fault, None))
}

fn is_distrusted(issuer: &Certificate) -> bool {
    // All of them are P-384 keys.
    issuer.spki().len() == DISTRUSTED_LENGTH && DISTRUSTED.contains(&&*issuer.key_sha256_hex())
}

const DISTRUSTED_LENGTH: usize = 120;

/// SHA-256 of the subject public key infos of eMudhra's TLS CAs that Mozilla distrusts, as listed
/// in rustls-webpki 0.103.17.
const DISTRUSTED: [&str; 8] = [
    "ebed6475c2c2d80fcb199f3fe8dd6e6b3ce60b77eb15d4e42c3dec0c6f5b5105",
    "49dd353dc2b919a3770645117d0e60c16115e7d1bc259eefe734b00ea434fe5f",
    "e0254c7fcdc265e2f0f8a428dabb75ab4ae039b4872d62f5ee57f0877d5a8a41",
    "5c0660a2b164910d8ff589c18e14552e9e0ec237dcefe2cb736d41a4811f81a0",
    "43bffa19d6ef651451f6841e019931e96f6f2eaeff28ab4b6f1ce4576de2717b",
    "63ecefee431d49523bc1136c4e72d0206a477086caf606cd5cf025686c109cf8",
    "ec4ffa1ad0ac88081314b7aaffef6a91f97cd57291bb5ba686c5415f5eb4f6b6",
    "92c063d67e8f14db71d288e11266ffdaf69cbf115f7bab14f3bc2f68d25e0e30",
];
