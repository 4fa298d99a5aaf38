//! The served chains: picture, timeline, names, certificate details and PEM.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::report::{
    ChainPicture, Event, EventKind, KnownFrom, NameComparison, OriginView, Report, ServedChain,
    Timeline, pem,
};

use super::super::format::{capital, day, foreign, when};
use super::super::lookup::chain_href;
use super::{picture, timeline};

/// Returns this section of the page.
pub(super) fn section(report: &Report, view: &OriginView<'_>, now: Timestamp) -> Markup {
    let chains = &view.chains();
    html! {
        section {
            h2 { "Certificate chain" }
            @if chains.is_empty() {
                p {
                    "The last probe did not read a certificate."
                    @if let Some(at) = report.brief.chain_read_at() {
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
    let failure = failure(&report.view()).filter(|failure| concerns(failure.at, served, count));
    let line = Timeline::new(chain, &drawing, &report.origin.renewal, failure, now);
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
                @else { span.verdict.answers { "no failure" } }
            }
        }
        div.pair.drawings {
            (picture::figure(&drawing))
            @if let Some(line) = &line { (timeline::figure(line, position, now)) }
        }
        @if let Some(comparison) = &comparison { (name_lists(comparison)) }
        details.certificates open[count == 1] {
            summary { "Certificates as served" }
            (certificates(served, now))
        }
        (bytes(report, served, position))
    }
}

fn failure(view: &OriginView<'_>) -> Option<Event> {
    let begun = view.failing.map(|failing| match failing.known_from {
        KnownFrom::Date => Event { kind: EventKind::FirstFailure, at: failing.at },
        KnownFrom::Probe => Event { kind: EventKind::SeenFailing, at: failing.at },
    });
    let coming = view.first_failure.map(|at| Event { kind: EventKind::FirstFailure, at });
    begun.or(coming)
}

/// Returns whether the first failure is caused by this chain, if there are several.
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

/// Returns the details of each served certificate that the picture does not show.
fn certificates(served: &ServedChain<'_>, now: Timestamp) -> Markup {
    html! {
        ol.certificates {
            @for (position, certificate) in served.chain.certificates().take(LISTED) {
                li value=(position + 1) {
                    p.subject { strong { (foreign(certificate.subject.as_str())) } }
                    dl.facts {
                        dt { "Valid" }
                        dd { (day(certificate.not_before)) " to " (when(certificate.not_after, now)) }
                        dt { "Issuer" } dd { (foreign(certificate.issuer.as_str())) }
                        dt { "Serial" } dd { code { (certificate.serial) } }
                        dt { "SHA-256" } dd { code { (certificate.sha256_hex()) } }
                    }
                }
            }
        }
    }
}

fn bytes(report: &Report, served: &ServedChain<'_>, position: usize) -> Markup {
    if !served.has_bytes() {
        return html! { p.quiet { "This chain was judged but not kept." } };
    }
    let text = pem(served.chain);
    let id = format!("pem-{position}");
    html! {
        details.pem {
            summary {
                @if served.is_kept() { "Chain as served (PEM)" }
                @else { "Kept part of the chain (PEM)" }
            }
            p {
                a href=(chain_href(&report.origin.key, position + 1)) download { "Download" }
                @if text.len() <= PEM {
                    " " button type="button" data-copy=(id) hidden { "Copy" }
                } @else { ": " (text.len() / 1024) " KiB, too large to show here" }
            }
            @if text.len() <= PEM { pre tabindex="0" { code id=(id) { (text) } } }
        }
    }
}

/// Returns both lists, with the matching names marked.
fn name_lists(names: &NameComparison) -> Markup {
    html! {
        div.pair.names {
            div {
                h3 {
                    "On the certificate"
                    @if names.is_common_name { " (its common name: it has no subject alternative names)" }
                }
                @if names.presented.is_empty() { p { "The certificate has no host name." } }
                ul.plain {
                    @for name in &names.presented {
                        @if name.matches.is_empty() {
                            li { span.sign aria-hidden="true" { "·" } " " (foreign(&name.name)) }
                        } @else {
                            li.matches {
                                span.sign.answers aria-hidden="true" { "✓" } " "
                                mark { (foreign(&name.name)) }
                                span.small.quiet { " matches" }
                            }
                        }
                    }
                }
                @if names.left_out > 0 { p.quiet { "and " (names.left_out) " more" } }
            }
            div {
                h3 { "CloudFront needs" }
                ul.plain {
                    @for wanted in names.wanted.iter().take(SHOWN) {
                        li {
                            @if wanted.is_met() {
                                span.sign.answers { "✓" } " "
                            } @else {
                                span.sign.fails { "✕" } " "
                            }
                            @for (position, (id, found)) in wanted.any_of.iter().enumerate() {
                                @if position > 0 { " or " }
                                @if *found { mark { code { (id) } } } @else { code { (id) } }
                            }
                            span.small.quiet {
                                (if wanted.is_met() { " found" } else { " not on the certificate" })
                                ", for server name " code { (wanted.server_name) }
                                @if let Some(wildcard) = &wanted.stands_for {
                                    ", an instance of " (foreign(wildcard))
                                }
                            }
                        }
                    }
                }
                @if names.wanted.len() > SHOWN {
                    p.quiet { "and for " (names.wanted.len() - SHOWN) " more server names" }
                }
            }
        }
    }
}

/// The maximum number of server names listed.
const SHOWN: usize = 20;
/// How many distinct chains are drawn, and how many further chains, or certificates of one, are
/// listed.
const DRAWN: usize = 3;
const LISTED: usize = 20;
const SERVERS: usize = 6;
/// In bytes; an ordinary chain has about 6,000.
const PEM: usize = 48 * 1024;
