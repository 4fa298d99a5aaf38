//! The command line's text: status, cause and remedy of an origin, and a one-line summary of
//! several.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::chain::printable;
use crate::rules::Effect;
use crate::verdict::{Answer, Connections, Finding, Share};

use super::places::merge;
use super::relative::relative;
use super::{Line, OriginView, Report, Role, State, Text, doubts};

/// The causes of errors that a verdict of "answers" does not rule out.
pub const NOT_COVERED: &str = "not covered: HTTP errors from the origin itself, edge functions, \
                               slow responses (504), truncated or malformed responses (502), \
                               firewalls that block only CloudFront, idle connections that the \
                               origin closes too early";

/// Returns one line with the verdict, and two lines for each distinct finding: the fact and the
/// remedy.
///
/// An origin that will fail at most `within` after `now` is described as it will be then.
pub fn text(report: &Report, now: Timestamp, within: Option<Duration>) -> Text {
    let (mut text, view) = (Text::default(), report.view());
    text.push(state(name(report), report, view, now, within));
    let described = view.described(now, within);
    let findings = described.as_ref().map(|(verdict, _)| merge(&verdict.findings));
    for merged in findings.unwrap_or_default() {
        let finding = merged.finding;
        let fact = Line::indented(2).with(Role::of(finding.effect), label(finding));
        let fact = fact.with(Role::Plain, ": ");
        let fact = fact.with(Role::Plain, &finding.detail);
        text.push(match merged.places(&report.observation) {
            Some(places) => fact.with(Role::Plain, " ").with(Role::Aside, format!("({places})")),
            None => fact,
        });
        let hint = Line::indented(2).with(Role::Hint, "hint:").with(Role::Plain, " ");
        text.push(hint.with(Role::Plain, finding.remedy_read_in(report.read_in)));
    }
    for (endpoint, Connections { seen, failed }) in report.divided().take(MOST_SHARES) {
        let words = format!("{}: {failed} of {seen} connections failed", endpoint.address);
        text.push(Line::indented(2).with(Role::Aside, words));
    }
    let remembered = report.remembered();
    if !remembered.is_empty() {
        let some: Vec<String> =
            remembered.iter().take(MOST_SHARES).map(ToString::to_string).collect();
        let more = if remembered.len() > MOST_SHARES { " and more" } else { "" };
        let words = format!("not in the last DNS answer: {}{more}", some.join(", "));
        text.push(Line::indented(2).with(Role::Aside, words));
    }
    if let Some(words) = report.chains_not_kept() {
        text.push(Line::indented(2).with(Role::Aside, words));
    }
    text
}

/// Returns the texts of several origins, followed once by [`NOT_COVERED`] if any of them answers.
pub fn texts(reports: &[Arc<Report>], now: Timestamp, within: Option<Duration>) -> Text {
    let mut all = Text::default();
    reports.iter().for_each(|report| all.extend(text(report, now, within)));
    all.lines.extend(not_covered(reports));
    all
}

/// Returns what the verdicts of "answers" do not cover, if there are any.
pub fn not_covered(reports: &[Arc<Report>]) -> Option<Line> {
    let answers = |report: &Arc<Report>| report.verdict.conclusion.answer == Answer::Answers;
    let indent = if reports.len() == 1 { 2 } else { 0 };
    let line = || Line::indented(indent).with(Role::Aside, NOT_COVERED);
    reports.iter().any(answers).then(line)
}

/// Returns the origin's id, if it differs from the domain, its place, and an alias that leads to
/// it.
fn name(report: &Report) -> Line {
    let origin = &*report.origin;
    let place = format!("{}:{}", origin.domain(), origin.https_port);
    let line = match short_name(report) {
        Some(id) => {
            Line::new().with(Role::Name, id).with(Role::Plain, "  ").with(Role::Plain, place)
        }
        None => Line::new().with(Role::Name, place),
    };
    match origin.alias() {
        Some(alias) => line.with(Role::Plain, format!(" (alias {alias})")),
        None => line,
    }
}

