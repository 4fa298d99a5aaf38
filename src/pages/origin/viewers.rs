//! Whom it hurts: what viewers get of each path pattern that leads to the origin.

use maud::Markup;
use maud::html;

use crate::impact::Impact;
use crate::impact::Outlook;
use crate::impact::Role;
use crate::impact::sentences;
use crate::origin::Origin;

use super::words::cut;
use super::words::foreign;

/// Returns the part of the page; `impacts` are those of the origin's distribution.
pub(super) fn section(origin: &Origin, impacts: &[Impact]) -> Markup {
    let own: Vec<(&Impact, Role)> =
        impacts.iter().filter_map(|each| Some((each, each.role_of(&origin.key)?))).collect();
    html! {
        section {
            h2 { "Whom it hurts" }
            @if origin.key.distribution.is_empty() {
                p.quiet {
                    "This origin comes from the configuration or a file of targets: which \
                     distributions and path patterns lead to it is not known here."
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

/// What is not as it should be, in sentences.
fn told(own: &[(&Impact, Role)]) -> Markup {
    let impacts: Vec<Impact> = own.iter().map(|(impact, _)| (*impact).clone()).collect();
    let sentences = sentences(&impacts);
    html! {
        @if sentences.is_empty() { p { "Nobody, now." } }
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
        div.wide.endpoints tabindex="0" role="region" aria-label="Path patterns" {
            table {
                thead {
                    tr {
                        th scope="col" { "Path pattern" }
                        th scope="col" { "Viewers of" }
                        th scope="col" { "Get" }
                        th scope="col" { "This origin" }
                    }
                }
                tbody {
                    @for (impact, role) in own.iter().take(ROWS) { (row(impact, *role)) }
                }
            }
        }
        @if own.len() > ROWS { p.quiet { "and " (own.len() - ROWS) " more" } }
    }
}

fn row(impact: &Impact, role: Role) -> Markup {
    html! {
        tr {
            th scope="row" data-label="Path pattern" { code { (cut(&impact.path_pattern, PATTERN)) } }
            td data-label="Viewers of" {
                @for (position, host) in impact.hosts.iter().take(HOSTS).enumerate() {
                    @if position > 0 { ", " }
                    (host)
                }
                @if impact.hosts.len() > HOSTS { " and " (impact.hosts.len() - HOSTS) " more" }
                @if impact.hosts.is_empty() { "the distribution\u{2019}s own domain" }
                " (" (impact.viewer_protocol.as_str()) ")"
            }
            td data-label="Get" { (outlook(impact)) }
            td data-label="This origin" {
                @match role {
                    Role::Primary => "is tried first",
                    Role::Secondary => "stands in for the first",
                }
            }
        }
    }
}

fn outlook(impact: &Impact) -> Markup {
    let (class, words) = match impact.outlook {
        Outlook::Fails => ("fails", "an error"),
        Outlook::Undecided => ("undecided", "perhaps an error"),
        Outlook::Degraded => ("undecided", "an answer, from the origin that stands in"),
        Outlook::AtRisk => ("undecided", "an answer, but nothing stands in"),
        Outlook::Answers => ("answers", "an answer"),
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

const SENTENCES: usize = 12;
const ROWS: usize = 100;
const HOSTS: usize = 4;
/// CloudFront takes at most 255 characters.
const PATTERN: usize = 255;
