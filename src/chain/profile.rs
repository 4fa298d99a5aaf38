//! The properties of a certificate that path validation needs (RFC 5280 §4.2, §6.1).

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};

use super::der;
use super::distinguished_name::NameForm;

/// The facts that decide whether a certificate may be at its position in a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// The usual number: 1, 2 or 3.
    pub(super) version: u32,
    pub(super) key_usage: Option<KeyUsage>,
    /// Whether its Netscape certificate type excludes TLS servers.
    pub(super) has_other_netscape_type: bool,
    pub(super) authority_key: AuthorityKey,
    pub(super) subject_key_id: Option<Box<[u8]>>,
    pub(super) has_unknown_critical_extension: bool,
    pub(super) has_path_length_without_ca: bool,
    pub(super) has_empty_key_period: bool,
    pub(super) has_name_constraints: bool,
    /// Whether an extension that path validation needs is unreadable, at least for this program.
    pub(super) has_malformed_extension: bool,
    /// Whether the basic constraints are unreadable, so that it is not known what it may issue.
    pub(super) has_malformed_basic_constraints: bool,
    /// Whether an extension that path validation needs is repeated (§4.2).
    pub(super) has_repeated_extension: bool,
    /// Whether the two fields for the signature algorithm differ (§4.1.1.2).
    pub(super) has_two_signature_algorithms: bool,
    /// Whether it has a SAN iPAddress or uniformResourceIdentifier.
    pub(super) has_address_or_uri: bool,
    /// Whether s2n-tls reads its last common name differently than this program.
    pub(super) has_unread_common_name: bool,
    /// Whether its subject is its issuer: self-issued (§6.1), whatever key signed it.
    pub(super) is_self_issued: bool,
}

/// The bits of a key usage (§4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyUsage(u16);

impl KeyUsage {
    pub(super) fn may_sign_certificates(self) -> bool {
        self.0 & KEY_CERT_SIGN != 0
    }

    /// Returns whether the key may take part in a handshake: sign, decrypt or agree on keys.
    pub(super) fn may_serve(self) -> bool {
        self.0 & (DIGITAL_SIGNATURE | KEY_ENCIPHERMENT | KEY_AGREEMENT) != 0
    }
}

/// How a certificate identifies its issuer's key (§4.2.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AuthorityKey {
    pub(super) id: Option<Box<[u8]>>,
    /// The serial number of the issuer's certificate, in the form of
    /// [`super::Certificate::serial`].
    pub(super) serial: Option<Box<str>>,
    /// The issuer of the issuer's certificate.
    pub(super) issuer: Option<NameForm>,
}

impl Profile {
    pub(super) fn read(certificate: &X509Certificate<'_>) -> Self {
        let mut profile = Self {
            version: certificate.version().0 + 1,
            has_two_signature_algorithms: certificate.signature != certificate.signature_algorithm,
            ..Self::default()
        };
        let mut seen: Vec<&[u8]> = Vec::new();
        for extension in certificate.extensions() {
            let id = extension.oid.as_bytes();
            if READ.contains(&id) {
                profile.has_repeated_extension |= seen.contains(&id);
                seen.push(id);
            }
            profile.read_extension(extension);
        }
        profile
    }

