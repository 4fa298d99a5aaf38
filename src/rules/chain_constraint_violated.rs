//! Every path to a trust anchor breaks a rule of RFC 5280 §6 that time does not heal.

use jiff::Timestamp;

use crate::chain::Path;
use crate::chain::PathFault;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;

pub(super) const RULE: Rule = Rule {
    id: "chain-constraint-violated",
    title: "The chain breaks a constraint of its issuers",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Have the certificate reissued for server authentication by an issuer that may certify this name.",
    explanation: "An issuer may be limited in what it certifies: whether it is a CA at all, how many stand below it, for which names and which purpose. A certificate outside those limits is invalid.",
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    if view.chain.sound_paths().next().is_some() {
        return None;
    }
    // What is in doubt decides: any of them may be the one that is taken.
    let is_in_doubt = |path: &&Path| path.fault == Some(PathFault::Version);
    let mut paths = view.chain.paths.iter();
    let path = paths.clone().find(is_in_doubt).or_else(|| paths.next())?;
    let what = match path.fault.as_ref()? {
        PathFault::IssuerIsNoCa => "an issuer in it is no CA",
        PathFault::PathLength => "it has more intermediates than an issuer allows",
        PathFault::NameConstraint => "a name lies outside what an issuer may certify",
        PathFault::ExtendedKeyUsage => {
            "a certificate in it may not be used for server authentication"
        }
        PathFault::CriticalExtension => "a certificate in it has an unknown critical extension",
        PathFault::Version => "a certificate in it is older than X.509 version 3",
        PathFault::Distrusted => "a key in it is distrusted by Mozilla",
        PathFault::Other { detail } => detail,
    };
    // That nothing older is verified is our own library's rule; AWS's takes it.
    let doubt = is_in_doubt(&path).then_some(Doubt::Undocumented);
    let culprit = path.culprit.and_then(|position| view.chain.certificate(position));
    let place = culprit.map(|certificate| format!(" ({})", certificate.subject.as_str()));
    let detail =
        format!("the path to {} does not hold: {what}{}", path.anchor, place.unwrap_or_default());
    Some(Violation::new(detail).with_doubt(doubt))
}
