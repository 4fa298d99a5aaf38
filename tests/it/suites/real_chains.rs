//! The judgement of every public chain, so that a change of a rule shows as a difference over real
//! certificates.

use std::fmt::Write;
use std::sync::Arc;

use expect_test::expect_file;
use origin_probe::chain::ChainFacts;
use origin_probe::verdict::{first_failure, judge};

use super::folder;
use super::public_chains::{anchors, index, served};
use crate::common::by_hand;

/// Each chain at the time of its use, with the roots of that time: the answer and the first failure,
/// then every finding.
#[test]
fn every_public_chain_is_judged_as_in_the_snapshot() {
    let Some(folder) = folder().map(|folder| folder.join("chains")) else { return };
    let mut text = String::new();
    for chain in &index(&folder) {
        let anchors = anchors(&folder.join(&chain.roots));
        let facts = Arc::new(ChainFacts::analyse(&served(&folder, chain), &anchors));
        let at = chain.at();
        let observation = by_hand::observation(&chain.host, vec![facts], at);
        let verdict = judge(&observation, at);
        let first = match first_failure(&observation, at).origin {
            Some(first) => format!("first failure {first}"),
            None => "no failure known".to_owned(),
        };
        let answer = verdict.conclusion.answer.as_str();
        let _ = writeln!(text, "{} at {at}: {answer}, {first}", chain.id);
        for finding in &verdict.findings {
            let _ = writeln!(text, "  {} {}", finding.rule.name, finding.effect);
        }
    }
    expect_file!["../../snapshots/real_chains.txt"].assert_eq(&text);
}
