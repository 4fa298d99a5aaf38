//! The origins of the demo, each with its expected verdict.

mod table;

use std::net::IpAddr;

pub use table::SCENARIOS;

/// One origin of the demo with its expected verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    /// The `origin` label.
    pub id: &'static str,
    /// One sentence that describes the origin.
    pub story: &'static str,
    /// The Origin Domain.
    pub domain: &'static str,
    /// The forwarded viewer hosts; empty if Host is not forwarded.
    pub viewer_hosts: &'static [&'static str],
    /// `answers`, `fails` or `undecided`.
    pub verdict: &'static str,
    /// All violated rules, in alphabetical order.
    pub violates: &'static [&'static str],
    /// The HTTP status that viewers get.
    pub status: Option<u16>,
    /// The share of failing endpoints; 1 if the origin fails before there are any.
    pub failing_ratio: f64,
    /// Why the origin is undecided: ids of undecided reasons.
    pub undecided_reasons: &'static [&'static str],
    /// For how many days from the start of the demo the origin answers, including the last second;
    /// `None` if it does not answer.
    pub answers_for_days: Option<i64>,
    /// How the domain resolves.
    pub(super) resolution: Resolution,
    /// The name in the certificates of its servers, if it is not the domain.
    pub(super) certificate_name: Option<&'static str>,
}

/// How an Origin Domain resolves, and what listens there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolution {
    NameError,
    /// The load balancer shared by several scenarios, under its own name.
    LoadBalancer,
    /// The same load balancer, through a CNAME.
    AliasOfLoadBalancer,
    /// Separate servers, all on one port.
    Endpoints(&'static [Endpoint]),
}

/// One address with what listens there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Endpoint {
    pub(super) ip: IpAddr,
    pub(super) behaviour: Behaviour,
}

/// The behavior of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Behaviour {
    /// A TLS server that presents the chain to everyone.
    Presents(Chain),
    /// A TLS server that rejects every server name except one that is not sent.
    RefusesServerName,
    /// A TLS 1.2 server that chooses ECDHE-ECDSA-AES128-SHA, with a valid certificate.
    TakesOnlyCbc,
    /// A TLS 1.2 server that accepts only ECDHE-ECDSA-CHACHA20-POLY1305.
    TakesOnlyChaCha20,
    /// A TLS 1.1 server with static RSA that sends only its first flight.
    SpeaksOnlyTls11,
    RefusesConnection,
    SpeaksHttp,
    KeepsSilent,
}

/// The kinds of chains in the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chain {
    Sound,
    EndsInTenDays,
    Expired,
    NotYetValid,
    SelfSigned,
    ExpiredAndSelfSigned,
    IntermediateMissing,
    OutOfOrder,
    IntermediateExpired,
    PrivateAuthority,
    KeyOfAnother,
}

/// The load balancer's own name, in the format of AWS.
pub(super) const LOAD_BALANCER: &str = "shop-alb-1234567890.eu-west-1.elb.amazonaws.com";
/// The name in the load balancer's default certificate, which viewers use.
pub(super) const SITE: &str = "www.shop.example";
/// The custom domain that fixes the classic case.
pub(super) const CUSTOM_DOMAIN: &str = "origin.shop.example";

/// Days from the start of the demo until a valid 90-day certificate, issued 20 days before,
/// expires.
pub(super) const SOUND_DAYS: i64 = 70;
/// Days from the start of the demo until the soon expiring certificate expires.
pub(super) const SOON_DAYS: i64 = 10;