/// Returns the origin's id, if it differs from the domain.
fn short_name(report: &Report) -> Option<String> {
    let id = report.origin.key.to_string();
    (id != report.origin.domain().as_str()).then(|| printable(&id, LONGEST_ID))
}

fn state(
    line: Line,
    report: &Report,
    view: OriginView<'_>,
    now: Timestamp,
    within: Option<Duration>,
) -> Line {
    let line = line.with(Role::Plain, "  ");
    let soon = view
        .fails_within(now, within)
        .map(|at| format!("will fail {} ({})", day(at), relative(at, now)));
    match view.answer {
        Answer::Fails => {
            let status = view.status.map(|s| format!(" ({s})")).unwrap_or_default();
            let share = match view.endpoints {
                Share { failing, judged }
                    if failing == judged && report.divided().next().is_some() =>
                {
                    " for some connections".to_owned()
                }
                Share { failing, judged } if failing < judged => {
                    let places = match report.origin.targets.len() {
                        1 => "addresses",
                        _ => "endpoints (address and server name)",
                    };
                    format!(" for some requests, at {failing} of {judged} {places}")
                }
                _ => String::new(),
            };
            line.with(Role::Bad, format!("fails{status}")).with(Role::Plain, share)
        }
        Answer::Answers => match (soon, view.first_failure) {
            (Some(soon), _) => line.with(Role::Doubtful, soon),
            (None, Some(at)) => {
                let last_second = at.checked_sub(SignedDuration::from_secs(1)).unwrap_or(at);
                let until = format!(" until {} ({})", day(last_second), relative(last_second, now));
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

fn label(finding: &Finding) -> String {
    let id = finding.rule.name;
    match finding.effect {
        Effect::Fails => id.to_owned(),
        Effect::MayFail => format!("{id} (CloudFront may fail)"),
        Effect::Notice => format!("notice {id}"),
    }
}

pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Returns the counts by state and the next origin to fail; `None` for a single origin, whose own
/// text says it all.
pub fn summary(reports: &[Arc<Report>], now: Timestamp, within: Option<Duration>) -> Option<Line> {
    if reports.len() < 2 {
        return None;
    }
    let states: Vec<State> =
        reports.iter().map(|report| report.view().state_within(now, within)).collect();
    let mut line = Line::new().with(Role::Name, format!("{} origins", reports.len()));
    let mut mark = ": ";
    for (state, role, one, many) in WORDS {
        let count = states.iter().filter(|each| **each == state).count();
        if count > 0 {
            let words = format!("{count} {}", if count == 1 { one } else { many });
            line = line.with(Role::Plain, mark).with(role, words);
            mark = ", ";
        }
    }
    let coming = |report: &Arc<Report>| report.view().fails_within(now, Some(Duration::MAX));
    let all = reports.iter().filter_map(|report| Some((coming(report)?, report)));
    Some(match all.min_by_key(|(at, _)| *at) {
        Some((at, report)) => {
            let domain = || report.origin.domain().to_string();
            let name = short_name(report).unwrap_or_else(domain);
            let line = line.with(Role::Plain, "; next to fail: ").with(Role::Name, name);
            line.with(Role::Plain, format!(" {} ({})", day(at), relative(at, now)))
        }
        None => line,
    })
}

/// The states, with the words for one origin and for several.
const WORDS: [(State, Role, &str, &str); 5] = [
    (State::Fails, Role::Bad, "fails", "fail"),
    (State::FailsSoon, Role::Doubtful, "will fail within that time", "will fail within that time"),
    (State::Undecided, Role::Doubtful, "undecided", "undecided"),
    (State::Answers, Role::Good, "answers", "answer"),
    (State::NotApplicable, Role::Notice, "not applicable", "not applicable"),
];

/// More addresses are on the origin's page and in JSON.
const MOST_SHARES: usize = 8;

/// Ids come from outside; this length is enough to recognise one.
const LONGEST_ID: usize = 128;
