//! Further connections to the same address, each with a given hello.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloudfront::{GROUPS, Offer, SIGNATURE_SCHEMES, Version};
use crate::observation::{Ending, Failure, NotProbed};

use super::connect::{ConnectFailure, Connection, connect};
use super::full::{Ask, Engines, FullHandshake, codes};
use super::hello;
use super::hello::{Answer, ClientHello, End, Nonces};
use super::request::Timeouts;
use super::request::{Request, ServedHandshake};

/// The connections to one server with one server name.
#[derive(Debug)]
pub(super) struct Session<'a> {
    pub(super) engines: &'a Engines,
    pub(super) request: &'a Request<'a>,
    /// The offer that CloudFront would make.
    pub(super) offer: Offer,
    /// The number of connection attempts, including the first.
    connections: AtomicU8,
    /// The first failure of this machine to send a hello, which leaves the result open.
    own_failure: OnceLock<Failure>,
}

/// The most connections to one endpoint in one probe. Documented in `deploy/docs/rules.md` and
/// `deploy/docs/threat-model.md`.
const MAX_CONNECTIONS: u8 = 8;

#[derive(Clone, Debug)]
pub(super) struct HelloReply<'a> {
    pub(super) answer: Answer,
    pub(super) hello: ClientHello<'a>,
    pub(super) connect_time: Duration,
    pub(super) handshake_time: Duration,
}

/// Why a hello was not answered, for a reason unrelated to the server's TLS.
#[derive(Clone, Debug)]
pub(super) struct SkipReason {
    pub(super) detail: String,
    /// Whether the answer had less than the full timeout.
    pub(super) is_out_of_time: bool,
}

impl<'a> Session<'a> {
    /// Begins with one connection, which every probe makes.
    pub(super) fn new(engines: &'a Engines, request: &'a Request<'a>, offer: Offer) -> Self {
        let own_failure = OnceLock::new();
        Self { engines, request, offer, connections: AtomicU8::new(1), own_failure }
    }

    /// Returns why this machine could not send one of the further hellos.
    pub(super) fn own_failure(&self) -> Option<&Failure> {
        self.own_failure.get()
    }

    fn note(&self, failure: Option<&Failure>) {
        if let Some(failure) = failure.filter(|failure| failure.own().is_some()) {
            // The first failure is as good as the last.
            let _ = self.own_failure.set(failure.clone());
        }
    }

