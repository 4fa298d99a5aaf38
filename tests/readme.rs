//! The tables of the README and of the reference of metrics are those of the code.
#![allow(clippy::unwrap_used)]

use std::fs;

use origin_probe::metrics;
use origin_probe::rules::RULES;
use origin_probe::telemetry::Operation;

#[test]
fn the_rule_table_is_that_of_the_code() {
    let mut table = String::from("| rule | effect | what is wrong |\n|---|---|---|\n");
    for rule in RULES {
        let effect = match rule.status {
            Some(status) => format!("{} {status}", rule.effect),
            None => rule.effect.to_string(),
        };
        let (id, page, title) = (rule.id, rule.citation, rule.title);
        table.push_str(&format!("| [`{id}`]({page}) | {effect} | {title} |\n"));
    }
    assert_in_readme(&table);
}

#[test]
fn the_metric_table_is_that_of_the_code() {
    let mut table = String::from("| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for family in metrics::families() {
        let labels: Vec<&str> = family
            .labels
            .iter()
            .copied()
            .filter(|label| {
                !PER_ORIGIN.contains(label) || !family.name.starts_with("cloudfront_origin_")
            })
            .collect();
        let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        let (name, kind, help) = (family.name, family.kind, family.help);
        table.push_str(&format!("| `{name}` | {kind} | {labels} | {help} |\n"));
    }
    assert_in_readme(&table);
}

/// That it has no other, and counts their series right, `.ci/check-prometheus` asks of a daemon.
#[test]
fn the_reference_of_metrics_has_every_metric() {
    let reference = fs::read_to_string("deploy/docs/metrics.md").unwrap();
    for family in metrics::families() {
        let (begin, end) =
            (format!("| `{}` | {} |", family.name, family.kind), format!("| {} |", family.help));
        let is_there = |line: &str| line.starts_with(&begin) && line.ends_with(&end);
        assert_eq!(reference.lines().filter(|line| is_there(line)).count(), 1, "{begin} … {end}");
    }
}

#[test]
fn the_table_of_probes_on_request_is_that_of_the_code() {
    let mut table = String::from("| metric | labels | meaning |\n|---|---|---|\n");
    for family in metrics::families_of_one_probe() {
        assert_eq!(family.kind, metrics::Kind::Gauge);
        let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, labels, help) = (family.name, labels.join(", "), family.help);
        table.push_str(&format!("| `{name}` | {labels} | {help} |\n"));
    }
    assert_in_readme(&table);
}

/// The labels that every series of an origin has.
const PER_ORIGIN: [&str; 4] = ["distribution", "origin", "domain", "server_name"];

fn assert_in_readme(table: &str) {
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(readme.contains(table), "README.md must contain this table:\n\n{table}");
}

/// What the policy allows is what is called, and the README says of each what for.
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
    let called = Operation::ALL.map(|operation| format!("cloudfront:{}", operation.as_str()));
    assert_eq!(allowed, called);
    let readme = fs::read_to_string("README.md").unwrap();
    for action in allowed {
        assert!(readme.contains(&format!("| `{action}` |")), "{action}");
    }
}
