//! An intermediate of a public CA was left out.

use jiff::Timestamp;

use crate::chain::Gap;
use crate::chain::PublicSign;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::former_root;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "intermediate-missing",
    title: "An intermediate certificate is missing",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Serve the full chain: append the missing intermediate to the server's certificate file (certbot's fullchain.pem has it; cert.pem has not).",
    explanation: "CloudFront drops the connection when the full chain, intermediates included, is not there. Browsers fetch a missing intermediate by themselves, which is why the site looks right in one.",
    repair: &repair::COMPLETE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let Some(Gap::IssuerNotServed { position, sign: Some(sign) }) = &view.chain.gap else {
        return None;
    };
    // What is missing then is a root that nobody has to serve.
    if former_root::of(view.chain).is_some() {
        return None;
    }
    let last = view.chain.certificate(*position)?;
    let fact = format!("the issuer of {} is not served: {}", last.subject, last.issuer);
    let violation = match sign {
        PublicSign::CaIssuers { url } => Violation::new(format!(
            "{fact} (its certificate names where that one can be had)"
        ))
        .with_remedy(format!(
            "Append the certificate of {} to the server's certificate file; it can be had at {url}. The file that CAs call fullchain already holds it.",
            last.issuer
        )),
        PublicSign::ServedCaReachesAnchor { position } => {
            let other = view.chain.certificate(*position)?;
            Violation::new(format!(
                "{fact}; served instead is {}, which belongs to another certificate",
                other.subject
            ))
        }
    };
    Some(violation.with_doubt(view.doubt()))
}
