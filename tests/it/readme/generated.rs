//! The parts of documents that are written from the code. Each stands between two comments; the rest
//! of a document is written by hand.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use jiff::Timestamp;
use origin_probe::cloudfront::Version;
use origin_probe::metrics;
use origin_probe::rules::{Effect, RULES, Rule, UndecidedReason};
use origin_probe::telemetry::{Family, Phase, Telemetry};
use serde_json::Value;

#[test]
fn the_generated_parts_of_the_documents_are_those_of_the_code() {
    let mut outdated = Vec::new();
    for (document, parts) in documents() {
        let written = fs::read_to_string(document).unwrap();
        let mut text = written.clone();
        for (name, part) in parts {
            text = with_part(document, &text, name, &part);
        }
        if text != written {
            outdated.push(document);
            if std::env::var_os("ORIGIN_PROBE_WRITE").is_some() {
                fs::write(document, text).unwrap();
            }
        }
    }
    let is_written = std::env::var_os("ORIGIN_PROBE_WRITE").is_some();
    assert!(is_written || outdated.is_empty(), "{outdated:?}: write them with `{COMMAND}`");
}

/// Each document with the names of its generated parts and their text.
fn documents() -> [(&'static str, Vec<(&'static str, String)>); 6] {
    let of = |effect| RULES.iter().copied().filter(move |rule| rule.class.effect == effect);
    let reasons = || UndecidedReason::all().map(UndecidedReason::facts);
    let open = reasons().filter(|facts| facts.blind.is_none());
    let blind = || reasons().filter(|facts| facts.blind.is_some());
    let labels: Vec<&str> = blind().map(|facts| facts.label).collect();
    let query = format!(
        "```promql\ncloudfront_origin_undecided_reason{{reason=~\"{}\"}}\n```\n",
        labels.join("|")
    );
    let see = format!("| {} | See [OriginProbeBlind](OriginProbeBlind.md) |\n", codes(&labels));
    let remedies = |head, rows: Vec<(&str, &str)>| {
        let mut table = format!("| {head} | remedy |\n|---|---|\n");
        for (name, remedy) in rows {
            let _ = writeln!(table, "| `{name}` | {} |", escaped(remedy));
        }
        table
    };
    let rows = |rules: &mut dyn Iterator<Item = &'static Rule>| {
        remedies("rule", rules.map(|rule| (rule.name, first_sentence(rule.remedy))).collect())
    };
    [
        ("deploy/docs/rules.md", vec![("rules", rules()), ("undecided reasons", all_reasons())]),
        (
            "deploy/docs/metrics.md",
            vec![
                ("essential metrics of origins", essential()),
                ("metrics that are not essential", not_essential()),
                ("metrics of origins", metrics_of("cloudfront_origin_") + "\n" + &label_values()),
                ("metrics of behaviors", metrics_of("cloudfront_behavior_")),
                ("metrics of the daemon", metrics_of("origin_probe_")),
                ("metrics of the process", metrics_of_process()),
            ],
        ),
        (
            "deploy/runbooks/CloudFrontOriginFailing.md",
            vec![("rules that fail", rows(&mut of(Effect::Fails)))],
        ),
        (
            "deploy/runbooks/CloudFrontOriginNotice.md",
            vec![("notices", rows(&mut of(Effect::Notice).filter(|rule| has_alert(rule))))],
        ),
        (
            "deploy/runbooks/CloudFrontOriginUndecided.md",
            vec![(
                "reasons",
                remedies("reason", open.map(|facts| (facts.label, facts.remedy)).collect()) + &see,
            )],
        ),
        (
            "deploy/runbooks/OriginProbeBlind.md",
            vec![
                ("query", query),
                (
                    "causes",
                    remedies("cause", blind().map(|facts| (facts.label, facts.remedy)).collect()),
                ),
            ],
        ),
    ]
}

