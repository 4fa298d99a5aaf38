//! `check DOMAIN --chain FILE` as a user meets it: what it prints, its exit codes, and what it
//! says of files that are no chain.

mod files;
mod forms;
mod stage;
mod suites;
mod verdicts;
