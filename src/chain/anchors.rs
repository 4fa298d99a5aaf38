//! The trust anchors in use: Mozilla's, as CloudFront's are, and what the operator adds.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::TrustAnchor;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::certificate::Certificate;
use super::certificate::DistinguishedName;
use super::certificate::sha256;
use super::mozilla;

/// A set of trust anchors, found by subject.
#[derive(Clone, Default)]
pub struct TrustAnchors {
    anchors: Vec<TrustAnchor<'static>>,
    /// Until when each is valid by its own certificate, where that is known.
    ends: Vec<Option<Timestamp>>,
    /// Positions in `anchors` by subject, DER with its outer SEQUENCE.
    by_subject: HashMap<Box<[u8]>, Vec<usize>>,
    mozilla: usize,
}

impl TrustAnchors {
    /// Returns no anchors at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns Mozilla's anchors for servers, as compiled in by `webpki-roots`.
    pub fn mozilla() -> Self {
        let mut all = Self::none();
        for anchor in webpki_roots::TLS_SERVER_ROOTS {
            let not_after = mozilla::not_after(
                &sequence(anchor.subject.as_ref()),
                &sequence(anchor.subject_public_key_info.as_ref()),
            );
            all.add(anchor.clone(), not_after);
        }
        all.mozilla = all.anchors.len();
        all
    }

    /// Adds every certificate of a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read, holds no certificate, or holds one that is no trust anchor.
    pub fn add_pem_file(&mut self, path: &Path) -> Result<(), TrustAnchorError> {
        let text = std::fs::read(path)
            .map_err(|source| TrustAnchorError::Unreadable { path: path.into(), source })?;
        let before = self.anchors.len();
        for (index, certificate) in CertificateDer::pem_slice_iter(&text).enumerate() {
            let number = index + 1;
            let certificate = certificate.map_err(|error| TrustAnchorError::Malformed {
                path: path.into(),
                number,
                detail: error.to_string(),
            })?;
            self.add_der(&certificate).map_err(|detail| TrustAnchorError::Malformed {
                path: path.into(),
                number,
                detail,
            })?;
        }
        if self.anchors.len() == before {
            return Err(TrustAnchorError::Empty { path: path.into() });
        }
        Ok(())
    }

    /// Adds one certificate, DER.
    ///
    /// # Errors
    /// Says why the certificate cannot be an anchor.
    pub fn add_der(&mut self, der: &CertificateDer<'_>) -> Result<(), String> {
        let anchor = webpki::anchor_from_trusted_cert(der).map_err(|error| error.to_string())?;
        let not_after = Certificate::parse(der).ok().map(|certificate| certificate.not_after);
        self.add(anchor.to_owned(), not_after);
        Ok(())
    }

    /// Returns how many anchors there are.
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Returns how many of them are Mozilla's.
    pub fn mozilla_count(&self) -> usize {
        self.mozilla
    }

    /// Returns a digest over all subjects and keys: two sets with the same id decide alike.
    pub fn id(&self) -> [u8; 32] {
        let mut keys: Vec<[u8; 32]> = self
            .anchors
            .iter()
            .map(|a| sha256(&[a.subject.as_ref(), a.subject_public_key_info.as_ref()].concat()))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        sha256(&keys.concat())
    }

    /// Returns the anchors whose subject is `name`.
    pub(super) fn named(&self, name: &DistinguishedName) -> impl Iterator<Item = Anchor<'_>> {
        self.by_subject.get(name.der()).into_iter().flatten().filter_map(|position| {
            let not_after = self.ends.get(*position).copied().flatten();
            self.anchors.get(*position).map(|anchor| Anchor { anchor, not_after })
        })
    }

    /// Tells whether `certificate` is an anchor's own: self-signed, with its name and its key.
    pub(super) fn has_own(&self, certificate: &Certificate) -> bool {
        certificate.is_self_signed
            && self.named(&certificate.subject).any(|anchor| anchor.spki() == certificate.spki())
    }

    /// Returns of how many anchors the end is known, and how many there are.
    #[cfg(test)]
    pub(super) fn with_an_end(&self) -> (usize, usize) {
        (self.ends.iter().flatten().count(), self.ends.len())
    }

    fn add(&mut self, anchor: TrustAnchor<'static>, not_after: Option<Timestamp>) {
        let subject = sequence(anchor.subject.as_ref());
        self.by_subject.entry(subject.into()).or_default().push(self.anchors.len());
        self.anchors.push(anchor);
        self.ends.push(not_after);
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustAnchors({}, {} of them Mozilla's)", self.len(), self.mozilla)
    }
}

/// One anchor of a set.
#[derive(Clone, Copy)]
pub(super) struct Anchor<'a> {
    pub(super) anchor: &'a TrustAnchor<'static>,
    /// Until when its own certificate is valid, where that is known.
    pub(super) not_after: Option<Timestamp>,
}

impl Anchor<'_> {
    /// Returns the subject in printable form.
    pub(super) fn name(&self) -> Box<str> {
        let der = sequence(self.anchor.subject.as_ref());
        X509Name::from_der(&der).map_or_else(
            |_| "(unreadable name)".into(),
            |(_, n)| DistinguishedName::new(&n).as_str().into(),
        )
    }

    /// Returns the key as a subject public key info, DER.
    pub(super) fn spki(&self) -> Vec<u8> {
        sequence(self.anchor.subject_public_key_info.as_ref())
    }
}

/// Why a file gave no trust anchors.
#[derive(Debug, Error)]
pub enum TrustAnchorError {
    #[error("{}: cannot read the trust anchors: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: holds no PEM certificate; it must have at least one `BEGIN CERTIFICATE` block", path.display())]
    Empty { path: PathBuf },
    #[error("{}: certificate {number} is no trust anchor: {detail}", path.display())]
    Malformed { path: PathBuf, number: usize, detail: String },
}

/// A trust anchor keeps only what is inside the outer SEQUENCE; this puts it back (X.690 §8.1).
pub(super) fn sequence(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 4);
    out.push(0x30);
    match content.len() {
        short @ 0..=0x7f => out.push(short as u8),
        long => {
            let octets = long.to_be_bytes();
            let first = octets.iter().position(|o| *o != 0).unwrap_or(octets.len() - 1);
            out.push(0x80 | (octets.len() - first) as u8);
            out.extend(&octets[first..]);
        }
    }
    out.extend(content);
    out
}
