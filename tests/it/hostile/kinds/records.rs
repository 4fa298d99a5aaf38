//! Records of every type, version and length, and ways to cut messages into them.

use std::sync::Arc;

use super::super::server::Step;
use super::super::wire::{ALERT, CCS, CHANGE_CIPHER_SPEC, DATA, HANDSHAKE, handshake, record};
use super::{Kind, Pki, closed, kind, not_tls, refused, send, timed_out};

pub(super) fn kinds(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for content_type in [0, 1, 19, 24, 25, 64, 127, 128, 255] {
        let name = format!("answers with a record of the type {content_type}");
        let bytes = record(content_type, 0x0303, &[1; 40]);
        kinds.push(kind(name, not_tls(), move |_, _| send(&bytes)));
    }
    for version in [0x0000, 0x0002, 0x0200, 0x02ff, 0x0400, 0x7f1c, 0xfefd, 0xffff] {
        let name = format!("answers with a record of the version {version:#06x}");
        let bytes = record(HANDSHAKE, version, &[2; 40]);
        kinds.push(kind(name, not_tls(), move |_, _| send(&bytes)));
    }
    for (name, content_type) in
        [("a ChangeCipherSpec", CHANGE_CIPHER_SPEC), ("an alert", ALERT), ("data", DATA)]
    {
        for length in [0_usize, 1, 3, 1 << 14] {
            let whole = format!("answers with {name} record of {length} bytes");
            let bytes = record(content_type, 0x0303, &vec![1; length]);
            let expected = match (content_type, length) {
                // The first byte of an alert whose second never comes.
                (ALERT, 1) => closed(),
                _ => refused(),
            };
            kinds.push(kind(whole, expected, move |_, _| send(&bytes)));
        }
    }
    for content_type in [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA] {
        for length in
            [(1_u16 << 14) + 1, (1 << 14) + 256, (1 << 14) + 257, (1 << 14) + 2049, 0xffff]
        {
            let name = format!("announces a record of the type {content_type} of {length} bytes");
            let [high, low] = length.to_be_bytes();
            let bytes = [&[content_type, 3, 3, high, low][..], &[0; 1000]].concat();
            kinds.push(kind(name, refused(), move |_, _| send(&bytes)));
        }
    }
    for (count, expected) in [(16, closed()), (17, refused()), (10_000, refused())] {
        let name = format!("sends {count} empty handshake records and closes");
        let bytes = record(HANDSHAKE, 0x0303, &[]).repeat(count);
        kinds.push(kind(name, expected, move |_, _| send(&bytes)));
    }
    let flight = |pki: &Arc<Pki>, change: fn(Vec<u8>) -> Vec<u8>| {
        let pki = Arc::clone(pki);
        move |hello: &super::super::wire::Hello, _| send(&change(handshake(&pki.parts12(hello)[0])))
    };
    for (name, change) in [
        (
            "sends a ChangeCipherSpec before the ServerHello of TLS 1.2",
            (|hello| [CCS.to_vec(), hello].concat()) as fn(Vec<u8>) -> Vec<u8>,
        ),
        ("sends a ChangeCipherSpec after the ServerHello of TLS 1.2", |hello| {
            [hello, CCS.to_vec()].concat()
        }),
        ("sends a hundred ChangeCipherSpecs after the ServerHello of TLS 1.2", |hello| {
            [hello, CCS.repeat(100)].concat()
        }),
        ("sends a ChangeCipherSpec of two bytes after the ServerHello of TLS 1.2", |hello| {
            [hello, vec![20, 3, 3, 0, 2, 1, 1]].concat()
        }),
        ("sends data after the ServerHello of TLS 1.2", |hello| {
            [hello, record(DATA, 0x0303, &[1; 100])].concat()
        }),
        ("sends HTTP after the ServerHello of TLS 1.2", |hello| {
            [hello, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()].concat()
        }),
        ("sends a record of the type 24 after the ServerHello of TLS 1.2", |hello| {
            [hello, record(24, 0x0303, &[1; 100])].concat()
        }),
        ("sends a record of the version 0x0505 after the ServerHello of TLS 1.2", |hello| {
            [hello, record(HANDSHAKE, 0x0505, &[1; 100])].concat()
        }),
    ] {
        kinds.push(kind(name, refused(), flight(pki, change)));
    }
    kinds.push(kind("puts an alert of three bytes into half of a record", closed(), {
        let pki = Arc::clone(pki);
        move |hello, _| {
            let half = handshake(&pki.parts12(hello)[0])[..25].to_vec();
            send(&[half, vec![21, 3, 3, 0, 3, 2, 40, 0]].concat())
        }
    }));
    kinds.push(kind("announces a record and sends half of it", timed_out(), |_, _| {
        vec![Step::Send(record(HANDSHAKE, 0x0303, &[2; 400])[..200].to_vec()), Step::Wait]
    }));
    kinds
}
