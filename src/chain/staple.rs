//! The end entity's status in a stapled OCSP response (RFC 6960 §4.2), and whether a certificate
//! requires one (RFC 7633).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use x509_parser::asn1_rs::{FromDer, GeneralizedTime};
use x509_parser::certificate::X509Certificate;

use super::der;
use super::der::elements;

/// The status of one certificate in a stapled OCSP response.
///
/// The response's own signature is not checked, because at most a notice depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StapledStatus {
    Good,
    Revoked {
        #[serde(with = "jiff::fmt::serde::timestamp::nanosecond::required")]
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
    let of_this = elements(responses)
        .map(|(_, response)| response)
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
        .filter_map(|extension| first(extension.value))
        .flat_map(elements)
        .any(|(_, feature)| STATUS_REQUESTS.contains(&feature))
}

/// Returns the content of the list of single responses.
fn single_responses(staple: &[u8]) -> Option<&[u8]> {
    // OCSPResponse: the status, 0 for success, then the bytes with their type.
    let mut response = elements(first(staple)?);
    let (_, [0]) = response.next()? else { return None };
    let (_, basic) = elements(first(response.next()?.1)?).nth(1)?;
    let data = first(first(basic)?)?;
    // ResponseData: a version that is usually omitted, the responder, the time, the list.
    let is_version = |(tag, _): &(u8, &[u8])| context_tag(*tag) == Some(0);
    Some(elements(data).skip_while(is_version).nth(2)?.1)
}

/// Returns the serial number of a single response's certificate.
fn serial_of(response: &[u8]) -> Option<Box<str>> {
    // CertID: the hash algorithm, the hashes of the issuer's name and key, and the serial number.
    Some(der::serial(elements(first(response)?).nth(3)?.1))
}

fn status(response: &[u8]) -> Option<StapledStatus> {
    let (tag, content) = elements(response).nth(1)?;
    match context_tag(tag)? {
        0 => Some(StapledStatus::Good),
        1 => {
            let (_, at) = GeneralizedTime::from_der(content).ok()?;
            let at = at.utc_datetime().ok()?.unix_timestamp();
            Some(StapledStatus::Revoked { at: Timestamp::from_second(at).ok()? })
        }
        2 => Some(StapledStatus::Unknown),
        _ => None,
    }
}

/// Returns the number of a context-specific tag.
fn context_tag(tag: u8) -> Option<u8> {
    (tag & 0xc0 == 0x80).then_some(tag & 0x1f)
}

/// Returns the content of the first element.
fn first(der: &[u8]) -> Option<&[u8]> {
    elements(der).next().map(|(_, content)| content)
}

/// id-pe-tlsfeature, 1.3.6.1.5.5.7.1.24 (RFC 7633 §4.1).
const TLS_FEATURE: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18];

/// `status_request` and `status_request_v2` (RFC 6066 §8, RFC 6961 §2.2).
const STATUS_REQUESTS: [&[u8]; 2] = [&[5], &[17]];
