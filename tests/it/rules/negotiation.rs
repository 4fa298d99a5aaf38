//! What speaks of the negotiation.

use origin_probe::observation::{
    AnsweredName, ClientCertificate, Ending, Endpoint, Engine, Failure, ListedVersions, Refusal,
};
use origin_probe::origin::{SslProtocol, SslProtocols};

use super::stage::{
    Pki, Row, bad, end_entity, endpoint, failed, failure, may, notice, row, seen, served,
    with_handshake, with_origin,
};
use crate::common::by_hand::tls;
use crate::common::{answers, undecided};

/// What speaks of the negotiation.
pub(super) fn of_the_negotiation(pki: &Pki) -> Vec<Row> {
    let bad = |rule| bad(rule, 502);
    let undocumented = |rule| may(rule, "undocumented");
    let mut crowded = vec![pki.intermediate.issue(&end_entity(-20..70)).unwrap().der];
    crowded.extend(std::iter::repeat_n(pki.intermediate.der(), 7));
    let crowd = pki.chain(&crowded);
    let refusal = Refusal::Alert { code: 40 };
    let spoken = |version, cipher_suite| {
        with_handshake(endpoint(1, pki.sound()), |it| {
            it.engine = Engine::Hello;
            it.tls = Some(tls(version, cipher_suite, None));
        })
    };
    let listing = |listed: &[SslProtocol], endpoint| {
        with_origin(seen(vec![endpoint]), |origin| {
            origin.ssl_protocols = SslProtocols::new(listed.to_vec()).unwrap();
        })
    };
    let between = spoken("TLSv1.1", "TLS_RSA_WITH_AES_128_CBC_SHA");
    let between = with_handshake(between, |it| it.listed_versions = ListedVersions::Refused);
    let gap = [SslProtocol::TlsV1, SslProtocol::TlsV1_2];
    let old = |refusal, spoken: Option<&str>| {
        let spoken = spoken.map(|version| version.to_owned().into());
        failure(Failure::NoSharedVersion { refusal, spoken })
    };
    let group = |taken: &str| failure(Failure::NoSharedGroup { refusal, taken: taken.into() });
    let suite = Failure::NoSharedCipherSuite {
        refusal,
        taken: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256".into(),
    };
    let scheme = Failure::NoSharedSignatureScheme { refusal, taken: Some("ed25519".into()) };
    let warned =
        |code| seen(vec![with_handshake(endpoint(1, pki.sound()), |it| it.warnings = vec![code])]);
    let nameless = Failure::ServerNameRefused {
        refusal: Refusal::Ended(Ending::Reset),
        answered: AnsweredName::Nameless,
    };
    let too_large = Failure::ChainUnreadable { detail: "a message of 16777215 bytes".into() };
    let breach = Failure::ProtocolBroken { detail: "a second ServerHello".into() };
    let violated = Failure::OfferViolated { detail: "it chose secp521r1".into() };
    let chainless = Endpoint { chain: None, ..spoken("TLSv1.3", "TLS_AES_128_GCM_SHA256") };
    let closed = failed(1, Failure::ClosedDuringHandshake { ending: Ending::Closed });
    let closed = with_handshake(closed, |it| it.client_certificate = ClientCertificate::Required);
    let unsettled = Failure::Unsettled { detail: "whatever".into() };
    let is_unsettled = || may("handshake-refused", "negotiation-unsettled");
    vec![
        row("old version", old(Some(refusal), Some("TLSv1.1")), bad("no-shared-protocol-version")),
        row("old version unasked", old(None, Some("TLSv1")), bad("no-shared-protocol-version")),
        row(
            "version between the listed ones",
            listing(&gap, between),
            undocumented("no-shared-protocol-version"),
        ),
        row("no suite", failure(suite), bad("no-shared-cipher-suite")),
        row("no group", group("secp521r1"), bad("no-shared-group")),
        row("a group that AWS may offer", group("X25519MLKEM768"), undocumented("no-shared-group")),
        row("no scheme", failure(scheme), bad("key-unsupported")),
        row("no such name", failure(nameless), bad("server-name-refused")),
        row("a warning about the name", warned(112), undocumented("server-name-refused")),
        row("another warning", warned(90), answers(&[])),
        row("a breach", failure(breach), bad("handshake-refused")),
        row(
            "protocol_version to every hello",
            old(Some(refusal), None),
            bad("no-shared-protocol-version"),
        ),
        row("a choice that was not offered", failure(violated), undocumented("handshake-refused")),
        row("a handshake without a chain", seen(vec![chainless]), is_unsettled()),
        row(
            "a close for want of a client certificate",
            seen(vec![closed]),
            bad("client-certificate-required"),
        ),
        row("unsettled", failure(unsettled), is_unsettled()),
        row("too large to read", failure(too_large), undocumented("chain-too-long")),
        row("eight certificates", served(crowd), {
            let both = ["chain-too-long may-fail", "certificate-served-twice notice"];
            undecided(&both, "undocumented")
        }),
        row(
            "documented suite",
            seen(vec![spoken("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA")]),
            answers(&[]),
        ),
        row(
            "undocumented suite",
            seen(vec![spoken("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256")]),
            notice("cipher-suite-undocumented"),
        ),
        row("TLS 1.3", seen(vec![spoken("TLSv1.3", "TLS_AES_128_GCM_SHA256")]), answers(&[])),
        row(
            "SSLv3 beside others",
            listing(&[SslProtocol::SslV3, SslProtocol::TlsV1_2], endpoint(1, pki.sound())),
            notice("sslv3-not-offered"),
        ),
        row(
            "SSLv3 alone",
            listing(&[SslProtocol::SslV3], spoken("SSLv3", "TLS_RSA_WITH_AES_128_CBC_SHA")),
            answers(&[]),
        ),
    ]
}
