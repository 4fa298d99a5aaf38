//! Certificates of every shape, each issued in one line: what an authority is and what it signs.

mod encode;

use std::fmt;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::Timestamp;
use rcgen::BasicConstraints;
use rcgen::Certificate;
use rcgen::CertificateParams;
use rcgen::CustomExtension;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::GeneralSubtree;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::NameConstraints;
use rcgen::SerialNumber;

use super::DemoError;

/// When a certificate is valid: both ends belong to it, and count in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Window {
    /// Returns the window from `days.start` to `days.end` days after `now`; negative days are
    /// past, and an instant that a timestamp cannot hold becomes the nearest one that it can.
    pub fn days(days: std::ops::Range<i64>, now: Timestamp) -> Self {
        let at = |day: i64| {
            let distance = SignedDuration::from_secs(day.saturating_mul(SECONDS_A_DAY));
            now.saturating_add(distance).expect("a signed duration has no calendar units")
        };
        Self { not_before: at(days.start), not_after: at(days.end) }
    }
}

/// The kind of key that a certificate is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyAlgorithm {
    #[default]
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Ed25519,
    Rsa2048,
}

/// Where a certificate says that its issuer's certificate can be fetched (RFC 5280 §4.2.2.1,
/// "CA Issuers").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CaIssuers {
    /// An address on a public name made from the issuer's own, as public authorities write it.
    #[default]
    AsPublic,
    /// Nowhere.
    Absent,
    Url(String),
}

/// What a key may be used for (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    ServerAuthentication,
    ClientAuthentication,
    OcspSigning,
    Any,
}

/// What distinguishes an authority's certificate from the plain one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityOptions {
    pub key_algorithm: KeyAlgorithm,
    /// Never written into a root, which has no issuer to fetch.
    pub ca_issuers: CaIssuers,
    /// How many intermediates may follow; `None` is any number.
    pub path_length: Option<u8>,
    /// DNS subtrees to which the names below are limited; empty is no limit.
    pub permitted_names: Vec<String>,
    /// DNS subtrees that the names below must avoid.
    pub excluded_names: Vec<String>,
    /// Empty leaves the extension out.
    pub key_purposes: Vec<KeyPurpose>,
    /// Big-endian; `None` is a random one.
    pub serial: Option<Vec<u8>>,
}

/// What the certificate of a server shall say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndEntity {
    /// The subject's common name; `None` leaves the subject empty.
    pub common_name: Option<String>,
    /// The subject alternative names: DNS names, wildcards, IP addresses. Empty leaves the
    /// extension out.
    pub names: Vec<String>,
    pub window: Window,
    pub key_algorithm: KeyAlgorithm,
    pub ca_issuers: CaIssuers,
    /// Empty leaves the extension out.
    pub key_purposes: Vec<KeyPurpose>,
    /// Big-endian; `None` is a random one.
    pub serial: Option<Vec<u8>>,
}

impl EndEntity {
    /// Returns an ordinary server certificate: the names as alternative names, the first of them
    /// as common name.
    pub fn new(names: &[&str], window: Window) -> Self {
        Self {
            common_name: names.first().map(|&name| name.to_owned()),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            window,
            key_algorithm: KeyAlgorithm::default(),
            ca_issuers: CaIssuers::default(),
            key_purposes: vec![KeyPurpose::ServerAuthentication],
            serial: None,
        }
    }

    /// Returns the old-fashioned certificate that names its host in the common name only.
    pub fn common_name_only(name: &str, window: Window) -> Self {
        Self { names: Vec::new(), ..Self::new(&[name], window) }
    }

    /// Signs this certificate with its own key. `ca_issuers` is left out: there is no issuer.
    pub fn self_signed(&self, shape: SelfSigned) -> Result<Issued, DemoError> {
        let name = self.describe();
        let mut params = self.params(&name)?;
        if shape == SelfSigned::OpensslRequest {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = Vec::new();
            params.extended_key_usages = Vec::new();
        }
        let key = generate_key(self.key_algorithm, &name)?;
        let certificate =
            params.self_signed(&key).map_err(|source| DemoError::Certificate { name, source })?;
        Ok(Issued { der: certificate.der().to_vec(), key: key.serialize_der() })
    }

    fn params(&self, name: &str) -> Result<CertificateParams, DemoError> {
        let mut params = CertificateParams::new(self.names.as_slice())
            .map_err(|source| DemoError::Certificate { name: name.to_owned(), source })?;
        params.distinguished_name = DistinguishedName::new();
        if let Some(common_name) = &self.common_name {
            params.distinguished_name.push(DnType::CommonName, common_name.as_str());
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = self.key_purposes.iter().copied().map(Into::into).collect();
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial_number(self.serial.as_deref()));
        encode::set_window(&mut params, self.window, name)?;
        Ok(params)
    }

    fn describe(&self) -> String {
        self.common_name.as_ref().or(self.names.first()).cloned().unwrap_or_default()
    }
}

/// The two shapes of a certificate that nobody else has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelfSigned {
    /// What `openssl req -x509` makes: it calls itself an authority (CA:TRUE).
    OpensslRequest,
    /// CA:FALSE, with the usages of a server certificate.
    EndEntity,
}

/// A certificate with the key that belongs to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The certificate in DER.
    pub der: Vec<u8>,
    /// The private key as PKCS #8 in DER.
    pub key: Vec<u8>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("der", &self.der).finish_non_exhaustive()
    }
}

/// A certificate authority: a root or an intermediate, with its key.
#[derive(Clone)]
pub struct Authority {
    name: String,
    params: CertificateParams,
    key: Arc<KeyPair>,
    certificate: Certificate,
}

