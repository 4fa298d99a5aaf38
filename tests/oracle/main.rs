//! What AWS's own TLS library says, with the policies that it publishes for CloudFront: of the
//! servers of the table, of certificate chains with one oddity each, and of hostile servers.
#![allow(clippy::unwrap_used)]

#[path = "../common/by_hand.rs"]
mod by_hand;
mod chains;
mod client;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/forge.rs"]
mod forge;
#[path = "../common/hostile.rs"]
mod hostile;
mod hostile_servers;
#[path = "../hostile/kinds/mod.rs"]
mod kinds;
#[allow(dead_code, reason = "only the hostile test counts connections")]
#[path = "../hostile/server.rs"]
mod server;
mod servers;
#[path = "../table/mod.rs"]
mod table;
#[path = "../hostile/tls13.rs"]
mod tls13;
#[path = "../hostile/wire.rs"]
mod wire;
