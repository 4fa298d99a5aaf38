//! What the library and the program do, through their public interfaces: with real sockets where the
//! network is the subject, and with a child process where a test changes what a process shares.
#![allow(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used, unreachable_pub)]
// Without a feature, its tests do not use what the others share.
#![cfg_attr(not(all(feature = "aws", feature = "demo")), allow(dead_code))]

#[cfg(all(feature = "aws", feature = "demo"))]
mod account;
#[cfg(feature = "demo")]
mod api;
#[cfg(feature = "demo")]
mod causes;
mod chain;
#[cfg(feature = "demo")]
mod chains;
mod cloudfront;
#[cfg(feature = "demo")]
mod command_line;
mod common;
mod config;
#[cfg(feature = "demo")]
mod connections;
mod contract;
#[cfg(feature = "aws")]
mod credentials;
#[cfg(feature = "demo")]
mod daemon;
#[cfg(feature = "demo")]
mod demo;
mod deploy;
#[cfg(feature = "demo")]
mod discovered;
mod distribution;
#[cfg(feature = "demo")]
mod distributions;
#[cfg(feature = "demo")]
mod door;
#[cfg(feature = "demo")]
mod endings;
#[cfg(feature = "demo")]
mod exposition;
mod families;
#[cfg(feature = "demo")]
mod few_files;
mod filters;
mod handshake;
#[cfg(feature = "demo")]
mod handshakes;
#[cfg(feature = "demo")]
mod hostile;
mod in_flight;
mod layers;
mod limits;
mod links;
mod listener;
mod logging;
#[cfg(feature = "demo")]
mod names;
mod observation;
#[cfg(feature = "demo")]
mod offline;
mod old_signatures;
#[cfg(feature = "demo")]
mod on_request;
#[cfg(feature = "demo")]
mod one_origin;
mod origin;
#[cfg(feature = "demo")]
mod origin_page;
#[cfg(feature = "demo")]
mod own_failures;
mod pages;
#[cfg(feature = "demo")]
mod paths;
#[cfg(feature = "demo")]
mod pictures;
#[cfg(feature = "demo")]
mod prediction;
mod probe;
mod readme;
#[cfg(feature = "aws")]
mod reference;
mod reload;
mod reload_requests;
#[cfg(feature = "demo")]
mod reloading;
mod report;
mod resolve;
#[cfg(feature = "demo")]
mod rules;
mod schedule;
#[cfg(feature = "demo")]
mod series;
#[cfg(feature = "demo")]
mod shares;
mod sources;
mod suites;
#[cfg(feature = "demo")]
mod survival;
#[cfg(feature = "demo")]
mod table;
mod telemetry;
#[cfg(feature = "demo")]
mod terminal;
mod viewers;
mod whom;
