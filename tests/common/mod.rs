//! What the tests of the whole way share: a prober for servers on loopback.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use origin_probe::chain::TrustAnchors;
use origin_probe::handshake::Client;
use origin_probe::origin::Origin;
use origin_probe::probe::ProbeLimits;
use origin_probe::probe::Prober;
use origin_probe::probe::Sockets;
use origin_probe::resolve::Resolver;
use origin_probe::resolve::ResolverSettings;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Returns a prober that asks `nameserver`, trusts `root_pem` and takes loopback as public.
pub fn prober(nameserver: SocketAddr, root_pem: &str, handshake_timeout: Duration) -> Prober {
    let settings = ResolverSettings {
        nameservers: vec![nameserver],
        confirm_with: Vec::new(),
        timeout: Duration::from_secs(5),
        attempts: 1,
    };
    let mut anchors = TrustAnchors::none();
    for der in CertificateDer::pem_slice_iter(root_pem.as_bytes()) {
        anchors.add_der(&der.unwrap()).unwrap();
    }
    Prober::new(
        Arc::new(Resolver::new(&settings).unwrap()),
        Client::new().unwrap(),
        Arc::new(anchors),
        Sockets::new(64, 16),
        ProbeLimits {
            deadline: Duration::from_secs(60),
            handshake_timeout,
            max_server_names: 20,
            assume_public: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        },
    )
}

/// Returns an origin with CloudFront's defaults on `port`.
pub fn origin(domain: &str, port: u16) -> Origin {
    Origin { https_port: port, ..Origin::with_defaults(domain.parse().unwrap()) }
}
