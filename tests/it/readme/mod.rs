//! The tables of the documents are those of the code.

mod generated;

use std::fs;
use std::path::PathBuf;

use origin_probe::metrics;
use origin_probe::telemetry::{Kind, Operation};

#[test]
fn documents_name_metrics_that_exist() {
    let mut named = 0;
    for document in prose() {
        let text = fs::read_to_string(&document).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let prefixes = ["cloudfront_origin_", "cloudfront_behavior_", "origin_probe_"];
        let is_metric =
            |word: &&str| prefixes.iter().any(|p| word.starts_with(p)) && !word.ends_with('_');
        for word in words.filter(is_metric) {
            let of_histogram =
                ["_bucket", "_sum", "_count"].iter().find_map(|s| word.strip_suffix(s));
            let is_known = |name: &str| metrics::families().any(|family| family.name == name);
            let document = document.display();
            assert!(is_known(word) || of_histogram.is_some_and(is_known), "{document}: {word}");
            named += 1;
        }
    }
    assert!(named > 100, "only {named} were found");
}

/// Returns every document that users read.
fn prose() -> Vec<PathBuf> {
    let folders = [".", "deploy", "deploy/docs", "deploy/runbooks"].map(fs::read_dir);
    let files =
        folders.into_iter().flat_map(|folder| folder.unwrap().map(|file| file.unwrap().path()));
    files.filter(|file| file.extension().is_some_and(|extension| extension == "md")).collect()
}

#[test]
fn the_table_of_probes_on_request_is_that_of_the_code() {
    let mut table = String::from("| metric | labels | meaning |\n|---|---|---|\n");
    for family in metrics::families_of_one_probe() {
        assert_eq!(family.kind, Kind::Gauge);
        let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, labels, help) = (family.name, labels.join(", "), family.help);
        table.push_str(&format!("| `{name}` | {labels} | {help} |\n"));
    }
    assert_in("deploy/docs/on-request.md", &table);
}

fn assert_in(document: &str, table: &str) {
    let text = fs::read_to_string(document).unwrap();
    assert!(text.contains(table), "{document} must contain this table:\n\n{table}");
}

/// What the policy allows is what is called, and the document says of each what for.
#[test]
fn the_permissions_are_those_of_the_calls() {
    let policy = fs::read_to_string("deploy/iam-policy.json").unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let allowed: Vec<&str> = policy["Statement"][0]["Action"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap())
        .collect();
    let called = Operation::ALL.map(|(operation, _)| format!("cloudfront:{operation}"));
    assert_eq!(allowed, called);
    let text = fs::read_to_string("deploy/docs/discovery.md").unwrap();
    for action in allowed {
        assert!(text.contains(&format!("| `{action}` |")), "{action}");
    }
}
