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
use origin_probe::resolve::Breadth;
use origin_probe::resolve::Resolver;
use origin_probe::resolve::ResolverSettings;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Returns a prober that asks `nameserver`, trusts `root_pem` and takes loopback as public.
pub fn prober(nameserver: SocketAddr, root_pem: &str, handshake_timeout: Duration) -> Prober {
    let settings = ResolverSettings {
        nameservers: vec![nameserver],
        confirm_with: Vec::new(),
        breadth: Breadth::UntilOneAnswers,
        timeout: Duration::from_secs(5),
        attempts: 1,
    };
    prober_with(&settings, root_pem, handshake_timeout)
}

/// The same, with a resolver of one's own.
pub fn prober_with(
    settings: &ResolverSettings,
    root_pem: &str,
    handshake_timeout: Duration,
) -> Prober {
    prober_within(settings, root_pem, handshake_timeout, Duration::from_secs(60))
}

/// The same, with a deadline of one's own for each origin.
pub fn prober_within(
    settings: &ResolverSettings,
    root_pem: &str,
    handshake_timeout: Duration,
    deadline: Duration,
) -> Prober {
    let mut anchors = TrustAnchors::none();
    for der in CertificateDer::pem_slice_iter(root_pem.as_bytes()) {
        anchors.add_der(&der.unwrap()).unwrap();
    }
    Prober::new(
        Arc::new(Resolver::new(settings).unwrap()),
        Client::new().unwrap(),
        Arc::new(anchors),
        Sockets::new(64, 16),
        ProbeLimits {
            deadline,
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
            .map(|finding| format!("{} {}", finding.rule.id, finding.effect))
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
