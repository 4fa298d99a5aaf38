//! A certificate on the path is signed with an unsupported algorithm.

use jiff::Timestamp;

use crate::chain::{Path, SignatureAlgorithm, ml_dsa};
use crate::cloudfront::Page;

use super::finding::{Doubt, Violation};
use super::key_unsupported::ML_DSA_REMEDY;
use super::{Basis, ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::SignatureUnsupported,
    name: "signature-unsupported",
    since: "0.1.0",
    title: "A certificate is signed with an unsupported algorithm",
    class: Class::FAILS.by(Basis::Inferred),
    citation: Page::CIPHERS,
    remedy: "Have the certificate reissued by a public CA. Public CAs have signed with SHA-256 or stronger since 2016.",
    explanation: "CloudFront's signature algorithms do not include MD5. They include SHA-1 for the handshake, but AWS does not document whether CloudFront accepts a certificate that is signed with SHA-1. The same applies to ML-DSA: AWS publishes policies with ML-DSA (`-PQ`), but does not document that CloudFront uses these policies. No public CA issues ML-DSA certificates.",
    repair: Topic::Reissue,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let is_in_time = |path: &&Path| path.is_in_time(at);
    let mut paths: Vec<&Path> = view.chain.best_paths().filter(is_in_time).collect();
    if paths.is_empty() {
        paths.extend(view.chain.best_paths());
    }
    // One good path is enough.
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
            Violation::new(format!("`{subject}` is signed with {name}")).with_doubt(doubt);
        return Some(match name.starts_with("ML-DSA") {
            true => violation.with_remedy(ML_DSA_REMEDY),
            false => violation,
        });
    }
    let anchor = &paths.first()?.anchor;
    let detail = format!(
        "a signature on the path to `{anchor}` was made with a key that current verifiers refuse"
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
