//! TLS for the pages, as configured in a web configuration file.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
    SignatureScheme, SupportedCipherSuite, SupportedProtocolVersion,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem};
use thiserror::Error;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::{ClientPolicy, Pem, TlsSettings, TlsVersion};
use crate::limits::{FileError, FileKinds, read_file};

/// Reads the files that `settings` names, and builds the server configuration.
pub(super) fn server_config(settings: &TlsSettings) -> Result<Arc<ServerConfig>, WebAccessError> {
    let certificates = certificates(&settings.certificate, "cert")?;
    let key = private_key(&settings.key, "key")?;
    let provider = Arc::new(provider(settings));
    let versions: Vec<&SupportedProtocolVersion> = settings
        .versions
        .iter()
        .map(|version| match version {
            TlsVersion::Tls12 => &TLS12,
            TlsVersion::Tls13 => &TLS13,
        })
        .collect();
    let unusable = |error: rustls::Error| WebAccessError::Settings { reason: error.to_string() };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(unusable)?;
    let builder = match &settings.client_ca {
        Some(ca) if settings.client != ClientPolicy::NoCertificate => {
            builder.with_client_cert_verifier(clients(settings, ca, provider)?)
        }
        _ => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(certificates, key).map_err(|error| {
        WebAccessError::KeyDoesNotFit {
            certificate: place(&settings.certificate, "cert"),
            key: place(&settings.key, "key"),
            reason: error.to_string(),
        }
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Returns the library's defaults, restricted to the configured values.
fn provider(settings: &TlsSettings) -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    if !settings.cipher_suites.is_empty() {
        // As in Go, the list applies only to TLS 1.2.
        provider.cipher_suites.retain(|suite| match suite {
            SupportedCipherSuite::Tls13(_) => true,
            SupportedCipherSuite::Tls12(_) => {
                suite.suite().as_str().is_some_and(|name| settings.cipher_suites.contains(&name))
            }
        });
    }
    if !settings.groups.is_empty() {
        let all = std::mem::take(&mut provider.kx_groups);
        let named = |name: &&str| {
            all.iter().copied().find(|group| {
                let known = group.name();
                known.as_str().is_some_and(|known| known.eq_ignore_ascii_case(name))
            })
        };
        provider.kx_groups = settings.groups.iter().filter_map(named).collect();
    }
    provider
}

fn clients(
    settings: &TlsSettings,
    ca: &Pem,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, WebAccessError> {
    let no_anchor =
        |reason: String| WebAccessError::NoAnchor { place: place(ca, "client_ca"), reason };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca, "client_ca")? {
        roots.add(certificate).map_err(|error| no_anchor(error.to_string()))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match settings.client {
        ClientPolicy::RequireAndVerify => builder,
        ClientPolicy::VerifyIfGiven | ClientPolicy::NoCertificate => {
            builder.allow_unauthenticated()
        }
    };
    let verifier = builder.build().map_err(|error| no_anchor(error.to_string()))?;
    Ok(match settings.client_allowed_sans.is_empty() {
        true => verifier,
        false => {
            let allowed = settings.client_allowed_sans.clone();
            Arc::new(NamedClients { verifier, allowed })
        }
    })
}

/// Verifies like the library, and then requires one of the allowed names among the certificate's
/// subject alternative names: a DNS name, an address, an e-mail address or a URI, compared exactly.
#[derive(Debug)]
struct NamedClients {
    verifier: Arc<dyn ClientCertVerifier>,
    allowed: Vec<String>,
}

impl NamedClients {
    fn knows(&self, end_entity: &CertificateDer<'_>) -> bool {
        let Ok((_, certificate)) = X509Certificate::from_der(end_entity) else { return false };
        let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
        let mut names = names.value.general_names.iter();
        names.any(|name| self.allowed.iter().any(|allowed| is(name, allowed)))
    }
}

fn is(name: &GeneralName<'_>, allowed: &str) -> bool {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            *text == allowed
        }
        GeneralName::IPAddress(bytes) => address(bytes).is_some_and(|ip| allowed.parse() == Ok(ip)),
        _ => false,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

impl ClientCertVerifier for NamedClients {
    fn offer_client_auth(&self) -> bool {
        self.verifier.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.verifier.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.verifier.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.verifier.verify_client_cert(end_entity, intermediates, now)?;
        match self.knows(end_entity) {
            true => Ok(verified),
            false => Err(rustls::Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            )),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Returns all certificates of a PEM text, at least one.
fn certificates(
    from: &Pem,
    key: &'static str,
) -> Result<Vec<CertificateDer<'static>>, WebAccessError> {
    let text = text_of(from, key)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| WebAccessError::Malformed {
        place: place(from, key),
        reason: error.to_string(),
    })?;
    match found.is_empty() {
        true => Err(WebAccessError::NoCertificate { place: place(from, key) }),
        false => Ok(found),
    }
}

/// Returns the first private key of a PEM text.
fn private_key(from: &Pem, key: &'static str) -> Result<PrivateKeyDer<'static>, WebAccessError> {
    let text = text_of(from, key)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound => WebAccessError::NoKey { place: place(from, key) },
        error => WebAccessError::Malformed { place: place(from, key), reason: error.to_string() },
    })
}

fn text_of(from: &Pem, key: &'static str) -> Result<Vec<u8>, WebAccessError> {
    let path = match from {
        Pem::Inline(text) => return Ok(text.clone().into_bytes()),
        Pem::File(path) => path,
    };
    read_file(path, MOST_BYTES, FileKinds::Regular)
        .map_err(|error| WebAccessError::File { place: place(from, key), error })
}

/// Enough for all CA certificates in existence.
const MOST_BYTES: u64 = 4 << 20;

/// Why a syntactically valid web configuration file cannot be used.
#[derive(Debug, Error)]
pub enum WebAccessError {
    #[error("{place}: {error}")]
    File { place: String, error: FileError },
    #[error("{place}: no PEM certificate found; use a file with certificates")]
    NoCertificate { place: String },
    #[error("{place}: no PEM private key found; use PKCS#8, PKCS#1 or SEC1")]
    NoKey { place: String },
    #[error("{place}: not valid PEM: {reason}")]
    Malformed { place: String, reason: String },
    #[error("{certificate}: does not match the key {key}: {reason}")]
    KeyDoesNotFit { certificate: String, key: String, reason: String },
    #[error("{place}: not a valid CA certificate: {reason}")]
    NoAnchor { place: String, reason: String },
    #[error("tls_server_config: no usable protocol settings remain: {reason}")]
    Settings { reason: String },
}

/// Returns the location of a PEM text for messages.
fn place(pem: &Pem, key: &'static str) -> String {
    match pem {
        Pem::File(path) => path.display().to_string(),
        Pem::Inline(_) => format!("tls_server_config.{key}"),
    }
}
