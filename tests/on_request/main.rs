//! Probes on request, through real sockets: who may ask for what, what the answer holds, and that
//! nothing connects where it may not.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/desk.rs"]
mod desk;

mod addresses;
mod answers;
mod limits;
mod requests;
mod stage;
