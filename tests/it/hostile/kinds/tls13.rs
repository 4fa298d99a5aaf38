//! Flights of TLS 1.3 with a message that is wrong, under the right keys.

use std::sync::Arc;

use super::super::server::Step;
use super::super::tls13::{
    CERTIFICATE, CERTIFICATE_VERIFY, ENCRYPTED_EXTENSIONS, FINISHED, Session,
};
use super::super::wire::{
    ALERT, CCS, CERTIFICATE_REQUEST, CHANGE_CIPHER_SPEC, DATA, HANDSHAKE, certificates13,
    extension, handshake, message, record, vector,
};
use super::{
    Found, Kind, Pki, asked_and_unsettled, healthy, kind, may, send, too_long, unsettled, violated,
};
use crate::common::fails;

/// What a server says after its ServerHello.
type Say = fn(&mut Session, &Pki);

pub(super) fn kinds(pki: &Arc<Pki>) -> Vec<Kind> {
    let rows = encrypted_extensions()
        .into_iter()
        .chain(records())
        .chain(certificates())
        .chain(signatures())
        .chain(requests());
    let mut kinds: Vec<Kind> = rows
        .map(|(name, expected, say)| {
            let pki = Arc::clone(pki);
            kind(name, expected, move |hello, _| {
                let mut session = Session::begin(hello);
                say(&mut session, &pki);
                send(&session.sent)
            })
        })
        .collect();
    kinds.extend(after_handshake(pki));
    kinds
}

fn encrypted_extensions() -> Vec<(&'static str, Found, Say)> {
    fn with(session: &mut Session, pki: &Pki, extensions: &[u8]) {
        session.say(&message(ENCRYPTED_EXTENSIONS, extensions));
        session.certificate(&pki.chain).verify(&pki.key).finish();
    }
    vec![
        ("leaves EncryptedExtensions out", unsettled(), |session, pki| {
            session.certificate(&pki.chain).verify(&pki.key).finish();
        }),
        ("sends EncryptedExtensions twice", unsettled(), |session, pki| {
            session.extensions().extensions().certificate(&pki.chain).verify(&pki.key).finish();
        }),
        ("sends EncryptedExtensions without a body", unsettled(), |session, pki| {
            with(session, pki, &[]);
        }),
        ("sends EncryptedExtensions whose length lies", unsettled(), |session, pki| {
            with(session, pki, &[0xff, 0xff, 0, 0]);
        }),
        ("sends an extension that was not asked for", unsettled(), |session, pki| {
            with(session, pki, &vector(2, &extension(16, &[0, 3, 2, b'h', b'2'])));
        }),
        ("sends an unknown extension", unsettled(), |session, pki| {
            with(session, pki, &vector(2, &extension(0x7a7a, &[])));
        }),
        ("sends a key share among EncryptedExtensions", unsettled(), |session, pki| {
            with(session, pki, &vector(2, &extension(51, &[0, 29])));
        }),
        ("accepts early data that was not sent", unsettled(), |session, pki| {
            with(session, pki, &vector(2, &extension(42, &[])));
        }),
        ("sends 60 KB of EncryptedExtensions", unsettled(), |session, pki| {
            with(session, pki, &vector(2, &extension(0x7a7a, &[0; 60_000])));
        }),
        ("sends the same extension a thousand times", unsettled(), |session, pki| {
            with(session, pki, &vector(2, &extension(10, &[0, 2, 0, 29]).repeat(1000)));
        }),
    ]
}

