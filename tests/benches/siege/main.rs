//! The program under siege: 1,000 origins, a memory limit of 64 MiB, 256 open files, a read-only
//! root if the command brings one; and everything that used to break it, one after the other.
//!
//! This process is the farm of the load benchmark, with one more origin: 64 addresses, 20 server
//! names, a certificate of 59 kB for each. A scraper with a password asks for the metrics every
//! five seconds throughout. After each attack it prints the peak of the daemon's resident memory;
//! it ends with an error if the daemon has ended, a scrape took longer than Prometheus waits, or
//! an origin that answers was reported as failing.
//!
//! `cargo bench --profile dev --bench siege`, as root, for it makes a control group (version 1 or
//! 2). Words name attacks, so that only those run; `--no-limits` takes the limits away, and allows
//! 128 MiB instead. Three variables name another program: `ORIGIN_PROBE_COMMAND` (words, without `serve`),
//! `ORIGIN_PROBE_FOLDER` (where to write the configuration) and `ORIGIN_PROBE_FOLDER_INSIDE`
//! (where the command finds that folder).
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "../load/farm.rs"]
mod farm;
#[path = "../measure.rs"]
mod measure;
#[path = "../stage.rs"]
mod stage;

mod attacks;
mod cell;
mod daemon;
mod fleet;
mod scraper;

use std::process::ExitCode;
use std::time::Duration;

use cell::Cell;
use daemon::Daemon;
use fleet::Fleet;
use scraper::Scraper;

fn main() -> ExitCode {
    let limits = if std::env::args().any(|word| word == "--no-limits") { NONE } else { SMALL };
    let Some(cell) = Cell::new(limits.memory) else {
        println!("LEFT OUT: no control group with a memory limit can be made here");
        return ExitCode::SUCCESS;
    };
    open_many_files();
    let only: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let faults = runtime.block_on(besiege(&cell, &limits, &only));
    for fault in &faults {
        println!("siege: {fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the daemon may have.
struct Limits {
    /// In bytes.
    memory: Option<u64>,
    files: usize,
    /// Resident in MiB, whatever an attack allows.
    most_mib: Option<f64>,
}

/// As a small pod has them.
const SMALL: Limits = Limits { memory: Some(64 << 20), files: 256, most_mib: None };

const NONE: Limits = Limits { memory: None, files: 16_384, most_mib: Some(128.0) };

async fn besiege(cell: &Cell, limits: &Limits, only: &[String]) -> Vec<String> {
    let fleet = Fleet::start().await;
    let mut daemon = Daemon::start(cell, limits.files, &fleet).await;
    let scraper = Scraper::start(daemon.address());
    if !scraper.until_probed(fleet::ORIGINS).await {
        return vec![format!("the first round does not end: {:?}", scraper.faults())];
    }
    println!("figure siege_steady_resident {:.1} MiB", daemon.memory().resident_mib);
    let mut faults = Vec::new();
    for attack in attacks::ALL {
        if !only.is_empty() && !only.iter().any(|name| name == attack.name) {
            continue;
        }
        daemon.forget_peak();
        let wrong = (attack.run)(&daemon, &fleet).await;
        faults.extend(wrong.into_iter().map(|fault| format!("{}: {fault}", attack.name)));
        if daemon.has_ended() {
            faults.push(format!("{}: the daemon has ended; {cell}", attack.name));
            break;
        }
        let peak = daemon.memory().peak_mib;
        println!("figure siege_{}_peak {peak:.1} MiB", attack.name);
        let most = limits.most_mib.unwrap_or(attack.most_mib);
        if peak > most {
            faults.push(format!("{}: {peak:.1} MiB resident, more than {most}", attack.name));
        }
        faults
            .extend(scraper.faults().into_iter().map(|fault| format!("{}: {fault}", attack.name)));
    }
    println!("figure siege_scrapes {} scrapes", scraper.count());
    println!("figure siege_slowest_scrape {:.2} s", scraper.slowest().as_secs_f64());
    println!("figure siege_group_peak {:.1} MiB", cell.peak_mib());
    drop(scraper);
    if !daemon.has_ended() {
        faults.extend(daemon.end(Duration::from_secs(10)).await);
    }
    faults
}

/// Both ends of many connections are in this process.
fn open_many_files() {
    use rustix::process::Resource;
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(Resource::Nofile, raised).unwrap();
}
