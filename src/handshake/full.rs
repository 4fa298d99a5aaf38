//! The full handshake: rustls, restricted to a given offer.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, SignatureScheme};
use rustls_pki_types::ServerName;
use tokio::time::{Instant, timeout_at};

use crate::cloudfront;
use crate::cloudfront::{Offered, Version};
use crate::observation::{
    ClientCertificate, Failure, Handshake, KeyProof, NotProbed, TlsParameters,
};
use crate::origin::DomainName;

use super::connect::Connection;
use super::failure;
use super::hello::{Registry, cipher_suite_name, group_name, violation_of_scheme};
use super::recorder::{Record, Recorder};
use super::request::Timeouts;
use super::request::{HandshakeError, ServedHandshake};
use super::tls_socket::TlsSocket;

/// Performs full handshakes with one offer.
#[derive(Clone, Debug)]
pub(super) struct FullHandshake {
    provider: Arc<CryptoProvider>,
    schemes: Arc<[SignatureScheme]>,
}

impl FullHandshake {
    /// Prepares rustls for CloudFront's offer.
    pub(super) fn of_cloudfront() -> Result<Self, HandshakeError> {
        Self::new(
            &codes(&cloudfront::CIPHER_SUITES),
            &codes(&cloudfront::GROUPS),
            &codes(&cloudfront::SIGNATURE_SCHEMES),
        )
    }

    /// Prepares rustls for as much of an offer as it supports.
    pub(super) fn new(
        cipher_suites: &[u16],
        groups: &[u16],
        signature_schemes: &[u16],
    ) -> Result<Self, HandshakeError> {
        let mut provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.cipher_suites =
            in_order(cipher_suites, &provider.cipher_suites, |s| u16::from(s.suite()));
        provider.kx_groups = in_order(groups, &provider.kx_groups, |group| u16::from(group.name()));
        if provider.cipher_suites.is_empty() || provider.kx_groups.is_empty() {
            return Err(HandshakeError::NoCipherSuite);
        }
        // The first random number of a process costs 24 ms of CPU, which must not delay a probe.
        provider.secure_random.fill(&mut [0; 32]).map_err(|_| HandshakeError::NoRandom)?;
        let schemes = signature_schemes.iter().map(|code| SignatureScheme::from(*code)).collect();
        Ok(Self { provider: Arc::new(provider), schemes })
    }

    pub(super) fn randomise(&self, buffer: &mut [u8]) -> Result<(), HandshakeError> {
        self.provider.secure_random.fill(buffer).map_err(|_| HandshakeError::NoRandom)
    }

    /// Performs a handshake on a new connection and closes it.
    pub(super) async fn shake_hands(
        &self,
        connection: Connection,
        ask: Ask<'_>,
        timeouts: Timeouts,
    ) -> ServedHandshake {
        let Connection { stream, took } = connection;
        let _ = stream.set_nodelay(true);
        let recorder = Arc::new(Recorder::new(Arc::clone(&self.schemes)));
        let tls = match self.client_connection(&recorder, ask) {
            Ok(tls) => tls,
            Err(error) => return ServedHandshake::failed(failure::own_failure(&error)),
        };
        // On the heap, because a future has room for every place through which something is moved.
        let mut socket = Box::new(TlsSocket::new(tls, stream));
        let began = Instant::now();
        let ended = timeout_at(timeouts.until, socket.shake_hands()).await;
        let handshake_time = began.elapsed();
        let mut tls = None;
        let mut late_refusal = None;
        let failure = match ended {
            Ok(Ok(())) => {
                tls = parameters(socket.tls());
                let is_tls13 = is_tls13(socket.tls());
                if recorder.asked_for_client_certificate() && is_tls13 {
                    let wait = LATE_REFUSAL.max(took * 3);
                    let until = (Instant::now() + wait).min(timeouts.deadline);
                    late_refusal = wait_for_refusal(&mut socket, until).await;
                }
                let _ = tokio::time::timeout(CLOSE_PATIENCE, socket.close()).await;
                let form = socket.seen().violation().filter(|_| is_tls13).map(ToOwned::to_owned);
                let violation =
                    form.or_else(|| recorder.unoffered_scheme().map(violation_of_scheme));
                violation.map(|detail| Failure::OfferViolated { detail: detail.into() })
            }
            Ok(Err(error)) => Some(failure::classify(&error, socket.seen(), recorder.key_proof())),
            // A shortened timeout proves nothing about the origin.
            Err(_) if timeouts.is_shortened => {
                Some(Failure::NotProbed { reason: NotProbed::OutOfTime })
            }
            Err(_) => Some(failure::timed_out(socket.seen(), handshake_time)),
        };
        let warning = socket.seen().warning();
        let mut outcome =
            outcome(recorder.take(), tls, failure, late_refusal, took, handshake_time);
        outcome.handshake.warnings.extend(warning);
        outcome
    }

