//! The daemon's log as a process writes it: a reader that does not read delays no other thread, and names
//! from outside can forge neither a line nor a field, there or where else they are shown.

use std::fmt::Write;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use crate::common::process::{Process, ask, folder, serve};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::UdpSocket;
use tokio::process::{Child, ChildStderr};

/// Returns the head of a configuration whose nameserver fails on every name. A probe then ends at
/// once; a nameserver that says nothing is waited for 20 s.
async fn head() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let nameserver = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut message = [0; 4096];
        loop {
            let (length, client) = socket.recv_from(&mut message).await.unwrap();
            // The question, marked as a response with the code SERVFAIL (RFC 1035, 4.1.1).
            message[2] |= 0x80;
            message[3] = 2;
            socket.send_to(&message[..length], client).await.unwrap();
        }
    });
    format!(
        "web: {{listen: \"127.0.0.1:0\"}}\nresolver: {{nameservers: [\"{nameserver}\"]}}\n\
         probe: {{interval: 1h}}\n"
    )
}

const DROPPED: &str = "origin_probe_log_lines_dropped_total";

async fn dropped(daemon: SocketAddr) -> u64 {
    let (_, metrics) = ask(daemon, "GET", "/metrics").await;
    let value = metrics.lines().find_map(|line| line.strip_prefix(DROPPED)?.strip_prefix(' '));
    value.unwrap().parse().unwrap()
}

/// Has long lines written until more than `before` have been dropped.
async fn flood(daemon: SocketAddr, before: u64) {
    let flood = async {
        while dropped(daemon).await == before {
            assert_eq!(ask(daemon, "POST", "/-/reload").await.0, 500);
        }
    };
    tokio::time::timeout(Duration::from_secs(60), flood).await.unwrap();
}