fn records() -> Vec<(&'static str, Found, Say)> {
    fn rest(session: &mut Session, pki: &Pki) {
        session.whole_flight(&pki.chain, &pki.key);
    }
    vec![
        ("sends a record under a wrong key", unsettled(), |session, _| {
            session.raw(&record(DATA, 0x0303, &[5; 100]));
        }),
        ("sends a record shorter than a tag", unsettled(), |session, _| {
            session.raw(&record(DATA, 0x0303, &[5; 8]));
        }),
        ("sends an empty record of data", unsettled(), |session, _| {
            session.raw(&record(DATA, 0x0303, &[]));
        }),
        ("sends a record of nothing but padding", unsettled(), |session, pki| {
            session.seal_padded(&[0; 100], &[]);
            rest(session, pki);
        }),
        ("sends a record without content and type", unsettled(), |session, pki| {
            session.seal_padded(&[], &[]);
            rest(session, pki);
        }),
        ("sends an empty encrypted handshake record", healthy(), |session, pki| {
            session.seal(HANDSHAKE, &[]);
            rest(session, pki);
        }),
        ("sends a thousand empty encrypted handshake records", unsettled(), |session, pki| {
            for _ in 0..1000 {
                session.seal(HANDSHAKE, &[]);
            }
            rest(session, pki);
        }),
        ("sends data before its certificate", unsettled(), |session, pki| {
            session.seal(DATA, b"HTTP/1.1 200 OK\r\n\r\n");
            rest(session, pki);
        }),
        ("encrypts a ChangeCipherSpec", unsettled(), |session, pki| {
            session.seal(CHANGE_CIPHER_SPEC, &[1]);
            rest(session, pki);
        }),
        ("encrypts a record of the type 24", unsettled(), |session, pki| {
            session.seal(24, &[1; 8]);
            rest(session, pki);
        }),
        ("encrypts a record of the type 255", unsettled(), |session, pki| {
            session.seal(255, &[1; 8]);
            rest(session, pki);
        }),
        ("encrypts an alert of one byte", unsettled(), |session, _| {
            session.seal(ALERT, &[2]);
        }),
        ("sends a ChangeCipherSpec twice", healthy(), |session, pki| {
            session.raw(CCS).raw(CCS);
            rest(session, pki);
        }),
        ("sends a ChangeCipherSpec of 100 bytes", unsettled(), |session, pki| {
            session.raw(&record(CHANGE_CIPHER_SPEC, 0x0303, &[1; 100]));
            rest(session, pki);
        }),
        ("sends its certificate as plain text", unsettled(), |session, pki| {
            session.raw(&handshake(&message(CERTIFICATE, &certificates13(&pki.chain))));
        }),
        ("pads each message with 10 KB", healthy(), |session, pki| {
            let extensions = message(ENCRYPTED_EXTENSIONS, &[0, 0]);
            let padding = [&[HANDSHAKE][..], &[0; 10_000]].concat();
            // What is said is in the transcript; what is sealed is not.
            let sent = session.sent.len();
            session.say(&extensions);
            session.sent.truncate(sent);
            session.rewind().seal_padded(&extensions, &padding);
            session.certificate(&pki.chain).verify(&pki.key).finish();
        }),
        ("sends its records in another order", unsettled(), |session, pki| {
            let before = session.sent.len();
            session.extensions();
            let first = session.sent.split_off(before);
            session.certificate(&pki.chain).raw(&first);
        }),
        ("sends a record twice", unsettled(), |session, pki| {
            let before = session.sent.len();
            session.extensions();
            let first = session.sent[before..].to_vec();
            session.raw(&first).certificate(&pki.chain).verify(&pki.key).finish();
        }),
    ]
}

