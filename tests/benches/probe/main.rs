//! What one probe costs, side by side in one run on the same loopback origin (TLS 1.3, ECDSA
//! P-256, an end entity and one intermediate): CPU, user and system, per probe.
//!
//! `probe_cpu_ratio` and `probe_blackbox_ratio` compare processes at one pace, by `/proc`: the
//! daemon, a bare rustls handshake with the same offer and the same close, which verifies the
//! server's signature and not the chain, and blackbox_exporter where it is installed (`.ci/install
//! monitoring`). What is counted differs in favour of the others. The daemon looks up the name for
//! each probe, as it does where a load balancer's TTL of a minute meets the interval of five (with a
//! long TTL it does so for two probes of three), and one scrape of all origins an interval is in its
//! figure. The bare handshake looks up no name; blackbox_exporter is given an address, and its HTTP
//! answers, which are its metrics, are in its figure.
//!
//! The daemon begins probes in groups, and so wakes less often than who makes one handshake after
//! the other; `probe_cpu_in_groups_ratio` is to bare handshakes in such groups.
//!
//! Before that, on one thread and in alternating batches, one straight after the other: the probe,
//! its parts and the bare handshake, with nothing but themselves in the caches.
//!
//! Run it with `cargo bench --bench probe -- PACE`, in probes per second (200).
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../../it/common/any_chain.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests keep what is shown")]
mod any_chain;
#[path = "../measure.rs"]
mod measure;
#[path = "../stage.rs"]
mod stage;

mod bare;
mod in_process;
mod origin;
mod processes;

use jiff::Timestamp;

use origin::TestOrigin;
use processes::Pace;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, address, pace, group] = arguments.as_slice()
        && mode == "bare"
    {
        let pace = Pace(pace.parse().unwrap());
        let (address, group) = (address.parse().unwrap(), group.parse().unwrap());
        return processes::shake_hands_forever(address, pace, group);
    }
    let pace = arguments.iter().find_map(|argument| argument.parse().ok());
    let now = now();
    let origin = TestOrigin::start(now);
    in_process::compare(&origin, now);
    processes::compare(&origin, Pace(pace.unwrap_or(200)));
}

pub(crate) fn figure(name: &str, value: f64, unit: &str) {
    let decimals = if unit == "x" { 3 } else { 1 };
    println!("figure {name} {value:.decimals$} {unit}");
}

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}
