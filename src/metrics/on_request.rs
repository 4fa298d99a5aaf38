//! The answer to one probe on request: the names that dashboards for blackbox_exporter know, then
//! our own.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::report::Answer;
use crate::report::Endpoint;
use crate::report::Entry;
use crate::report::Report;
use crate::telemetry::Family;
use crate::telemetry::Kind;

use super::lines;
use super::lines::Lines;
use super::lines::write_sample;
use super::per_origin;
use super::subject::Subject;

/// Returns the text format: what one probe saw, and nothing else.
///
/// Of the metrics of origins the counter is left out, because one probe has nothing to count.
pub fn of_one_probe(report: &Arc<Report>) -> String {
    let mut text = String::new();
    for metric in &METRICS {
        lines::write_header(&mut text, &metric.family, metric.family.help);
        (metric.write)(report, &mut Samples { text: &mut text, family: &metric.family });
    }
    let entry = Entry::new(Arc::clone(&report.origin));
    for definition in &per_origin::FAMILIES {
        let family = &definition.family;
        if family.kind == Kind::Counter {
            continue;
        }
        lines::write_header(&mut text, family, &help(family.help));
        for subject in Subject::of(&entry, Some(&**report)) {
            (definition.write)(&subject, &mut Lines::new(&mut text, family, &subject));
        }
    }
    text
}

/// Returns the metrics that an answer has besides those of origins, in the order in which they are
/// written.
pub fn families() -> impl Iterator<Item = &'static Family> {
    METRICS.iter().map(|metric| &metric.family)
}

/// What is said of scheduled probes holds for this one.
fn help(of_scheduled: &str) -> String {
    match of_scheduled.split_once("; result of the last scheduled probe") {
        Some((meaning, _)) => format!("{meaning}; result of this probe"),
        None => of_scheduled.replace("the last scheduled probe", "this probe"),
    }
}

struct Metric {
    family: Family,
    write: fn(&Report, &mut Samples<'_>),
}

/// Where the samples of one family are written.
struct Samples<'a> {
    text: &'a mut String,
    family: &'a Family,
}

impl Samples<'_> {
    fn add<const N: usize>(&mut self, labels: [&str; N], value: f64) {
        let names = self.family.labels.iter().copied();
        write_sample(self.text, self.family.name, names.zip(labels), value);
    }

    fn add_instant(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.add([], at.as_second() as f64);
        }
    }
}

