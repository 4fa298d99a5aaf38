//! Every sentence of the rules in one file: what they say of themselves, and what they say of the
//! observations of this test's tables.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::Command;

use expect_test::expect_file;
use origin_probe::observation::{Failure, Observation};
use origin_probe::report::doubts;
use origin_probe::rules::{RULES, ReadIn, Topic, UndecidedReason};

use super::nameservers::of_nameservers;
use super::paths::{of_keys, of_paths};
use super::remedies::special;
use super::rows;
use super::stage::{Pki, endpoint, failed, failure, judged, refusal, seen, silence};

#[test]
fn the_sentences_of_the_rules_are_those_of_the_snapshot() {
    let mut text = String::from("# origin-probe rules\n\n");
    text.push_str(&printed(&["rules"]));
    text.push_str("\n# origin-probe explain, without the settings and commands\n");
    for rule in RULES {
        let explained = printed(&["explain", rule.name]);
        let (said, _) = explained.split_once("\nsetting: ").unwrap();
        let _ = write!(text, "\n{said}repair: {:?}\n", rule.repair);
    }
    for unknown in ["not-tsl", "elephant"] {
        let _ = write!(text, "\n{}", printed(&["explain", unknown]));
    }
    text.push_str("\n# Settings and commands\n");
    let mut written = BTreeSet::new();
    for topic in RULES.iter().map(|rule| rule.repair).chain(OF_FINDINGS) {
        if written.insert(format!("{topic:?}")) {
            let _ = write!(text, "\n## {topic:?}\n\n{topic}");
        }
    }
    text.push_str("\n# Undecided reasons\n");
    for reason in UndecidedReason::all() {
        let facts = reason.facts();
        let _ = write!(text, "\n{reason}: {}\nremedy: {}\n", facts.explanation, facts.remedy);
        if let Some(blind) = &facts.blind {
            let _ = writeln!(text, "blind: {}", blind.meaning);
        }
    }
    text.push_str("\n# Findings\n");
    for (story, observation) in observations() {
        write_findings(&mut text, &story, observation);
    }
    expect_file!["../../snapshots/rules.txt"].assert_eq(&text);
}

/// What there is to repair for some findings only.
const OF_FINDINGS: [Topic; 4] =
    [Topic::DeadFamily, Topic::S3Website, Topic::PlatformName, Topic::DefaultCertificate];

fn observations() -> Vec<(String, Observation)> {
    let pki = Pki::new();
    let rows = rows(&pki).into_iter().chain(of_paths()).chain(of_keys());
    let mut all: Vec<(String, Observation)> =
        rows.map(|(story, observation, _)| (story.to_owned(), observation)).collect();
    all.extend(of_nameservers().into_iter().map(|(story, seen, _)| (story.to_owned(), seen)));
    all.extend(special(&pki).into_iter().map(|(story, observation, _)| (story, observation)));
    all.extend([71, 80, 49, 120].map(alert));
    all.extend(dead_addresses(&pki));
    all
}

fn alert(code: u8) -> (String, Observation) {
    (format!("the alert {code}"), failure(Failure::Alert { code }))
}

/// Addresses that take no connections beside others that do.
fn dead_addresses(pki: &Pki) -> Vec<(String, Observation)> {
    let mixes = [
        [None, None, Some(refusal())],
        [None, Some(refusal()), Some(refusal())],
        [None, None, Some(silence())],
        [None, Some(silence()), Some(refusal())],
    ];
    let one = |(place, failure): (u8, Option<Failure>)| match failure {
        Some(failure) => failed(place, failure),
        None => endpoint(place, pki.sound()),
    };
    mixes.map(|mix| ("dead addresses".to_owned(), seen((1..).zip(mix).map(one).collect()))).into()
}

/// Writes each finding with its remedy where that is not the rule's own, and why the verdict is
/// undecided.
fn write_findings(text: &mut String, story: &str, observation: Observation) {
    let report = judged(observation);
    if report.verdict.findings.is_empty() {
        return;
    }
    let _ = write!(text, "\n## {story}: {}\n\n", report.verdict.conclusion.answer.as_str());
    for finding in &report.verdict.findings {
        let rule = finding.rule;
        let _ = writeln!(text, "{} {}: {}", rule.name, finding.effect, finding.detail);
        let daemon = finding.remedy_read_in(ReadIn::Daemon);
        if daemon != rule.remedy {
            let _ = writeln!(text, "  remedy: {daemon}");
        }
        if finding.remedy_read_in(ReadIn::Check) != daemon {
            let _ = writeln!(text, "  in check: {}", finding.remedy_read_in(ReadIn::Check));
        }
        if finding.repair != rule.repair {
            let _ = writeln!(text, "  repair: {:?}", finding.repair);
        }
    }
    for (reason, doubt) in doubts(&report) {
        let _ = writeln!(text, "undecided, {reason}: {doubt}");
    }
}

/// Returns what the program prints to standard output and standard error.
pub(super) fn printed(arguments: &[&str]) -> String {
    let program = Command::new(env!("CARGO_BIN_EXE_origin-probe")).args(arguments).output();
    let output = program.unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}
