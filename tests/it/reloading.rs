//! The daemon as a process, and what changes under it: its file, its trust anchors, its share of
//! the origins, its end.

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::process::{Process, folder, serve};
use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::demo::script::{Script, ScriptServer};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};
use rustix::process::Signal;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const DOMAIN: &str = "origin.example.com";

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns a configuration of origins `name: port`, all with [`DOMAIN`].
fn yaml(head: &str, origins: &[(&str, u16)]) -> String {
    let mut yaml = format!("web: {{listen: \"127.0.0.1:0\"}}\n{head}origins:\n");
    for (id, port) in origins {
        yaml.push_str(&format!("  - {{id: {id}, domain: {DOMAIN}, https_port: {port}}}\n"));
    }
    yaml
}

fn failing(id: &str) -> String {
    format!(
        "cloudfront_origin_failing{{distribution=\"\",origin=\"{id}\",domain=\"{DOMAIN}\",\
         server_name=\"{DOMAIN}\"}}"
    )
}

const SUCCESSFUL: &str = "origin_probe_config_last_reload_successful";
const ORIGINS: &str = "origin_probe_origins";
/// Nobody is asked, so that every probe ends at once.
const NO_DNS: &str = "resolver: {nameservers: [\"127.0.0.1:9\"]}\n";

