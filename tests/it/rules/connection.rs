//! What speaks of the domain, the addresses and the connection.

use std::time::Duration;

use origin_probe::observation::{
    ClientCertificate, Ending, Failure, Observation, Resolution, ResolutionFailure,
};

use super::stage::{
    Pki, Row, at, bad, endpoint, failure, may, notice, refusal, row, seen, served, silence,
    unresolved, with_handshake,
};
use crate::common::answers;

/// What speaks of the domain, the addresses and the connection.
pub(super) fn below_the_certificate(pki: &Pki) -> Vec<Row> {
    let unresolvable = || bad("origin-domain-unresolvable", 502);
    let private = Failure::NotPublic { kind: "private (RFC 1918)".into() };
    let disagreeing = Resolution { confirmation: Some(Box::new(at(2))), ..at(9) };
    let two_views =
        Observation { resolution: Some(disagreeing), ..seen(vec![endpoint(2, pki.sound())]) };
    let closed = |ending| failure(Failure::ClosedDuringHandshake { ending });
    let early = |ending| failure(Failure::ClosedBeforeServerHello { ending });
    let alert = |code| failure(Failure::Alert { code });
    let asked = |wanted, failure| {
        seen(vec![with_handshake(endpoint(1, pki.sound()), |it| {
            (it.client_certificate, it.failure) = (wanted, failure);
        })])
    };
    let required = asked(ClientCertificate::Required, Some(Failure::Alert { code: 116 }));
    let http =
        Failure::NotTls { looks_like: Some("plain HTTP".into()), first_bytes: "`HTTP`".into() };
    let timed_out = Failure::HandshakeTimedOut { waited: Duration::from_secs(10), received: 0 };
    vec![
        row("healthy", served(pki.sound()), answers(&[])),
        row("NXDOMAIN", unresolved(ResolutionFailure::NxDomain), unresolvable()),
        row("a loop", unresolved(ResolutionFailure::CnameLoop), unresolvable()),
        row("SERVFAIL", unresolved(ResolutionFailure::ServFail), unresolvable()),
        row("no record", unresolved(ResolutionFailure::NoData), bad("no-usable-address", 502)),
        row("a private address", failure(private), bad("address-not-public", 504)),
        row("two views", two_views, notice("nameservers-disagree")),
        row("refused", failure(refusal()), bad("connection-refused", 502)),
        row("silent", failure(silence()), bad("connection-timed-out", 504)),
        row("closed", closed(Ending::Closed), bad("connection-closed", 502)),
        row("reset", closed(Ending::Reset), bad("connection-closed", 502)),
        row("closed early", early(Ending::Closed), bad("connection-closed", 502)),
        row("HTTP", failure(http), bad("not-tls", 502)),
        row("slow", failure(timed_out), bad("handshake-timed-out", 504)),
        row("112", alert(112), bad("server-name-refused", 502)),
        row("48", alert(48), bad("handshake-refused", 502)),
        row("40", alert(40), bad("handshake-refused", 502)),
        row("certificate demanded", required, bad("client-certificate-required", 502)),
        row(
            "certificate wished for",
            asked(ClientCertificate::Requested, None),
            may("client-certificate-requested", "undocumented"),
        ),
        row("none sent", failure(Failure::NoCertificate), bad("no-certificate", 502)),
        row("wrong key", failure(Failure::SignatureWrong), bad("key-mismatch", 502)),
    ]
}
