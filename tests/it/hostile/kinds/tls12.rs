//! Flights of TLS 1.2 with a message that is wrong, missing, doubled or in another place.

use std::sync::Arc;

use super::super::server::Step;
use super::super::wire::{
    CERTIFICATE, CERTIFICATE_REQUEST, HANDSHAKE, Hello, SERVER_HELLO_DONE, SERVER_KEY_EXCHANGE,
    ServerHello, certificates12, extension, handshake, key_exchange, message, parameters, promised,
    record, signed, vector,
};
use super::{
    Found, Kind, Pki, closed, healthy, kind, may, refused, say, too_long, unsettled, violated,
};
use crate::common::fails;

pub(super) fn kinds(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds = out_of_place(pki);
    kinds.extend(orders(pki));
    kinds.extend(server_hellos(pki));
    kinds.extend(certificate_messages(pki));
    kinds.extend(key_exchanges(pki));
    kinds.extend(requests(pki));
    kinds
}

fn key_mismatch() -> Found {
    fails(&["key-mismatch fails"], 502)
}

/// Every type of handshake message where a ServerHello belongs, and after it.
fn out_of_place(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for message_type in [1, 3, 4, 5, 6, 8, 11, 12, 13, 14, 15, 16, 20, 21, 22, 24, 25, 67, 254, 255]
    {
        let name = format!("sends a message of the type {message_type} instead of a ServerHello");
        kinds.push(kind(name, refused(), move |_, _| say(&message(message_type, &[1; 8]))));
        let pki = Arc::clone(pki);
        let name = format!("sends a message of the type {message_type} after the ServerHello");
        let expected = match message_type {
            // Its content is not read.
            13 => closed(),
            _ => refused(),
        };
        kinds.push(kind(name, expected, move |hello, _| {
            say(&[pki.parts12(hello)[0].clone(), message(message_type, &[1; 8])].concat())
        }));
    }
    for message_type in [11, 12, 13, 14, 22] {
        for length in [1 << 16, (1 << 24) - 1] {
            let pki = Arc::clone(pki);
            let name = format!("announces {length} bytes of the type {message_type} and closes");
            let expected = match (message_type, length) {
                (CERTIFICATE, 0x00ff_ffff) => too_long(),
                (_, 0x00ff_ffff) => refused(),
                // Our TLS library does not tell which message it refused.
                _ => too_long(),
            };
            kinds.push(kind(name, expected, move |hello, _| {
                let hello = pki.parts12(hello)[0].clone();
                say(&[hello, promised(message_type, length, &[1; 100])].concat())
            }));
        }
    }
    kinds
}

/// A right flight with its messages in a wrong order.
fn orders(pki: &Arc<Pki>) -> Vec<Kind> {
    let rows: [(&str, Found, &[usize]); 9] = [
        ("the key exchange before the certificate", refused(), &[0, 2, 1, 3]),
        ("the end before the key exchange", refused(), &[0, 1, 3, 2]),
        ("the end before the certificate", fails(&["no-certificate fails"], 502), &[0, 3, 1, 2]),
        ("the certificate before the ServerHello", refused(), &[1, 0, 2, 3]),
        ("no certificate", fails(&["no-certificate fails"], 502), &[0, 2, 3]),
        ("no key exchange", refused(), &[0, 1, 3]),
        ("nothing but an end", fails(&["no-certificate fails"], 502), &[0, 3]),
        ("two certificates", refused(), &[0, 1, 1, 2, 3]),
        ("two key exchanges", refused(), &[0, 1, 2, 2, 3]),
    ];
    rows.into_iter()
        .map(|(what, expected, order)| {
            let pki = Arc::clone(pki);
            let name = format!("sends a flight of TLS 1.2 with {what}");
            kind(name, expected, move |hello, _| {
                let parts = pki.parts12(hello);
                let flight: Vec<u8> = order.iter().flat_map(|n| parts[*n].clone()).collect();
                vec![Step::Send(handshake(&flight)), Step::Read, Step::Close]
            })
        })
        .collect()
}