fn write(path: &Path, text: &str) {
    // As an editor does it: whoever reads sees one of the two.
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_used_and_a_broken_one_is_not() {
    let folder = folder("changed-file");
    let path = folder.join("origin-probe.yaml");
    write(&path, &yaml(NO_DNS, &[("a", 8443)]));
    let daemon = Process::start(serve(&path)).await;
    daemon.shows(ORIGINS, "1").await;

    // By itself, by signal, on request.
    write(&path, &yaml(NO_DNS, &[("a", 8443), ("b", 8444)]));
    daemon.shows(ORIGINS, "2").await;
    daemon.says("why=\"file change\"").await;
    daemon.says("added=1 changed=0 removed=0 unchanged=1").await;
    assert!(daemon.metric(&failing("b")).await.is_some());
    daemon.signal(Signal::HUP);
    daemon.says("why=SIGHUP").await;
    assert_eq!(daemon.ask("POST", "/-/reload").await, (200, "reloaded\n".to_owned()));
    assert_eq!(daemon.ask("GET", "/-/reload").await.0, 405);

    // Broken: the log, the metrics, the page and the answer say so; nothing else changes.
    write(&path, "origins: [{id: a, domain: a.example, https_prot: 1}]\n");
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
    std::fs::remove_file(&path).unwrap();
    let (status, answer) = daemon.ask("POST", "/-/reload").await;
    assert_eq!(status, 500, "{answer}");
    assert_eq!(daemon.metric(ORIGINS).await.as_deref(), Some("2"));
    write(&path, &yaml(NO_DNS, &[("b", 8444)]));
    daemon.shows(SUCCESSFUL, "1").await;
    daemon.shows(ORIGINS, "1").await;
    assert_eq!(daemon.metric(&failing("a")).await, None);
    let (_, page) = daemon.ask("GET", "/").await;
    assert!(!page.contains("was refused"), "{page}");

    // Turned off by the file itself.
    let origins = [("a", 8443), ("b", 8444), ("c", 8445)];
    write(&path, &yaml(NO_DNS, &origins).replace(":0\"}", ":0\", lifecycle: false}"));
    daemon.shows(ORIGINS, "3").await;
    assert_eq!(daemon.ask("POST", "/-/reload").await.0, 403);
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_regular_file_is_refused_at_once_and_the_next_reload_works() {
    let folder = folder("irregular");
    let [path, pem, web, targets] =
        ["c.yaml", "root.pem", "web.yaml", "targets.yaml"].map(|name| folder.join(name));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/root.pem");
    let head = "trust_anchors: {extra: [root.pem]}\ndiscovery: {files: [targets.yaml]}\n";
    let files = [
        (&path, yaml(&format!("{NO_DNS}{head}"), &[("a", 8443)])),
        (&pem, std::fs::read_to_string(root).unwrap()),
        (&web, "{}\n".to_owned()),
    ];
    for (file, text) in &files {
        write(file, text);
    }
    write(&targets, "- targets: [b.example]\n");
    let mut command = serve(&path);
    command.arg("--web.config.file").arg(&web);
    let daemon = Process::start(command).await;
    daemon.shows(ORIGINS, "2").await;
    let mut failures = 0;
    for (file, text) in &files {
        for kind in IRREGULAR {
            replace(file, kind);
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
        write(file, text);
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
    write(&targets, "- targets: [b.example, c.example]\n");
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
    let folder = folder("start-irregular");
    let (path, fifo) = (folder.join("c.yaml"), folder.join("fifo"));
    write(&path, &yaml(NO_DNS, &[("a", 8443)]));
    write(&fifo, "");
    replace(&fifo, "named pipe");
    for command in [
        &mut serve(&fifo),
        serve(&fifo).arg("--check-config"),
        serve(&path).arg("--web.config.file").arg(&fifo),
        serve(Path::new("/dev/stdin")).stdin(std::process::Stdio::piped()),
    ] {
        let output = command.kill_on_drop(true).output().await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(error.contains(": is a named pipe; give a regular file"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_during_the_start_reloads_after_it() {
    let folder = folder("hangup-at-start");
    let (path, log) = (folder.join("c.yaml"), folder.join("log"));
    // Large enough to be read for a while.
    let origins: Vec<(String, u16)> = (0..20_000).map(|n| (format!("o{n}"), 2000 + n)).collect();
    let origins: Vec<(&str, u16)> = origins.iter().map(|(id, port)| (id.as_str(), *port)).collect();
    write(&path, &yaml(NO_DNS, &origins));
    let mut command = serve(&path);
    let mut daemon =
        command.stderr(std::fs::File::create(&log).unwrap()).kill_on_drop(true).spawn().unwrap();
    let pid = daemon.id().unwrap();
    let signal = |signal| {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    };
    while resident_kib(pid) < 25_000 {
        tokio::task::yield_now().await;
    }
    signal(Signal::HUP);
    let is_reloaded = || std::fs::read_to_string(&log).unwrap().contains("why=SIGHUP");
    while !is_reloaded() {
        assert_eq!(daemon.try_wait().unwrap(), None);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    signal(Signal::TERM);
    assert_eq!(daemon.wait().await.unwrap().code(), Some(0));
}

/// Returns how much memory a process uses; nothing of one that has ended.
fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or(u64::MAX, |line| line.split_whitespace().next().unwrap().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_asked_for_changes_with_the_file() {
    let path = folder("probe-endpoint").join("origin-probe.yaml");
    let head = |endpoint: &str| format!("{NO_DNS}{endpoint}");
    write(&path, &yaml(&head(""), &[("a", 8443)]));
    let daemon = Process::start(serve(&path)).await;
    let request = format!("/probe?target={DOMAIN}");
    let (status, answer) = daemon.ask("GET", &request).await;
    assert_eq!(status, 403);
    assert!(answer.contains("probe_endpoint.enabled"), "{answer}");
    let open = format!("probe_endpoint: {{enabled: true, allow: {{names: [{DOMAIN}]}}}}\n");
    write(&path, &yaml(&head(&open), &[("a", 8443)]));
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
async fn a_config_map_that_is_swapped_is_used() {
    let folder = folder("config-map");
    for (version, origins) in [("..1", &[("a", 8443)][..]), ("..2", &[("a", 8443), ("b", 8443)])] {
        std::fs::create_dir(folder.join(version)).unwrap();
        std::fs::write(folder.join(version).join("c.yaml"), yaml(NO_DNS, origins)).unwrap();
    }
    symlink("..1", folder.join("..data")).unwrap();
    symlink("..data/c.yaml", folder.join("c.yaml")).unwrap();
    let daemon = Process::start(serve(&folder.join("c.yaml"))).await;
    daemon.shows(ORIGINS, "1").await;
    symlink("..2", folder.join("..data_tmp")).unwrap();
    std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    daemon.shows(ORIGINS, "2").await;
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_anchors_are_read_again_and_everything_is_judged_by_them() {
    let folder = folder("anchors");
    let year = || Window::days(-10..355, now());
    let (old, new) =
        (Authority::root("Old", year()).unwrap(), Authority::root("New", year()).unwrap());
    let issued = new.issue(&EndEntity::new(&[DOMAIN], year())).unwrap();
    let served = ServedCertificate::new(vec![issued.der], issued.key);
    let options = TlsServerOptions::new(Certificates::for_everyone(served));
    let server = TlsServer::start(LOOPBACK, 0, &options).await.unwrap();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let (path, pem) = (folder.join("c.yaml"), folder.join("root.pem"));
    std::fs::write(&pem, old.pem()).unwrap();
    let head = format!(
        "resolver: {{nameservers: [\"{}\"]}}\nreachability: {{assume_public: [127.0.0.0/8]}}\n\
         trust_anchors: {{extra: [root.pem]}}\nprobe: {{interval: 1h}}\n",
        dns.address()
    );
    write(&path, &yaml(&head, &[("a", server.address().port())]));
    let daemon = Process::start(serve(&path)).await;
    daemon.shows(&failing("a"), "1").await;
    write(&pem, &new.pem());
    daemon.shows(&failing("a"), "0").await;
    assert!(server.connections() >= 2, "the interval is an hour");
    write(&pem, "nothing of the kind");
    daemon.shows(SUCCESSFUL, "0").await;
    assert_eq!(daemon.metric(&failing("a")).await.as_deref(), Some("0"));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_divide_the_origins_and_say_which_they_are() {
    let path = folder("shards").join("c.yaml");
    let origins: Vec<(String, u16)> = (0..40).map(|n| (format!("o{n}"), 2000 + n)).collect();
    let origins: Vec<(&str, u16)> = origins.iter().map(|(id, port)| (id.as_str(), *port)).collect();
    write(&path, &yaml(NO_DNS, &origins));
    let mut all = Vec::new();
    for shard in 0..3 {
        let mut command = serve(&path);
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
        let mine = metrics
            .lines()
            .filter_map(|line| line.strip_prefix("cloudfront_origin_undecided{"))
            .map(|line| line.split("origin=\"").nth(1).unwrap().split('"').next().unwrap())
            .map(str::to_owned);
        let before = all.len();
        all.extend(mine);
        assert!(all.len() > before, "{shard}");
        assert_eq!(daemon.end().await, Some(0));
    }
    all.sort_unstable();
    let mut expected: Vec<String> = origins.iter().map(|(id, _)| (*id).to_owned()).collect();
    expected.sort_unstable();
    assert_eq!(all, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_in_the_environment_is_not_used_and_said_to_be_so() {
    let path = folder("proxy").join("origin-probe.yaml");
    write(&path, &yaml(NO_DNS, &[("a", 8443)]));
    let warning = "proxy setting ignored variable=\"HTTPS_PROXY\"";
    for (proxy, warns) in [("http://127.0.0.1:3128", true), ("", false)] {
        let mut command = serve(&path);
        command.env("HTTPS_PROXY", proxy);
        let daemon = Process::start(command).await;
        assert_eq!(daemon.log().contains(warning), warns, "{}", daemon.log());
        assert_eq!(daemon.end().await, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_that_cannot_be_is_refused() {
    let path = folder("no-shard").join("c.yaml");
    write(&path, &yaml(NO_DNS, &[("a", 8443)]));
    for (arguments, complaint) in [
        (&["--shard", "3", "--shards", "3"][..], "shard 3 of 3 does not exist"),
        (&["--shard", "0", "--shards", "0"], "number of shards is 0"),
        (&["--shard", "1"], "--shards"),
        (&["--shard", "x", "--shards", "3"], "use a number or a pod name"),
    ] {
        let output = serve(&path).args(arguments).output().await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(error.contains(complaint), "{arguments:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_answer_until_the_end_and_readiness_does_not() {
    let folder = folder("end");
    // A server that says nothing keeps a probe in flight.
    let silent = ScriptServer::start(LOOPBACK, 0, Script::Silence).await.unwrap();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let path = folder.join("c.yaml");
    let head = format!(
        "resolver: {{nameservers: [\"{}\"]}}\nreachability: {{assume_public: [127.0.0.0/8]}}\n\
         probe: {{interval: 1s}}\n",
        dns.address()
    );
    write(&path, &yaml(&head, &[("a", silent.address().port())]));
    let mut daemon = Process::start(serve(&path)).await;
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
