//! Predicts CloudFront 502 errors by probing the TLS of your origins.
//!
//! Data flows one way:
//!
//! ```text
//! config, sources → origin → schedule → probe (resolve → handshake → chain) → observation
//!        → rules → verdict → report → metrics, web, cli
//! ```
//!
//! A probe returns an [`observation::Observation`], which holds facts only. [`verdict::judge`] is a
//! pure function of an observation and an instant: it needs neither a clock nor a trust store. All
//! output comes from the latest [`report::Report`] of each origin.
//!
//! | module | contents |
//! |---|---|
//! | [`limits`] | operating system limits on memory and open files; bounded file reads |
//! | [`telemetry`] | counters and histograms about the daemon itself |
//! | [`origin`] | the settings of one origin: domain, port, protocols, targets |
//! | [`distribution`] | behaviors, origin groups, aliases; which viewers reach which origin, and with which server name |
//! | [`chain`] | served certificates: order, names, paths to trust anchors |
//! | [`observation`] | the facts that a probe collects |
//! | [`cloudfront`] | what CloudFront offers, trusts and can reach; every constant has a citation |
//! | [`config`] | parsing and validation of the configuration file |
//! | [`sources`] | origin discovery: target files and the CloudFront API |
//! | [`resolve`] | DNS |
//! | [`handshake`] | TCP and TLS; failures as data |
//! | [`probe`] | one probe: resolve, handshake and chain, with trust anchors and deadline |
//! | [`rules`] | what CloudFront rejects (one file per rule and one table), reasons for undecided verdicts, and fixes (one file per server product) |
//! | [`verdict`] | all rules applied at one instant; the first instant of failure |
//! | [`impact`] | the effect of origin verdicts on the viewers of each path pattern |
//! | [`report`] | the latest verdict per origin and its history, as text and JSON |
//! | [`metrics`] | the same as Prometheus metrics |
//! | [`web`] | HTTP server: pages, API, authentication |
//! | [`schedule`] | when each origin is probed |
//! | [`daemon`] | startup, reload, signals, file watching, logging; wires the modules together |
//! | [`cli`] | the command line: arguments, output, exit codes |
//! | [`demo`] | feature `demo`: a CA, broken origins and a DNS server on loopback, also used by the tests |
//!
//! `tests/it/layers.rs` lists the allowed imports between modules and enforces them.

pub mod chain;
pub mod cli;
pub mod cloudfront;
pub mod config;
pub mod daemon;
#[cfg(feature = "demo")]
pub mod demo;
pub mod distribution;
pub mod handshake;
pub mod impact;
pub mod limits;
pub mod metrics;
pub mod observation;
pub mod origin;
pub mod probe;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod schedule;
pub mod sources;
pub mod telemetry;
pub mod verdict;
pub mod web;
