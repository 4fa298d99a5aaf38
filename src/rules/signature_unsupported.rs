//! A certificate on the path is signed with an algorithm of the past.

use jiff::Timestamp;

use crate::chain::Path;
use crate::chain::SignatureAlgorithm;
use crate::chain::ml_dsa;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "signature-unsupported",
    title: "A certificate is signed with an unsupported algorithm",
    effect: Effect::Fails,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::CIPHERS,
    remedy: "Have the certificate reissued: every public CA has signed with SHA-256 or stronger since 2016.",
    explanation: "MD5 is not among CloudFront's signature algorithms. SHA-1 is still listed for the handshake, but whether a certificate signed with it is accepted is not documented. The same holds for ML-DSA: AWS publishes policies with it (`-PQ`), but nothing says that CloudFront uses them, and no public CA issues such certificates.",
    repair: &repair::REISSUE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let is_in_time = |path: &&Path| path.is_in_time(at);
    let mut paths: Vec<&Path> = view.chain.best_paths().filter(is_in_time).collect();
    if paths.is_empty() {
        paths.extend(view.chain.best_paths());
    }
    // Only where every path needs it: a good path beside it is enough.
    let is_good =
        |path: &&Path| !path.has_refused_signature && outdated(view, &path.certificates).is_none();
    if paths.iter().any(is_good) {
        return None;
    }
    let outdated = paths
        .iter()
        .filter_map(|path| outdated(view, &path.certificates))
        .max_by_key(|(_, _, doubt)| doubt.is_some());
    if let Some((subject, name, doubt)) = outdated {
        let violation =
            Violation::new(format!("{subject} is signed with {name}")).with_doubt(doubt);
        return Some(match name.starts_with("ML-DSA") {
            true => violation.with_remedy(repair::ML_DSA_REMEDY),
            false => violation,
        });
    }
    let anchor = &paths.first()?.anchor;
    let detail = format!(
        "a signature on the path to {anchor} is made with a key that today's verifiers refuse"
    );
    Some(Violation::new(detail).with_doubt(Some(Doubt::Undocumented)))
}

fn outdated<'a>(view: &ChainView<'a>, path: &[usize]) -> Option<(&'a str, String, Option<Doubt>)> {
    path.iter().find_map(|position| {
        let certificate = view.chain.certificate(*position)?;
        let (name, doubt) = match &certificate.signature_algorithm {
            SignatureAlgorithm::Current => return None,
            SignatureAlgorithm::Md5 => ("MD5".to_owned(), None),
            SignatureAlgorithm::Sha1 => ("SHA-1".to_owned(), Some(Doubt::Undocumented)),
            SignatureAlgorithm::Other { oid } => {
                let name =
                    ml_dsa(oid).map_or_else(|| format!("the algorithm {oid}"), str::to_owned);
                (name, Some(Doubt::Undocumented))
            }
        };
        Some((certificate.subject.as_str(), name, doubt))
    })
}
