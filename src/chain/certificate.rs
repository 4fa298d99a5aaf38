//! One certificate, parsed once into the facts that rules need (RFC 5280 §4).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

use super::der::{hex, serial, sha256};
use super::distinguished_name::{CommonName, DistinguishedName, MAX_NAME_TEXT, organization};
use super::irregularity::Irregularity;
use super::keeping::Validity;
use super::key::{KeyAlgorithm, SignatureAlgorithm};
use super::profile::{IssuerIds, KeyUsage, Profile};
use super::signature::{SignatureCheck, Signatures};
use super::staple::{self, StapledStatus};
use super::text;

/// A parsed certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Empty if it is not kept.
    pub(super) der: Arc<[u8]>,
    /// SHA-256 of the DER.
    pub sha256: [u8; 32],
    /// Lower-case hex, without a leading sign octet.
    pub serial: Box<str>,
    pub subject: DistinguishedName,
    pub issuer: DistinguishedName,
    /// Valid from this second on (RFC 5280 §4.1.2.5).
    pub not_before: Timestamp,
    /// Valid up to and including this second (RFC 5280 §4.1.2.5).
    pub not_after: Timestamp,
    /// The SAN dNSNames as presented, in printable form.
    pub dns_names: Vec<Box<str>>,
    /// How many further names are not kept.
    pub names_left_out: usize,
    /// The SAN iPAddresses.
    pub ip_addresses: Vec<IpAddr>,
    /// The last common name of the subject, in printable form.
    pub common_name: Option<Box<str>>,
    pub key_algorithm: KeyAlgorithm,
    pub signature_algorithm: SignatureAlgorithm,
    /// The basic constraints' CA flag.
    pub is_ca: bool,
    /// How many intermediates may follow (RFC 5280 §4.2.1.9); `None` is any number.
    pub path_length: Option<u32>,
    /// Whether its extended key usage, if present, includes server authentication (§4.2.1.12).
    pub is_for_servers: bool,
    /// The http and https CA Issuers URLs of the authority information access.
    pub ca_issuers: Vec<Box<str>>,
    /// Issued to itself and signed with its own key, verified by signature.
    pub is_self_signed: bool,
    /// A deviation from the standard that makes some libraries reject the certificate.
    pub irregularity: Option<Irregularity>,
    /// The number of bytes served.
    pub(super) length: usize,
    /// Whether every handshake must include its OCSP status ("must-staple", RFC 7633 §4).
    pub demands_staple: bool,
    pub(super) profile: Profile,
    /// Empty if it is not kept.
    pub(super) spki: Box<[u8]>,
}

impl Certificate {
    /// Parses one DER certificate.
    ///
    /// # Errors
    /// If the bytes are not exactly one X.509 certificate.
    pub fn parse(der: &[u8]) -> Result<Self, MalformedCertificate> {
        Self::parse_within(der, 0, &Signatures::new())
    }

