//! Flights of TLS 1.2 with a message that is wrong, missing, doubled or in another place.

use super::super::server::Step;
use super::super::wire::{
    CERTIFICATE, CERTIFICATE_REQUEST, HANDSHAKE, Hello, SERVER_HELLO_DONE, SERVER_KEY_EXCHANGE,
    ServerHello, certificates12, extension, handshake, message, parameters, promised, record,
    signed, vector,
};
use super::{
    Found, Kinds, Pki, closed, converse, fails, healthy, key_mismatch, may, no_certificate,
    refused, say, too_long, unsettled, violated,
};

pub(super) fn add(kinds: &mut Kinds) {
    out_of_place(kinds);
    orders(kinds);
    server_hellos(kinds);
    certificate_messages(kinds);
    key_exchanges(kinds);
    requests(kinds);
}

/// Sends a right flight with another message in the place of the right one, and closes once the
/// client has answered.
fn flight_with(pki: &Pki, hello: &Hello, place: usize, other: Vec<u8>) -> Vec<Step> {
    let mut parts = pki.parts12(hello);
    parts[place] = other;
    converse(&parts.concat())
}

/// Every type of handshake message where a ServerHello belongs, and after it.
fn out_of_place(kinds: &mut Kinds) {
    for message_type in [1, 3, 4, 5, 6, 8, 11, 12, 13, 14, 15, 16, 20, 21, 22, 24, 25, 67, 254, 255]
    {
        let name = format!("sends a message of the type {message_type} instead of a ServerHello");
        kinds.add(name, refused(), move |_, _| say(&message(message_type, &[1; 8])));
        let name = format!("sends a message of the type {message_type} after the ServerHello");
        // The content of a request for a certificate is not read.
        let expected = if message_type == CERTIFICATE_REQUEST { closed() } else { refused() };
        kinds.add(name, expected, move |pki, hello| {
            say(&[&pki.parts12(hello)[0][..], &message(message_type, &[1; 8])].concat())
        });
    }
    for message_type in [11, 12, 13, 14, 22] {
        for length in [1 << 16, (1 << 24) - 1] {
            let name = format!("announces {length} bytes of the type {message_type} and closes");
            // Of 64 KiB our TLS library does not tell which message it refused.
            let is_in_doubt = message_type == CERTIFICATE || length == 1 << 16;
            let expected = if is_in_doubt { too_long() } else { refused() };
            kinds.add(name, expected, move |pki, hello| {
                say(&[&pki.parts12(hello)[0][..], &promised(message_type, length, &[1; 100])]
                    .concat())
            });
        }
    }
}

/// A right flight with its messages in a wrong order.
fn orders(kinds: &mut Kinds) {
    let rows: [(&str, Found, &[usize]); 9] = [
        ("the key exchange before the certificate", refused(), &[0, 2, 1, 3]),
        ("the end before the key exchange", refused(), &[0, 1, 3, 2]),
        ("the end before the certificate", no_certificate(), &[0, 3, 1, 2]),
        ("the certificate before the ServerHello", refused(), &[1, 0, 2, 3]),
        ("no certificate", no_certificate(), &[0, 2, 3]),
        ("no key exchange", refused(), &[0, 1, 3]),
        ("nothing but an end", no_certificate(), &[0, 3]),
        ("two certificates", refused(), &[0, 1, 1, 2, 3]),
        ("two key exchanges", refused(), &[0, 1, 2, 2, 3]),
    ];
    for (what, expected, order) in rows {
        let name = format!("sends a flight of TLS 1.2 with {what}");
        kinds.add(name, expected, move |pki, hello| {
            let parts = pki.parts12(hello);
            let flight: Vec<u8> = order.iter().flat_map(|n| parts[*n].clone()).collect();
            converse(&flight)
        });
    }
}

/// A right flight behind a ServerHello that says too much.
///
/// RFC 5246 §7.4.1.4 and RFC 8446 §4.2 ask a client to refuse every extension that it did not ask
/// for. AWS's library passes over those that it does not know, or does not expect in this message,
/// and refuses the others; so does this program.
fn server_hellos(kinds: &mut Kinds) {
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
    for (what, expected, extensions) in rows {
        let name = format!("sends a right flight of TLS 1.2 with {what} in its ServerHello");
        let other = ServerHello { extensions, ..ServerHello::of_tls12() }.message();
        kinds.add(name, expected, move |pki, hello| flight_with(pki, hello, 0, other.clone()));
    }
}

