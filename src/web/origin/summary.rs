//! The verdict in one sentence, and the changes that fix it.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::report::{KnownFrom, Merged, OriginView, Remedies, Report, doubts, merge};
use crate::rules::Effect;
use crate::verdict::{Answer, Finding, Share};

use super::super::format::{capital, day, prose, remedy, verdict, when};
use super::super::{address, rules};

/// Returns the first sections of the page.
pub(super) fn section(report: &Report, view: &OriginView<'_>, now: Timestamp) -> Markup {
    let mut notices = merge(&report.verdict.findings);
    notices.retain(|merged| merged.finding.effect == Effect::Notice);
    let remedies = view.remedies();
    html! {
        section.story aria-label="Verdict" {
            p.lead { (verdict(view, now)) " " (sentence(report, view, now)) }
            @if let Remedies::Now(causes) = &remedies {
                @for cause in causes.iter().take(1) { p.fact { (prose(&capital(&cause.finding.detail))) "." } }
            }
        }
        @match &remedies {
            Remedies::Now(causes) => {
                section {
                    h2 { "What to change" }
                    (changes(causes, report, true))
                }
            }
            Remedies::BeforeThen(findings) => {
                section {
                    h2 { "What to change before then" }
                    (changes(&merge(findings)[..1], report, false))
                }
            }
            Remedies::RenewalDue(at) => {
                p { "Nothing to do; renewal is due from " time datetime=(at) { (day(*at)) } "." }
            }
            Remedies::Nothing => {}
        }
        @if !notices.is_empty() {
            section {
                h2 { "Notices" }
                (changes(&notices, report, false))
            }
        }
    }
}

/// Returns the verdict in one sentence.
fn sentence(report: &Report, view: &OriginView<'_>, now: Timestamp) -> Markup {
    match view.answer {
        Answer::Fails => html! {
            @match view.endpoints {
                Share { failing, judged } if failing < judged => {
                    "CloudFront cannot establish a TLS connection to "
                    (failing) " of " (judged) " endpoints of this origin: "
                }
                _ if report.divided().next().is_some() => {
                    "Some of CloudFront's connections to this origin fail: "
                }
                _ => "CloudFront cannot establish a TLS connection to this origin: ",
            }
            @match view.status {
                Some(504) => "viewers get 504 (Gateway Timeout)",
                _ => "viewers get 502 (Bad Gateway)",
            }
            @if let Some(failing) = view.failing {
                ", since " (when(failing.at, now))
                @if failing.known_from == KnownFrom::Probe { " or earlier" }
            }
            "."
        },
        Answer::Answers => html! {
            "CloudFront can establish a TLS connection"
            @match view.first_failure {
                Some(at) => { " until " (when(at, now)) "." }
                None => ".",
            }
        },
        Answer::Undecided => html! {
            "It is inconclusive whether CloudFront can establish a TLS connection: "
            @for (position, (_, words)) in doubts(report).iter().enumerate() {
                @if position > 0 { "; " }
                (words)
            }
            "."
            @if let Some(at) = view.first_failure { " It will fail " (when(at, now)) " in any case." }
        },
        Answer::NotApplicable(reason) => html! {
            "There is no TLS connection to judge: " (reason.as_str()) "."
        },
    }
}

fn changes(findings: &[Merged<'_>], report: &Report, first_is_said: bool) -> Markup {
    html! {
        ol.changes {
            @for (position, merged) in findings.iter().take(SHOWN).enumerate() {
                li { (change(merged, report, position, position == 0 && first_is_said)) }
            }
        }
        @if findings.len() > SHOWN { p { "and " (findings.len() - SHOWN) " more findings" } }
    }
}

fn change(merged: &Merged<'_>, report: &Report, position: usize, is_said: bool) -> Markup {
    let finding: &Finding = merged.finding;
    let rule = finding.rule;
    let id = format!("remedy-{}-{position}", finding.effect.as_str());
    html! {
        h3 {
            (rule.title)
            @if finding.effect == Effect::MayFail { " " span.verdict.undecided { "may fail" } }
        }
        @let places = merged.places(&report.observation);
        // The fact at the top of the page is not repeated.
        @if !is_said || places.is_some() {
            p {
                (prose(&capital(&finding.detail)))
                @if let Some(places) = places { " (" (places) ")" }
                "."
            }
        }
        (remedy(&finding.remedy, &id))
        dl.facts {
            dt { "Setting" } dd { (finding.repair.setting()) }
            dt { "Rule" }
            dd {
                a href=(address::of_rule(rule.name)) { (rule.name) }
                ": explanation and repair"
                @if finding.repair.on_servers().next().is_some() { " for each server" }
            }
        }
        @if position == 0 && finding.effect != Effect::Notice { (rules::repair_in_short(finding.repair)) }
    }
}

/// Further findings are variations.
const SHOWN: usize = 12;
