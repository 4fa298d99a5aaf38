//! The tables of the documents are those of the code.
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
    assert_in("deploy/docs/rules.md", &table);
}

/// That it has no other, and counts their series right, `.ci/check-prometheus` asks of a daemon.
#[test]
fn the_reference_of_metrics_has_every_metric() {
    let reference = fs::read_to_string("deploy/docs/metrics.md").unwrap();
    for family in metrics::families() {
        let common = common_labels(family.name);
        let labels = family.labels.iter().copied().filter(|label| !common.contains(label));
        let labels = labels.map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        let begin = format!("| `{}` | {} | {labels} |", family.name, family.kind);
        let end = format!("| {} |", family.help);
        let is_there = |line: &str| line.starts_with(&begin) && line.ends_with(&end);
        assert_eq!(reference.lines().filter(|line| is_there(line)).count(), 1, "{begin} … {end}");
    }
}

/// What the tables of the reference say once for all metrics below a prefix.
fn common_labels(name: &str) -> &'static [&'static str] {
    if name.starts_with("cloudfront_origin_") {
        &["distribution", "origin", "domain", "server_name"]
    } else if name.starts_with("cloudfront_behavior_") {
        &["distribution", "path_pattern", "viewer_protocol"]
    } else {
        &[]
    }
}

#[test]
fn the_readme_names_metrics_that_there_are() {
    let readme = fs::read_to_string("README.md").unwrap();
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `cloudfront_") || line.starts_with("| `origin_probe_"));
    let first_cells = rows.filter_map(|row| row.split('|').nth(1));
    let named: Vec<&str> =
        first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(metrics::families().any(|family| family.name == name), "{name}");
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
    let called = Operation::ALL.map(|operation| format!("cloudfront:{}", operation.as_str()));
    assert_eq!(allowed, called);
    let text = fs::read_to_string("deploy/docs/discovery.md").unwrap();
    for action in allowed {
        assert!(text.contains(&format!("| `{action}` |")), "{action}");
    }
}
