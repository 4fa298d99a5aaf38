//! One more connection to the same address, with a hello of a given content.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use crate::cloudfront::GROUPS;
use crate::cloudfront::Offer;
use crate::cloudfront::Offered;
use crate::cloudfront::SIGNATURE_SCHEMES;
use crate::cloudfront::Version;
use crate::observation::Ending;
use crate::observation::Failure;
use crate::observation::NotProbed;
use crate::origin::DomainName;

use super::Outcome;
use super::Request;
use super::client::Client;
use super::connect::ConnectFailure;
use super::connect::Connection;
use super::connect::connect;
use super::full::Ask;
use super::full::FullHandshake;
use super::hello;
use super::hello::Answer;
use super::hello::ClientHello;
use super::hello::End;
use super::hello::Nonces;
use super::patience::Patience;

/// What is said to one server under one server name.
#[derive(Debug)]
pub(super) struct Dialogue<'a> {
    pub(super) client: &'a Client,
    pub(super) request: &'a Request<'a>,
    /// What CloudFront would offer.
    pub(super) offer: Offer,
    /// How many connections were tried, the first one included.
    connections: AtomicU8,
    /// The first time that this machine could not ask, which leaves open what would have been heard.
    own_failure: OnceLock<Failure>,
}

/// The most connections that one endpoint sees in one probe. Documented in
/// `deploy/docs/rules.md` and `deploy/docs/threat-model.md`.
const MAX_CONNECTIONS: u8 = 8;

/// What a hello offers.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub(super) versions: Vec<Version>,
    pub(super) cipher_suites: Vec<u16>,
    pub(super) groups: Vec<u16>,
    pub(super) signature_schemes: Vec<u16>,
    pub(super) server_name: Option<&'a DomainName>,
    /// Whether to ask for a stapled OCSP response. No document says whether CloudFront does.
    pub(super) status_request: bool,
}

/// A server's answer to a hello.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) answer: Answer,
    /// The versions that were offered.
    pub(super) versions: Vec<Version>,
    pub(super) cipher_suites: Vec<u16>,
    pub(super) groups: Vec<u16>,
    pub(super) signature_schemes: Vec<u16>,
    pub(super) nonces: Nonces,
    pub(super) connect_time: Duration,
    pub(super) handshake_time: Duration,
}

/// Why a hello was not answered, for a reason that says nothing of the server's TLS.
#[derive(Clone, Debug)]
pub(super) struct NotAsked {
    pub(super) detail: String,
    /// Whether the answer had less time than it was meant to have.
    pub(super) is_out_of_time: bool,
}

impl<'a> Dialogue<'a> {
    /// Begins with the connection that every probe makes.
    pub(super) fn new(client: &'a Client, request: &'a Request<'a>, offer: Offer) -> Self {
        let own_failure = OnceLock::new();
        Self { client, request, offer, connections: AtomicU8::new(1), own_failure }
    }

    /// Returns why this machine could not ask one of the further questions.
    pub(super) fn own_failure(&self) -> Option<&Failure> {
        self.own_failure.get()
    }

    fn note(&self, failure: Option<&Failure>) {
        if let Some(failure) = failure.filter(|failure| failure.own().is_some()) {
            // The first one is as good as the last.
            let _ = self.own_failure.set(failure.clone());
        }
    }

