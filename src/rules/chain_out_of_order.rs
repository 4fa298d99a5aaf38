//! The certificates are served in the wrong order.

use jiff::Timestamp;

use crate::chain::Order;
use crate::chain::OrderFault;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "chain-out-of-order",
    title: "The certificate chain is in the wrong order",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Put the file in this order: the site's certificate, the intermediate that issued it, the one that issued that; leave the root out.",
    explanation: "Each certificate must be followed by one that certifies it (RFC 5246 §7.4.2). Browsers sort a wrong order out for themselves; Amazon documents that CloudFront answers 502.",
    repair: &repair::COMPLETE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let Order::OutOfOrder { position, fault } = view.chain.order else { return None };
    let name = view.chain.certificate(position).map(|c| c.subject.as_str()).unwrap_or_default();
    let place = position + 1;
    Some(Violation::new(match fault {
        OrderFault::EndEntityNotFirst => format!(
            "the list begins with {name}; the end entity is certificate {}",
            view.chain.end_entity.map_or(0, |position| position + 1)
        ),
        OrderFault::CertifiesNoneBefore => {
            format!("certificate {place}, {name}, certifies none of those before it")
        }
        OrderFault::AfterUnrelated => format!(
            "certificate {place}, {name}, comes after one that does not belong to the chain"
        ),
    }))
}
