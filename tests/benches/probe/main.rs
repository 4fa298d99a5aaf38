//! What one probe costs, side by side in one run on the same loopback origin (TLS 1.3, ECDSA
//! P-256, an end entity and one intermediate): CPU, user and system, per probe.
//!
//! First on one thread, in alternating batches: the whole probe as the daemon makes it (lookup,
//! connection, handshake, chain, judgement, prediction), its parts, and a bare rustls handshake
//! with the same offer and the same close, which verifies the server's signature and not the
//! chain. Then as processes at one pace, by `/proc`: the daemon, the bare handshake, and Debian's
//! prometheus-blackbox-exporter where it is installed (`.ci/install-blackbox`).
//!
//! What is counted differs in favour of the others: the bare handshake looks up no name, and
//! blackbox_exporter is given an address. The daemon's scrapes are in its figure, one of all
//! origins an interval; blackbox_exporter's HTTP answers, which are its metrics, are in its own.
//!
//! Run it with `cargo bench --bench probe`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../clock.rs"]
mod clock;
#[path = "../usage.rs"]
mod usage;

mod bare;
mod blackbox;
mod in_process;
mod origin;
mod process;
mod processes;

use jiff::Timestamp;

use origin::TestOrigin;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, address] = arguments.as_slice()
        && mode == "bare"
    {
        return processes::shake_hands_forever(address.parse().unwrap());
    }
    let now = now();
    let origin = TestOrigin::start(now);
    in_process::compare(&origin, now);
    processes::compare(&origin);
}

pub(crate) fn figure(name: &str, value: f64, unit: &str) {
    let decimals = if unit == "x" { 3 } else { 1 };
    println!("figure {name} {value:.decimals$} {unit}");
}

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}
