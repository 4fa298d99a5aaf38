//! Connections that end, hang, drip or never stop at each stage of a handshake.

use super::super::server::Step;
use super::super::tls13::Session;
use super::super::wire::{CCS, Hello, handshake, in_records};
use super::{Found, Kinds, Pki, closed, healthy, not_tls, refused, timed_out, unsettled};

/// What was sent up to a stage.
type Sent = fn(&Pki, &Hello) -> Vec<u8>;

/// The first records of a right flight of TLS 1.2.
fn sent12(pki: &Pki, hello: &Hello, messages: usize) -> Vec<u8> {
    handshake(&pki.parts12(hello)[..messages].concat())
}

/// The stages of TLS 1.2, each up to the client's answer.
const STAGES_12: [(&str, Sent); 8] = [
    ("the ClientHello", |_, _| Vec::new()),
    ("half a record header", |_, _| vec![22, 3, 3]),
    ("a record header", |_, _| vec![22, 3, 3, 0, 80]),
    ("half a ServerHello", |pki, hello| sent12(pki, hello, 1)[..30].to_vec()),
    ("the ServerHello of TLS 1.2", |pki, hello| sent12(pki, hello, 1)),
    ("half a Certificate", |pki, hello| sent12(pki, hello, 2)[..200].to_vec()),
    ("the Certificate of TLS 1.2", |pki, hello| sent12(pki, hello, 2)),
    ("the ServerKeyExchange", |pki, hello| sent12(pki, hello, 3)),
];

/// The stages of TLS 1.3 that are encrypted.
const STAGES_13: [(&str, Sent); 5] = [
    ("the ServerHello of TLS 1.3", |pki, hello| Session::begin(pki, hello).sent),
    ("a ChangeCipherSpec of TLS 1.3", |pki, hello| {
        Session::begin(pki, hello).raw(CCS).sent.clone()
    }),
    ("the EncryptedExtensions", |pki, hello| Session::begin(pki, hello).extensions().sent.clone()),
    ("the Certificate of TLS 1.3", |pki, hello| {
        Session::begin(pki, hello).extensions().certificate().sent.clone()
    }),
    ("the CertificateVerify", |pki, hello| {
        Session::begin(pki, hello).extensions().certificate().verify().sent.clone()
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

pub(super) fn add(kinds: &mut Kinds) {
    kinds.greets("closes on accept", closed(), vec![Step::Close]);
    kinds.greets("never reads and never answers", timed_out(), vec![Step::Wait]);
    for (stage, sent) in STAGES_12.into_iter().chain(STAGES_13) {
        for (what, last, expected) in [
            ("closes", Step::Close, closed()),
            ("resets", Step::Reset, closed()),
            ("hangs", Step::Wait, timed_out()),
        ] {
            kinds.add(format!("{what} after {stage}"), expected, move |pki, hello| {
                vec![Step::Send(sent(pki, hello)), last.clone()]
            });
        }
    }
    for (stage, sent) in [STAGES_12[0], STAGES_12[4], STAGES_12[6], STAGES_13[0]] {
        for (what, flood) in FLOODS {
            let name = format!("sends {what} without an end after {stage}");
            kinds.add(name, after_flood(stage, what), move |pki, hello| {
                vec![Step::Send(sent(pki, hello)), Step::SendForever(flood.repeat(100))]
            });
        }
        kinds.add(format!("drips a record after {stage}"), timed_out(), move |pki, hello| {
            let header = Step::Send(vec![22, 3, 3, 64, 0]);
            vec![Step::Send(sent(pki, hello)), header, Step::Drip(vec![0])]
        });
    }
    whole_flights(kinds);
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
fn whole_flights(kinds: &mut Kinds) {
    let finished = |what: &[u8]| vec![Step::Read, Step::Send(what.to_vec()), Step::Close];
    let wrong_key = [CCS, &[22, 3, 3, 0, 40], &[5; 40]].concat();
    for (what, steps, expected) in [
        ("closes", vec![Step::Read, Step::Close], closed()),
        ("resets", vec![Step::Read, Step::Reset], closed()),
        ("hangs", vec![Step::Wait], timed_out()),
        ("sends a ChangeCipherSpec and closes", finished(CCS), closed()),
        ("sends a Finished that is not encrypted", finished(PLAIN_FINISHED), unsettled()),
        ("sends a Finished under a wrong key", finished(&wrong_key), unsettled()),
    ] {
        let name = format!("{what} after the client's key exchange");
        kinds.add(name, expected, move |pki, hello| {
            [vec![Step::Send(sent12(pki, hello, 4))], steps.clone()].concat()
        });
    }
    let name = "sends its flight again after the client's key exchange";
    kinds.add(name, unsettled(), |pki, hello| {
        let flight = Step::Send(sent12(pki, hello, 4));
        vec![flight.clone(), Step::Read, flight, Step::Close]
    });
    for (what, last) in [("closes", Step::Close), ("resets", Step::Reset), ("waits", Step::Wait)] {
        let name = format!("{what} after a whole handshake of TLS 1.3");
        kinds.add(name, healthy(), move |pki, hello| {
            vec![Step::Send(pki.flight13(hello)), Step::Read, last.clone()]
        });
    }
    for size in [1, 2, 5, 100] {
        let name = format!("cuts a flight of TLS 1.2 into records of {size} and closes");
        kinds.add(name, closed(), move |pki, hello| {
            let records = in_records(&pki.flight12(hello), size);
            vec![Step::Send(records), Step::Read, Step::Close]
        });
    }
    let name = "sends the head of its ServerHello of TLS 1.3 byte by byte";
    kinds.add(name, healthy(), |pki, hello| {
        // A busy machine may need a second for each.
        let mut head = pki.flight13(hello);
        let rest = head.split_off(10);
        vec![Step::SendApart(head), Step::Send(rest), Step::Wait]
    });
}

const PLAIN_FINISHED: &[u8] = &[22, 3, 3, 0, 4, 20, 0, 0, 0];
