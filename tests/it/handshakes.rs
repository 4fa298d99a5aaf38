//! The table of live servers, each probed over a real socket: the whole list of findings, the
//! answer, the status and the engine of every row.

use std::sync::Arc;
use std::time::Duration;

use crate::common::found;
use crate::table::{Absent, DOMAIN, Row, Served, Stage, now};
use futures_util::{StreamExt, stream};
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::probe::ProbeOptions;
use origin_probe::report::Report;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many rows run side by side: a few, so that no server starves.
const AT_ONCE: usize = 6;

/// How long a row may take, beyond every deadline of a probe.
const ROW: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_live_server_gets_the_verdict_that_cloudfront_would_give() {
    let stage = Arc::new(Stage::set("handshakes"));
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for row in crate::table::rows() {
        let (stage, turns) = (Arc::clone(&stage), Arc::clone(&turns));
        running.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            row.compile(&stage).await;
            match tokio::time::timeout(ROW, play(&row, &stage)).await {
                Ok(outcome) => outcome,
                Err(_) => Outcome::Wrong(format!("{}: not over after {ROW:?}", row.name)),
            }
        });
    }
    let (mut rows, mut skipped) = (0, 0);
    let mut wrong = Vec::new();
    while let Some(outcome) = running.join_next().await {
        rows += 1;
        match outcome.unwrap() {
            Outcome::Right => {}
            Outcome::Wrong(why) => wrong.push(why),
            Outcome::Skipped(why) if crate::table::are_peers_required() => wrong.push(why),
            Outcome::Skipped(why) => {
                skipped += 1;
                eprintln!("skipped: {why}");
            }
        }
    }
    wrong.sort_unstable();
    eprintln!("{rows} rows, {skipped} skipped, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// How many connections an address may see under one server name, at worst; an ordinary one that
/// answers sees one.
const MOST_CONNECTIONS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_of_openssl_serve_a_client_that_suits_them() {
    let stage = Stage::set("clients");
    let rows = crate::table::rows();
    let visits =
        rows.iter().map(|row| async { (&row.name, row.is_served_by_openssl(&stage).await) });
    let mut visits = stream::iter(visits).buffer_unordered(AT_ONCE);
    let mut wrong = Vec::new();
    while let Some((name, outcome)) = visits.next().await {
        match outcome {
            Ok(Served::Otherwise(why)) => wrong.push(format!("{name}: {why}")),
            Ok(Served::AsTold | Served::NoSuchServer) => {}
            Err(Absent::NotHere(why)) if !crate::table::are_peers_required() => {
                eprintln!("skipped: {name}: {why}");
            }
            Err(absent) => wrong.push(format!("{name}: {absent:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

enum Outcome {
    Right,
    Wrong(String),
    Skipped(String),
}

async fn play(row: &Row, stage: &Stage) -> Outcome {
    if let Some(words) = row.complaint {
        return match row.complaint(stage).await {
            Ok(said) if said.contains(words) => Outcome::Right,
            Err(Absent::NotHere(why)) => Outcome::Skipped(format!("{}: {why}", row.name)),
            result => Outcome::Wrong(format!("{}: {result:?}", row.name)),
        };
    }
    let servers = match row.start(stage).await {
        Ok(servers) => servers,
        Err(Absent::NotHere(why)) => return Outcome::Skipped(format!("{}: {why}", row.name)),
        Err(absent) => return Outcome::Wrong(format!("{}: {absent:?}", row.name)),
    };
    let port = servers.first().map_or(443, |server| server.address().port());
    let dns = DnsServer::start([(DOMAIN, record(row))]).await.unwrap();
    let prober = crate::common::prober(dns.address(), &stage.trusted(), row.patience);
    let observation =
        prober.probe(Arc::new(row.origin(port)), &ProbeOptions::default(), now()).await;
    let report = Report::new(None, Arc::new(observation), now());
    let mut seen = found(&report);
    seen.findings.sort_unstable();
    let endpoints = report.observation.endpoints.iter();
    let mut engines: Vec<&str> =
        endpoints.map(|endpoint| endpoint.handshake.engine.as_str()).collect();
    if row.engines.is_empty() {
        engines.clear();
    }
    let chain = report.observation.chains().next().map(|(_, chain)| stage.letters.of(chain));
    let is_chain = row.chain.is_none_or(|letters| chain.as_deref() == Some(letters));
    let is_ordinary =
        row.expected.answer == "answers" && row.engines.iter().all(|one| *one == "rustls");
    let most =
        if is_ordinary { 1 } else { MOST_CONNECTIONS } * report.observation.origin.targets.len();
    let connections: Vec<Option<u64>> = servers.iter().map(|server| server.connections()).collect();
    let is_polite = connections.iter().flatten().all(|count| *count <= most as u64);
    let fails_when_told =
        row.first_failure.is_none() || report.brief.first_failure() == row.first_failure;
    if seen == row.expected && engines == row.engines && is_chain && is_polite && fails_when_told {
        return Outcome::Right;
    }
    let details: Vec<&str> =
        report.verdict.findings.iter().map(|finding| finding.detail.as_ref()).collect();
    Outcome::Wrong(format!(
        "{}\n  expected {:?} by {:?}\n  found    {seen:?} by {engines:?}\n  \
         chain expected {:?}, found {chain:?}\n  after {connections:?} connections\n  first failure expected {:?}, found {:?}\n  {}",
        row.name,
        row.expected,
        row.engines,
        row.chain,
        row.first_failure,
        report.brief.first_failure(),
        details.join("\n  ")
    ))
}

/// DNS knows the addresses where something stands, and no others.
fn record(row: &Row) -> DnsRecord {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for (ip, _) in &row.sites {
        match ip {
            std::net::IpAddr::V4(ip) => v4.push(*ip),
            std::net::IpAddr::V6(ip) => v6.push(*ip),
        }
    }
    DnsRecord::Addresses { v4, v6, ttl_seconds: 60 }
}
