//! How benchmarks measure: the CPU time of one thread, in batches, by the median; and what `/proc`
//! says a process has used.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::time::Duration;

use rustix::time::ClockId;

/// Returns a runtime whose tasks all run on this thread.
pub fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Returns the CPU time of this thread, user and system.
pub fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Returns the microseconds of CPU that each of `calls` took since `began`.
pub fn per_call(began: Duration, calls: u32) -> f64 {
    (cpu() - began).as_secs_f64() * 1e6 / f64::from(calls)
}

/// Returns the value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Returns the CPU time, user and system, of a process and its threads, to a clock tick.
pub fn cpu_of(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}

/// Returns a number of a process's status, memory in KiB.
pub fn status_of(process: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_start_matches(':').split_whitespace().next().unwrap().parse().unwrap()
}

/// Returns the resident memory of this process in KiB.
pub fn resident() -> f64 {
    status_of(std::process::id(), "VmRSS")
}
