//! One more connection to the same address, with a hello of a given content.

use std::time::Duration;

use tokio::time::Instant;

use crate::cloudfront::GROUPS;
use crate::cloudfront::Offer;
use crate::cloudfront::Offered;
use crate::cloudfront::SIGNATURE_SCHEMES;
use crate::cloudfront::Version;
use crate::origin::DomainName;

use super::Outcome;
use super::Request;
use super::client::Client;
use super::connect::Connection;
use super::connect::connect;
use super::hello;
use super::hello::Answer;
use super::hello::ClientHello;
use super::hello::Nonces;
use super::patience::Patience;

/// What is said to one server under one server name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialogue<'a> {
    pub(super) client: &'a Client,
    pub(super) request: &'a Request<'a>,
    /// What CloudFront would offer.
    pub(super) offer: &'a Offer,
}

/// What a hello offers.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub(super) versions: Vec<Version>,
    pub(super) cipher_suites: Vec<u16>,
    pub(super) groups: Vec<u16>,
    pub(super) signature_schemes: Vec<u16>,
    pub(super) server_name: Option<&'a DomainName>,
}

/// A server's answer to a hello.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) answer: Answer,
    /// The versions that were offered.
    pub(super) versions: Vec<Version>,
    /// The random of the ClientHello, which the server's signature covers.
    pub(super) client_random: [u8; 32],
    pub(super) connect_time: Duration,
    pub(super) handshake_time: Duration,
    /// Whether the answer had less time than it was meant to have.
    pub(super) is_shortened: bool,
}

/// Why a hello was not answered, for a reason that says nothing of the server's TLS.
#[derive(Clone, Debug)]
pub(super) struct NotAsked {
    pub(super) detail: String,
}

impl<'a> Dialogue<'a> {
    /// Returns the question that CloudFront would ask.
    pub(super) fn cloudfronts_question(&self) -> Question<'a> {
        Question {
            versions: self.offer.versions.clone(),
            cipher_suites: self.offer.cipher_suites().map(|suite| suite.code).collect(),
            groups: codes(&GROUPS),
            signature_schemes: codes(&SIGNATURE_SCHEMES),
            server_name: Some(self.request.server_name),
        }
    }

    /// Returns CloudFront's question without TLS 1.3, so that the answer comes in the clear.
    pub(super) fn question_in_the_clear(&self) -> Question<'a> {
        let mut question = self.cloudfronts_question();
        question.versions.retain(|version| *version < Version::Tls1_3);
        question
    }

    /// Returns a question that offers everything there is from TLS 1.0 on.
    pub(super) fn question_of_everything(&self) -> Question<'a> {
        let registry = &self.client.registry;
        Question {
            versions: Version::ALL.into_iter().filter(|v| *v >= Version::Tls1).collect(),
            cipher_suites: registry.cipher_suites.clone(),
            groups: registry.groups.clone(),
            signature_schemes: registry.signature_schemes.clone(),
            server_name: Some(self.request.server_name),
        }
    }

    /// Connects and asks.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<Heard, NotAsked> {
        let connection = self.connect_once().await?;
        self.ask_on(connection, question).await
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
            versions: question.versions,
            cipher_suites: question.cipher_suites,
            groups: question.groups,
            signature_schemes: question.signature_schemes,
            server_name: question.server_name,
            nonces,
        };
        let Connection { stream, took } = connection;
        let began = Instant::now();
        let answer = hello::ask(stream, &hello, patience.until).await;
        Ok(Heard {
            answer,
            versions: hello.versions,
            client_random: nonces.random,
            connect_time: took,
            handshake_time: began.elapsed(),
            is_shortened: patience.is_shortened,
        })
    }

    /// Connects and makes a full handshake with everything that our TLS library has.
    pub(super) async fn shake_hands_unrestricted(&self) -> Result<Outcome, NotAsked> {
        let connection = self.connect_once().await?;
        let name = self.request.server_name;
        Ok(self.client.unrestricted.shake_hands(connection, name, self.patience()).await)
    }

    /// The server has just been there: one attempt is enough.
    async fn connect_once(&self) -> Result<Connection, NotAsked> {
        let request = Request { attempts: 1, ..self.request.clone() };
        connect(&request).await.map_err(|failure| NotAsked {
            detail: format!("another connection, to find out more, did not come up: {failure}"),
        })
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
                .map_err(|error| NotAsked { detail: error.to_string() })?;
        }
        Ok(nonces)
    }
}

fn codes(offered: &[Offered]) -> Vec<u16> {
    offered.iter().map(|offered| offered.code).collect()
}
