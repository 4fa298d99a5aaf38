//! TLS for the pages: from the settings to what the TLS library takes.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::SupportedCipherSuite;
use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::version::TLS12;
use rustls::version::TLS13;

use crate::config::ClientPolicy;
use crate::config::Pem;
use crate::config::TlsSettings;
use crate::config::TlsVersion;

use super::clients::NamedClients;
use super::error::DoorError;
use super::error::place;
use super::pem;

/// Reads the files that `settings` name, and joins everything.
pub(super) fn server_config(settings: &TlsSettings) -> Result<Arc<ServerConfig>, DoorError> {
    let certificates = pem::certificates(&settings.certificate, "cert")?;
    let key = pem::private_key(&settings.key, "key")?;
    let provider = Arc::new(provider(settings));
    let versions: Vec<&SupportedProtocolVersion> = settings
        .versions
        .iter()
        .map(|version| match version {
            TlsVersion::Tls12 => &TLS12,
            TlsVersion::Tls13 => &TLS13,
        })
        .collect();
    let unusable = |error: rustls::Error| DoorError::Settings { reason: error.to_string() };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(unusable)?;
    let builder = match &settings.client_ca {
        Some(ca) if settings.client != ClientPolicy::NoCertificate => {
            builder.with_client_cert_verifier(clients(settings, ca, provider)?)
        }
        _ => builder.with_no_client_auth(),
    };
    let mut config =
        builder.with_single_cert(certificates, key).map_err(|error| DoorError::KeyDoesNotFit {
            certificate: place(&settings.certificate, "cert"),
            key: place(&settings.key, "key"),
            reason: error.to_string(),
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Returns the library's own offer, less what the settings leave out.
fn provider(settings: &TlsSettings) -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    if !settings.cipher_suites.is_empty() {
        // As in Go, a list is about TLS 1.2.
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
) -> Result<Arc<dyn ClientCertVerifier>, DoorError> {
    let no_anchor = |reason: String| DoorError::NoAnchor { place: place(ca, "client_ca"), reason };
    let mut roots = RootCertStore::empty();
    for certificate in pem::certificates(ca, "client_ca")? {
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
        false => Arc::new(NamedClients::new(verifier, settings.client_allowed_sans.clone())),
    })
}
