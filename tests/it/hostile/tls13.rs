//! A server's side of TLS 1.3, far enough to encrypt whatever it likes (RFC 8446 §7.1).

use aws_lc_rs::{aead, agreement, digest, hkdf, hmac};

use super::kinds::Pki;
use super::wire::{DATA, HANDSHAKE, Hello, ServerHello, certificates13, message, record, vector};
use crate::common::forge::Key;

/// The groups of the two hellos that the prober sends are X25519 and P-256 (RFC 8446 §4.2.7).
const X25519: u16 = 29;

pub(crate) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(crate) const CERTIFICATE: u8 = 11;
pub(crate) const CERTIFICATE_VERIFY: u8 = 15;
pub(crate) const FINISHED: u8 = 20;

/// One connection after its ServerHello: TLS_AES_128_GCM_SHA256 and the client's group.
pub(crate) struct Session<'a> {
    /// The ServerHello in its record, and what was sent after it.
    pub(crate) sent: Vec<u8>,
    transcript: Vec<u8>,
    handshake_secret: Vec<u8>,
    traffic_secret: Vec<u8>,
    sequence: u64,
    pub(crate) pki: &'a Pki,
}

impl<'a> Session<'a> {
    /// Answers a hello that offers TLS 1.3; any other one gets a ServerHello all the same.
    pub(crate) fn begin(pki: &'a Pki, hello: &Hello) -> Self {
        let algorithm = match hello.group {
            X25519 => &agreement::X25519,
            _ => &agreement::ECDH_P256,
        };
        // Always the same one, so that a server sends the same to the same hello.
        let own = agreement::PrivateKey::from_private_key(algorithm, &[5; 32]).unwrap();
        let public = own.compute_public_key().unwrap();
        let server_hello = ServerHello::of_tls13(hello, public.as_ref()).message();
        let peer = agreement::UnparsedPublicKey::new(algorithm, &hello.key_share);
        let shared: Vec<u8> = agreement::agree(&own, peer, (), |shared| Ok(shared.to_vec()))
            .unwrap_or_else(|()| vec![1; 32]);
        let transcript = [hello.message.as_slice(), &server_hello].concat();
        let early = extract(&[0; 32], &[0; 32]);
        let handshake_secret = extract(&derive(&early, b"derived", &[]), &shared);
        let traffic_secret = derive(&handshake_secret, b"s hs traffic", &transcript);
        let sent = record(HANDSHAKE, 0x0303, &server_hello);
        Self { sent, transcript, handshake_secret, traffic_secret, sequence: 0, pki }
    }

    /// Sends handshake messages in encrypted records.
    pub(crate) fn say(&mut self, messages: &[u8]) -> &mut Self {
        self.transcript.extend(messages);
        for part in messages.chunks(1 << 14) {
            self.seal(HANDSHAKE, part);
        }
        self
    }

    /// Sends a record of any content type.
    pub(crate) fn seal(&mut self, content_type: u8, content: &[u8]) -> &mut Self {
        self.seal_padded(content, &[content_type])
    }

    pub(crate) fn seal_often(
        &mut self,
        times: usize,
        content_type: u8,
        content: &[u8],
    ) -> &mut Self {
        for _ in 0..times {
            self.seal(content_type, content);
        }
        self
    }

    /// Sends a record with any end: type and padding.
    pub(crate) fn seal_padded(&mut self, content: &[u8], end: &[u8]) -> &mut Self {
        let key = expand(&self.traffic_secret, b"key", &[], 16);
        let mut nonce = expand(&self.traffic_secret, b"iv", &[], 12);
        for (octet, number) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *octet ^= number;
        }
        self.sequence += 1;
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap());
        let mut sealed = [content, end].concat();
        let length = u16::try_from(sealed.len() + 16).unwrap().to_be_bytes();
        let header = [DATA, 3, 3, length[0], length[1]];
        let nonce = aead::Nonce::try_assume_unique_for_key(&nonce).unwrap();
        key.seal_in_place_append_tag(nonce, aead::Aad::from(header), &mut sealed).unwrap();
        self.raw(&header).raw(&sealed)
    }

    /// Gives the next record the number of the last one again.
    pub(crate) fn rewind(&mut self) -> &mut Self {
        self.sequence -= 1;
        self
    }

    /// Sends bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.sent.extend(bytes);
        self
    }

    pub(crate) fn extensions(&mut self) -> &mut Self {
        self.say(&message(ENCRYPTED_EXTENSIONS, &[0, 0]))
    }

    /// Sends the right chain.
    pub(crate) fn certificate(&mut self) -> &mut Self {
        self.certificates(&self.pki.chain)
    }

    pub(crate) fn certificates(&mut self, list: &[Vec<u8>]) -> &mut Self {
        self.say(&message(CERTIFICATE, &certificates13(list)))
    }

    /// Signs what was said so far, as ECDSA with SHA-256, with the right key.
    pub(crate) fn verify(&mut self) -> &mut Self {
        self.verify_by(&self.pki.key)
    }

    pub(crate) fn verify_by(&mut self, key: &Key) -> &mut Self {
        let context = [&[b' '; 64], b"TLS 1.3, server CertificateVerify\0".as_slice()].concat();
        let signature = key.sign(&[context.as_slice(), &hash(&self.transcript)].concat());
        self.verify_with(0x0403, &signature)
    }

    pub(crate) fn verify_with(&mut self, scheme: u16, signature: &[u8]) -> &mut Self {
        let body = [&scheme.to_be_bytes(), vector(2, signature).as_slice()].concat();
        self.say(&message(CERTIFICATE_VERIFY, &body))
    }

    /// Ends the handshake; what is sent after it has the keys of application data.
    pub(crate) fn finish(&mut self) -> &mut Self {
        let finished_key = expand(&self.traffic_secret, b"finished", &[], 32);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &finished_key);
        let tag = hmac::sign(&key, &hash(&self.transcript));
        self.say(&message(FINISHED, tag.as_ref()));
        let main = extract(&derive(&self.handshake_secret, b"derived", &[]), &[0; 32]);
        self.traffic_secret = derive(&main, b"s ap traffic", &self.transcript);
        self.sequence = 0;
        self
    }

    /// Sends everything that a flight needs.
    pub(crate) fn flight(&mut self) -> &mut Self {
        self.extensions().certificate().verify().finish()
    }
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// HKDF-Extract (RFC 5869 §2.2).
fn extract(salt: &[u8], secret: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), secret).as_ref().to_vec()
}

fn derive(secret: &[u8], label: &[u8], transcript: &[u8]) -> Vec<u8> {
    expand(secret, label, &hash(transcript), 32)
}

/// HKDF-Expand-Label.
fn expand(secret: &[u8], label: &[u8], context: &[u8], length: usize) -> Vec<u8> {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let size = u16::try_from(length).unwrap().to_be_bytes();
    let label = vector(1, &[b"tls13 ", label].concat());
    let context = vector(1, context);
    let info = [size.as_slice(), &label, &context];
    let mut out = vec![0; length];
    let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret);
    prk.expand(&info, Length(length)).unwrap().fill(&mut out).unwrap();
    out
}
