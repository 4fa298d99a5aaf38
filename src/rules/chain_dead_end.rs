//! AWS's library takes an issuer that leads nowhere, although another one leads to a trust anchor.

use jiff::Timestamp;

use crate::chain::DeadEnd;
use crate::chain::Taken;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "chain-dead-end",
    title: "The first issuer that fits leads to a dead end",
    effect: Effect::MayFail,
    basis: Basis::Inferred,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Remove the certificate that leads nowhere from the server's certificate file, or move it behind the one that leads to a trust anchor.",
    explanation: "At each step the TLS library that AWS publishes takes a trust anchor if one fits, otherwise the first served certificate that fits and is in time. It never turns back. Browsers try every path, so they accept such a chain. It comes about when a new root is served self-signed before its cross-signed form.",
    repair: &repair::TRIM,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, at: Timestamp) -> Option<Violation> {
    let dead_end = view.chain.dead_end(at)?;
    let name = |position: usize| {
        let Some(certificate) = view.chain.certificate(position) else {
            return format!("certificate {}", position + 1);
        };
        let kind = if certificate.is_self_signed { " (self-signed)" } else { "" };
        let issuer = match certificate.is_self_signed {
            true => String::new(),
            false => format!(" (issued by {})", certificate.issuer),
        };
        format!("certificate {}, {}{kind}{issuer}", position + 1, certificate.subject)
    };
    let DeadEnd { below, taken, better, anchor } = dead_end;
    let below = below + 1;
    let good = match better {
        Some(better) => format!("{} leads to {anchor}", name(better)),
        None => format!("the trust anchor {anchor} would fit"),
    };
    let violation = match taken {
        Taken::Served { position } => {
            let taken = name(position);
            let violation = Violation::new(format!(
                "{taken}, is the first that fits as the issuer of certificate {below} and leads nowhere; {good}"
            ));
            let remedy = match better {
                Some(better) if better > position => format!(
                    "Remove {taken}, from the server's certificate file, or move it behind certificate {}.",
                    better + 1
                ),
                _ => format!("Remove {taken}, from the server's certificate file."),
            };
            violation.with_remedy(remedy)
        }
        Taken::Anchor { name } => Violation::new(format!(
            "the trust anchor {name} fits first as the issuer of certificate {below} and is not valid; {good}"
        ))
        .with_remedy(format!(
            "Ask the CA for an intermediate that leads to {anchor} without naming {name} as its issuer, and serve it in place of certificate {below}."
        )),
        Taken::Nothing => Violation::new(format!(
            "nothing that is served fits above certificate {below}; {good}"
        )),
    };
    Some(violation)
}
