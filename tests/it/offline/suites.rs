//! Public chains of 2015–2026 through the command line, with the roots of their time. The material
//! is not part of this repository.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::stage::{Stage, rules};

#[test]
fn every_public_chain_gets_its_exit_code_and_its_cause() {
    let Some(folder) = folder() else { return };
    let index = std::fs::read_to_string(folder.join("index.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    let stage = Stage::set("suites");
    let chains = index["chains"].as_array().unwrap();
    let mut wrong = Vec::new();
    for chain in chains {
        let text = |field: &str| chain[field].as_str().unwrap();
        let path = |field: &str| folder.join(text(field)).to_str().unwrap().to_owned();
        let more = ["--trust-anchors", &path("roots"), "--at", text("verify_time"), "-o", "json"];
        let ran = stage.check_domain(text("host"), &path("pem"), &more, b"");
        let expect = &chain["expect"];
        let is_right = match expect["verdict"].as_str().unwrap() {
            "ok" => ran.code == 0 && rules(&ran).is_empty(),
            "would_502" => ran.code == 1 && rules(&ran).contains(&rule(&expect["cause"])),
            // Nobody knows; that there is an answer is all that can be asked.
            _ => ran.code != 3 && ran.json()["verdict"].is_string(),
        };
        if !is_right {
            wrong.push(format!("{}: {expect}: {ran:?}", text("id")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} public chains through the command line", chains.len());
}

fn rule(cause: &Value) -> String {
    match cause.as_str().unwrap() {
        "chain_order" => "chain-out-of-order",
        "missing_intermediate" => "intermediate-missing",
        "expired" => "certificate-expired",
        "untrusted_root" => "issuer-untrusted",
        "name_mismatch" => "name-not-in-certificate",
        other => other,
    }
    .to_owned()
}

/// Returns the folder of public chains, or says that there is none. A folder that the environment
/// names must be there.
fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("ORIGIN_PROBE_SUITES").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites");
    let folder = named.clone().unwrap_or_else(beside).join("chains");
    if folder.is_dir() {
        return Some(folder);
    }
    assert_eq!(named, None, "ORIGIN_PROBE_SUITES: {} is no folder", folder.display());
    // Past the test harness, which keeps to itself what a test that passes prints.
    std::io::stderr().write_all(b"skipped: no ../shared/suites\n").unwrap();
    None
}
