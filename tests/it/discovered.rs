//! The daemon as a process, and origins that it finds in files: files that change, break, vanish
//! and come back while it runs.

use origin_probe::demo::dns::DnsServer;
use origin_probe::demo::script::{Script, ScriptServer};

use crate::common::process::{Folder, Process, Ran, comes, series};
use crate::common::stage::{dns, scripted};

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
    series("undecided", id, DOMAIN)
}

/// Returns target groups of origins `name: port`, all with [`DOMAIN`].
fn groups(origins: &[(&str, u16)]) -> String {
    let group = |(id, port): &(&str, u16)| {
        format!("- targets: ['{DOMAIN}:{port}']\n  labels: {{__origin_probe_id: '{id}'}}\n")
    };
    origins.iter().map(group).collect()
}

/// The configuration and its folder `targets` of files with target groups.
struct Setting {
    folder: Folder,
    yaml: String,
}

impl Setting {
    fn new(name: &str, yaml: &str) -> Self {
        let folder = Folder::new(name);
        std::fs::create_dir(folder.join("targets")).unwrap();
        Self { folder, yaml: format!("{HEAD}discovery: {{files: [targets/*.yaml]}}\n{yaml}") }
    }

    /// Writes a file of target groups.
    fn write(&self, name: &str, text: &str) {
        self.folder.write(&format!("targets/{name}"), text);
    }

    /// Writes another configuration.
    fn configure(&self, yaml: &str) {
        self.folder.write("origin-probe.yaml", yaml);
    }

