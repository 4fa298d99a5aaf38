//! The chain leads to nobody that CloudFront trusts.

use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::Gap;
use crate::chain::Kin;
use crate::cloudfront::FormerRoot;
use crate::cloudfront::Page;
use crate::observation::Interception;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::UndecidedReason;
use super::finding::Violation;
use super::former_root;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "issuer-untrusted",
    title: "The certificate's issuer is not on Mozilla's list",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Install a certificate from a CA on Mozilla's list; CloudFront cannot be told to trust a private CA.",
    explanation: "CloudFront trusts the certificate authorities that Mozilla includes, and no others. An issuer that is not served and that nothing is known of may be a private CA, or an intermediate of a trusted one: then it only has to be appended. A new root of a trusted CA is served in its cross-signed form until it is on the list itself.",
    repair: &repair::PUBLIC,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    if let Some(root) = former_root::of(view.chain) {
        return Some(of_former(root, at));
    }
    let violation = match view.chain.gap.as_ref()? {
        Gap::SelfSignedIssuer { position, kin } => {
            let root = view.chain.certificate(*position)?;
            let violation = Violation::new(format!(
                "the chain ends in {}, a root that is not on the list",
                root.subject
            ));
            match kin {
                Some(kin) => violation.with_remedy(cross_signed(root, kin)),
                None => violation,
            }
        }
        Gap::IssuerNotServed { position, sign: None } => {
            let last = view.chain.certificate(*position)?;
            Violation::new(format!(
                "{} was issued by {}, which is neither served nor on the list, and nothing shows that it belongs to a public CA",
                last.subject, last.issuer
            ))
            .with_remedy(format!(
                "If {} is an intermediate of a trusted CA, append it to the server's certificate file. Otherwise install a certificate from a CA on Mozilla's list; CloudFront has no setting to trust a private CA.",
                last.issuer
            ))
        }
        Gap::EndEntitySelfSigned
        | Gap::SignatureInvalid { .. }
        | Gap::IssuerNotServed { sign: Some(_), .. } => return None,
    };
    let violation = violation.with_doubt(view.doubt());
    let Interception::Suspected { issuer, domains } = &view.observation.prober.interception else {
        return Some(violation);
    };
    Some(
        violation
            .with_doubt(Some(Doubt::Prober(UndecidedReason::InterceptionSuspected)))
            .with_remedy(format!(
                "Origins of {domains} different domains all present {issuer}, and none is trusted: a proxy on the way from this prober seems to replace certificates. Let the prober pass it by."
            )),
    )
}

/// A new root is trusted through its cross-signed form until it is on the list itself.
fn cross_signed(root: &Certificate, kin: &Kin) -> String {
    let serve = format!(
        "Serve the cross-signed certificate of {}, which an older root of the same CA has signed, instead of the self-signed one: {} is on the list. CAs publish it beside the root.",
        root.subject, kin.anchor
    );
    match kin.has_public_address {
        true => serve,
        false => format!(
            "{serve} If this is a private CA, install a certificate from a CA on Mozilla's list."
        ),
    }
}

/// How fast CloudFront follows Mozilla's list is not documented, but a root that has ended is of no
/// use to anybody.
fn of_former(root: &FormerRoot, at: Timestamp) -> Violation {
    let left = format!(
        "the chain ends in {}, which left Mozilla's list between {} and {}",
        root.subject, root.last_listed, root.first_unlisted
    );
    if !root.is_valid(at) {
        return Violation::new(format!("{left} and is valid only until {}", root.not_after));
    }
    Violation::new(left).with_doubt(Some(Doubt::Undocumented)).with_remedy(
        "Have the certificate reissued below a root that is on Mozilla's list, or ask the CA for the intermediate that leads to its newer root. CloudFront may trust the old root still, but not for long.",
    )
}
