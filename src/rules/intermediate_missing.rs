//! An intermediate of a public CA was left out.

use jiff::Timestamp;

use crate::chain::{MissingIssuer, PublicSign};
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic, former_root};

pub(super) const RULE: Rule = Rule {
    id: RuleId::IntermediateMissing,
    name: "intermediate-missing",
    since: "0.1.0",
    title: "An intermediate certificate is missing",
    class: Class { is_forgotten_issuer: true, ..Class::FAILS },
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Append the missing intermediate to the server's certificate file. Certbot's fullchain.pem contains it; cert.pem does not.",
    explanation: "CloudFront drops the connection if the chain is incomplete. Browsers fetch a missing intermediate themselves, so the site works in a browser.",
    repair: Topic::Complete,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let Some(MissingIssuer::IssuerNotServed { position, sign: Some(sign) }) =
        &view.chain.missing_issuer
    else {
        return None;
    };
    // Then only a root is missing, and servers do not have to send it.
    if former_root::of(view.chain).is_some() {
        return None;
    }
    let last = view.chain.certificate(*position)?;
    let fact = format!("the issuer of `{}` is not served: `{}`", last.subject, last.issuer);
    let violation = match sign {
        PublicSign::CaIssuers { url } => Violation::new(format!(
            "{fact} (the certificate names a download address for it)"
        ))
        .with_remedy(format!(
            "Append the certificate of `{}` to the server's certificate file. Download it from {url}, or use your ACME client's fullchain file, which already contains it.",
            last.issuer
        )),
        PublicSign::ServedCaReachesAnchor { position } => {
            let other = view.chain.certificate(*position)?;
            Violation::new(format!(
                "{fact}; the server sends `{}` instead, which belongs to another certificate",
                other.subject
            ))
        }
    };
    Some(violation.with_doubt(view.doubt()))
}
