//! Certificate authorities, and how they sign.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DistinguishedName, DnType,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};

use super::{
    CaIssuers, DemoError, EndEntity, Issued, KeyAlgorithm, KeyPurpose, Window, encode,
    generate_key, serial_number,
};

/// Options of an authority's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityOptions {
    pub key_algorithm: KeyAlgorithm,
    /// Never written into a root, which has no issuer to download.
    pub ca_issuers: CaIssuers,
    /// How many intermediates may follow; `None` means any number.
    pub path_length: Option<u8>,
    /// The DNS subtrees that issued names are limited to; empty means no limit.
    pub permitted_names: Vec<String>,
    /// The DNS subtrees that issued names must not be in.
    pub excluded_names: Vec<String>,
    /// If empty, the extension is omitted.
    pub key_purposes: Vec<KeyPurpose>,
    /// Big-endian; random if `None`.
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
    /// Creates a root with a P-256 key.
    pub fn root(name: &str, window: Window) -> Result<Self, DemoError> {
        Self::root_with(name, window, &AuthorityOptions::default())
    }

    /// Creates a root with options.
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

    /// Creates an intermediate authority issued by this one.
    pub fn intermediate(
        &self,
        name: &str,
        window: Window,
        options: &AuthorityOptions,
    ) -> Result<Self, DemoError> {
        let key = Arc::new(generate_key(options.key_algorithm, name)?);
        self.certify(name, key, window, options)
    }

    /// Creates another certificate for the name and key of an authority: a cross-sign or a renewal.
    /// `options.key_algorithm` has no effect, because the key exists already.
    pub fn cross_sign(
        &self,
        other: &Self,
        window: Window,
        options: &AuthorityOptions,
    ) -> Result<Self, DemoError> {
        self.certify(&other.name, Arc::clone(&other.key), window, options)
    }

    /// Issues a server certificate with a new key.
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

    /// Returns the authority's own certificate in PEM, the format of `trust_anchors.extra`.
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

/// The organization in the subject of every authority.
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