/// Certificate messages whose lengths lie.
fn certificate_messages(kinds: &mut Kinds) {
    let der = kinds.pki.chain[0].clone();
    let right = certificates12(&kinds.pki.chain);
    let list = |length: [u8; 3]| [&length, &right[3..]].concat();
    let behind = |end: &[u8]| vector(3, &[&vector(3, &der), end].concat());
    let malformed = || fails("connection-closed fails, certificate-malformed fails");
    let crowded = "connection-closed fails, certificate-malformed fails, chain-too-long may-fail";
    let rows: Vec<(&str, Found, Vec<u8>)> = vec![
        ("without a body", refused(), vec![]),
        ("with half a length", refused(), vec![0, 0]),
        ("with an empty list", no_certificate(), vec![0, 0, 0]),
        ("with an empty certificate", malformed(), certificates12(&[vec![]])),
        ("with a list longer than it is", refused(), list([0xff; 3])),
        ("with a list shorter than it is", refused(), list([0, 0, 5])),
        (
            "with a certificate longer than the list",
            refused(),
            vector(3, &[&[0xff; 3], &der[..]].concat()),
        ),
        ("with a certificate cut short", refused(), behind(&[0, 1, 0, 48])),
        ("with half a length at the end", refused(), behind(&[0, 0])),
        ("with a byte behind the list", refused(), [&right[..], &[0]].concat()),
        ("with 1,025 empty certificates", fails(crowded), certificates12(&vec![vec![]; 1025])),
        ("of 120 KB", too_long(), certificates12(&[vec![0x30; 120_000]])),
    ];
    for (what, expected, body) in rows {
        let name = format!("sends a Certificate message of TLS 1.2 {what}");
        kinds.add(name, expected, move |pki, hello| {
            flight_with(pki, hello, 1, message(CERTIFICATE, &body))
        });
    }
}

fn key_exchanges(kinds: &mut Kinds) {
    let signed_rightly: [(&str, Found, Vec<u8>); 9] = [
        ("with an explicit prime curve", refused(), vec![1, 2, 3]),
        ("with the curve type 255", refused(), vec![255, 0, 29, 1, 9]),
        ("with a curve that was not offered", violated(), point(25, 132)),
        ("with a curve without a number", violated(), vec![3, 0x7a, 0x7a, 1, 9]),
        ("with a point of no bytes", refused(), parameters(&[])),
        ("with a point of 31 bytes", refused(), parameters(&[9; 31])),
        ("with a point of 255 bytes", refused(), parameters(&[9; 255])),
        ("with a point of zeros", unsettled(), parameters(&[0; 32])),
        ("with a point of P-256 on no curve", unsettled(), point(23, 64)),
    ];
    for (what, expected, parameters) in signed_rightly {
        kinds.add(format!("sends a ServerKeyExchange {what}"), expected, move |pki, hello| {
            let body = pki.key_exchange(hello, &parameters);
            flight_with(pki, hello, 2, message(SERVER_KEY_EXCHANGE, &body))
        });
    }
    let right = || parameters(&[9; 32]);
    let with = |signature: &[u8]| signed(&right(), 0x0403, signature);
    let under = |scheme: u16| signed(&right(), scheme, &[5; 64]);
    let bodies: [(&str, Found, Vec<u8>); 13] = [
        ("without a body", refused(), vec![]),
        ("of one byte", refused(), vec![3]),
        ("with a point longer than the message", refused(), vec![3, 0, 29, 255, 9, 9]),
        ("without a signature", refused(), right()),
        ("with an empty signature", key_mismatch(), with(&[])),
        ("with a signature of zeros", key_mismatch(), with(&[0; 70])),
        ("with a signature of 20 KB", key_mismatch(), with(&[5; 20_000])),
        (
            "with a signature longer than the message",
            refused(),
            [right(), vec![4, 3, 0xff, 0xff, 1]].concat(),
        ),
        ("signed under the scheme 0x0000", violated(), under(0x0000)),
        ("signed with RSA and MD5", violated(), under(0x0101)),
        ("signed with RSA under a key that is none", key_mismatch(), under(0x0401)),
        ("signed with Ed25519 under a key that is none", key_mismatch(), under(0x0807)),
        ("signed under the scheme 0xffff", violated(), under(0xffff)),
    ];
    for (what, expected, body) in bodies {
        let name = format!("sends a ServerKeyExchange {what}");
        let other = message(SERVER_KEY_EXCHANGE, &body);
        kinds.add(name, expected, move |pki, hello| flight_with(pki, hello, 2, other.clone()));
    }
    let name = "sends a ServerKeyExchange with bytes behind the signature";
    kinds.add(name, refused(), |pki, hello| {
        let body = [pki.key_exchange(hello, &parameters(&[9; 32])), vec![1]].concat();
        flight_with(pki, hello, 2, message(SERVER_KEY_EXCHANGE, &body))
    });
    let name = "sends a ServerKeyExchange signed for another point";
    kinds.add(name, key_mismatch(), |pki, hello| {
        let right = pki.key_exchange(hello, &parameters(&[9; 32]));
        let body = [&parameters(&[8; 32]), &right[36..]].concat();
        flight_with(pki, hello, 2, message(SERVER_KEY_EXCHANGE, &body))
    });
}

