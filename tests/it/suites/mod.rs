//! Chains that nobody on this project made, judged by the whole library: x509-limbo, BetterTLS, and
//! public chains of 2015–2026. The material is not part of this repository.

mod exceptions;
mod limbo;
mod public_chains;
mod real_chains;

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::rules::Effect;
use origin_probe::verdict::judge;

/// Returns the folder of outside material, or says that there is none. A folder that the
/// environment names must be there.
fn folder() -> Option<PathBuf> {
    if let Some(named) = env::var_os("ORIGIN_PROBE_SUITES").map(PathBuf::from) {
        assert!(named.is_dir(), "ORIGIN_PROBE_SUITES: {} is no folder", named.display());
        return Some(named);
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites");
    if beside.is_dir() {
        return Some(beside);
    }
    // Past the test harness, which keeps to itself what a test that passes prints.
    std::io::stderr().write_all(b"skipped: no ../shared/suites\n").unwrap();
    None
}

/// What the library says of a chain: the answer, then every finding that keeps CloudFront away or
/// may do so; notices are left out.
fn judged(served: &[Vec<u8>], anchors: &TrustAnchors, name: &str, at: Timestamp) -> String {
    let chain = Arc::new(ChainFacts::analyse(served, anchors));
    let verdict = judge(&crate::common::by_hand::observation(name, vec![chain], at), at);
    let mut said = vec![verdict.conclusion.answer.as_str()];
    let grave = verdict.findings.iter().filter(|finding| finding.effect > Effect::Notice);
    said.extend(grave.map(|finding| finding.rule.name));
    said.join(" ")
}