    async fn start(&self) -> Process {
        self.folder.start(&self.yaml).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_of_files_come_and_go_with_them() {
    let setting = Setting::new("files-come-and-go", "");
    setting.write("a.yaml", &groups(&[("a", 8443)]));
    let daemon = setting.start().await;
    // What is there at the start is there from the start.
    assert!(daemon.log().contains("origins=1"), "{}", daemon.log());
    daemon.shows(&of_source("last_refresh_successful"), "1").await;
    daemon.shows(&of_source("origins"), "1").await;
    daemon.shows(&of_source("refresh_interval_seconds"), "2").await;
    let probed = probed_at(&daemon, "a").await;

    // Another file, and another configuration: who is there already is left in peace.
    setting.write("b.yaml", &groups(&[("b", 8443), ("c", 8444)]));
    daemon.shows(&of_source("origins"), "3").await;
    daemon.says("discovered origins changed added=2 changed=0 removed=0 unchanged=1").await;
    let own = format!("origins: [{{id: d, domain: {DOMAIN}}}]\n");
    setting.configure(&format!("{}{own}", setting.yaml));
    daemon.shows(ORIGINS, "4").await;
    daemon.says("added=1 changed=0 removed=0 unchanged=3").await;
    assert_eq!(daemon.metric(&of_source("origins")).await.as_deref(), Some("3"));
    assert_eq!(probed_at(&daemon, "a").await, probed);

    // Gone with the file; and the source with its line in the configuration.
    std::fs::remove_file(setting.folder.join("targets/b.yaml")).unwrap();
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.metric(&undecided("b")).await, None);
    setting.configure(&format!("{HEAD}{own}"));
    daemon.shows(ORIGINS, "1").await;
    assert_eq!(daemon.metric(&of_source("origins")).await, None);
    assert_eq!(daemon.end().await, Some(0));
}

/// Waits for the first probe of an origin, and returns when it was.
async fn probed_at(daemon: &Process, id: &str) -> String {
    let series = series("last_probe_timestamp_seconds", id, DOMAIN);
    assert!(comes(async || daemon.metric(&series).await.is_some()).await);
    daemon.metric(&series).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_stays_in_use_and_is_told_everywhere() {
    let setting = Setting::new("files-broken", "");
    setting.write("a.yaml", &groups(&[("a", 8443)]));
    setting.write("b.yaml", &groups(&[("b", 8443)]));
    let daemon = setting.start().await;
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
        setting.write("a.yaml", text);
        daemon.says(reason).await;
        daemon.shows(&of_source("last_refresh_successful"), "0").await;
        assert_eq!(daemon.metric(&of_source("origins")).await.as_deref(), Some("2"), "{text}");
        let (_, page) = daemon.ask("GET", "/").await;
        assert!(page.contains("The origins of file:targets/*.yaml cannot be read"), "{page}");
        assert!(page.contains(reason), "{reason}: {page}");
    }
    // The other file is read all the same.
    setting.write("b.yaml", &groups(&[("b", 8443), ("c", 8443)]));
    daemon.shows(&of_source("origins"), "3").await;
    assert!(daemon.metric(&undecided("a")).await.is_some());
    let success = of_source("last_success_timestamp_seconds");
    let stale = daemon.metric(&success).await.unwrap();
    // A reload of the configuration is no reason to forget.
    assert_eq!(daemon.ask("POST", "/-/reload").await.0, 200);
    setting.configure(&setting.yaml.replace("interval: 1h", "interval: 2h"));
    daemon.says("configuration reloaded why=\"file change").await;
    daemon.shows(ORIGINS, "3").await;
    assert!(daemon.metric(&undecided("a")).await.is_some());
    assert_eq!(daemon.metric(&success).await, Some(stale.clone()));

    setting.write("a.yaml", "[]");
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
    let setting = Setting::new("files-left-out", &own);
    let good = [("a", 8443), ("mine", 8443), ("off", 8443), ("a", 8444)];
    let bad_port = format!("- targets: ['{DOMAIN}:22', '{DOMAIN}:8445']\n");
    setting.write("a.yaml", &format!("{}{bad_port}", groups(&good)));
    let daemon = setting.start().await;
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
    let groups = json.as_array().unwrap().iter();
    let listed: Vec<_> = groups.map(|group| group["targets"][0].clone()).collect();
    let expected = [443, 8443, 8445].map(|port| format!("{DOMAIN}:{port}"));
    assert_eq!(status, 200);
    assert_eq!(listed, expected);
    assert_eq!(daemon.end().await, Some(0));
}

/// A setting that finds [`DOMAIN`] on loopback, and a server there.
async fn probing(name: &str, script: Script) -> (Setting, ScriptServer, DnsServer) {
    let dns = dns(&[DOMAIN]).await;
    let setting = Setting::new(name, "reachability: {assume_public: [127.0.0.0/8]}\n");
    let yaml = setting.yaml.replace("127.0.0.1:9", &dns.address().to_string());
    (Setting { yaml, ..setting }, scripted(script).await, dns)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_in_a_group_ends_no_alert() {
    let (setting, silent, _dns) = probing("files-typo", Script::CloseAfterClientHello).await;
    let port = silent.address().port();
    let good = groups(&[("other", 443), ("a", port)]);
    setting.write("a.yaml", &good);
    let daemon = setting.start().await;
    let failing = series("failing", "a", DOMAIN);
    daemon.shows(&failing, "1").await;
    let typo = "  labels: {__origin_probe_id: 'a', __origin_probe_intervall: 1m, le: x}\n";
    let broken = groups(&[("a", port)]).replace("  labels: {__origin_probe_id: 'a'}\n", typo);
    setting.write("a.yaml", &broken);
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
    setting.configure(&setting.yaml.replace("interval: 1h", "interval: 2h"));
    daemon.says("configuration reloaded why=\"file change\"").await;
    setting.write("a.yaml", &format!("{broken}- targets: [new.example]\n"));
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.metric(&failing).await.as_deref(), Some("1"));
    setting.write("a.yaml", &good);
    daemon.shows(&of_source("last_refresh_successful"), "1").await;
    daemon.shows(&of_source("problems"), "0").await;
    assert_eq!(daemon.metric(&failing).await.as_deref(), Some("1"));
    setting.write("a.yaml", "[]");
    daemon.shows(ORIGINS, "0").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_round_takes_in_what_is_found_at_the_start() {
    let (setting, silent, _dns) = probing("files-first-round", Script::Silence).await;
    setting.write("a.yaml", &groups(&[("a", silent.address().port())]));
    let daemon = setting.start().await;
    daemon.shows("origin_probe_probes_in_flight", "1").await;
    let (status, why) = daemon.ask("GET", "/-/ready").await;
    let expected = "not ready: the first round of probes is not complete yet\n";
    assert_eq!((status, &*why), (503, expected));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_of_targets_that_is_swapped_is_used() {
    let setting = Setting::new("files-config-map", "");
    let versions = [&[("a", 8443)][..], &[("a", 8443), ("b", 8443)]];
    let targets = Folder::shared("files-config-map/targets");
    let swap = targets.config_map("t.yaml", versions.map(groups));
    let daemon = setting.start().await;
    daemon.shows(ORIGINS, "1").await;
    swap();
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_comes_later_is_found() {
    let setting = Setting::new("files-folder", "");
    std::fs::remove_dir(setting.folder.join("targets")).unwrap();
    let daemon = setting.start().await;
    daemon.says("cannot be read: No such file or directory").await;
    daemon.shows(&of_source("last_refresh_successful"), "0").await;
    daemon.shows(&of_source("last_success_timestamp_seconds"), "0").await;
    // A rollout keeps the daemon before, which has read it.
    let (status, why) = daemon.ask("GET", "/-/ready").await;
    let expected = "not ready: a source of origins has not been read yet\n";
    assert_eq!((status, &*why), (503, expected));
    setting.write("a.yaml", &groups(&[("a", 8443)]));
    daemon.shows(ORIGINS, "1").await;
    daemon.shows(&of_source("last_refresh_successful"), "1").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_reads_the_files_too_and_fails_on_what_is_wrong() {
    let setting = Setting::new("files-check", "");
    setting.write("a.yaml", &groups(&[("a", 8443), ("b", 8443)]));
    let config = setting.folder.write("origin-probe.yaml", &setting.yaml);
    let config = config.to_str().unwrap();
    let (serve, check) = (["serve", "--check-config", "--config"], ["check", "--config"]);
    let run = |command: &[&str]| setting.folder.run(&[command, &[config]].concat());
    let ran = run(&serve);
    assert_eq!(ran.code, 0);
    assert!(ran.out.ends_with("file:targets/*.yaml: valid; 2 origins\n"), "{ran:?}");
    // The nameserver is silent, so that both are undecided.
    let ran = run(&["check", "--origin", "b", "--config"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.starts_with("b  origin.example.com:8443  undecided"), "{ran:?}");

    setting.write("a.yaml", "- targets: [192.0.2.1]\n- targets: ['a.example:1']\n");
    for command in [&serve[..], &check] {
        let Ran { code, err: error, .. } = run(command);
        assert_eq!(code, 3, "{error}");
        let [one, other] = ["1: [0].targets[0]: `192.0.2.1` is", "2: [1].targets[0]: port 1 is"]
            .map(|what| error.contains(&format!("a.yaml:{what}")));
        assert!(one && other, "{error}");
    }
}
