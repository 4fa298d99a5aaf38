//! Converts the options of a server to a rustls configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{NoServerSessionStorage, ResolvesServerCertUsingSni, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{
    Certificates, ClientAuthentication, DemoError, ServedCertificate, TlsServerOptions, TlsVersions,
};

/// The certificates with loaded keys.
#[derive(Debug)]
pub(super) struct Presented {
    by_name: BTreeMap<String, CertifiedKey>,
    for_others: Option<CertifiedKey>,
}

impl Presented {
    pub(super) fn load(certificates: &Certificates) -> Result<Self, rustls::Error> {
        let by_name = certificates
            .by_name
            .iter()
            .map(|(name, served)| Ok((name.to_ascii_lowercase(), load(served)?)))
            .collect::<Result<_, rustls::Error>>()?;
        let for_others = certificates.for_others.as_ref().map(load).transpose()?;
        Ok(Self { by_name, for_others })
    }

    pub(super) fn choose(&self, server_name: Option<&str>) -> Option<&CertifiedKey> {
        server_name
            .and_then(|name| self.by_name.get(&name.to_ascii_lowercase()))
            .or(self.for_others.as_ref())
    }
}

/// Returns the settings shared by all connections of a server. The certificate is set per
/// connection, when the server name is known.
pub(super) fn server_config(
    options: &TlsServerOptions,
    address: SocketAddr,
) -> Result<ServerConfig, DemoError> {
    let provider = Arc::new(provider(options));
    let versions: &[&rustls::SupportedProtocolVersion] = match options.versions {
        TlsVersions::Tls12And13 => &[&rustls::version::TLS12, &rustls::version::TLS13],
        TlsVersions::Tls12 => &[&rustls::version::TLS12],
        TlsVersions::Tls13 => &[&rustls::version::TLS13],
    };
    let verifier = |authority: &[u8]| {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(authority))
            .map_err(|source| DemoError::Tls { address, source })?;
        Ok(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)))
    };
    let unusable = |source| DemoError::ClientAuthority { address, source };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|source| DemoError::Tls { address, source })?;
    let builder = match &options.client_authentication {
        ClientAuthentication::NotAsked => builder.with_no_client_auth(),
        ClientAuthentication::Asked { authority } => {
            let verifier = verifier(authority)?.allow_unauthenticated().build();
            builder.with_client_cert_verifier(verifier.map_err(unusable)?)
        }
        ClientAuthentication::Required { authority } => {
            let verifier = verifier(authority)?.build();
            builder.with_client_cert_verifier(verifier.map_err(unusable)?)
        }
    };
    let mut config = builder.with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
    // A resumed session would hide a changed certificate.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn load(served: &ServedCertificate) -> Result<CertifiedKey, rustls::Error> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(served.key.clone()));
    let key = aws_lc_rs::default_provider().key_provider.load_private_key(key)?;
    let chain = served.chain.iter().cloned().map(CertificateDer::from).collect();
    // `from_der` would reject a key that does not match the certificate.
    let mut certified = CertifiedKey::new(chain, key);
    certified.ocsp.clone_from(&served.ocsp_staple);
    Ok(certified)
}

fn provider(options: &TlsServerOptions) -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    if !options.cipher_suites.is_empty() {
        provider
            .cipher_suites
            .retain(|suite| options.cipher_suites.contains(&u16::from(suite.suite())));
    }
    if !options.groups.is_empty() {
        provider.kx_groups.retain(|group| options.groups.contains(&u16::from(group.name())));
    }
    provider
}
