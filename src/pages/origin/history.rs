//! What became of the origin since this process watches it.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::Answer;
use crate::report::Report;
use crate::report::Stretch;

use super::super::address;
use super::words::when;

/// Returns the part of the page.
pub(super) fn section(report: &Report, now: Timestamp) -> Markup {
    let stretches: Vec<&Stretch> = report.history.latest_first().collect();
    html! {
        section {
            h2 { "Results since this process began" }
            ol.history {
                @for stretch in &stretches { li { (one(stretch, now)) } }
            }
            @if report.history.is_cut() { p.quiet { "What was before is not kept." } }
        }
    }
}

fn one(stretch: &Stretch, now: Timestamp) -> Markup {
    let (class, word) = match stretch.answer {
        Answer::Answers => ("answers", "answers"),
        Answer::Fails => ("fails", "fails"),
        Answer::Undecided => ("undecided", "undecided"),
        Answer::NotApplicable(_) => ("none", "not applicable"),
    };
    html! {
        span class=(format!("verdict {class}")) {
            (word) @if let Some(status) = stretch.status { " with " (status) }
        }
        " from " (when(stretch.since, now)) ", "
        @if stretch.probes == 1 { "1 probe" } @else { (stretch.probes) " probes" }
        @for (position, rule) in stretch.causes().enumerate() {
            (if position == 0 { ": " } else { ", " })
            a href=(address::of_rule(rule.id)) { (rule.id) }
        }
    }
}
