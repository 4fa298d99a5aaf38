//! What speaks of the domain, the addresses and the connection.

use std::net::IpAddr;
use std::time::Duration;

use origin_probe::observation::{
    ClientCertificate, Ending, Endpoint, Failure, Handshake, Observation, Resolution,
    ResolutionFailure,
};

use super::stage::{
    Pki, Row, address, at, end_entity, endpoint, failed, refusal, row, seen, silence, unresolved,
};
use crate::common::{answers, fails, undecided};

/// What speaks of the domain, the addresses and the connection.
pub(super) fn below_the_certificate(pki: &Pki) -> Vec<Row> {
    let sound = || pki.issue(&end_entity(-20..70));
    let bad = |rule: &str, status| fails(&[&format!("{rule} fails")], status);
    let private = || failed(1, Failure::NotPublic { kind: "private (RFC 1918)" });
    let confirmed = |addresses: &[IpAddr]| Some(Box::new(at(addresses)));
    let disagreeing = Resolution { confirmation: confirmed(&[address(2)]), ..at(&[address(9)]) };
    let closed = |ending| failed(1, Failure::ClosedDuringHandshake { ending });
    let early = |ending| failed(1, Failure::ClosedBeforeServerHello { ending });
    let asked = |client_certificate| Endpoint {
        handshake: Handshake { client_certificate, ..endpoint(1, sound()).handshake },
        ..endpoint(1, sound())
    };
    let required = Endpoint {
        handshake: Handshake {
            failure: Some(Failure::Alert { code: 116 }),
            ..asked(ClientCertificate::Required).handshake
        },
        ..asked(ClientCertificate::Required)
    };
    let http = Failure::NotTls { looks_like: Some("plain HTTP"), first_bytes: "`HTTP`".into() };
    let timed_out = Failure::HandshakeTimedOut { waited: Duration::from_secs(10), received: 0 };
    vec![
        row("healthy", seen(vec![endpoint(1, sound())]), answers(&[])),
        row(
            "NXDOMAIN",
            unresolved(ResolutionFailure::NxDomain),
            bad("origin-domain-unresolvable", 502),
        ),
        row(
            "a loop",
            unresolved(ResolutionFailure::CnameLoop),
            bad("origin-domain-unresolvable", 502),
        ),
        row(
            "SERVFAIL",
            unresolved(ResolutionFailure::ServFail),
            bad("origin-domain-unresolvable", 502),
        ),
        row("no record", unresolved(ResolutionFailure::NoData), bad("no-usable-address", 502)),
        row("a private address", seen(vec![private()]), bad("address-not-public", 504)),
        row(
            "two views",
            Observation { resolution: Some(disagreeing), ..seen(vec![endpoint(2, sound())]) },
            answers(&["nameservers-disagree notice"]),
        ),
        row("refused", seen(vec![failed(1, refusal())]), bad("connection-refused", 502)),
        row("silent", seen(vec![failed(1, silence())]), bad("connection-timed-out", 504)),
        row("closed", seen(vec![closed(Ending::Closed)]), bad("connection-closed", 502)),
        row("reset", seen(vec![closed(Ending::Reset)]), bad("connection-closed", 502)),
        row("closed early", seen(vec![early(Ending::Closed)]), bad("connection-closed", 502)),
        row("HTTP", seen(vec![failed(1, http)]), bad("not-tls", 502)),
        row("slow", seen(vec![failed(1, timed_out)]), bad("handshake-timed-out", 504)),
        row(
            "112",
            seen(vec![failed(1, Failure::Alert { code: 112 })]),
            bad("server-name-refused", 502),
        ),
        row(
            "48",
            seen(vec![failed(1, Failure::Alert { code: 48 })]),
            bad("handshake-refused", 502),
        ),
        row(
            "40",
            seen(vec![failed(1, Failure::Alert { code: 40 })]),
            bad("handshake-refused", 502),
        ),
        row("certificate demanded", seen(vec![required]), bad("client-certificate-required", 502)),
        row(
            "certificate wished for",
            seen(vec![asked(ClientCertificate::Requested)]),
            undecided(&["client-certificate-requested may-fail"], "undocumented"),
        ),
        row("none sent", seen(vec![failed(1, Failure::NoCertificate)]), bad("no-certificate", 502)),
        row("wrong key", seen(vec![failed(1, Failure::SignatureWrong)]), bad("key-mismatch", 502)),
    ]
}
