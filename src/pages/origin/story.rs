//! What is the matter, and what to change.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::Answer;
use crate::report::Finding;
use crate::report::Merged;
use crate::report::Report;
use crate::report::doubts;
use crate::report::merge;
use crate::report::relative;
use crate::rules::Effect;

use super::super::address;
use super::super::rules;
use super::words::foreign;
use super::words::when;

/// Returns the first parts of the page.
pub(super) fn section(report: &Report, now: Timestamp) -> Markup {
    let findings = merge(&report.verdict.findings);
    let (notices, causes): (Vec<_>, Vec<_>) =
        findings.iter().partition(|merged| merged.finding.effect == Effect::Notice);
    let coming = report.coming_findings();
    html! {
        section.story aria-label="What is the matter" {
            p.lead { (pill(report, now)) " " (sentence(report, now)) }
            @for cause in causes.iter().take(1) { p.fact { (capital(&cause.finding.detail)) "." } }
        }
        @if !causes.is_empty() {
            section {
                h2 { "What to change" }
                (changes(&causes, report, true))
            }
        } @else if !coming.is_empty() {
            section {
                h2 { "What to change before then" }
                (changes(&merge(&coming).iter().take(1).collect::<Vec<_>>(), report, false))
            }
        }
        @if !notices.is_empty() {
            section {
                h2 { "Worth knowing" }
                (changes(&notices, report, false))
            }
        }
    }
}

/// The verdict in a word or two.
pub(super) fn pill(report: &Report, now: Timestamp) -> Markup {
    let conclusion = &report.verdict.conclusion;
    match conclusion.answer {
        Answer::Fails => html! {
            span.verdict.fails {
                "fails" @if let Some(status) = conclusion.status { " with " (status) }
            }
        },
        Answer::Undecided => html! { span.verdict.undecided { "undecided" } },
        Answer::NotApplicable(_) => html! { span.verdict { "not applicable" } },
        Answer::Answers => match report.first_failure.filter(|at| is_soon(*at, now)) {
            Some(at) => html! { span.verdict.soon { "fails " (relative(at, now)) } },
            None => html! { span.verdict.answers { "answers" } },
        },
    }
}

fn is_soon(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now).as_hours() < SOON_HOURS
}

/// The verdict in one sentence.
fn sentence(report: &Report, now: Timestamp) -> Markup {
    let conclusion = &report.verdict.conclusion;
    match conclusion.answer {
        Answer::Fails => html! {
            "CloudFront gets no TLS connection "
            (extent(report)) ": "
            @match conclusion.status {
                Some(504) => "viewers get 504 (Gateway Timeout)",
                _ => "viewers get 502 (Bad Gateway)",
            }
            @if let Some(since) = report.failing_since { ", since " (when(since, now)) " at least" }
            "."
        },
        Answer::Answers => html! {
            "CloudFront gets its TLS connection"
            @match report.first_failure {
                Some(at) => { ", and will until " (when(at, now)) "." }
                None => ".",
            }
        },
        Answer::Undecided => html! {
            "Whether CloudFront gets its TLS connection cannot be told from here: "
            @for (position, (_, words)) in doubts(report).iter().enumerate() {
                @if position > 0 { "; " }
                (words)
            }
            "."
            @if let Some(at) = report.first_failure { " It will fail " (when(at, now)) " anyway." }
        },
        Answer::NotApplicable(reason) => html! {
            "There is no TLS connection to judge: " (reason.as_str()) "."
        },
    }
}

/// Whether it fails everywhere.
fn extent(report: &Report) -> String {
    match report.verdict.conclusion.failing_ratio {
        Some(ratio) if ratio < 1.0 => {
            let probed = report.observation.endpoints.iter().filter(|e| e.was_probed()).count();
            let failing = (ratio * probed as f64).round() as usize;
            format!("at {failing} of {probed} endpoints of this origin")
        }
        _ => "to this origin".to_owned(),
    }
}

fn changes(findings: &[&Merged<'_>], report: &Report, first_is_said: bool) -> Markup {
    html! {
        ol.changes {
            @for (position, merged) in findings.iter().take(SHOWN).enumerate() {
                @let is_first = position == 0;
                li { (change(merged, report, is_first, is_first && first_is_said)) }
            }
        }
        @if findings.len() > SHOWN { p { "and " (findings.len() - SHOWN) " more findings" } }
    }
}

fn change(merged: &Merged<'_>, report: &Report, is_first: bool, is_said: bool) -> Markup {
    let finding: &Finding = merged.finding;
    let rule = finding.rule;
    html! {
        h3 {
            (rule.title)
            @if finding.effect == Effect::MayFail { " " span.verdict.undecided { "may fail" } }
        }
        @let places = merged.places(&report.observation);
        // What stands at the top of the page already is not said twice.
        @if !is_said || places.is_some() {
            p {
                (foreign(&capital(&finding.detail)))
                @if let Some(places) = places { " (" (places) ")" }
                "."
            }
        }
        p.remedy { (foreign(&finding.remedy)) }
        dl.facts {
            dt { "Setting" } dd { (finding.repair.setting) }
            dt { "Rule" }
            dd {
                a href=(address::of_rule(rule.id)) { (rule.id) }
                ": why, and how to repair it" @if finding.repair.servers.is_some() { " on each server" }
            }
        }
        @if is_first && finding.effect != Effect::Notice { (rules::repair_in_short(finding.repair)) }
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    // A name keeps its own spelling.
    let is_name = text.split(' ').next().is_some_and(|word| word.contains(['.', '=', ':']));
    match letters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// The rest are variations.
const SHOWN: usize = 12;
/// What fails within two weeks is told with the same urgency as what is undecided.
const SOON_HOURS: i64 = 14 * 24;
