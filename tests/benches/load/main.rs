//! The daemon under load: how late probes begin, what they and a scrape cost, how much memory a
//! fleet takes.
//!
//! This process is the farm: a DNS server, 32 TLS servers on loopback (TLS 1.3, ECDSA P-256, an
//! end entity and an intermediate each) and one that accepts connections and never answers. It
//! writes a configuration with every origin in it, runs the release binary on that, and reads
//! `/proc` and `/metrics`. The share that hangs gets a TCP connection and then silence, for its
//! whole handshake timeout. The farm shares the machine's cores with the daemon. The lag is that of
//! all origins, those that hang included: the histogram does not tell them apart.
//!
//! `cargo bench --bench load -- MODE`, after `cargo build --release`; MODE is `10k` (10,000
//! origins every 60 s), `100k` (100,000 every 300 s), `start` (100,000, until the first metrics),
//! `memory` and `memory-distinct` (10,000, after one round), `swap` (30,000, replaced by others four times in a row),
//! `soak` (a day's rounds, compressed: 1,000 origins, 288 rounds of two seconds) or
//! `ORIGINS:INTERVAL_SECONDS:WINDOW_SECONDS`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../measure.rs"]
mod measure;
#[path = "../stage.rs"]
mod stage;

mod daemon;
mod farm;
mod scrape;

use std::time::{Duration, Instant};

use daemon::Daemon;
use farm::{EndEntities, Farm};
use measure::median;
use scrape::Scrape;

/// How many origins, how often, and for how long they are watched after the first round.
#[derive(Clone, Copy, Debug)]
struct Load {
    origins: usize,
    interval: Duration,
    window: Duration,
}