/// The table of rules, and below it the links to AWS's documents.
fn rules() -> String {
    let mut table = String::from("| rule | effect | what is wrong |\n|---|---|---|\n");
    let mut links = BTreeMap::new();
    for rule in RULES {
        let effect = match rule.status() {
            Some(status) => format!("{} {status}", rule.class.effect),
            None => rule.class.effect.to_string(),
        };
        let Rule { name, citation, title, .. } = rule;
        let citation = citation.to_string();
        let label = link_label(&citation).to_owned();
        let _ = writeln!(table, "| [`{name}`][{label}] | {effect} | {title} |");
        let known = links.entry(label).or_insert_with(|| citation.clone());
        assert_eq!(*known, citation, "two links have one label");
    }
    table.push('\n');
    for (label, link) in links {
        let _ = writeln!(table, "[{label}]: {link}");
    }
    table
}

/// Returns the last two words of a link's fragment or, without one, of its page's name.
fn link_label(link: &str) -> &str {
    let name = link.rsplit(['/', '#']).next().unwrap_or(link);
    let name = name.strip_suffix(".html").unwrap_or(name);
    let start = name.rmatch_indices('-').nth(1).map_or(0, |(position, _)| position + 1);
    &name[start..]
}

#[test]
fn a_link_is_labelled_with_the_last_two_words_of_its_fragment_or_page() {
    for (link, label) in [
        ("https://example.com/guide/http-502.html#http-502-dns-error", "dns-error"),
        ("https://example.com/guide/http-504-gateway-timeout.html", "gateway-timeout"),
        ("https://example.com/guide/two-words.html", "two-words"),
        ("https://example.com/guide/OriginSettings.html", "OriginSettings"),
    ] {
        assert_eq!(link_label(link), label);
    }
}

fn all_reasons() -> String {
    let mut table =
        String::from("| reason | caused by the prober | what it means |\n|---|---|---|\n");
    for facts in UndecidedReason::all().map(UndecidedReason::facts) {
        let cause = if facts.is_from_prober { "yes" } else { "no" };
        let _ = writeln!(table, "| `{}` | {cause} | {} |", facts.label, facts.explanation);
    }
    table
}

/// The table of the metrics whose names begin with `prefix`.
fn metrics_of(prefix: &str) -> String {
    let counts = counts(&rendered());
    let mut table = String::from(HEAD);
    for family in metrics::families().filter(|family| family.name.starts_with(prefix)) {
        let common = common_labels(family.name);
        let labels: Vec<&str> =
            family.labels.iter().copied().filter(|label| !common.contains(label)).collect();
        let series = match series(family, &counts) {
            1 => String::new(),
            several => format!(" ({several} series)"),
        };
        let (name, kind, help) = (family.name, family.kind, family.help);
        let labels = codes(&labels) + &series;
        let _ = writeln!(table, "| `{name}` | {kind} | {} | {help} |", labels.trim_start());
    }
    table
}

/// The list of the essential metrics of origins.
fn essential() -> String {
    let names = metrics::families().map(|family| family.name);
    let names = names.filter(|name| metrics::is_essential(name));
    let names = names.filter(|name| name.starts_with("cloudfront_origin_"));
    names.map(|name| format!("- `{name}`\n")).collect()
}