/// Reads until a line has `text`, and returns it.
async fn line_with(lines: &mut Lines<BufReader<ChildStderr>>, text: &str) -> String {
    let wanted = async {
        loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if line.contains(text) {
                return line;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wanted).await.unwrap()
}

async fn ends(mut child: Child) -> Option<i32> {
    kill_process(Pid::from_raw(child.id().unwrap() as i32).unwrap(), Signal::TERM).unwrap();
    let end = tokio::time::timeout(Duration::from_secs(10), child.wait());
    end.await.expect("it ends without a reader").unwrap().code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_read_holds_up_neither_pages_nor_the_end() {
    let config = folder("logging-unread").join("origin-probe.yaml");
    let (head, origins) = (head().await, "origins: [{id: a, domain: a.example}]\n");
    std::fs::write(&config, format!("{head}{origins}")).unwrap();
    let mut child = serve(&config).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let listening = line_with(&mut lines, "listen=").await;
    let (_, rest) = listening.split_once("listen=").unwrap();
    let daemon = rest.split_whitespace().next().unwrap().parse().unwrap();

    // What is said of the log itself is for every level.
    let head = head + "log: {level: error}\n";
    std::fs::write(&config, format!("{head}{origins}")).unwrap();
    assert_eq!(ask(daemon, "POST", "/-/reload").await.0, 200);

    // Every refusal is a line of many kilobytes; the pipe and the queue are full before long.
    let mut broken = format!("{head}origins:\n");
    for number in 0..400 {
        writeln!(broken, "  - {{id: o{number}, domain: o{number}.example, https_port: 1}}")
            .unwrap();
    }
    std::fs::write(&config, broken).unwrap();
    flood(daemon, 0).await;
    assert_eq!(ask(daemon, "GET", "/-/healthy").await.0, 200);

    // When the log is read again, it says how many lines are missing.
    let report = line_with(&mut lines, "log lines dropped").await;
    let (_, lost) = report.split_once(" lines=").unwrap();
    let lost: u64 = lost.split_whitespace().next().unwrap().parse().unwrap();
    assert!((1..=dropped(daemon).await).contains(&lost), "{report}");
    let known = dropped(daemon).await;
    flood(daemon, known).await;
    assert_eq!(ends(child).await, Some(0));
}

/// Each could be taken for something else: several words, another field, the end of a value,
/// another direction, nothing at all.
const HOSTILE: [&str; 9] = [
    "two words",
    "app verdict=answers",
    "quo\"ted",
    "back\\slash",
    "over\u{202e}ride",
    "iso\u{2067}late",
    "mark\u{61c}\u{200e}ed",
    "zero\u{200b}width",
    "line\u{2028}separated",
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn is_harmless(text: &str) -> bool {
    !text.contains(|c| {
        matches!(
            c,
            '\u{202e}' | '\u{2067}' | '\u{61c}' | '\u{200e}' | '\u{200b}' | '\u{2028}' | '\u{1b}'
        )
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_escaped_wherever_they_are_shown() {
    let config = folder("logging-hostile").join("origin-probe.yaml");
    let mut text = head().await
        + "probe_endpoint: {enabled: true, allow: {names: ['*.x.example']}}\norigins:\n";
    for (number, id) in HOSTILE.iter().enumerate() {
        let id = serde_json::to_string(id).unwrap();
        writeln!(text, "  - {{id: {id}, domain: d{number}.example}}").unwrap();
    }
    std::fs::write(&config, &text).unwrap();
    let daemon = Process::start(serve(&config)).await;
    daemon.says("first probe round complete").await;

    // The log as text: one line for each, its name in quotes.
    let log = daemon.log();
    assert!(is_harmless(&log), "{log:?}");
    let verdicts: Vec<&str> =
        log.lines().filter(|line| line.contains(" verdict origin=")).collect();
    assert_eq!(verdicts.len(), HOSTILE.len(), "{log}");
    for quoted in [
        "origin=\"two words\" domain=",
        "origin=\"app verdict=answers\" domain=",
        "origin=\"quo\\\"ted\" domain=",
        "origin=\"back\\\\slash\" domain=",
        "origin=\"over\\u{202e}ride\" domain=",
        "origin=\"line\\u{2028}separated\" domain=",
    ] {
        assert!(verdicts.iter().any(|line| line.contains(quoted)), "{quoted}: {log}");
    }

    // Pages, and what is said of a bad request.
    let mut pages = vec!["/".to_owned()];
    for name in HOSTILE.map(encoded) {
        pages.extend([
            format!("/origins/{name}"),
            format!("/?verdict={name}"),
            format!("/?{name}=1"),
            format!("/?search={name}&page={name}"),
            format!("/rules/{name}"),
            format!("/api/v1/origins?rule={name}"),
            format!("/api/v1/origins/a?{name}=1"),
            format!("/probe?target={name}"),
            format!("/probe?target=a.x.example&host={name}"),
            format!("/probe?target=a.x.example&ssl_protocols={name}"),
            format!("/probe?{name}=1"),
        ]);
    }
    for path in pages {
        let (status, text) = daemon.ask("GET", &path).await;
        assert!(is_harmless(&text), "{path}: {text:?}");
        assert!([200, 400, 403, 404].contains(&status), "{path}: {status}");
    }

    // Metrics: a series each, whose label is the id as it is (text format 0.0.4 has three escapes).
    let (_, metrics) = daemon.ask("GET", "/metrics").await;
    for id in HOSTILE {
        let id = id.replace('\\', "\\\\").replace('"', "\\\"");
        let label = format!("cloudfront_origin_undecided{{distribution=\"\",origin=\"{id}\",");
        assert_eq!(metrics.lines().filter(|line| line.starts_with(&label)).count(), 1, "{id}");
    }
    assert_eq!(daemon.end().await, Some(0));

    // The log as JSON: the names as they are, once it is read as such.
    let json = format!("{text}log: {{format: json}}\n");
    std::fs::write(&config, json).unwrap();
    let mut child = serve(&config).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut names = Vec::new();
    while names.len() < HOSTILE.len() {
        let line = lines.next_line().await.unwrap().unwrap();
        assert!(is_harmless(&line), "{line:?}");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        if line["message"] == "verdict" {
            names.push(line["origin"].as_str().unwrap().to_owned());
        }
    }
    names.sort();
    let mut expected = HOSTILE.map(str::to_owned);
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(ends(child).await, Some(0));

    // The terminal, and what it says of a file that is wrong.
    let check = |config| {
        let mut check = tokio::process::Command::new(env!("CARGO_BIN_EXE_origin-probe"));
        check.args(["check", "--color", "never", "--config"]).arg(config);
        async move { check.output().await.unwrap() }
    };
    let output = check(config.clone()).await;
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(is_harmless(&said), "{said:?}");
    assert!(said.contains("over\\u{202e}ride"), "{said}");
    std::fs::write(&config, text.replace("domain: d", "domain: \"_\u{202e}\", dom\u{2067}: d"))
        .unwrap();
    let output = check(config).await;
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(is_harmless(&said), "{said:?}");
}
