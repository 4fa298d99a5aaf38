//! Connections that end, hang, drip or never stop at each stage of a handshake.

use std::sync::Arc;

use super::super::server::Step;
use super::super::tls13::Session;
use super::super::wire::{CCS, Hello, handshake};
use super::{
    Found, Kind, Pki, closed, greeting, healthy, kind, not_tls, refused, timed_out, unsettled,
};

/// What was sent up to a stage.
type Sent = fn(&Pki, &Hello) -> Vec<u8>;

/// The stages of TLS 1.2, each up to the client's answer.
const STAGES_12: [(&str, Sent); 8] = [
    ("the ClientHello", |_, _| Vec::new()),
    ("half a record header", |_, _| vec![22, 3, 3]),
    ("a record header", |_, _| vec![22, 3, 3, 0, 80]),
    ("half a ServerHello", |pki, hello| handshake(&pki.parts12(hello)[0])[..30].to_vec()),
    ("the ServerHello of TLS 1.2", |pki, hello| handshake(&pki.parts12(hello)[..1].concat())),
    ("half a Certificate", |pki, hello| {
        handshake(&pki.parts12(hello)[..2].concat())[..200].to_vec()
    }),
    ("the Certificate of TLS 1.2", |pki, hello| handshake(&pki.parts12(hello)[..2].concat())),
    ("the ServerKeyExchange", |pki, hello| handshake(&pki.parts12(hello)[..3].concat())),
];

/// The stages of TLS 1.3 that are encrypted.
const STAGES_13: [(&str, Sent); 5] = [
    ("the ServerHello of TLS 1.3", |_, hello| Session::begin(hello).sent),
    ("a ChangeCipherSpec of TLS 1.3", |_, hello| Session::begin(hello).raw(CCS).sent.clone()),
    ("the EncryptedExtensions", |_, hello| Session::begin(hello).extensions().sent.clone()),
    ("the Certificate of TLS 1.3", |pki, hello| {
        Session::begin(hello).extensions().certificate(&pki.chain).sent.clone()
    }),
    ("the CertificateVerify", |pki, hello| {
        Session::begin(hello).extensions().certificate(&pki.chain).verify(&pki.key).sent.clone()
    }),
];

/// What never stops.
const FLOODS: [(&str, &[u8]); 6] = [
    ("zeros", &[0; 1024]),
    ("empty handshake records", &[22, 3, 3, 0, 0]),
    ("warnings", &[21, 3, 3, 0, 2, 1, 100]),
    ("ChangeCipherSpecs", CCS),
    ("HelloRequests", &[22, 3, 3, 0, 4, 0, 0, 0, 0]),
    ("application data", &[23, 3, 3, 0, 4, 1, 2, 3, 4]),
];

pub(super) fn kinds(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds = vec![
        greeting("closes on accept", closed(), vec![Step::Close]),
        greeting("never reads and never answers", timed_out(), vec![Step::Wait]),
    ];
    for (stage, sent) in STAGES_12.into_iter().chain(STAGES_13) {
        for (what, last, expected) in [
            ("closes", Step::Close, closed()),
            ("resets", Step::Reset, closed()),
            ("hangs", Step::Wait, timed_out()),
        ] {
            let pki = Arc::clone(pki);
            kinds.push(kind(format!("{what} after {stage}"), expected, move |hello, _| {
                vec![Step::Send(sent(&pki, hello)), last.clone()]
            }));
        }
    }
    for (stage, sent) in [STAGES_12[0], STAGES_12[4], STAGES_12[6], STAGES_13[0]] {
        for (what, flood) in FLOODS {
            let pki = Arc::clone(pki);
            let name = format!("sends {what} without an end after {stage}");
            kinds.push(kind(name, after_flood(stage, what), move |hello, _| {
                vec![Step::Send(sent(&pki, hello)), Step::SendForever(flood.repeat(100))]
            }));
        }
        let pki = Arc::clone(pki);
        kinds.push(kind(format!("drips a record after {stage}"), timed_out(), move |hello, _| {
            vec![
                Step::Send(sent(&pki, hello)),
                Step::Send(vec![22, 3, 3, 64, 0]),
                Step::Drip(vec![0]),
            ]
        }));
    }
    kinds.extend(whole_flights(pki));
    kinds
}

/// Zeros are not records; what is not handshake data breaks the handshake.
fn after_flood(stage: &str, what: &str) -> Found {
    match (stage, what) {
        ("the ClientHello", "zeros") => not_tls(),
        // Our TLS library takes a warning for a refusal, as TLS 1.3 wants it (RFC 8446 §6).
        ("the ServerHello of TLS 1.3", "warnings") => refused(),
        ("the ServerHello of TLS 1.3", _) => unsettled(),
        _ => refused(),
    }
}

/// What comes after the client's own answer.
fn whole_flights(pki: &Arc<Pki>) -> Vec<Kind> {
    let finished = |what: &[u8]| vec![Step::Read, Step::Send(what.to_vec()), Step::Close];
    let mut kinds = Vec::new();
    for (what, steps, expected) in [
        ("closes", vec![Step::Read, Step::Close], closed()),
        ("resets", vec![Step::Read, Step::Reset], closed()),
        ("hangs", vec![Step::Wait], timed_out()),
        ("sends a ChangeCipherSpec and closes", finished(CCS), closed()),
        (
            "sends a Finished that is not encrypted",
            finished(&[22, 3, 3, 0, 4, 20, 0, 0, 0]),
            unsettled(),
        ),
        (
            "sends a Finished under a wrong key",
            finished(&[CCS, &[22, 3, 3, 0, 40], &[5; 40]].concat()),
            unsettled(),
        ),
        ("sends its flight again", vec![], unsettled()),
    ] {
        let pki = Arc::clone(pki);
        let again = steps.is_empty();
        let name = format!("{what} after the client's key exchange");
        kinds.push(kind(name, expected, move |hello, _| {
            let flight = handshake(&pki.flight12(hello));
            let mut all = vec![Step::Send(flight.clone())];
            if again {
                all.extend(finished(&flight));
            } else {
                all.extend(steps.clone());
            }
            all
        }));
    }
    for (what, last) in [("closes", Step::Close), ("resets", Step::Reset), ("waits", Step::Wait)] {
        let pki = Arc::clone(pki);
        let name = format!("{what} after a whole handshake of TLS 1.3");
        kinds.push(kind(name, healthy(), move |hello, _| {
            let sent = Session::begin(hello).whole_flight(&pki.chain, &pki.key).sent.clone();
            vec![Step::Send(sent), Step::Read, last.clone()]
        }));
    }
    for size in [1, 2, 5, 100] {
        let pki = Arc::clone(pki);
        let name = format!("cuts a flight of TLS 1.2 into records of {size} and closes");
        kinds.push(kind(name, closed(), move |hello, _| {
            let records = super::super::wire::in_records(&pki.flight12(hello), size);
            vec![Step::Send(records), Step::Read, Step::Close]
        }));
    }
    let pki13 = Arc::clone(pki);
    kinds.push(kind(
        "sends the head of its ServerHello of TLS 1.3 byte by byte",
        healthy(),
        move |hello, _| {
            let sent = Session::begin(hello).whole_flight(&pki13.chain, &pki13.key).sent.clone();
            // A busy machine may need a second for each.
            let (hello, rest) = sent.split_at(10);
            vec![Step::SendApart(hello.to_vec()), Step::Send(rest.to_vec()), Step::Wait]
        },
    ));
    kinds
}
