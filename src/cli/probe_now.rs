//! `probe-now`: asks a running daemon to probe an origin at once.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::chain::printable_lines;
use crate::daemon;

use super::arguments::ProbeNowArguments;
use super::print;

/// Sends the request, and prints the daemon's answer.
pub(super) fn run(arguments: &ProbeNowArguments) -> anyhow::Result<()> {
    let runtime = daemon::runtime()?;
    let asked = async { tokio::time::timeout(TIMEOUT, ask(arguments)).await };
    let url = &arguments.url;
    let answer =
        runtime.block_on(asked).with_context(|| format!("{url}: no answer in {TIMEOUT:?}"))?;
    let (status, text) = answer.with_context(|| format!("{url}: cannot ask the daemon"))?;
    let text = printable_lines(&text);
    if status != StatusCode::ACCEPTED {
        bail!("{url}: {} ({})", text.trim_end(), status.as_u16());
    }
    Ok(print(&format!("{}: {}\n", arguments.id, text.trim_end()))?)
}

async fn ask(arguments: &ProbeNowArguments) -> anyhow::Result<(StatusCode, String)> {
    let url = &arguments.url;
    let is_tls = url.scheme_str() == Some("https");
    let host = url.host().unwrap_or_default();
    let port = url.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((name, port)).await?;
    let request = request(arguments)?;
    if !is_tls {
        return send(stream, request).await;
    }
    let config = ClientConfig::builder()
        .with_root_certificates(roots(arguments.ca.as_deref())?)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned())?;
    send(TlsConnector::from(Arc::new(config)).connect(name, stream).await?, request).await
}

fn request(arguments: &ProbeNowArguments) -> anyhow::Result<Request<Body>> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let prefix = arguments.url.path().trim_end_matches('/');
    let mut path = format!("{prefix}/origins/{}/-/probe", encoded(&arguments.id));
    let domain = arguments.domain.as_ref().map(|domain| domain.as_str());
    let selection = [("distribution", arguments.distribution.as_deref()), ("domain", domain)];
    let mut mark = '?';
    for (name, value) in selection.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        path.push_str(&format!("{mark}{name}={}", encoded(value)));
        mark = '&';
    }
    let authority = arguments.url.authority().map(|authority| authority.as_str());
    let mut request = Request::post(path.parse::<Uri>()?)
        .header(header::HOST, authority.unwrap_or_default())
        .header(header::CONTENT_LENGTH, 0);
    if let Some(path) = &arguments.user_file {
        let user = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let login = STANDARD.encode(user.trim_end_matches(['\r', '\n']));
        request = request.header(header::AUTHORIZATION, format!("Basic {login}"));
    }
    Ok(request.body(Body::empty())?)
}

fn roots(ca: Option<&Path>) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(roots);
    };
    for certificate in
        CertificateDer::pem_file_iter(path).with_context(|| path.display().to_string())?
    {
        roots.add(certificate.with_context(|| path.display().to_string())?)?;
    }
    if roots.is_empty() {
        bail!("{}: no certificate in PEM format", path.display());
    }
    Ok(roots)
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> anyhow::Result<(StatusCode, String)> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = to_bytes(Body::new(response.into_body()), MOST_BYTES).await?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// The daemon answers at once.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The daemon's answer is one line; another server's may be a page.
const MOST_BYTES: usize = 64 << 10;
