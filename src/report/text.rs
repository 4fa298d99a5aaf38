//! One origin in words, as the command line prints it: what, why, and what to do.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::chain::printable;
use crate::observation::Endpoint;
use crate::rules::Effect;
use crate::verdict::Answer;
use crate::verdict::Finding;

use super::Line;
use super::Report;
use super::Role;
use super::Text;
use super::doubts;
use super::outcome::described;
use super::outcome::failure_within;
use super::places::merge;
use super::relative::relative;

/// What an origin's good answer leaves open.
pub const NOT_COVERED: &str = "not covered: the origin's own HTTP status, edge functions, \
                               a response slower than the response timeout (504), cut off or \
                               malformed (502), firewalls by source address, keep-alive races";

/// Returns one line that says what is the matter, and two lines for each distinct finding: the
/// fact and the remedy.
///
/// An origin that will fail not later than `within` from `now` is described as it will be then.
pub fn text(report: &Report, now: Timestamp, within: Option<Duration>) -> Text {
    let mut text = Text::default();
    text.push(state(name(report), report, now, within));
    for merged in merge(&described(report, now, within).0.findings) {
        let finding = merged.finding;
        let (role, label) = label(finding);
        let fact = Line::indented(2).with(role, label).with(Role::Plain, ": ");
        let fact = fact.with(Role::Plain, &finding.detail);
        text.push(match merged.places(&report.observation) {
            Some(places) => fact.with(Role::Plain, " ").with(Role::Aside, format!("({places})")),
            None => fact,
        });
        let hint = Line::indented(2).with(Role::Hint, "hint:").with(Role::Plain, " ");
        text.push(hint.with(Role::Plain, finding.remedy_read_in(report.read_in)));
    }
    if let Some(words) = report.chains_not_kept() {
        text.push(Line::indented(2).with(Role::Aside, words));
    }
    text
}

/// Returns the texts of several origins, and once, where one of them answers, what that does not
/// cover.
pub fn texts(reports: &[Arc<Report>], now: Timestamp, within: Option<Duration>) -> Text {
    let mut all = Text::default();
    reports.iter().for_each(|report| all.extend(text(report, now, within)));
    all.lines.extend(not_covered(reports));
    all
}

/// Returns what the good answers do not cover, if there are any.
pub fn not_covered(reports: &[Arc<Report>]) -> Option<Line> {
    let answers = |report: &Arc<Report>| report.verdict.conclusion.answer == Answer::Answers;
    let indent = if reports.len() == 1 { 2 } else { 0 };
    let line = || Line::indented(indent).with(Role::Aside, NOT_COVERED);
    reports.iter().any(answers).then(line)
}

/// Returns the origin's id, where that is not its domain, and where it is.
fn name(report: &Report) -> Line {
    let origin = &*report.origin;
    let place = format!("{}:{}", origin.domain(), origin.https_port);
    match short_name(report) {
        Some(id) => {
            Line::new().with(Role::Name, id).with(Role::Plain, "  ").with(Role::Plain, place)
        }
        None => Line::new().with(Role::Name, place),
    }
}

/// Returns the origin's id, where that is not its domain.
pub(super) fn short_name(report: &Report) -> Option<String> {
    let id = report.origin.key.to_string();
    (id != report.origin.domain().as_str()).then(|| printable(&id, LONGEST_ID))
}

fn state(line: Line, report: &Report, now: Timestamp, within: Option<Duration>) -> Line {
    let line = line.with(Role::Plain, "  ");
    let conclusion = &report.verdict.conclusion;
    let soon = failure_within(report, now, within)
        .map(|at| format!("will fail {} ({})", day(at), relative(at, now)));
    match conclusion.answer {
        Answer::Fails => {
            let status = conclusion.status.map(|s| format!(" ({s})")).unwrap_or_default();
            line.with(Role::Bad, format!("fails{status}")).with(Role::Plain, share(report))
        }
        Answer::Answers => match (soon, report.first_failure) {
            (Some(soon), _) => line.with(Role::Doubtful, soon),
            (None, Some(at)) => {
                let last_second = at.checked_sub(SignedDuration::from_secs(1)).unwrap_or(at);
                let until = format!(" until {} ({})", day(last_second), relative(at, now));
                line.with(Role::Good, "answers").with(Role::Plain, until)
            }
            (None, None) => line.with(Role::Good, "answers"),
        },
        Answer::Undecided => {
            let doubts = doubts(report).into_iter();
            let reasons: Vec<String> =
                doubts.map(|(reason, words)| format!("{reason} ({words})")).collect();
            let line = line.with(Role::Doubtful, "undecided").with(Role::Plain, ": ");
            let line = line.with(Role::Plain, reasons.join(", "));
            match soon {
                Some(soon) => line.with(Role::Plain, "; ").with(Role::Doubtful, soon),
                None => line,
            }
        }
        Answer::NotApplicable(reason) => {
            let line = line.with(Role::Notice, "not applicable").with(Role::Plain, ": ");
            line.with(Role::Plain, reason.as_str())
        }
    }
}

