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

/// Asks one address, each time on a connection of its own.
#[derive(Clone)]
pub struct Reader {
    address: SocketAddr,
    trusts: Option<CertificateDer<'static>>,
    certificate: Option<Issued>,
}

/// One answer; the head is in lower case.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
    /// Version, cipher suite and group of TLS.
    pub tls: Option<(String, String, String)>,
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
        let mut request = format!("{method} {path} HTTP/1.0\r\nHost: x\r\n");
        if let Some(credentials) = credentials {
            let encoded = BASE64_STANDARD.encode(credentials);
            request.push_str(&format!("Authorization: Basic {encoded}\r\n"));
        }
        request.push_str("\r\n");
        let stream = TcpStream::connect(self.address).await?;
        let Some(root) = &self.trusts else { return exchange(stream, &request).await };
        let connector = TlsConnector::from(Arc::new(self.config(root)));
        let name = ServerName::try_from("probe.example").unwrap();
        let mut stream = connector.connect(name, stream).await?;
        let mut answer = exchange(&mut stream, &request).await?;
        let connection = stream.get_ref().1;
        answer.tls = Some((
            format!("{:?}", connection.protocol_version().unwrap()),
            format!("{:?}", connection.negotiated_cipher_suite().unwrap().suite()),
            format!("{:?}", connection.negotiated_key_exchange_group().unwrap().name()),
        ));
        Ok(answer)
    }

    /// Begins as a client of HTTP/2 does, offering `protocols`; returns what comes until the end.
    pub async fn begin_http_2(&self, protocols: &[&str]) -> io::Result<Vec<u8>> {
        let mut config = self.config(self.trusts.as_ref().unwrap());
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = ServerName::try_from("probe.example").unwrap();
        let stream = TcpStream::connect(self.address).await?;
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
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

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
) -> io::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Answer { status, head: head.to_lowercase(), body: body.to_owned(), tls: None })
}

/// Writes a PEM block (RFC 7468).
pub fn pem(label: &str, der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
