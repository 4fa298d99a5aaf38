//! Flights as servers write them, as input for the reader.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::Strategy;

use origin_probe::cloudfront::Version;
use origin_probe::handshake::hello::{Answer, End, ServerHello, SignedParameters};

/// Encodes a handshake message.
pub(super) fn message(message_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[message_type], &length[1..], body].concat()
}

pub(super) fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[content_type, 3, 3], length.as_slice(), content].concat()
}

pub(super) fn server_hello(version: [u8; 2], suite: u16, extensions: &[u8]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    if !extensions.is_empty() {
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend(extensions);
    }
    message(2, &body)
}

pub(super) fn certificate(list: &[&[u8]]) -> Vec<u8> {
    let entries: Vec<u8> = list.iter().flat_map(|der| message(0, der)[1..].to_vec()).collect();
    message(11, &message(0, &entries)[1..])
}

/// Generates server flights: a version, a suite with an elliptic curve, and their messages.
pub(super) fn written() -> impl Strategy<Value = (Answer, Vec<u8>)> {
    let version = proptest::sample::select(vec![
        Version::Ssl3,
        Version::Tls1,
        Version::Tls1_1,
        Version::Tls1_2,
    ]);
    let suite = proptest::sample::select(vec![0xc009_u16, 0xc013, 0xc02b, 0xc02f]);
    let served = vec(vec(any::<u8>(), 0..200), 0..6);
    let staple = proptest::option::of(vec(any::<u8>(), 0..100));
    let signed = (any::<u16>(), vec(any::<u8>(), 0..80), any::<u16>(), vec(any::<u8>(), 0..80));
    (version, suite, served, staple, signed, any::<bool>()).prop_map(
        |(version, cipher_suite, served, staple, (group, point, scheme, signature), asked)| {
            let mut messages = server_hello(wire(version), cipher_suite, &[]);
            let list: Vec<&[u8]> = served.iter().map(Vec::as_slice).collect();
            messages.extend(certificate(&list));
            if let Some(staple) = &staple {
                let body = [&[1], &message(0, staple)[1..]].concat();
                messages.extend(message(22, &body));
            }
            let mut parameters = vec![3];
            parameters.extend(group.to_be_bytes());
            parameters.push(u8::try_from(point.len()).unwrap());
            parameters.extend(point);
            let mut body = parameters.clone();
            let has_scheme = version == Version::Tls1_2;
            if has_scheme {
                body.extend(scheme.to_be_bytes());
            }
            body.extend(u16::try_from(signature.len()).unwrap().to_be_bytes());
            body.extend(&signature);
            messages.extend(message(12, &body));
            if asked {
                messages.extend(message(13, &[1, 1, 0, 0]));
            }
            messages.extend(message(14, &[]));
            let answer = Answer {
                retry: None,
                server_hello: Some(ServerHello {
                    version,
                    is_version_selected: false,
                    legacy_version: wire(version),
                    session_id: Box::default(),
                    cipher_suite,
                    group: None,
                    refused_extension: None,
                    random: [7; 32],
                }),
                served: Some(served),
                staple,
                signed_parameters: Some(SignedParameters {
                    group: Some(group),
                    parameters,
                    scheme: has_scheme.then_some(scheme),
                    signature,
                }),
                asked_for_client_certificate: asked,
                warnings: Vec::new(),
                received: 0,
                end: End::Flight,
            };
            (answer, messages)
        },
    )
}

/// Returns a version as it is written in messages (RFC 8446 §4.1.2).
pub(super) fn wire(version: Version) -> [u8; 2] {
    let minor = Version::ALL.iter().position(|other| *other == version).unwrap();
    [3, u8::try_from(minor).unwrap()]
}
