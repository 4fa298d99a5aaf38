//! Origins made to harm: certificates, and servers that break every rule of TCP and TLS.
#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used)]

#[path = "../common/by_hand.rs"]
mod by_hand;
mod chains;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/desk.rs"]
mod desk;
#[path = "../common/forge.rs"]
mod forge;
#[path = "../common/hostile.rs"]
mod hostile;
mod kinds;
mod server;
mod servers;
mod tls13;
mod wire;
