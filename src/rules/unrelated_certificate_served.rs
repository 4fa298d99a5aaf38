//! A served certificate does not belong to the chain.

use jiff::Timestamp;

use crate::chain::Served;
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::UnrelatedCertificateServed,
    name: "unrelated-certificate-served",
    since: "0.1.0",
    title: "A served certificate does not belong to the chain",
    class: Class::MAY_FAIL,
    citation: Page::REQUIREMENTS,
    remedy: "Remove the unrelated certificate from the server's certificate file. Serve only the end-entity certificate and the intermediates of its path.",
    explanation: "AWS asks you to leave out intermediates that are not in the trust path. AWS's TLS library (s2n-tls) ignores them, but AWS does not document what CloudFront does: request a page through CloudFront to find out whether viewers get 502.",
    repair: Topic::Trim,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    // Nothing can be related to a missing end entity. In a list that was not followed to its end, a
    // certificate that looks unrelated may be related.
    if !view.chain.is_complete || view.chain.end_entity.is_none() {
        return None;
    }
    let is_unrelated = |position: usize| {
        view.chain.related.get(position) == Some(&false)
            && view.chain.repeated.get(position) == Some(&false)
    };
    let unrelated: Vec<(usize, &str)> = view
        .chain
        .served
        .iter()
        .enumerate()
        .filter(|(position, _)| is_unrelated(*position))
        .filter_map(|(position, served)| Some((position, subject(served)?)))
        .collect();
    let (position, name) = *unrelated.first()?;
    let more = match unrelated.len() {
        1 => String::new(),
        several => format!(" (and {} more)", several - 1),
    };
    Some(Violation::new(format!(
        "certificate {}, `{name}`{more}, does not belong to the end-entity certificate's chain",
        position + 1
    )))
}

fn subject(served: &Served) -> Option<&str> {
    served.certificate().map(|certificate| certificate.subject.as_str())
}