    /// Parses one DER certificate of a list whose signature checks are shared. At most
    /// `most_trailing` bytes may follow it.
    pub(super) fn parse_within(
        der: &[u8],
        most_trailing: usize,
        signatures: &Signatures,
    ) -> Result<Self, MalformedCertificate> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| {
            if der.starts_with(&INDEFINITE_LENGTH) {
                return MalformedCertificate::IndefiniteLength;
            }
            MalformedCertificate::NotDer { detail: text::printable(&error.to_string(), 120) }
        })?;
        let count = rest.len();
        if count > most_trailing {
            return Err(MalformedCertificate::TrailingBytes { count });
        }
        let der = der.get(..der.len() - count).unwrap_or(der);
        let key_algorithm = KeyAlgorithm::of(parsed.public_key());
        let irregularity = match count {
            0 => Irregularity::find(der, &parsed, &key_algorithm),
            count => Some(Irregularity::TrailingBytes { count }),
        };
        let common_name = CommonName::of(parsed.subject());
        let mut profile = Profile::read(&parsed);
        profile.has_unread_common_name = common_name.as_ref().is_some_and(|name| !name.is_read);
        let mut certificate = Self {
            der: der.into(),
            sha256: sha256(der),
            serial: serial(parsed.raw_serial()),
            subject: DistinguishedName::new(parsed.subject()),
            issuer: DistinguishedName::new(parsed.issuer()),
            not_before: instant(parsed.validity().not_before.timestamp()),
            not_after: instant(parsed.validity().not_after.timestamp()),
            dns_names: Vec::new(),
            names_left_out: 0,
            ip_addresses: Vec::new(),
            common_name: common_name.map(|name| text::printable(&name.text, MAX_NAME_TEXT).into()),
            key_algorithm,
            signature_algorithm: SignatureAlgorithm::of(&parsed.signature_algorithm),
            is_ca: false,
            path_length: None,
            is_for_servers: true,
            ca_issuers: Vec::new(),
            is_self_signed: false,
            irregularity,
            length: der.len(),
            demands_staple: staple::is_demanded_by(&parsed),
            profile,
            spki: parsed.public_key().raw.into(),
        };
        for extension in parsed.extensions() {
            certificate.read_extension(extension.parsed_extension());
        }
        certificate.profile.is_self_issued = certificate.subject.matches(&certificate.issuer);
        certificate.is_self_signed =
            certificate.profile.is_self_issued && certificate.is_signed_with_own_key(signatures);
        Ok(certificate)
    }

    /// Returns whether the certificate, which names itself as its issuer, is signed with its own
    /// key. If that cannot be checked, its key ids decide.
    fn is_signed_with_own_key(&self, signatures: &Signatures) -> bool {
        match signatures.check(self.der(), self.spki()) {
            SignatureCheck::Right => true,
            SignatureCheck::Wrong => false,
            SignatureCheck::NotCheckable => self.names_as_issuer(self),
        }
    }

    /// Returns the status of this certificate in `staple`, an OCSP response in DER, by its serial
    /// number.
    pub fn stapled_status(&self, staple: &[u8]) -> StapledStatus {
        staple::status_of(&self.serial, staple)
    }

    /// Returns the bytes as served; empty if they are not kept.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn validity(&self) -> Validity {
        Validity { not_before: self.not_before, not_after: self.not_after }
    }

    /// Returns whether the certificate is within its validity at the instant `at`.
    pub fn is_in_time(&self, at: Timestamp) -> bool {
        self.validity().contains(at)
    }

    /// Returns the subject public key info in DER.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns the SHA-256 in lower-case hex.
    pub fn sha256_hex(&self) -> String {
        hex(&self.sha256)
    }

    /// Returns the SHA-256 of the subject public key info in lower-case hex.
    pub fn key_sha256_hex(&self) -> String {
        hex(&sha256(&self.spki))
    }

    /// Returns whether `self` names `issuer` as its issuer: by name, and by key id if both have
    /// one. No signature is checked.
    pub(super) fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.issuer.matches(&issuer.subject)
            && self.profile.authority_key.fits_key_id(issuer.ids().key_id)
    }

    /// Returns the subject's organization in lower case, spelled as in the CA's roots on Mozilla's
    /// list.
    pub(super) fn listed_organization(&self) -> Option<Box<str>> {
        let (_, parsed) = X509Certificate::from_der(&self.der).ok()?;
        let organization = organization(parsed.subject())?;
        let renamed = RENAMED.iter().find(|(new, _)| **new == *organization);
        Some(renamed.map_or(organization, |(_, listed)| (*listed).into()))
    }

    /// Returns what identifies this certificate as the issuer of another one.
    pub(super) fn ids(&self) -> IssuerIds<'_> {
        IssuerIds {
            key_id: self.profile.subject_key_id.as_deref(),
            serial: &self.serial,
            issuer: self.issuer.form(),
        }
    }

    /// Returns whether `issuer` seems to have issued `self`, judging by names, key ids and key
    /// usage, but not by signatures.
    pub(super) fn seems_issued_by(&self, issuer: &Self) -> bool {
        let authority = &self.profile.authority_key;
        self.issuer.matches_by_ascii(&issuer.subject)
            && authority.fits_key_id(issuer.ids().key_id)
            && authority.fits_serial_and_issuer(issuer.ids())
            && issuer.profile.key_usage.is_none_or(KeyUsage::may_sign_certificates)
            && [self, issuer].iter().all(|one| {
                !one.profile.has_malformed_extension && !one.profile.has_repeated_extension
            })
    }

    fn read_extension(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in &names.general_names {
                    match name {
                        GeneralName::DNSName(name) => {
                            self.dns_names.push(text::printable(name, MAX_NAME_TEXT).into());
                        }
                        // It is present, even if invalid, so the common name does not replace it.
                        GeneralName::Invalid(DNS_NAME, octets) => {
                            let name = String::from_utf8_lossy(octets);
                            self.dns_names.push(text::printable(&name, MAX_NAME_TEXT).into());
                        }
                        GeneralName::IPAddress(octets) => self.ip_addresses.extend(ip(octets)),
                        _ => {}
                    }
                }
            }
            ParsedExtension::BasicConstraints(constraints) => {
                self.is_ca = constraints.ca;
                self.path_length = constraints.path_len_constraint;
            }
            ParsedExtension::ExtendedKeyUsage(usage) => self.is_for_servers = usage.server_auth,
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in access.iter() {
                    if let GeneralName::URI(uri) = &description.access_location
                        && description.access_method
                            == x509_parser::oid_registry::OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS
                        && (uri.starts_with("http://") || uri.starts_with("https://"))
                    {
                        self.ca_issuers.push(text::printable(uri, 256).into());
                    }
                }
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("issuer", &self.issuer)
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// Why bytes are not a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MalformedCertificate {
    #[error("it is not valid DER ({detail})")]
    NotDer { detail: String },
    #[error("{count} bytes follow the certificate")]
    TrailingBytes { count: usize },
    /// BER, although DER is required (X.690 §8.1.3.6). s2n-tls accepts it.
    #[error("its length is indefinite, which DER does not allow")]
    IndefiniteLength,
}

/// Organizations whose new roots have a shorter name: Let's Encrypt's Root YE and Root YR
/// (letsencrypt.org, "A New Generation of Roots", 2025).
const RENAMED: [(&str, &str); 1] = [("isrg", "internet security research group")];

/// The beginning of a SEQUENCE of indefinite length.
const INDEFINITE_LENGTH: [u8; 2] = [0x30, 0x80];

/// The tag of a dNSName (RFC 5280 §4.2.1.6).
const DNS_NAME: Tag = Tag(2);

/// Returns the nearest representable timestamp, because X.509 dates may lie outside the supported
/// range (year 9999).
pub(super) fn instant(seconds: i64) -> Timestamp {
    let (least, most) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(seconds.clamp(least, most)).unwrap_or(Timestamp::MAX)
}

fn ip(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}