/// Returns ` for 1 of 3 endpoints`, or nothing when all fail.
fn share(report: &Report) -> String {
    let findings = &report.verdict.findings;
    if findings.iter().any(|f| f.endpoint.is_none() && f.effect == Effect::Fails) {
        return String::new();
    }
    let endpoints = &report.observation.endpoints;
    let judged = endpoints.iter().filter(|endpoint| Endpoint::was_probed(endpoint)).count();
    let fails = |position: usize| {
        findings.iter().any(|f| f.counts_as_failing && f.endpoint == Some(position))
    };
    let failing = (0..endpoints.len()).filter(|position| fails(*position)).count();
    if failing >= judged { String::new() } else { format!(" for {failing} of {judged} endpoints") }
}

fn label(finding: &Finding) -> (Role, String) {
    let id = finding.rule.id;
    match finding.effect {
        Effect::Fails => (Role::Bad, id.to_owned()),
        Effect::MayFail => (Role::Doubtful, format!("{id} (may fail)")),
        Effect::Notice => (Role::Notice, format!("notice {id}")),
    }
}

pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Ids come from outside; this much is enough to recognise one.
const LONGEST_ID: usize = 128;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::observation::Failure;
    use crate::origin::ProtocolPolicy;

    use super::super::Report;
    use super::super::sample::Sample;
    use super::super::sample::now;
    use super::text;
    use super::texts;

    const LOAD_BALANCER: &str = "shop-alb-1234567890.eu-west-1.elb.amazonaws.com";
    const TWO_MONTHS: Duration = Duration::from_secs(60 * 86_400);

    fn shop() -> Sample {
        Sample::of("www.shop.example")
    }

    fn refused() -> Failure {
        Failure::ConnectionRefused { attempts: 3 }
    }

    fn first_line(report: &Report, within: Option<Duration>) -> String {
        text(report, now(), within).lines[0].to_string()
    }

    #[test]
    fn the_first_line_says_what_is_the_matter() {
        let silence = Failure::ConnectionTimedOut { attempts: 3, timeout: Duration::from_secs(10) };
        let mut http_only = shop();
        http_only.origin.protocol_policy = ProtocolPolicy::HttpOnly;
        let mut discovered = shop().serving("192.0.2.1").with_id("E2/\u{1b}[31m");
        discovered.origin.key.distribution = "E1".into();
        for (sample, within, expected) in [
            (shop().serving("192.0.2.1"), None, "answers until 2026-12-31 (in 38 days)"),
            (shop().serving("192.0.2.1"), Some(TWO_MONTHS), "will fail 2027-01-01 (in 38 days)"),
            (shop(), None, "answers"),
            (
                shop().serving_until("192.0.2.1", "2026-11-24T05:00:00Z"),
                None,
                "answers until 2026-11-24 (in 5 hours)",
            ),
            (shop().failing("192.0.2.1", &refused()), Some(TWO_MONTHS), "fails (502)"),
            (
                shop().serving("192.0.2.1").failing("192.0.2.2", &refused()),
                Some(TWO_MONTHS),
                "undecided: undocumented (1 of 2 addresses refuses; Amazon does not say whether \
                 CloudFront tries the others); will fail 2027-01-01 (in 38 days)",
            ),
            (
                shop().failing("192.0.2.1", &silence),
                None,
                "undecided: never-reached-from-here (no address has ever answered from here, so \
                 the origin may admit only CloudFront)",
            ),
            (http_only, None, "not applicable: CloudFront speaks plain HTTP to this origin"),
        ] {
            let expected = format!("www.shop.example:443  {expected}");
            assert_eq!(first_line(&sample.report(), within), expected);
        }
        assert_eq!(
            first_line(&discovered.report(), None),
            "E1/E2/\\u{1b}[31m  www.shop.example:443  answers until 2026-12-31 (in 38 days)"
        );
    }

    #[test]
    fn the_classic_case_says_what_why_and_what_to_do() {
        let report = Sample::of(LOAD_BALANCER).with_id("shop").serving("192.0.2.1").report();
        assert_eq!(
            text(&report, now(), None).to_string(),
            "\
shop  shop-alb-1234567890.eu-west-1.elb.amazonaws.com:443  fails (502)
  name-not-in-certificate: the certificate names www.shop.example, shop.example, not shop-alb-1234567890.eu-west-1.elb.amazonaws.com
  hint: shop-alb-1234567890.eu-west-1.elb.amazonaws.com is the load balancer's own name, for which you cannot have a certificate. Put a custom domain name that the certificate carries into Origin Domain, with a DNS record (CNAME or alias) from it to the load balancer; or forward the Host header (origin request policy AllViewer), so that CloudFront asks for www.shop.example itself.
"
        );
    }

    #[test]
    fn an_origin_that_will_fail_is_described_as_it_will_be() {
        let report = shop().serving("192.0.2.1").report();
        assert_eq!(
            text(&report, now(), Some(TWO_MONTHS)).to_string(),
            "\
www.shop.example:443  will fail 2027-01-01 (in 38 days)
  certificate-expired: the end-entity certificate is valid only until 2026-12-31T23:59:59Z
  hint: Renew the certificate and install it on every server behind the origin domain; CloudFront picks it up at its next connection.
"
        );
    }

    #[test]
    fn a_finding_of_some_addresses_is_told_once_and_names_them() {
        let ended = "2026-11-01T23:59:59Z";
        let report = shop()
            .forwarding(&["www.shop.example", "shop.example"])
            .failing("192.0.2.4", &refused())
            .serving_until("192.0.2.1", ended)
            .serving_until("192.0.2.2", ended)
            .serving("192.0.2.3")
            .report();
        assert_eq!(
            text(&report, now(), None).to_string(),
            "\
www.shop.example:443  fails (502) for 6 of 8 endpoints
  certificate-expired: the end-entity certificate is valid only until 2026-11-01T23:59:59Z (at 192.0.2.1, 192.0.2.2)
  hint: Renew the certificate and install it on every server behind the origin domain; CloudFront picks it up at its next connection.
  connection-refused (may fail): 192.0.2.4 port 443: the connection was refused (3 attempts)
  hint: Other addresses of www.shop.example take connections on port 443: make the server at 192.0.2.4 listen there and admit CloudFront in its firewall, or take this address out of DNS.
"
        );
    }

    #[test]
    fn a_notice_is_marked_as_one() {
        let report = shop().forwarding(&["old.shop.example"]).serving("192.0.2.1").report();
        assert_eq!(
            text(&report, now(), None).to_string(),
            "\
www.shop.example:443  answers until 2026-12-31 (in 38 days)
  notice host-not-in-certificate: Host old.shop.example is forwarded, but the certificate names only the origin domain www.shop.example
  hint: Add the viewers' host name to the origin's certificate.
"
        );
    }

    #[test]
    fn what_is_not_covered_is_said_once() {
        let good = Arc::new(shop().serving("192.0.2.1").report());
        let answers = "www.shop.example:443  answers until 2026-12-31 (in 38 days)\n";
        let not_covered = "not covered: the origin's own HTTP status, edge functions, a response \
                           slower than the response timeout (504), cut off or malformed (502), \
                           firewalls by source address, keep-alive races\n";
        let bad = Arc::new(shop().failing("192.0.2.1", &refused()).report());
        let fails = text(&bad, now(), None).to_string();
        for (reports, expected) in [
            (vec![], String::new()),
            (vec![Arc::clone(&bad)], fails.clone()),
            (vec![Arc::clone(&good)], format!("{answers}  {not_covered}")),
            (vec![Arc::clone(&good), bad, good], format!("{answers}{fails}{answers}{not_covered}")),
        ] {
            assert_eq!(texts(&reports, now(), None).to_string(), expected);
        }
    }
}
