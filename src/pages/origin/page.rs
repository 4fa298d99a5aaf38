//! The page as a whole: its parts from what matters now down to what one looks up.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use std::sync::Arc;

use crate::config::Config;
use crate::impact::Impact;
use crate::origin::Origin;
use crate::report::Answer;
use crate::report::Entry;
use crate::report::Report;
use crate::report::Surroundings;
use crate::report::served_chains;

use super::super::layout;
use super::super::layout::Place;
use super::chain;
use super::commands;
use super::find::Wanted;
use super::find::full_href;
use super::history;
use super::story;
use super::viewers;
use super::way;
use super::words::cut;
use super::words::when;

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
    let surroundings = surroundings(config);
    let content = match report {
        None => html! {
            (subtitle(origin))
            section.story {
                p.lead { span.verdict.undecided { "not probed yet" } }
                p { "Its first probe has not ended. Reload the page in a moment." }
            }
            (commands::section(origin, None, &surroundings))
        },
        Some(report) => {
            let chains = served_chains(report, &report.verdict);
            html! {
                (subtitle(origin))
                p.quiet.small { "Probed " (when(report.probed_at(), now)) "." }
                (story::section(report, now))
                (viewers::section(origin, impacts))
                (way::section(report))
                (chain::section(report, &chains, now))
                (commands::section(origin, Some(report), &surroundings))
                (history::section(report, now))
                @if report.verdict.conclusion.answer == Answer::Answers {
                    (layout::not_covered())
                }
            }
        }
    };
    layout::page(Place::Origins, &title, html! { div.origin { (content) } })
}

fn subtitle(origin: &Origin) -> Markup {
    html! {
        p.subtitle {
            code { (origin.domain()) ":" (origin.https_port) }
            @if !origin.key.distribution.is_empty() {
                " of distribution " code { (origin.key.distribution) }
            }
        }
    }
}

/// Returns the page that lets one choose among origins of one id.
pub(super) fn choice(wanted: &Wanted, entries: &[Arc<Entry>]) -> Markup {
    let content = html! {
        p { "Several origins have the id " code { (cut(&wanted.id, TITLE)) } ". Which one?" }
        (list(entries))
    };
    layout::page(Place::Origins, "Which origin?", content)
}

/// Returns the page for an id that nobody has.
pub(super) fn unknown(wanted: &Wanted, near: &[Arc<Entry>]) -> Markup {
    let content = html! {
        p {
            "No origin that this process watches has the id " code { (cut(&wanted.id, TITLE)) }
            " with what else was asked for."
        }
        @if !near.is_empty() {
            p { "Was one of these meant?" }
            (list(near))
        }
        p { a href="/" { "All origins" } }
    };
    layout::page(Place::Origins, "There is no such origin", content)
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

fn surroundings(config: &Config) -> Surroundings {
    let anchors = &config.trust_anchors;
    Surroundings {
        nameservers: config.resolver.nameservers.clone(),
        mozilla: anchors.mozilla,
        extra_anchors: anchors.extra.iter().map(|p| p.to_string_lossy().into_owned()).collect(),
        assume_public: config.assume_public.clone(),
    }
}

/// Ids come from outside; this much is enough to recognise one.
const TITLE: usize = 128;