/// A right flight behind a ServerHello that says too much.
///
/// RFC 5246 §7.4.1.4 and RFC 8446 §4.2 ask a client to refuse every extension that it did not ask
/// for. AWS's library passes over those that it does not know, or does not expect in this message,
/// and refuses the others; so does this program.
fn server_hellos(pki: &Arc<Pki>) -> Vec<Kind> {
    let rows: [(&str, Found, Vec<Vec<u8>>); 10] = [
        ("an unknown extension", healthy(), vec![extension(0x7a7a, &[])]),
        ("an unknown extension twice", healthy(), vec![extension(0x7a7a, &[]).repeat(2)]),
        (
            "ten thousand unknown extensions",
            healthy(),
            (0..10_000).map(|code| extension(0x4000 + code, &[])).collect(),
        ),
        ("a cookie", healthy(), vec![extension(44, &[0, 1, 1])]),
        ("ALPN", violated(), vec![extension(16, &[0, 3, 2, b'h', b'2'])]),
        ("a session ticket", violated(), vec![extension(35, &[])]),
        ("SCTs", violated(), vec![extension(18, &[0, 2, 0, 0])]),
        ("a maximum fragment length", violated(), vec![extension(1, &[1])]),
        ("an extension twice", violated(), vec![extension(23, &[]).repeat(2)]),
        ("renegotiation data", closed(), vec![extension(0xff01, &[5, 1, 2, 3, 4, 5])]),
    ];
    rows.into_iter()
        .map(|(what, expected, extensions)| {
            let pki = Arc::clone(pki);
            let name = format!("sends a right flight of TLS 1.2 with {what} in its ServerHello");
            kind(name, expected, move |hello, _| {
                let server_hello =
                    ServerHello { extensions: extensions.clone(), ..ServerHello::of_tls12() };
                let flight = [server_hello.message(), pki.parts12(hello)[1..].concat()].concat();
                vec![Step::Send(handshake(&flight)), Step::Read, Step::Close]
            })
        })
        .collect()
}

/// Certificate messages whose lengths lie.
fn certificate_messages(pki: &Arc<Pki>) -> Vec<Kind> {
    let der = pki.chain[0].clone();
    let right = certificates12(&pki.chain);
    let no_certificate = || fails(&["no-certificate fails"], 502);
    let malformed = || fails(&["connection-closed fails", "certificate-malformed fails"], 502);
    let rows: Vec<(&str, Found, Vec<u8>)> = vec![
        ("without a body", refused(), vec![]),
        ("with half a length", refused(), vec![0, 0]),
        ("with an empty list", no_certificate(), vec![0, 0, 0]),
        ("with an empty certificate", malformed(), certificates12(&[vec![]])),
        (
            "with a list longer than it is",
            refused(),
            [vec![0xff, 0xff, 0xff], right[3..].to_vec()].concat(),
        ),
        (
            "with a list shorter than it is",
            refused(),
            [vec![0, 0, 5], right[3..].to_vec()].concat(),
        ),
        (
            "with a certificate longer than the list",
            refused(),
            vector(3, &[vec![0xff; 3], der.clone()].concat()),
        ),
        (
            "with a certificate cut short",
            refused(),
            vector(3, &[vector(3, &der), vec![0, 1, 0, 48]].concat()),
        ),
        (
            "with half a length at the end",
            refused(),
            vector(3, &[vector(3, &der), vec![0, 0]].concat()),
        ),
        ("with a byte behind the list", refused(), [right.clone(), vec![0]].concat()),
        ("with 1,025 empty certificates", crowded(), certificates12(&vec![vec![]; 1025])),
        ("of 120 KB", too_long(), certificates12(&[vec![0x30; 120_000]])),
    ];
    rows.into_iter()
        .map(|(what, expected, body)| {
            let pki = Arc::clone(pki);
            let name = format!("sends a Certificate message of TLS 1.2 {what}");
            kind(name, expected, move |hello, _| {
                let [server_hello, _, exchange, done] = pki.parts12(hello);
                let flight = [server_hello, message(CERTIFICATE, &body), exchange, done].concat();
                vec![Step::Send(handshake(&flight)), Step::Read, Step::Close]
            })
        })
        .collect()
}

