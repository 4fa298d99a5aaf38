//! The status list: every origin, the failing ones first.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::Answer;
use crate::report::Endpoint;
use crate::report::Entry;
use crate::report::Merged;
use crate::report::NOT_COVERED;
use crate::report::Report;
use crate::report::Reports;
use crate::report::merge;
use crate::rules::Effect;
use crate::rules::UndecidedReason;

use super::Refusal;
use super::SourceStatus;
use super::layout;
use super::layout::Place;
use super::sources;

/// Returns the page, as of `now`.
pub(super) fn page(
    reports: &Reports,
    refusal: Option<&Refusal>,
    sources: &[SourceStatus],
    now: Timestamp,
) -> Markup {
    let entries = reports.entries();
    let mut rows: Vec<Row<'_>> = entries.iter().map(|entry| Row::new(entry)).collect();
    rows.sort_by_cached_key(|row| {
        let first_failure = row.first_failure();
        (row.standing(), first_failure.is_none(), first_failure, &row.entry.origin.key)
    });
    let standing = |standing| rows.iter().filter(|row| row.standing() == standing).count();
    let content = html! {
        @if let Some(refusal) = refusal {
            section.alarm role="alert" {
                p {
                    strong { "The configuration was refused" } " at " (instant(refusal.at))
                    ". What is shown goes by the one before."
                }
                pre { (refusal.reason) }
            }
        }
        @for source in sources { (sources::trouble(source)) }
        p {
            (rows.len()) " origins: "
            span.fails { (standing(Standing::Fails)) " failing" } ", "
            span.undecided { (standing(Standing::Undecided)) " undecided" } ", "
            span.answers { (standing(Standing::Answers)) " answering" } ", "
            (standing(Standing::NotApplicable)) " not applicable; as of " (instant(now)) "."
        }
        p.quiet { (NOT_COVERED) "." }
        (sources::list(sources))
        div class="wide" {
            table {
                thead {
                    tr {
                        th { "Verdict" }
                        th { "Origin" }
                        th { "Address" }
                        th { "Cause" }
                        th { "First failure" }
                        th { "Addresses failing" }
                        th { "Last probe" }
                    }
                }
                tbody {
                    @for row in rows.iter().take(ROWS) { (row.markup()) }
                }
            }
        }
        @if rows.len() > ROWS {
            p { "Not shown: " (rows.len() - ROWS) " more origins, none in a worse state." }
        }
    };
    layout::page(Place::Origins, "Origins", content)
}

/// One origin and its report.
#[derive(Debug)]
struct Row<'a> {
    entry: &'a Entry,
    report: Option<Arc<Report>>,
}

/// The order of the list, and what the counts count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Fails,
    Undecided,
    Answers,
    NotApplicable,
}

impl<'a> Row<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self { entry, report: entry.latest() }
    }

    fn standing(&self) -> Standing {
        match self.report.as_ref().map(|report| report.verdict.conclusion.answer) {
            Some(Answer::Fails) => Standing::Fails,
            Some(Answer::Undecided) | None => Standing::Undecided,
            Some(Answer::Answers) => Standing::Answers,
            Some(Answer::NotApplicable(_)) => Standing::NotApplicable,
        }
    }

    fn first_failure(&self) -> Option<Timestamp> {
        self.report.as_ref()?.first_failure
    }

    fn markup(&self) -> Markup {
        let origin = &self.entry.origin;
        html! {
            tr {
                td { (self.verdict()) }
                td { (origin.key) }
                td { (origin.domain()) ":" (origin.https_port) }
                @match &self.report {
                    Some(report) => {
                        td { (causes(report)) }
                        td { (first_failure(report)) }
                        td { (addresses_failing(report)) }
                        td { (instant(report.probed_at())) }
                    }
                    None => {
                        td { "it has not been probed yet" }
                        td { "–" }
                        td { "–" }
                        td { "–" }
                    }
                }
            }
        }
    }

    fn verdict(&self) -> Markup {
        let Some(report) = &self.report else {
            return html! { span.undecided { "undecided" } ": " (UndecidedReason::NotProbedYet) };
        };
        let conclusion = &report.verdict.conclusion;
        match conclusion.answer {
            Answer::Fails => html! {
                span.fails { "fails" }
                @if let Some(status) = conclusion.status { " with " (status) }
            },
            Answer::Undecided => html! {
                span.undecided { "undecided" }
                @for (position, reason) in conclusion.undecided_reasons.iter().enumerate() {
                    (if position == 0 { ": " } else { ", " }) (reason)
                }
            },
            Answer::Answers => html! { span.answers { "answers" } },
            Answer::NotApplicable(_) => html! { "not applicable" },
        }
    }
}

fn causes(report: &Report) -> Markup {
    if let Answer::NotApplicable(reason) = report.verdict.conclusion.answer {
        return html! { (reason.as_str()) };
    }
    let causes = merge(&report.verdict.findings);
    html! {
        @for cause in causes.iter().take(CAUSES) { (one_cause(cause, report)) }
        @if causes.len() > CAUSES { p.cause { "and " (causes.len() - CAUSES) " more" } }
        @if causes.is_empty() { "–" }
    }
}

fn one_cause(cause: &Merged<'_>, report: &Report) -> Markup {
    let finding = cause.finding;
    html! {
        p.cause {
            @if finding.effect != Effect::Fails { (finding.effect) " " }
            a href=(finding.rule.citation) { (finding.rule.id) }
            ": " (finding.detail)
            @if let Some(places) = cause.places(&report.observation) { " (" (places) ")" }
            br;
            span.quiet { "hint: " (finding.remedy) }
        }
    }
}

fn first_failure(report: &Report) -> Markup {
    match (report.failing_since, report.first_failure) {
        (Some(since), _) => html! { "failing since " (instant(since)) },
        (None, Some(first)) => html! { "will fail " (instant(first)) },
        (None, None) => html! { "–" },
    }
}

/// An address counts once, however many server names fail there.
fn addresses_failing(report: &Report) -> Markup {
    let endpoints = report.observation.endpoints.iter();
    let probed: BTreeSet<IpAddr> =
        endpoints.filter(|each| each.was_probed()).map(|each: &Endpoint| each.address).collect();
    let findings = report.verdict.findings.iter();
    let failing: BTreeSet<IpAddr> = findings
        .filter(|finding| finding.counts_as_failing)
        .filter_map(|finding| finding.address)
        .collect();
    html! {
        @if probed.is_empty() { "–" } @else { (failing.len()) " of " (probed.len()) }
    }
}

/// Writes an instant as RFC 3339, to the second.
pub(super) fn instant(at: Timestamp) -> Markup {
    let text = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    html! { time datetime=(text) { (text) } }
}

/// What a browser shows at ease; the metrics have all of them.
const ROWS: usize = 1000;
/// The rest are variations.
const CAUSES: usize = 6;
