//! The page as a whole: its sections, from the current state down to details.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::config::Config;
use crate::impact::Impact;
use crate::origin::ProberConfig;
use crate::report::{Entry, OriginView, Report, VerdictPeriod, check_lines, openssl_line};
use crate::verdict::Answer;

use super::super::format::{copied, cut, verdict_of, when};
use super::super::layout::Place;
use super::super::lookup::{OriginQuery, full_href, probe_href};
use super::super::{address, layout};
use super::{chain, endpoints, summary, viewers};

/// Returns the page of one origin, as of `now`.
pub(super) fn page(
    entry: &Entry,
    report: Option<&Arc<Report>>,
    impacts: &[Impact],
    config: &Config,
    now: Timestamp,
) -> Markup {
    let origin = &entry.origin;
    let title = cut(&origin.key.to_string(), TITLE);
    let view = OriginView::new(origin, report.map(|report| &**report));
    let content = html! {
        (subtitle(&view))
        @if let Some(report) = report {
            (probes(entry, report, config, now))
            (summary::section(report, &view, now))
            (viewers::section(origin, impacts))
            (endpoints::section(report))
            (chain::section(report, &view, now))
            (commands(&view, &config.prober))
            (history(report, now))
            @if view.answer == Answer::Answers { (layout::not_covered()) }
        } @else {
            section.story {
                p.lead { span.verdict.undecided { "not probed yet" } }
                p { "The first probe has not finished. Reload the page in a moment." }
            }
            (commands(&view, &config.prober))
        }
    };
    layout::page(Place::Origins, &title, html! { div.origin { (content) } })
}

/// Returns when the origin was probed and will be, with a button to probe it now.
fn probes(entry: &Entry, report: &Report, config: &Config, now: Timestamp) -> Markup {
    html! {
        form.probes method="post" action=(probe_href(&entry.origin.key)) {
            p.quiet.small {
                "Probed " (when(report.probed_at(), now)) "."
                @match entry.next_probe() {
                    Some(at) => { " Next probe " (when(at, now)) "." }
                    None => " A probe is running.",
                }
            }
            @if config.web.lifecycle { button type="submit" { "Probe now" } }
        }
    }
}

fn subtitle(view: &OriginView<'_>) -> Markup {
    let origin = view.origin;
    html! {
        p.subtitle {
            code { (origin.domain()) ":" (origin.https_port) }
            @if !origin.key.distribution.is_empty() {
                " of distribution " code { (origin.key.distribution) }
            }
            @if let Some(alias) = view.origin.alias() { " (alias " code { (alias) } ")" }
        }
    }
}

/// Returns the commands that repeat the probe.
fn commands(view: &OriginView<'_>, config: &ProberConfig) -> Markup {
    let endpoints = view.report.map_or(&[][..], |report| &report.observation.endpoints);
    let failing = view.failing_endpoints();
    let endpoint = endpoints.get(failing.first().copied().unwrap_or(0));
    // If only some addresses fail, the commands use one that does.
    let only_some = !failing.is_empty() && failing.len() < endpoints.len();
    let address = endpoint.filter(|_| only_some).map(|endpoint| endpoint.address);
    let check = check_lines(view.origin, address, config);
    let openssl = endpoint.and_then(|endpoint| {
        let target = view.origin.targets.get(endpoint.target)?;
        Some(openssl_line(view.origin, endpoint.address, target, config))
    });
    html! {
        section {
            h2 { "Reproduce the probe" }
            p { "Run the same check on a machine that the origin admits:" }
            @for (position, line) in check.lines.iter().enumerate() {
                (copied(&format!("check-{position}"), line))
            }
            @for note in &check.notes { p.quiet.small { "Note: " (note) "." } }
            @if let Some(line) = &openssl {
                p {
                    "Only the handshake, with OpenSSL"
                    @if let Some(endpoint) = endpoint { " at " code { (endpoint.address) } }
                    ":"
                }
                (copied("openssl", line))
            }
        }
    }
}

/// Returns the changes of the verdict since this process started to monitor the origin.
fn history(report: &Report, now: Timestamp) -> Markup {
    html! {
        section {
            h2 { "Results since this process started" }
            ol.history {
                @for period in report.brief.history.latest_first() { li { (one_period(period, now)) } }
            }
            @if report.brief.history.is_cut() { p.quiet { "Earlier results are not kept." } }
        }
    }
}

fn one_period(period: &VerdictPeriod, now: Timestamp) -> Markup {
    html! {
        (verdict_of(period.answer, period.status))
        " from " (when(period.since(), now)) ", "
        @if period.probes == 1 { "1 probe" } @else { (period.probes) " probes" }
        @for (position, rule) in period.causes().enumerate() {
            (if position == 0 { ": " } else { ", " })
            a href=(address::of_rule(rule.name)) { (rule.name) }
        }
    }
}

/// Returns the page with a choice of origins that have the same id.
pub(super) fn choice(wanted: &OriginQuery, entries: &[Arc<Entry>]) -> Markup {
    let content = html! {
        p { "Several origins have the id " code { (cut(&wanted.id, TITLE)) } ". Select one:" }
        (list(entries))
    };
    layout::page(Place::Origins, "Several origins", content)
}

/// Returns the page for an unknown id.
pub(super) fn unknown(wanted: &OriginQuery, near: &[Arc<Entry>]) -> Markup {
    let content = html! {
        p {
            "This process does not monitor an origin with the id " code { (cut(&wanted.id, TITLE)) }
            " that matches the request."
        }
        @if !near.is_empty() {
            p { "Similar ids:" }
            (list(near))
        }
        p { a href="/" { "All origins" } }
    };
    layout::page(Place::Origins, "Unknown origin", content)
}

fn list(entries: &[Arc<Entry>]) -> Markup {
    html! {
        ul.choices {
            @for entry in entries {
                @let key = &entry.origin.key;
                li {
                    a href=(full_href(key)) { (key) }
                    ": " code { (key.domain) ":" (entry.origin.https_port) }
                }
            }
        }
    }
}

/// Ids come from outside; this length is enough to recognise one.
const TITLE: usize = 128;
