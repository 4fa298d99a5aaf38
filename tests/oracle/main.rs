//! What AWS's own TLS library says, with the policies that it publishes for CloudFront: of the
//! servers of the table, of certificate chains with one oddity each, and of hostile servers.
#![allow(clippy::unwrap_used)]

mod chains;
mod client;
#[allow(dead_code, unreachable_pub, reason = "the other test program uses the rest")]
#[path = "../it/common/mod.rs"]
mod common;
mod hostile_servers;
#[path = "../it/hostile/kinds/mod.rs"]
mod kinds;
#[allow(dead_code, reason = "only the hostile test counts connections")]
#[path = "../it/hostile/server.rs"]
mod server;
mod servers;
// The oracle takes the rows and their servers; the other test program uses the rest, and prints.
#[allow(dead_code, unused_imports, unreachable_pub, clippy::print_stderr, clippy::print_stdout)]
#[path = "../it/table/mod.rs"]
mod table;
#[path = "../it/hostile/tls13.rs"]
mod tls13;
#[path = "../it/hostile/wire.rs"]
mod wire;