fn crowded() -> Found {
    let findings =
        ["connection-closed fails", "certificate-malformed fails", "chain-too-long may-fail"];
    fails(&findings, 502)
}

/// The body of a ServerKeyExchange.
type Body = fn(&Pki, &Hello) -> Vec<u8>;

fn key_exchanges(pki: &Arc<Pki>) -> Vec<Kind> {
    fn with(pki: &Pki, hello: &Hello, parameters: &[u8]) -> Vec<u8> {
        key_exchange(hello, &pki.key, parameters)
    }
    fn under(scheme: u16) -> Vec<u8> {
        signed(&parameters(&[9; 32]), scheme, &[5; 64])
    }
    let rows: [(&str, Found, Body); 24] = [
        ("without a body", refused(), |_, _| vec![]),
        ("of one byte", refused(), |_, _| vec![3]),
        ("with an explicit prime curve", refused(), |pki, hello| with(pki, hello, &[1, 2, 3])),
        ("with the curve type 255", refused(), |pki, hello| with(pki, hello, &[255, 0, 29, 1, 9])),
        ("with a curve that was not offered", violated(), |pki, hello| {
            with(pki, hello, &[&[3, 0, 25, 133, 4][..], &[1; 132]].concat())
        }),
        ("with a curve without a number", violated(), |pki, hello| {
            with(pki, hello, &[3, 0x7a, 0x7a, 1, 9])
        }),
        ("with a point of no bytes", refused(), |pki, hello| with(pki, hello, &parameters(&[]))),
        ("with a point of 31 bytes", refused(), |pki, hello| {
            with(pki, hello, &parameters(&[9; 31]))
        }),
        ("with a point of 255 bytes", refused(), |pki, hello| {
            with(pki, hello, &parameters(&[9; 255]))
        }),
        ("with a point of zeros", unsettled(), |pki, hello| {
            with(pki, hello, &parameters(&[0; 32]))
        }),
        ("with a point of P-256 on no curve", unsettled(), |pki, hello| {
            with(pki, hello, &[&[3, 0, 23, 65, 4][..], &[1; 64]].concat())
        }),
        ("with a point longer than the message", refused(), |_, _| vec![3, 0, 29, 255, 9, 9]),
        ("without a signature", refused(), |_, _| parameters(&[9; 32])),
        ("with an empty signature", key_mismatch(), |_, _| {
            signed(&parameters(&[9; 32]), 0x0403, &[])
        }),
        ("with a signature of zeros", key_mismatch(), |_, _| {
            signed(&parameters(&[9; 32]), 0x0403, &[0; 70])
        }),
        ("with a signature of 20 KB", key_mismatch(), |_, _| {
            signed(&parameters(&[9; 32]), 0x0403, &[5; 20_000])
        }),
        ("with a signature longer than the message", refused(), |_, _| {
            [parameters(&[9; 32]), vec![4, 3, 0xff, 0xff, 1]].concat()
        }),
        ("with bytes behind the signature", refused(), |pki, hello| {
            [with(pki, hello, &parameters(&[9; 32])), vec![1]].concat()
        }),
        ("signed for another point", key_mismatch(), |pki, hello| {
            let right = with(pki, hello, &parameters(&[9; 32]));
            [&parameters(&[8; 32]), &right[36..]].concat()
        }),
        ("signed under the scheme 0x0000", violated(), |_, _| under(0x0000)),
        ("signed with RSA and MD5", violated(), |_, _| under(0x0101)),
        ("signed with RSA under a key that is none", key_mismatch(), |_, _| under(0x0401)),
        ("signed with Ed25519 under a key that is none", key_mismatch(), |_, _| under(0x0807)),
        ("signed under the scheme 0xffff", violated(), |_, _| under(0xffff)),
    ];
    rows.into_iter()
        .map(|(what, expected, body)| {
            let pki = Arc::clone(pki);
            let name = format!("sends a ServerKeyExchange {what}");
            kind(name, expected, move |hello, _| {
                let [server_hello, certificate, _, done] = pki.parts12(hello);
                let exchange = message(SERVER_KEY_EXCHANGE, &body(&pki, hello));
                let flight = [server_hello, certificate, exchange, done].concat();
                vec![Step::Send(handshake(&flight)), Step::Read, Step::Close]
            })
        })
        .collect()
}

