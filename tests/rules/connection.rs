//! What speaks of the domain, the addresses and the connection.

use std::net::IpAddr;
use std::time::Duration;

use origin_probe::observation::ClientCertificate;
use origin_probe::observation::Ending;
use origin_probe::observation::Endpoint;
use origin_probe::observation::Failure;
use origin_probe::observation::Observation;
use origin_probe::observation::Resolution;
use origin_probe::observation::ResolutionFailure;

use super::stage::Pki;
use super::stage::address;
use super::stage::at;
use super::stage::end_entity;
use super::stage::endpoint;
use super::stage::failed;
use super::stage::refusal;
use super::stage::seen;
use super::stage::silence;
use super::stage::unresolved;
use crate::common::Found;
use crate::common::answers;
use crate::common::fails;
use crate::common::undecided;

/// What speaks of the domain, the addresses and the connection.
pub(super) fn below_the_certificate(pki: &Pki) -> Vec<(&'static str, Observation, Found)> {
    let sound = || pki.issue(&end_entity(-20..70));
    let bad = |rule: &str, status| fails(&[&format!("{rule} fails")], status);
    let private = || failed(1, Failure::NotPublic { kind: "private (RFC 1918)" });
    let confirmed = |addresses: &[IpAddr]| Some(Box::new(at(addresses)));
    let disagreeing = Resolution { confirmation: confirmed(&[address(2)]), ..at(&[address(9)]) };
    let closed = |ending| failed(1, Failure::ClosedDuringHandshake { ending });
    let early = |ending| failed(1, Failure::ClosedBeforeServerHello { ending });
    let asked = |client_certificate| Endpoint { client_certificate, ..endpoint(1, sound()) };
    let required = Endpoint {
        failure: Some(Failure::Alert { code: 116 }),
        ..asked(ClientCertificate::Required)
    };
    let http = Failure::NotTls { looks_like: Some("plain HTTP"), first_bytes: "`HTTP`".into() };
    let timed_out = Failure::HandshakeTimedOut { waited: Duration::from_secs(10), received: 0 };
    vec![
        ("healthy", seen(vec![endpoint(1, sound())]), answers(&[])),
        (
            "NXDOMAIN",
            unresolved(ResolutionFailure::NxDomain),
            bad("origin-domain-unresolvable", 502),
        ),
        (
            "a loop",
            unresolved(ResolutionFailure::CnameLoop),
            bad("origin-domain-unresolvable", 502),
        ),
        (
            "SERVFAIL",
            unresolved(ResolutionFailure::ServFail),
            bad("origin-domain-unresolvable", 502),
        ),
        ("no record", unresolved(ResolutionFailure::NoData), bad("no-usable-address", 502)),
        ("a private address", seen(vec![private()]), bad("address-not-public", 504)),
        (
            "two views",
            Observation { resolution: Some(disagreeing), ..seen(vec![endpoint(2, sound())]) },
            answers(&["nameservers-disagree notice"]),
        ),
        ("refused", seen(vec![failed(1, refusal())]), bad("connection-refused", 502)),
        ("silent", seen(vec![failed(1, silence())]), bad("connection-timed-out", 504)),
        ("closed", seen(vec![closed(Ending::Closed)]), bad("connection-closed", 502)),
        ("reset", seen(vec![closed(Ending::Reset)]), bad("connection-closed", 502)),
        ("closed early", seen(vec![early(Ending::Closed)]), bad("connection-closed", 502)),
        ("HTTP", seen(vec![failed(1, http)]), bad("not-tls", 502)),
        ("slow", seen(vec![failed(1, timed_out)]), bad("handshake-timed-out", 504)),
        (
            "112",
            seen(vec![failed(1, Failure::Alert { code: 112 })]),
            bad("server-name-refused", 502),
        ),
        ("48", seen(vec![failed(1, Failure::Alert { code: 48 })]), bad("handshake-refused", 502)),
        ("40", seen(vec![failed(1, Failure::Alert { code: 40 })]), bad("handshake-refused", 502)),
        ("certificate demanded", seen(vec![required]), bad("client-certificate-required", 502)),
        (
            "certificate wished for",
            seen(vec![asked(ClientCertificate::Requested)]),
            undecided(&["client-certificate-requested may-fail"], "undocumented"),
        ),
        ("none sent", seen(vec![failed(1, Failure::NoCertificate)]), bad("no-certificate", 502)),
        ("wrong key", seen(vec![failed(1, Failure::SignatureWrong)]), bad("key-mismatch", 502)),
    ]
}
