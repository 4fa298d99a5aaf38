//! The command line as a user meets it: what it prints, and its exit codes.

use std::path::Path;

use jiff::SignedDuration;
use serde_json::Value;

use crate::common::process::{Folder, Ran};
use crate::common::section::assert_section;
use crate::common::stage::{DemoStage, LOAD_BALANCER, now};

fn folder(name: &str) -> Folder {
    Folder::new(&format!("command-line-{name}"))
}

async fn stage(name: &str) -> DemoStage {
    DemoStage::new(&format!("command-line-{name}"), now()).await
}

/// Checks one of the demo's origins.
fn check(stage: &DemoStage, id: &str, more: &[&str]) -> Ran {
    let scenario = stage.demo.scenarios().find(|scenario| scenario.id == id).unwrap();
    let domain = format!("{}:{}", scenario.domain, stage.demo.https_port(id).unwrap());
    stage.check(&[&domain], more)
}

/// Runs what is wrong, and returns the transcript.
fn refused(folder: &Folder, arguments: &[&str], named: &str) -> String {
    let ran = folder.run(arguments);
    assert_eq!((ran.code, &*ran.out), (3, ""), "{arguments:?}: {}", ran.err);
    assert!(ran.err.contains(named), "{arguments:?}: {}", ran.err);
    ran.transcript()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_classic_case_is_three_lines_and_exit_code_1() {
    let stage = stage("classic").await;
    let id = "load-balancers-own-name";
    let ran = check(&stage, id, &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert_eq!(ran.out.lines().count(), 3, "{}", ran.out);
    assert!(ran.out.starts_with(LOAD_BALANCER), "{}", ran.out);
    let json = check(&stage, id, &["-o", "json"]);
    let json = json.json();
    assert_eq!((&json["verdict"], &json["status"]), (&"fails".into(), &502.into()), "{json}");
    let violation = &json["violations"][0];
    assert_eq!(violation["rule"], "name-not-in-certificate", "{json}");
    assert_eq!(violation["server_name"], LOAD_BALANCER, "{json}");
    let forwarded = check(&stage, id, &["--host", "www.shop.example"]);
    assert_eq!(forwarded.code, 0, "{}", forwarded.out);
    let port = format!(":{}", stage.demo.https_port(id).unwrap());
    let nameserver = stage.demo.dns().address().to_string();
    let said = ran.transcript().replace(&nameserver, "NAMESERVER").replace(&port, ":PORT");
    let said = said.replace("root.pem", "classic.pem");
    assert_section("cli", "check: a load balancer's own name", &said);
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_tell_answers_fails_and_undecided() {
    let stage = stage("codes").await;
    let later = (now() + SignedDuration::from_hours(24 * 30)).to_string();
    for (id, more, code) in [
        ("healthy", &[][..], 0),
        ("host-not-in-certificate", &["--host", "www.old.example"], 0),
        ("expired", &[], 1),
        ("one-of-three-refused", &[], 2),
        ("expiring-in-ten-days", &[], 0),
        ("expiring-in-ten-days", &["--within", "9d"], 0),
        ("expiring-in-ten-days", &["--within", "11d"], 1),
        ("expiring-in-ten-days", &["--at", &later], 1),
        ("unresolvable", &[], 1),
        ("nothing-listening", &["--reachable", "no"], 0),
        ("expired", &["--address", "127.0.0.1"], 1),
    ] {
        let ran = check(&stage, id, more);
        assert_eq!(ran.code, code, "{id} {more:?}: {}{}", ran.out, ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_file_is_checked_whole_or_in_part() {
    let stage = stage("config").await;
    stage.write("demo.yaml", stage.yaml("root.pem"));
    let origins = stage.demo.scenarios().count();
    let ran = stage.run(&["check", "--config", "demo.yaml", "-o", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.origins().len(), origins);
    let ran = stage.run(&["check", "--config", "demo.yaml", "--origin", "healthy"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let nobody = ["check", "--config", "demo.yaml", "--origin", "nobody"];
    let nobody = refused(&stage, &nobody, "nobody");
    let ran = stage.run(&["serve", "--check-config", "--config", "demo.yaml"]);
    assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
    assert!(ran.out.contains(&origins.to_string()), "{}", ran.out);
    assert_section("cli", "a configuration file that is valid", &(nobody + &ran.transcript()));
}

#[test]
fn a_broken_configuration_names_every_error_and_starts_nothing() {
    let folder = folder("broken");
    folder.write(
        "broken.yaml",
        "web: {listen: \"127.0.0.1:0\"}\norigins:\n  - id: a\n    domain: 192.0.2.1\n    \
         https_prot: 443\n  - id: b\n    domain: b.example\n    https_port: 70000\n",
    );
    let files = "cert_file: nowhere.crt\n  key_file: nowhere.key";
    folder.write("broken-web.yaml", format!("tls_server_config:\n  {files}\n"));
    let (config, web) = ("broken.yaml", "broken-web.yaml");
    let mut all = String::new();
    for arguments in [
        &["serve", "--config", config][..],
        &["serve", "--check-config", "--config", config],
        &["check", "--config", config],
        &["serve", "--check-config", "--config", config, "--web.config.file", web],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 3);
        for (line, file) in [(2, "nowhere.crt"), (3, "nowhere.key")] {
            let place = format!("broken-web.yaml:{line}:");
            let named = ran.err.lines().any(|l| l.contains(&place) && l.contains(file));
            assert_eq!(named, arguments.contains(&web), "{place} {file}: {}", ran.err);
        }
        for (line, word) in [(4, "192.0.2.1"), (5, "https_port"), (8, "70000")] {
            let place = format!("broken.yaml:{line}:");
            let named = ran.err.lines().any(|l| l.contains(&place) && l.contains(word));
            assert!(named, "{place} {word}: {}", ran.err);
        }
        all.push_str(&ran.transcript());
    }
    assert_section("cli", "a configuration file with errors", &all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_reads_pipes_and_standard_input_up_to_the_limit() {
    let folder = folder("pipes");
    let fifo = folder.pipe("fifo");
    let config = "origins:\n  - {id: a, domain: a.example, protocol_policy: http-only}\n";
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let [chain, root] = ["served_chain.pem", "root.pem"].map(|name| tests.join(name));
    let read = |path| std::fs::read_to_string(path).unwrap();
    let chain_file = chain.to_str().unwrap();
    for (arguments, text, code) in [
        (&["check", "--config"][..], config, 0),
        (&["check", "a.example", "--chain"], &read(&chain), 1),
        (&["check", "a.example", "--chain", chain_file, "--trust-anchors"], &read(&root), 1),
    ] {
        let writer = tokio::task::spawn_blocking({
            let (fifo, text) = (fifo.clone(), text.to_owned());
            move || std::fs::write(fifo, text).unwrap()
        });
        let ran = folder.run(&[arguments, &["fifo"]].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
        writer.await.unwrap();
        let input = &mut folder.program(&[arguments, &["-"]].concat());
        let ran = Ran::of(input, text.as_bytes());
        assert_eq!(ran.code, code, "{ran:?}");
    }
    let mut all = String::new();
    for arguments in [
        &["check", "--config"][..],
        &["check", "a.example", "--trust-anchors"],
        &["check", "a.example", "--chain"],
        &["check", "--distribution-config"],
    ] {
        let endless = [arguments, &["/dev/zero"]].concat();
        all.push_str(&refused(&folder, &endless, "/dev/zero"));
    }
    assert_section("cli", "files without end", &all);
}

#[test]
fn bad_files_get_clear_errors_and_exit_code_3() {
    let folder = folder("bad");
    let origins = "origins:\n  - {id: a, domain: a.example}\n";
    let missing_pem = format!("trust_anchors: {{extra: [nowhere.pem]}}\n{origins}");
    folder.write("missing-pem.yaml", missing_pem);
    folder.write("no.pem", "this is no certificate\n");
    folder.write("latin1.yaml", b"origins:\n  - id: caf\xe9\n    domain: a.example\n");
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (new, old) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip("abcdefgh".chars()) {
        bomb.push_str(&format!("{new}: &{new} [{}]\n", vec![format!("*{old}"); 9].join(", ")));
    }
    folder.write("bomb.yaml", bomb);
    let mut all = String::new();
    for (arguments, named) in [
        (&["serve", "--config", "no/such/file.yaml"][..], "no/such/file.yaml"),
        (&["serve", "--config", "missing-pem.yaml"], "nowhere.pem"),
        (&["serve", "--config", "latin1.yaml"], "latin1.yaml:2"),
        (&["serve", "--config", "bomb.yaml"], "bomb.yaml"),
        (&["check", "a.example", "--trust-anchors", "no.pem"], "no.pem"),
        (&["check", "a.example", "--extra-trust-anchors", "no.pem"], "no.pem"),
        (&["check", "a.example", "--at", "yesterday"], "yesterday"),
        (&["check", "a.example:22"], "22"),
        (&["check", "a.example", "--within", "soon"], "soon"),
        (&["check", "a.example", "--ssl-protocols", "TLSv9"], "TLSv1.2"),
        (&["check"], "DOMAIN"),
        (&["explain", "chain-out-of-odrer"], "chain-out-of-order"),
    ] {
        all.push_str(&refused(&folder, arguments, named));
    }
    assert_section("cli", "bad files and arguments", &all);
}

#[test]
fn the_rules_are_listed_and_explained() {
    let folder = folder("rules");
    let ran = folder.run(&["rules"]);
    assert_eq!(ran.code, 0);
    for rule in origin_probe::rules::RULES {
        assert!(ran.out.contains(rule.name), "{}", rule.name);
        let explained = folder.run(&["explain", rule.name]);
        assert_eq!(explained.code, 0);
        assert!(explained.out.contains(&rule.citation.to_string()), "{}", explained.out);
    }
}

#[test]
fn the_demo_once_prints_its_findings_and_exits_0() {
    let folder = folder("demo");
    let ran = folder.run(&["demo", "--once"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("load-balancers-own-name  "), "{}", ran.out);
    // The classic case, in words: the fact and the remedy.
    assert!(ran.out.lines().next().unwrap().contains("fails (502)"), "{}", ran.out);
    let fact = "\n  name-not-in-certificate: the certificate covers www.shop.example";
    assert!(ran.out.contains(fact), "{}", ran.out);
    let hint = ran.out.lines().find(|line| line.starts_with("  hint: ")).unwrap();
    assert!(hint.contains("own name"), "{hint}");
    let json = folder.run(&["demo", "--once", "-o", "json"]);
    assert_eq!(json.code, 0);
    assert!(json.out.lines().count() >= 12);
    for (origin, verdict) in [
        ("load-balancers-own-name", "fails"),
        ("host-forwarded", "answers"),
        ("repaired-by-custom-domain", "answers"),
        ("healthy", "answers"),
        ("one-of-three-refused", "undecided"),
        ("expired", "fails"),
    ] {
        let mut origins = json.out.lines().map(|line| serde_json::from_str(line).unwrap());
        let found = origins.find(|found: &Value| found["origin"] == origin);
        assert_eq!(found.unwrap()["verdict"], verdict, "{origin}");
    }
}