fn certificates() -> Vec<(&'static str, Found, Say)> {
    fn with(session: &mut Session, pki: &Pki, body: &[u8]) {
        session.extensions().say(&message(CERTIFICATE, body)).verify(&pki.key).finish();
    }
    fn no_certificate() -> Found {
        fails(&["no-certificate fails"], 502)
    }
    fn malformed() -> Found {
        fails(&["certificate-malformed fails"], 502)
    }
    fn entry(der: &[u8], extensions: &[u8]) -> Vec<u8> {
        [vec![0], vector(3, &[vector(3, der), vector(2, extensions)].concat())].concat()
    }
    vec![
        ("sends an empty list in TLS 1.3", no_certificate(), |session, pki| {
            with(session, pki, &[0, 0, 0, 0]);
        }),
        ("sends an empty certificate in TLS 1.3", malformed(), |session, pki| {
            with(session, pki, &entry(&[], &[]));
        }),
        ("sends a Certificate message of TLS 1.3 without a body", unsettled(), |session, pki| {
            with(session, pki, &[]);
        }),
        ("sends a list longer than it is in TLS 1.3", too_long(), |session, pki| {
            with(session, pki, &[0, 0xff, 0xff, 0xff, 0, 0, 1, 48, 0, 0]);
        }),
        ("sends a certificate longer than the list in TLS 1.3", unsettled(), |session, pki| {
            with(session, pki, &[0, 0, 0, 5, 0xff, 0xff, 0xff, 0, 0]);
        }),
        ("sends a certificate without extensions", unsettled(), |session, pki| {
            let body = [vec![0], vector(3, &vector(3, &pki.chain[0]))].concat();
            with(session, pki, &body);
        }),
        ("sends a request context with its certificate", unsettled(), |session, pki| {
            let body = [vec![3, 1, 2, 3], certificates13(&pki.chain)[1..].to_vec()].concat();
            with(session, pki, &body);
        }),
        ("sends an unknown extension with its certificate", unsettled(), |session, pki| {
            with(session, pki, &entry(&pki.chain[0], &extension(0x7a7a, &[1])));
        }),
        ("sends SCTs that were not asked for", unsettled(), |session, pki| {
            with(session, pki, &entry(&pki.chain[0], &extension(18, &[0, 2, 0, 0])));
        }),
        ("sends two certificate messages", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).certificate(&pki.chain);
        }),
        ("sends a compressed certificate that was not asked for", unsettled(), |session, _| {
            // Zlib, 16 MiB once it is read.
            let body = [vec![0, 1, 0xff, 0xff, 0xff], vector(3, &[0x78; 2000])].concat();
            session.extensions().say(&message(25, &body));
        }),
        ("sends a Certificate message of 60 KB in TLS 1.3", malformed(), |session, pki| {
            let list = [pki.chain.clone(), vec![vec![0x30; 60_000]]].concat();
            session.extensions().certificate(&list).verify(&pki.key).finish();
        }),
        ("sends a Certificate message of 100 KB in TLS 1.3", too_long(), |session, pki| {
            let list = [pki.chain.clone(), vec![vec![0x30; 100_000]]].concat();
            session.extensions().certificate(&list).verify(&pki.key).finish();
        }),
    ]
}

fn signatures() -> Vec<(&'static str, Found, Say)> {
    fn key_mismatch() -> Found {
        fails(&["key-mismatch fails"], 502)
    }
    vec![
        ("leaves CertificateVerify out", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).finish();
        }),
        ("signs with zeros", key_mismatch(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify_with(0x0403, &[0; 70]).finish();
        }),
        ("signs with nothing", key_mismatch(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify_with(0x0403, &[]).finish();
        }),
        ("signs something else", key_mismatch(), |session, pki| {
            let signature = pki.key.sign(b"something else");
            session.extensions().certificate(&pki.chain).verify_with(0x0403, &signature).finish();
        }),
        ("signs with another key", key_mismatch(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify(&pki.root_key).finish();
        }),
        ("signs under PKCS #1", key_mismatch(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify_with(0x0401, &[5; 256]).finish();
        }),
        ("signs under SHA-1", key_mismatch(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify_with(0x0203, &[5; 70]).finish();
        }),
        ("signs under the scheme 0xffff", violated(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify_with(0xffff, &[5; 70]).finish();
        }),
        ("sends a CertificateVerify without a body", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).say(&message(CERTIFICATE_VERIFY, &[]));
        }),
        ("sends CertificateVerify before its certificate", unsettled(), |session, pki| {
            session.extensions().verify(&pki.key).certificate(&pki.chain);
        }),
        ("ends with a wrong Finished", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify(&pki.key);
            session.say(&message(FINISHED, &[5; 32]));
        }),
        ("ends with an empty Finished", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify(&pki.key);
            session.say(&message(FINISHED, &[]));
        }),
        ("ends before its certificate", unsettled(), |session, _| {
            session.extensions().finish();
        }),
        ("sends a ticket before it ends", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify(&pki.key).say(&ticket());
        }),
        ("updates keys before it ends", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).verify(&pki.key).say(&message(24, &[1]));
        }),
    ]
}

