//! The chain does not lead to a CA that CloudFront trusts.

use jiff::Timestamp;

use crate::chain::{Certificate, Kin, MissingIssuer};
use crate::cloudfront::{FormerRoot, Page};
use crate::observation::Interception;

use super::finding::{Doubt, Violation};
use super::undecided_reason::UndecidedReason;
use super::{ChainView, Check, Class, Rule, RuleId, Topic, former_root};

pub(super) const RULE: Rule = Rule {
    id: RuleId::IssuerUntrusted,
    name: "issuer-untrusted",
    since: "0.1.0",
    title: "The certificate's issuer is not on Mozilla's CA list",
    class: Class::FAILS,
    citation: Page::HTTPS_TO_ORIGIN,
    remedy: "Install a certificate from a CA on Mozilla's CA list. CloudFront cannot be configured to trust a private CA.",
    explanation: "CloudFront trusts only the CAs on Mozilla's CA list. This finding has three common causes, which origin-probe cannot always tell apart. (1) The certificate is from a private CA: replace it with one from a public CA. (2) It is from a public CA, but the server does not send an intermediate: ask your CA for the intermediate, and append it to the server's certificate file. (3) A proxy near the prober replaces certificates: run `openssl s_client` in another network, and if the issuer differs there, exclude the prober from the proxy. If your CA has a new root that Mozilla does not list yet, serve the cross-signed version of that root.",
    repair: Topic::Public,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    if let Some(root) = former_root::of(view.chain) {
        return Some(of_former(root, at));
    }
    let violation = match view.chain.missing_issuer.as_ref()? {
        MissingIssuer::SelfSignedIssuer { position, kin } => {
            let root = view.chain.certificate(*position)?;
            let violation = Violation::new(format!(
                "the chain ends in `{}`, a root that is not on Mozilla's CA list",
                root.subject
            ));
            match kin {
                Some(kin) => violation.with_remedy(cross_signed(root, kin)),
                None => violation,
            }
        }
        MissingIssuer::IssuerNotServed { position, sign: None } => {
            let last = view.chain.certificate(*position)?;
            Violation::new(format!(
                "`{}` was issued by `{}`, which the server does not send and which is not on Mozilla's CA list",
                last.subject, last.issuer
            ))
            .with_remedy(format!(
                "If `{}` is a private CA, replace the certificate with one from a public CA. If it is an intermediate of a public CA, append its certificate to the server's certificate file.",
                last.issuer
            ))
        }
        MissingIssuer::EndEntitySelfSigned
        | MissingIssuer::SignatureInvalid { .. }
        | MissingIssuer::IssuerNotServed { sign: Some(_), .. } => return None,
    };
    let violation = violation.with_doubt(view.doubt());
    let Interception::Suspected { issuer, domains } = &view.observation.prober.interception else {
        return Some(violation);
    };
    Some(
        violation
            .with_doubt(Some(Doubt::Prober(UndecidedReason::InterceptionSuspected)))
            .with_remedy(format!(
                "Exclude the prober from the proxy that appears to replace certificates. Origins of {domains} different domains all present certificates of the same issuer, `{issuer}`, which is not trusted."
            )),
    )
}

/// Returns the remedy for a new root: CloudFront trusts its cross-signed form until the root itself
/// is on the list.
fn cross_signed(root: &Certificate, kin: &Kin) -> String {
    let serve = format!(
        "Serve the cross-signed certificate of `{}` instead of the self-signed one. An older root of the same CA has signed it: `{}` is on Mozilla's CA list. CAs publish the cross-signed certificate with the root.",
        root.subject, kin.anchor
    );
    match kin.has_public_address {
        true => serve,
        false => format!(
            "{serve} If this is a private CA, install a certificate from a CA on Mozilla's CA list."
        ),
    }
}

/// AWS does not document how fast CloudFront follows Mozilla's list, but an expired root is useless
/// either way.
fn of_former(root: &FormerRoot, at: Timestamp) -> Violation {
    let left = format!(
        "the chain ends in `{}`, which left Mozilla's CA list between {} and {}",
        root.subject, root.last_listed, root.first_unlisted
    );
    if !root.is_valid(at) {
        return Violation::new(format!("{left} and is valid only until {}", root.not_after));
    }
    Violation::new(left).with_doubt(Some(Doubt::Undocumented)).with_remedy(
        "Have the certificate reissued under a root on Mozilla's CA list, or ask the CA for the intermediate that leads to its newer root. CloudFront may still trust the old root, but not for long.",
    )
}
