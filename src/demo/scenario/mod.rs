//! The demo's origins: what each is like, and what has to be said of it.

mod table;

use std::net::IpAddr;

pub use table::SCENARIOS;

/// One origin of the demo with the verdict that it deserves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    /// The `origin` label.
    pub id: &'static str,
    /// What is going on, in one sentence.
    pub story: &'static str,
    /// The Origin Domain.
    pub domain: &'static str,
    /// The hosts that are forwarded; empty is not forwarded.
    pub viewer_hosts: &'static [&'static str],
    /// `answers`, `fails` or `undecided`.
    pub verdict: &'static str,
    /// Every rule that has something to say, in alphabetical order.
    pub violates: &'static [&'static str],
    /// What a viewer gets.
    pub status: Option<u16>,
    /// The share of the endpoints that fail; 1 where the origin fails before there are any.
    pub failing_ratio: f64,
    /// Why it is undecided, in the words of the closed list.
    pub undecided_reasons: &'static [&'static str],
    /// For how many days from the start of the demo the origin answers, to the second and that
    /// second included; `None` if it does not.
    pub answers_for_days: Option<i64>,
    /// What DNS says of the domain.
    pub(super) resolution: Resolution,
    /// The names on the certificates that its own servers present.
    pub(super) certificate_names: &'static [&'static str],
}

/// What DNS says of an Origin Domain, and what is found there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolution {
    NameError,
    /// The load balancer that several scenarios share, by its own name.
    LoadBalancer,
    /// The same by an alias.
    AliasOfLoadBalancer,
    /// Servers of its own, all on one port.
    Endpoints(&'static [Endpoint]),
}

/// One address with what listens there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Endpoint {
    pub(super) ip: IpAddr,
    pub(super) behaviour: Behaviour,
}

/// What a connection to an endpoint meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Behaviour {
    /// A TLS server that presents the chain to everyone.
    Presents(Chain),
    /// A TLS server that refuses every server name but one that nobody sends.
    RefusesServerName,
    /// A TLS 1.2 server that chooses ECDHE-ECDSA-AES128-SHA, with a sound certificate.
    TakesOnlyCbc,
    /// A TLS 1.2 server that takes ECDHE-ECDSA-CHACHA20-POLY1305 only.
    TakesOnlyChaCha20,
    /// A TLS 1.1 server with static RSA, as far as its first flight.
    SpeaksOnlyTls11,
    RefusesConnection,
    SpeaksHttp,
    KeepsSilent,
}

/// The shapes of chains that the demo knows.
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

/// The load balancer's own name, of the form that AWS gives.
pub(super) const LOAD_BALANCER: &str = "shop-alb-1234567890.eu-west-1.elb.amazonaws.com";
/// What the load balancer's certificate says, and its visitors type.
pub(super) const SITE: &str = "www.shop.example";
/// The name for the origin that repairs the classic case.
pub(super) const CUSTOM_DOMAIN: &str = "origin.shop.example";

/// Days from the demo's start until a sound certificate of 90 days, issued 20 days before, ends.
pub(super) const SOUND_DAYS: i64 = 70;
/// Days from the demo's start until the soon expiring one ends.
pub(super) const SOON_DAYS: i64 = 10;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::SCENARIOS;
    use crate::origin::DomainName;

    #[test]
    fn every_id_is_unique() {
        let ids: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
        assert_eq!(ids.len(), SCENARIOS.len());
    }

    #[test]
    fn every_name_is_one_that_cloudfront_takes() {
        for scenario in SCENARIOS {
            for name in std::iter::once(&scenario.domain).chain(scenario.viewer_hosts) {
                assert_eq!(name.parse::<DomainName>().unwrap().as_str(), *name);
            }
        }
    }

    #[test]
    fn the_expectations_of_each_scenario_agree_with_each_other() {
        for scenario in SCENARIOS {
            let fails = scenario.verdict == "fails";
            assert_eq!(scenario.status.is_some(), fails, "{}", scenario.id);
            assert!(scenario.failing_ratio > 0.0 || !fails, "{}", scenario.id);
            let undecided = scenario.verdict == "undecided";
            assert_eq!(!scenario.undecided_reasons.is_empty(), undecided, "{}", scenario.id);
            let answers = scenario.verdict == "answers";
            assert!(scenario.failing_ratio == 0.0 || !answers, "{}", scenario.id);
            assert_eq!(scenario.answers_for_days.is_some(), answers, "{}", scenario.id);
            assert!(answers || !scenario.violates.is_empty(), "{}", scenario.id);
            assert!(scenario.violates.is_sorted(), "{}", scenario.id);
            assert_eq!([fails, undecided, answers].map(usize::from).iter().sum::<usize>(), 1);
        }
    }
}
