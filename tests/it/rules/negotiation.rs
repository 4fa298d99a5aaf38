//! What speaks of the negotiation.

use std::sync::Arc;

use origin_probe::observation::{
    AnsweredName, ClientCertificate, Ending, Endpoint, Engine, Failure, Handshake, ListedVersions,
    Refusal, TlsParameters,
};
use origin_probe::origin::{Origin, SslProtocol, SslProtocols};

use super::stage::{Pki, Row, end_entity, endpoint, failed, row, seen};
use crate::common::{answers, fails, undecided};

/// What speaks of the negotiation.
pub(super) fn of_the_negotiation(pki: &Pki) -> Vec<Row> {
    let bad = |rule: &str| fails(&[&format!("{rule} fails")], 502);
    let may = |rule: &str, reason| undecided(&[&format!("{rule} may-fail")], reason);
    let sound = || pki.issue(&end_entity(-20..70));
    let mut crowded = vec![pki.intermediate.issue(&end_entity(-20..70)).unwrap().der];
    crowded.extend(std::iter::repeat_n(pki.intermediate.der(), 7));
    let crowd = pki.chain(&crowded);
    let refusal = Refusal::Alert { code: 40 };
    let without = |failure| seen(vec![failed(1, failure)]);
    let spoken = |version, cipher_suite: &str| Endpoint {
        handshake: Handshake {
            engine: Engine::Hello,
            tls: Some(TlsParameters { version, cipher_suite: cipher_suite.into(), group: None }),
            ..endpoint(1, sound()).handshake
        },
        ..endpoint(1, sound())
    };
    let listing = |listed: &[SslProtocol], endpoint| {
        let mut observation = seen(vec![endpoint]);
        let mut origin = Origin::clone(&observation.origin);
        origin.ssl_protocols = SslProtocols::new(listed.to_vec()).unwrap();
        observation.origin = Arc::new(origin);
        observation
    };
    let between = Endpoint {
        handshake: Handshake {
            listed_versions: ListedVersions::Refused,
            ..spoken("TLSv1.1", "TLS_RSA_WITH_AES_128_CBC_SHA").handshake
        },
        ..spoken("TLSv1.1", "TLS_RSA_WITH_AES_128_CBC_SHA")
    };
    let gap = [SslProtocol::TlsV1, SslProtocol::TlsV1_2];
    let taken = || "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256".into();
    let scheme = Failure::NoSharedSignatureScheme {
        refusal: Refusal::Alert { code: 40 },
        taken: Some("ed25519".into()),
    };
    let warned = Endpoint {
        handshake: Handshake { warnings: vec![112], ..endpoint(1, sound()).handshake },
        ..endpoint(1, sound())
    };
    let nameless = Failure::ServerNameRefused {
        refusal: Refusal::Ended(Ending::Reset),
        answered: AnsweredName::Nameless,
    };
    let too_large = Failure::ChainUnreadable { detail: "a message of 16777215 bytes".into() };
    vec![
        row(
            "old version",
            without(Failure::NoSharedVersion { refusal: Some(refusal), spoken: Some("TLSv1.1") }),
            bad("no-shared-protocol-version"),
        ),
        row(
            "old version unasked",
            without(Failure::NoSharedVersion { refusal: None, spoken: Some("TLSv1") }),
            bad("no-shared-protocol-version"),
        ),
        row(
            "version between the listed ones",
            listing(&gap, between),
            may("no-shared-protocol-version", "undocumented"),
        ),
        row(
            "no suite",
            without(Failure::NoSharedCipherSuite { refusal, taken: taken() }),
            bad("no-shared-cipher-suite"),
        ),
        row(
            "no group",
            without(Failure::NoSharedGroup { refusal, taken: "secp521r1".into() }),
            bad("no-shared-group"),
        ),
        row(
            "a group that AWS may offer",
            without(Failure::NoSharedGroup { refusal, taken: "X25519MLKEM768".into() }),
            may("no-shared-group", "undocumented"),
        ),
        row("no scheme", without(scheme), bad("key-unsupported")),
        row("no such name", without(nameless), bad("server-name-refused")),
        row(
            "a warning about the name",
            seen(vec![warned]),
            may("server-name-refused", "undocumented"),
        ),
        row(
            "another warning",
            seen(vec![Endpoint {
                handshake: Handshake { warnings: vec![90], ..endpoint(1, sound()).handshake },
                ..endpoint(1, sound())
            }]),
            answers(&[]),
        ),
        row(
            "a breach",
            without(Failure::ProtocolBroken { detail: "a second ServerHello".into() }),
            bad("handshake-refused"),
        ),
        row(
            "protocol_version to every hello",
            without(Failure::NoSharedVersion { refusal: Some(refusal), spoken: None }),
            bad("no-shared-protocol-version"),
        ),
        row(
            "a choice that was not offered",
            without(Failure::OfferViolated { detail: "it chose secp521r1".into() }),
            may("handshake-refused", "undocumented"),
        ),
        row(
            "a handshake without a chain",
            seen(vec![Endpoint { chain: None, ..spoken("TLSv1.3", "TLS_AES_128_GCM_SHA256") }]),
            may("handshake-refused", "negotiation-unsettled"),
        ),
        row(
            "a close for want of a client certificate",
            seen(vec![Endpoint {
                handshake: Handshake {
                    client_certificate: ClientCertificate::Required,
                    ..failed(1, Failure::ClosedDuringHandshake { ending: Ending::Closed }).handshake
                },
                ..failed(1, Failure::ClosedDuringHandshake { ending: Ending::Closed })
            }]),
            bad("client-certificate-required"),
        ),
        row(
            "unsettled",
            without(Failure::Unsettled { detail: "whatever".into() }),
            may("handshake-refused", "negotiation-unsettled"),
        ),
        row("too large to read", without(too_large), may("chain-too-long", "undocumented")),
        row(
            "eight certificates",
            seen(vec![endpoint(1, crowd)]),
            undecided(
                &["chain-too-long may-fail", "certificate-served-twice notice"],
                "undocumented",
            ),
        ),
        row(
            "documented suite",
            seen(vec![spoken("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA")]),
            answers(&[]),
        ),
        row(
            "undocumented suite",
            seen(vec![spoken("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256")]),
            answers(&["cipher-suite-undocumented notice"]),
        ),
        row("TLS 1.3", seen(vec![spoken("TLSv1.3", "TLS_AES_128_GCM_SHA256")]), answers(&[])),
        row(
            "SSLv3 beside others",
            listing(&[SslProtocol::SslV3, SslProtocol::TlsV1_2], endpoint(1, sound())),
            answers(&["sslv3-not-offered notice"]),
        ),
        row(
            "SSLv3 alone",
            listing(&[SslProtocol::SslV3], spoken("SSLv3", "TLS_RSA_WITH_AES_128_CBC_SHA")),
            answers(&[]),
        ),
    ]
}
