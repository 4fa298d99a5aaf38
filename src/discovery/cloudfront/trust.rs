//! Whom the SDK trusts where the system has no certification authorities, as in an image from
//! scratch: Mozilla's, as compiled in.

use std::ffi::OsString;
use std::path::Path;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::TlsContext;
use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::shared::IntoShared;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tracing::debug;
use tracing::warn;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::limits::FileKinds;
use crate::limits::read_file;

/// Returns a client that trusts Mozilla's authorities if the system has none, and else nothing:
/// the SDK's own client takes the system's.
///
/// Who names a trust store by `SSL_CERT_FILE` or `SSL_CERT_DIR` gets that one or none, for no other
/// was asked for. Reads files, and waits for them as long as [`read_file`] does.
pub(super) fn client_without_system() -> Option<SharedHttpClient> {
    client_for(std::env::var_os("SSL_CERT_FILE"), std::env::var_os("SSL_CERT_DIR"))
}

fn client_for(file: Option<OsString>, folder: Option<OsString>) -> Option<SharedHttpClient> {
    if let Some(file) = &file {
        // The SDK opens it by itself, and would wait for a pipe without end.
        let read = read_file(Path::new(file), MOST_TRUST_STORE_BYTES, FileKinds::Regular);
        let Err(error) = read else { return None };
        warn!(file = %file.display(), "no certificate of AWS is trusted: SSL_CERT_FILE {error}");
        return client(TrustStore::empty());
    }
    if folder.is_some() || !rustls_native_certs::load_native_certs().certs.is_empty() {
        return None;
    }
    debug!("the system has no certification authorities; AWS is trusted by Mozilla's");
    client(mozilla())
}

/// Returns what the SDK's own client is, but for the trust store.
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

/// The system's has a quarter of a MiB.
const MOST_TRUST_STORE_BYTES: u64 = 16 << 20;

#[cfg(test)]
#[cfg(feature = "demo")]
mod tests {
    use std::sync::Arc;

    use aws_sdk_cloudfront::config::BehaviorVersion;
    use aws_sdk_cloudfront::config::Credentials;
    use aws_sdk_cloudfront::config::Region;
    use aws_sdk_cloudfront::config::retry::RetryConfig;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::PrivateKeyDer;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// Whether a client with this trust store finishes the handshake with a server that has this
    /// certificate.
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
        // The server goes away after the handshake, so there never is an answer.
        let client = aws_sdk_cloudfront::Client::from_conf(config.build());
        client.list_distributions().send().await.unwrap_err();
        server.await.unwrap()
    }

    #[tokio::test]
    async fn only_what_is_in_the_store_is_trusted() {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut store = mozilla();
        // All of Mozilla's are taken, or else the client would not come to be.
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
