//! `check DOMAIN --chain FILE` as a user meets it: what it prints, its exit codes, and what it
//! says of files that are no chain.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

#[allow(unreachable_pub)]
#[path = "../table/pem.rs"]
mod pem;
#[path = "../common/section.rs"]
mod section;

mod files;
mod forms;
mod stage;
mod suites;
mod verdicts;
