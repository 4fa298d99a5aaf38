use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use origin_probe::origin::{ProtocolPolicy, Usage};
use origin_probe::report::{FailingSince, KnownFrom, OriginView, Outcome, Remedies, Report, State};
use origin_probe::verdict::{Answer, Share};

use crate::common::by_hand::{refusal, silence};
use crate::report::sample::{Sample, now};

const DAY: Duration = Duration::from_secs(86_400);
const ENDED: &str = "2026-11-14T00:00:00Z";

fn shop() -> Sample {
    Sample::of("www.shop.example")
}

/// An alias over three addresses, one of them failing. The endpoints under the distribution's
/// own domain, which viewers of the alias do not use, are not counted.
#[test]
fn endpoints_under_an_unused_name_are_not_counted() {
    let mut sample = shop().forwarding(&["www.shop.example", "d111.cloudfront.net"]);
    sample.origin.targets[1].usage = Usage::OwnDomain;
    let sample = sample.serving_until("192.0.2.1", ENDED);
    let report = sample.serving("192.0.2.2").serving("192.0.2.3").report();
    let view = report.view();
    assert_eq!(view.endpoints, Share { failing: 1, judged: 3 });
    assert_eq!(view.addresses(), Share { failing: 1, judged: 3 });
    assert_eq!(report.verdict.conclusion.failing_ratio, Some(1.0 / 3.0));
    let json = serde_json::to_value(origin_probe::report::OriginJson::new(&report)).unwrap();
    assert_eq!(json["failing_ratio"], 1.0 / 3.0);
}

#[test]
fn a_failure_that_a_date_causes_began_then() {
    let since = |report: &Report| report.view().failing;
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let by_date = |text| Some(FailingSince { at: at(text), known_from: KnownFrom::Date });
    let seen = |at| Some(FailingSince { at, known_from: KnownFrom::Probe });
    let expired = || shop().serving_until("192.0.2.1", ENDED);
    let later = now() + SignedDuration::from_hours(1);
    for (story, sample, expected) in [
        ("expired", expired(), by_date("2026-11-14T00:00:01Z")),
        ("refused", shop().failing("192.0.2.1", &refusal()), seen(now())),
        ("expired, and for another name", expired().renamed("other.example"), seen(now())),
        ("answers", shop().serving("192.0.2.1"), None),
    ] {
        let first = sample.report();
        assert_eq!(since(&first), expected, "{story}");
        // The next probe has the same result.
        let next = Report::new(Some(&first.brief), Arc::clone(&first.observation), later);
        assert_eq!(since(&next), expected, "{story}");
    }
    // An expired certificate that replaced a good one fails from then on.
    let good = shop().serving("192.0.2.1").report();
    let replaced = expired().report_at(later).observation;
    assert_eq!(since(&Report::new(Some(&good.brief), replaced, later)), seen(later));
}

#[test]
fn soon_is_when_the_renewal_is_late_whatever_the_lifetime() {
    for (not_after, state) in [
        ("2026-12-31T23:59:59Z", State::Answers),
        ("2026-12-04T00:00:00Z", State::FailsSoon),
        (ENDED, State::Fails),
    ] {
        let report = shop().serving_until("192.0.2.1", not_after).report();
        assert_eq!(report.view().state, state, "{not_after}");
    }
    // Two of its eight days have passed, which is normal for such a certificate.
    let report =
        shop().serving_from("192.0.2.1", "2026-11-22T00:00:00Z", "2026-11-30T00:00:00Z").report();
    assert_eq!(report.view().state, State::Answers);
}

#[test]
fn before_the_warning_there_is_nothing_to_do() {
    let due = "2026-12-10T23:59:59Z".parse().unwrap();
    let of = |sample: Sample| match sample.report().view().remedies() {
        Remedies::Now(causes) => format!("now {}", causes[0].finding.rule.name),
        Remedies::BeforeThen(findings) => format!("before {}", findings[0].rule.name),
        Remedies::RenewalDue(at) => format!("due {}", at == due),
        Remedies::Nothing => "nothing".to_owned(),
    };
    for (sample, expected) in [
        (shop().serving("192.0.2.1"), "due true"),
        (shop().serving_until("192.0.2.1", "2026-12-04T00:00:00Z"), "before certificate-expired"),
        (shop().serving_until("192.0.2.1", ENDED), "now certificate-expired"),
        (shop(), "nothing"),
    ] {
        assert_eq!(of(sample), expected);
    }
}

#[test]
fn an_origin_is_overdue_after_three_intervals_and_ten_minutes() {
    let report = shop().serving("192.0.2.1").report();
    let interval = i64::try_from(report.origin.interval.as_secs()).unwrap();
    let mut http = shop();
    http.origin.protocol_policy = ProtocolPolicy::HttpOnly;
    let http = http.report();
    for (seconds, expected) in [(0, false), (3 * interval + 600, false), (3 * interval + 601, true)]
    {
        let later = now() + SignedDuration::from_secs(seconds);
        assert_eq!(report.view().is_overdue(later), expected, "{seconds}");
        assert!(!http.view().is_overdue(later));
        assert!(!OriginView::new(&report.origin, None).is_overdue(later));
    }
}

#[test]
fn an_origin_that_will_fail_within_the_time_asked_about_fails() {
    let answering = shop().serving("192.0.2.1").report();
    let silent = shop().failing("192.0.2.1", &silence()).report();
    let half = shop().serving("192.0.2.1").failing("192.0.2.2", &silence()).report();
    let failing = Sample::of("other.example").serving("192.0.2.1").report();
    for (report, within, outcome) in [
        (&answering, None, Outcome::Answers),
        (&answering, Some(DAY * 38 - Duration::from_secs(1)), Outcome::Answers),
        (&answering, Some(DAY * 38), Outcome::Fails),
        (&answering, Some(Duration::MAX), Outcome::Fails),
        (&silent, Some(DAY * 99), Outcome::Undecided),
        (&half, None, Outcome::Undecided),
        (&half, Some(DAY * 99), Outcome::Fails),
        (&failing, None, Outcome::Fails),
    ] {
        assert_eq!(Outcome::of(report, now(), within), outcome, "{within:?}");
    }
    let mut sample = shop().serving("192.0.2.1");
    sample.origin.protocol_policy = ProtocolPolicy::HttpOnly;
    let after_its_end: Timestamp = "2027-02-01T00:00:00Z".parse().unwrap();
    let report = sample.report_at(after_its_end);
    assert!(matches!(report.view().answer, Answer::NotApplicable(_)));
    assert_eq!(Outcome::of(&report, after_its_end, Some(DAY)), Outcome::Answers);
}

#[test]
fn failing_outweighs_undecided_and_that_outweighs_answering() {
    for (outcomes, worst, exit_code) in [
        (vec![], Outcome::Answers, 0),
        (vec![Outcome::Answers], Outcome::Answers, 0),
        (vec![Outcome::Undecided, Outcome::Answers], Outcome::Undecided, 2),
        (vec![Outcome::Undecided, Outcome::Fails, Outcome::Answers], Outcome::Fails, 1),
    ] {
        assert_eq!(Outcome::worst(outcomes), worst);
        assert_eq!(worst.exit_code(), exit_code);
    }
}
