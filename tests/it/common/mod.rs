//! What the tests of the whole way share: a prober for servers on loopback.

#[cfg(feature = "demo")]
pub mod any_chain;
pub mod api_documents;
pub mod api_double;
pub mod by_hand;
pub mod desk;
pub mod fleet;
pub mod forge;
pub mod hostile;
pub mod http;
#[cfg(feature = "demo")]
pub mod loopback;
#[allow(clippy::print_stderr)]
pub mod moto;
pub mod process;
pub mod section;
pub mod shop;
pub mod site;
#[cfg(feature = "demo")]
pub mod stage;
#[cfg(feature = "demo")]
pub mod tls_reader;
pub mod visible;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use origin_probe::chain::TrustAnchors;
use origin_probe::handshake::Client;
use origin_probe::origin::{Origin, ProberConfig};
use origin_probe::probe::Prober;
use origin_probe::resolve::Resolver;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Returns a prober that asks `nameserver`, trusts `root_pem` and takes loopback as public.
pub fn prober(nameserver: SocketAddr, root_pem: &str, handshake_timeout: Duration) -> Prober {
    prober_with(ProberConfig { handshake_timeout, ..asking(vec![nameserver]) }, root_pem)
}

/// Returns a configuration that asks these nameservers once and takes loopback as public.
pub fn asking(nameservers: Vec<SocketAddr>) -> ProberConfig {
    ProberConfig {
        nameservers,
        dns_attempts: 1,
        assume_public: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        concurrency: 64,
        per_address: 16,
        ..ProberConfig::default()
    }
}

/// Returns a prober that trusts `root_pem` and nothing else.
pub fn prober_with(config: ProberConfig, root_pem: &str) -> Prober {
    let mut anchors = TrustAnchors::none();
    for der in CertificateDer::pem_slice_iter(root_pem.as_bytes()) {
        anchors.add_der(&der.unwrap()).unwrap();
    }
    Prober::new(
        Arc::new(Resolver::new(&config).unwrap()),
        Client::new().unwrap(),
        Arc::new(anchors),
        config,
    )
}

/// Returns an origin with CloudFront's defaults on `port`.
pub fn origin(domain: &str, port: u16) -> Origin {
    Origin { https_port: port, ..Origin::with_defaults(domain.parse().unwrap()) }
}

/// What a probe of one origin leads to, in the words of the contract.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// `rule` and its effect, in the order of the rules.
    pub findings: Vec<String>,
    pub answer: &'static str,
    pub status: Option<u16>,
    pub reasons: Vec<&'static str>,
}

/// Judges what was seen as of `now`.
pub fn found(report: &origin_probe::report::Report) -> Found {
    let conclusion = &report.verdict.conclusion;
    Found {
        findings: report
            .verdict
            .findings
            .iter()
            .map(|finding| format!("{} {}", finding.rule.name, finding.effect))
            .collect(),
        answer: conclusion.answer.as_str(),
        status: conclusion.status,
        reasons: conclusion.undecided_reasons.iter().map(|reason| reason.as_str()).collect(),
    }
}

pub fn fails(findings: &[&str], status: u16) -> Found {
    Found {
        findings: findings.iter().map(|f| (*f).to_owned()).collect(),
        answer: "fails",
        status: Some(status),
        reasons: Vec::new(),
    }
}

pub fn undecided(findings: &[&str], reason: &'static str) -> Found {
    Found {
        findings: findings.iter().map(|f| (*f).to_owned()).collect(),
        answer: "undecided",
        status: None,
        reasons: vec![reason],
    }
}

pub fn answers(findings: &[&str]) -> Found {
    Found {
        findings: findings.iter().map(|f| (*f).to_owned()).collect(),
        answer: "answers",
        status: None,
        reasons: Vec::new(),
    }
}
