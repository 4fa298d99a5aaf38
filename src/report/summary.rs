//! Many origins in one line: how many fail, and which will be the next.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::verdict::Answer;

use super::Line;
use super::Report;
use super::Role;
use super::outcome::failure_within;
use super::relative::relative;
use super::text::day;
use super::text::short_name;

/// Returns the counts by verdict, and what fails next; `None` where there is one origin only, which
/// has said it all.
pub fn summary(reports: &[Arc<Report>], now: Timestamp, within: Option<Duration>) -> Option<Line> {
    if reports.len() < 2 {
        return None;
    }
    let count = |state| reports.iter().filter(|r| State::of(r, now, within) == state).count();
    let mut line = Line::new().with(Role::Name, format!("{} origins", reports.len()));
    let mut mark = ": ";
    for (state, role, one, many) in WORDS {
        let count = count(state);
        if count > 0 {
            let words = format!("{count} {}", if count == 1 { one } else { many });
            line = line.with(Role::Plain, mark).with(role, words);
            mark = ", ";
        }
    }
    Some(match next(reports, now) {
        Some((at, report)) => {
            let domain = || report.origin.domain().to_string();
            let name = short_name(report).unwrap_or_else(domain);
            let line = line.with(Role::Plain, "; next to fail: ").with(Role::Name, name);
            line.with(Role::Plain, format!(" {} ({})", day(at), relative(at, now)))
        }
        None => line,
    })
}

/// Returns the origin that does not fail yet but will before all others, and when.
fn next(reports: &[Arc<Report>], now: Timestamp) -> Option<(Timestamp, &Arc<Report>)> {
    let coming = |report: &Arc<Report>| failure_within(report, now, Some(Duration::MAX));
    let all = reports.iter().filter_map(|report| Some((coming(report)?, report)));
    all.min_by_key(|(at, _)| *at)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fails,
    WillFail,
    Undecided,
    Answers,
    NotApplicable,
}

impl State {
    fn of(report: &Report, now: Timestamp, within: Option<Duration>) -> Self {
        match report.verdict.conclusion.answer {
            Answer::Fails => Self::Fails,
            _ if failure_within(report, now, within).is_some() => Self::WillFail,
            Answer::Undecided => Self::Undecided,
            Answer::Answers => Self::Answers,
            Answer::NotApplicable(_) => Self::NotApplicable,
        }
    }
}

/// The states in the order of their gravity, with the words for one origin and for several.
const WORDS: [(State, Role, &str, &str); 5] = [
    (State::Fails, Role::Bad, "fails", "fail"),
    (State::WillFail, Role::Doubtful, "will fail in that time", "will fail in that time"),
    (State::Undecided, Role::Doubtful, "undecided", "undecided"),
    (State::Answers, Role::Good, "answers", "answer"),
    (State::NotApplicable, Role::Notice, "not applicable", "not applicable"),
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::observation::Failure;
    use crate::origin::ProtocolPolicy;

    use super::super::sample::Sample;
    use super::super::sample::now;
    use super::summary;

    const FORTY_DAYS: Duration = Duration::from_secs(40 * 86_400);

    #[test]
    fn verdicts_are_counted_and_the_next_failure_is_named() {
        let sample = |id| Sample::of("www.shop.example").with_id(id);
        let refused = || Failure::ConnectionRefused { attempts: 3 };
        let good = Arc::new(sample("good").serving("192.0.2.1").report());
        let soon = sample("soon").serving_until("192.0.2.1", "2026-12-03T23:59:59Z").report();
        let soon = Arc::new(soon);
        let bad = Arc::new(sample("bad").failing("192.0.2.1", &refused()).report());
        let half = sample("half").failing("192.0.2.1", &refused()).serving("192.0.2.2").report();
        let half = Arc::new(half);
        let mut http = sample("http");
        http.origin.protocol_policy = ProtocolPolicy::HttpOnly;
        let http = Arc::new(http.report());
        for (reports, within, expected) in [
            (vec![], None, None),
            (vec![&bad], None, None),
            (vec![&bad, &bad], None, Some("2 origins: 2 fail")),
            (
                vec![&good, &bad, &soon, &half, &http],
                None,
                Some(
                    "5 origins: 1 fails, 1 undecided, 2 answer, 1 not applicable; \
                     next to fail: soon 2026-12-04 (in 10 days)",
                ),
            ),
            (
                vec![&good, &soon, &half],
                Some(FORTY_DAYS),
                Some(
                    "3 origins: 3 will fail in that time; next to fail: soon 2026-12-04 (in 10 days)",
                ),
            ),
        ] {
            let reports: Vec<_> = reports.into_iter().map(Arc::clone).collect();
            let line = summary(&reports, now(), within).map(|line| line.to_string());
            assert_eq!(line.as_deref(), expected);
        }
    }
}
