//! The faults that a path has at any time (RFC 5280 §6.1, and what AWS's library adds), and which of
//! its certificates is to blame.

use super::anchor_certificate::AnchorCertificate;
use super::anchors::Anchor;
use super::certificate::Certificate;
use super::certificate::sha256;
use super::name_constraints::NameChecks;
use super::name_constraints::NameVerdict;
use super::profile::KeyUsage;
use super::profile::NetscapeType;

/// Why a path does not hold, however young its certificates and however they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// A critical extension that is not known (RFC 5280 §4.2).
    CriticalExtension,
    /// The certificate may not be used for server authentication (§4.2.1.12).
    ExtendedKeyUsage,
    /// An issuer lacks the CA flag (§4.2.1.9).
    IssuerIsNoCa,
    /// More intermediates than a path length constraint allows (ibid.).
    PathLength,
    /// The same where the issuer is self-issued: AWS's library does not look at its constraint.
    PathLengthOfSelfIssued,
    /// A name lies outside what an issuer may certify (§4.2.1.10).
    NameConstraint,
    /// The key is on Mozilla's list of distrusted keys.
    Distrusted,
    /// An extension that path validation needs is present twice (§4.2).
    RepeatedExtension,
    /// The signature's algorithm is named twice and differently (§4.1.1.2).
    SignatureAlgorithms,
    /// The key usage forbids the certificate's role (§4.2.1.3).
    KeyUsage(KeyUsageFault),
    /// The authority key identifier names another certificate of the issuer (§4.2.1.1).
    AuthorityKey,
    /// A common name that looks like a host name lies outside what an issuer may certify.
    CommonNameConstraint,
    /// A name could not be compared with what an issuer may certify.
    NameNotComparable,
    /// An extension that path validation needs is unreadable, at least to this program.
    MalformedExtension,
    /// An X.509 version below 3.
    Version,
    /// An extension of the trust anchor's own certificate is critical and not known.
    AnchorCriticalExtension,
    /// The trust anchor's own certificate is unreadable to AWS's library, or an extension of it is
    /// unreadable or present twice.
    AnchorMalformed,
}

/// How a key usage does not fit a certificate's role.
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
    /// The end entity's netscape certificate type leaves TLS servers out.
    NetscapeType,
    /// A certificate that is not a CA has a path length.
    PathLengthWithoutCa,
    /// The key's usage period is empty (RFC 3280 §4.2.1.4).
    EmptyKeyPeriod,
}

impl PathFault {
    /// Returns whether the fault may do no harm: RFC 5280 and AWS's library do not agree on it, or it
    /// could not be judged.
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

    /// Looks for a fault at each certificate of a path, the end entity first, and says in which it
    /// lies, if in one. `positions` are those of the served list; `anchor` is what stands above the
    /// path, if anything is known of that.
    pub(super) fn find(
        path: &[&Certificate],
        positions: &[usize],
        anchor: Option<Anchor<'_>>,
        names: &mut NameChecks,
    ) -> Option<(Self, Option<usize>)> {
        let name = names.gravest(path, positions, anchor);
        // Certain faults come first.
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
            // Whether the version matters is in doubt.
            .or_else(|| {
                let place = path.iter().position(|c| c.profile.version < 3)?;
                Some((Self::Version, Some(place)))
            })
    }
}

/// Returns a fault that needs no comparison of names and is not in doubt.
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

/// Returns the issuer, among those that count, whose path length is exceeded. The issuer of the end entity has no
/// intermediate below it, the next has one; self-issued ones do not count (RFC 5280 §4.2.1.9).
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

/// Returns a fault of one certificate that AWS's library sees and RFC 5280 §6.1 does not, or not
/// all who follow it.
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
    } else if place == 0 && profile.netscape_type == Some(NetscapeType::Other) {
        Some(KeyUsageFault::NetscapeType)
    } else {
        profile.has_empty_key_period.then_some(KeyUsageFault::EmptyKeyPeriod)
    }
}

/// Returns what AWS's library has against an anchor as the issuer of `last`; it lies in no served
/// certificate, or in `last`.
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
    // All of them are keys on P-384.
    issuer.spki().len() == DISTRUSTED_LENGTH && DISTRUSTED.contains(&sha256(issuer.spki()))
}

