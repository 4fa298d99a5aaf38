//! Certificates written octet by octet, as no library would make them, with right signatures.
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

/// A key that signs certificates.
pub struct Key {
    pair: EcdsaKeyPair,
    is_repeatable: bool,
}

impl Key {
    pub fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self { pair, is_repeatable: false }
    }

    /// A key whose signatures are wrong, and the same for the same octets: a right one is random.
    pub fn repeatable() -> Self {
        Self { is_repeatable: true, ..Self::new() }
    }

    /// The subject public key info.
    pub fn spki(&self) -> Vec<u8> {
        let algorithm = sequence(&[oid(EC_PUBLIC_KEY), oid(P256)].concat());
        sequence(&[algorithm, bit_string(self.pair.public_key().as_ref())].concat())
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        if self.is_repeatable {
            let signed = [self.pair.public_key().as_ref(), message].concat();
            return digest(&SHA256, &signed).as_ref().to_vec();
        }
        self.pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
}

/// What a certificate says; everything is DER and nothing is checked.
#[derive(Clone)]
pub struct Plan {
    /// Left out, as extensions then are, it is version 1.
    pub version: Vec<u8>,
    pub serial: Vec<u8>,
    pub issuer: Vec<u8>,
    pub not_before: Vec<u8>,
    pub not_after: Vec<u8>,
    pub subject: Vec<u8>,
    pub spki: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
    /// What is inside the signature's algorithm identifier.
    pub signature_algorithm: Vec<u8>,
}

impl Plan {
    /// A certificate of `subject`, issued by `issuer` (common names), valid 2000–2049.
    pub fn new(subject: &str, issuer: &str, key: &Key) -> Self {
        Self {
            version: vec![0xa0, 3, 2, 1, 2],
            serial: vec![1],
            issuer: name(issuer.as_bytes()),
            not_before: utc("000101000000Z"),
            not_after: utc("491231235959Z"),
            subject: name(subject.as_bytes()),
            spki: key.spki(),
            extensions: Vec::new(),
            signature_algorithm: oid(ECDSA_WITH_SHA256),
        }
    }

    /// The same for an authority.
    pub fn authority(subject: &str, issuer: &str, key: &Key) -> Self {
        Self {
            extensions: vec![extension(BASIC_CONSTRAINTS, &sequence(&[1, 1, 0xff]))],
            ..Self::new(subject, issuer, key)
        }
    }

    /// Adds an extension that is not critical.
    pub fn with(mut self, oid: &[u8], value: &[u8]) -> Self {
        self.extensions.push(extension(oid, value));
        self
    }

    /// Adds a critical extension.
    pub fn critical(mut self, id: &[u8], value: &[u8]) -> Self {
        let parts = [oid(id), element(0x01, &[0xff]), element(0x04, value)];
        self.extensions.push(sequence(&parts.concat()));
        self
    }

    /// Adds the key ids of the subject and the issuer.
    pub fn key_ids(self, subject: u8, issuer: u8) -> Self {
        self.with(SUBJECT_KEY_ID, &element(0x04, &[subject; 20]))
            .with(AUTHORITY_KEY_ID, &sequence(&element(0x80, &[issuer; 20])))
    }

    /// Adds a key usage of one octet, with the bits from the left as RFC 5280 numbers them.
    pub fn key_usage(self, octet: u8) -> Self {
        self.critical(KEY_USAGE, &element(0x03, &[0, octet]))
    }

    /// Adds names, each written as a dNSName whatever it is.
    pub fn named(self, names: &[&[u8]]) -> Self {
        let names: Vec<u8> = names.iter().flat_map(|name| element(0x82, name)).collect();
        self.with(SUBJECT_ALT_NAME, &sequence(&names))
    }

    pub fn signed_by(&self, key: &Key) -> Vec<u8> {
        let message = self.message();
        self.signed(&message, &key.sign(&message))
    }

    /// The same with a signature of somebody's own.
    pub fn with_signature(&self, signature: &[u8]) -> Vec<u8> {
        self.signed(&self.message(), signature)
    }

    fn signed(&self, message: &[u8], signature: &[u8]) -> Vec<u8> {
        let algorithm = sequence(&self.signature_algorithm);
        sequence(&[message, &algorithm, &bit_string(signature)].concat())
    }

    fn message(&self) -> Vec<u8> {
        let validity = sequence(&[self.not_before.clone(), self.not_after.clone()].concat());
        let mut content = self.version.clone();
        content.extend(element(0x02, &self.serial));
        content.extend(sequence(&self.signature_algorithm));
        for part in [&self.issuer, &validity, &self.subject, &self.spki] {
            content.extend(part);
        }
        if !self.version.is_empty() {
            content.extend(element(0xa3, &sequence(&self.extensions.concat())));
        }
        sequence(&content)
    }
}

/// A name of one common name.
pub fn name(common_name: &[u8]) -> Vec<u8> {
    let attribute = sequence(&[oid(COMMON_NAME), element(UTF8_STRING, common_name)].concat());
    sequence(&element(SET, &attribute))
}

pub fn utc(time: &str) -> Vec<u8> {
    element(0x17, time.as_bytes())
}

pub fn generalized(time: &str) -> Vec<u8> {
    element(0x18, time.as_bytes())
}

pub fn sequence(content: &[u8]) -> Vec<u8> {
    element(0x30, content)
}

/// A sequence within a sequence, and so on.
pub fn nested(levels: usize) -> Vec<u8> {
    (0..levels).fold(Vec::new(), |inner, _| sequence(&inner))
}

pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        0x100..=0xffff => out.extend([0x82, (length >> 8) as u8, length as u8]),
        _ => out.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[oid(id), element(0x04, value)].concat())
}

pub fn oid(content: &[u8]) -> Vec<u8> {
    element(0x06, content)
}

pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], octets].concat())
}

pub const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
pub const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
pub const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
pub const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
pub const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
pub const AUTHORITY_INFO_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
pub const UNASSIGNED: &[u8] = &[0x2a, 3, 4, 5];
pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
pub const ECDSA_WITH_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const SET: u8 = 0x31;
const UTF8_STRING: u8 = 0x0c;
