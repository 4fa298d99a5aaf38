//! The details of one probe: resolution, every endpoint, every certificate. It contains facts only,
//! no verdict.

use std::fmt::Write;
use std::time::Duration;

use crate::chain::{ChainFacts, Keeping, Served, printable};
use crate::observation::{Endpoint, FamilyAnswer, Resolution};

use super::Report;

/// Returns a line for each DNS answer, each endpoint and each of its certificates. Every line ends
/// in a line feed and contains no character that could move a terminal's cursor.
pub fn trace(report: &Report) -> String {
    let observation = &*report.observation;
    let mut text = String::new();
    if let Some(resolution) = &observation.resolution {
        write_resolution(&mut text, report, "resolved", resolution);
        if let Some(second) = &resolution.confirmation {
            write_resolution(&mut text, report, "second view", second);
        }
    }
    for endpoint in &observation.endpoints {
        let name = observation.target_of(endpoint).map_or("", |target| target.server_name.as_str());
        let (address, port) = (endpoint.address, report.origin.https_port);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "endpoint {address} port {port} as {name}: {}", came_of(endpoint));
        if let Some(chain) = &endpoint.chain {
            write_chain(&mut text, chain);
        }
    }
    text
}

fn write_resolution(text: &mut String, report: &Report, what: &str, resolution: &Resolution) {
    for answer in &resolution.answers {
        let record = answer.family.record_type();
        let nameserver = answer.nameserver.map(|by| format!(" by {by}")).unwrap_or_default();
        let domain = report.origin.domain();
        let _ = writeln!(text, "{what} {domain} {record}{nameserver}: {}", said(answer));
    }
}

fn said(answer: &FamilyAnswer) -> String {
    let mut all: Vec<String> =
        answer.cnames.iter().map(|canonical| format!("CNAME {canonical}")).collect();
    match &answer.outcome {
        Ok(addresses) => all.extend(
            addresses.iter().map(|each| format!("{} (TTL {} s)", each.address, each.ttl_seconds)),
        ),
        Err(failure) => all.push(failure.kind().to_owned()),
    }
    all.join(", ")
}

fn came_of(endpoint: &Endpoint) -> String {
    let mut all = Vec::new();
    if let Some(time) = endpoint.handshake.connect_time {
        all.push(format!("connected in {}", seconds(time)));
    }
    if let Some(tls) = &endpoint.handshake.tls {
        let group = tls.group.as_deref().map(|group| format!(" {group}")).unwrap_or_default();
        all.push(format!("{} {}{group}", tls.version, tls.cipher_suite));
    }
    if let Some(time) = endpoint.handshake.handshake_time {
        all.push(format!(
            "handshake of {} ({})",
            seconds(time),
            endpoint.handshake.engine.as_str()
        ));
    }
    if let Some(failure) = &endpoint.handshake.failure {
        all.push(printable(&format!("{}: {failure}", failure.kind()), LONGEST_FAILURE));
    }
    all.join(", ")
}

fn write_chain(text: &mut String, chain: &ChainFacts) {
    if chain.keeping != Keeping::Kept {
        let (count, bytes) = (chain.count, chain.bytes);
        let _ = writeln!(text, "  {count} certificates of {bytes} bytes, judged but not kept");
    }
    for (position, served) in chain.served.iter().enumerate() {
        let _ = match served {
            Served::Certificate(certificate) => writeln!(
                text,
                "  certificate {position}: {}, issued by {}, from {:.0} to {:.0}, SHA-256 {}",
                certificate.subject,
                certificate.issuer,
                certificate.not_before,
                certificate.not_after,
                certificate.sha256_hex()
            ),
            Served::NotKept { length, .. } => {
                writeln!(text, "  certificate {position}: {length} bytes, not kept")
            }
            Served::Malformed { error, length } => writeln!(
                text,
                "  certificate {position}: {length} bytes, not a certificate: {error}"
            ),
        };
    }
    for path in &chain.paths {
        let positions: Vec<String> = path.certificates.iter().map(usize::to_string).collect();
        let (positions, anchor) = (positions.join(", "), printable(&path.anchor, LONGEST_NAME));
        let until = path.not_after;
        let _ = writeln!(text, "  path {positions} to the anchor {anchor} until {until:.0}");
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

/// In characters; the failure may quote text from the server.
const LONGEST_FAILURE: usize = 512;
const LONGEST_NAME: usize = 512;
