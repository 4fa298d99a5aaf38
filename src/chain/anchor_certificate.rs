//! The facts of a trust anchor's own certificate. Verifiers that follow RFC 5280 §6.1.1 use only
//! its name and key; s2n-tls also checks the rest.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::certificate::{Certificate, instant};
use super::der::{serial, sha256};
use super::distinguished_name::NameForm;
use super::irregularity::Irregularity;
use super::keeping::Validity;
use super::key::KeyAlgorithm;
use super::profile::{IssuerIds, KeyUsage, Profile};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AnchorCertificate {
    /// SHA-256 of the DER.
    pub(super) sha256: [u8; 32],
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    key_id: Option<Box<[u8]>>,
    serial: Box<str>,
    issuer: NameForm,
    key_usage: Option<KeyUsage>,
    /// Has the CA flag, or has a version without one.
    pub(super) is_ca: bool,
    /// Whether both this program and s2n-tls can read every part that s2n-tls uses.
    pub(super) is_readable: bool,
    pub(super) has_unknown_critical_extension: bool,
}

impl AnchorCertificate {
    /// Parses a certificate; `None` if the bytes are not one.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let profile = Profile::read(&parsed);
        let issuer = NameForm::of(parsed.issuer());
        let key = KeyAlgorithm::of(parsed.public_key());
        let is_readable = !profile.has_malformed_extension
            && !profile.has_repeated_extension
            && Irregularity::find(der, &parsed, &key).is_none();
        let is_old = profile.version == 1 && issuer == NameForm::of(parsed.subject());
        Some(Self {
            sha256: sha256(der),
            not_before: instant(parsed.validity().not_before.timestamp()),
            not_after: instant(parsed.validity().not_after.timestamp()),
            serial: serial(parsed.raw_serial()),
            issuer,
            key_usage: profile.key_usage,
            is_ca: parsed.is_ca() || is_old,
            is_readable,
            has_unknown_critical_extension: profile.has_unknown_critical_extension,
            key_id: profile.subject_key_id,
        })
    }

    pub(super) fn validity(&self) -> Validity {
        Validity { not_before: self.not_before, not_after: self.not_after }
    }

    /// Returns whether `certificate` identifies this one as its issuer, apart from the name.
    pub(super) fn is_identified_by(&self, certificate: &Certificate) -> bool {
        let authority = &certificate.profile.authority_key;
        authority.fits_key_id(self.key_id.as_deref())
            && authority.fits_serial_and_issuer(self.ids())
    }

    pub(super) fn has_key_id(&self, id: &[u8]) -> bool {
        self.key_id.as_deref() == Some(id)
    }

    pub(super) fn may_sign_certificates(&self) -> bool {
        self.key_usage.is_none_or(KeyUsage::may_sign_certificates)
    }

    fn ids(&self) -> IssuerIds<'_> {
        let key_id = self.key_id.as_deref();
        IssuerIds { key_id, serial: &self.serial, issuer: self.issuer }
    }
}
