//! What `/proc` says a process has used.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::time::Duration;

/// Returns the CPU time, user and system, of a process and its threads, to a clock tick.
pub fn cpu_of(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}
