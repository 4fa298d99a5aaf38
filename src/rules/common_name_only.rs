//! The certificate names its host in the common name only.

use jiff::Timestamp;

use crate::chain::NameFound;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::name_not_in_certificate::finds;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "common-name-only",
    title: "The certificate names its host in the common name only",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::REQUIREMENTS,
    remedy: "Have the certificate reissued with its names as subject alternative names; every public CA has written them there for years.",
    explanation: "Amazon's page mentions the common name, and AWS's TLS library falls back to it where there is no subject alternative name. Beside an address or a URI it does not, so that such an origin may fail. Other clients have stopped to look there (RFC 9525).",
    repair: &repair::COMMON_NAME,
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
                "{id} is named in the common name of the certificate and in no subject alternative name"
            ))
            .with_doubt(Some(Doubt::Harmless)),
        ),
        NameFound::CommonNameUnread => Some(Violation::new(format!(
            "{id} is named in the common name of the certificate only, in a string type that AWS's TLS library does not read there"
        ))),
        NameFound::CommonNameBesideOthers => Some(Violation::new(format!(
            "{id} is named in the common name of the certificate only, and its subject alternative names are addresses or URIs, beside which AWS's TLS library does not look at the common name"
        ))),
    }
}
