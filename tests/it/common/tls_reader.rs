//! Who reads the pages: over plain HTTP or TLS, with or without a certificate.
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use origin_probe::demo::pki::{Authority, Issued};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::http::Answer;

/// Asks one address, each time on a connection of its own.
#[derive(Clone)]
pub struct Reader {
    address: SocketAddr,
    trusts: Option<CertificateDer<'static>>,
    certificate: Option<Issued>,
}

impl Reader {
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, trusts: None, certificate: None }
    }

    pub fn trusting(address: SocketAddr, root: &Authority) -> Self {
        Self { trusts: Some(CertificateDer::from(root.der())), ..Self::plain(address) }
    }

    pub fn with_certificate(self, issued: &Issued) -> Self {
        Self { certificate: Some(issued.clone()), ..self }
    }

    /// Makes one request, with `user:password` if given.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        credentials: Option<&str>,
    ) -> io::Result<Answer> {
        let authorization = |credentials| {
            format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode(credentials))
        };
        let authorization = credentials.map(authorization).unwrap_or_default();
        let request = format!("{method} {path} HTTP/1.0\r\nHost: x\r\n{authorization}\r\n");
        match &self.trusts {
            None => exchange(&mut TcpStream::connect(self.address).await?, &request).await,
            Some(root) => exchange(&mut self.connect(self.config(root)).await?, &request).await,
        }
    }

    /// Returns version, cipher suite and group of a connection.
    pub async fn negotiates(&self) -> [String; 3] {
        let stream = self.connect(self.config(self.trusts.as_ref().unwrap())).await.unwrap();
        let connection = stream.get_ref().1;
        [
            format!("{:?}", connection.protocol_version().unwrap()),
            format!("{:?}", connection.negotiated_cipher_suite().unwrap().suite()),
            format!("{:?}", connection.negotiated_key_exchange_group().unwrap().name()),
        ]
    }

    async fn connect(&self, config: ClientConfig) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("probe.example").unwrap();
        let stream = TcpStream::connect(self.address).await?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// Begins as a client of HTTP/2 does, offering `protocols`; returns what comes until the end.
    pub async fn begin_http_2(&self, protocols: &[&str]) -> io::Result<Vec<u8>> {
        let mut config = self.config(self.trusts.as_ref().unwrap());
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let mut stream = self.connect(config).await?;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await?;
        let mut answer = Vec::new();
        // An end without notice is an end.
        let _ = stream.read_to_end(&mut answer).await;
        Ok(answer)
    }

    fn config(&self, root: &CertificateDer<'static>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(root.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        match &self.certificate {
            None => builder.with_no_client_auth(),
            Some(issued) => {
                let key = PrivateKeyDer::try_from(issued.key.clone()).unwrap();
                let chain = vec![CertificateDer::from(issued.der.clone())];
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        }
    }
}

async fn exchange<S>(stream: &mut S, request: &str) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Answer::parse(answer).ok_or_else(|| io::ErrorKind::InvalidData.into())
}
