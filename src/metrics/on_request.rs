//! The metrics of one probe on request: blackbox_exporter's names first, so that its dashboards
//! work, then our own.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::observation::Endpoint;
use crate::report::{Entry, Report};
use crate::telemetry::{Family, Kind};
use crate::verdict::Answer;

use super::lines::Lines;
use super::subject::Subject;
use super::{lines, per_origin};

/// Returns the metrics of one probe in the text format.
///
/// The counters of origins are left out, because a single probe has nothing to count.
pub fn of_one_probe(report: &Arc<Report>) -> String {
    let mut text = String::new();
    for metric in &METRICS {
        lines::write_header(&mut text, &metric.family, metric.family.help);
        (metric.write)(report, &mut Lines::new(&mut text, &metric.family, "", 0));
    }
    let entry = Entry::new(Arc::clone(&report.origin));
    for definition in &per_origin::FAMILIES {
        let family = &definition.family;
        if family.kind == Kind::Counter {
            continue;
        }
        lines::write_header(&mut text, family, &help(family.help));
        for subject in Subject::of(&entry, Some(&report.brief)) {
            subject.write(definition, &mut text, &mut String::new());
        }
    }
    text
}

/// Returns the metrics that the response has in addition to those of origins, in output order.
pub fn families() -> impl Iterator<Item = &'static Family> {
    METRICS.iter().map(|metric| &metric.family)
}

/// Adapts the help of a scheduled probe's metric to a probe on request.
fn help(of_scheduled: &str) -> String {
    of_scheduled.replace("the last scheduled probe", "this probe")
}

