//! The same certificate is served more than once.

use jiff::Timestamp;

use crate::cloudfront::Page;

use super::finding::{Doubt, Violation};
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CertificateServedTwice,
    name: "certificate-served-twice",
    since: "0.1.0",
    title: "A certificate is served more than once",
    class: Class::MAY_FAIL,
    citation: Page::REQUIREMENTS,
    remedy: "Remove the duplicate from the server's certificate file. A fullchain file already begins with the site's certificate.",
    explanation: "A repeated intermediate costs bytes but does no harm. A second copy of the end-entity certificate takes the place where its issuer is expected. AWS's TLS library (s2n-tls) skips the copy, but AWS does not document what CloudFront does: request a page through CloudFront to find out whether viewers get 502.",
    repair: Topic::Trim,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let chain = view.chain;
    let end_entity = chain.end_entity()?;
    let repetitions =
        chain.certificates().filter(|(position, _)| chain.repeated.get(*position) == Some(&true));
    // A repeated end entity is the more severe case.
    let (position, certificate) = repetitions.max_by_key(|(position, c)| {
        (c.sha256 == end_entity.sha256, std::cmp::Reverse(*position))
    })?;
    let doubt = (certificate.sha256 != end_entity.sha256).then_some(Doubt::Harmless);
    let detail = format!("certificate {} repeats `{}`", position + 1, certificate.subject);
    Some(Violation::new(detail).with_doubt(doubt))
}
