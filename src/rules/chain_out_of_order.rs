//! The certificates are served in the wrong order.

use jiff::Timestamp;

use crate::chain::{Order, OrderFault};
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ChainOutOfOrder,
    name: "chain-out-of-order",
    since: "0.1.0",
    title: "The certificate chain is in the wrong order",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Sort the server's certificate file: the site's certificate first, then each issuer in order. Leave out the root.",
    explanation: "Each served certificate must be followed by the certificate of its issuer (RFC 5246 §7.4.2). Browsers sort the certificates themselves, so the site works in a browser. AWS documents that CloudFront returns 502 if the order is wrong.",
    repair: Topic::Order,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let Order::OutOfOrder { position, fault } = view.chain.order else { return None };
    let name = view.chain.certificate(position).map(|c| c.subject.as_str()).unwrap_or_default();
    let place = position + 1;
    Some(Violation::new(match fault {
        OrderFault::EndEntityNotFirst => format!(
            "the list begins with `{name}`, but the end-entity certificate is certificate {}",
            view.chain.end_entity.map_or(0, |position| position + 1)
        ),
        OrderFault::CertifiesNoneBefore if place == 2 => {
            format!("certificate 2, `{name}`, did not issue certificate 1")
        }
        OrderFault::CertifiesNoneBefore => {
            format!(
                "certificate {place}, `{name}`, did not issue any of the certificates before it"
            )
        }
        OrderFault::AfterUnrelated => format!(
            "certificate {place}, `{name}`, comes after a certificate that does not belong to the chain"
        ),
    }))
}
