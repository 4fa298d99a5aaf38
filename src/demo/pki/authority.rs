//! What an authority is, and how it signs.

use std::fmt;
use std::sync::Arc;

use rcgen::BasicConstraints;
use rcgen::Certificate;
use rcgen::CertificateParams;
use rcgen::CustomExtension;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::GeneralSubtree;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::NameConstraints;

use super::CaIssuers;
use super::DemoError;
use super::EndEntity;
use super::Issued;
use super::KeyAlgorithm;
use super::KeyPurpose;
use super::Window;
use super::encode;
use super::generate_key;
use super::serial_number;

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

/// The organisation that stands in every authority's subject.
const ORGANIZATION: &str = "Demo Authority";

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