/// The table of the other metrics, and what the dashboard uses them for.
fn not_essential() -> String {
    let dashboard = fs::read_to_string("deploy/grafana/origin-probe.json").unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let mut table = String::from("| metric | variables and panels of the dashboard |\n|---|---|\n");
    for family in metrics::families().filter(|family| !metrics::is_essential(family.name)) {
        let selector = format!("{}{{", family.name);
        let users = |list: &Value, queries: &str, name: &str| {
            let list = list.as_array().unwrap().iter();
            let users = list.filter(|each| each[queries].to_string().contains(&selector));
            users.map(|user| user[name].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let variables = users(&dashboard["templating"]["list"], "query", "label").into_iter();
        let variables = variables.map(|label| format!("variable {label}"));
        let panels = users(&dashboard["panels"], "targets", "title");
        let users: Vec<String> = variables.chain(panels).collect();
        let _ = writeln!(table, "| `{}` | {} |", family.name, users.join(", "));
    }
    table
}

/// The fixed number of series of a metric, or 1; those of the daemon itself are counted.
fn series(family: &Family, counts: &BTreeMap<String, usize>) -> usize {
    match family.name {
        "cloudfront_origin_probe_duration_seconds" => Phase::ALL.len(),
        "cloudfront_origin_server_names" => 4,
        "origin_probe_blind" => {
            UndecidedReason::all().filter(|reason| reason.facts().blind.is_some()).count()
        }
        name => counts.get(name).copied().unwrap_or(1),
    }
}

fn label_values() -> String {
    let statuses = RULES.iter().filter_map(|rule| rule.status());
    let statuses: std::collections::BTreeSet<String> = statuses.map(|s| s.to_string()).collect();
    let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
    let effects = [Effect::Fails, Effect::MayFail, Effect::Notice].map(Effect::as_str);
    let mut versions = Version::ALL.map(Version::as_str);
    versions.reverse();
    format!(
        "| label | values |\n|---|---|\n\
         | `rule` | the ids that `origin-probe rules` lists |\n\
         | `effect` | {} |\n\
         | `status` | {}, or empty for what viewers do not see |\n\
         | `reason` | the [reasons](rules.md#undecided-reasons) for an undecided verdict |\n\
         | `family` | `ipv4`, `ipv6` |\n\
         | `state` | `answers`, `fails`, `undecided`, `waiting` |\n\
         | `phase` | {} |\n\
         | `version` | {} |\n",
        codes(&effects),
        codes(&statuses),
        codes(&Phase::ALL.map(|(phase, _)| phase)),
        codes(&versions),
    )
}

/// The names of the process's metrics, which are those of the client library, on Linux only.
fn metrics_of_process() -> String {
    let mut list = String::new();
    for line in rendered().lines().filter_map(|line| line.strip_prefix("# TYPE process_")) {
        let _ = writeln!(list, "- `process_{}`", line.split(' ').next().unwrap());
    }
    list
}

fn rendered() -> String {
    Telemetry::new("1").unwrap().render(Timestamp::UNIX_EPOCH, |_| true).unwrap()
}

/// How many series each family has in the text.
fn counts(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut family = "";
    for line in text.lines() {
        match line.strip_prefix("# TYPE ") {
            Some(named) => family = named.split(' ').next().unwrap(),
            None if line.starts_with('#') => {}
            None => *counts.entry(family.to_owned()).or_default() += 1,
        }
    }
    counts
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

/// The rules that `CloudFrontOriginNotice` excludes.
const WITHOUT_ALERT: [&str; 4] =
    ["renewal-overdue", "address-not-probed", "trust-anchor-served", "sslv3-not-offered"];

/// Returns whether `CloudFrontOriginNotice` fires on a rule that gives a notice.
fn has_alert(rule: &Rule) -> bool {
    let alerts = fs::read_to_string("deploy/prometheus/alerts.yaml").unwrap();
    let excluded = format!("rule!~\"{}\"", WITHOUT_ALERT.join("|"));
    assert!(alerts.contains(&excluded), "alerts.yaml does not contain {excluded}");
    !WITHOUT_ALERT.contains(&rule.name)
}

/// Returns the first sentence of a remedy. `origin-probe explain` prints all of it.
fn first_sentence(remedy: &str) -> &str {
    let mut ends = remedy.match_indices(". ").map(|(at, _)| at + 1);
    let end = ends.find(|end| remedy[end + 1..].starts_with(char::is_uppercase));
    end.map_or(remedy, |end| &remedy[..end])
}

fn codes(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Returns the document with a generated part replaced.
fn with_part(document: &str, text: &str, name: &str, part: &str) -> String {
    let begin = format!("<!-- generated: {name}; write it with `{COMMAND}` -->\n");
    let end = format!("<!-- end of {name} -->\n");
    let Some((before, rest)) = text.split_once(&begin) else {
        panic!("{document} has no line {begin}");
    };
    let Some((_, after)) = rest.split_once(&end) else { panic!("{document} has no line {end}") };
    format!("{before}{begin}\n{part}\n{end}{after}")
}

const HEAD: &str = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
const COMMAND: &str = "ORIGIN_PROBE_WRITE=1 cargo test --test it readme";