const DISTRUSTED_LENGTH: usize = 120;

/// SHA-256 of the subject public key infos of eMudhra's TLS CAs that Mozilla distrusts, as
/// rustls-webpki 0.103.17 has them.
const DISTRUSTED: [[u8; 32]; 8] = [
    [
        0xeb, 0xed, 0x64, 0x75, 0xc2, 0xc2, 0xd8, 0x0f, 0xcb, 0x19, 0x9f, 0x3f, 0xe8, 0xdd, 0x6e,
        0x6b, 0x3c, 0xe6, 0x0b, 0x77, 0xeb, 0x15, 0xd4, 0xe4, 0x2c, 0x3d, 0xec, 0x0c, 0x6f, 0x5b,
        0x51, 0x05,
    ],
    [
        0x49, 0xdd, 0x35, 0x3d, 0xc2, 0xb9, 0x19, 0xa3, 0x77, 0x06, 0x45, 0x11, 0x7d, 0x0e, 0x60,
        0xc1, 0x61, 0x15, 0xe7, 0xd1, 0xbc, 0x25, 0x9e, 0xef, 0xe7, 0x34, 0xb0, 0x0e, 0xa4, 0x34,
        0xfe, 0x5f,
    ],
    [
        0xe0, 0x25, 0x4c, 0x7f, 0xcd, 0xc2, 0x65, 0xe2, 0xf0, 0xf8, 0xa4, 0x28, 0xda, 0xbb, 0x75,
        0xab, 0x4a, 0xe0, 0x39, 0xb4, 0x87, 0x2d, 0x62, 0xf5, 0xee, 0x57, 0xf0, 0x87, 0x7d, 0x5a,
        0x8a, 0x41,
    ],
    [
        0x5c, 0x06, 0x60, 0xa2, 0xb1, 0x64, 0x91, 0x0d, 0x8f, 0xf5, 0x89, 0xc1, 0x8e, 0x14, 0x55,
        0x2e, 0x9e, 0x0e, 0xc2, 0x37, 0xdc, 0xef, 0xe2, 0xcb, 0x73, 0x6d, 0x41, 0xa4, 0x81, 0x1f,
        0x81, 0xa0,
    ],
    [
        0x43, 0xbf, 0xfa, 0x19, 0xd6, 0xef, 0x65, 0x14, 0x51, 0xf6, 0x84, 0x1e, 0x01, 0x99, 0x31,
        0xe9, 0x6f, 0x6f, 0x2e, 0xae, 0xff, 0x28, 0xab, 0x4b, 0x6f, 0x1c, 0xe4, 0x57, 0x6d, 0xe2,
        0x71, 0x7b,
    ],
    [
        0x63, 0xec, 0xef, 0xee, 0x43, 0x1d, 0x49, 0x52, 0x3b, 0xc1, 0x13, 0x6c, 0x4e, 0x72, 0xd0,
        0x20, 0x6a, 0x47, 0x70, 0x86, 0xca, 0xf6, 0x06, 0xcd, 0x5c, 0xf0, 0x25, 0x68, 0x6c, 0x10,
        0x9c, 0xf8,
    ],
    [
        0xec, 0x4f, 0xfa, 0x1a, 0xd0, 0xac, 0x88, 0x08, 0x13, 0x14, 0xb7, 0xaa, 0xff, 0xef, 0x6a,
        0x91, 0xf9, 0x7c, 0xd5, 0x72, 0x91, 0xbb, 0x5b, 0xa6, 0x86, 0xc5, 0x41, 0x5f, 0x5e, 0xb4,
        0xf6, 0xb6,
    ],
    [
        0x92, 0xc0, 0x63, 0xd6, 0x7e, 0x8f, 0x14, 0xdb, 0x71, 0xd2, 0x88, 0xe1, 0x12, 0x66, 0xff,
        0xda, 0xf6, 0x9c, 0xbf, 0x11, 0x5f, 0x7b, 0xab, 0x14, 0xf3, 0xbc, 0x2f, 0x68, 0xd2, 0x5e,
        0x0e, 0x30,
    ],
];
