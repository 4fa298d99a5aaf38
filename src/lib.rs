//! Tells, before CloudFront does, that an origin's TLS will make it answer 502.
//!
//! Data flows one way:
//!
//! ```text
//! config, discovery → origin → schedule → probe (resolve → handshake → chain) → observation
//!        → rules → verdict → report → metrics, pages, command line
//! ```
//!
//! Reading brings home an [`observation::Observation`]: facts, no opinion. Judging is pure:
//! [`verdict::judge`] takes an observation and an instant and needs neither a clock nor a trust
//! store. Telling happens from the latest [`report::Report`] of each origin.
//!
//! | room | knows |
//! |---|---|
//! | [`limits`] | the operating system's limits on this process: memory, open files; reading files within limits |
//! | [`telemetry`] | the daemon's own counters and histograms |
//! | [`origin`] | what a distribution says of one origin: domain, port, protocols, targets |
//! | [`distribution`] | behaviors, origin groups, aliases; which viewers reach which origin under which name |
//! | [`chain`] | certificates as served, their order, names, paths to anchors |
//! | [`observation`] | the facts that one probe can bring home |
//! | [`cloudfront`] | what CloudFront offers, trusts and reaches; every constant cited |
//! | [`config`] | the configuration file as written, then decided |
//! | [`discovery`] | where origins come from: files, distributions as CloudFront's API tells them |
//! | [`resolve`] | DNS |
//! | [`handshake`] | TCP and TLS; failures as data |
//! | [`probe`] | the order of the three, the anchors, the deadline |
//! | [`rules`] | what CloudFront refuses; one file a rule, one table |
//! | [`verdict`] | all rules at one instant; the first bad instant |
//! | [`impact`] | from origins' verdicts to what viewers of each path pattern get |
//! | [`report`] | the latest verdict per origin and its memory, in words and JSON |
//! | [`metrics`] | the same, in numbers |
//! | [`pages`] | HTTP |
//! | [`schedule`] | when |
//! | [`cli`] | serve, check, rules, explain, demo; exit codes |
//! | [`demo`] | feature `demo`: a CA, broken origins and a DNS server on loopback; the tests' fixture |
//!
//! Which room may import which is written in `tests/layers.rs`, which enforces it.

pub mod chain;
pub mod cli;
pub mod cloudfront;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod discovery;
pub mod distribution;
pub mod handshake;
pub mod impact;
pub mod limits;
pub mod metrics;
pub mod observation;
pub mod origin;
pub mod pages;
pub mod probe;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod schedule;
pub mod telemetry;
pub mod verdict;
