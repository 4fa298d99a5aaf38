//! The usual causes of a refusal that no other ClientHello explains, most likely first.
//!
//! Based on the observed behavior of the products named here (Debian 12, PyPI and npm packages of
//! November 2026).

use crate::observation::{Ending, Refusal};
use crate::origin::DomainName;

/// Returns the remedy for a server that refuses every ClientHello with the name `server_name`.
pub(super) fn likely_causes(refusal: Refusal, server_name: &DomainName) -> String {
    let causes = causes(refusal);
    let numbered: Vec<String> = causes
        .iter()
        .enumerate()
        .map(|(place, cause)| {
            format!("({}) {}", place + 1, cause.replace("NAME", server_name.as_str()))
        })
        .collect();
    format!(
        "Find the reason in the server's log. Likely causes, most likely first: {}.",
        numbered.join("; ")
    )
}

fn causes(refusal: Refusal) -> &'static [&'static str] {
    match refusal {
        Refusal::Ended(Ending::Closed) => &CLOSED,
        Refusal::Ended(Ending::Reset) => &RESET,
        Refusal::Alert { code: HANDSHAKE_FAILURE } => &ON_HANDSHAKE_FAILURE,
        Refusal::Alert { code: ACCESS_DENIED } => &ON_ACCESS_DENIED,
        Refusal::Alert { code: INTERNAL_ERROR } => &ON_INTERNAL_ERROR,
        Refusal::Alert { code: INSUFFICIENT_SECURITY } => &ON_INSUFFICIENT_SECURITY,
        Refusal::Alert { code: NO_APPLICATION_PROTOCOL } => &ON_NO_APPLICATION_PROTOCOL,
        Refusal::Alert { .. } => &ON_ANY_OTHER,
    }
}

const CLOSED: [&str; 5] = [
    "the server has neither a certificate for NAME nor a default one (Node.js, Java HttpsServer)",
    "SNI routing has no entry for NAME (HAProxy in TCP mode, nginx ssl_preread)",
    "a load balancer or proxy in TCP mode has no healthy backend",
    "the listener expects the PROXY protocol, which CloudFront does not send",
    "a connection limit is reached",
];

const RESET: [&str; 5] = [
    "the listener expects the PROXY protocol, which CloudFront does not send (nginx, HAProxy, Envoy)",
    "the server has no certificate or filter for NAME (IIS, Envoy)",
    "a load balancer has no healthy target",
    "SNI routing has no entry for NAME",
    "a firewall resets the connection",
];

const ON_HANDSHAKE_FAILURE: [&str; 3] = [
    "the server has neither a certificate for NAME nor a default one (Traffic Server, Node.js, Python, Jetty, OpenSSL 4, CDNs)",
    "the certificate or its key could not be loaded",
    "an access rule of the server blocks this client",
];

const ON_ACCESS_DENIED: [&str; 2] = [
    "the server has no certificate for NAME (rustls)",
    "an access rule of the server blocks this client",
];

const ON_INTERNAL_ERROR: [&str; 3] = [
    "the server has no certificate for NAME, or has not obtained it yet (Caddy, Go, Traefik with strict SNI, nginx with a variable in ssl_certificate)",
    "the certificate file for NAME cannot be read",
    "the server has an internal error",
];

const ON_INSUFFICIENT_SECURITY: [&str; 2] = [
    "the server's protocol versions, cipher suites or groups exclude what CloudFront offers (Erlang)",
    "an access rule of the server blocks this client",
];

const ON_NO_APPLICATION_PROTOCOL: [&str; 1] =
    ["the server requires an application protocol (ALPN) that CloudFront does not offer"];

const ON_ANY_OTHER: [&str; 3] = [
    "the server's protocol versions, cipher suites or groups exclude what CloudFront offers",
    "the server has no certificate for NAME",
    "an access rule of the server blocks this client",
];

// RFC 8446 §6, RFC 7301 §3.2.
const HANDSHAKE_FAILURE: u8 = 40;
const ACCESS_DENIED: u8 = 49;
const INSUFFICIENT_SECURITY: u8 = 71;
const INTERNAL_ERROR: u8 = 80;
const NO_APPLICATION_PROTOCOL: u8 = 120;