    fn read_extension(&mut self, extension: &X509Extension<'_>) {
        let id = extension.oid.as_bytes();
        let is_known = READ.contains(&id) || NOT_READ.contains(&id);
        // s2n-tls and webpki do not recognize critical key ids, which §4.2.1.1 forbids.
        let may_be_critical = is_known && id != AUTHORITY_KEY_ID && id != SUBJECT_KEY_ID;
        self.has_unknown_critical_extension |= extension.critical && !may_be_critical;
        if id == PRIVATE_KEY_USAGE_PERIOD {
            self.has_empty_key_period |= extension.value == EMPTY_SEQUENCE;
        }
        // The parser ignores bytes after the value.
        self.has_malformed_extension |= READ.contains(&id) && !der::is_one_element(extension.value);
        match extension.parsed_extension() {
            ParsedExtension::ParseError { .. } => {
                self.has_malformed_extension |= READ.contains(&id);
                self.has_malformed_basic_constraints |= id == BASIC_CONSTRAINTS;
            }
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(KeyUsage(usage.flags)),
            ParsedExtension::NSCertType(kind) => self.has_other_netscape_type = !kind.ssl_server(),
            ParsedExtension::BasicConstraints(constraints) => {
                self.has_path_length_without_ca =
                    !constraints.ca && constraints.path_len_constraint.is_some();
            }
            ParsedExtension::NameConstraints(_) => self.has_name_constraints = true,
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.into()),
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                let names = authority.authority_cert_issuer.iter().flatten();
                let directory_name = |name: &GeneralName<'_>| match name {
                    GeneralName::DirectoryName(name) => Some(NameForm::of(name)),
                    _ => None,
                };
                self.authority_key = AuthorityKey {
                    id: authority.key_identifier.as_ref().map(|id| id.0.into()),
                    serial: authority.authority_cert_serial.map(der::serial),
                    issuer: { names }.find_map(directory_name),
                };
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                // s2n-tls accepts octets beyond ASCII, but not undefined forms of names.
                self.has_malformed_extension |= names.general_names.iter().any(|name| {
                    matches!(name, GeneralName::Invalid(tag, _) if !STRINGS.contains(&tag.0))
                });
                self.has_address_or_uri = names.general_names.iter().any(|name| {
                    matches!(name, GeneralName::IPAddress(_) | GeneralName::URI(_))
                        || matches!(name, GeneralName::Invalid(tag, _) if tag.0 == URI || tag.0 == IP)
                });
            }
            _ => {}
        }
    }
}

/// The identifiers of an issuer's certificate, besides its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct IssuerIds<'a> {
    pub(super) key_id: Option<&'a [u8]>,
    pub(super) serial: &'a str,
    pub(super) issuer: NameForm,
}

impl AuthorityKey {
    /// Returns whether the key ids agree, if both have one.
    pub(super) fn fits_key_id(&self, key_id: Option<&[u8]>) -> bool {
        match (&self.id, key_id) {
            (Some(authority), Some(subject)) => **authority == *subject,
            _ => true,
        }
    }

    /// Returns whether the serial number and the issuer's name agree, if they are given.
    pub(super) fn fits_serial_and_issuer(&self, ids: IssuerIds<'_>) -> bool {
        self.serial.as_deref().is_none_or(|serial| serial == ids.serial)
            && self.issuer.is_none_or(|issuer| issuer == ids.issuer)
    }
}

const DIGITAL_SIGNATURE: u16 = 1;
const KEY_ENCIPHERMENT: u16 = 1 << 2;
const KEY_AGREEMENT: u16 = 1 << 4;
const KEY_CERT_SIGN: u16 = 1 << 5;

const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const PRIVATE_KEY_USAGE_PERIOD: &[u8] = &[0x55, 0x1d, 16];
const EMPTY_SEQUENCE: [u8; 2] = [0x30, 0];

/// Tags of general names (§4.2.1.6).
const URI: u32 = 6;
const IP: u32 = 7;
/// The string forms: rfc822Name, dNSName, URI and, as octets, iPAddress.
const STRINGS: [u32; 4] = [1, 2, URI, IP];

/// Extensions that s2n-tls reads in path validation (AWS-LC, `crypto/x509/v3_purp.c`): key ids, key
/// usage, SAN, basic constraints, name constraints, CRL distribution points, extended key usage,
/// Netscape certificate type.
const READ: [&[u8]; 9] = [
    SUBJECT_KEY_ID,
    AUTHORITY_KEY_ID,
    &[0x55, 0x1d, 15],
    &[0x55, 0x1d, 17],
    BASIC_CONSTRAINTS,
    &[0x55, 0x1d, 30],
    &[0x55, 0x1d, 31],
    &[0x55, 0x1d, 37],
    &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1],
];

/// Extensions that s2n-tls recognizes but does not apply by default: certificate policies, policy
/// mappings, policy constraints, inhibit any-policy.
const NOT_READ: [&[u8]; 4] =
    [&[0x55, 0x1d, 32], &[0x55, 0x1d, 33], &[0x55, 0x1d, 36], &[0x55, 0x1d, 54]];
