//! Server certificates.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose,
};

use super::{
    CaIssuers, DemoError, Issued, KeyAlgorithm, KeyPurpose, Window, encode, generate_key,
    serial_number,
};

/// The content of a server certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndEntity {
    /// The subject's common name; if `None`, the subject is empty.
    pub common_name: Option<String>,
    /// The subject alternative names: DNS names, wildcards, IP addresses. If empty, the extension
    /// is omitted.
    pub names: Vec<String>,
    pub window: Window,
    pub key_algorithm: KeyAlgorithm,
    pub ca_issuers: CaIssuers,
    /// If empty, the extension is omitted.
    pub key_purposes: Vec<KeyPurpose>,
    /// Big-endian; random if `None`.
    pub serial: Option<Vec<u8>>,
}

impl EndEntity {
    /// Returns an ordinary server certificate: the names are its subject alternative names, the
    /// first also its common name.
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

    /// Returns an old-fashioned certificate that contains its host name only as common name.
    pub fn common_name_only(name: &str, window: Window) -> Self {
        Self { names: Vec::new(), ..Self::new(&[name], window) }
    }

    /// Signs this certificate with its own key. `ca_issuers` is omitted, because there is no
    /// issuer.
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

    pub(super) fn params(&self, name: &str) -> Result<CertificateParams, DemoError> {
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

    /// Returns the name of the certificate in errors.
    pub(super) fn describe(&self) -> String {
        self.common_name.as_ref().or_else(|| self.names.first()).cloned().unwrap_or_default()
    }
}

/// The two kinds of self-signed certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelfSigned {
    /// As created by `openssl req -x509`: a CA certificate (CA:TRUE).
    OpensslRequest,
    /// CA:FALSE, with the key usages of a server certificate.
    EndEntity,
}
