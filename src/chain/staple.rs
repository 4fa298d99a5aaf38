//! The end entity's status in a stapled OCSP response (RFC 6960 §4.2), and whether a certificate
//! requires one (RFC 7633).

use jiff::Timestamp;
use x509_parser::asn1_rs::{Any, Class, FromDer, GeneralizedTime};
use x509_parser::certificate::X509Certificate;

use super::der;

/// The status of one certificate in a stapled OCSP response.
///
/// The response's own signature is not checked, because at most a notice depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StapledStatus {
    Good,
    Revoked {
        at: Timestamp,
    },
    /// The responder does not know the certificate.
    Unknown,
    /// The response contains only other certificates.
    OfAnother,
    /// The bytes are not a successful OCSP response.
    Unreadable,
}

/// Returns the status of the certificate with this serial number in `staple`, an OCSP response in
/// DER.
pub(super) fn status_of(serial: &str, staple: &[u8]) -> StapledStatus {
    let Some(responses) = single_responses(staple) else { return StapledStatus::Unreadable };
    let of_this = Elements(responses)
        .map(|response| response.data)
        .find(|response| serial_of(response).is_some_and(|one| *one == *serial));
    match of_this {
        None => StapledStatus::OfAnother,
        Some(response) => status(response).unwrap_or(StapledStatus::Unreadable),
    }
}

/// Returns whether a certificate requires its status in every handshake: "must-staple", the TLS
/// feature `status_request` (RFC 7633 §4).
pub(super) fn is_demanded_by(certificate: &X509Certificate<'_>) -> bool {
    certificate
        .extensions()
        .iter()
        .filter(|extension| extension.oid.as_bytes() == TLS_FEATURE)
        .filter_map(|extension| element(extension.value))
        .flat_map(|features| Elements(features.data))
        .any(|feature| STATUS_REQUESTS.contains(&feature.data))
}

/// Returns the content of the list of single responses.
fn single_responses(staple: &[u8]) -> Option<&[u8]> {
    // OCSPResponse: the status, 0 for success, then the bytes with their type.
    let mut response = Elements(element(staple)?.data);
    if response.next()?.data != [0] {
        return None;
    }
    let mut bytes = Elements(element(response.next()?.data)?.data);
    let (_kind, basic) = (bytes.next()?, bytes.next()?);
    let data = element(element(basic.data)?.data)?;
    // ResponseData: a version that is usually omitted, the responder, the time, the list.
    let is_version = |part: &Any<'_>| is_tagged(part, 0);
    let mut parts = Elements(data.data).skip_while(is_version);
    let (_responder, _produced_at) = (parts.next()?, parts.next()?);
    Some(parts.next()?.data)
}

/// Returns the serial number of a single response's certificate.
fn serial_of(response: &[u8]) -> Option<Box<str>> {
    // CertID: the hash algorithm, the hashes of the issuer's name and key, and the serial number.
    Some(der::serial(Elements(element(response)?.data).nth(3)?.data))
}

fn status(response: &[u8]) -> Option<StapledStatus> {
    let status = Elements(response).nth(1)?;
    if is_tagged(&status, 0) {
        Some(StapledStatus::Good)
    } else if is_tagged(&status, 1) {
        let (_, at) = GeneralizedTime::from_der(status.data).ok()?;
        let at = at.utc_datetime().ok()?.unix_timestamp();
        Some(StapledStatus::Revoked { at: Timestamp::from_second(at).ok()? })
    } else if is_tagged(&status, 2) {
        Some(StapledStatus::Unknown)
    } else {
        None
    }
}

fn is_tagged(element: &Any<'_>, tag: u32) -> bool {
    element.class() == Class::ContextSpecific && element.tag().0 == tag
}

fn element(der: &[u8]) -> Option<Any<'_>> {
    Elements(der).next()
}

/// Consecutive elements; ends at the first invalid one.
#[derive(Clone, Copy)]
struct Elements<'a>(&'a [u8]);

impl<'a> Iterator for Elements<'a> {
    type Item = Any<'a>;

    fn next(&mut self) -> Option<Any<'a>> {
        let (rest, element) = Any::from_der(self.0).ok()?;
        self.0 = rest;
        Some(element)
    }
}

/// id-pe-tlsfeature, 1.3.6.1.5.5.7.1.24 (RFC 7633 §4.1).
const TLS_FEATURE: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18];

/// `status_request` and `status_request_v2` (RFC 6066 §8, RFC 6961 §2.2).
const STATUS_REQUESTS: [&[u8]; 2] = [&[5], &[17]];
