//! The sources of origins on the status page: read failures and unusable entries.

use maud::{Markup, html};

use super::SourceStatus;
use super::format::instant;

/// Returns the problems of a source; empty if there are none.
pub(super) fn trouble(source: &SourceStatus) -> Markup {
    html! {
        @if let Some(since) = source.failing_since {
            section.alarm role="alert" {
                p {
                    strong { "The origins of " (source.name) " cannot be read" } " since "
                    (instant(since)) ". The data read before stays in use"
                    @match source.last_success {
                        Some(at) => { "; it was last complete at " (instant(at)) "." }
                        None => { "." }
                    }
                }
                (lines(&source.failures, source.failures.len()))
            }
        }
        @if source.problem_count > 0 {
            section.alarm role="alert" {
                p {
                    strong { "Some entries of " (source.name) " cannot be used" }
                    ": they are ignored, or their previous version stays in use."
                }
                (lines(&source.problems, source.problem_count))
            }
        }
    }
}

fn lines(lines: &[String], count: usize) -> Markup {
    let shown = lines.len().min(LINES);
    html! {
        pre {
            @for line in lines.iter().take(LINES) { (line) "\n" }
            @if count > shown { "and " (count - shown) " more\n" }
        }
    }
}

/// Returns one line about the sources of origins besides the configuration file.
pub(super) fn list(sources: &[SourceStatus]) -> Markup {
    html! {
        @if !sources.is_empty() {
            "Discovered origins: "
            @for (position, source) in sources.iter().enumerate() {
                @if position > 0 { "; " }
                (source.origins) " from " (source.name)
                @if let Some(at) = source.last_success { ", up to date at " (instant(at)) }
            }
            "."
        }
    }
}

/// A readable number; the log has more.
const LINES: usize = 20;
