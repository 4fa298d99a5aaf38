//! The daemon as a process, and origins that it finds in files: files that change, break, vanish
//! and come back while it runs.

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::common::process::{Process, folder, serve};
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::script::{Script, ScriptServer};
use tokio::process::Command;

const ORIGINS: &str = "origin_probe_origins";
const DOMAIN: &str = "origin.example.com";
/// Nobody is asked, so that every probe ends at once; no second one comes by chance.
const HEAD: &str = "web: {listen: \"127.0.0.1:0\"}\n\
                    resolver: {nameservers: [\"127.0.0.1:9\"]}\nprobe: {interval: 1h}\n";

/// Returns the series of a source's metric.
fn of_source(metric: &str) -> String {
    format!("origin_probe_discovery_{metric}{{source=\"file:targets/*.yaml\"}}")
}

fn undecided(id: &str) -> String {
    format!(
        "cloudfront_origin_undecided{{distribution=\"\",origin=\"{id}\",domain=\"{DOMAIN}\",\
         server_name=\"{DOMAIN}\"}}"
    )
}

fn last_probe(id: &str) -> String {
    undecided(id).replace("undecided", "last_probe_timestamp_seconds")
}

/// Returns target groups of origins `name: port`, all with [`DOMAIN`].
fn groups(origins: &[(&str, u16)]) -> String {
    let group = |(id, port): &(&str, u16)| {
        format!("- targets: ['{DOMAIN}:{port}']\n  labels: {{__origin_probe_id: '{id}'}}\n")
    };
    origins.iter().map(group).collect()
}

fn write(path: &Path, text: &str) {
    // As an editor does it: whoever reads sees one of the two.
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, path).unwrap();
}

/// Returns the configuration file and the folder of target files of a test.
fn setting(name: &str, yaml: &str) -> (PathBuf, PathBuf) {
    let folder = folder(name);
    let targets = folder.join("targets");
    std::fs::create_dir(&targets).unwrap();
    let path = folder.join("origin-probe.yaml");
    write(&path, &format!("{HEAD}discovery: {{files: [targets/*.yaml]}}\n{yaml}"));
    (path, targets)
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_of_files_come_and_go_with_them() {
    let (config, targets) = setting("files-come-and-go", "");
    write(&targets.join("a.yaml"), &groups(&[("a", 8443)]));
    let daemon = Process::start(serve(&config)).await;
    // What is there at the start is there from the start.
    assert!(daemon.log().contains("origins=1"), "{}", daemon.log());
    daemon.shows(&of_source("last_refresh_successful"), "1").await;
    daemon.shows(&of_source("origins"), "1").await;
    daemon.shows(&of_source("refresh_interval_seconds"), "2").await;
    let probed = probed_at(&daemon, "a").await;

    // Another file, and another configuration: who is there already is left in peace.
    write(&targets.join("b.yaml"), &groups(&[("b", 8443), ("c", 8444)]));
    daemon.shows(&of_source("origins"), "3").await;
    daemon.says("discovered origins changed added=2 changed=0 removed=0 unchanged=1").await;
    let text = std::fs::read_to_string(&config).unwrap();
    write(&config, &format!("{text}origins: [{{id: d, domain: {DOMAIN}}}]\n"));
    daemon.shows(ORIGINS, "4").await;
    daemon.says("added=1 changed=0 removed=0 unchanged=3").await;
    assert_eq!(daemon.metric(&of_source("origins")).await.as_deref(), Some("3"));
    assert_eq!(probed_at(&daemon, "a").await, probed);

    // Gone with the file; and the source with its line in the configuration.
    std::fs::remove_file(targets.join("b.yaml")).unwrap();
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.metric(&undecided("b")).await, None);
    write(&config, &format!("{HEAD}origins: [{{id: d, domain: {DOMAIN}}}]\n"));
    daemon.shows(ORIGINS, "1").await;
    assert_eq!(daemon.metric(&of_source("origins")).await, None);
    assert_eq!(daemon.end().await, Some(0));
}

