//! What the certificate of a server says.

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::KeyUsagePurpose;

use super::CaIssuers;
use super::DemoError;
use super::Issued;
use super::KeyAlgorithm;
use super::KeyPurpose;
use super::Window;
use super::encode;
use super::generate_key;
use super::serial_number;

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

    /// Returns what the certificate is called in an error.
    pub(super) fn describe(&self) -> String {
        self.common_name.as_ref().or_else(|| self.names.first()).cloned().unwrap_or_default()
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
