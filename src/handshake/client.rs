//! The full handshake: rustls, restricted to what CloudFront offers.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::ProtocolVersion;
use rustls::SignatureScheme;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls_pki_types::ServerName;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;
use tokio::time::timeout_at;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::cloudfront;
use crate::cloudfront::Offer;
use crate::cloudfront::Version;
use crate::observation::ClientCertificate;
use crate::observation::Failure;
use crate::observation::KeyProof;
use crate::observation::NotProbed;
use crate::observation::TlsParameters;

use super::HandshakeError;
use super::Outcome;
use super::Request;
use super::connect::Connection;
use super::connect::connect;
use super::failure;
use super::recorder::Record;
use super::recorder::Recorder;
use super::tap::Seen;
use super::tap::Tap;
use super::tap::look;

/// Makes handshakes; cheap to share.
#[derive(Clone, Debug)]
pub struct Client {
    provider: Arc<CryptoProvider>,
    schemes: Arc<[SignatureScheme]>,
}

impl Client {
    /// Prepares the library for CloudFront's offer.
    ///
    /// # Errors
    /// When the library has nothing of the offer, or the system no random numbers.
    pub fn new() -> Result<Self, HandshakeError> {
        let mut provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.cipher_suites =
            in_order(&cloudfront::CIPHER_SUITES, &provider.cipher_suites, |s| u16::from(s.suite()));
        provider.kx_groups =
            in_order(&cloudfront::GROUPS, &provider.kx_groups, |group| u16::from(group.name()));
        if provider.cipher_suites.is_empty() || provider.kx_groups.is_empty() {
            return Err(HandshakeError::NoCipherSuite);
        }
        // The first random number of a process costs 24 ms of CPU; it must not be a probe's.
        provider.secure_random.fill(&mut [0; 32]).map_err(|_| HandshakeError::NoRandom)?;
        let schemes =
            cloudfront::SIGNATURE_SCHEMES.iter().map(|code| SignatureScheme::from(*code)).collect();
        Ok(Self { provider: Arc::new(provider), schemes })
    }

    /// Connects, shakes hands and closes; never longer than the request allows.
    pub async fn shake_hands(&self, request: &Request<'_>) -> Outcome {
        if Offer::of(request.ssl_protocols).versions == [Version::Ssl3] {
            return Outcome::failed(Failure::Incompatible {
                detail: "CloudFront would offer SSLv3 only, which our TLS library does not speak"
                    .into(),
            });
        }
        let Connection { stream, took } = match connect(request).await {
            Ok(connection) => connection,
            Err(failure) => return Outcome::failed(failure),
        };
        let _ = stream.set_nodelay(true);
        let recorder = Arc::new(Recorder::new(
            self.provider.signature_verification_algorithms,
            Arc::clone(&self.schemes),
        ));
        let config = match self.config(&recorder) {
            Ok(config) => config,
            Err(error) => return own_failure(&error),
        };
        let Ok(server_name) = ServerName::try_from(request.server_name.as_str().to_owned()) else {
            return own_failure("the server name is not one that TLS can carry");
        };
        let began = Instant::now();
        let end = (began + request.handshake_timeout).min(request.deadline);
        let tap = Tap::new(stream);
        let seen = tap.seen();
        let connecting = TlsConnector::from(Arc::new(config)).connect(server_name, tap);
        let handshake = timeout_at(end, connecting).await;
        let handshake_time = began.elapsed();
        let mut tls = None;
        let mut late_refusal = None;
        let failure = match handshake {
            Ok(Ok(mut stream)) => {
                tls = parameters(stream.get_ref().1);
                if recorder.asked_for_client_certificate() && is_tls13(stream.get_ref().1) {
                    let patience = Duration::from_secs(1).max(took * 3);
                    let until = (Instant::now() + patience).min(request.deadline);
                    late_refusal = wait_for_refusal(&mut stream, &seen, until).await;
                }
                close(stream).await;
                None
            }
            Ok(Err(error)) => Some(failure::classify(&error, &look(&seen), recorder.key_proof())),
            // Less patience than was meant proves nothing about the origin.
            Err(_) if end < began + request.handshake_timeout && look(&seen).received() == 0 => {
                Some(Failure::NotProbed { reason: NotProbed::OutOfTime })
            }
            Err(_) => Some(failure::timed_out(&look(&seen), handshake_time)),
        };
        outcome(recorder.take(), tls, failure, late_refusal, took, handshake_time)
    }

