//! The SDK's trust store if the system has none, as in an image built from scratch: Mozilla's
//! certificate authorities, compiled in.

use std::ffi::OsString;
use std::path::Path;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::shared::IntoShared;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tracing::{debug, warn};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::limits::{FileKinds, read_file};

/// Returns a client that trusts Mozilla's authorities if the system has none; otherwise `None`,
/// because the SDK's default client uses the system's.
///
/// A trust store set with `SSL_CERT_FILE` or `SSL_CERT_DIR` is never replaced. Blocks on file
/// access for as long as [`read_file`] does.
pub(super) fn client_without_system() -> Option<SharedHttpClient> {
    client_for(std::env::var_os("SSL_CERT_FILE"), std::env::var_os("SSL_CERT_DIR"))
}

fn client_for(file: Option<OsString>, folder: Option<OsString>) -> Option<SharedHttpClient> {
    if let Some(file) = &file {
        // Check the file first: the SDK would open a pipe and block forever.
        let read = read_file(Path::new(file), MOST_TRUST_STORE_BYTES, FileKinds::Regular);
        let Err(error) = read else { return None };
        warn!(file = %file.display(), %error, "SSL_CERT_FILE not usable; AWS is not trusted");
        return client(TrustStore::empty());
    }
    if folder.is_some() || !rustls_native_certs::load_native_certs().certs.is_empty() {
        return None;
    }
    debug!("system trust store empty; using Mozilla's for AWS");
    client(mozilla())
}

/// Returns the SDK's default client with another trust store.
fn client(trusted: TrustStore) -> Option<SharedHttpClient> {
    let context = TlsContext::builder().with_trust_store(trusted).build().ok()?;
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    });
    Some(client.into_shared())
}

fn mozilla() -> TrustStore {
    TLS_SERVER_ROOT_CERTS.iter().fold(TrustStore::empty(), |store, certificate| {
        store.with_pem_certificate(pem(certificate))
    })
}

fn pem(der: &[u8]) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

/// A typical system trust store has a quarter of a MiB.
const MOST_TRUST_STORE_BYTES: u64 = 16 << 20;

#[cfg(test)]
#[cfg(feature = "demo")]
mod tests {
    use std::sync::Arc;

    use aws_sdk_cloudfront::config::retry::RetryConfig;
    use aws_sdk_cloudfront::config::{BehaviorVersion, Credentials, Region};
    use rustls_pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// Returns whether a client with this trust store completes the handshake with a server that
    /// has this certificate.
    async fn trusts(store: TrustStore, certificate: &rcgen::CertifiedKey<rcgen::KeyPair>) -> bool {
        let chain = vec![certificate.cert.der().clone()];
        let key = PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            TlsAcceptor::from(Arc::new(config)).accept(socket).await.is_ok()
        });
        let config = aws_sdk_cloudfront::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "key", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(client(store).unwrap())
            .endpoint_url(format!("https://localhost:{port}"));
        // The server closes the connection after the handshake, so there is no response.
        let client = aws_sdk_cloudfront::Client::from_conf(config.build());
        client.list_distributions().send().await.unwrap_err();
        server.await.unwrap()
    }

    #[tokio::test]
    async fn only_what_is_in_the_store_is_trusted() {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut store = mozilla();
        // Creating the client fails unless all of Mozilla's certificates are accepted.
        assert!(!trusts(store.clone(), &own).await);
        store.add_pem_certificate(pem(own.cert.der()));
        assert!(trusts(store, &own).await);
    }

    #[test]
    fn a_trust_store_that_is_no_regular_file_is_not_left_to_the_sdk() {
        assert!(client_for(Some("/dev/zero".into()), None).is_some());
        assert!(client_for(Some("Cargo.toml".into()), None).is_none());
    }

    #[test]
    fn a_certificate_is_the_same_in_pem() {
        use rustls_pki_types::pem::PemObject;
        for der in TLS_SERVER_ROOT_CERTS {
            assert_eq!(&CertificateDer::from_pem_slice(pem(der).as_bytes()).unwrap(), der);
        }
    }
}
