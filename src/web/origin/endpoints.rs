//! The connection path: from the origin domain through CNAMEs to the addresses, with the result of
//! the connection at each.

use std::time::Duration;

use maud::{Markup, html};

use crate::observation::Endpoint;
use crate::report::Report;
use crate::rules::Effect;
use crate::verdict::Connections;

use super::super::format::{cut, foreign};
use super::super::layout;

/// Returns this section of the page.
pub(super) fn section(report: &Report) -> Markup {
    let observation = &report.observation;
    html! {
        section {
            h2 { "Connection path" }
            (names(report))
            @if observation.endpoints.is_empty() {
                p { "No connection was attempted." }
            } @else {
                (layout::table("endpoints", "Addresses", &COLUMNS, html! {
                    @for (position, endpoint) in observation.places().take(ROWS) {
                        (row(report, position, endpoint))
                    }
                }))
                @let all = observation.places().count();
                @if all > ROWS { p.quiet { "and " (all - ROWS) " more endpoints" } }
            }
        }
    }
}

/// Returns the names that the DNS answers lead through, and the nameserver.
fn names(report: &Report) -> Markup {
    let origin = &report.origin;
    let Some(resolution) = &report.observation.resolution else {
        return html! { p { "No DNS lookup was made." } };
    };
    let addresses: Vec<String> =
        resolution.addresses().take(SHOWN + 1).map(|each| each.address.to_string()).collect();
    html! {
        ol.hops {
            li { span.hop { "Origin domain" } code { (origin.domain()) } }
            @for canonical in resolution.cnames().iter().take(SHOWN) {
                li { span.hop { "CNAME" } code { (canonical) } }
            }
            @for (family, failure) in resolution.failures() {
                li.bad {
                    span.hop { (family.record_type()) } span.verdict.fails { (failure.kind()) }
                }
            }
            @if !addresses.is_empty() {
                li {
                    span.hop { "Addresses" }
                    @for (position, address) in addresses.iter().take(SHOWN).enumerate() {
                        @if position > 0 { ", " } code { (address) }
                    }
                    @if addresses.len() > SHOWN { " and more" }
                    ", port " (origin.https_port)
                }
            }
        }
        @if let Some(nameserver) = resolution.answers.iter().find_map(|answer| answer.nameserver) {
            p.quiet.small { "Nameserver: " (nameserver) }
        }
    }
}

fn row(report: &Report, position: usize, endpoint: &Endpoint) -> Markup {
    let observation = &report.observation;
    let server_name = observation.target_of(endpoint).map(|target| &target.server_name);
    html! {
        tr {
            th scope="row" data-label="Address" {
                code { (endpoint.address) }
                @if endpoint.is_remembered { div.small.quiet { "not in the last DNS answer" } }
            }
            td data-label="Server name sent" { @if let Some(name) = server_name { code { (name) } } }
            td data-label="Result" { (result(report, position, endpoint)) }
            td data-label="TLS" {
                @match &endpoint.handshake.tls {
                    Some(tls) => {
                        (tls.version) " " span.small { code { (tls.cipher_suite) } }
                        @if let Some(group) = &tls.group { " " span.small.quiet { (group) } }
                    }
                    None => "–",
                }
            }
            td data-label="Time" {
                @match (endpoint.handshake.connect_time, endpoint.handshake.handshake_time) {
                    (None, None) => "–",
                    (connect, handshake) => {
                        @if let Some(time) = connect { "connect " (milliseconds(time)) }
                        @if connect.is_some() && handshake.is_some() { ", " }
                        @if let Some(time) = handshake { "handshake " (milliseconds(time)) }
                    }
                }
            }
        }
    }
}

fn result(report: &Report, position: usize, endpoint: &Endpoint) -> Markup {
    let of_endpoint = report.verdict.findings.iter().filter(|f| f.endpoint == Some(position));
    let grave: Vec<_> = of_endpoint.filter(|finding| finding.effect != Effect::Notice).collect();
    let fails = grave.iter().any(|finding| finding.effect == Effect::Fails);
    html! {
        @if fails {
            span.verdict.fails { "fails" }
        } @else if !grave.is_empty() {
            span.verdict.undecided { "may fail" }
        } @else if !endpoint.was_probed() {
            span.verdict { "not probed" }
        } @else if endpoint.handshake.failure.is_some() {
            span.verdict.undecided { "no answer" }
        } @else {
            span.verdict.answers { "connects" }
        }
        @let Connections { seen, failed } = report.verdict.connections(&report.observation, position);
        @if failed < seen && failed > 0 {
            " " span.small { (failed) " of " (seen) " connections" }
        }
        @for finding in grave.iter().take(SHOWN) { " " span.small { (finding.rule.name) } }
        @if let Some(failure) = &endpoint.handshake.failure {
            div.small.quiet { (foreign(&cut(&failure.to_string(), FAILURE))) }
        }
    }
}

fn milliseconds(time: Duration) -> String {
    match time.as_millis() {
        0 => "<1 ms".to_owned(),
        ms @ 1..10_000 => format!("{ms} ms"),
        ms => format!("{} s", ms / 1000),
    }
}

const COLUMNS: [&str; 5] = ["Address", "Server name sent", "Result", "TLS", "Time"];
const ROWS: usize = 100;
const SHOWN: usize = 8;
/// The failure may quote text from the server.
const FAILURE: usize = 300;
