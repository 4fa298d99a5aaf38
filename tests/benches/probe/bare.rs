//! The bare handshake: TCP, a TLS handshake by rustls and the close, as the probe makes them, with
//! the server's signature verified, and without a look into the chain.

use std::net::SocketAddr;
use std::sync::Arc;

use origin_probe::cloudfront;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

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
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    let codes = |offered: &[cloudfront::Offered]| -> Vec<u16> {
        offered.iter().map(|offered| offered.code).collect()
    };
    provider.cipher_suites = codes(&cloudfront::CIPHER_SUITES)
        .iter()
        .filter_map(|code| provider.cipher_suites.iter().find(|s| u16::from(s.suite()) == *code))
        .copied()
        .collect();
    provider.kx_groups = codes(&cloudfront::GROUPS)
        .iter()
        .filter_map(|code| provider.kx_groups.iter().find(|g| u16::from(g.name()) == *code))
        .copied()
        .collect();
    provider
}

/// Takes any chain; a handshake must be signed with the key of its first certificate all the same.
#[derive(Debug)]
struct AnyChain {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AnyChain {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
