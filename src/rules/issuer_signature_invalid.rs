//! A certificate names an issuer whose key did not sign it.

use jiff::Timestamp;

use crate::chain::MissingIssuer;
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::IssuerSignatureInvalid,
    name: "issuer-signature-invalid",
    since: "0.1.0",
    title: "A certificate is not signed by the issuer that it names",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Reinstall the certificate exactly as the CA issued it, or have it reissued. The certificate, or the issuer's certificate next to it, is damaged or forged.",
    explanation: "The issuer's name and key identifier match, but the issuer's key does not verify the signature. Either the certificate was changed after it was signed, or the issuer's certificate was made for another key.",
    repair: Topic::Reissue,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let Some(MissingIssuer::SignatureInvalid { position, issuer }) = &view.chain.missing_issuer
    else {
        return None;
    };
    let certificate = view.chain.certificate(*position)?;
    let place = match issuer {
        Some(issuer) => format!("certificate {}", issuer + 1),
        None => "a root".to_owned(),
    };
    let detail = format!(
        "certificate {}, `{}`, names `{}` ({place}) as its issuer by name and key identifier, but is not signed with that issuer's key",
        position + 1,
        certificate.subject,
        certificate.issuer
    );
    Some(Violation::new(detail).with_doubt(view.doubt()))
}
