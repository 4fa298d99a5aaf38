//! What AWS's own TLS library says, with the policies that it publishes for CloudFront: of the
//! servers of the table, and of certificate chains with one oddity each.
#![allow(clippy::unwrap_used)]

#[path = "../common/by_hand.rs"]
mod by_hand;
mod chains;
mod client;
#[path = "../common/forge.rs"]
mod forge;
mod servers;
#[path = "../table/mod.rs"]
mod table;
