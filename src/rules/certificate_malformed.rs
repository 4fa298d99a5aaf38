//! Something in the certificate list is no certificate.

use jiff::Timestamp;

use crate::chain::MalformedCertificate;
use crate::chain::Served;
use crate::cloudfront::Page;

use super::ChainView;
use super::Check;
use super::Rule;
use super::finding::Basis;
use super::finding::Doubt;
use super::finding::Effect;
use super::finding::Violation;
use super::repair;

pub(super) const RULE: Rule = Rule {
    id: "certificate-malformed",
    title: "A served certificate cannot be parsed",
    effect: Effect::Fails,
    basis: Basis::Documented,
    status: Some(502),
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Replace the server's certificate file: it was cut off, converted wrongly, or holds something else than certificates.",
    explanation: "CloudFront refuses an invalid certificate. AWS's TLS library parses every entry of the list, so one that is not a certificate spoils the rest. The verdict is undecided for a certificate that is only irregular: that library reads some such certificates (bytes after the certificate, an indefinite length) and refuses others (a version that does not exist, a date with a time zone, a serial number or a name in the wrong encoding), and Amazon does not document it.",
    repair: &repair::INSTALL_ONE,
    check: Check::Chain(check),
};

fn check(view: &ChainView<'_>, _at: Timestamp) -> Option<Violation> {
    let all = view.chain.count;
    let served = || view.chain.entries();
    let malformed = served().filter_map(|(position, served)| match served {
        Served::Malformed { error, length } => {
            let number = position + 1;
            let detail =
                format!("certificate {number} of {all} ({length} bytes) cannot be parsed: {error}");
            let is_read_by_others = *error == MalformedCertificate::IndefiniteLength;
            Some((detail, is_read_by_others))
        }
        Served::Certificate(_) | Served::NotKept { .. } => None,
    });
    // One that no library reads decides.
    let (detail, is_in_doubt) = malformed.min_by_key(|(_, doubt)| *doubt).or_else(|| {
        served().find_map(|(position, served)| {
            let irregularity = served.certificate()?.irregularity?;
            let number = position + 1;
            Some((format!("certificate {number} of {all} is irregular: {irregularity}"), true))
        })
    })?;
    Some(Violation::new(detail).with_doubt(is_in_doubt.then_some(Doubt::Undocumented)))
}
