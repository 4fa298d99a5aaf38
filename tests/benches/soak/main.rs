//! The daemon among 2,000 origins for hours: a third hostile (every kind of `tests/it/hostile`), a
//! third that change between answering and failing, a third healthy. A reload every minute replaces
//! some origins of each third; a scrape every 5 s is compared with what must be shown.
//!
//! `cargo bench --bench soak -- [SECONDS]`, after `cargo build --release`; 2 h unless SECONDS says
//! otherwise. `ORIGIN_PROBE_BINARY` names another daemon. Ends with an error if a verdict was wrong,
//! if the daemon had no time for more than 1 % of them, or if, in half an hour or more, memory or
//! open files grew by more than 3 %: the median of the samples between 15 % and 30 % of the time
//! against that of the last 15 %.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "../../it/common/mod.rs"]
mod common;
#[path = "../load/daemon.rs"]
mod daemon;
mod farm;
#[path = "../../it/hostile/kinds/mod.rs"]
mod kinds;
#[path = "../measure.rs"]
mod measure;
#[path = "../load/scrape.rs"]
mod scrape;
#[path = "../../it/hostile/server.rs"]
mod server;
#[path = "../../it/hostile/tls13.rs"]
mod tls13;
#[path = "../../it/hostile/wire.rs"]
mod wire;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use daemon::{Daemon, Usage};
use farm::{Farm, Wanted};

const ORIGINS: usize = 2_000;
const INTERVAL: Duration = Duration::from_secs(60);
const RELOAD: Duration = Duration::from_secs(60);
const SCRAPE: Duration = Duration::from_secs(5);

/// Until a change is shown: the interval and a tenth, a confirmation within 6 s, the time of the
/// probes, and a margin for a machine that is busy.
const DELAY: Duration = Duration::from_secs(60 + 6 + 6 + 30);

/// How much memory and open files may grow, in per cent, and for how long a run must last to tell.
/// There are so few files that the probes of one moment are more than 3 % of them.
const MAX_GROWTH: f64 = 3.0;
const MAX_MORE_FILES: f64 = 8.0;
const LONG: Duration = Duration::from_secs(1800);