struct Metric {
    family: Family,
    write: fn(&Report, &mut Lines<'_>),
}

/// For a single address, names and meanings are the same as in blackbox_exporter. The help says how
/// several addresses are combined.
static METRICS: [Metric; 10] = [
    gauge(
        "probe_success",
        "1 if CloudFront could connect over HTTPS, 0 if it could not or if the result is \
         inconclusive (cloudfront_origin_undecided)",
        |report, lines| {
            let answers = report.verdict.conclusion.answer == Answer::Answers;
            lines.add([], if answers { 1.0 } else { 0.0 });
        },
    ),
    gauge(
        "probe_duration_seconds",
        "Duration of the probe of all addresses, in seconds",
        |report, lines| lines.add([], report.observation.duration.as_secs_f64()),
    ),
    gauge(
        "probe_dns_lookup_time_seconds",
        "Duration of the DNS lookup, in seconds",
        |report, lines| lines.add([], report.observation.resolve_time.as_secs_f64()),
    ),
    gauge(
        "probe_ip_protocol",
        "IP version, 4 or 6, of the first address that accepted a connection, or else of the \
         first address; absent without an address",
        |report, lines| {
            let endpoints = &report.observation.endpoints;
            let reached = endpoints.iter().find(|endpoint| endpoint.was_reached());
            if let Some(endpoint) = reached.or_else(|| endpoints.first()) {
                lines.add([], if endpoint.address.is_ipv4() { 4.0 } else { 6.0 });
            }
        },
    ),
    gauge(
        "probe_ip_addr_hash",
        "Hash of the set of addresses, independent of their order; absent without an address",
        |report, lines| {
            if let Some(hash) = hash_of_addresses(&report.observation.endpoints) {
                lines.add([], f64::from(hash));
            }
        },
    ),
    gauge(
        "probe_ssl_earliest_cert_expiry",
        "Earliest notAfter of all served certificates, as Unix time; absent if none was read",
        |report, lines| lines.add_instant(earliest_end(report)),
    ),
    gauge(
        "probe_ssl_last_chain_expiry_timestamp_seconds",
        "Expiry of the best path to a trust anchor, past or future, as Unix time; the earliest \
         of all addresses; absent if an address that serves a chain has no path",
        |report, lines| lines.add_instant(earliest_path_end(report)),
    ),
    labelled(
        "probe_ssl_last_chain_info",
        "Always 1, labelled with the SHA-256 of the end-entity certificate at the first \
         address that served one",
        &["fingerprint_sha256"],
        |report, lines| {
            let mut chains =
                report.observation.endpoints.iter().filter_map(|each| each.chain.as_ref());
            if let Some(end_entity) = chains.find_map(|chain| chain.end_entity()) {
                lines.add([&end_entity.sha256_hex()], 1.0);
            }
        },
    ),
    labelled(
        "probe_tls_version_info",
        "Always 1, labelled with the protocol version at the first address that negotiated \
         one",
        &["version"],
        |report, lines| {
            let mut tls =
                report.observation.endpoints.iter().filter_map(|each| each.handshake.tls.as_ref());
            if let Some(tls) = tls.next() {
                lines.add([version(&tls.version)], 1.0);
            }
        },
    ),
    labelled(
        "probe_tls_cipher_info",
        "Always 1, labelled with the cipher suite at the first address that negotiated \
         one",
        &["cipher"],
        |report, lines| {
            let mut tls =
                report.observation.endpoints.iter().filter_map(|each| each.handshake.tls.as_ref());
            if let Some(tls) = tls.next() {
                lines.add([&tls.cipher_suite], 1.0);
            }
        },
    ),
];

const fn gauge(
    name: &'static str,
    help: &'static str,
    write: fn(&Report, &mut Lines<'_>),
) -> Metric {
    labelled(name, help, &[], write)
}

const fn labelled(
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
    write: fn(&Report, &mut Lines<'_>),
) -> Metric {
    Metric { family: Family::gauge(name, help).labelled(labels), write }
}

fn earliest_end(report: &Report) -> Option<Timestamp> {
    let chains = report.observation.endpoints.iter().filter_map(|each| each.chain.as_ref());
    chains.flat_map(|chain| chain.certificates()).map(|(_, served)| served.not_after).min()
}

fn earliest_path_end(report: &Report) -> Option<Timestamp> {
    let chains = report.observation.endpoints.iter().filter_map(|each| each.chain.as_ref());
    // If any address that serves a chain has no path, there is no result.
    let ends: Option<Vec<Timestamp>> = chains.map(|chain| chain.path_not_after()).collect();
    ends?.into_iter().min()
}

/// FNV-1a, as in blackbox_exporter; a single address gives the same value.
fn hash_of_addresses(endpoints: &[Endpoint]) -> Option<u32> {
    let addresses: BTreeSet<IpAddr> = endpoints.iter().map(|endpoint| endpoint.address).collect();
    if addresses.is_empty() {
        return None;
    }
    let octets = addresses.into_iter().flat_map(|address| match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    });
    Some(octets.fold(FNV_OFFSET, |hash, octet| (hash ^ u32::from(octet)).wrapping_mul(FNV_PRIME)))
}

// The parameters of FNV-1a for 32 bits.
const FNV_OFFSET: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;

/// Returns a version in blackbox_exporter's spelling.
fn version(ours: &str) -> &str {
    match ours {
        "SSLv3" => "SSL 3.0",
        "TLSv1" => "TLS 1.0",
        "TLSv1.1" => "TLS 1.1",
        "TLSv1.2" => "TLS 1.2",
        "TLSv1.3" => "TLS 1.3",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use jiff::Timestamp;

    use crate::observation::Endpoint;

    use super::{hash_of_addresses, help};

    const FNV_OF_LOOPBACK: u32 = 0xdaaf40ed;

    #[test]
    fn the_hash_is_that_of_the_addresses_in_any_order() {
        let hash = |addresses: &[&str]| {
            let endpoint = |address: &&str| {
                Endpoint::new(address.parse::<IpAddr>().unwrap(), 0, Timestamp::UNIX_EPOCH)
            };
            hash_of_addresses(&addresses.iter().map(endpoint).collect::<Vec<_>>())
        };
        assert_eq!(hash(&[]), None);
        // Computed with another implementation of FNV-1a over the bytes 127, 0, 0, 1.
        assert_eq!(hash(&["127.0.0.1"]), Some(FNV_OF_LOOPBACK));
        assert_eq!(hash(&["127.0.0.1", "127.0.0.1"]), Some(FNV_OF_LOOPBACK));
        assert_eq!(hash(&["192.0.2.1", "::1"]), hash(&["::1", "192.0.2.1"]));
        assert_ne!(hash(&["192.0.2.1", "::1"]), hash(&["192.0.2.1"]));
    }

    #[test]
    fn no_help_speaks_of_scheduled_probes() {
        assert_eq!(help("Start of the last scheduled probe"), "Start of this probe");
        for family in crate::metrics::families().filter(|f| f.name.starts_with("cloudfront_")) {
            let help = help(family.help);
            assert!(!help.contains("last scheduled"), "{help}");
        }
    }
}
