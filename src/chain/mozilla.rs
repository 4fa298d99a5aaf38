//! The compiled-in version of Mozilla's CA list, and the certificates of its roots.

use std::collections::HashMap;
use std::sync::LazyLock;

use webpki_root_certs::TLS_SERVER_ROOT_CERTS;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::anchor_certificate::AnchorCertificate;
use super::der::sha256;

/// The release of `webpki-roots` that is compiled in.
pub const MOZILLA_VERSION: &str = "1.0.10";

/// The day on which this release was added to this program.
pub const MOZILLA_DATE: &str = "2026-11-23";

/// Returns the certificate of the root with this subject and this subject public key info, both in
/// DER; `None` for a root that is not on the list.
///
/// An anchor as verifiers store it has no dates and no key id, so those come from here.
pub(super) fn certificate(subject: &[u8], spki: &[u8]) -> Option<&'static AnchorCertificate> {
    CERTIFICATES.get(&sha256(&[subject, spki].concat()))
}

/// The certificate of each root, by the digest of its subject and key; parsed once, in a
/// millisecond.
static CERTIFICATES: LazyLock<HashMap<[u8; 32], AnchorCertificate>> = LazyLock::new(|| {
    TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| {
            let (_, root) = X509Certificate::from_der(der).ok()?;
            let key = [root.subject().as_raw(), root.public_key().raw].concat();
            Some((sha256(&key), AnchorCertificate::read(der)?))
        })
        .collect()
});

#[cfg(test)]
mod tests {
    #[test]
    fn no_root_has_what_an_anchor_is_refused_for() {
        for root in super::CERTIFICATES.values() {
            assert!(root.is_readable && root.is_ca && root.may_sign_certificates(), "{root:?}");
            assert!(!root.has_unknown_critical_extension, "{root:?}");
        }
    }
}