    /// Returns the question that CloudFront would ask.
    pub(super) fn cloudfronts_question(&self) -> Question<'a> {
        Question {
            versions: self.offer.versions.clone(),
            cipher_suites: self.offer.cipher_suites().map(|suite| suite.code).collect(),
            groups: codes(&GROUPS),
            signature_schemes: codes(&SIGNATURE_SCHEMES),
            server_name: Some(self.request.server_name),
            status_request: true,
        }
    }

    /// Returns CloudFront's question without TLS 1.3, so that the answer comes in the clear.
    pub(super) fn question_in_the_clear(&self) -> Question<'a> {
        let mut question = self.cloudfronts_question();
        question.versions.retain(|version| *version < Version::Tls1_3);
        question
    }

    /// Returns a question that offers every version from TLS 1.0 on, every suite with a
    /// certificate and every signature scheme, but CloudFront's groups only: a server that prefers
    /// another group would ask for it before it looks at anything else. It asks for no OCSP
    /// response, over which wolfSSL 5.5.4 closes the connection where it does not know the issuer.
    pub(super) fn wide_question(&self) -> Question<'a> {
        let registry = &self.client.registry;
        Question {
            versions: Version::ALL.into_iter().filter(|v| *v >= Version::Tls1).collect(),
            cipher_suites: registry.cipher_suites.clone(),
            groups: codes(&GROUPS),
            signature_schemes: registry.signature_schemes.clone(),
            server_name: Some(self.request.server_name),
            status_request: false,
        }
    }

    /// Returns the wide question with every group.
    pub(super) fn question_of_groups(&self) -> Question<'a> {
        Question { groups: self.client.registry.groups.clone(), ..self.wide_question() }
    }

    /// Returns a question that ends at TLS 1.2: only there a certificate's key may be on a curve
    /// that TLS 1.3 does not know. It also offers the suites without a certificate.
    pub(super) fn question_of_curves(&self) -> Question<'a> {
        let mut question = self.question_of_groups();
        question.versions.retain(|version| *version < Version::Tls1_3);
        question.cipher_suites = self.client.registry.cipher_suites_without_certificate.clone();
        question
    }

    /// Connects and asks.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<Heard, NotAsked> {
        match self.connect_once().await? {
            Ok(connection) => self.ask_on(connection, question).await,
            Err(connect_time) => {
                let answer = Answer::nothing(End::Ended(Ending::Reset));
                Ok(self.heard(answer, question, Nonces::default(), connect_time))
            }
        }
    }

    /// Asks on a connection that is there already.
    pub(super) async fn ask_on(
        &self,
        connection: Connection,
        question: Question<'_>,
    ) -> Result<Heard, NotAsked> {
        let patience = self.patience();
        let nonces = self.nonces()?;
        let hello = ClientHello {
            versions: question.versions.clone(),
            cipher_suites: question.cipher_suites.clone(),
            groups: question.groups.clone(),
            signature_schemes: question.signature_schemes.clone(),
            server_name: question.server_name,
            status_request: question.status_request,
            nonces,
        };
        let Connection { stream, took } = connection;
        let began = Instant::now();
        let answer = hello::ask(stream, &hello, patience.until).await;
        if let End::OwnFailure { failure } = &answer.end {
            self.note(Some(failure));
        }
        // Less patience than was meant proves nothing, whatever has arrived.
        if patience.is_shortened && answer.end == End::TimedOut {
            let detail = "there was not enough time to find the cause".to_owned();
            return Err(NotAsked { detail, is_out_of_time: true });
        }
        Ok(Heard { handshake_time: began.elapsed(), ..self.heard(answer, question, nonces, took) })
    }

    fn heard(
        &self,
        answer: Answer,
        question: Question<'_>,
        nonces: Nonces,
        connect_time: Duration,
    ) -> Heard {
        let Question { versions, cipher_suites, groups, signature_schemes, .. } = question;
        Heard {
            answer,
            versions,
            cipher_suites,
            groups,
            signature_schemes,
            nonces,
            connect_time,
            handshake_time: Duration::ZERO,
        }
    }

    /// Connects and makes a full handshake with everything that our TLS library has.
    pub(super) async fn shake_hands_unrestricted(&self) -> Result<Outcome, NotAsked> {
        self.shake_hands_with(&self.client.unrestricted, self.first_ask()).await
    }

    /// Connects and makes the first full handshake again, or one like it.
    pub(super) async fn shake_hands_again(&self, ask: Ask<'_>) -> Result<Outcome, NotAsked> {
        self.shake_hands_with(&self.client.full, ask).await
    }

    /// Returns what the first full handshake asks for.
    pub(super) fn first_ask(&self) -> Ask<'a> {
        Ask::for_name(self.request.server_name)
    }

    async fn shake_hands_with(
        &self,
        full: &FullHandshake,
        ask: Ask<'_>,
    ) -> Result<Outcome, NotAsked> {
        let outcome = match self.connect_once().await? {
            Ok(connection) => full.shake_hands(connection, ask, self.patience()).await,
            Err(connect_time) => Outcome::reset_on_accept(connect_time),
        };
        self.note(outcome.failure.as_ref());
        Ok(outcome)
    }

    /// The server has just answered, so one attempt is enough. A connection that is reset as soon as
    /// it is accepted counts as made; the inner error is how long that took.
    async fn connect_once(&self) -> Result<Result<Connection, Duration>, NotAsked> {
        if self.connections.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
            let detail = format!("{MAX_CONNECTIONS} connections did not show the cause");
            return Err(NotAsked { detail, is_out_of_time: false });
        }
        let request = Request { attempts: 1, ..self.request.clone() };
        match connect(&request).await {
            Ok(connection) => Ok(Ok(connection)),
            Err(ConnectFailure::ResetOnAccept { took }) => Ok(Err(took)),
            Err(ConnectFailure::Other(failure)) => {
                self.note(Some(&failure));
                Err(NotAsked {
                    detail: format!("another connection, to find the cause, failed: {failure}"),
                    is_out_of_time: failure == Failure::NotProbed { reason: NotProbed::OutOfTime },
                })
            }
        }
    }

    fn patience(&self) -> Patience {
        Patience::from_now(self.request.handshake_timeout, self.request.deadline)
    }

    fn nonces(&self) -> Result<Nonces, NotAsked> {
        let mut nonces = Nonces::default();
        for part in [&mut nonces.random, &mut nonces.session_id, &mut nonces.key_share] {
            self.client
                .full
                .randomise(part)
                .map_err(|error| NotAsked { detail: error.to_string(), is_out_of_time: false })?;
        }
        Ok(nonces)
    }
}

fn codes(offered: &[Offered]) -> Vec<u16> {
    offered.iter().map(|offered| offered.code).collect()
}
