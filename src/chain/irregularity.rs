//! Certificates that not every library accepts: either this program reads them and s2n-tls does
//! not, or s2n-tls is more tolerant (AWS-LC, `crypto/x509/x_x509.c`, `crypto/asn1/tasn_dec.c`).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ParsedPublicKey,
};
use thiserror::Error;
use x509_parser::asn1_rs::Any;
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::X509Name;

use super::der;
use super::distinguished_name::string;
use super::key::{Curve, KeyAlgorithm};

/// How a certificate deviates from the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Irregularity {
    /// A version other than 1, 2 and 3, or fields that its version does not allow (RFC 5280
    /// §4.1.2.1, §4.1.2.8, §4.1.2.9).
    #[error("its version is invalid or does not allow all of its fields")]
    Version,
    /// A serial number that is not the shortest form of an integer (X.690 §8.3).
    #[error("its serial number is not a valid integer encoding")]
    SerialNumber,
    /// A date with a time zone, without seconds or with fractions of a second (RFC 5280 §4.1.2.5).
    #[error("one of its dates is not in the format that RFC 5280 requires")]
    Time,
    /// A name with a value that does not match its string type or is not a string, or a name that
    /// does not consist of attributes.
    #[error("one of its names has a value that does not match its type")]
    Name,
    /// A public key that is not a point on its curve.
    #[error("its public key is not a point on its curve")]
    Key,
    /// Bytes after the certificate.
    #[error("{count} bytes follow the certificate")]
    TrailingBytes { count: usize },
}

impl Irregularity {
    /// Returns the first deviation from the standard in a parsed certificate.
    pub(super) fn find(
        der: &[u8],
        certificate: &X509Certificate<'_>,
        key: &KeyAlgorithm,
    ) -> Option<Self> {
        let is_time_odd = || !der::validity(der).is_some_and(has_plain_times);
        let has_odd_name =
            || [certificate.subject(), certificate.issuer()].into_iter().any(has_odd_value);
        if !has_fields_of_its_version(certificate) {
            Some(Self::Version)
        } else if !is_shortest(certificate.raw_serial()) {
            Some(Self::SerialNumber)
        } else if is_time_odd() {
            Some(Self::Time)
        } else if has_odd_name() {
            Some(Self::Name)
        } else {
            let bits = &certificate.public_key().subject_public_key.data;
            (!is_on_curve(key, bits)).then_some(Self::Key)
        }
    }
}

fn has_fields_of_its_version(certificate: &X509Certificate<'_>) -> bool {
    let has_unique_id = certificate.issuer_uid.is_some() || certificate.subject_uid.is_some();
    match certificate.version().0 {
        VERSION_3 => true,
        VERSION_2 => certificate.extensions().is_empty(),
        VERSION_1 => certificate.extensions().is_empty() && !has_unique_id,
        _ => false,
    }
}

