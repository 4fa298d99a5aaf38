//! A certificate names an issuer whose key has not signed it.

use jiff::Timestamp;

use crate::chain::Gap;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "issuer-signature-invalid",
    title: "A certificate is not signed by the issuer that it names",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Install the certificate again as the CA issued it, or have it reissued: the file is damaged or forged.",
    explanation: "The name and the key identifier of the issuer match, but its key does not verify the signature. The certificate was changed after it was signed, or the issuer's certificate was made for another key.",
    repair: &repair::REISSUE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let Some(Gap::SignatureInvalid { position, issuer }) = &view.chain.gap else { return None };
    let certificate = view.chain.certificate(*position)?;
    let place = match issuer {
        Some(issuer) => format!("certificate {}", issuer + 1),
        None => "a trust anchor".to_owned(),
    };
    let detail = format!(
        "certificate {}, {}, names {} ({place}) as its issuer by name and key identifier, but is not signed with that key",
        position + 1,
        certificate.subject,
        certificate.issuer
    );
    Some(Violation::new(detail).with_doubt(view.doubt()))
}