/// Parameters with an uncompressed point on no curve.
fn point(curve: u8, length: u8) -> Vec<u8> {
    [vec![3, 0, curve, length + 1, 4], vec![1; length.into()]].concat()
}

/// Requests for a client certificate, after which the server closes.
fn requests(kinds: &mut Kinds) {
    let required = || fails("client-certificate-required fails");
    // Our TLS library does not read them; CloudFront's own hello shows a whole flight.
    let requested = || may("client-certificate-requested may-fail");
    let with = |types: &[u8], authorities: &[u8]| {
        [vector(1, types), vector(2, &[4, 3, 4, 1]), authorities.to_vec()].concat()
    };
    let rows: Vec<(&str, Found, Vec<u8>)> = vec![
        ("that is right", required(), with(&[1, 64], &[0, 0])),
        ("without a body", requested(), vec![]),
        ("without types", requested(), with(&[], &[0, 0])),
        ("without schemes", requested(), vec![1, 64, 0, 0, 0, 0]),
        ("with half a scheme", requested(), vec![1, 64, 0, 1, 4, 0, 0]),
        (
            "with 60 KB of authorities",
            required(),
            with(&[64], &vector(2, &vector(2, &[0x30; 1000]).repeat(59))),
        ),
        ("with authorities cut short", requested(), with(&[64], &[0, 9, 0, 99])),
    ];
    for (what, expected, body) in rows {
        let name = format!("asks for a client certificate in TLS 1.2 {what}");
        kinds.add(name, expected, move |pki, hello| {
            let [.., done] = pki.parts12(hello);
            flight_with(pki, hello, 3, [message(CERTIFICATE_REQUEST, &body), done].concat())
        });
    }
    let expected = fails("handshake-refused fails, client-certificate-requested may-fail");
    kinds.add("asks for a client certificate twice", expected, |pki, hello| {
        let [server_hello, certificate, exchange, done] = pki.parts12(hello);
        let request = message(CERTIFICATE_REQUEST, &[1, 64, 0, 2, 4, 3, 0, 0]);
        say(&[server_hello, certificate, exchange, request.repeat(2), done].concat())
    });
    kinds.add("sends an end with a body", refused(), |pki, hello| {
        let flight = pki.parts12(hello)[..3].concat();
        say(&[flight, message(SERVER_HELLO_DONE, &[1])].concat())
    });
    kinds.add("sends a Certificate message without an end", too_long(), |pki, hello| {
        let end = promised(CERTIFICATE, (1 << 24) - 1, &[]);
        let start = [&pki.parts12(hello)[0][..], &end].concat();
        let zeros = record(HANDSHAKE, 0x0303, &[0; 1 << 14]);
        vec![Step::Send(handshake(&start)), Step::SendForever(zeros)]
    });
}
