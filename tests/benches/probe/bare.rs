//! The bare handshake: TCP, a TLS handshake by rustls and the close, as the probe makes them, with
//! the server's signature verified, and without a look into the chain.

use std::net::SocketAddr;
use std::sync::Arc;

use origin_probe::cloudfront;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::any_chain::AnyChain;
use super::origin::DOMAIN;

/// Makes bare handshakes with one configuration, made once.
#[derive(Clone, Debug)]
pub(crate) struct Bare {
    config: Arc<ClientConfig>,
}

/// How much of a chain a client looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verification {
    /// Whether the handshake is signed with the first certificate's key.
    OfTheSignature,
    /// That, and whether the chain leads to the root, as everybody's client does.
    OfTheChain,
}

impl Bare {
    /// Returns a client with the probe's cipher suites and groups, in their order.
    pub(crate) fn new(verification: Verification, root: &[u8]) -> Self {
        let provider = Arc::new(provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .unwrap();
        let mut config = match verification {
            Verification::OfTheSignature => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyChain {
                    algorithms: provider.signature_verification_algorithms,
                    shown: None,
                }))
                .with_no_client_auth(),
            Verification::OfTheChain => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(CertificateDer::from(root)).unwrap();
                builder.with_root_certificates(roots).with_no_client_auth()
            }
        };
        config.resumption = Resumption::disabled();
        Self { config: Arc::new(config) }
    }

    /// Connects, shakes hands and says goodbye.
    pub(crate) async fn shake_hands(&self, origin: SocketAddr) {
        let stream = TcpStream::connect(origin).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from(DOMAIN).unwrap();
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let mut stream = connector.connect(name, stream).await.unwrap();
        stream.shutdown().await.unwrap();
    }
}

fn provider() -> CryptoProvider {
    let CryptoProvider { cipher_suites, kx_groups, .. } = aws_lc_rs::default_provider();
    let suite = |offered: &cloudfront::Offered| {
        cipher_suites.iter().find(|suite| u16::from(suite.suite()) == offered.code).copied()
    };
    let group = |offered: &cloudfront::Offered| {
        kx_groups.iter().find(|group| u16::from(group.name()) == offered.code).copied()
    };
    CryptoProvider {
        cipher_suites: cloudfront::CIPHER_SUITES.iter().filter_map(suite).collect(),
        kx_groups: cloudfront::GROUPS.iter().filter_map(group).collect(),
        ..aws_lc_rs::default_provider()
    }
}