    /// Returns CloudFront's own ClientHello.
    pub(super) fn cloudfront_hello(&self) -> ClientHello<'a> {
        ClientHello {
            versions: self.offer.versions.clone(),
            cipher_suites: self.offer.cipher_suites().map(|suite| suite.code).collect(),
            groups: codes(&GROUPS),
            signature_schemes: codes(&SIGNATURE_SCHEMES),
            server_name: Some(self.request.server_name),
            // AWS does not document whether CloudFront requests it.
            status_request: true,
            nonces: Nonces::default(),
        }
    }

    /// Returns CloudFront's hello without TLS 1.3, so that the answer is in plaintext.
    pub(super) fn hello_in_the_clear(&self) -> ClientHello<'a> {
        let mut hello = self.cloudfront_hello();
        hello.versions.retain(|version| *version < Version::Tls1_3);
        hello
    }

    /// Returns a hello that offers every version from TLS 1.0 on, every suite with a certificate
    /// and every signature scheme, but only CloudFront's groups: a server that prefers another
    /// group would ask for it before it looks at anything else. It requests no OCSP response,
    /// because wolfSSL 5.5.4 closes the connection if it does not know the issuer.
    pub(super) fn wide_hello(&self) -> ClientHello<'a> {
        let registry = &self.engines.registry;
        ClientHello {
            versions: Version::ALL.into_iter().filter(|v| *v >= Version::Tls1).collect(),
            cipher_suites: registry.cipher_suites.clone(),
            groups: codes(&GROUPS),
            signature_schemes: registry.signature_schemes.clone(),
            server_name: Some(self.request.server_name),
            status_request: false,
            nonces: Nonces::default(),
        }
    }

    /// Returns the wide hello with every group.
    pub(super) fn hello_with_all_groups(&self) -> ClientHello<'a> {
        ClientHello { groups: self.engines.registry.groups.clone(), ..self.wide_hello() }
    }

    /// Returns a hello that ends at TLS 1.2, because only there can a certificate's key be on a
    /// curve that TLS 1.3 does not define. It also offers the suites without a certificate.
    pub(super) fn hello_with_all_curves(&self) -> ClientHello<'a> {
        let mut hello = self.hello_with_all_groups();
        hello.versions.retain(|version| *version < Version::Tls1_3);
        hello.cipher_suites = self.engines.registry.cipher_suites_without_certificate.clone();
        hello
    }

    /// Connects and sends a hello.
    pub(super) async fn ask<'h>(
        &self,
        hello: ClientHello<'h>,
    ) -> Result<HelloReply<'h>, SkipReason> {
        match self.connect_once().await? {
            Ok(connection) => self.ask_on(connection, hello).await,
            Err(connect_time) => {
                let answer = Answer { end: End::Ended(Ending::Reset), ..Answer::default() };
                Ok(HelloReply { answer, hello, connect_time, handshake_time: Duration::ZERO })
            }
        }
    }

    /// Sends a hello on an established connection.
    pub(super) async fn ask_on<'h>(
        &self,
        connection: Connection,
        mut hello: ClientHello<'h>,
    ) -> Result<HelloReply<'h>, SkipReason> {
        let timeouts = self.timeouts();
        hello.nonces = self.nonces()?;
        let Connection { stream, took } = connection;
        let began = Instant::now();
        let answer = hello::ask(stream, &hello, timeouts.until).await;
        if let End::OwnFailure { failure } = &answer.end {
            self.note(Some(failure));
        }
        // A shortened timeout proves nothing, whatever has arrived.
        if timeouts.is_shortened && answer.end == End::TimedOut {
            let detail = "there was not enough time to find the cause".to_owned();
            return Err(SkipReason { detail, is_out_of_time: true });
        }
        Ok(HelloReply { answer, hello, connect_time: took, handshake_time: began.elapsed() })
    }

    /// Connects and performs a full handshake with everything that rustls supports.
    pub(super) async fn shake_hands_unrestricted(&self) -> Result<ServedHandshake, SkipReason> {
        self.shake_hands_with(&self.engines.unrestricted, self.first_ask()).await
    }

    /// Connects and repeats the first full handshake, or a similar one.
    pub(super) async fn shake_hands_again(
        &self,
        ask: Ask<'_>,
    ) -> Result<ServedHandshake, SkipReason> {
        self.shake_hands_with(&self.engines.cloudfront, ask).await
    }

    /// Returns the server name and versions of the first full handshake.
    pub(super) fn first_ask(&self) -> Ask<'a> {
        Ask { server_name: Some(self.request.server_name), ends_at_tls12: false }
    }

    async fn shake_hands_with(
        &self,
        full: &FullHandshake,
        ask: Ask<'_>,
    ) -> Result<ServedHandshake, SkipReason> {
        let outcome = match self.connect_once().await? {
            Ok(connection) => full.shake_hands(connection, ask, self.timeouts()).await,
            Err(connect_time) => ServedHandshake::reset_on_accept(connect_time),
        };
        self.note(outcome.failure());
        Ok(outcome)
    }

    /// One attempt is enough, because the server has just answered. A connection that is reset as
    /// soon as it is accepted counts as established; the inner error is its connect time.
    async fn connect_once(&self) -> Result<Result<Connection, Duration>, SkipReason> {
        if self.connections.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
            let detail = format!("the cause was not found with {MAX_CONNECTIONS} connections");
            return Err(SkipReason { detail, is_out_of_time: false });
        }
        let request = Request { attempts: 1, ..self.request.clone() };
        match connect(&request).await {
            Ok(connection) => Ok(Ok(connection)),
            Err(ConnectFailure::ResetOnAccept { took }) => Ok(Err(took)),
            Err(ConnectFailure::Other(failure)) => {
                self.note(Some(&failure));
                Err(SkipReason {
                    detail: format!("a further connection to find the cause failed: {failure}"),
                    is_out_of_time: failure == Failure::NotProbed { reason: NotProbed::OutOfTime },
                })
            }
        }
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts::from_now(self.request.handshake_timeout, self.request.deadline)
    }

    fn nonces(&self) -> Result<Nonces, SkipReason> {
        let mut nonces = Nonces::default();
        for part in [&mut nonces.random, &mut nonces.session_id, &mut nonces.key_share] {
            self.engines
                .cloudfront
                .randomise(part)
                .map_err(|error| SkipReason { detail: error.to_string(), is_out_of_time: false })?;
        }
        Ok(nonces)
    }
}
