//! Certificates written field by field, so that any of them can be odd; the signature is right.

pub(super) use crate::common::forge::{
    AUTHORITY_INFO_ACCESS, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, KEY_USAGE,
    NAME_CONSTRAINTS, SUBJECT_ALT_NAME, SUBJECT_KEY_ID, UNASSIGNED,
};
use crate::common::forge::{bit_string, element, oid, sequence, utc};

use super::DOMAIN;
use super::key::{Key, Shared};

/// What a certificate says; everything is DER and nothing is checked.
#[derive(Clone)]
pub(super) struct Plan {
    /// With its tag; left out it is version 1.
    pub(super) version: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) not_before: Vec<u8>,
    pub(super) not_after: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) key: &'static Shared,
    /// Stands for the key's own.
    pub(super) spki: Option<Vec<u8>>,
    /// Issuer and subject unique identifiers, with their tags.
    pub(super) unique_ids: Vec<u8>,
    pub(super) extensions: Vec<Extension>,
    /// What is inside the signature's algorithm identifier, where it is not the issuer's own.
    pub(super) algorithm: Option<Vec<u8>>,
    /// The same outside the signed part, where the two differ.
    pub(super) outer_algorithm: Option<Vec<u8>>,
}

#[derive(Clone)]
pub(super) struct Extension {
    id: Vec<u8>,
    /// The DER of the flag; left out it is not critical.
    critical: Vec<u8>,
    value: Vec<u8>,
}

impl Plan {
    /// A trust anchor.
    pub(super) fn root(name: &str, key: &'static Shared) -> Self {
        Self::new(name, name, key)
            .with(BASIC_CONSTRAINTS, true, &sequence(TRUE))
            .with(KEY_USAGE, true, &bits(7, 0x06))
            .with(SUBJECT_KEY_ID, false, &element(0x04, &key.id()))
    }

    /// An authority below another.
    pub(super) fn ca(name: &str, key: &'static Shared, issuer: &Self) -> Self {
        Self::root(name, key).below(issuer)
    }

    /// The certificate of a server.
    pub(super) fn leaf(key: &'static Shared, issuer: &Self) -> Self {
        Self::new("leaf", "", key)
            .with(BASIC_CONSTRAINTS, true, &sequence(&[]))
            .with(KEY_USAGE, true, &bits(7, 0x80))
            .with(EXTENDED_KEY_USAGE, false, &sequence(&oid(SERVER_AUTH)))
            .with(SUBJECT_ALT_NAME, false, &sequence(&dns(DOMAIN)))
            .with(SUBJECT_KEY_ID, false, &element(0x04, &key.id()))
            .below(issuer)
    }

    /// The same with a change.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut plan = self.clone();
        change(&mut plan);
        plan
    }

    /// The same, but it has ended.
    pub(super) fn ended(&self) -> Self {
        self.changed(|plan| plan.not_after = utc("290101000000Z"))
    }

    fn new(subject: &str, issuer: &str, key: &'static Shared) -> Self {
        let serial = subject.bytes().take(12);
        Self {
            version: vec![0xa0, 3, 2, 1, 2],
            serial: std::iter::once(0x51).chain(serial).collect(),
            issuer: common_name(issuer),
            not_before: utc("250101000000Z"),
            not_after: utc("350101000000Z"),
            subject: common_name(subject),
            key,
            spki: None,
            unique_ids: Vec::new(),
            extensions: Vec::new(),
            algorithm: None,
            outer_algorithm: None,
        }
    }

    /// Says who issued it and where its issuer can be downloaded, as public authorities do.
    fn below(mut self, issuer: &Self) -> Self {
        let url = element(0x86, b"http://aia.example.com/issuer.der");
        let description = sequence(&[oid(CA_ISSUERS), url].concat());
        let key_id = element(0x80, &issuer.key.id());
        self.issuer.clone_from(&issuer.subject);
        self.with(AUTHORITY_KEY_ID, false, &sequence(&key_id)).with(
            AUTHORITY_INFO_ACCESS,
            false,
            &sequence(&description),
        )
    }

    /// Adds an extension, or puts it in the place of those with its identifier.
    pub(super) fn with(mut self, id: &[u8], critical: bool, value: &[u8]) -> Self {
        self.set(id, critical, value);
        self
    }

    pub(super) fn set(&mut self, id: &[u8], critical: bool, value: &[u8]) {
        let extension = Extension::new(id, critical, value);
        match self.extensions.iter_mut().find(|known| known.id == extension.id) {
            Some(known) => *known = extension,
            None => self.extensions.push(extension),
        }
    }

    /// Adds an extension whatever else has its identifier.
    pub(super) fn append(&mut self, id: &[u8], critical: bool, value: &[u8]) {
        self.extensions.push(Extension::new(id, critical, value));
    }

    pub(super) fn remove(&mut self, id: &[u8]) {
        let id = oid(id);
        self.extensions.retain(|extension| extension.id != id);
    }

    /// Writes the critical flag of an extension as it is given.
    pub(super) fn set_flag(&mut self, id: &[u8], flag: &[u8]) {
        let id = oid(id);
        let extension = self.extensions.iter_mut().find(|extension| extension.id == id).unwrap();
        extension.critical = flag.to_vec();
    }

    pub(super) fn signed_by(&self, issuer: &Key) -> Vec<u8> {
        self.signed_with(issuer, |message| issuer.sign(message))
    }

    /// Puts a signature beside the signed part, whatever it is.
    pub(super) fn signed_with(&self, issuer: &Key, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let message = self.message(issuer);
        let inner = self.algorithm.clone().unwrap_or_else(|| issuer.algorithm());
        let outer = self.outer_algorithm.clone().unwrap_or(inner);
        sequence(&[&message[..], &sequence(&outer), &bit_string(&sign(&message))].concat())
    }

    /// Returns the part that is signed.
    pub(super) fn message(&self, issuer: &Key) -> Vec<u8> {
        let algorithm = self.algorithm.clone().unwrap_or_else(|| issuer.algorithm());
        let validity = sequence(&[self.not_before.clone(), self.not_after.clone()].concat());
        let mut content = [
            self.version.clone(),
            element(0x02, &self.serial),
            sequence(&algorithm),
            self.issuer.clone(),
            validity,
            self.subject.clone(),
            self.spki.clone().unwrap_or_else(|| self.key.spki()),
            self.unique_ids.clone(),
        ]
        .concat();
        if !self.extensions.is_empty() {
            let extensions: Vec<u8> = self.extensions.iter().flat_map(Extension::der).collect();
            content.extend(element(0xa3, &sequence(&extensions)));
        }
        sequence(&content)
    }
}

