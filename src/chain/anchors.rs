//! The trust anchors in use: Mozilla's, which CloudFront uses, and those that the operator adds.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use thiserror::Error;
use x509_parser::asn1_rs::{Sequence, ToDer};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::anchor_certificate::AnchorCertificate;
use super::certificate::Certificate;
use super::der::sha256;
use super::distinguished_name::{DistinguishedName, NameForm, organization};
use super::keeping::Validity;
use super::mozilla;

/// A set of trust anchors, indexed by subject.
#[derive(Clone, Default)]
pub struct TrustAnchors {
    anchors: Vec<Known>,
    /// Positions in `anchors` by subject.
    by_subject: HashMap<NameForm, Vec<usize>>,
    /// The position of one anchor of each organization.
    by_organization: HashMap<Box<str>, usize>,
    mozilla: usize,
}

impl TrustAnchors {
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns Mozilla's anchors for servers, as compiled in by `webpki-roots`.
    pub fn mozilla() -> Self {
        let mut all = Self::none();
        for anchor in webpki_roots::TLS_SERVER_ROOTS {
            let certificate = mozilla::certificate(
                &sequence(anchor.subject.as_ref()),
                &sequence(anchor.subject_public_key_info.as_ref()),
            );
            all.add(anchor.clone(), certificate.cloned());
        }
        all.mozilla = all.anchors.len();
        all
    }

    /// Adds every certificate of a PEM file; `path` is only for errors.
    ///
    /// # Errors
    /// If the file contains no certificate, or one that cannot be a trust anchor.
    pub fn add_pem(&mut self, path: &Path, text: &[u8]) -> Result<(), TrustAnchorError> {
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(text) {
            count += 1;
            let certificate = certificate.map_err(|error| error.to_string());
            certificate.and_then(|der| self.add_der(&der)).map_err(|detail| {
                TrustAnchorError::Malformed { path: path.into(), number: count, detail }
            })?;
        }
        if count == 0 {
            return Err(TrustAnchorError::Empty { path: path.into() });
        }
        Ok(())
    }

    /// Adds one certificate in DER.
    ///
    /// # Errors
    /// Why the certificate cannot be a trust anchor.
    pub fn add_der(&mut self, der: &CertificateDer<'_>) -> Result<(), String> {
        let anchor = webpki::anchor_from_trusted_cert(der).map_err(|error| error.to_string())?;
        match self.add(anchor.to_owned(), AnchorCertificate::read(der)) {
            true => Ok(()),
            false => Err("its subject is unreadable".to_owned()),
        }
    }

    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Returns how many of them are Mozilla's.
    pub fn mozilla_count(&self) -> usize {
        self.mozilla
    }

    /// Returns a digest of all subjects, keys, constraints and certificates. Two sets with the same
    /// id give the same results.
    pub fn id(&self) -> [u8; 32] {
        let mut anchors: Vec<[u8; 32]> = self
            .anchors
            .iter()
            .map(|Known { anchor, certificates, .. }| {
                let constraints = anchor.name_constraints.as_deref().unwrap_or_default();
                let parts = [&*anchor.subject, &*anchor.subject_public_key_info, constraints];
                let mut own: Vec<[u8; 32]> = certificates.iter().map(|own| own.sha256).collect();
                own.sort_unstable();
                sha256(&[parts.map(sha256).concat(), own.concat()].concat())
            })
            .collect();
        anchors.sort_unstable();
        sha256(&anchors.concat())
    }

    /// Returns the anchors whose subject is `name`.
    pub(super) fn named(&self, name: &DistinguishedName) -> impl Iterator<Item = Anchor<'_>> {
        let places = self.by_subject.get(&name.form()).into_iter().flatten();
        places.filter_map(|place| self.at(*place))
    }

    /// Returns the anchor at a position of the set.
    pub(super) fn at(&self, place: usize) -> Option<Anchor<'_>> {
        self.anchors.get(place).map(|known| Anchor { known, place })
    }

    /// Returns whether `certificate` is an anchor's own: self-signed, with its name and its key.
    pub(super) fn has_own(&self, certificate: &Certificate) -> bool {
        certificate.is_self_signed
            && self.named(&certificate.subject).any(|anchor| anchor.spki() == certificate.spki())
    }

    /// Returns the name of an anchor of an organization, which is given in lower case.
    pub(super) fn of_organization(&self, organization: &str) -> Option<Box<str>> {
        let place = self.by_organization.get(organization)?;
        self.at(*place).map(|anchor| anchor.name())
    }

    /// Adds an anchor, unless it is in the set: an operator's file may contain one of Mozilla's.
    /// Returns whether its name could be read.
    fn add(
        &mut self,
        anchor: TrustAnchor<'static>,
        certificate: Option<AnchorCertificate>,
    ) -> bool {
        let subject = sequence(anchor.subject.as_ref());
        let Ok((_, name)) = X509Name::from_der(&subject) else { return false };
        let subject = DistinguishedName::new(&name);
        let namesakes = self.by_subject.entry(subject.form()).or_default();
        let same = namesakes
            .iter()
            .copied()
            .find(|place| self.anchors.get(*place).is_some_and(|known| known.anchor == anchor));
        if let Some(known) = same.and_then(|place| self.anchors.get_mut(place)) {
            let is_new = |one: &AnchorCertificate| !known.certificates.contains(one);
            known.certificates.extend(certificate.filter(is_new));
            known.fitting = OnceLock::new();
            return true;
        }
        let place = self.anchors.len();
        namesakes.push(place);
        if let Some(organization) = organization(&name) {
            self.by_organization.entry(organization).or_insert(place);
        }
        let certificates = Vec::from_iter(certificate);
        self.anchors.push(Known { anchor, subject, certificates, fitting: OnceLock::new() });
        true
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustAnchors({}, {} of them Mozilla's)", self.len(), self.mozilla)
    }
}

