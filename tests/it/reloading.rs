//! The daemon as a process, and what changes under it: its file, its trust anchors, its share of
//! the origins, its end.

use std::os::unix::fs::symlink;
use std::path::Path;

use origin_probe::demo::pki::{Authority, Window};
use origin_probe::demo::script::Script;
use rustix::process::{Pid, Signal, kill_process};

use crate::common::process::{
    Folder, NO_DNS, Process, Ran, comes, pid, series, serve, spawn, yaml as yaml_of,
};
use crate::common::stage::{Stage, now, scripted};
use crate::common::visible::between;

const DOMAIN: &str = "origin.example.com";

/// Returns a configuration of origins `name: port`, all with [`DOMAIN`].
fn yaml(head: &str, origins: &[(&str, u16)]) -> String {
    yaml_of(head, origins.iter().map(|&(id, port)| (id, DOMAIN, port)))
}

fn failing(id: &str) -> String {
    series("failing", id, DOMAIN)
}

const SUCCESSFUL: &str = "origin_probe_config_last_reload_successful";
const ORIGINS: &str = "origin_probe_origins";
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_used_and_a_broken_one_is_not() {
    let folder = Folder::new("changed-file");
    let daemon = folder.start(&yaml(NO_DNS, &[("a", 8443)])).await;
    let write = |yaml: String| folder.write("origin-probe.yaml", yaml);
    daemon.shows(ORIGINS, "1").await;

    // By itself, by signal, on request.
    write(yaml(NO_DNS, &[("a", 8443), ("b", 8444)]));
    daemon.shows(ORIGINS, "2").await;
    daemon.says("why=\"file change\"").await;
    daemon.says("added=1 changed=0 removed=0 unchanged=1").await;
    assert!(daemon.metric(&failing("b")).await.is_some());
    daemon.signal(Signal::HUP);
    daemon.says("why=SIGHUP").await;
    assert_eq!(daemon.ask("POST", "/-/reload").await, (200, "reloaded\n".to_owned()));
    assert_eq!(daemon.ask("GET", "/-/reload").await.0, 405);

    // Broken: the log, the metrics, the page and the answer say so; nothing else changes.
    write("origins: [{id: a, domain: a.example, https_prot: 1}]\n".to_owned());
    daemon.shows(SUCCESSFUL, "0").await;
    let (status, answer) = daemon.ask("POST", "/-/reload").await;
    assert_eq!(status, 500);
    assert!(answer.contains("origins[0].https_prot"), "{answer}");
    let (_, page) = daemon.ask("GET", "/").await;
    assert!(page.contains("The configuration was rejected"), "{page}");
    assert!(page.contains("origins[0].https_prot"), "{page}");
    daemon.says("configuration rejected; keeping the previous one").await;
    assert_eq!(daemon.metric(ORIGINS).await.as_deref(), Some("2"));

    // Gone is broken, too; back again is well, and who left leaves no series behind.
    std::fs::remove_file(folder.join("origin-probe.yaml")).unwrap();
    let (status, answer) = daemon.ask("POST", "/-/reload").await;
    assert_eq!(status, 500, "{answer}");
    assert_eq!(daemon.metric(ORIGINS).await.as_deref(), Some("2"));
    write(yaml(NO_DNS, &[("b", 8444)]));
    daemon.shows(SUCCESSFUL, "1").await;
    daemon.shows(ORIGINS, "1").await;
    assert_eq!(daemon.metric(&failing("a")).await, None);
    let (_, page) = daemon.ask("GET", "/").await;
    assert!(!page.contains("was refused"), "{page}");

    // Turned off by the file itself.
    let origins = [("a", 8443), ("b", 8444), ("c", 8445)];
    write(yaml(NO_DNS, &origins).replace(":0\"}", ":0\", lifecycle: false}"));
    daemon.shows(ORIGINS, "3").await;
    assert_eq!(daemon.ask("POST", "/-/reload").await.0, 403);
    assert_eq!(daemon.ask("POST", "/origins/a/-/probe").await.0, 403);
    let (_, page) = daemon.ask("GET", "/origins/a").await;
    assert!(!page.contains("Probe now"), "{page}");
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_regular_file_is_refused_at_once_and_the_next_reload_works() {
    let folder = Folder::new("irregular");
    let head = "trust_anchors: {extra: [root.pem]}\ndiscovery: {files: [targets.yaml]}\n";
    let files = [
        ("origin-probe.yaml", &*yaml(&format!("{NO_DNS}{head}"), &[("a", 8443)])),
        ("root.pem", include_str!("../contract/root.pem")),
        ("web.yaml", "{}\n"),
    ];
    files.iter().for_each(|(name, text)| drop(folder.write(name, text)));
    let targets = folder.write("targets.yaml", "- targets: [b.example]\n");
    let mut command = folder.serve(files[0].1);
    command.arg("--web.config.file").arg(folder.join("web.yaml"));
    let daemon = Process::start(command).await;
    daemon.shows(ORIGINS, "2").await;
    let mut failures = 0;
    for (name, text) in files {
        let file = folder.join(name);
        for kind in IRREGULAR {
            replace(&file, kind);
            let (status, answer) = daemon.ask("POST", "/-/reload").await;
            let expected = format!("{}: is a {kind}; give a regular file", file.display());
            assert_eq!(status, 500);
            assert!(answer.contains(&expected), "{answer}");
            assert_eq!(daemon.metric(SUCCESSFUL).await.as_deref(), Some("0"));
            let counted = daemon.metric("origin_probe_config_reload_failures_total").await;
            let counted = counted.unwrap().parse::<u32>().unwrap();
            assert!(counted > failures, "{counted}");
            failures = counted;
            daemon.says(&expected).await;
        }
        folder.write(name, text);
        assert_eq!(daemon.ask("POST", "/-/reload").await, (200, "reloaded\n".to_owned()));
        assert_eq!(daemon.metric(SUCCESSFUL).await.as_deref(), Some("1"));
    }
    let refreshed = "origin_probe_discovery_last_refresh_successful{source=\"file:targets.yaml\"}";
    for kind in IRREGULAR {
        replace(&targets, kind);
        daemon.says(&format!("{}: is a {kind}; give a regular file", targets.display())).await;
        daemon.shows(refreshed, "0").await;
        assert_eq!(daemon.metric(ORIGINS).await.as_deref(), Some("2"));
    }
    folder.write("targets.yaml", "- targets: [b.example, c.example]\n");
    daemon.shows(refreshed, "1").await;
    daemon.shows(ORIGINS, "3").await;
    assert_eq!(daemon.end().await, Some(0));
}

/// What is not a regular file.
const IRREGULAR: [&str; 2] = ["named pipe", "device"];

/// Puts one of [`IRREGULAR`] in the place of a file.
fn replace(path: &Path, kind: &str) {
    std::fs::remove_file(path).unwrap();
    if kind == "named pipe" {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    } else {
        symlink("/dev/zero", path).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_does_not_start_from_a_pipe() {
    let folder = Folder::new("start-irregular");
    let fifo = folder.pipe("fifo");
    for command in [
        &mut serve(&fifo),
        serve(&fifo).arg("--check-config"),
        folder.serve(&yaml(NO_DNS, &[("a", 8443)])).arg("--web.config.file").arg(&fifo),
        &mut serve(Path::new("/dev/stdin")),
    ] {
        let Ran { code, err: error, .. } = Ran::of(command, b"");
        assert_eq!(code, 3, "{error}");
        assert!(error.contains(": is a named pipe; give a regular file"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_during_the_start_reloads_after_it() {
    let folder = Folder::new("hangup-at-start");
    let log = std::fs::File::create(folder.join("log")).unwrap();
    // Large enough to be read for a while.
    let origins: Vec<String> = (0..20_000).map(|n| format!("o{n}")).collect();
    let origins = origins.iter().zip(2000..).map(|(id, port)| (&**id, DOMAIN, port));
    let mut daemon = spawn(folder.serve(&yaml_of(NO_DNS, origins)), log);
    let pid = pid(&daemon);
    while resident_kib(pid) < 25_000 {
        tokio::task::yield_now().await;
    }
    kill_process(pid, Signal::HUP).unwrap();
    let is_reloaded = async || {
        assert_eq!(daemon.try_wait().unwrap(), None);
        folder.read("log").contains("why=SIGHUP")
    };
    assert!(comes(is_reloaded).await);
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(daemon.wait().await.unwrap().code(), Some(0));
}

/// Returns how much memory a process uses; nothing of one that has ended.
fn resident_kib(pid: Pid) -> u64 {
    let status = format!("/proc/{}/status", pid.as_raw_nonzero());
    let status = std::fs::read_to_string(status).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or(u64::MAX, |line| line.split_whitespace().next().unwrap().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_asked_for_changes_with_the_file() {
    let folder = Folder::new("probe-endpoint");
    let daemon = folder.start(&yaml(NO_DNS, &[("a", 8443)])).await;
    let request = format!("/probe?target={DOMAIN}");
    let (status, answer) = daemon.ask("GET", &request).await;
    assert_eq!(status, 403);
    assert!(answer.contains("probe_endpoint.enabled"), "{answer}");
    let open = format!("probe_endpoint: {{enabled: true, allow: {{names: [{DOMAIN}]}}}}\n");
    folder.write("origin-probe.yaml", yaml(&format!("{NO_DNS}{open}"), &[("a", 8443)]));
    assert_eq!(daemon.ask("POST", "/-/reload").await.0, 200);
    let (status, answer) = daemon.ask("GET", &request).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("\nprobe_success 0\n"), "{answer}");
    let (status, answer) = daemon.ask("GET", "/probe?target=other.example.com").await;
    assert_eq!(status, 403);
    assert!(answer.contains("probe_endpoint.allow.names"), "{answer}");
    // The daemon's own origins and counters of probes know nothing of it.
    assert_eq!(daemon.metric(ORIGINS).await.as_deref(), Some("1"));
    let counted = "origin_probe_probe_requests_total{code=\"200\"}";
    assert_eq!(daemon.metric(counted).await.as_deref(), Some("1"));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_families_of_a_scrape_change_with_the_file() {
    let folder = Folder::new("families");
    let file = |metrics: &str| yaml(&format!("{NO_DNS}{metrics}"), &[("a", 8443)]);
    let daemon = folder.start(&file("")).await;
    let [undecided, failing] = ["undecided", "failing"].map(|name| series(name, "a", DOMAIN));
    for (metrics, status, has_undecided) in [
        ("metrics: {deny: [cloudfront_origin_undecided]}\n", 200, false),
        ("metrics: {deny: [cloudfront_origin_undecidet]}\n", 500, false),
        ("", 200, true),
    ] {
        folder.write("origin-probe.yaml", file(metrics));
        let (found, answer) = daemon.ask("POST", "/-/reload").await;
        assert_eq!(found, status, "{answer}");
        let advice = "did you mean `cloudfront_origin_undecided`?";
        assert_eq!(answer.contains(advice), status == 500, "{answer}");
        assert_eq!(daemon.metric(&undecided).await.is_some(), has_undecided, "{metrics}");
        assert!(daemon.metric(&failing).await.is_some());
    }
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_that_is_swapped_is_used() {
    let folder = Folder::new("config-map");
    let versions = [&[("a", 8443)][..], &[("a", 8443), ("b", 8443)]];
    let swap = folder.config_map("c.yaml", versions.map(|origins| yaml(NO_DNS, origins)));
    let daemon = Process::start(serve(&folder.join("c.yaml"))).await;
    daemon.shows(ORIGINS, "1").await;
    swap();
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_anchors_are_read_again_and_everything_is_judged_by_them() {
    let stage = Stage::new("anchors", &[DOMAIN]).await;
    let server = stage.ca.server(&[DOMAIN]).await;
    let old = Authority::root("Old", Window::days(-10..355, now())).unwrap();
    stage.write("root.pem", old.pem());
    let head = stage.head() + "probe: {interval: 1h}\n";
    let daemon = stage.start(&yaml(&head, &[("a", server.address().port())])).await;
    daemon.shows(&failing("a"), "1").await;
    stage.write("root.pem", stage.ca.root.pem());
    daemon.shows(&failing("a"), "0").await;
    assert!(server.connections() >= 2, "the interval is an hour");
    stage.write("root.pem", "nothing of the kind");
    daemon.shows(SUCCESSFUL, "0").await;
    assert_eq!(daemon.metric(&failing("a")).await.as_deref(), Some("0"));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_divide_the_origins_and_say_which_they_are() {
    let folder = Folder::new("shards");
    let mut expected: Vec<String> = (0..40).map(|n| format!("o{n}")).collect();
    let origins = expected.iter().zip(2000..).map(|(id, port)| (&**id, DOMAIN, port));
    let yaml = yaml_of(NO_DNS, origins);
    let mut all = Vec::new();
    for shard in 0..3 {
        let mut command = folder.serve(&yaml);
        if shard == 1 {
            let name = format!("origin-probe-{shard}");
            command.env("ORIGIN_PROBE_SHARD", name).env("ORIGIN_PROBE_SHARDS", "3");
        } else {
            command.args(["--shard", &shard.to_string(), "--shards", "3"]);
        }
        let daemon = Process::start(command).await;
        daemon.shows("origin_probe_shard_ordinal", &shard.to_string()).await;
        daemon.shows("origin_probe_shards", "3").await;
        let (_, metrics) = daemon.ask("GET", "/metrics").await;
        let mine = metrics.lines().filter(|line| line.starts_with("cloudfront_origin_undecided{"));
        let mine = mine.map(|line| between(line, "origin=\"", "\"").to_owned());
        let before = all.len();
        all.extend(mine);
        assert!(all.len() > before, "{shard}");
        assert_eq!(daemon.end().await, Some(0));
    }
    all.sort_unstable();
    expected.sort_unstable();
    assert_eq!(all, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_in_the_environment_is_not_used_and_said_to_be_so() {
    let folder = Folder::new("proxy");
    let warning = "proxy setting ignored variable=\"HTTPS_PROXY\"";
    for (proxy, warns) in [("http://127.0.0.1:3128", true), ("", false)] {
        let mut command = folder.serve(&yaml(NO_DNS, &[("a", 8443)]));
        command.env("HTTPS_PROXY", proxy);
        let daemon = Process::start(command).await;
        assert_eq!(daemon.log().contains(warning), warns, "{}", daemon.log());
        assert_eq!(daemon.end().await, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_that_cannot_be_is_refused() {
    let folder = Folder::new("no-shard");
    for (arguments, complaint) in [
        (&["--shard", "3", "--shards", "3"][..], "shard 3 of 3 does not exist"),
        (&["--shard", "0", "--shards", "0"], "number of shards is 0"),
        (&["--shard", "1"], "--shards"),
        (&["--shard", "x", "--shards", "3"], "use a number or a pod name"),
    ] {
        let mut command = folder.serve(&yaml(NO_DNS, &[("a", 8443)]));
        let Ran { code, err: error, .. } = Ran::of(command.args(arguments), b"");
        assert_eq!(code, 3, "{error}");
        assert!(error.contains(complaint), "{arguments:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_answer_until_the_end_and_readiness_does_not() {
    let stage = Stage::new("end", &[DOMAIN]).await;
    // A server that says nothing keeps a probe in flight.
    let silent = scripted(Script::Silence).await;
    let head = stage.head() + "probe: {interval: 1s}\n";
    let mut daemon = stage.start(&yaml(&head, &[("a", silent.address().port())])).await;
    daemon.shows("origin_probe_probes_in_flight", "1").await;
    daemon.signal(Signal::TERM);
    daemon.says("shutting down by=").await;
    let (status, why) = daemon.ask("GET", "/-/ready").await;
    assert_eq!((status, why.as_str()), (503, "not ready: shutting down\n"));
    assert_eq!(daemon.ask("GET", "/-/healthy").await.0, 200);
    assert_eq!(daemon.metric("origin_probe_probes_in_flight").await.as_deref(), Some("1"));
    assert_eq!(daemon.ended().await, Some(0));
    daemon.says("running probes aborted probes=1").await;
    daemon.says("stopped").await;
}
