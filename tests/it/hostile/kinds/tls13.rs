//! Flights of TLS 1.3 with a message that is wrong, under the right keys.

use super::super::tls13::{
    CERTIFICATE, CERTIFICATE_VERIFY, ENCRYPTED_EXTENSIONS, FINISHED, Session,
};
use super::super::wire::{
    ALERT, CCS, CERTIFICATE_REQUEST, CHANGE_CIPHER_SPEC, DATA, HANDSHAKE, certificates13,
    extension, handshake, message, record, vector,
};
use super::{
    Found, Kinds, asked_and_unsettled, fails, healthy, keep, key_mismatch, malformed, may,
    no_certificate, send, too_long, unsettled, violated,
};

/// What a server says after its ServerHello.
type Say = for<'s, 'p> fn(&'s mut Session<'p>) -> &'s mut Session<'p>;

type Rows = Vec<(&'static str, Found, Say)>;

pub(super) fn add(kinds: &mut Kinds) {
    for rows in [encrypted_extensions(), records(), certificates(), signatures(), requests()] {
        for (name, expected, say) in rows {
            kinds.add(name, expected, move |pki, hello| {
                send(&say(&mut Session::begin(pki, hello)).sent)
            });
        }
    }
    after_handshake(kinds);
}

fn encrypted_extensions() -> Rows {
    fn with<'s, 'p>(tls: &'s mut Session<'p>, body: &[u8]) -> &'s mut Session<'p> {
        tls.say(&message(ENCRYPTED_EXTENSIONS, body)).certificate().verify().finish()
    }
    fn of(code: u16, content: &[u8]) -> Vec<u8> {
        vector(2, &extension(code, content))
    }
    vec![
        ("leaves EncryptedExtensions out", unsettled(), |tls| tls.certificate().verify().finish()),
        ("sends EncryptedExtensions twice", unsettled(), |tls| tls.extensions().flight()),
        ("sends EncryptedExtensions without a body", unsettled(), |tls| with(tls, &[])),
        ("sends EncryptedExtensions whose length lies", unsettled(), |tls| {
            with(tls, &[0xff, 0xff, 0, 0])
        }),
        ("sends an extension that was not asked for", unsettled(), |tls| {
            with(tls, &of(16, &[0, 3, 2, b'h', b'2']))
        }),
        ("sends an unknown extension", unsettled(), |tls| with(tls, &of(0x7a7a, &[]))),
        ("sends a key share among EncryptedExtensions", unsettled(), |tls| {
            with(tls, &of(51, &[0, 29]))
        }),
        ("accepts early data that was not sent", unsettled(), |tls| with(tls, &of(42, &[]))),
        ("sends 60 KB of EncryptedExtensions", unsettled(), |tls| {
            with(tls, &of(0x7a7a, &[0; 60_000]))
        }),
        ("sends the same extension a thousand times", unsettled(), |tls| {
            with(tls, &vector(2, &extension(10, &[0, 2, 0, 29]).repeat(1000)))
        }),
    ]
}

fn records() -> Rows {
    fn plain(content_type: u8, content: &[u8]) -> Vec<u8> {
        record(content_type, 0x0303, content)
    }
    vec![
        ("sends a record under a wrong key", unsettled(), |tls| tls.raw(&plain(DATA, &[5; 100]))),
        ("sends a record shorter than a tag", unsettled(), |tls| tls.raw(&plain(DATA, &[5; 8]))),
        ("sends an empty record of data", unsettled(), |tls| tls.raw(&plain(DATA, &[]))),
        ("sends a record of nothing but padding", unsettled(), |tls| {
            tls.seal_padded(&[0; 100], &[]).flight()
        }),
        ("sends a record without content and type", unsettled(), |tls| {
            tls.seal_padded(&[], &[]).flight()
        }),
        ("sends an empty encrypted handshake record", healthy(), |tls| {
            tls.seal(HANDSHAKE, &[]).flight()
        }),
        ("sends a thousand empty encrypted handshake records", unsettled(), |tls| {
            tls.seal_often(1000, HANDSHAKE, &[]).flight()
        }),
        ("sends data before its certificate", unsettled(), |tls| {
            tls.seal(DATA, b"HTTP/1.1 200 OK\r\n\r\n").flight()
        }),
        ("encrypts a ChangeCipherSpec", unsettled(), |tls| {
            tls.seal(CHANGE_CIPHER_SPEC, &[1]).flight()
        }),
        ("encrypts a record of the type 24", unsettled(), |tls| tls.seal(24, &[1; 8]).flight()),
        ("encrypts a record of the type 255", unsettled(), |tls| tls.seal(255, &[1; 8]).flight()),
        ("encrypts an alert of one byte", unsettled(), |tls| tls.seal(ALERT, &[2])),
        ("sends a ChangeCipherSpec twice", healthy(), |tls| tls.raw(CCS).raw(CCS).flight()),
        ("sends a ChangeCipherSpec of 100 bytes", unsettled(), |tls| {
            tls.raw(&plain(CHANGE_CIPHER_SPEC, &[1; 100])).flight()
        }),
        ("sends its certificate as plain text", unsettled(), |tls| {
            tls.raw(&handshake(&message(CERTIFICATE, &certificates13(&tls.pki.chain))))
        }),
        ("pads each message with 10 KB", healthy(), |tls| {
            let extensions = message(ENCRYPTED_EXTENSIONS, &[0, 0]);
            let padding = [&[HANDSHAKE][..], &[0; 10_000]].concat();
            // What is said is in the transcript; what is sealed is not.
            let sent = tls.sent.len();
            tls.say(&extensions).sent.truncate(sent);
            tls.rewind().seal_padded(&extensions, &padding).certificate().verify().finish()
        }),
        ("sends its records in another order", unsettled(), |tls| {
            let before = tls.sent.len();
            let first = tls.extensions().sent.split_off(before);
            tls.certificate().raw(&first)
        }),
        ("sends a record twice", unsettled(), |tls| {
            let before = tls.sent.len();
            let first = tls.extensions().sent[before..].to_vec();
            tls.raw(&first).certificate().verify().finish()
        }),
    ]
}

fn certificates() -> Rows {
    fn with<'s, 'p>(tls: &'s mut Session<'p>, body: &[u8]) -> &'s mut Session<'p> {
        tls.extensions().say(&message(CERTIFICATE, body)).verify().finish()
    }
    fn entry(der: &[u8], extensions: &[u8]) -> Vec<u8> {
        [vec![0], vector(3, &[vector(3, der), vector(2, extensions)].concat())].concat()
    }
    fn behind<'s, 'p>(tls: &'s mut Session<'p>, size: usize) -> &'s mut Session<'p> {
        let body = certificates13(&[tls.pki.chain[0].clone(), vec![0x30; size]]);
        with(tls, &body)
    }
    vec![
        ("sends an empty list in TLS 1.3", no_certificate(), |tls| with(tls, &[0, 0, 0, 0])),
        ("sends an empty certificate in TLS 1.3", malformed(), |tls| with(tls, &entry(&[], &[]))),
        ("sends a Certificate message of TLS 1.3 without a body", unsettled(), |tls| {
            with(tls, &[])
        }),
        ("sends a list longer than it is in TLS 1.3", too_long(), |tls| {
            with(tls, &[0, 0xff, 0xff, 0xff, 0, 0, 1, 48, 0, 0])
        }),
        ("sends a certificate longer than the list in TLS 1.3", unsettled(), |tls| {
            with(tls, &[0, 0, 0, 5, 0xff, 0xff, 0xff, 0, 0])
        }),
        ("sends a certificate without extensions", unsettled(), |tls| {
            with(tls, &[vec![0], vector(3, &vector(3, &tls.pki.chain[0]))].concat())
        }),
        ("sends a request context with its certificate", unsettled(), |tls| {
            with(tls, &[&[3, 1, 2, 3], &certificates13(&tls.pki.chain)[1..]].concat())
        }),
        ("sends an unknown extension with its certificate", unsettled(), |tls| {
            with(tls, &entry(&tls.pki.chain[0], &extension(0x7a7a, &[1])))
        }),
        ("sends SCTs that were not asked for", unsettled(), |tls| {
            with(tls, &entry(&tls.pki.chain[0], &extension(18, &[0, 2, 0, 0])))
        }),
        ("sends two certificate messages", unsettled(), |tls| {
            tls.extensions().certificate().certificate()
        }),
        ("sends a compressed certificate that was not asked for", unsettled(), |tls| {
            // Zlib, 16 MiB once it is read.
            let body = [vec![0, 1, 0xff, 0xff, 0xff], vector(3, &[0x78; 2000])].concat();
            tls.extensions().say(&message(25, &body))
        }),
        ("sends a Certificate message of 60 KB in TLS 1.3", malformed(), |tls| behind(tls, 60_000)),
        ("sends a Certificate message of 100 KB in TLS 1.3", too_long(), |tls| {
            behind(tls, 100_000)
        }),
    ]
}

fn signatures() -> Rows {
    fn with<'s, 'p>(
        tls: &'s mut Session<'p>,
        scheme: u16,
        signature: &[u8],
    ) -> &'s mut Session<'p> {
        tls.extensions().certificate().verify_with(scheme, signature).finish()
    }
    vec![
        ("leaves CertificateVerify out", unsettled(), |tls| {
            tls.extensions().certificate().finish()
        }),
        ("signs with zeros", key_mismatch(), |tls| with(tls, 0x0403, &[0; 70])),
        ("signs with nothing", key_mismatch(), |tls| with(tls, 0x0403, &[])),
        ("signs something else", key_mismatch(), |tls| {
            with(tls, 0x0403, &tls.pki.key.sign(b"something else"))
        }),
        ("signs with another key", key_mismatch(), |tls| {
            let stranger = &tls.pki.root_key;
            tls.extensions().certificate().verify_by(stranger).finish()
        }),
        ("signs under PKCS #1", key_mismatch(), |tls| with(tls, 0x0401, &[5; 256])),
        ("signs under SHA-1", key_mismatch(), |tls| with(tls, 0x0203, &[5; 70])),
        ("signs under the scheme 0xffff", violated(), |tls| with(tls, 0xffff, &[5; 70])),
        ("sends a CertificateVerify without a body", unsettled(), |tls| {
            tls.extensions().certificate().say(&message(CERTIFICATE_VERIFY, &[]))
        }),
        ("sends CertificateVerify before its certificate", unsettled(), |tls| {
            tls.extensions().verify().certificate()
        }),
        ("ends with a wrong Finished", unsettled(), |tls| {
            tls.extensions().certificate().verify().say(&message(FINISHED, &[5; 32]))
        }),
        ("ends with an empty Finished", unsettled(), |tls| {
            tls.extensions().certificate().verify().say(&message(FINISHED, &[]))
        }),
        ("ends before its certificate", unsettled(), |tls| tls.extensions().finish()),
        ("sends a ticket before it ends", unsettled(), |tls| {
            tls.extensions().certificate().verify().say(&ticket())
        }),
        ("updates keys before it ends", unsettled(), |tls| {
            tls.extensions().certificate().verify().say(&message(24, &[1]))
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

fn requests() -> Rows {
    fn with<'s, 'p>(tls: &'s mut Session<'p>, body: &[u8]) -> &'s mut Session<'p> {
        tls.extensions().say(&message(CERTIFICATE_REQUEST, body)).certificate().verify().finish()
    }
    vec![
        ("asks for a client certificate without a body", unsettled(), |tls| with(tls, &[])),
        ("asks for a client certificate without schemes", unsettled(), |tls| with(tls, &[0, 0, 0])),
        ("asks for a client certificate with a context", unsettled(), |tls| {
            with(tls, &[1, 7, 0, 0])
        }),
        ("asks for a client certificate before EncryptedExtensions", unsettled(), |tls| {
            tls.say(&request()).extensions().certificate()
        }),
        ("asks for a client certificate twice in TLS 1.3", asked_and_unsettled(), |tls| {
            tls.extensions().say(&request()).say(&request()).certificate()
        }),
        ("asks for a client certificate after its own", unsettled(), |tls| {
            tls.extensions().certificate().say(&request()).verify().finish()
        }),
    ]
}

/// What follows a whole handshake, in which a client certificate was asked for: only then the
/// prober reads on.
fn after_handshake(kinds: &mut Kinds) {
    let requested = || may("client-certificate-requested may-fail");
    let required = fails("client-certificate-required fails");
    let rows: [(&str, Found, Say); 11] = [
        ("nothing", requested(), |tls| tls),
        ("data", requested(), |tls| tls.seal(DATA, b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        ("a thousand tickets", requested(), |tls| tls.seal_often(1000, HANDSHAKE, &ticket())),
        ("a hundred updates of keys", asked_and_unsettled(), |tls| {
            tls.seal_often(100, HANDSHAKE, &message(24, &[1]))
        }),
        ("a thousand empty records of data", asked_and_unsettled(), |tls| {
            tls.seal_often(1000, DATA, &[])
        }),
        ("another request for a certificate", asked_and_unsettled(), |tls| {
            tls.seal(HANDSHAKE, &request())
        }),
        ("a HelloRequest", asked_and_unsettled(), |tls| tls.seal(HANDSHAKE, &message(0, &[]))),
        ("a message of the type 99", asked_and_unsettled(), |tls| {
            tls.seal(HANDSHAKE, &message(99, &[1; 100]))
        }),
        ("a message that announces 16 MiB", asked_and_unsettled(), |tls| {
            tls.seal(HANDSHAKE, &[4, 0xff, 0xff, 0xff, 0, 0])
        }),
        ("a record that is not encrypted", asked_and_unsettled(), |tls| {
            tls.raw(&record(HANDSHAKE, 0x0303, &[1; 50]))
        }),
        ("an alert about certificates", required, |tls| tls.seal(ALERT, &[2, 116])),
    ];
    for (what, expected, say) in rows {
        let name = format!("asks for a client certificate and sends {what} afterwards");
        kinds.add(name, expected, move |pki, hello| {
            let mut session = Session::begin(pki, hello);
            session.extensions().say(&request()).certificate().verify().finish();
            keep(say(&mut session).sent.clone())
        });
    }
}
