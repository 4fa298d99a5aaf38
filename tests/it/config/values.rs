//! Which spellings the values of a file may have, key by key.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use expect_test::expect_file;
use origin_probe::config::{Config, TargetFile};

use super::kinds_of;
use super::target_file::defaults;

/// The keys, each in a file of one line with `VALUE` in place of its value.
const KEYS: [&str; 20] = [
    "web: {lifecycle: VALUE}",
    "web: {listen: VALUE}",
    "log: {level: VALUE}",
    "probe: {interval: VALUE}",
    "probe: {deadline: VALUE, handshake_timeout: 100ms}",
    "probe: {handshake_timeout: VALUE, deadline: 10m}",
    "probe: {concurrency: VALUE}",
    "limits: {chain_bytes: VALUE}",
    "renewal: {warning: {max: VALUE}, critical: {max: 1s}}",
    "renewal: {warning: {lifetime: VALUE}, critical: {lifetime: 0.000001%}}",
    "resolver: {nameservers: [VALUE]}",
    "reachability: {assume_public: [VALUE]}",
    "trust_anchors: {extra: [VALUE]}",
    "probe_endpoint: {allow: {names: [VALUE]}}",
    "probe_endpoint: {allow: {ports: [VALUE]}}",
    "discovery: {files: [VALUE]}",
    "origins: [{id: VALUE, domain: a.example}]",
    "origins: [{id: a, domain: VALUE}]",
    "origins: [{id: a, domain: a.example, https_port: VALUE}]",
    "origins: [{id: a, domain: a.example, ssl_protocols: [VALUE]}]",
];

/// The settings of an origin that are also labels of target files.
const LABELS: [&str; 11] = [
    "protocol_policy",
    "ip_address_type",
    "connection_attempts",
    "connection_timeout",
    "host_also_unforwarded",
    "origin_mtls",
    "interval",
    "enabled",
    "reachable_from_here",
    "id",
    "viewer_hosts",
];

/// Values of all kinds, and what is almost one of them.
const VALUES: [&str; 96] = [
    "true",
    "True",
    "TRUE",
    "tRUE",
    "false",
    "yes",
    "no",
    "on",
    "'true'",
    "~",
    "null",
    "''",
    "' '",
    "0",
    "1",
    "2",
    "3",
    "4",
    "-1",
    "+1",
    "01",
    "1.0",
    "1e3",
    "0x10",
    "0o10",
    "1_000",
    "80",
    "443",
    "1023",
    "1024",
    "8443",
    "65535",
    "65536",
    "1000000",
    "1000001",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "'443'",
    "0s",
    "1s",
    "1ms",
    "99ms",
    "100ms",
    "1000ms",
    "10s",
    "11s",
    "60s",
    "1m",
    "10m",
    "11m",
    "1h",
    "24h",
    "25h",
    "1d",
    "14d",
    "3650d",
    "3651d",
    "1h30m",
    "30m1h",
    "1h1h",
    "1.5h",
    "1 h",
    "1H",
    "1w",
    "'5m'",
    "5",
    "0%",
    "0.1%",
    "25%",
    "12.5%",
    "100%",
    "100.1%",
    "-5%",
    "25 %",
    "'%'",
    "'25%'",
    ".5%",
    "5.%",
    "1%%",
    "info",
    "INFO",
    "auto",
    "ipv4",
    "https-only",
    "TLSv1.2",
    "TLSv1.3",
    "192.0.2.1",
    "'2001:db8::1'",
    "'0.0.0.0:1'",
    "10.0.0.0/8",
    "10/8",
    "www.example.com",
    "'*.example.com'",
    "t/*.yaml",
    "{a: b}",
];

#[test]
fn each_key_takes_the_spellings_of_its_type_and_no_others() {
    let mut table = String::new();
    for key in KEYS {
        let mut results: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for value in VALUES {
            let origins = if key.starts_with("origins") {
                ""
            } else {
                "origins: [{id: a, domain: a.example}]\n"
            };
            let text = format!("{origins}{}\n", key.replace("VALUE", value));
            let result = match Config::parse(Path::new("c.yaml"), text.as_bytes()) {
                Ok(_) => "taken".to_owned(),
                Err(errors) => {
                    let kinds: Vec<_> =
                        kinds_of(&errors).into_iter().map(|error| error.2).collect();
                    kinds.join(" and ")
                }
            };
            results.entry(result).or_default().push(value);
        }
        let _ = writeln!(table, "{key}");
        for (result, values) in results {
            let _ = writeln!(table, "    {result}: {}", values.join("  "));
        }
    }
    expect_file!["../../snapshots/values.txt"].assert_eq(&table);
}

#[test]
fn a_label_of_a_target_file_takes_what_the_key_takes() {
    for label in LABELS {
        // In quotes a word is another value to the file, and the same to a label. An empty label
        // is none.
        let is_same = |value: &&str| !value.starts_with('\'') && !value.starts_with('{');
        for value in
            VALUES.into_iter().filter(is_same).filter(|value| !["~", "null"].contains(value))
        {
            let in_file =
                if label == "viewer_hosts" { format!("[{value}]") } else { value.to_owned() };
            let id = if label == "id" { "" } else { "id: a, " };
            let file = format!("origins: [{{{id}domain: a.example, {label}: {in_file}}}]");
            let of_key = match Config::parse(Path::new("c.yaml"), file.as_bytes()) {
                Ok(_) => Vec::new(),
                Err(errors) => kinds_of(&errors),
            };
            let group = format!(
                "[{{targets: [a.example], labels: {{__origin_probe_{label}: '{value}'}}}}]"
            );
            let read = TargetFile::parse(Path::new("t.yaml"), &group, &defaults()).unwrap();
            let of_label = read.errors.as_ref().map(kinds_of).unwrap_or_default();
            let names = |errors: Vec<(Option<u32>, String, String)>| {
                errors.into_iter().map(|error| error.2).collect::<Vec<_>>()
            };
            assert_eq!(names(of_label), names(of_key), "{label}: {value}");
        }
    }
}
