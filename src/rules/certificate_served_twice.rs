//! The same certificate is served more than once.

use jiff::Timestamp;

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
    id: "certificate-served-twice",
    title: "A certificate is served more than once",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::REQUIREMENTS,
    remedy: "Remove the repetition from the server's certificate file; fullchain files already begin with the site's certificate.",
    explanation: "A repeated intermediate costs bytes and nothing else. A second end entity stands where its issuer is expected; the TLS library that AWS publishes passes it by, but what CloudFront does is not documented.",
    repair: &repair::TRIM,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let chain = view.chain;
    let end_entity = chain.end_entity()?;
    let repetitions =
        chain.certificates().filter(|(position, _)| chain.repeated.get(*position) == Some(&true));
    // The graver one speaks, where there are several.
    let (position, certificate) = repetitions.max_by_key(|(position, c)| {
        (c.sha256 == end_entity.sha256, std::cmp::Reverse(*position))
    })?;
    let doubt = (certificate.sha256 != end_entity.sha256).then_some(Doubt::Harmless);
    let detail = format!("certificate {} repeats {}", position + 1, certificate.subject);
    Some(Violation::new(detail).with_doubt(doubt))
}
