//! How to ask the origin by hand.

use maud::Markup;
use maud::html;

use crate::origin::Origin;
use crate::report::Report;
use crate::report::Surroundings;
use crate::report::check_lines;
use crate::report::openssl_line;

/// Returns the part of the page.
pub(super) fn section(
    origin: &Origin,
    report: Option<&Report>,
    surroundings: &Surroundings,
) -> Markup {
    let endpoints = report.map_or(&[][..], |report| &report.observation.endpoints);
    let fails = |position: usize| {
        report.is_some_and(|report| {
            let mut findings = report.verdict.findings.iter();
            findings.any(|f| f.counts_as_failing && f.endpoint == Some(position))
        })
    };
    let failing = (0..endpoints.len()).find(|position| fails(*position));
    let endpoint = endpoints.get(failing.unwrap_or(0));
    // Where some addresses are well, ask the one that is not.
    let only_some = failing.is_some() && !(0..endpoints.len()).all(fails);
    let address = endpoint.filter(|_| only_some).map(|endpoint| endpoint.address);
    let check = check_lines(origin, address, surroundings);
    let openssl = endpoint.and_then(|endpoint| {
        let target = origin.targets.get(endpoint.target)?;
        Some(openssl_line(origin, endpoint.address, target, surroundings))
    });
    html! {
        section {
            h2 { "Ask by hand" }
            p { "The same question as the prober's, on a machine that the origin admits:" }
            @for (position, line) in check.lines.iter().enumerate() {
                (command(&format!("check-{position}"), line))
            }
            @for note in &check.notes { p.quiet.small { "Not on the line: " (note) "." } }
            @if let Some(line) = &openssl {
                p {
                    "The handshake alone, by OpenSSL"
                    @if let Some(endpoint) = endpoint { " at " code { (endpoint.address) } }
                    ":"
                }
                (command("openssl", line))
            }
        }
    }
}

fn command(id: &str, line: &str) -> Markup {
    html! {
        div.copied {
            pre tabindex="0" { code id=(id) { (line) } }
            button type="button" data-copy=(id) hidden { "Copy" }
        }
    }
}
