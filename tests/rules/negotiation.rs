//! What speaks of the negotiation.

use std::sync::Arc;

use origin_probe::observation::AnsweredName;
use origin_probe::observation::ClientCertificate;
use origin_probe::observation::Ending;
use origin_probe::observation::Endpoint;
use origin_probe::observation::Engine;
use origin_probe::observation::Failure;
use origin_probe::observation::ListedVersions;
use origin_probe::observation::Observation;
use origin_probe::observation::Refusal;
use origin_probe::observation::TlsParameters;
use origin_probe::origin::Origin;
use origin_probe::origin::SslProtocol;
use origin_probe::origin::SslProtocols;

use super::stage::Pki;
use super::stage::end_entity;
use super::stage::endpoint;
use super::stage::failed;
use super::stage::seen;
use crate::common::Found;
use crate::common::answers;
use crate::common::fails;
use crate::common::undecided;

/// What speaks of the negotiation.
pub(super) fn of_the_negotiation(pki: &Pki) -> Vec<(&'static str, Observation, Found)> {
    let bad = |rule: &str| fails(&[&format!("{rule} fails")], 502);
    let may = |rule: &str, reason| undecided(&[&format!("{rule} may-fail")], reason);
    let sound = || pki.issue(&end_entity(-20..70));
    let mut crowded = vec![pki.intermediate.issue(&end_entity(-20..70)).unwrap().der];
    crowded.extend(std::iter::repeat_n(pki.intermediate.der(), 7));
    let crowd = pki.chain(&crowded);
    let refusal = Refusal::Alert { code: 40 };
    let without = |failure| seen(vec![failed(1, failure)]);
    let spoken = |version, cipher_suite: &str| Endpoint {
        engine: Engine::Hello,
        tls: Some(TlsParameters { version, cipher_suite: cipher_suite.into(), group: None }),
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
        listed_versions: ListedVersions::Refused,
        ..spoken("TLSv1.1", "TLS_RSA_WITH_AES_128_CBC_SHA")
    };
    let gap = [SslProtocol::TlsV1, SslProtocol::TlsV1_2];
    let taken = || "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256".into();
    let scheme = Failure::NoSharedSignatureScheme {
        refusal: Refusal::Alert { code: 40 },
        taken: Some("ed25519".into()),
    };
    let warned = Endpoint { warnings: vec![112], ..endpoint(1, sound()) };
    let nameless = Failure::ServerNameRefused {
        refusal: Refusal::Ended(Ending::Reset),
        answered: AnsweredName::Nameless,
    };
    let too_large = Failure::ChainUnreadable { detail: "a message of 16777215 bytes".into() };
    vec![
        (
            "old version",
            without(Failure::NoSharedVersion { refusal: Some(refusal), spoken: Some("TLSv1.1") }),
            bad("no-shared-protocol-version"),
        ),
        (
            "old version unasked",
            without(Failure::NoSharedVersion { refusal: None, spoken: Some("TLSv1") }),
            bad("no-shared-protocol-version"),
        ),
        (
            "version between the listed ones",
            listing(&gap, between),
            may("no-shared-protocol-version", "undocumented"),
        ),
        (
            "no suite",
            without(Failure::NoSharedCipherSuite { refusal, taken: taken() }),
            bad("no-shared-cipher-suite"),
        ),
        (
            "no group",
            without(Failure::NoSharedGroup { refusal, taken: "secp521r1".into() }),
            bad("no-shared-group"),
        ),
        (
            "a group that AWS may offer",
            without(Failure::NoSharedGroup { refusal, taken: "X25519MLKEM768".into() }),
            may("no-shared-group", "undocumented"),
        ),
        ("no scheme", without(scheme), bad("key-unsupported")),
        ("no such name", without(nameless), bad("server-name-refused")),
        (
            "a warning about the name",
            seen(vec![warned]),
            may("server-name-refused", "undocumented"),
        ),
        (
            "another warning",
            seen(vec![Endpoint { warnings: vec![90], ..endpoint(1, sound()) }]),
            answers(&[]),
        ),
        (
            "a breach",
            without(Failure::ProtocolBroken { detail: "a second ServerHello".into() }),
            bad("handshake-refused"),
        ),
        (
            "protocol_version to every hello",
            without(Failure::NoSharedVersion { refusal: Some(refusal), spoken: None }),
            bad("no-shared-protocol-version"),
        ),
        (
            "a choice that was not offered",
            without(Failure::OfferViolated { detail: "it chose secp521r1".into() }),
            may("handshake-refused", "undocumented"),
        ),
        (
            "a handshake without a chain",
            seen(vec![Endpoint { chain: None, ..spoken("TLSv1.3", "TLS_AES_128_GCM_SHA256") }]),
            may("handshake-refused", "negotiation-unsettled"),
        ),
        (
            "a close for want of a client certificate",
            seen(vec![Endpoint {
                client_certificate: ClientCertificate::Required,
                ..failed(1, Failure::ClosedDuringHandshake { ending: Ending::Closed })
            }]),
            bad("client-certificate-required"),
        ),
        (
            "unsettled",
            without(Failure::Unsettled { detail: "whatever".into() }),
            may("handshake-refused", "negotiation-unsettled"),
        ),
        ("too large to read", without(too_large), may("chain-too-long", "undocumented")),
        (
            "eight certificates",
            seen(vec![endpoint(1, crowd)]),
            undecided(
                &["chain-too-long may-fail", "certificate-served-twice notice"],
                "undocumented",
            ),
        ),
        (
            "documented suite",
            seen(vec![spoken("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA")]),
            answers(&[]),
        ),
        (
            "undocumented suite",
            seen(vec![spoken("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256")]),
            answers(&["cipher-suite-undocumented notice"]),
        ),
        ("TLS 1.3", seen(vec![spoken("TLSv1.3", "TLS_AES_128_GCM_SHA256")]), answers(&[])),
        (
            "SSLv3 beside others",
            listing(&[SslProtocol::SslV3, SslProtocol::TlsV1_2], endpoint(1, sound())),
            answers(&["sslv3-not-offered notice"]),
        ),
        (
            "SSLv3 alone",
            listing(&[SslProtocol::SslV3], spoken("SSLv3", "TLS_RSA_WITH_AES_128_CBC_SHA")),
            answers(&[]),
        ),
    ]
}
