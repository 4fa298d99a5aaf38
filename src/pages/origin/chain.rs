//! The served chains: each as a picture, on a line of time, in words and as PEM.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::ChainPicture;
use crate::report::NameComparison;
use crate::report::Report;
use crate::report::ServedChain;
use crate::report::Timeline;
use crate::report::pem;

use super::find::chain_href;
use super::names;
use super::picture;
use super::story::capital;
use super::timeline;
use super::words::day;
use super::words::foreign;
use super::words::when;

/// Returns the part of the page.
pub(super) fn section(report: &Report, chains: &[ServedChain<'_>], now: Timestamp) -> Markup {
    html! {
        section {
            h2 { "The certificate chain" }
            @if chains.is_empty() {
                p {
                    "No certificate was read at the last probe."
                    @if let Some(at) = report.chain_read_at() {
                        " The last one was read " (when(at, now)) "."
                    }
                }
            }
            @if let Some(words) = report.chains_not_kept() { p.quiet { (capital(&words)) "." } }
            @for (position, chain) in chains.iter().enumerate().take(DRAWN) {
                (one(report, chain, position, chains.len(), now))
            }
            @for (position, chain) in chains.iter().enumerate().skip(DRAWN).take(LISTED) {
                p {
                    "Another chain of " (chain.chain.count) " certificates, served by "
                    (servers(report, chain)) ": "
                    @if chain.has_bytes() {
                        a href=(chain_href(&report.origin.key, position + 1)) { "download" }
                    } @else { "not kept" }
                }
            }
        }
    }
}

fn one(
    report: &Report,
    served: &ServedChain<'_>,
    position: usize,
    count: usize,
    now: Timestamp,
) -> Markup {
    let chain = served.chain;
    let drawing = ChainPicture::new(chain, now);
    let first_failure = report.first_failure.filter(|at| concerns(*at, served, count));
    let line = Timeline::new(chain, &drawing, &report.origin.renewal, first_failure, now);
    let targets = served.endpoints.iter().filter_map(|e| report.observation.endpoints.get(*e));
    let mut targets: Vec<usize> = targets.map(|endpoint| endpoint.target).collect();
    targets.sort_unstable();
    targets.dedup();
    let comparison = chain
        .end_entity()
        .map(|own| NameComparison::new(own, &report.origin, targets.iter().copied()));
    html! {
        @if count > 1 {
            h3 {
                "Served by " (servers(report, served)) " "
                @if served.fails { span.verdict.fails { "fails" } }
                @else { span.verdict.answers { "nothing fails" } }
            }
        }
        div.pair.drawings {
            (picture::figure(&drawing, position))
            @if let Some(line) = &line { (timeline::figure(line, position, now)) }
        }
        @if let Some(comparison) = &comparison { (names::part(comparison)) }
        details.certificates open[count == 1] {
            summary { "The certificates in words" }
            (certificates(&drawing, served, now))
        }
        (bytes(report, served, position))
    }
}

/// Tells whether the first failure is this chain's, where there are several.
fn concerns(first_failure: Timestamp, served: &ServedChain<'_>, count: usize) -> bool {
    let end = served.chain.path_not_after().map(|end| end.as_second() + 1);
    count == 1 || served.fails || end == Some(first_failure.as_second())
}

fn servers(report: &Report, served: &ServedChain<'_>) -> Markup {
    let endpoints = served.endpoints.iter().filter_map(|e| report.observation.endpoints.get(*e));
    let mut addresses: Vec<String> = endpoints.map(|each| each.address.to_string()).collect();
    addresses.dedup();
    html! {
        @for (position, address) in addresses.iter().take(SERVERS).enumerate() {
            @if position > 0 { ", " } code { (address) }
        }
        @if addresses.len() > SERVERS { " and " (addresses.len() - SERVERS) " more" }
    }
}

/// What the picture shows, for those who do not see it, and with everything there is to know.
fn certificates(drawing: &ChainPicture, served: &ServedChain<'_>, now: Timestamp) -> Markup {
    let chain = served.chain;
    html! {
        ol.certificates {
            @for (position, node) in drawing.nodes.iter().enumerate() {
                li {
                    p.subject {
                        strong { (foreign(&node.name)) } " " span.quiet { (node.kind.as_str()) }
                        @for mark in &node.marks {
                            " "
                            span class=(if mark.is_fault() { "verdict fails" } else { "verdict" }) {
                                (mark.words())
                            }
                        }
                    }
                    @let places: Vec<_> = drawing.places_of(position).collect();
                    dl.facts {
                        @if !places.is_empty() {
                            dt { "Served" }
                            dd {
                                @for (n, place) in places.iter().enumerate() {
                                    @if n > 0 { ", " }
                                    "as number " (place.position + 1)
                                    @if place.is_repetition { " (again)" }
                                    @if let Some(fault) = place.fault { ": " strong { (fault) } }
                                }
                                @match node.due {
                                    Some(due) if places.iter().any(|p| p.position + 1 == due) => {
                                        ", as it should be"
                                    }
                                    Some(due) => { "; it should be number " (due) }
                                    None => {}
                                }
                            }
                        }
                        @if let Some((begin, end)) = node.not_before.zip(node.not_after) {
                            dt { "Valid" }
                            dd { (day(begin)) " to " (when(end, now)) }
                        } @else if let Some(end) = node.not_after {
                            dt { "Valid" } dd { "until " (when(end, now)) }
                        }
                        @if let crate::report::NodeKind::Missing { url: Some(url) } = &node.kind {
                            dt { "To be had at" } dd { (foreign(url)) }
                        }
                        @let own = places.first().and_then(|place| chain.certificate(place.position));
                        @if let Some(certificate) = own {
                            dt { "Issuer" } dd { (foreign(certificate.issuer.as_str())) }
                            dt { "Serial" } dd { code { (certificate.serial) } }
                            dt { "SHA-256" } dd { code { (certificate.sha256_hex()) } }
                        }
                    }
                }
            }
        }
        @if drawing.left_out > 0 {
            p.quiet { "and " (drawing.left_out) " more entries of the served list" }
        }
    }
}

fn bytes(report: &Report, served: &ServedChain<'_>, position: usize) -> Markup {
    if !served.has_bytes() {
        return html! { p.quiet { "This chain was judged and not kept." } };
    }
    let text = pem(served.chain);
    let id = format!("pem-{position}");
    html! {
        details.pem {
            summary {
                @if served.is_kept() { "The chain as served (PEM)" }
                @else { "The part of the chain that was kept (PEM)" }
            }
            p {
                a href=(chain_href(&report.origin.key, position + 1)) download { "Download" }
                @if text.len() <= PEM {
                    " " button type="button" data-copy=(id) hidden { "Copy" }
                } @else { ": " (text.len() / 1024) " KiB, too much to show here" }
            }
            @if text.len() <= PEM { pre tabindex="0" { code id=(id) { (text) } } }
        }
    }
}

/// How many different chains are drawn, and how many more are mentioned.
const DRAWN: usize = 3;
const LISTED: usize = 20;
const SERVERS: usize = 6;
/// In bytes; an ordinary chain has about 6,000.
const PEM: usize = 48 * 1024;
