//! An entry of the certificate list is not a valid certificate.

use jiff::Timestamp;

use crate::chain::{MalformedCertificate, Served};
use crate::cloudfront::Page;

use super::finding::{Doubt, Violation};
use super::{ChainView, Check, Class, Rule, RuleId, Topic};

pub(super) const RULE: Rule = Rule {
    id: RuleId::CertificateMalformed,
    name: "certificate-malformed",
    since: "0.1.0",
    title: "A served certificate cannot be parsed",
    class: Class::FAILS,
    citation: Page::BAD_GATEWAY.section("ssl-certificate-expired"),
    remedy: "Replace the server's certificate file. It is truncated, was converted incorrectly, or contains something other than certificates.",
    explanation: "CloudFront refuses an invalid certificate. AWS's TLS library (s2n-tls) parses every entry of the list, so one unreadable entry invalidates the whole list. The verdict is undecided for a certificate that is only irregular, because AWS does not document what CloudFront does. The library accepts some irregular certificates (bytes after the certificate, an indefinite length). It refuses others (a version that does not exist, a date with a time zone, a serial number or a name in the wrong encoding).",
    repair: Topic::InstallOne,
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
    // A certificate that no library reads takes precedence.
    let (detail, is_in_doubt) = malformed.min_by_key(|(_, doubt)| *doubt).or_else(|| {
        served().find_map(|(position, served)| {
            let irregularity = served.certificate()?.irregularity?;
            let number = position + 1;
            Some((format!("certificate {number} of {all} is irregular: {irregularity}"), true))
        })
    })?;
    Some(Violation::new(detail).with_doubt(is_in_doubt.then_some(Doubt::Undocumented)))
}