/// Names and meanings are blackbox_exporter's, as far as one address is concerned; the meaning
/// says what becomes of several.
static METRICS: [Metric; 10] = [
    Metric {
        family: gauge(
            "probe_success",
            "1 if CloudFront would get its HTTPS connection, 0 if it would not or if that cannot \
             be told (cloudfront_origin_undecided)",
        ),
        write: |report, samples| {
            let answers = report.verdict.conclusion.answer == Answer::Answers;
            samples.add([], if answers { 1.0 } else { 0.0 });
        },
    },
    Metric {
        family: gauge("probe_duration_seconds", "How long the probe took, all addresses included"),
        write: |report, samples| samples.add([], report.observation.duration.as_secs_f64()),
    },
    Metric {
        family: gauge("probe_dns_lookup_time_seconds", "How long the lookup of the name took"),
        write: |report, samples| samples.add([], report.observation.resolve_time.as_secs_f64()),
    },
    Metric {
        family: gauge(
            "probe_ip_protocol",
            "4 or 6: the family of the first address that a connection to came up, or else of \
             the first address; absent where there is none",
        ),
        write: |report, samples| {
            let endpoints = &report.observation.endpoints;
            let reached = endpoints.iter().find(|endpoint| endpoint.was_reached());
            if let Some(endpoint) = reached.or_else(|| endpoints.first()) {
                samples.add([], if endpoint.address.is_ipv4() { 4.0 } else { 6.0 });
            }
        },
    },
    Metric {
        family: gauge(
            "probe_ip_addr_hash",
            "A hash of all addresses, whatever their order, which changes when they do; absent \
             where there is none",
        ),
        write: |report, samples| {
            if let Some(hash) = hash_of_addresses(&report.observation.endpoints) {
                samples.add([], f64::from(hash));
            }
        },
    },
    Metric {
        family: gauge(
            "probe_ssl_earliest_cert_expiry",
            "Until when every certificate served by any address is valid, as Unix time; absent \
             where none was read",
        ),
        write: |report, samples| samples.add_instant(earliest_end(report)),
    },
    Metric {
        family: gauge(
            "probe_ssl_last_chain_expiry_timestamp_seconds",
            "Until when the best path to a trust anchor holds, as Unix time, past or future, the \
             earliest over all addresses; absent where an address that serves a chain has no path",
        ),
        write: |report, samples| samples.add_instant(earliest_path_end(report)),
    },
    Metric {
        family: Family::gauge(
            "probe_ssl_last_chain_info",
            "Always 1, labelled with the SHA-256 of the end-entity certificate, at the first \
             address where one was read",
            &["fingerprint_sha256"],
        ),
        write: |report, samples| {
            let mut chains =
                report.observation.endpoints.iter().filter_map(|each| each.chain.as_ref());
            if let Some(end_entity) = chains.find_map(|chain| chain.end_entity()) {
                samples.add([&end_entity.sha256_hex()], 1.0);
            }
        },
    },
    Metric {
        family: Family::gauge(
            "probe_tls_version_info",
            "Always 1, labelled with the protocol version, at the first address where one was \
             negotiated",
            &["version"],
        ),
        write: |report, samples| {
            let mut tls = report.observation.endpoints.iter().filter_map(|each| each.tls.as_ref());
            if let Some(tls) = tls.next() {
                samples.add([version(tls.version)], 1.0);
            }
        },
    },
    Metric {
        family: Family::gauge(
            "probe_tls_cipher_info",
            "Always 1, labelled with the cipher suite, at the first address where one was \
             negotiated",
            &["cipher"],
        ),
        write: |report, samples| {
            let mut tls = report.observation.endpoints.iter().filter_map(|each| each.tls.as_ref());
            if let Some(tls) = tls.next() {
                samples.add([&tls.cipher_suite], 1.0);
            }
        },
    },
];

const fn gauge(name: &'static str, help: &'static str) -> Family {
    Family::gauge(name, help, &[])
}

fn earliest_end(report: &Report) -> Option<Timestamp> {
    let chains = report.observation.endpoints.iter().filter_map(|each| each.chain.as_ref());
    chains.flat_map(|chain| chain.certificates()).map(|(_, served)| served.not_after).min()
}

fn earliest_path_end(report: &Report) -> Option<Timestamp> {
    let chains = report.observation.endpoints.iter().filter_map(|each| each.chain.as_ref());
    // One address without a path leaves none.
    let ends: Option<Vec<Timestamp>> = chains.map(|chain| chain.path_not_after()).collect();
    ends?.into_iter().min()
}

/// FNV-1a, as blackbox_exporter has it: for a single address the value is the same.
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

/// Returns a version as blackbox_exporter spells it.
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

    use crate::report::Endpoint;

    use super::hash_of_addresses;
    use super::help;

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
        // Computed by another implementation of FNV-1a over the bytes 127, 0, 0, 1.
        assert_eq!(hash(&["127.0.0.1"]), Some(FNV_OF_LOOPBACK));
        assert_eq!(hash(&["127.0.0.1", "127.0.0.1"]), Some(FNV_OF_LOOPBACK));
        assert_eq!(hash(&["192.0.2.1", "::1"]), hash(&["::1", "192.0.2.1"]));
        assert_ne!(hash(&["192.0.2.1", "::1"]), hash(&["192.0.2.1"]));
    }

    #[test]
    fn no_help_speaks_of_scheduled_probes() {
        assert_eq!(help("A; result of the last scheduled probe"), "A; result of this probe");
        for family in crate::metrics::families().filter(|f| f.name.starts_with("cloudfront_")) {
            let help = help(family.help);
            assert!(!help.contains("last scheduled"), "{help}");
        }
    }
}
