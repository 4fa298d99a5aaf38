//! Every path to a trust anchor breaks a rule of RFC 5280 §6 that time does not heal.

use jiff::Timestamp;

use crate::chain::Path;
use crate::chain::PathFault;
use crate::chain::Way;
use crate::cloudfront::FormerRoot;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::former_root;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "chain-constraint-violated",
    title: "The chain breaks a constraint of its issuers",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Have the certificate reissued for server authentication by an issuer that may certify this name.",
    explanation: "An issuer may be limited in what it certifies: whether it is a CA at all, how many stand below it, for which names and which purpose. A certificate outside those limits is invalid.",
    repair: &repair::REISSUE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let chain = view.chain;
    if chain.sound_paths().next().is_some() {
        return None;
    }
    let of_path = |path: &Path| (path.anchor.to_string(), path.fault.clone(), path.culprit);
    let mut ways: Vec<(String, Option<PathFault>, Option<usize>)> =
        chain.paths.iter().map(of_path).collect();
    if ways.is_empty() {
        // What leads to a root that has left the list is to hold as well.
        let of_way = |root: &FormerRoot, way: &Way| {
            (root.subject.to_owned(), way.fault.clone(), way.culprit)
        };
        ways.extend(former_root::ways(chain).map(|(root, way)| of_way(root, way)));
    }
    if ways.iter().any(|(_, fault, _)| fault.is_none()) {
        return None;
    }
    // What is in doubt decides: any of them may be the one that is taken.
    let is_in_doubt = |fault: &Option<PathFault>| *fault == Some(PathFault::Version);
    let (root, fault, culprit) = ways.iter().min_by_key(|(_, fault, _)| !is_in_doubt(fault))?;
    let doubt = is_in_doubt(fault).then_some(Doubt::Undocumented);
    let culprit = culprit.and_then(|position| chain.certificate(position));
    let place = culprit.map(|certificate| format!(" ({})", certificate.subject.as_str()));
    let what = what(fault.as_ref()?);
    let detail = format!("the path to {root} does not hold: {what}{}", place.unwrap_or_default());
    Some(Violation::new(detail).with_doubt(doubt))
}

fn what(fault: &PathFault) -> &str {
    match fault {
        PathFault::IssuerIsNoCa => "an issuer in it is no CA",
        PathFault::PathLength => "it has more intermediates than an issuer allows",
        PathFault::NameConstraint => "a name lies outside what an issuer may certify",
        PathFault::ExtendedKeyUsage => {
            "a certificate in it may not be used for server authentication"
        }
        PathFault::CriticalExtension => "a certificate in it has an unknown critical extension",
        // That nothing older is verified is our own library's rule; AWS's takes it.
        PathFault::Version => "a certificate in it is older than X.509 version 3",
        PathFault::Distrusted => "a key in it is distrusted by Mozilla",
        PathFault::Other { detail } => detail,
    }
}
