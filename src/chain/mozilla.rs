//! Which copy of Mozilla's list is compiled in, and until when its roots are valid.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::certificate::instant;
use super::certificate::sha256;

/// The release of `webpki-roots` that is compiled in.
pub const MOZILLA_VERSION: &str = "1.0.10";

/// The day on which this release was taken into this program.
pub const MOZILLA_DATE: &str = "2026-11-23";

/// Returns until when the root with this subject and this subject public key info, each in DER,
/// is valid; `None` for a root that is not on the list.
///
/// An anchor as verifiers keep it has no dates: those come from the roots' own certificates.
pub(super) fn not_after(subject: &[u8], spki: &[u8]) -> Option<Timestamp> {
    ENDS.get(&sha256(&[subject, spki].concat())).copied()
}

/// The end of each root by the digest of its subject and key; read once, in half a millisecond.
static ENDS: LazyLock<HashMap<[u8; 32], Timestamp>> = LazyLock::new(|| {
    TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, root)| {
            let key = [root.subject().as_raw(), root.public_key().raw].concat();
            (sha256(&key), instant(root.validity().not_after.timestamp()))
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::chain::TrustAnchors;

    use super::MOZILLA_DATE;
    use super::MOZILLA_VERSION;

    #[test]
    fn the_version_is_that_of_the_lock_file() {
        let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
        let entry = format!("name = \"webpki-roots\"\nversion = \"{MOZILLA_VERSION}\"\n");
        assert!(lock.contains(&entry), "Cargo.lock has another version than {MOZILLA_VERSION}");
        assert!(MOZILLA_DATE.parse::<jiff::civil::Date>().is_ok());
    }

    #[test]
    fn nearly_every_root_has_an_end() {
        // Two emSign roots are in the one crate and not in the other.
        let (with, all) = TrustAnchors::mozilla().with_an_end();
        assert!(all - with <= 2, "{with} of {all}");
    }
}
