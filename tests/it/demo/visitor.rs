//! A plain client that keeps what it is shown.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// What the server showed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) staple: Vec<u8>,
}

/// Keeps what was shown, and checks the handshake's signature as every client does.
#[derive(Debug)]
struct Keeper {
    shown: Mutex<Shown>,
    provider: CryptoProvider,
}

impl ServerCertVerifier for Keeper {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        *self.shown.lock().unwrap() = Shown {
            chain: chain.map(|certificate| certificate.to_vec()).collect(),
            staple: ocsp_response.to_vec(),
        };
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What came of a visit.
pub(super) struct Visit {
    pub(super) shown: Shown,
    pub(super) outcome: Result<Negotiated, Error>,
}

/// What was agreed on, in IANA numbers.
#[derive(Debug, PartialEq)]
pub(super) struct Negotiated {
    pub(super) version: Option<ProtocolVersion>,
    pub(super) cipher_suite: Option<u16>,
    pub(super) group: Option<u16>,
}

/// Makes a whole visit: handshake, close, and the server's own close.
pub(super) async fn visit(address: SocketAddr, server_name: &str) -> Visit {
    let provider = aws_lc_rs::default_provider();
    let keeper =
        Arc::new(Keeper { shown: Mutex::new(Shown::default()), provider: provider.clone() });
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(keeper.clone())
        .with_no_client_auth();
    let outcome = talk(address, server_name, config).await.map_err(|error| {
        let source = error.get_ref().and_then(|source| source.downcast_ref::<Error>());
        source.unwrap_or_else(|| panic!("{error:?}")).clone()
    });
    let shown = std::mem::take(&mut *keeper.shown.lock().unwrap());
    Visit { shown, outcome }
}

async fn talk(
    address: SocketAddr,
    server_name: &str,
    config: ClientConfig,
) -> io::Result<Negotiated> {
    let stream = TcpStream::connect(address).await?;
    let server_name = ServerName::try_from(server_name.to_owned()).unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(server_name, stream).await?;
    let connection = stream.get_ref().1;
    let negotiated = Negotiated {
        version: connection.protocol_version(),
        cipher_suite: connection.negotiated_cipher_suite().map(|suite| suite.suite().into()),
        group: connection.negotiated_key_exchange_group().map(|group| group.name().into()),
    };
    stream.shutdown().await?;
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(negotiated)
}
