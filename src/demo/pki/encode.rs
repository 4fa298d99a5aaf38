//! Encodes the parts of a certificate that rcgen leaves to its caller: dates and CA Issuers.

use std::time::Duration;

use rcgen::{CertificateParams, CustomExtension};

use super::{DemoError, Window};

/// Sets the validity in the parameters, to the second.
pub(super) fn set_window(
    params: &mut CertificateParams,
    window: Window,
    name: &str,
) -> Result<(), DemoError> {
    // rcgen uses the date type of another crate. Its helper creates one without naming the crate.
    let year_one = rcgen::date_time_ymd(1, 1, 1);
    for (field, instant) in
        [(&mut params.not_before, window.not_before), (&mut params.not_after, window.not_after)]
    {
        let seconds = u64::try_from(instant.as_second() + SECONDS_FROM_YEAR_ONE)
            .map_err(|_| DemoError::Instant { name: name.to_owned(), instant })?;
        *field = year_one + Duration::from_secs(seconds);
    }
    Ok(())
}

/// Returns the Authority Information Access extension with one CA Issuers URL
/// (RFC 5280 §4.2.2.1).
pub(super) fn ca_issuers(url: &str) -> CustomExtension {
    let mut description = CA_ISSUERS_OID.to_vec();
    description.extend(der(UNIFORM_RESOURCE_IDENTIFIER, url.as_bytes()));
    let content = der(SEQUENCE, &der(SEQUENCE, &description));
    CustomExtension::from_oid_content(AUTHORITY_INFORMATION_ACCESS, content)
}

/// Returns the URL where a public authority of that name would publish its certificate.
pub(super) fn public_address(name: &str) -> String {
    let file: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    format!("http://aia.demo-authority.example/{file}.der")
}

/// From 0001-01-01 to 1970-01-01, both at midnight UTC.
const SECONDS_FROM_YEAR_ONE: i64 = 62_135_596_800;

/// id-pe-authorityInfoAccess (RFC 5280 §4.2.2.1).
const AUTHORITY_INFORMATION_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];

/// id-ad-caIssuers, 1.3.6.1.5.5.7.48.2, as a whole DER element (RFC 5280 §4.2.2.1).
const CA_ISSUERS_OID: [u8; 10] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];

/// The tag of SEQUENCE (X.690 §8.9).
const SEQUENCE: u8 = 0x30;

/// The tag of `uniformResourceIdentifier` in a GeneralName (RFC 5280 §4.2.1.6).
const UNIFORM_RESOURCE_IDENTIFIER: u8 = 0x86;

/// Returns one DER element with a definite length (X.690 §10.1).
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|&&byte| byte == 0).count()..];
    let mut element = vec![tag];
    match *significant {
        [] => element.push(0),
        [short @ 0..=0x7f] => element.push(short),
        ref long => {
            let size = u8::try_from(long.len()).expect("a length has at most eight bytes");
            element.push(0x80 | size);
            element.extend(long);
        }
    }
    element.extend(content);
    element
}
