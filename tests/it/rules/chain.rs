//! What speaks of the certificate and the chain.

use origin_probe::demo::pki::{
    Authority, CaIssuers, EndEntity, KeyAlgorithm, KeyPurpose, SelfSigned, Window,
};
use origin_probe::observation::{Failure, Observation, Refusal};
use origin_probe::origin::Target;

use super::stage::{
    DOMAIN, Pki, Row, bad, end_entity, failure, may, now, row, served, with_origin,
};
use crate::common::{answers, fails};

/// What speaks of the certificate and the chain.
pub(super) fn above_the_connection(pki: &Pki) -> Vec<Row> {
    let bad = |rule| bad(rule, 502);
    let base = || end_entity(-20..70);
    let issued = pki.intermediate.issue(&base()).unwrap();
    let key = |key_algorithm| EndEntity { key_algorithm, ..base() };
    let client = EndEntity { key_purposes: vec![KeyPurpose::ClientAuthentication], ..base() };
    let own = base().self_signed(SelfSigned::EndEntity).unwrap();
    let private_ca = Authority::root("Private", Window::days(-9..900, now())).unwrap();
    let private = private_ca.issue(&EndEntity { ca_issuers: CaIssuers::Absent, ..base() }).unwrap();
    let expired_ca =
        pki.root.intermediate("Old CA", Window::days(-90..-1, now()), &Default::default()).unwrap();
    let below_expired = expired_ca.issue(&base()).unwrap();
    let elsewhere = EndEntity::new(&["www.example.com"], Window::days(-20..70, now()));
    let (int, root) = (pki.intermediate.der(), pki.root.der());
    let host = "www.example.com".parse().unwrap();
    let forwarded = with_origin(served(pki.issue(&base())), |origin| {
        origin.targets = vec![Target::forwarded(&host, &DOMAIN.parse().unwrap())];
    });
    vec![
        row("garbage", served(pki.chain(&[vec![1, 2, 3]])), bad("certificate-malformed")),
        row("another name", served(pki.issue(&elsewhere)), bad("name-not-in-certificate")),
        row("only the domain", forwarded, answers(&["host-not-in-certificate notice"])),
        row("expired", served(pki.issue(&end_entity(-90..-1))), bad("certificate-expired")),
        row("early", served(pki.issue(&end_entity(1..90))), bad("certificate-not-yet-valid")),
        row("self-signed", served(pki.chain(&[own.der])), bad("certificate-self-signed")),
        row(
            "order",
            served(pki.chain(&[issued.der.clone(), root, int])),
            fails(&["chain-out-of-order fails", "trust-anchor-served notice"], 502),
        ),
        row("alone", served(pki.chain(&[issued.der])), bad("intermediate-missing")),
        row("private", served(pki.chain(&[private.der])), bad("issuer-untrusted")),
        row(
            "expired issuer",
            served(pki.chain(&[below_expired.der, expired_ca.der()])),
            bad("intermediate-expired"),
        ),
        row("for clients", served(pki.issue(&client)), bad("chain-constraint-violated")),
        row(
            "P-521, and yet it goes",
            served(pki.issue(&key(KeyAlgorithm::EcdsaP521))),
            may("key-unsupported", "undocumented"),
        ),
        row("P-521, refused", p521_refused(), may("key-unsupported", "undocumented")),
        row("Ed25519", served(pki.issue(&key(KeyAlgorithm::Ed25519))), bad("key-unsupported")),
        row("P-384", served(pki.issue(&key(KeyAlgorithm::EcdsaP384))), answers(&[])),
    ]
}

/// TLS 1.2 has the curve in a list of its own.
fn p521_refused() -> Observation {
    let refused = Failure::NoSharedSignatureScheme {
        refusal: Refusal::Alert { code: 40 },
        taken: Some("ecdsa_secp521r1_sha512".into()),
    };
    failure(refused)
}