fn is_shortest(integer: &[u8]) -> bool {
    match integer {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// Returns whether both times of a validity end with whole seconds and a `Z`.
fn has_plain_times(validity: &[u8]) -> bool {
    let Some((not_before, rest)) = der::time(validity) else { return false };
    let Some((not_after, _)) = der::time(rest) else { return false };
    [not_before, not_after].into_iter().all(|text| {
        matches!(text.len(), UTC_TIME | GENERALIZED_TIME)
            && text.split_last().is_some_and(|(last, digits)| {
                *last == b'Z' && digits.iter().all(u8::is_ascii_digit)
            })
    })
}

fn has_odd_value(name: &X509Name<'_>) -> bool {
    !is_made_of_sets(name)
        || name.iter_attributes().any(|attribute| !is_plain_value(attribute.attr_value()))
}

/// Returns whether a name consists only of sets of attributes. The parser ignores everything from
/// the first other element on.
fn is_made_of_sets(name: &X509Name<'_>) -> bool {
    let Some((_, sets)) = der::elements(name.as_raw()).next() else { return false };
    der::elements(sets).all(|(tag, set)| {
        tag == der::SET && der::elements(set).all(|(tag, _)| tag == der::SEQUENCE)
    })
}

/// Returns whether s2n-tls reads a value and can compare it.
fn is_plain_value(value: &Any<'_>) -> bool {
    match value.tag().0 {
        // UTF8String, UniversalString and BMPString.
        12 | 28 | 30 => string(value).is_some_and(|text| !text.chars().any(is_not_a_character)),
        // PrintableString, TeletexString and IA5String are read as Latin-1, whatever they contain.
        19 | 20 | 22 => true,
        // BIT STRING, SEQUENCE, NumericString, and types unknown to s2n-tls.
        3 | 7..=11 | 13..=16 | 18 | 29 => true,
        _ => false,
    }
}

/// Returns whether a code point is permanently reserved (Unicode §23.7).
fn is_not_a_character(c: char) -> bool {
    let code = u32::from(c);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

/// Returns false for an uncompressed point that is not on the named curve.
fn is_on_curve(key: &KeyAlgorithm, bits: &[u8]) -> bool {
    let algorithm = match key {
        KeyAlgorithm::Ec(Curve::P256) => &ECDSA_P256_SHA256_ASN1,
        KeyAlgorithm::Ec(Curve::P384) => &ECDSA_P384_SHA384_ASN1,
        KeyAlgorithm::Ec(Curve::P521) => &ECDSA_P521_SHA512_ASN1,
        _ => return true,
    };
    bits.first() != Some(&UNCOMPRESSED) || ParsedPublicKey::new(algorithm, bits).is_ok()
}

/// The encoded version numbers (RFC 5280 §4.1.2.1).
const VERSION_1: u32 = 0;
const VERSION_2: u32 = 1;
const VERSION_3: u32 = 2;

/// The lengths of `YYMMDDHHMMSSZ` and `YYYYMMDDHHMMSSZ`.
const UTC_TIME: usize = 13;
const GENERALIZED_TIME: usize = 15;

/// The first octet of a point with both coordinates (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

#[cfg(test)]
mod tests {
    use super::{has_plain_times, is_on_curve, is_shortest};
    use crate::chain::key::{Curve, KeyAlgorithm};

    #[test]
    fn a_serial_number_has_no_octet_too_many() {
        for (octets, is_plain) in [
            (&[0][..], true),
            (&[0, 0x80], true),
            (&[0xff, 0x7f], true),
            (&[0x7f; 100], true),
            (&[], false),
            (&[0, 1], false),
            (&[0xff, 0x80], false),
        ] {
            assert_eq!(is_shortest(octets), is_plain, "{octets:?}");
        }
    }

    #[test]
    fn a_time_ends_with_whole_seconds_and_a_z() {
        let time = |tag: u8, text: &str| {
            [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
        };
        let good = time(0x17, "250101000000Z");
        for (tag, text, is_plain) in [
            (0x17, "491231235959Z", true),
            (0x18, "20500101000000Z", true),
            (0x17, "4912312359Z", false),
            (0x17, "491231235959+0100", false),
            (0x17, "491231235959", false),
            (0x18, "20500101000000.5Z", false),
            (0x0c, "491231235959Z", false),
        ] {
            let validity = [good.clone(), time(tag, text)].concat();
            assert_eq!(has_plain_times(&validity), is_plain, "{text}");
        }
    }

    #[test]
    fn a_point_is_on_its_curve_or_in_a_form_that_is_not_checked() {
        let (curve, mut point) = (KeyAlgorithm::Ec(Curve::P256), [0; 65]);
        assert!(is_on_curve(&curve, &point));
        point[0] = 4;
        assert!(!is_on_curve(&curve, &point));
        assert!(!is_on_curve(&curve, &[4; 66]));
        assert!(is_on_curve(&KeyAlgorithm::Ed25519, &[4; 32]));
    }
}
