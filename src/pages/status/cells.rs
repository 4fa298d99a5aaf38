//! What the list says of one origin, cell by cell.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::impact::Outlook;
use crate::report::Answer;
use crate::report::Merged;
use crate::report::Report;
use crate::report::doubts;
use crate::report::merge;
use crate::report::printable;
use crate::rules::Effect;
use crate::rules::UndecidedReason;

use super::super::address;
use super::super::question::AddressesFailing;
use super::super::question::Group;
use super::super::question::Row;
use super::super::time::distance;
use super::super::time::instant;
use super::super::viewers::PathOutlook;
use super::super::viewers::hosts;

/// Returns the heading above origins of a group.
pub(super) fn heading(group: Group) -> &'static str {
    match group {
        Group::FailsNow => "Fails now",
        Group::FailsNext => "Will fail next: renewal is overdue",
        Group::Undecided => "Undecided",
        Group::Answers => "Answers",
        Group::NotApplicable => "Not applicable",
    }
}

pub(super) fn verdict(row: &Row) -> Markup {
    let answer = row.answer();
    let conclusion = row.report.as_ref().map(|report| &report.verdict.conclusion);
    let doubts = row.report.as_deref().map_or_else(
        || vec![(UndecidedReason::NotProbedYet, "its first probe has not ended".to_owned())],
        doubts,
    );
    html! {
        span.verdict.(answer.as_str()) {
            @match answer {
                Answer::NotApplicable(_) => "not applicable",
                _ => (answer.as_str()),
            }
            @if let Some(status) = conclusion.and_then(|conclusion| conclusion.status) {
                " " (status)
            }
        }
        @for (reason, words) in doubts {
            div.quiet.small title=(printable(&words, LONGEST)) { (reason) }
        }
    }
}

pub(super) fn causes(row: &Row) -> Markup {
    let Some(report) = &row.report else { return html! { span.quiet { "Not probed yet" } } };
    if let Answer::NotApplicable(reason) = report.verdict.conclusion.answer {
        return html! { span.quiet { (reason.as_str()) } };
    }
    let causes = merge(&report.verdict.findings);
    let place = address::of_origin(&row.entry.origin.key);
    html! {
        @for (position, cause) in causes.iter().take(CAUSES).enumerate() {
            (one_cause(cause, report))
            @if position == 0 && cause.finding.effect == Effect::Fails {
                p.hint { (printable(&cause.finding.remedy, LONGEST)) }
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
            a.rule href=(address::of_rule(finding.rule.id)) { (finding.rule.id) } " "
            @match finding.effect {
                Effect::Fails => "",
                Effect::MayFail => span.quiet { "may fail: " },
                Effect::Notice => span.quiet { "notice: " },
            }
            span.name { (printable(&finding.detail, LONGEST)) }
            @if let Some(places) = cause.places(&report.observation) {
                " " span.quiet { "(" (printable(&places, LONGEST)) ")" }
            }
        }
    }
}

pub(super) fn first_failure(row: &Row, now: Timestamp) -> Markup {
    html! {
        @match (row.failing_since(), row.first_failure()) {
            (Some(since), _) => {
                strong { (distance(since, now)) }
                div.quiet.small { (instant(since)) }
            }
            (None, Some(first)) => {
                @if row.group() == Group::FailsNext { strong { (distance(first, now)) } } @else { (distance(first, now)) }
                div.quiet.small { (instant(first)) }
            }
            (None, None) => { span.quiet { "–" } }
        }
    }
}

pub(super) fn addresses(row: &Row) -> Markup {
    html! {
        @match row.addresses() {
            Some(AddressesFailing { failing: 0, probed }) => { span.quiet { "0 of " (probed) } }
            Some(AddressesFailing { failing, probed }) => { (failing) " of " (probed) }
            None => { span.quiet { "–" } }
        }
    }
}

/// Returns the path patterns that lead there, and what their viewers get where that is not what
/// they came for.
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
        Outlook::AtRisk => Some("stand-in fails".to_owned()),
        Outlook::Degraded => Some("by stand-in".to_owned()),
        Outlook::Undecided => Some("may fail".to_owned()),
        Outlook::Fails => Some(match path.status {
            Some(status) => format!("get {status}"),
            None => "get an error".to_owned(),
        }),
    }
}

/// The rest stand on the origin's own page.
const CAUSES: usize = 2;
/// More would make a row high.
const PATHS: usize = 4;
/// In characters; CloudFront takes up to 255.
const LONGEST_PATH: usize = 48;
/// In characters; the origin's own page has the whole.
const LONGEST: usize = 240;
