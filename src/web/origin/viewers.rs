//! The affected viewers: the impact on each path pattern that leads to the origin.

use maud::{Markup, html};

use crate::impact::{Impact, Outlook, Role, sentences};
use crate::origin::Origin;

use super::super::format::{cut, foreign};
use super::super::layout;

/// Returns this section of the page; `impacts` are those of the origin's distribution.
pub(super) fn section(origin: &Origin, impacts: &[Impact]) -> Markup {
    let own: Vec<(&Impact, Role)> =
        impacts.iter().filter_map(|each| Some((each, each.role_of(&origin.key)?))).collect();
    html! {
        section {
            h2 { "Affected viewers" }
            @if origin.key.distribution.is_empty() {
                p.quiet {
                    "This origin comes from the configuration or a target file, so the \
                     distributions and path patterns that lead to it are not known."
                }
            } @else if own.is_empty() {
                p { "No behavior of distribution " code { (origin.key.distribution) } " leads here." }
            } @else {
                (told(&own))
                (table(&own))
            }
        }
    }
}

/// Returns the problems of viewers, in sentences.
fn told(own: &[(&Impact, Role)]) -> Markup {
    let impacts: Vec<Impact> = own.iter().map(|(impact, _)| (*impact).clone()).collect();
    let sentences = sentences(&impacts);
    html! {
        @if sentences.is_empty() { p { "No viewers are affected." } }
        ul.plain {
            @for sentence in sentences.iter().take(SENTENCES) {
                li { (foreign(sentence)) "." }
            }
        }
        @if sentences.len() > SENTENCES { p.quiet { "and " (sentences.len() - SENTENCES) " more" } }
    }
}

fn table(own: &[(&Impact, Role)]) -> Markup {
    html! {
        (layout::table("endpoints", "Path patterns", &COLUMNS, html! {
            @for (impact, role) in own.iter().take(ROWS) { (row(impact, *role)) }
        }))
        @if own.len() > ROWS { p.quiet { "and " (own.len() - ROWS) " more" } }
    }
}

fn row(impact: &Impact, role: Role) -> Markup {
    html! {
        tr {
            th scope="row" data-label="Path pattern" { code { (cut(&impact.path_pattern, PATTERN)) } }
            td data-label="Host" {
                @for (position, host) in impact.hosts.iter().take(HOSTS).enumerate() {
                    @if position > 0 { ", " }
                    (host)
                }
                @if impact.hosts.len() > HOSTS { " and " (impact.hosts.len() - HOSTS) " more" }
                @if impact.hosts.is_empty() { "the distribution\u{2019}s own domain" }
                " (" (impact.viewer_protocol.as_str()) ")"
            }
            td data-label="Response" { (outlook(impact)) }
            td data-label="This origin" {
                @match role {
                    Role::Primary => "primary",
                    Role::Secondary => "secondary",
                }
            }
        }
    }
}

fn outlook(impact: &Impact) -> Markup {
    let (class, words) = match impact.outlook {
        Outlook::Fails => ("fails", "error"),
        Outlook::Undecided => ("undecided", "possibly an error"),
        Outlook::Degraded => ("undecided", "served by the secondary"),
        Outlook::AtRisk => ("undecided", "served, but the secondary fails"),
        Outlook::Answers => ("answers", "served"),
        Outlook::NotApplicable => ("none", "not judged"),
    };
    html! {
        span class=(format!("verdict {class}")) {
            @match (impact.outlook, impact.status) {
                (Outlook::Fails, Some(status)) => (status),
                _ => (words),
            }
        }
    }
}

const COLUMNS: [&str; 4] = ["Path pattern", "Host", "Response", "This origin"];
const SENTENCES: usize = 12;
const ROWS: usize = 100;
const HOSTS: usize = 4;
/// CloudFront accepts at most 255 characters.
const PATTERN: usize = 255;
