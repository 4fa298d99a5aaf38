//! The facts of an anchor's own certificate. Verifiers that follow RFC 5280 §6.1.1 look at its name
//! and key alone; AWS's library looks at the rest, too.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::certificate::Certificate;
use super::certificate::instant;
use super::certificate::serial;
use super::certificate::sha256;
use super::distinguished_name::NameForm;
use super::irregularity::Irregularity;
use super::key::KeyAlgorithm;
use super::profile::IssuerIds;
use super::profile::KeyUsage;
use super::profile::Profile;

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
    /// Has the CA flag, or is of a version that has none.
    pub(super) is_ca: bool,
    /// Whether all that AWS's library reads of it can be read, by that library, too.
    pub(super) is_readable: bool,
    pub(super) has_unknown_critical_extension: bool,
}

impl AnchorCertificate {
    /// Reads one; `None` if the bytes are not a certificate.
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

    /// Returns whether `certificate` identifies this one as its issuer, its name left aside.
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
