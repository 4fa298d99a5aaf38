//! What one probe saw, for people who want to know why: resolution, every endpoint, every
//! certificate. No opinion; that is the other text's.

use std::fmt::Write;
use std::time::Duration;

use crate::chain::ChainFacts;
use crate::chain::Keeping;
use crate::chain::Served;
use crate::chain::printable;
use crate::observation::Endpoint;
use crate::observation::FamilyAnswer;
use crate::observation::Resolution;

use super::Report;

/// Returns a line for each answer of DNS, each endpoint and each of its certificates. Every line
/// ends in a line feed; nothing in it can move a terminal's cursor.
pub fn seen(report: &Report) -> String {
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
    if let Some(time) = endpoint.connect_time {
        all.push(format!("connected in {}", seconds(time)));
    }
    if let Some(tls) = &endpoint.tls {
        let group = tls.group.as_deref().map(|group| format!(" {group}")).unwrap_or_default();
        all.push(format!("{} {}{group}", tls.version, tls.cipher_suite));
    }
    if let Some(time) = endpoint.handshake_time {
        all.push(format!("handshake of {} ({})", seconds(time), endpoint.engine.as_str()));
    }
    if let Some(failure) = &endpoint.failure {
        all.push(printable(&format!("{}: {failure}", failure.kind()), LONGEST_FAILURE));
    }
    all.join(", ")
}

fn write_chain(text: &mut String, chain: &ChainFacts) {
    if chain.keeping != Keeping::Kept {
        let (count, bytes) = (chain.count, chain.bytes);
        let _ = writeln!(text, "  {count} certificates of {bytes} bytes, judged and not kept");
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
            Served::Malformed { error, length } => {
                writeln!(text, "  certificate {position}: {length} bytes that are none: {error}")
            }
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

/// In characters; a server's own words may be part of it.
const LONGEST_FAILURE: usize = 512;
const LONGEST_NAME: usize = 512;

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use crate::chain::ChainFacts;
    use crate::chain::TrustAnchors;
    use crate::observation::Failure;
    use crate::observation::Family;
    use crate::observation::FamilyAnswer;
    use crate::observation::Resolution;
    use crate::observation::ResolvedAddress;
    use crate::observation::Transport;
    use crate::observation::View;

    use super::super::sample::Sample;
    use super::seen;

    #[test]
    fn everything_that_was_seen_has_its_line() {
        let mut sample = Sample::of("www.shop.example")
            .serving("192.0.2.1")
            .failing("192.0.2.2", &Failure::NotPublic { kind: "documentation (RFC 5737)" });
        let address =
            |last| ResolvedAddress { address: IpAddr::from([192, 0, 2, last]), ttl_seconds: 60 };
        sample.resolution = Some(Resolution {
            answers: vec![FamilyAnswer {
                family: Family::Ipv4,
                cnames: vec!["lb.example".parse().unwrap()],
                outcome: Ok(vec![address(1), address(2)]),
                competing_aliases: None,
                nameserver: Some("192.0.2.53:53".parse().unwrap()),
                transport: Transport::Udp,
                negative_ttl_seconds: None,
                age: Duration::ZERO,
            }],
            view: View::Configured,
            each_nameserver: Vec::new(),
            confirmation: None,
        });
        let text = seen(&sample.report());
        let lines: Vec<&str> =
            text.lines().map(|line| line.split(", SHA").next().unwrap()).collect();
        assert_eq!(
            lines,
            [
                "resolved www.shop.example A by 192.0.2.53:53: CNAME lb.example, 192.0.2.1 (TTL 60 s), 192.0.2.2 (TTL 60 s)",
                "endpoint 192.0.2.1 port 443 as www.shop.example: connected in 0.009 s, TLSv1.3 TLS_AES_128_GCM_SHA256 x25519, handshake of 0.020 s (rustls)",
                "  certificate 0: CN=www.shop.example, issued by CN=Example Issuing CA 1, O=Example Authority, from 2026-01-01T00:00:00Z to 2026-12-31T23:59:59Z",
                "  certificate 1: CN=Example Issuing CA 1, O=Example Authority, issued by CN=Example Root CA, O=Example Authority, from 2025-06-01T00:00:00Z to 2035-05-31T23:59:59Z",
                "  path 0, 1 to the anchor CN=Example Root CA, O=Example Authority until 2026-12-31T23:59:59Z",
                "endpoint 192.0.2.2 port 443 as www.shop.example: address-not-public: the address is documentation (RFC 5737)",
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_certificate_are_counted() {
        let chain = ChainFacts::analyse(&[b"nothing"], &TrustAnchors::none());
        let text = seen(&Sample::of("www.shop.example").serving_chain("192.0.2.1", chain).report());
        assert!(text.contains("  certificate 0: 7 bytes that are none: "), "{text}");
    }
}
