//! The host name is only in the certificate's common name.

use jiff::Timestamp;

use crate::chain::NameFound;
use crate::cloudfront::Page;

use super::default_certificate::finds;
use super::finding::{Doubt, Violation};
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CommonNameOnly,
    name: "common-name-only",
    since: "0.1.0",
    title: "The host name is only in the certificate's common name",
    class: Class::MAY_FAIL,
    citation: Page::REQUIREMENTS,
    remedy: "Have the certificate reissued with its names as subject alternative names. Public CAs have included them for years.",
    explanation: "CloudFront's documentation mentions the common name, and AWS's TLS library (s2n-tls) uses it if the certificate has no subject alternative names. If the certificate has some, but only IP addresses or URIs, the library ignores the common name, and the origin may fail: request a page through CloudFront to find out whether viewers get 502. Other clients no longer check the common name (RFC 9525).",
    repair: Topic::CommonName,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let certificate = view.chain.end_entity()?;
    let ids = &view.target.reference_ids;
    let (id, found) = ids.iter().find_map(|id| Some((id, finds(certificate, id)?)))?;
    match found {
        NameFound::SubjectAltName => None,
        NameFound::CommonName => Some(
            Violation::new(format!(
                "{id} is in the certificate's common name, but in no subject alternative name"
            ))
            .with_doubt(Some(Doubt::Harmless)),
        ),
        NameFound::CommonNameUnread => Some(Violation::new(format!(
            "{id} is only in the certificate's common name, in a string type that AWS's TLS library does not read there"
        ))),
        NameFound::CommonNameBesideOthers => Some(Violation::new(format!(
            "{id} is only in the certificate's common name, which AWS's TLS library ignores because the subject alternative names are IP addresses or URIs"
        ))),
    }
}
