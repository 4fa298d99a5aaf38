//! s2n-tls takes an issuer that leads to a dead end, although another one leads to a root.

use jiff::Timestamp;

use crate::chain::{FirstFitFailure, Taken};
use crate::cloudfront::Page;

use super::finding::Violation;
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ChainDeadEnd,
    name: "chain-dead-end",
    since: "0.1.0",
    title: "The first matching issuer leads to a dead end",
    class: Class::MAY_FAIL,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Remove the certificate that leads to the dead end from the server's certificate file. That is usually the root's self-signed certificate, whose subject equals its issuer. Keep the cross-signed certificate.",
    explanation: "AWS's TLS library (s2n-tls) follows the first matching issuer and never tries another. Here, that issuer does not lead to a root, although another one does. Browsers try every matching issuer. AWS does not document what CloudFront does: request a page through CloudFront to find out whether viewers get 502. The usual cause is a file that lists a new root's self-signed certificate before its cross-signed one.",
    repair: Topic::Trim,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let dead_end = view.chain.dead_end(at)?;
    let name = |position: usize| {
        let Some(certificate) = view.chain.certificate(position) else {
            return format!("certificate {}", position + 1);
        };
        let kind = if certificate.is_self_signed { ", self-signed" } else { "" };
        let issuer = match certificate.is_self_signed {
            true => String::new(),
            false => format!(", issued by `{}`", certificate.issuer),
        };
        format!("certificate {} (`{}`{kind}{issuer})", position + 1, certificate.subject)
    };
    let FirstFitFailure { below, taken, better, anchor } = dead_end;
    let below = below + 1;
    let good = match better {
        Some(better) => format!("{} leads to `{anchor}`", name(better)),
        None => format!("the root `{anchor}` would match"),
    };
    let violation = match taken {
        Taken::Served { position } => {
            let taken = name(position);
            let violation = Violation::new(format!(
                "{taken} is the first match for the issuer of certificate {below} and leads to a dead end; {good}"
            ));
            violation.with_remedy(format!("Remove {taken} from the server's certificate file."))
        }
        Taken::Anchor { name } => Violation::new(format!(
            "the root `{name}` is the first match for the issuer of certificate {below} and is not valid; {good}"
        ))
        .with_remedy(format!(
            "Ask the CA for an intermediate that leads to `{anchor}` and does not name `{name}` as its issuer, and serve it in place of certificate {below}."
        )),
        Taken::Nothing => Violation::new(format!(
            "no served certificate matches the issuer of certificate {below}; {good}"
        )),
    };
    Some(violation)
}
