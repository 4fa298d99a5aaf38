//! The sources of origins on the status page: what cannot be read, and what cannot be used.

use maud::Markup;
use maud::html;

use super::SourceStatus;
use super::time::instant;

/// Returns what is wrong with a source; nothing where all is well.
pub(super) fn trouble(source: &SourceStatus) -> Markup {
    html! {
        @if let Some(since) = source.failing_since {
            section.alarm role="alert" {
                p {
                    strong { "Origins of " (source.name) " cannot be read" } " since "
                    (instant(since)) ". What was read before stays in use"
                    @match source.last_success {
                        Some(at) => { "; it was all there is at " (instant(at)) "." }
                        None => { "." }
                    }
                }
                pre {
                    @for failure in source.failures.iter().take(LINES) { (failure) "\n" }
                    @if source.failures.len() > LINES {
                        "and " (source.failures.len() - LINES) " more\n"
                    }
                }
            }
        }
        @if source.problem_count > 0 {
            section.alarm role="alert" {
                p { strong { "Not all of " (source.name) " can be used" } ": what cannot is left out or stays in use as it was." }
                pre {
                    @for problem in source.problems.iter().take(LINES) { (problem) "\n" }
                    @if source.problem_count > source.problems.len().min(LINES) {
                        "and " (source.problem_count - source.problems.len().min(LINES)) " more\n"
                    }
                }
            }
        }
    }
}

/// Returns one line on where origins come from besides the configuration.
pub(super) fn list(sources: &[SourceStatus]) -> Markup {
    html! {
        @if !sources.is_empty() {
            "Found besides the configuration: "
            @for (position, source) in sources.iter().enumerate() {
                @if position > 0 { "; " }
                (source.origins) " in " (source.name)
                @if let Some(at) = source.last_success { ", up to date at " (instant(at)) }
            }
            "."
        }
    }
}

/// What one looks through; the log has more.
const LINES: usize = 20;
