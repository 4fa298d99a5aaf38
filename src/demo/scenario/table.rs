//! The origins of the demo, the classic case first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{
    Behaviour, CUSTOM_DOMAIN, Chain, Endpoint, LOAD_BALANCER, Resolution, SITE, SOON_DAYS,
    SOUND_DAYS, Scenario,
};

/// All scenarios of the demo, the classic case first.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        id: "load-balancers-own-name",
        story: "Origin Domain is the load balancer's own name, but its certificate is for the site",
        domain: LOAD_BALANCER,
        violates: &["name-not-in-certificate"],
        resolution: Resolution::LoadBalancer,
        ..FAILS
    },
    Scenario {
        id: "host-forwarded",
        story: "the same load balancer, but Host is forwarded and used as server name",
        domain: LOAD_BALANCER,
        viewer_hosts: &[SITE],
        resolution: Resolution::LoadBalancer,
        ..ANSWERS
    },
    Scenario {
        id: "repaired-by-custom-domain",
        story: "the same load balancer under a custom domain name, for which it has a certificate",
        domain: CUSTOM_DOMAIN,
        resolution: Resolution::AliasOfLoadBalancer,
        ..ANSWERS
    },
    Scenario {
        id: "healthy",
        story: "nothing is wrong",
        domain: "healthy.shop.example",
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::Sound)]),
        ..ANSWERS
    },
    Scenario {
        id: "healthy-dualstack",
        story: "nothing is wrong, over IPv4 and IPv6",
        domain: "dualstack.shop.example",
        resolution: Resolution::Endpoints(&[
            presents(FIRST, Chain::Sound),
            presents(SIXTH_VERSION, Chain::Sound),
        ]),
        ..ANSWERS
    },
    Scenario {
        id: "expiring-in-ten-days",
        story: "nothing is wrong yet, but the certificate expires in ten days",
        domain: "expiring.shop.example",
        answers_for_days: Some(SOON_DAYS),
        violates: &["renewal-overdue"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::EndsInTenDays)]),
        ..ANSWERS
    },
    Scenario {
        id: "host-not-in-certificate",
        story: "Host is forwarded, but the certificate is only for the Origin Domain",
        domain: "origin.old.example",
        viewer_hosts: &["www.old.example"],
        violates: &["host-not-in-certificate"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::Sound)]),
        ..ANSWERS
    },
    Scenario {
        id: "expired",
        story: "the certificate expired ten days ago",
        domain: "expired.shop.example",
        violates: &["certificate-expired"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::Expired)]),
        ..FAILS
    },
    Scenario {
        id: "not-yet-valid",
        story: "the certificate becomes valid in five days",
        domain: "early.shop.example",
        violates: &["certificate-not-yet-valid"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::NotYetValid)]),
        ..FAILS
    },
    Scenario {
        id: "self-signed",
        story: "the certificate is self-signed, as created by `openssl req -x509`",
        domain: "self-signed.shop.example",
        violates: &["certificate-self-signed"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::SelfSigned)]),
        ..FAILS
    },
    Scenario {
        id: "expired-and-self-signed",
        story: "the certificate is self-signed and expired ten days ago",
        domain: "forgotten.shop.example",
        violates: &["certificate-expired", "certificate-self-signed"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::ExpiredAndSelfSigned)]),
        ..FAILS
    },
    Scenario {
        id: "missing-intermediate",
        story: "the end-entity certificate is served without its issuer",
        domain: "incomplete.shop.example",
        violates: &["intermediate-missing"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::IntermediateMissing)]),
        ..FAILS
    },
    Scenario {
        id: "wrong-order",
        story: "the root is served before the intermediate",
        domain: "disordered.shop.example",
        violates: &["chain-out-of-order", "trust-anchor-served"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::OutOfOrder)]),
        ..FAILS
    },
    Scenario {
        id: "intermediate-expired",
        story: "the certificate is valid, but its intermediate expired five days ago",
        domain: "old-intermediate.shop.example",
        violates: &["intermediate-expired"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::IntermediateExpired)]),
        ..FAILS
    },
    Scenario {
        id: "untrusted-root",
        story: "the certificate is from a company's private CA",
        domain: "private.shop.example",
        violates: &["issuer-untrusted"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::PrivateAuthority)]),
        ..FAILS
    },
    Scenario {
        id: "key-mismatch",
        story: "the server uses a key that does not match its certificate",
        domain: "other-key.shop.example",
        violates: &["key-mismatch"],
        resolution: Resolution::Endpoints(&[presents(FIRST, Chain::KeyOfAnother)]),
        ..FAILS
    },
    Scenario {
        id: "one-of-three-expired",
        story: "one of three addresses presents a certificate that expired ten days ago",
        domain: "three.shop.example",
        violates: &["certificate-expired"],
        failing_ratio: 1.0 / 3.0,
        resolution: Resolution::Endpoints(&[
            presents(FIRST, Chain::Sound),
            presents(SECOND, Chain::Expired),
            presents(THIRD, Chain::Sound),
        ]),
        ..FAILS
    },
    Scenario {
        id: "one-of-three-refused",
        story: "nothing listens on one of three addresses; CloudFront may use another",
        domain: "limping.shop.example",
        verdict: "undecided",
        violates: &["connection-refused"],
        undecided_reasons: &["undocumented"],
        failing_ratio: 1.0 / 3.0,
        answers_for_days: None,
        resolution: Resolution::Endpoints(&[
            presents(FIRST, Chain::Sound),
            at(SECOND, Behaviour::RefusesConnection),
            presents(THIRD, Chain::Sound),
        ]),
        ..ANSWERS
    },
    Scenario {
        id: "unknown-server-name-refused",
        story: "the server has no certificate for this name and sends alert 112",
        domain: "stranger.shop.example",
        violates: &["server-name-refused"],
        resolution: Resolution::Endpoints(&[at(FIRST, Behaviour::RefusesServerName)]),
        certificate_name: Some(SITE),
        ..FAILS
    },
    Scenario {
        id: "nothing-listening",
        story: "nothing listens on the port",
        domain: "closed.shop.example",
        violates: &["connection-refused"],
        resolution: Resolution::Endpoints(&[at(FIRST, Behaviour::RefusesConnection)]),
        ..FAILS
    },
    Scenario {
        id: "unresolvable",
        story: "the Origin Domain does not exist",
        domain: "gone.shop.example",
        violates: &["origin-domain-unresolvable"],
        ..FAILS
    },
    Scenario {
        id: "cbc-only",
        story: "an old server that accepts only CBC cipher suites, which CloudFront offers",
        domain: "cbc.shop.example",
        resolution: Resolution::Endpoints(&[at(FIRST, Behaviour::TakesOnlyCbc)]),
        ..ANSWERS
    },
    Scenario {
        id: "chacha20-only",
        story: "a TLS 1.2 server with only ChaCha20, which CloudFront offers only in TLS 1.3",
        domain: "chacha20.shop.example",
        violates: &["no-shared-cipher-suite"],
        resolution: Resolution::Endpoints(&[at(FIRST, Behaviour::TakesOnlyChaCha20)]),
        ..FAILS
    },
    Scenario {
        id: "tls-1-1-only",
        story: "a server that supports at most TLS 1.1, but the distribution requires TLS 1.2",
        domain: "old-tls.shop.example",
        violates: &["no-shared-protocol-version"],
        resolution: Resolution::Endpoints(&[at(FIRST, Behaviour::SpeaksOnlyTls11)]),
        ..FAILS
    },
    Scenario {
        id: "plain-http-on-443",
        story: "a web server without TLS answers on the HTTPS port",
        domain: "plain.shop.example",
        violates: &["not-tls"],
        resolution: Resolution::Endpoints(&[at(FIRST, Behaviour::SpeaksHttp)]),
        ..FAILS
    },
    Scenario {
        id: "silent",
        story: "the server accepts the connection and never sends anything",
        domain: "silent.shop.example",
        violates: &["handshake-timed-out"],
        status: Some(504),
        resolution: Resolution::Endpoints(&[at(FIRST, Behaviour::KeepsSilent)]),
        ..FAILS
    },
];

const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const THIRD: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
const SIXTH_VERSION: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

const fn at(ip: IpAddr, behaviour: Behaviour) -> Endpoint {
    Endpoint { ip, behaviour }
}

const fn presents(ip: IpAddr, chain: Chain) -> Endpoint {
    at(ip, Behaviour::Presents(chain))
}

/// The defaults of scenarios that answer.
const ANSWERS: Scenario = Scenario {
    id: "",
    story: "",
    domain: "",
    viewer_hosts: &[],
    verdict: "answers",
    violates: &[],
    status: None,
    failing_ratio: 0.0,
    undecided_reasons: &[],
    answers_for_days: Some(SOUND_DAYS),
    resolution: Resolution::NameError,
    certificate_name: None,
};

/// The defaults of scenarios that fail with 502 at all addresses.
const FAILS: Scenario = Scenario {
    verdict: "fails",
    status: Some(502),
    failing_ratio: 1.0,
    answers_for_days: None,
    ..ANSWERS
};
