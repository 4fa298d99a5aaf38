//! The outer DER structure of certificates and keys (RFC 5280 §4.1), and digests of them.

use aws_lc_rs::digest;

/// The signed part of a certificate, and the signature.
pub(super) struct Signed<'a> {
    /// The `tbsCertificate` with its header.
    pub(super) message: &'a [u8],
    /// The content of the `signatureAlgorithm`.
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

/// A public key, without its interpretation.
pub(super) struct Key<'a> {
    /// The content of the `AlgorithmIdentifier`.
    pub(super) algorithm: &'a [u8],
    pub(super) bits: &'a [u8],
}

/// Splits a certificate; `None` if the bytes are not one.
pub(super) fn signed(certificate: &[u8]) -> Option<Signed<'_>> {
    let outer = element(certificate, SEQUENCE)?;
    let tbs = element(outer.content, SEQUENCE)?;
    let algorithm = element(tbs.rest, SEQUENCE)?;
    let signature = bits(algorithm.rest)?;
    Some(Signed { message: tbs.whole, algorithm: algorithm.content, signature })
}

/// Returns the subject public key info of a certificate; `None` if the bytes do not begin with a
/// certificate.
pub(super) fn spki(certificate: &[u8]) -> Option<&[u8]> {
    signed(certificate)?;
    let subject = element(validity_and_rest(certificate)?.rest, SEQUENCE)?;
    Some(element(subject.rest, SEQUENCE)?.whole)
}

/// Returns the content of a certificate's validity.
pub(super) fn validity(certificate: &[u8]) -> Option<&[u8]> {
    Some(validity_and_rest(certificate)?.content)
}

/// Returns the text of the UTCTime or GeneralizedTime at the start of `input`, and the rest.
pub(super) fn time(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let time = element(input, UTC_TIME).or_else(|| element(input, GENERALIZED_TIME))?;
    Some((time.content, time.rest))
}

fn validity_and_rest(certificate: &[u8]) -> Option<Element<'_>> {
    let outer = element(certificate, SEQUENCE)?;
    let tbs = element(outer.content, SEQUENCE)?;
    // Version 1 is omitted (RFC 5280 §4.1.2.1).
    let serial = element(tbs.content, VERSION).map_or(tbs.content, |version| version.rest);
    let signature = element(element(serial, INTEGER)?.rest, SEQUENCE)?;
    let issuer = element(signature.rest, SEQUENCE)?;
    element(issuer.rest, SEQUENCE)
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Digests the parts with their lengths, so that no two lists have the same digest input.
pub fn digest_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a serial number in lower-case hex, without a leading sign octet.
pub(super) fn serial(raw: &[u8]) -> Box<str> {
    let significant = match raw {
        [0, rest @ ..] if !rest.is_empty() => rest,
        _ => raw,
    };
    hex(&significant[..significant.len().min(64)]).into()
}

/// Splits a subject public key info; `None` if the bytes are not one.
pub(super) fn key(spki: &[u8]) -> Option<Key<'_>> {
    let outer = element(spki, SEQUENCE)?;
    let algorithm = element(outer.content, SEQUENCE)?;
    Some(Key { algorithm: algorithm.content, bits: bits(algorithm.rest)? })
}

/// Returns whether the bytes are exactly one element of any kind.
pub(super) fn is_one_element(bytes: &[u8]) -> bool {
    let tag = bytes.first().copied();
    tag.and_then(|tag| element(bytes, tag)).is_some_and(|element| element.rest.is_empty())
}

/// Returns consecutive elements, each as its tag and content; ends at the first octets that are not
/// an element.
pub(super) fn elements(input: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = input;
    std::iter::from_fn(move || {
        let tag = *rest.first()?;
        let element = element(rest, tag)?;
        rest = element.rest;
        Some((tag, element.content))
    })
}

struct Element<'a> {
    whole: &'a [u8],
    content: &'a [u8],
    rest: &'a [u8],
}

/// Returns the whole octets of the bit string at the start of `input`.
fn bits(input: &[u8]) -> Option<&[u8]> {
    match element(input, BIT_STRING)?.content {
        [0, octets @ ..] => Some(octets),
        _ => None,
    }
}

/// Parses one element of definite length (X.690 §8.1.3).
fn element(input: &[u8], tag: u8) -> Option<Element<'_>> {
    let (header, length) = match input {
        [first, length @ 0..=0x7f, ..] if *first == tag => (2, usize::from(*length)),
        [first, form @ 0x81..=0x84, ..] if *first == tag => {
            let octets = input.get(2..2 + usize::from(form & 0x7f))?;
            let length = octets.iter().fold(0, |length, o| length << 8 | usize::from(*o));
            (2 + octets.len(), length)
        }
        _ => return None,
    };
    let end = header.checked_add(length)?;
    Some(Element {
        whole: input.get(..end)?,
        content: input.get(header..end)?,
        rest: input.get(end..)?,
    })
}

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0] EXPLICIT`.
const VERSION: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use super::{SEQUENCE, element};

    #[test]
    fn an_element_is_as_long_as_it_says_or_none() {
        let long = [&[0x30, 0x81, 0x80][..], &[7; 128], &[9]].concat();
        for (input, parts) in [
            (&[0x30, 1, 5, 6][..], Some((1, 1))),
            (&[0x30, 0], Some((0, 0))),
            (&long, Some((128, 1))),
            (&[0x30, 2, 5], None),
            (&[0x31, 0], None),
            (&[0x30, 0x80, 0, 0], None),
            (&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], None),
            (&[0x30, 0x85, 0, 0, 0, 0, 1, 1], None),
            (&[0x30], None),
            (&[], None),
        ] {
            let found = element(input, SEQUENCE).map(|e| (e.content.len(), e.rest.len()));
            assert_eq!(found, parts, "{input:?}");
        }
    }
}