    /// Prepares one connection. Its configuration is its own: it costs 280 ns and shares nothing.
    fn client_connection(
        &self,
        recorder: &Arc<Recorder>,
        ask: Ask<'_>,
    ) -> Result<ClientConnection, String> {
        let versions = match ask.ends_at_tls12 {
            true => TLS12_ONLY,
            false => rustls::ALL_VERSIONS,
        };
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(versions)
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(recorder) as _)
            .with_client_cert_resolver(Arc::clone(recorder) as _);
        config.resumption = Resumption::disabled();
        config.enable_sni = ask.server_name.is_some();
        // Without a server name none is sent, but rustls requires one anyway.
        let name = ask.server_name.map_or("nameless.invalid", DomainName::as_str);
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| "the server name cannot be sent in TLS")?;
        ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())
    }
}

/// rustls, prepared for CloudFront's offer and for everything that it supports.
#[derive(Clone, Debug)]
pub(super) struct Engines {
    pub(super) cloudfront: FullHandshake,
    /// With everything that rustls supports.
    pub(super) unrestricted: FullHandshake,
    pub(super) registry: Arc<Registry>,
}

impl Engines {
    pub(super) fn new() -> Result<Self, HandshakeError> {
        let registry = Registry::all();
        Ok(Self {
            cloudfront: FullHandshake::of_cloudfront()?,
            unrestricted: FullHandshake::new(
                &registry.cipher_suites,
                &registry.groups,
                &registry.signature_schemes,
            )?,
            registry: Arc::new(registry),
        })
    }
}

/// The server name and the versions of one full handshake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) server_name: Option<&'a DomainName>,
    /// Whether to leave out TLS 1.3.
    pub(super) ends_at_tls12: bool,
}

const TLS12_ONLY: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12];

pub(super) fn codes(offered: &[Offered]) -> Vec<u16> {
    offered.iter().map(|offered| offered.code).collect()
}

/// Returns the elements of `known` that `wanted` names, in the order of `wanted`.
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
) -> ServedHandshake {
    // In TLS 1.2, the server's Finished shows that it continued without one. In TLS 1.3, a close
    // after the handshake may have another cause, which needs a further connection.
    let refused_for_want_of_one = record.asked_for_client_certificate
        && match failure.as_ref().or(late_refusal.as_ref()) {
            Some(Failure::Alert { code }) => is_about_client_certificate(*code),
            Some(Failure::ClosedDuringHandshake { .. }) => late_refusal.is_none(),
            _ => false,
        };
    let client_certificate = match (record.asked_for_client_certificate, refused_for_want_of_one) {
        (_, true) => ClientCertificate::Required,
        (true, false) => ClientCertificate::Requested,
        (false, false) => ClientCertificate::NotRequested,
    };
    ServedHandshake {
        handshake: Handshake {
            tls,
            key_proof: record.key_proof,
            client_certificate,
            failure: failure.or(late_refusal),
            connect_time: Some(connect_time),
            handshake_time: Some(handshake_time),
            ..Handshake::default()
        },
        served: record.served,
        staple: record.staple,
    }
}

/// The alerts with which servers refuse a client without a certificate: handshake_failure and
/// bad_certificate in TLS 1.2 (RFC 5246 §7.4.6), certificate_required in TLS 1.3 (RFC 8446
/// §4.4.2.4), and others that servers send in practice: unsupported_certificate,
/// certificate_revoked, certificate_unknown, unknown_ca, access_denied, decode_error (GnuTLS) and
/// internal_error.
fn is_about_client_certificate(code: u8) -> bool {
    matches!(code, 40 | 42 | 43 | 44 | 46 | 48 | 49 | 50 | 80 | 116)
}

/// In TLS 1.3, the client finishes before the server has processed its empty certificate. A refusal
/// arrives as an alert, or a close, in place of application data.
async fn wait_for_refusal(socket: &mut TlsSocket, until: Instant) -> Option<Failure> {
    let error = timeout_at(until, socket.wait_for_data()).await.ok()?.err()?;
    match failure::classify(&error, socket.seen(), KeyProof::NotReached) {
        refusal @ (Failure::Alert { .. } | Failure::ClosedDuringHandshake { .. }) => Some(refusal),
        _ => None,
    }
}

/// How long to wait until a close_notify is sent, which TLS requires: a few bytes into an empty send
/// buffer, which hardly ever blocks.
const CLOSE_PATIENCE: Duration = Duration::from_millis(250);

fn is_tls13(connection: &ClientConnection) -> bool {
    connection.protocol_version() == Some(ProtocolVersion::TLSv1_3)
}

fn parameters(connection: &ClientConnection) -> Option<TlsParameters> {
    let suite = connection.negotiated_cipher_suite()?;
    let version = if is_tls13(connection) { Version::Tls1_3 } else { Version::Tls1_2 };
    let group = connection.negotiated_key_exchange_group();
    Some(TlsParameters {
        version: version.as_str().into(),
        cipher_suite: cipher_suite_name(suite.suite().into()),
        group: group.map(|group| group_name(group.name().into())),
    })
}

/// The shortest wait for a refusal in TLS 1.3. It arrives one round trip after the client's last
/// flight.
const LATE_REFUSAL: Duration = Duration::from_secs(1);
