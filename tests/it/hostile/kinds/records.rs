//! Records of every type, version and length, and ways to cut messages into them.

use super::super::wire::{ALERT, CCS, CHANGE_CIPHER_SPEC, DATA, HANDSHAKE, handshake, record};
use super::{Kinds, closed, keep, not_tls, refused, send, timed_out};

pub(super) fn add(kinds: &mut Kinds) {
    for content_type in [0, 1, 19, 24, 25, 64, 127, 128, 255] {
        let name = format!("answers with a record of the type {content_type}");
        kinds.sends(name, not_tls(), record(content_type, 0x0303, &[1; 40]));
    }
    for version in [0x0000, 0x0002, 0x0200, 0x02ff, 0x0400, 0x7f1c, 0xfefd, 0xffff] {
        let name = format!("answers with a record of the version {version:#06x}");
        kinds.sends(name, not_tls(), record(HANDSHAKE, version, &[2; 40]));
    }
    for (name, content_type) in
        [("a ChangeCipherSpec", CHANGE_CIPHER_SPEC), ("an alert", ALERT), ("data", DATA)]
    {
        for length in [0_usize, 1, 3, 1 << 14] {
            let name = format!("answers with {name} record of {length} bytes");
            // The first byte of an alert whose second never comes.
            let is_half = (content_type, length) == (ALERT, 1);
            let expected = if is_half { closed() } else { refused() };
            kinds.sends(name, expected, record(content_type, 0x0303, &vec![1; length]));
        }
    }
    for content_type in [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA] {
        for more in [1, 256, 257, 2049, 0xffff - (1 << 14)] {
            let length = (1_u16 << 14) + more;
            let name = format!("announces a record of the type {content_type} of {length} bytes");
            let [high, low] = length.to_be_bytes();
            let bytes = [&[content_type, 3, 3, high, low][..], &[0; 1000]].concat();
            kinds.sends(name, refused(), bytes);
        }
    }
    for (count, expected) in [(16, closed()), (17, refused()), (10_000, refused())] {
        let name = format!("sends {count} empty handshake records and closes");
        kinds.sends(name, expected, record(HANDSHAKE, 0x0303, &[]).repeat(count));
    }
    kinds.add(
        "sends a ChangeCipherSpec before the ServerHello of TLS 1.2",
        refused(),
        |pki, hello| send(&[CCS, &handshake(&pki.parts12(hello)[0])].concat()),
    );
    let http = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    for (what, bytes) in [
        ("a ChangeCipherSpec", CCS.to_vec()),
        ("a hundred ChangeCipherSpecs", CCS.repeat(100)),
        ("a ChangeCipherSpec of two bytes", vec![20, 3, 3, 0, 2, 1, 1]),
        ("data", record(DATA, 0x0303, &[1; 100])),
        ("HTTP", http.to_vec()),
        ("a record of the type 24", record(24, 0x0303, &[1; 100])),
        ("a record of the version 0x0505", record(HANDSHAKE, 0x0505, &[1; 100])),
    ] {
        let name = format!("sends {what} after the ServerHello of TLS 1.2");
        kinds.add(name, refused(), move |pki, hello| {
            send(&[handshake(&pki.parts12(hello)[0]), bytes.clone()].concat())
        });
    }
    kinds.add("puts an alert of three bytes into half of a record", closed(), |pki, hello| {
        let half = &handshake(&pki.parts12(hello)[0])[..25];
        send(&[half, &[21, 3, 3, 0, 3, 2, 40, 0]].concat())
    });
    kinds.add("announces a record and sends half of it", timed_out(), |_, _| {
        keep(record(HANDSHAKE, 0x0303, &[2; 400])[..200].to_vec())
    });
}
