//! Origins made to harm: certificates, and servers that break every rule of TCP and TLS.

mod chains;
mod kinds;
mod server;
mod servers;
mod tls13;
mod wire;