fn ticket() -> Vec<u8> {
    message(
        4,
        &[vec![0, 0, 1, 0], vec![7; 4], vector(1, &[1]), vector(2, &[9; 32]), vec![0, 0]].concat(),
    )
}

/// A request for any certificate that ECDSA with SHA-256 has signed.
fn request() -> Vec<u8> {
    let schemes = extension(13, &vector(2, &[4, 3]));
    message(CERTIFICATE_REQUEST, &[vec![0], vector(2, &schemes)].concat())
}

fn requests() -> Vec<(&'static str, Found, Say)> {
    fn with(session: &mut Session, pki: &Pki, body: &[u8]) {
        session.extensions().say(&message(CERTIFICATE_REQUEST, body));
        session.certificate(&pki.chain).verify(&pki.key).finish();
    }
    vec![
        ("asks for a client certificate without a body", unsettled(), |session, pki| {
            with(session, pki, &[]);
        }),
        ("asks for a client certificate without schemes", unsettled(), |session, pki| {
            with(session, pki, &[0, 0, 0]);
        }),
        ("asks for a client certificate with a context", unsettled(), |session, pki| {
            with(session, pki, &[1, 7, 0, 0]);
        }),
        (
            "asks for a client certificate before EncryptedExtensions",
            unsettled(),
            |session, pki| {
                session.say(&request()).extensions().certificate(&pki.chain);
            },
        ),
        (
            "asks for a client certificate twice in TLS 1.3",
            asked_and_unsettled(),
            |session, pki| {
                session.extensions().say(&request()).say(&request()).certificate(&pki.chain);
            },
        ),
        ("asks for a client certificate after its own", unsettled(), |session, pki| {
            session.extensions().certificate(&pki.chain).say(&request()).verify(&pki.key).finish();
        }),
    ]
}

/// What follows a whole handshake, in which a client certificate was asked for: only then the
/// prober reads on.
fn after_handshake(pki: &Arc<Pki>) -> Vec<Kind> {
    let requested = || may(&["client-certificate-requested may-fail"]);
    let rows: [(&str, Found, Say); 11] = [
        ("nothing", requested(), |_, _| {}),
        ("data", requested(), |session, _| {
            session.seal(DATA, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }),
        ("a thousand tickets", requested(), |session, _| {
            for _ in 0..1000 {
                session.seal(HANDSHAKE, &ticket());
            }
        }),
        ("a hundred updates of keys", asked_and_unsettled(), |session, _| {
            for _ in 0..100 {
                session.seal(HANDSHAKE, &message(24, &[1]));
            }
        }),
        ("a thousand empty records of data", asked_and_unsettled(), |session, _| {
            for _ in 0..1000 {
                session.seal(DATA, &[]);
            }
        }),
        ("another request for a certificate", asked_and_unsettled(), |session, _| {
            session.seal(HANDSHAKE, &request());
        }),
        ("a HelloRequest", asked_and_unsettled(), |session, _| {
            session.seal(HANDSHAKE, &message(0, &[]));
        }),
        ("a message of the type 99", asked_and_unsettled(), |session, _| {
            session.seal(HANDSHAKE, &message(99, &[1; 100]));
        }),
        ("a message that announces 16 MiB", asked_and_unsettled(), |session, _| {
            session.seal(HANDSHAKE, &[4, 0xff, 0xff, 0xff, 0, 0]);
        }),
        ("a record that is not encrypted", asked_and_unsettled(), |session, _| {
            session.raw(&record(HANDSHAKE, 0x0303, &[1; 50]));
        }),
        (
            "an alert about certificates",
            fails(&["client-certificate-required fails"], 502),
            |session, _| {
                session.seal(ALERT, &[2, 116]);
            },
        ),
    ];
    rows.into_iter()
        .map(|(what, expected, say)| {
            let pki = Arc::clone(pki);
            let name = format!("asks for a client certificate and sends {what} afterwards");
            kind(name, expected, move |hello, _| {
                let mut session = Session::begin(hello);
                session.extensions().say(&request());
                session.certificate(&pki.chain).verify(&pki.key).finish();
                say(&mut session, &pki);
                vec![Step::Send(session.sent), Step::Wait]
            })
        })
        .collect()
}