    /// One configuration a handshake: it costs 280 ns and shares nothing.
    fn config(&self, recorder: &Arc<Recorder>) -> Result<ClientConfig, String> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(recorder) as _)
            .with_client_cert_resolver(Arc::clone(recorder) as _);
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

/// Returns those of `known` that `wanted` names, in the order of `wanted`.
fn in_order<T: Copy>(wanted: &[u16], known: &[T], code: impl Fn(&T) -> u16) -> Vec<T> {
    wanted.iter().filter_map(|w| known.iter().find(|k| code(k) == *w).copied()).collect()
}

fn outcome(
    record: Record,
    tls: Option<TlsParameters>,
    failure: Option<Failure>,
    late_refusal: Option<Failure>,
    connect_time: Duration,
    handshake_time: Duration,
) -> Outcome {
    let refused_for_want_of_one = record.asked_for_client_certificate
        && (late_refusal.is_some()
            || matches!(failure, Some(Failure::Alert { code }) if is_about_client_certificate(code)));
    let client_certificate = match (record.asked_for_client_certificate, refused_for_want_of_one) {
        (_, true) => ClientCertificate::Required,
        (true, false) => ClientCertificate::Requested,
        (false, false) => ClientCertificate::NotRequested,
    };
    Outcome {
        tls,
        served: record.served,
        staple: record.staple,
        key_proof: record.key_proof,
        client_certificate,
        failure: failure.or(late_refusal),
        connect_time: Some(connect_time),
        handshake_time: Some(handshake_time),
    }
}

/// The alerts with which servers refuse a client that has no certificate: handshake_failure and
/// bad_certificate in TLS 1.2 (RFC 5246 §7.4.6), certificate_required in TLS 1.3 (RFC 8446
/// §4.4.2.4), and access_denied and certificate_unknown as seen in the field.
fn is_about_client_certificate(code: u8) -> bool {
    matches!(code, 40 | 42 | 46 | 49 | 116)
}

/// In TLS 1.3 the client is done before the server has seen that there is no certificate: a
/// refusal comes as an alert, or a close, where application data would begin.
async fn wait_for_refusal(
    stream: &mut TlsStream<Tap>,
    seen: &Mutex<Seen>,
    until: Instant,
) -> Option<Failure> {
    let mut byte = [0; 1];
    match timeout_at(until, stream.read(&mut byte)).await {
        Ok(Err(error)) => match failure::classify(&error, &look(seen), KeyProof::NotReached) {
            refusal @ (Failure::Alert { .. } | Failure::ClosedDuringHandshake { .. }) => {
                Some(refusal)
            }
            _ => None,
        },
        Ok(Ok(_)) | Err(_) => None,
    }
}

/// Says goodbye as TLS wants it. A server that does not take the close_notify is not waited for.
async fn close(mut stream: TlsStream<Tap>) {
    let _ = tokio::time::timeout(CLOSE_PATIENCE, stream.shutdown()).await;
}

/// A close_notify is a few bytes into an empty send buffer; it only ever blocks by accident.
const CLOSE_PATIENCE: Duration = Duration::from_millis(250);

fn is_tls13(connection: &ClientConnection) -> bool {
    connection.protocol_version() == Some(ProtocolVersion::TLSv1_3)
}

fn parameters(connection: &ClientConnection) -> Option<TlsParameters> {
    let suite = connection.negotiated_cipher_suite()?;
    let name = suite.suite().as_str().unwrap_or("unknown");
    Some(TlsParameters {
        version: if is_tls13(connection) { "TLSv1.3" } else { "TLSv1.2" },
        // rustls writes TLS13_AES_…; IANA's name has no 13.
        cipher_suite: name.replacen("TLS13_", "TLS_", 1).into(),
        group: connection
            .negotiated_key_exchange_group()
            .and_then(|group| group.name().as_str().map(Into::into)),
    })
}

fn own_failure(detail: impl AsRef<str>) -> Outcome {
    Outcome::failed(Failure::NotProbed {
        reason: NotProbed::OwnFailure { detail: detail.as_ref().into() },
    })
}