fn main() -> ExitCode {
    let seconds = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    // What runs the benchmarks one by one gives no time; this one is long.
    let seconds = seconds.map_or(7_200, |seconds| seconds.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(soak(Duration::from_secs(seconds)))
}

async fn soak(duration: Duration) -> ExitCode {
    let farm = Farm::start(ORIGINS, INTERVAL).await;
    let daemon = Daemon::start(&farm).await;
    let began = Instant::now();
    let (mut generation, mut scrapes) = (0, 0_u32);
    let mut samples: Vec<Usage> = Vec::new();
    // The time since each id was seen first: a new origin has not been probed yet.
    let mut known: BTreeMap<String, Instant> = BTreeMap::new();
    let mut wrong: BTreeMap<String, String> = BTreeMap::new();
    let (mut compared, mut doubted) = (0_u64, 0_u64);
    let first = daemon.usage();
    let own = measure::cpu_of(std::process::id());
    while began.elapsed() < duration {
        tokio::time::sleep(SCRAPE).await;
        let due = (began.elapsed().as_secs() / RELOAD.as_secs()) as usize;
        if due > generation {
            generation = due;
            farm.write(Some(daemon.address), generation);
            let answer = daemon.ask("POST", "/-/reload", "identity").await;
            assert!(answer.starts_with(b"HTTP/1.0 200"), "{}", String::from_utf8_lossy(&answer));
        }
        let answer = daemon.ask("GET", "/metrics", "identity").await;
        let verdicts = verdicts(std::str::from_utf8(&answer).unwrap());
        known.retain(|id, _| verdicts.contains_key(id));
        for (id, verdict) in verdicts {
            let since = known.entry(id.clone()).or_insert_with(Instant::now).elapsed();
            if Farm::is_healthy(&id) && verdict == Wanted::Fails {
                wrong.entry(id.clone()).or_insert_with(|| "a healthy origin fails".to_owned());
            }
            let Some(wanted) = farm.wanted(&id, DELAY).filter(|_| since > DELAY) else { continue };
            compared += 1;
            if verdict == Wanted::Doubted {
                doubted += 1;
            } else if verdict != wanted {
                let seconds = began.elapsed().as_secs();
                let text = format!("{verdict:?} instead of {wanted:?} after {seconds} s");
                wrong.entry(id).or_insert(text);
            }
        }
        samples.push(daemon.usage());
        scrapes += 1;
    }
    let last = daemon.usage();
    let own =
        (measure::cpu_of(std::process::id()) - own).as_secs_f64() / began.elapsed().as_secs_f64();
    figure("duration", began.elapsed().as_secs_f64(), "s");
    figure("scrapes", f64::from(scrapes), "scrapes");
    figure("reloads", generation as f64, "reloads");
    figure("verdicts_compared", compared as f64, "verdicts");
    figure("verdicts_doubted", doubted as f64, "verdicts");
    figure("verdicts_wrong", wrong.len() as f64, "origins");
    figure("daemon_cpu", last.cpu_since(&first) * 100.0, "% of one core");
    figure("farm_cpu", own * 100.0, "% of one core");
    figure("resident_peak", last.peak_mib, "MiB");
    let memory = growth("resident", "MiB", &samples, |usage| usage.resident_mib);
    let files = growth("files", "files", &samples, |usage| usage.files as f64);
    for (id, what) in wrong.iter().take(50) {
        println!("{id}: {what}");
    }
    let grows = |(early, late): (f64, f64), least: f64| {
        late > early * (1.0 + MAX_GROWTH / 100.0) && late > early + least
    };
    let is_flat = began.elapsed() < LONG || !(grows(memory, 0.0) || grows(files, MAX_MORE_FILES));
    if compared == 0 {
        println!("nothing was compared: {} s are too short", duration.as_secs());
    }
    if !is_flat {
        println!("memory or open files grew by more than {MAX_GROWTH} %");
    }
    let is_calm = doubted * 100 <= compared;
    if !is_calm {
        println!("the daemon had no time for {doubted} verdicts: the machine is too busy");
    }
    daemon.end().await;
    match is_calm && wrong.is_empty() && is_flat && compared > 0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Returns what a scrape says of each origin by its id; one that was not probed yet is left out.
fn verdicts(metrics: &str) -> BTreeMap<String, Wanted> {
    let mut verdicts = BTreeMap::new();
    for line in metrics.lines() {
        let Some((series, value)) = line.rsplit_once(' ') else { continue };
        let Some((name, labels)) = series.split_once('{') else { continue };
        let wanted = match name {
            "cloudfront_origin_failing" if value == "1" => Wanted::Fails,
            "cloudfront_origin_undecided_reason" if OWN.iter().any(|own| labels.contains(own)) => {
                Wanted::Doubted
            }
            "cloudfront_origin_undecided" if value == "1" => Wanted::Undecided,
            "cloudfront_origin_failing" => Wanted::Answers,
            _ => continue,
        };
        let Some((_, rest)) = labels.split_once("origin=\"") else { continue };
        let id = rest.split('"').next().unwrap().to_owned();
        let known = verdicts.entry(id).or_insert(wanted);
        if wanted != Wanted::Answers && *known != Wanted::Doubted {
            *known = wanted;
        }
    }
    verdicts
}

/// The reasons that are this machine's (`deploy/docs/metrics.md`).
const OWN: [&str; 3] =
    ["reason=\"prober-overloaded\"", "reason=\"own-failure\"", "reason=\"not-enough-time\""];

/// Prints and returns the median early and late.
fn growth(name: &str, unit: &str, samples: &[Usage], value: fn(&Usage) -> f64) -> (f64, f64) {
    let part = |from: usize, to: usize| {
        let (from, to) = (samples.len() * from / 100, samples.len() * to / 100);
        let mut values: Vec<f64> = samples[from..to].iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let (early, late) = (part(15, 30), part(85, 100));
    figure(&format!("{name}_early"), early, unit);
    figure(&format!("{name}_late"), late, unit);
    figure(&format!("{name}_growth"), (late / early - 1.0) * 100.0, "%");
    (early, late)
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure soak_{name} {value:.2} {unit}");
}
