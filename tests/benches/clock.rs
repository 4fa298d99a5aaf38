//! How benchmarks measure: the CPU time of one thread, in batches, by the median.
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