async fn probed_at(daemon: &Process, id: &str) -> String {
    let series = last_probe(id);
    loop {
        if let Some(at) = daemon.metric(&series).await {
            return at;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_stays_in_use_and_is_told_everywhere() {
    let (config, targets) = setting("files-broken", "");
    let (a, b) = (targets.join("a.yaml"), targets.join("b.yaml"));
    write(&a, &groups(&[("a", 8443)]));
    write(&b, &groups(&[("b", 8443)]));
    let daemon = Process::start(serve(&config)).await;
    daemon.shows(&of_source("origins"), "2").await;
    for (text, reason) in [
        ("[{\"targets\": [\"origin.exam", "invalid YAML at column"),
        ("", "empty file; write a list of target groups"),
        (
            "targets: [a.example]\n",
            "expected a list of target groups (`- targets: [origin.example.com]`), found a mapping",
        ),
        ("- &a [*a]\n", "alias refers to a value that contains it"),
    ] {
        write(&a, text);
        daemon.says(reason).await;
        daemon.shows(&of_source("last_refresh_successful"), "0").await;
        assert_eq!(daemon.metric(&of_source("origins")).await.as_deref(), Some("2"), "{text}");
        let (_, page) = daemon.ask("GET", "/").await;
        assert!(page.contains("The origins of file:targets/*.yaml cannot be read"), "{page}");
        assert!(page.contains(reason), "{reason}: {page}");
    }
    // The other file is read all the same.
    write(&b, &groups(&[("b", 8443), ("c", 8443)]));
    daemon.shows(&of_source("origins"), "3").await;
    assert!(daemon.metric(&undecided("a")).await.is_some());
    let success = of_source("last_success_timestamp_seconds");
    let stale = daemon.metric(&success).await.unwrap();
    // A reload of the configuration is no reason to forget.
    assert_eq!(daemon.ask("POST", "/-/reload").await.0, 200);
    let text = std::fs::read_to_string(&config).unwrap();
    write(&config, &text.replace("interval: 1h", "interval: 2h"));
    daemon.says("configuration reloaded why=\"file change").await;
    daemon.shows(ORIGINS, "3").await;
    assert!(daemon.metric(&undecided("a")).await.is_some());
    assert_eq!(daemon.metric(&success).await, Some(stale.clone()));

    write(&a, "[]");
    daemon.shows(&of_source("last_refresh_successful"), "1").await;
    daemon.shows(&of_source("origins"), "2").await;
    daemon.says("source readable again").await;
    assert_eq!(daemon.metric(&undecided("a")).await, None);
    let fresh: f64 = daemon.metric(&success).await.unwrap().parse().unwrap();
    assert!(fresh > stale.parse().unwrap());
    let (_, page) = daemon.ask("GET", "/").await;
    assert!(!page.contains("cannot be read"), "{page}");
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_left_out_and_told_everywhere() {
    let own = format!(
        "origins: [{{id: mine, domain: {DOMAIN}}}, {{id: off, domain: {DOMAIN}, enabled: false}}]\n"
    );
    let (config, targets) = setting("files-left-out", &own);
    let good = [("a", 8443), ("mine", 8443), ("off", 8443), ("a", 8444)];
    let bad_port = format!("- targets: ['{DOMAIN}:22', '{DOMAIN}:8445']\n");
    write(&targets.join("a.yaml"), &format!("{}{bad_port}", groups(&good)));
    let daemon = Process::start(serve(&config)).await;
    // The configured one, the first `a`, and the good one of the last two.
    daemon.shows(ORIGINS, "3").await;
    daemon.shows(&of_source("origins"), "2").await;
    daemon.shows(&of_source("problems"), "4").await;
    daemon.shows(&of_source("last_refresh_successful"), "0").await;
    let (_, page) = daemon.ask("GET", "/").await;
    for problem in [
        "targets/a.yaml:9: [4].targets[0]: port 22 is not allowed by CloudFront; use 80, 443 or 1024-65535",
        "targets/a.yaml:3: duplicate origin `mine` with domain origin.example.com, also in the",
        "targets/a.yaml:5: duplicate origin `off` with domain origin.example.com, also in the",
        "targets/a.yaml:1; give each origin of a domain its own id",
    ] {
        daemon.says(problem).await;
        assert!(page.contains(problem), "{problem}: {page}");
    }
    let (status, body) = daemon.ask("GET", "/api/v1/sd").await;
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    let listed: Vec<&str> =
        json.as_array().unwrap().iter().map(|g| g["targets"][0].as_str().unwrap()).collect();
    let expected = [443, 8443, 8445].map(|port| format!("{DOMAIN}:{port}"));
    assert_eq!((status, listed), (200, expected.iter().map(String::as_str).collect()));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_in_a_group_ends_no_alert() {
    let silent =
        ScriptServer::start(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, Script::CloseAfterClientHello)
            .await
            .unwrap();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let (config, targets) = setting("files-typo", "");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replace("127.0.0.1:9", &dns.address().to_string());
    write(&config, &format!("{text}reachability: {{assume_public: [127.0.0.0/8]}}\n"));
    let port = silent.address().port();
    let (a, good) = (targets.join("a.yaml"), groups(&[("other", 443), ("a", port)]));
    write(&a, &good);
    let daemon = Process::start(serve(&config)).await;
    let failing = undecided("a").replace("undecided", "failing");
    daemon.shows(&failing, "1").await;
    let typo = "  labels: {__origin_probe_id: 'a', __origin_probe_intervall: 1m, le: x}\n";
    let broken = groups(&[("a", port)]).replace("  labels: {__origin_probe_id: 'a'}\n", typo);
    write(&a, &broken);
    daemon.shows(&of_source("last_refresh_successful"), "0").await;
    daemon.shows(&of_source("problems"), "2").await;
    daemon.shows(ORIGINS, "1").await;
    assert_eq!(daemon.metric(&failing).await.as_deref(), Some("1"));
    let (_, page) = daemon.ask("GET", "/").await;
    for text in [
        "a.yaml: 1 invalid group; its last valid content stays in use",
        "a.yaml:2: [0].labels.__origin_probe_intervall: unknown key; did you mean `interval`?",
        "a.yaml:2: [0].labels.le: label name is reserved by origin-probe or Prometheus",
    ] {
        daemon.says(text).await;
        assert!(page.contains(text), "{text}: {page}");
    }
    // Other defaults have the file read from the beginning; that is no reason to forget.
    let text = std::fs::read_to_string(&config).unwrap();
    write(&config, &text.replace("interval: 1h", "interval: 2h"));
    daemon.says("configuration reloaded why=\"file change\"").await;
    write(&a, &format!("{broken}- targets: [new.example]\n"));
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.metric(&failing).await.as_deref(), Some("1"));
    write(&a, &good);
    daemon.shows(&of_source("last_refresh_successful"), "1").await;
    daemon.shows(&of_source("problems"), "0").await;
    assert_eq!(daemon.metric(&failing).await.as_deref(), Some("1"));
    write(&a, "[]");
    daemon.shows(ORIGINS, "0").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_round_takes_in_what_is_found_at_the_start() {
    let silent =
        ScriptServer::start(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, Script::Silence).await.unwrap();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let (config, targets) = setting("files-first-round", "");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replace("127.0.0.1:9", &dns.address().to_string());
    write(&config, &format!("{text}reachability: {{assume_public: [127.0.0.0/8]}}\n"));
    write(&targets.join("a.yaml"), &groups(&[("a", silent.address().port())]));
    let daemon = Process::start(serve(&config)).await;
    daemon.shows("origin_probe_probes_in_flight", "1").await;
    let (status, why) = daemon.ask("GET", "/-/ready").await;
    assert_eq!(
        (status, why.as_str()),
        (503, "not ready: the first round of probes is not complete yet\n")
    );
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_of_targets_that_is_swapped_is_used() {
    let (config, targets) = setting("files-config-map", "");
    for (version, origins) in [("..1", &[("a", 8443)][..]), ("..2", &[("a", 8443), ("b", 8443)])] {
        std::fs::create_dir(targets.join(version)).unwrap();
        std::fs::write(targets.join(version).join("t.yaml"), groups(origins)).unwrap();
    }
    symlink("..1", targets.join("..data")).unwrap();
    symlink("..data/t.yaml", targets.join("t.yaml")).unwrap();
    let daemon = Process::start(serve(&config)).await;
    daemon.shows(ORIGINS, "1").await;
    symlink("..2", targets.join("..data_tmp")).unwrap();
    std::fs::rename(targets.join("..data_tmp"), targets.join("..data")).unwrap();
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_comes_later_is_found() {
    let (config, targets) = setting("files-folder", "");
    std::fs::remove_dir(&targets).unwrap();
    let daemon = Process::start(serve(&config)).await;
    daemon.says("cannot be read: No such file or directory").await;
    daemon.shows(&of_source("last_refresh_successful"), "0").await;
    daemon.shows(&of_source("last_success_timestamp_seconds"), "0").await;
    // A rollout keeps the daemon before, which has read it.
    let (status, why) = daemon.ask("GET", "/-/ready").await;
    assert_eq!(
        (status, why.as_str()),
        (503, "not ready: a source of origins has not been read yet\n")
    );
    std::fs::create_dir(&targets).unwrap();
    write(&targets.join("a.yaml"), &groups(&[("a", 8443)]));
    daemon.shows(ORIGINS, "1").await;
    daemon.shows(&of_source("last_refresh_successful"), "1").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_reads_the_files_too_and_fails_on_what_is_wrong() {
    let (config, targets) = setting("files-check", "");
    write(&targets.join("a.yaml"), &groups(&[("a", 8443), ("b", 8443)]));
    let (code, out, _) = run(serve(&config).arg("--check-config")).await;
    assert_eq!(code, Some(0));
    assert!(out.ends_with("file:targets/*.yaml: valid; 2 origins\n"), "{out}");
    // The nameserver is silent, so that both are undecided.
    let (code, out, error) = run(check(&config).args(["--origin", "b"])).await;
    assert_eq!(code, Some(2), "{error}");
    assert!(out.starts_with("b  origin.example.com:8443  undecided"), "{out}");

    write(&targets.join("a.yaml"), "- targets: [192.0.2.1]\n- targets: ['a.example:1']\n");
    for command in [serve(&config).arg("--check-config"), &mut check(&config)] {
        let (code, _, error) = run(command).await;
        assert_eq!(code, Some(3), "{error}");
        assert!(
            error.contains("a.yaml:1: [0].targets[0]: `192.0.2.1` is")
                && error.contains("a.yaml:2: [1].targets[0]: port 1 is"),
            "{error}"
        );
    }
}

fn check(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_origin-probe"));
    command.args(["check", "--config"]).arg(config);
    command
}

/// Returns the exit code and what was written to each of the two outputs.
async fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
