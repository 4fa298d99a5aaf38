//! The usual causes of a refusal that no other hello explains, most likely first.
//!
//! Which servers send what was observed on the products named here (Debian 12, PyPI and npm
//! packages of November 2026).

use crate::observation::Ending;
use crate::observation::Refusal;
use crate::origin::DomainName;

/// Returns the likely causes of a refusal of every hello with the name `server_name`, as sentences
/// for a remedy.
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
        "Find the entry for this moment in the server's log. Likely causes, most likely first: {}.",
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
    "the server has no certificate for NAME, nor a default one (Node.js, Java HttpsServer)",
    "routing by server name has no entry for NAME (HAProxy in TCP mode, nginx ssl_preread)",
    "a load balancer or proxy in TCP mode has no healthy backend",
    "the listener expects the PROXY protocol, which CloudFront does not send",
    "a limit on connections is reached",
];

const RESET: [&str; 5] = [
    "the listener expects the PROXY protocol, which CloudFront does not send (nginx, HAProxy, Envoy)",
    "the server has no certificate or filter for NAME (IIS, Envoy)",
    "a load balancer has no healthy target",
    "routing by server name has no entry for NAME",
    "a firewall resets the connection",
];

const ON_HANDSHAKE_FAILURE: [&str; 3] = [
    "the server has no certificate for NAME, nor a default one (Traffic Server, Node.js, Python, Jetty, OpenSSL 4, CDNs)",
    "the certificate or its key could not be loaded",
    "a policy of the server excludes this client",
];

const ON_ACCESS_DENIED: [&str; 2] = [
    "the server has no certificate for NAME (rustls)",
    "an access rule of the server excludes this client",
];

const ON_INTERNAL_ERROR: [&str; 3] = [
    "the server has no certificate for NAME, or has not obtained it yet (Caddy, Go, Traefik with strict SNI, nginx with a variable in ssl_certificate)",
    "the certificate file for NAME cannot be read",
    "the server has an internal error",
];

const ON_INSUFFICIENT_SECURITY: [&str; 2] = [
    "the server's protocol versions, cipher suites or groups exclude what CloudFront offers (Erlang)",
    "a policy of the server excludes this client",
];

const ON_NO_APPLICATION_PROTOCOL: [&str; 1] =
    ["the server insists on an application protocol (ALPN) that CloudFront does not offer"];

const ON_ANY_OTHER: [&str; 3] = [
    "the server's protocol versions, cipher suites or groups exclude what CloudFront offers",
    "the server has no certificate for NAME",
    "a policy of the server excludes this client",
];

// RFC 8446 §6, RFC 7301 §3.2.
const HANDSHAKE_FAILURE: u8 = 40;
const ACCESS_DENIED: u8 = 49;
const INSUFFICIENT_SECURITY: u8 = 71;
const INTERNAL_ERROR: u8 = 80;
const NO_APPLICATION_PROTOCOL: u8 = 120;

#[cfg(test)]
mod tests {
    use super::likely_causes;
    use crate::observation::Ending;
    use crate::observation::Refusal;

    #[test]
    fn only_alerts_about_the_offer_lead_to_versions_and_cipher_suites() {
        let name = "www.example.com".parse().unwrap();
        for (refusal, names_offer) in [
            (Refusal::Ended(Ending::Closed), false),
            (Refusal::Ended(Ending::Reset), false),
            (Refusal::Alert { code: 40 }, false),
            (Refusal::Alert { code: 49 }, false),
            (Refusal::Alert { code: 80 }, false),
            (Refusal::Alert { code: 71 }, true),
            (Refusal::Alert { code: 47 }, true),
        ] {
            let causes = likely_causes(refusal, &name);
            assert_eq!(causes.contains("cipher suites"), names_offer, "{refusal:?}");
            let names_certificate = causes.contains("no certificate");
            let is_named = causes.contains("www.example.com");
            assert_eq!(
                (names_certificate, is_named),
                match refusal {
                    Refusal::Alert { code: 71 } => (false, false),
                    _ => (true, true),
                },
                "{refusal:?}"
            );
        }
    }

    #[test]
    fn a_close_and_a_reset_may_be_the_proxy_protocol_or_routing_by_name() {
        let name = "www.example.com".parse().unwrap();
        for ending in [Ending::Closed, Ending::Reset] {
            let causes = likely_causes(Refusal::Ended(ending), &name);
            assert!(causes.contains("PROXY protocol"), "{causes}");
            assert!(causes.contains("routing by server name"), "{causes}");
        }
    }
}