/// A stored anchor.
#[derive(Clone)]
struct Known {
    anchor: TrustAnchor<'static>,
    subject: DistinguishedName,
    /// Its own certificates: none if only name and key are known, several if it was renewed.
    certificates: Vec<AnchorCertificate>,
    /// Shared by the chains in which it fits.
    fitting: OnceLock<Arc<FittingAnchor>>,
}

/// One anchor of a set.
#[derive(Clone, Copy)]
pub(super) struct Anchor<'a> {
    known: &'a Known,
    /// Its position in the set.
    pub(super) place: usize,
}

impl<'a> Anchor<'a> {
    /// Returns the subject in printable form.
    pub(super) fn name(&self) -> Box<str> {
        self.known.subject.as_str().into()
    }

    /// Returns what the first-fit search needs to know of it.
    pub(super) fn as_fitting(&self) -> Arc<FittingAnchor> {
        let fitting = self.known.fitting.get_or_init(|| {
            let own = self.known.certificates.iter();
            let valid = own.map(AnchorCertificate::validity).collect();
            Arc::new(FittingAnchor { place: self.place, name: self.name(), valid })
        });
        Arc::clone(fitting)
    }

    /// Returns the key as a subject public key info in DER.
    pub(super) fn spki(&self) -> Vec<u8> {
        sequence(self.known.anchor.subject_public_key_info.as_ref())
    }

    /// Returns whether `certificate` has the anchor's name and key.
    pub(super) fn is_own(&self, certificate: &Certificate) -> bool {
        certificate.subject.matches(&self.known.subject) && self.spki() == certificate.spki()
    }

    /// Returns its name constraints in DER, if it has any.
    pub(super) fn name_constraints(&self) -> Option<Vec<u8>> {
        self.known.anchor.name_constraints.as_deref().map(sequence)
    }

    pub(super) fn certificates(&self) -> &'a [AnchorCertificate] {
        &self.known.certificates
    }

    /// Returns the start of its own certificate's validity, if known.
    pub(super) fn not_before(&self) -> Option<Timestamp> {
        self.known.certificates.iter().map(|own| own.not_before).min()
    }

    /// Returns the end of its own certificate's validity, if known.
    pub(super) fn not_after(&self) -> Option<Timestamp> {
        self.known.certificates.iter().map(|own| own.not_after).max()
    }

    /// Returns whether this anchor seems to have issued `certificate`, judging by names, key ids
    /// and key usage, but not by signatures.
    pub(super) fn seems_to_issue(&self, certificate: &Certificate) -> bool {
        let certificates = &self.known.certificates;
        certificate.issuer.matches_by_ascii(&self.known.subject)
            && (certificates.is_empty()
                || certificates.iter().any(|own| {
                    own.is_readable
                        && own.is_identified_by(certificate)
                        && own.may_sign_certificates()
                }))
    }
}

/// The facts of a trust anchor that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FittingAnchor {
    /// Its position among the trust anchors.
    pub(super) place: usize,
    pub(super) name: Box<str>,
    /// The validity of each of its own certificates; empty if no dates are known.
    pub(super) valid: Vec<Validity>,
}

impl FittingAnchor {
    pub(super) fn is_in_time(&self, at: Timestamp) -> bool {
        self.valid.is_empty() || self.valid.iter().any(|valid| valid.contains(at))
    }
}

/// Why a file provides no trust anchors.
#[derive(Debug, Error)]
pub enum TrustAnchorError {
    #[error("{}: no PEM certificate found; the file must contain a `BEGIN CERTIFICATE` block", path.display())]
    Empty { path: PathBuf },
    #[error("{}: certificate {number} cannot be a trust anchor: {detail}", path.display())]
    Malformed { path: PathBuf, number: usize, detail: String },
}

/// Wraps content in a SEQUENCE (X.690 §8.1), which a trust anchor does not keep.
pub(super) fn sequence(content: &[u8]) -> Vec<u8> {
    // Writing to memory cannot fail.
    Sequence::new(content.into()).to_der_vec().unwrap_or_default()
}