impl Extension {
    fn new(id: &[u8], critical: bool, value: &[u8]) -> Self {
        let critical = if critical { TRUE.to_vec() } else { Vec::new() };
        Self { id: oid(id), critical, value: value.to_vec() }
    }

    fn der(&self) -> Vec<u8> {
        let value = element(0x04, &self.value);
        sequence(&[&self.id[..], &self.critical, &value].concat())
    }
}

/// Returns a name of one common name, a UTF8String.
pub(super) fn common_name(text: &str) -> Vec<u8> {
    name(&[(COMMON_NAME, UTF8_STRING, text.as_bytes())])
}

/// Returns a name of attributes: the type, the tag of the value, the value.
pub(super) fn name(attributes: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let sets = attributes.iter().filter(|(_, _, value)| !value.is_empty()).flat_map(attribute);
    sequence(&sets.collect::<Vec<u8>>())
}

/// Returns an attribute in a set of its own.
pub(super) fn attribute((id, tag, value): &(&[u8], u8, &[u8])) -> Vec<u8> {
    element(SET, &sequence(&[oid(id), element(*tag, value)].concat()))
}

/// Returns a dNSName.
pub(super) fn dns(name: &str) -> Vec<u8> {
    element(0x82, name.as_bytes())
}

/// Returns a BIT STRING of one octet, of which the last `unused` bits do not count.
pub(super) fn bits(unused: u8, octet: u8) -> Vec<u8> {
    let significant = u8::try_from(octet.trailing_zeros().min(7)).unwrap().min(unused);
    element(0x03, &[significant, octet])
}

/// The boolean TRUE.
pub(super) const TRUE: &[u8] = &[1, 1, 0xff];

pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const T61_STRING: u8 = 0x14;
pub(super) const IA5_STRING: u8 = 0x16;
pub(super) const UNIVERSAL_STRING: u8 = 0x1c;
pub(super) const BMP_STRING: u8 = 0x1e;
pub(super) const SET: u8 = 0x31;

pub(super) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub(super) const SERIAL_NUMBER: &[u8] = &[0x55, 4, 5];
pub(super) const COUNTRY: &[u8] = &[0x55, 4, 6];
pub(super) const ORGANIZATION: &[u8] = &[0x55, 4, 10];
pub(super) const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

pub(super) const ISSUER_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x12];
pub(super) const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 0x1f];
pub(super) const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
pub(super) const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 0x21];
pub(super) const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x24];
pub(super) const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x36];
pub(super) const TLS_FEATURE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 0x18];
pub(super) const NETSCAPE_CERT_TYPE: &[u8] = &[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 1];
pub(super) const NETSCAPE_COMMENT: &[u8] = &[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 13];
pub(super) const CT_POISON: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 3];

pub(super) const CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 2];
pub(super) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(super) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
pub(super) const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
pub(super) const OCSP_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 9];
pub(super) const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0];
pub(super) const NETSCAPE_SGC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 4, 1];
pub(super) const MICROSOFT_SGC: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x0a, 3, 3];