impl Authority {
    /// Makes a root with a P-256 key.
    pub fn root(name: &str, window: Window) -> Result<Self, DemoError> {
        Self::root_with(name, window, &AuthorityOptions::default())
    }

    /// Makes a root that differs from the plain one.
    pub fn root_with(
        name: &str,
        window: Window,
        options: &AuthorityOptions,
    ) -> Result<Self, DemoError> {
        let params = authority_params(name, window, options)?;
        let key = generate_key(options.key_algorithm, name)?;
        let certificate = params
            .self_signed(&key)
            .map_err(|source| DemoError::Certificate { name: name.to_owned(), source })?;
        Ok(Self { name: name.to_owned(), params, key: Arc::new(key), certificate })
    }

    /// Makes an authority below this one.
    pub fn intermediate(
        &self,
        name: &str,
        window: Window,
        options: &AuthorityOptions,
    ) -> Result<Self, DemoError> {
        let key = Arc::new(generate_key(options.key_algorithm, name)?);
        self.certify(name, key, window, options)
    }

    /// Makes a second certificate for the name and key of another authority: a cross-sign, or a
    /// renewal. `options.key_algorithm` has no effect, since the key exists already.
    pub fn cross_sign(
        &self,
        other: &Self,
        window: Window,
        options: &AuthorityOptions,
    ) -> Result<Self, DemoError> {
        self.certify(&other.name, Arc::clone(&other.key), window, options)
    }

    /// Issues the certificate of a server, with a fresh key.
    pub fn issue(&self, end_entity: &EndEntity) -> Result<Issued, DemoError> {
        let name = end_entity.describe();
        let mut params = end_entity.params(&name)?;
        params.custom_extensions.extend(self.ca_issuers(&end_entity.ca_issuers));
        let key = generate_key(end_entity.key_algorithm, &name)?;
        let certificate = self.sign(&params, &key, &name)?;
        Ok(Issued { der: certificate.der().to_vec(), key: key.serialize_der() })
    }

    /// Returns the subject's common name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the authority's own certificate in DER.
    pub fn der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    /// Returns the authority's own certificate in PEM, as `trust_anchors.extra` reads it.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    fn certify(
        &self,
        name: &str,
        key: Arc<KeyPair>,
        window: Window,
        options: &AuthorityOptions,
    ) -> Result<Self, DemoError> {
        let mut params = authority_params(name, window, options)?;
        params.use_authority_key_identifier_extension = true;
        params.custom_extensions.extend(self.ca_issuers(&options.ca_issuers));
        let certificate = self.sign(&params, &key, name)?;
        Ok(Self { name: name.to_owned(), params, key, certificate })
    }

    fn sign(
        &self,
        params: &CertificateParams,
        key: &KeyPair,
        name: &str,
    ) -> Result<Certificate, DemoError> {
        let issuer = Issuer::from_params(&self.params, &*self.key);
        params
            .signed_by(key, &issuer)
            .map_err(|source| DemoError::Certificate { name: name.to_owned(), source })
    }

    fn ca_issuers(&self, wanted: &CaIssuers) -> Option<CustomExtension> {
        match wanted {
            CaIssuers::AsPublic => Some(encode::ca_issuers(&encode::public_address(&self.name))),
            CaIssuers::Absent => None,
            CaIssuers::Url(url) => Some(encode::ca_issuers(url)),
        }
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("name", &self.name).finish_non_exhaustive()
    }
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// The organisation that stands in every authority's subject.
const ORGANIZATION: &str = "Demo Authority";

/// CA/Browser Forum Baseline Requirements §7.1 ask for at least 64 random bits.
const SERIAL_BYTES: usize = 16;

fn authority_params(
    name: &str,
    window: Window,
    options: &AuthorityOptions,
) -> Result<CertificateParams, DemoError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, ORGANIZATION);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(match options.path_length {
        Some(length) => BasicConstraints::Constrained(length),
        None => BasicConstraints::Unconstrained,
    });
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
    ];
    params.extended_key_usages = options.key_purposes.iter().copied().map(Into::into).collect();
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: dns_subtrees(&options.permitted_names),
        excluded_subtrees: dns_subtrees(&options.excluded_names),
    });
    params.serial_number = Some(serial_number(options.serial.as_deref()));
    encode::set_window(&mut params, window, name)?;
    Ok(params)
}

fn dns_subtrees(names: &[String]) -> Vec<GeneralSubtree> {
    names.iter().cloned().map(GeneralSubtree::DnsName).collect()
}

fn serial_number(wanted: Option<&[u8]>) -> SerialNumber {
    match wanted {
        Some(bytes) => SerialNumber::from_slice(bytes),
        None => SerialNumber::from_slice(&rand::random::<[u8; SERIAL_BYTES]>()),
    }
}

fn generate_key(algorithm: KeyAlgorithm, name: &str) -> Result<KeyPair, DemoError> {
    let algorithm = match algorithm {
        KeyAlgorithm::EcdsaP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        KeyAlgorithm::EcdsaP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        KeyAlgorithm::EcdsaP521 => &rcgen::PKCS_ECDSA_P521_SHA512,
        KeyAlgorithm::Ed25519 => &rcgen::PKCS_ED25519,
        KeyAlgorithm::Rsa2048 => &rcgen::PKCS_RSA_SHA256,
    };
    KeyPair::generate_for(algorithm)
        .map_err(|source| DemoError::Certificate { name: name.to_owned(), source })
}

impl From<KeyPurpose> for ExtendedKeyUsagePurpose {
    fn from(purpose: KeyPurpose) -> Self {
        match purpose {
            KeyPurpose::ServerAuthentication => Self::ServerAuth,
            KeyPurpose::ClientAuthentication => Self::ClientAuth,
            KeyPurpose::OcspSigning => Self::OcspSigning,
            KeyPurpose::Any => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests;