/// Requests for a client certificate, after which the server closes.
fn requests(pki: &Arc<Pki>) -> Vec<Kind> {
    let required = || fails(&["client-certificate-required fails"], 502);
    // Our TLS library does not read them; CloudFront's own hello shows a whole flight.
    let requested = || may(&["client-certificate-requested may-fail"]);
    let schemes = vector(2, &[4, 3, 4, 1]);
    let rows: Vec<(&str, Found, Vec<u8>)> = vec![
        ("that is right", required(), [vec![2, 1, 64], schemes.clone(), vec![0, 0]].concat()),
        ("without a body", requested(), vec![]),
        ("without types", requested(), [vec![0], schemes.clone(), vec![0, 0]].concat()),
        ("without schemes", requested(), vec![1, 64, 0, 0, 0, 0]),
        ("with half a scheme", requested(), vec![1, 64, 0, 1, 4, 0, 0]),
        (
            "with 60 KB of authorities",
            required(),
            [vec![1, 64], schemes.clone(), vector(2, &vector(2, &[0x30; 1000]).repeat(59))]
                .concat(),
        ),
        (
            "with authorities cut short",
            requested(),
            [vec![1, 64], schemes, vec![0, 9, 0, 99]].concat(),
        ),
    ];
    let mut kinds: Vec<Kind> = rows
        .into_iter()
        .map(|(what, expected, body)| {
            let pki = Arc::clone(pki);
            let name = format!("asks for a client certificate in TLS 1.2 {what}");
            kind(name, expected, move |hello, _| {
                let [server_hello, certificate, exchange, done] = pki.parts12(hello);
                let request = message(CERTIFICATE_REQUEST, &body);
                let flight = [server_hello, certificate, exchange, request, done].concat();
                vec![Step::Send(handshake(&flight)), Step::Read, Step::Close]
            })
        })
        .collect();
    let twice = Arc::clone(pki);
    kinds.push(kind(
        "asks for a client certificate twice",
        fails(&["handshake-refused fails", "client-certificate-requested may-fail"], 502),
        move |hello, _| {
            let [server_hello, certificate, exchange, done] = twice.parts12(hello);
            let request = message(CERTIFICATE_REQUEST, &[1, 64, 0, 2, 4, 3, 0, 0]);
            say(&[server_hello, certificate, exchange, request.repeat(2), done].concat())
        },
    ));
    let last = Arc::clone(pki);
    kinds.push(kind("sends an end with a body", refused(), move |hello, _| {
        let flight = last.parts12(hello)[..3].concat();
        say(&[flight, message(SERVER_HELLO_DONE, &[1])].concat())
    }));
    let endless = Arc::clone(pki);
    kinds.push(kind("sends a Certificate message without an end", too_long(), move |hello, _| {
        let start = [endless.parts12(hello)[0].clone(), promised(CERTIFICATE, (1 << 24) - 1, &[])];
        let zeros = record(HANDSHAKE, 0x0303, &[0; 1 << 14]);
        vec![Step::Send(handshake(&start.concat())), Step::SendForever(zeros)]
    }));
    kinds
}
