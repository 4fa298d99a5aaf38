//! A plain client that keeps what it is shown.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, Error, ProtocolVersion};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::common::any_chain::{AnyChain, Shown};

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

pub(super) fn any_chain() -> Arc<AnyChain> {
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
    Arc::new(AnyChain { algorithms, shown: Some(Mutex::default()) })
}

pub(super) fn config(any_chain: Arc<AnyChain>) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(any_chain)
        .with_no_client_auth()
}

/// Makes a whole visit: handshake, close, and the server's own close.
pub(super) async fn visit(address: SocketAddr, server_name: &str) -> Visit {
    let any_chain = any_chain();
    let config = config(Arc::clone(&any_chain));
    let outcome = talk(address, server_name, config).await.map_err(|error| {
        let source = error.get_ref().and_then(|source| source.downcast_ref::<Error>());
        source.unwrap_or_else(|| panic!("{error:?}")).clone()
    });
    let shown = std::mem::take(&mut *any_chain.shown.as_ref().unwrap().lock().unwrap());
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
