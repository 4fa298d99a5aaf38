//! Every kind of hostile server, asked by the real prober: a verdict, in bounded time, memory and
//! connections.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::origin::ProberConfig;
use origin_probe::probe::ProbeOptions;
use origin_probe::report::{OriginJson, Report};
use origin_probe::resolve::LONGEST_TIMEOUT;

use super::kinds;
use super::kinds::{Kind, Pki};
use super::server::{Behavior, Server, Step};
use super::wire::Hello;
use crate::common;
use crate::common::forge::Key;
use crate::common::found;
use crate::common::hostile::DOMAIN;
use crate::common::process::alone;

/// How many kinds there are at least.
const KINDS: usize = 300;

/// How many connections one probe makes at most (`deploy/docs/threat-model.md`).
const MAX_CONNECTIONS: usize = 8;

/// How large the JSON of one origin may become.
const MAX_JSON: usize = 1024 * 1024;

/// By how much the peak memory of this process may grow while all kinds are probed, the servers'
/// own buffers included.
const MAX_GROWTH_KIB: u64 = 96 * 1024;

/// How many kinds are probed at once. Those that hang do nothing but wait.
const AT_ONCE: usize = 8;
const HANGING_AT_ONCE: usize = 64;

/// How long a handshake is waited for: a server that does not hang has as much time as a slow
/// machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_FOR_HANGING: Duration = Duration::from_secs(3);

/// How long a probe may take: several handshakes, one after the other.
const DEADLINE: Duration = Duration::from_secs(60);
const DEADLINE_FOR_HANGING: Duration = Duration::from_secs(30);

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// The resident memory of this process: `VmRSS` now, `VmHWM` at its peak.
fn memory_kib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B']).trim().parse().unwrap()
}

/// Returns what is wrong with the verdict on one kind, or with what it cost; nothing if all is well.
async fn judge(kind: Kind, pki: Arc<Pki>, dns: Arc<DnsServer>) -> Option<String> {
    let Kind { name, behavior, expected, hangs } = kind;
    let server = Server::start(behavior).await;
    let (patience, longest) = match hangs {
        true => (PATIENCE_FOR_HANGING, DEADLINE_FOR_HANGING),
        false => (PATIENCE, DEADLINE),
    };
    // Each kind has a prober of its own: what one origin does must not excuse another.
    let config = ProberConfig {
        dns_timeout: LONGEST_TIMEOUT,
        handshake_timeout: patience,
        deadline: DEADLINE,
        ..common::asking(vec![dns.address()])
    };
    let prober = common::prober_with(config, &pki.root_pem);
    let origin = Arc::new(common::origin(DOMAIN, server.address.port()));
    let observation = prober.probe(origin, &ProbeOptions::default(), now()).await;
    let took = observation.duration;
    let report = Report::new(None, Arc::new(observation), now());
    let json = OriginJson::new(&report).to_string();
    let connections = server.connections();
    let mut wrong = Vec::new();
    if found(&report) != expected {
        let findings = report.verdict.findings.iter();
        let details: Vec<&str> = findings.map(|finding| &*finding.detail).collect();
        wrong.push(format!("{:?} instead of {expected:?}: {details:?}", found(&report)));
    }
    if !(1..=MAX_CONNECTIONS).contains(&connections) {
        wrong.push(format!("{connections} connections"));
    }
    if took > longest {
        wrong.push(format!("{took:?}"));
    }
    if json.len() > MAX_JSON {
        wrong.push(format!("{} bytes of JSON", json.len()));
    }
    (!wrong.is_empty()).then(|| format!("{name}: {}", wrong.join("; ")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_hostile_server_has_its_verdict_and_costs_little() {
    if !alone("hostile::servers::every_kind_of_hostile_server_has_its_verdict_and_costs_little") {
        return;
    }
    let pki = Arc::new(Pki::new(Key::new));
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    let dns = Arc::new(dns);
    let (hanging, others): (Vec<Kind>, Vec<Kind>) =
        kinds::all(&pki).into_iter().partition(|kind| kind.hangs);
    let before = memory_kib("VmRSS");
    let mut wrong = Vec::new();
    for (kinds, at_once) in [(others, AT_ONCE), (hanging, HANGING_AT_ONCE)] {
        // A task each, so that one prober that is being made does not hold up the others.
        let judged = stream::iter(kinds)
            .map(|kind| tokio::spawn(judge(kind, Arc::clone(&pki), Arc::clone(&dns))))
            .map(|judging| async { judging.await.unwrap() });
        let judged = judged.buffer_unordered(at_once).filter_map(|wrong| async { wrong });
        wrong.extend(judged.collect::<Vec<_>>().await);
    }
    let grown = memory_kib("VmHWM").saturating_sub(before);
    wrong.sort();
    assert!(wrong.is_empty(), "{} kinds:\n{}", wrong.len(), wrong.join("\n"));
    assert!(grown < MAX_GROWTH_KIB, "{grown} KiB");
}

#[test]
fn there_are_hundreds_of_kinds_and_no_two_send_the_same() {
    let kinds = kinds::all(&Arc::new(Pki::new(Key::repeatable)));
    assert!(kinds.len() >= KINDS, "{}", kinds.len());
    let names: HashSet<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!(names.len(), kinds.len());
    let mut known: HashMap<u64, &str> = HashMap::new();
    let twins = kinds.iter().filter_map(|kind| {
        Some((known.insert(fingerprint(&kind.behavior), &kind.name)?, &*kind.name))
    });
    assert_eq!(twins.collect::<Vec<(&str, &str)>>(), []);
}

/// Returns a digest of what a server does on its first connections, with a hello that offers
/// TLS 1.3 and with one that does not.
fn fingerprint(behavior: &Behavior) -> u64 {
    let old = Hello { message: vec![1; 200], random: vec![2; 32], ..Hello::default() };
    let key_share = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"").as_ref().to_vec();
    let new = Hello { session_id: vec![3; 32], group: 29, key_share, ..old.clone() };
    let mut hasher = DefaultHasher::new();
    for hello in [new, old] {
        for number in 0..FINGERPRINTED {
            let mut steps = behavior.before.clone();
            // The script begins with a hello that was read.
            steps.push(Step::Read);
            steps.extend((behavior.script)(&hello, number));
            essence(steps).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// How many connections of a server are compared.
const FINGERPRINTED: usize = 4;

/// Leaves out what makes no difference: how bytes are divided among calls, and what follows the
/// last step.
fn essence(steps: Vec<Step>) -> Vec<Step> {
    let mut essence: Vec<Step> = Vec::new();
    for step in steps {
        match (step, essence.last_mut()) {
            (Step::Send(more), Some(Step::Send(bytes))) => bytes.extend(more),
            (Step::Send(nothing), _) if nothing.is_empty() => {}
            (step, _) => {
                let is_last = !matches!(step, Step::Send(_) | Step::SendApart(_) | Step::Read);
                essence.push(step);
                if is_last {
                    break;
                }
            }
        }
    }
    essence
}
