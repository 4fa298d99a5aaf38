//! The daemon's log as a process writes it: a reader that does not read delays no other thread, and names
//! from outside can forge neither a line nor a field, there or where else they are shown.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::UdpSocket;
use tokio::process::{Child, ChildStderr};

use crate::common::http::sample;
use crate::common::process::{Folder, Ran, ask, comes, listens, pid, spawn, yaml};

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
    format!("resolver: {{nameservers: [\"{nameserver}\"]}}\nprobe: {{interval: 1h}}\n")
}

const DROPPED: &str = "origin_probe_log_lines_dropped_total";

async fn dropped(daemon: SocketAddr) -> u64 {
    let (_, metrics) = ask(daemon, "GET", "/metrics").await;
    sample(&metrics, DROPPED).unwrap().parse().unwrap()
}

/// Has long lines written until more than `before` have been dropped.
async fn flood(daemon: SocketAddr, before: u64) {
    let are_dropped = comes(async || {
        assert_eq!(ask(daemon, "POST", "/-/reload").await.0, 500);
        dropped(daemon).await != before
    });
    assert!(are_dropped.await);
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
    kill_process(pid(&child), Signal::TERM).unwrap();
    let end = tokio::time::timeout(Duration::from_secs(10), child.wait());
    end.await.expect("it ends without a reader").unwrap().code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_read_holds_up_neither_pages_nor_the_end() {
    let folder = Folder::new("logging-unread");
    let (head, origin) = (head().await, ("a", "a.example", 443));
    let mut child = spawn(folder.serve(&yaml(&head, [origin])), Stdio::piped());
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let daemon = listens(&line_with(&mut lines, "listen=").await).unwrap();

    // What is said of the log itself is for every level.
    let head = head + "log: {level: error}\n";
    folder.write("origin-probe.yaml", yaml(&head, [origin]));
    assert_eq!(ask(daemon, "POST", "/-/reload").await.0, 200);

    // Every refusal is a line of many kilobytes; the pipe and the queue are full before long.
    let ids: Vec<String> = (0..400).map(|number| format!("o{number}.example")).collect();
    folder.write("origin-probe.yaml", yaml(&head, ids.iter().map(|id| (&**id, &**id, 1))));
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
    const HARMFUL: &str = "\u{202e}\u{2067}\u{61c}\u{200e}\u{200b}\u{2028}\u{1b}";
    !text.contains(|c| HARMFUL.contains(c))
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_escaped_wherever_they_are_shown() {
    let folder = Folder::new("logging-hostile");
    let endpoint = "probe_endpoint: {enabled: true, allow: {names: ['*.x.example']}}\n";
    let ids = HOSTILE.map(|id| serde_json::to_string(id).unwrap());
    let domains: Vec<String> = (0..ids.len()).map(|number| format!("d{number}.example")).collect();
    let origins = ids.iter().zip(&domains).map(|(id, domain)| (&**id, &**domain, 443));
    let text = yaml(&(head().await + endpoint), origins);
    let daemon = folder.start(&text).await;
    daemon.says("first probe round complete").await;

    // The log as text: one line for each, its name in quotes.
    let log = daemon.log();
    assert!(is_harmless(&log), "{log:?}");
    let verdicts = log.lines().filter(|line| line.contains(" verdict origin="));
    let verdicts: Vec<&str> = verdicts.collect();
    assert_eq!(verdicts.len(), HOSTILE.len(), "{log}");
    for quoted in [
        "two words",
        "app verdict=answers",
        "quo\\\"ted",
        "back\\\\slash",
        "over\\u{202e}ride",
        "line\\u{2028}separated",
    ] {
        let quoted = &format!("origin=\"{quoted}\" domain=");
        assert!(verdicts.iter().any(|line| line.contains(quoted)), "{quoted}: {log}");
    }

    // Pages, and what is said of a bad request.
    let mut pages = vec!["/".to_owned()];
    for name in HOSTILE.map(encoded) {
        for page in [
            "/origins/NAME",
            "/?verdict=NAME",
            "/?NAME=1",
            "/?search=NAME&page=NAME",
            "/rules/NAME",
            "/api/v1/origins?rule=NAME",
            "/api/v1/origins/a?NAME=1",
            "/probe?target=NAME",
            "/probe?target=a.x.example&host=NAME",
            "/probe?target=a.x.example&ssl_protocols=NAME",
            "/probe?NAME=1",
        ] {
            pages.push(page.replace("NAME", &name));
        }
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
    let json = folder.serve(&format!("{text}log: {{format: json}}\n"));
    let mut child = spawn(json, Stdio::piped());
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
    let check = ["check", "--color", "never", "--config", "origin-probe.yaml"];
    let said = |ran: Ran| ran.out + &ran.err;
    let shown = said(folder.run(&check));
    assert!(is_harmless(&shown), "{shown:?}");
    assert!(shown.contains("over\\u{202e}ride"), "{shown}");
    let broken = text.replace("domain: d", "domain: \"_\u{202e}\", dom\u{2067}: d");
    folder.write("origin-probe.yaml", broken);
    let ran = folder.run(&check);
    assert_eq!(ran.code, 3, "{ran:?}");
    let said = said(ran);
    assert!(is_harmless(&said), "{said:?}");
}
