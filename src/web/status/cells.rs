//! The cells of the list for one origin.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::chain::printable;
use crate::impact::Outlook;
use crate::origin::Origin;
use crate::report::{FailingSince, KnownFrom, Merged, OriginView, Report, State, doubts, merge};
use crate::rules::{Effect, UndecidedReason};
use crate::verdict::{Answer, Share};

use super::super::address;
use super::super::format::{self, distance, instant, prose};
use super::super::viewers::{PathOutlook, hosts};

/// Returns the heading above the origins with a state.
pub(super) fn heading(state: State) -> &'static str {
    match state {
        State::Fails => "Fails now",
        State::FailsSoon => "Will fail next: renewal overdue",
        State::Undecided => "Undecided",
        State::Answers => "Answers",
        State::NotApplicable => "Not applicable",
    }
}

pub(super) fn verdict(view: &OriginView<'_>, now: Timestamp) -> Markup {
    let doubts = view.report.map_or_else(
        || vec![(UndecidedReason::NotProbedYet, "the first probe has not finished".to_owned())],
        doubts,
    );
    html! {
        (format::verdict(view, now))
        @for (reason, words) in doubts {
            div.quiet.small title=(printable(&words, LONGEST)) { (reason) }
        }
    }
}

pub(super) fn causes(origin: &Origin, report: Option<&Report>) -> Markup {
    let Some(report) = report else { return html! { span.quiet { "Not probed yet" } } };
    if let Answer::NotApplicable(reason) = report.verdict.conclusion.answer {
        return html! { span.quiet { (reason.as_str()) } };
    }
    let causes = merge(&report.verdict.findings);
    let place = address::of_origin(&origin.key);
    html! {
        @for (position, cause) in causes.iter().take(CAUSES).enumerate() {
            (one_cause(cause, report))
            @if position == 0 && cause.finding.effect == Effect::Fails {
                p.hint { (prose(&printable(&cause.finding.remedy, LONGEST_HINT))) }
            }
        }
        @if causes.len() > CAUSES {
            p.cause { a href=(place) { (causes.len() - CAUSES) " more" } }
        }
        @if causes.is_empty() { span.quiet { "–" } }
    }
}

fn one_cause(cause: &Merged<'_>, report: &Report) -> Markup {
    let finding = cause.finding;
    html! {
        p.cause.(finding.effect.as_str()) {
            a.rule href=(address::of_rule(finding.rule.name)) { (finding.rule.name) } " "
            @match finding.effect {
                Effect::Fails => "",
                Effect::MayFail => span.quiet { "may fail: " },
                Effect::Notice => span.quiet { "notice: " },
            }
            span.name { (prose(&printable(&finding.detail, LONGEST))) }
            @if let Some(places) = cause.places(&report.observation) {
                " " span.quiet { "(" (printable(&places, LONGEST)) ")" }
            }
        }
    }
}

pub(super) fn first_failure(view: &OriginView<'_>, now: Timestamp) -> Markup {
    html! {
        @match (view.failing, view.first_failure) {
            (Some(FailingSince { at, known_from }), _) => {
                strong { (distance(at, now)) }
                div.quiet.small {
                    @match known_from {
                        KnownFrom::Date => "failing since ",
                        KnownFrom::Probe => "failing since, as seen, ",
                    }
                    (instant(at))
                }
            }
            (None, Some(first)) => {
                @if view.state == State::FailsSoon { strong { (distance(first, now)) } } @else { (distance(first, now)) }
                div.quiet.small { (instant(first)) }
            }
            (None, None) => { span.quiet { "–" } }
        }
    }
}

pub(super) fn addresses(view: &OriginView<'_>) -> Markup {
    html! {
        @match view.addresses() {
            Share { judged: 0, .. } => { span.quiet { "–" } }
            Share { failing: 0, judged } => { span.quiet { "0 of " (judged) } }
            Share { failing, judged } => { (failing) " of " (judged) }
        }
    }
}

/// Returns the path patterns that lead to the origin, each with its impact on viewers, if any.
pub(super) fn viewers(paths: &[PathOutlook]) -> Markup {
    let hosts: Vec<&str> = hosts(paths).into_iter().collect();
    html! {
        @for path in paths.iter().take(PATHS) {
            div {
                code { (printable(&path.path_pattern, LONGEST_PATH)) }
                @if let Some(words) = outlook(path) { " " span.outlook.(path.outlook.as_str()) { (words) } }
            }
        }
        @if paths.len() > PATHS { div.quiet.small { (paths.len() - PATHS) " more" } }
        @if let Some((first, others)) = hosts.split_first() {
            div.quiet.small {
                "on " (first)
                @if !others.is_empty() { " and " (others.len()) " more" }
            }
        }
        @if paths.is_empty() { span.quiet { "–" } }
    }
}

fn outlook(path: &PathOutlook) -> Option<String> {
    match path.outlook {
        Outlook::NotApplicable | Outlook::Answers => None,
        Outlook::AtRisk => Some("secondary fails".to_owned()),
        Outlook::Degraded => Some("served by secondary".to_owned()),
        Outlook::Undecided => Some("may fail".to_owned()),
        Outlook::Fails => Some(match path.status {
            Some(status) => format!("get {status}"),
            None => "get an error".to_owned(),
        }),
    }
}

/// Further causes are shown on the origin's own page.
const CAUSES: usize = 2;
/// More would make the row too high.
const PATHS: usize = 4;
/// In characters; CloudFront accepts up to 255.
const LONGEST_PATH: usize = 48;
/// In characters; the origin's own page has the full text.
const LONGEST: usize = 240;
/// The longest hint in characters: every remedy with names of usual length is shown in full.
const LONGEST_HINT: usize = 1_024;
