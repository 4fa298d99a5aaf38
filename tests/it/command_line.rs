//! The command line as a user meets it: what it prints, and its exit codes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use crate::common::section::{assert_section, transcript};
use jiff::{SignedDuration, Timestamp};
use origin_probe::demo::Demo;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

struct Ran {
    arguments: Vec<String>,
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// Returns the command and what it printed, for a section, without the tests' own folder.
    fn transcript(&self) -> String {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let folder = format!("{}/", folder().display());
        transcript(&arguments, self.code, &self.out, &self.err).replace(&folder, "")
    }
}

async fn run(arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_origin-probe"));
    // What the environment of the tests' user must not decide.
    for variable in ["RUST_LOG", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(variable);
    }
    let Output { status, stdout, stderr } = command.args(arguments).output().await.unwrap();
    Ran {
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Writes a file below the tests' own folder.
fn file(name: &str, content: &[u8]) -> String {
    std::fs::create_dir_all(folder()).unwrap();
    let path = folder().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("command-line")
}

/// The demo's origins and the arguments that check one of them.
struct Stage {
    demo: Demo,
    pem: String,
}

impl Stage {
    async fn set(name: &str) -> Self {
        let demo = Demo::start(now()).await.unwrap();
        let pem = file(&format!("{name}.pem"), demo.root_pem().as_bytes());
        Self { demo, pem }
    }

    async fn check(&self, id: &str, more: &[&str]) -> Ran {
        let scenario = self.demo.scenarios().find(|scenario| scenario.id == id).unwrap();
        let domain = format!("{}:{}", scenario.domain, self.demo.https_port(id).unwrap());
        let nameserver = self.demo.dns().address().to_string();
        let mut arguments = vec!["check", &domain, "--nameserver", &nameserver];
        arguments.extend(["--trust-anchors", &self.pem, "--assume-public", "127.0.0.0/8"]);
        arguments.extend(more);
        run(&arguments).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_classic_case_is_three_lines_and_exit_code_1() {
    let stage = Stage::set("classic").await;
    let id = "load-balancers-own-name";
    let ran = stage.check(id, &[]).await;
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert_eq!(ran.out.lines().count(), 3, "{}", ran.out);
    let elb = "shop-alb-1234567890.eu-west-1.elb.amazonaws.com";
    assert!(ran.out.starts_with(elb), "{}", ran.out);
    let json = stage.check(id, &["-o", "json"]).await;
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["verdict"], &json["status"]), (&"fails".into(), &502.into()), "{json}");
    let violation = &json["violations"][0];
    assert_eq!(violation["rule"], "name-not-in-certificate", "{json}");
    assert_eq!(violation["server_name"], elb, "{json}");
    let forwarded = stage.check(id, &["--host", "www.shop.example"]).await;
    assert_eq!(forwarded.code, 0, "{}", forwarded.out);
    let port = format!(":{}", stage.demo.https_port(id).unwrap());
    let nameserver = stage.demo.dns().address().to_string();
    let said = ran.transcript().replace(&nameserver, "NAMESERVER").replace(&port, ":PORT");
    assert_section("cli", "check: a load balancer's own name", &said);
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_tell_answers_fails_and_undecided() {
    let stage = Stage::set("codes").await;
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
        let ran = stage.check(id, more).await;
        assert_eq!(ran.code, code, "{id} {more:?}: {}{}", ran.out, ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_file_is_checked_whole_or_in_part() {
    let stage = Stage::set("config").await;
    let yaml = stage.demo.config_yaml(SocketAddr::from(([127, 0, 0, 1], 0)), stage.pem.as_ref());
    let config = file("demo.yaml", yaml.as_bytes());
    let ran = run(&["check", "--config", &config, "-o", "json"]).await;
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.out.lines().count(), stage.demo.scenarios().count());
    for line in ran.out.lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
    let ran = run(&["check", "--config", &config, "--origin", "healthy"]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let ran = run(&["check", "--config", &config, "--origin", "nobody"]).await;
    assert_eq!((ran.code, &*ran.out), (3, ""));
    assert!(ran.err.contains("nobody"), "{}", ran.err);
    let nobody = ran.transcript();
    let ran = run(&["serve", "--check-config", "--config", &config]).await;
    assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
    let origins = stage.demo.scenarios().count().to_string();
    assert!(ran.out.contains(&origins), "{}", ran.out);
    assert_section("cli", "a configuration file that is valid", &(nobody + &ran.transcript()));
}

#[tokio::test]
async fn a_broken_configuration_names_every_error_and_starts_nothing() {
    let config = file(
        "broken.yaml",
        b"web: {listen: \"127.0.0.1:0\"}\norigins:\n  - id: a\n    domain: 192.0.2.1\n    https_prot: 443\n  - id: b\n    domain: b.example\n    https_port: 70000\n",
    );
    let mut all = String::new();
    let web = file(
        "broken-web.yaml",
        b"tls_server_config:\n  cert_file: nowhere.crt\n  key_file: nowhere.key\n",
    );
    for arguments in [
        &["serve", "--config", &config][..],
        &["serve", "--check-config", "--config", &config],
        &["check", "--config", &config],
        &["serve", "--check-config", "--config", &config, "--web.config.file", &web],
    ] {
        let ran = run(arguments).await;
        assert_eq!(ran.code, 3);
        for (line, file) in [(2, "nowhere.crt"), (3, "nowhere.key")] {
            let place = format!("broken-web.yaml:{line}:");
            let named = ran.err.lines().any(|l| l.contains(&place) && l.contains(file));
            assert_eq!(named, arguments.contains(&&*web), "{place} {file}: {}", ran.err);
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
    // `file` would wait for the pipe of an earlier run.
    let fifo = format!("{}.fifo", file("beside", b""));
    let _ = std::fs::remove_file(&fifo);
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let config = "origins:\n  - {id: a, domain: a.example, protocol_policy: http-only}\n";
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let chain = std::fs::read_to_string(tests.join("served_chain.pem")).unwrap();
    let root = std::fs::read_to_string(tests.join("root.pem")).unwrap();
    let chain_file = tests.join("served_chain.pem").to_str().unwrap().to_owned();
    for (arguments, text, code) in [
        (&["check", "--config"][..], config, 0),
        (&["check", "a.example", "--chain"], &chain, 1),
        (&["check", "a.example", "--chain", &chain_file, "--trust-anchors"], &root, 1),
    ] {
        let writer = tokio::task::spawn_blocking({
            let (fifo, text) = (fifo.clone(), text.to_owned());
            move || std::fs::write(fifo, text).unwrap()
        });
        let ran = run(&[arguments, &[&fifo]].concat()).await;
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
        writer.await.unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_origin-probe"))
            .args(arguments)
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(text.as_bytes()).await.unwrap();
        drop(input);
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    }
    let mut all = String::new();
    for arguments in [
        &["check", "--config"][..],
        &["check", "a.example", "--trust-anchors"],
        &["check", "a.example", "--chain"],
        &["check", "--distribution-config"],
    ] {
        let ran = run(&[arguments, &["/dev/zero"]].concat()).await;
        assert_eq!((ran.code, &*ran.out), (3, ""), "{}", ran.err);
        assert!(ran.err.contains("/dev/zero"), "{}", ran.err);
        all.push_str(&ran.transcript());
    }
    assert_section("cli", "files without end", &all);
}

#[tokio::test]
async fn bad_files_get_clear_errors_and_exit_code_3() {
    let missing_pem = file(
        "missing-pem.yaml",
        b"trust_anchors: {extra: [nowhere.pem]}\norigins:\n  - {id: a, domain: a.example}\n",
    );
    let no_pem = file("no.pem", b"this is no certificate\n");
    let latin1 = file("latin1.yaml", b"origins:\n  - id: caf\xe9\n    domain: a.example\n");
    let aliases = {
        let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (new, old) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip("abcdefgh".chars()) {
            bomb.push_str(&format!("{new}: &{new} [{}]\n", vec![format!("*{old}"); 9].join(", ")));
        }
        file("bomb.yaml", bomb.as_bytes())
    };
    let mut all = String::new();
    for (arguments, named) in [
        (&["serve", "--config", "no/such/file.yaml"][..], "no/such/file.yaml"),
        (&["serve", "--config", &missing_pem], "nowhere.pem"),
        (&["serve", "--config", &latin1], "latin1.yaml:2"),
        (&["serve", "--config", &aliases], "bomb.yaml"),
        (&["check", "a.example", "--trust-anchors", &no_pem], "no.pem"),
        (&["check", "a.example", "--extra-trust-anchors", &no_pem], "no.pem"),
        (&["check", "a.example", "--at", "yesterday"], "yesterday"),
        (&["check", "a.example:22"], "22"),
        (&["check", "a.example", "--within", "soon"], "soon"),
        (&["check", "a.example", "--ssl-protocols", "TLSv9"], "TLSv1.2"),
        (&["check"], "DOMAIN"),
        (&["explain", "chain-out-of-odrer"], "chain-out-of-order"),
    ] {
        let ran = run(arguments).await;
        assert_eq!((ran.code, &*ran.out), (3, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(named), "{arguments:?}: {}", ran.err);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        all.push_str(&ran.transcript());
    }
    assert_section("cli", "bad files and arguments", &all);
}

#[tokio::test]
async fn the_rules_are_listed_and_explained() {
    let ran = run(&["rules"]).await;
    assert_eq!(ran.code, 0);
    for rule in origin_probe::rules::RULES {
        assert!(ran.out.contains(rule.name), "{}", rule.name);
        let explained = run(&["explain", rule.name]).await;
        assert_eq!(explained.code, 0);
        assert!(explained.out.contains(&rule.citation.to_string()), "{}", explained.out);
    }
}

#[tokio::test]
async fn the_demo_once_prints_its_findings_and_exits_0() {
    let ran = run(&["demo", "--once"]).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("load-balancers-own-name  "), "{}", ran.out);
    // The classic case, in words: the fact and the remedy.
    assert!(ran.out.lines().next().unwrap().contains("fails (502)"), "{}", ran.out);
    let fact = "\n  name-not-in-certificate: the certificate covers www.shop.example";
    assert!(ran.out.contains(fact), "{}", ran.out);
    let hint = ran.out.lines().find(|line| line.starts_with("  hint: ")).unwrap();
    assert!(hint.contains("own name"), "{hint}");
    let json = run(&["demo", "--once", "-o", "json"]).await;
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
