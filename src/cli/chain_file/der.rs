//! Recognizes DER files by their structure, and reads PKCS #7 bundles (RFC 2315 §9.1).

use x509_parser::asn1_rs::{Any, Class, FromBer, Tag};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::content::Content;
use super::error::Fault;

/// The content of a DER file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DerObject<'a> {
    /// Structured like a certificate; the rules decide whether it is a valid one.
    Certificate(&'a [u8]),
    /// The certificates of a PKCS #7 bundle, in the order found.
    Bundle(Vec<&'a [u8]>),
    Other(Content),
    /// Not a complete SEQUENCE.
    Nothing,
}

/// Recognizes one DER object.
///
/// # Errors
/// When other bytes follow a certificate, or a bundle is invalid.
pub(super) fn read(bytes: &[u8]) -> Result<DerObject<'_>, Fault> {
    let Some((outer, rest)) = element(bytes).filter(|(outer, _)| outer.is(Tag::Sequence)) else {
        return Ok(DerObject::Nothing);
    };
    let parts: Vec<Tag> =
        outer.parts().take(4).take_while(Element::is_universal).map(|part| part.tag()).collect();
    let content = match parts.as_slice() {
        // RFC 5280 §4.1, §5.1 and RFC 2986 §4.2 share this structure.
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => match signed(outer.whole) {
            Content::Certificate if rest.is_empty() => {
                return Ok(DerObject::Certificate(outer.whole));
            }
            Content::Certificate => return Err(Fault::TrailingBytes { count: rest.len() }),
            other => other,
        },
        [Tag::Oid, ..] => return bundle(&outer).map(DerObject::Bundle),
        // RFC 7292 §4, and RFC 5958 §2, RFC 8017 §A.1.2, RFC 5915 §3.
        [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence]
            if has_version(&outer, PKCS12_VERSION) =>
        {
            Content::Keystore
        }
        [Tag::Integer, Tag::Sequence | Tag::Integer | Tag::OctetString, ..] => Content::PrivateKey,
        // RFC 5958 §3.
        [Tag::Sequence, Tag::OctetString] => Content::EncryptedPrivateKey,
        [Tag::Sequence, Tag::BitString] => Content::PublicKey,
        _ => return Ok(DerObject::Nothing),
    };
    Ok(DerObject::Other(content))
}

/// Returns the length of the first element in bytes; all bytes if it cannot be read.
pub(super) fn first_length(bytes: &[u8]) -> usize {
    element(bytes).map_or(bytes.len(), |(first, _)| first.whole.len())
}

/// Distinguishes signed objects. Requests and revocation lists count only if they can be parsed;
/// anything else is a certificate, possibly malformed.
fn signed(whole: &[u8]) -> Content {
    if X509CertificationRequest::from_der(whole).is_ok() {
        Content::CertificateRequest
    } else if CertificateRevocationList::from_der(whole).is_ok() {
        Content::RevocationList
    } else {
        Content::Certificate
    }
}

fn has_version(outer: &Element<'_>, version: u8) -> bool {
    outer.parts().next().is_some_and(|first| first.any.data == [version])
}

/// Returns the certificates of a ContentInfo that holds SignedData.
fn bundle<'a>(outer: &Element<'a>) -> Result<Vec<&'a [u8]>, Fault> {
    let broken = |detail: &str| Fault::BrokenBundle { detail: detail.to_owned() };
    let mut info = outer.parts();
    if info.next().is_none_or(|oid| oid.any.data != SIGNED_DATA) {
        return Err(broken("it does not contain signed data"));
    }
    let signed = info
        .next()
        .filter(|content| content.is_context(0))
        .and_then(|content| content.parts().next())
        .filter(|signed| signed.is(Tag::Sequence))
        .ok_or_else(|| broken("its content is missing"))?;
    // The certificates are the fourth field and the first tagged one.
    let Some(certificates) = signed.parts().find(|field| field.is_context(0)) else {
        return Ok(Vec::new());
    };
    let certificates: Vec<Element<'_>> = certificates.parts().collect();
    if certificates.iter().any(|certificate| !certificate.is(Tag::Sequence)) {
        return Err(broken("its certificate list contains other data"));
    }
    Ok(certificates.iter().map(|certificate| certificate.whole).collect())
}

/// One element with its header.
struct Element<'a> {
    any: Any<'a>,
    whole: &'a [u8],
}

impl<'a> Element<'a> {
    fn tag(&self) -> Tag {
        self.any.tag()
    }

    fn is_universal(&self) -> bool {
        self.any.class() == Class::Universal
    }

    fn is(&self, tag: Tag) -> bool {
        self.is_universal() && self.tag() == tag
    }

    fn is_context(&self, number: u32) -> bool {
        self.any.class() == Class::ContextSpecific && self.tag() == Tag(number)
    }

    /// Returns the child elements up to the first that cannot be read.
    fn parts(&self) -> impl Iterator<Item = Self> + use<'a> {
        let mut rest = self.any.data;
        std::iter::from_fn(move || {
            let (part, after) = element(rest)?;
            rest = after;
            Some(part)
        })
    }
}

/// Reads one element and returns it with the remaining bytes. Accepts BER as well as DER, because
/// streamed bundles are BER.
fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (rest, any) = Any::from_ber(bytes).ok()?;
    let whole = &bytes[..bytes.len() - rest.len()];
    Some((Element { any, whole }, rest))
}

/// id-signedData, 1.2.840.113549.1.7.2 (RFC 2315 §14).
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// The version of every PFX (RFC 7292 §4).
const PKCS12_VERSION: u8 = 3;