fn main() {
    let mode = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let load = |origins, interval, window| Load {
        origins,
        interval: Duration::from_secs(interval),
        window: Duration::from_secs(window),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match mode.as_deref() {
        // What runs the benchmarks one by one gives no mode; this one is short.
        None => runtime.block_on(steady("load", load(1_000, 10, 20))),
        Some("10k") => runtime.block_on(steady("10k", load(10_000, 60, 180))),
        Some("100k") => runtime.block_on(steady("100k", load(100_000, 300, 330))),
        Some("start") => runtime.block_on(start(load(100_000, 300, 0))),
        Some("memory") => {
            runtime.block_on(memory("memory", load(10_000, 3600, 0), EndEntities::Shared));
        }
        Some("memory-distinct") => {
            let load = load(10_000, 3600, 0);
            runtime.block_on(memory("memory_distinct", load, EndEntities::Distinct));
        }
        Some("swap") => runtime.block_on(swap(load(30_000, 86_400, 0))),
        Some("soak") => runtime.block_on(soak(load(1_000, 2, 576))),
        Some(other) => {
            let numbers: Vec<u64> = other.split(':').map(|n| n.parse().unwrap()).collect();
            let [origins, interval, window] = numbers[..] else { panic!("{other}") };
            runtime.block_on(steady(other, load(origins as usize, interval, window)));
        }
    }
}

/// Lets the first round pass, then watches; in the second half of the window a scrape comes every
/// fifteen seconds, as Prometheus would make it.
async fn steady(name: &str, load: Load) {
    let (farm, daemon) = begin(load).await;
    daemon.scrape(Scrape::Plain).await;
    // The first round at the start rate, and until its probes have scattered over the interval.
    daemon.has_probed(load.origins).await;
    tokio::time::sleep(load.interval).await;
    let half = load.window / 2;
    let (began, first) = (daemon.usage(), daemon.scrape(Scrape::Plain).await);
    tokio::time::sleep(half).await;
    let (middle, second) = (daemon.usage(), daemon.scrape(Scrape::Plain).await);
    let mut scrapes = Vec::new();
    let end = Instant::now() + half;
    while Instant::now() < end {
        scrapes.push(daemon.scrape(Scrape::Gzip).await);
        tokio::time::sleep(Duration::from_secs(15).min(half)).await;
    }
    let (ended, third) = (daemon.usage(), daemon.scrape(Scrape::Plain).await);

    let calm = second.lag.since(&first.lag);
    let scraped = third.lag.since(&second.lag);
    let seconds = began.at.elapsed().as_secs_f64();
    let done = (third.probes - first.probes) as f64;
    let expected = load.origins as f64 / load.interval.as_secs_f64() * seconds;
    figure(name, "lag_p50", calm.quantile(0.5) * 1e3, "ms");
    figure(name, "lag_p99", calm.quantile(0.99) * 1e3, "ms");
    figure(name, "lag_p99_while_scraped", scraped.quantile(0.99) * 1e3, "ms");
    figure(name, "probes", done, "probes");
    figure(name, "probes_of_expected", done / expected, "x");
    figure(name, "probes_missed", third.missed as f64, "probes");
    figure(name, "own_failures", third.own_failures as f64, "probes");
    // Each begins a round of its own, and the figures are no steady state's.
    figure(name, "clock_jumps", third.clock_jumps as f64, "jumps");
    figure(name, "cpu", middle.cpu_since(&began) * 100.0, "% of one core");
    figure(name, "cpu_while_scraped", ended.cpu_since(&middle) * 100.0, "% of one core");
    let used = middle.cpu_since(&began) * half.as_secs_f64();
    let each = used * 1e6 / (second.probes - first.probes) as f64;
    figure(name, "cpu_per_probe", each, "us");
    figure(name, "resident", ended.resident_mib, "MiB");
    figure(name, "heap", ended.anonymous_mib, "MiB");
    figure(name, "resident_peak", ended.peak_mib, "MiB");
    figure(name, "sockets", ended.files as f64, "files");
    figure(name, "in_flight", third.in_flight as f64, "probes");
    let probing = middle.cpu_since(&began);
    let all = cost_of_a_scrape(name, "scrape", &daemon, load, probing).await;
    farm.choose_families("essential");
    daemon.reload();
    while daemon.scrape(Scrape::Plain).await.bytes > third.bytes / 2 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let essential = cost_of_a_scrape(name, "scrape_essential", &daemon, load, probing).await;
    for (label, all, essential) in [("plain", all[0], essential[0]), ("gzip", all[1], essential[1])]
    {
        figure(name, &format!("scrape_essential_{label}_cpu_of_all"), essential / all, "x");
    }
    figure(name, "failing", third.failing as f64, "series");
    daemon.end().await;
}

/// The cost of one scrape besides the probing that goes on: the mean CPU, which the kernel counts in
/// ticks of 10 ms, and the median time. Returns the CPU in ms, of a plain and of a compressed one.
async fn cost_of_a_scrape(
    name: &str,
    what: &str,
    daemon: &Daemon,
    load: Load,
    probing: f64,
) -> [f64; 2] {
    let mut costs = [0.0; 2];
    for (cost, (kind, label)) in
        costs.iter_mut().zip([(Scrape::Plain, "plain"), (Scrape::Gzip, "gzip")])
    {
        let (mut wall, mut bytes) = (Vec::new(), 0);
        let before = daemon.usage();
        for _ in 0..SCRAPES {
            let began = Instant::now();
            bytes = daemon.scrape(kind).await.bytes;
            wall.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let took = before.at.elapsed().as_secs_f64();
        let cpu = (daemon.usage().cpu - before.cpu).as_secs_f64() - probing * took;
        *cost = cpu * 1e3 / SCRAPES as f64;
        figure(name, &format!("{what}_{label}_cpu"), *cost, "ms");
        figure(name, &format!("{what}_{label}_wall"), median(wall), "ms");
        figure(name, &format!("{what}_{label}_size"), bytes as f64 / 1e6, "MB");
        let each = bytes as f64 / load.origins as f64;
        figure(name, &format!("{what}_{label}_size_per_origin"), each, "bytes");
    }
    costs
}

const SCRAPES: usize = 11;

/// From the start of the process to its first metrics, all origins in one file.
async fn start(load: Load) {
    let farm = Farm::start(load.origins, load.interval, HANGING, EndEntities::Shared).await;
    let began = Instant::now();
    let daemon = Daemon::start(&farm).await;
    figure("start", "listening", began.elapsed().as_secs_f64() * 1e3, "ms");
    daemon.scrape(Scrape::Plain).await;
    figure("start", "first_metrics", began.elapsed().as_secs_f64() * 1e3, "ms");
    figure("start", "cpu", daemon.usage().cpu.as_secs_f64() * 1e3, "ms");
    figure("start", "resident", daemon.usage().resident_mib, "MiB");
    figure("start", "config_size", farm.config_bytes as f64 / 1e6, "MB");
    daemon.end().await;
}

/// After one round: what a fleet weighs, while probes still wait for silent servers and once none
/// does.
async fn memory(name: &str, load: Load, end_entities: EndEntities) {
    let farm = Farm::start(load.origins, load.interval, HANGING, end_entities).await;
    let daemon = Daemon::start(&farm).await;
    let before = daemon.usage();
    figure(name, "before", before.resident_mib, "MiB");
    daemon.has_probed(load.origins).await;
    tokio::time::sleep(Duration::from_secs(15)).await;
    let after = daemon.usage();
    figure(name, "resident", after.resident_mib, "MiB");
    figure(name, "resident_peak", after.peak_mib, "MiB");
    figure(name, "growth", after.resident_mib - before.resident_mib, "MiB");
    figure(name, "growth_of_heap", after.anonymous_mib - before.anonymous_mib, "MiB");
    let mut in_flight = daemon.scrape(Scrape::Plain).await.in_flight;
    figure(name, "in_flight", in_flight as f64, "probes");
    while in_flight > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        in_flight = daemon.scrape(Scrape::Plain).await.in_flight;
    }
    let settled = daemon.usage();
    figure(name, "growth_settled", settled.resident_mib - before.resident_mib, "MiB");
    let heap = settled.anonymous_mib - before.anonymous_mib;
    figure(name, "growth_of_heap_settled", heap, "MiB");
    daemon.end().await;
}

/// Reloads that leave no origin as it was: whether what was before them is let go.
async fn swap(load: Load) {
    let (farm, daemon) = begin(load).await;
    daemon.has_probed(load.origins).await;
    tokio::time::sleep(Duration::from_secs(15)).await;
    let steady = daemon.usage().resident_mib;
    daemon.forget_peak();
    let mut in_flight = 0;
    for generation in 1..=4 {
        farm.swap(generation);
        daemon.reload();
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            in_flight = in_flight.max(daemon.scrape(Scrape::Plain).await.in_flight);
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
    let peak = daemon.usage().peak_mib;
    figure("swap", "resident", steady, "MiB");
    figure("swap", "resident_peak", peak, "MiB");
    figure("swap", "resident_peak_of_resident", peak / steady, "x");
    figure("swap", "in_flight_most", in_flight as f64, "probes");
    daemon.end().await;
}

/// As many rounds as a day has: what grows, and what is left open.
async fn soak(load: Load) {
    let (_farm, daemon) = begin(load).await;
    daemon.scrape(Scrape::Plain).await;
    tokio::time::sleep(load.window / 10).await;
    let (early, first) = (daemon.usage(), daemon.scrape(Scrape::Plain).await);
    for tenth in 2..=10 {
        let end = Instant::now() + load.window / 10;
        while Instant::now() < end {
            daemon.scrape(Scrape::Gzip).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        figure("soak", &format!("resident_tenth_{tenth}"), daemon.usage().resident_mib, "MiB");
    }
    let (late, last) = (daemon.usage(), daemon.scrape(Scrape::Plain).await);
    figure("soak", "probes", last.probes as f64, "probes");
    figure("soak", "rounds", last.probes as f64 / load.origins as f64, "rounds");
    figure("soak", "resident_early", early.resident_mib, "MiB");
    figure("soak", "resident_late", late.resident_mib, "MiB");
    let growth = (late.resident_mib / early.resident_mib - 1.0) * 100.0;
    figure("soak", "resident_growth", growth, "%");
    figure("soak", "files_early", early.files as f64, "files");
    figure("soak", "files_late", late.files as f64, "files");
    figure("soak", "in_flight_early", first.in_flight as f64, "probes");
    figure("soak", "in_flight_late", last.in_flight as f64, "probes");
    figure("soak", "threads_late", late.threads as f64, "threads");
    figure("soak", "own_failures", last.own_failures as f64, "probes");
    daemon.end().await;
}

/// Starts the farm, and the daemon over it.
async fn begin(load: Load) -> (Farm, Daemon) {
    let farm = Farm::start(load.origins, load.interval, HANGING, EndEntities::Shared).await;
    let daemon = Daemon::start(&farm).await;
    (farm, daemon)
}

/// One origin in five hangs.
const HANGING: usize = 5;

fn figure(mode: &str, name: &str, value: f64, unit: &str) {
    println!("figure {mode}_{name} {value:.2} {unit}");
}
