//! What is asked of a server, and in which order: the full handshake, a second chance where our
//! TLS library may be at fault, and the cause where both are refused.

use std::sync::Arc;

use crate::cloudfront::Offer;
use crate::cloudfront::Version;
use crate::observation::Failure;
use crate::observation::NotProbed;

use super::HandshakeError;
use super::Outcome;
use super::Request;
use super::connect::ConnectFailure;
use super::connect::connect;
use super::dialogue::Dialogue;
use super::dialogue::NotAsked;
use super::full::FullHandshake;
use super::hello::Registry;
use super::patience::Patience;
use super::reading;
use super::second_chance;

/// Makes handshakes; cheap to share.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) full: FullHandshake,
    /// With everything that the library has: a diagnosis' last resort.
    pub(super) unrestricted: FullHandshake,
    pub(super) registry: Arc<Registry>,
}

impl Client {
    /// Prepares the library for CloudFront's offer.
    ///
    /// # Errors
    /// When the library has nothing of the offer, or the system no random numbers.
    pub fn new() -> Result<Self, HandshakeError> {
        let registry = Registry::all();
        Ok(Self {
            full: FullHandshake::of_cloudfront()?,
            unrestricted: FullHandshake::new(
                &registry.cipher_suites,
                &registry.groups,
                &registry.signature_schemes,
            )?,
            registry: Arc::new(registry),
        })
    }

    /// Connects, shakes hands and closes; never longer than the request allows.
    ///
    /// A server that takes the first handshake, or fails in it in a way that is its own, sees one
    /// connection. One whose refusal may be our library's sees more until the cause is found, eight
    /// at most. One connection is open at a time.
    pub async fn shake_hands(&self, request: &Request<'_>) -> Outcome {
        let dialogue = Dialogue::new(self, request, Offer::of(request.ssl_protocols));
        let outcome = match connect(request).await {
            Ok(connection) if dialogue.offer.versions == [Version::Ssl3] => {
                return Box::pin(second_chance::of_sslv3(&dialogue, connection)).await;
            }
            Ok(connection) => {
                let patience = Patience::from_now(request.handshake_timeout, request.deadline);
                self.full.shake_hands(connection, dialogue.first_ask(), patience).await
            }
            Err(ConnectFailure::ResetOnAccept { took }) => Outcome::reset_on_accept(took),
            Err(ConnectFailure::Other(failure)) => return Outcome::failed(failure),
        };
        if second_chance::has_nothing_to_find(&dialogue, &outcome) {
            return outcome;
        }
        // On the heap: hardly any probe needs it, and every probe would be as large.
        Box::pin(second_chance::after(&dialogue, outcome)).await
    }

    /// Connects and sends CloudFront's own hello, without a full handshake before and without a
    /// diagnosis after it: the second chance by itself.
    pub async fn say_hello(&self, request: &Request<'_>) -> Outcome {
        let dialogue = Dialogue::new(self, request, Offer::of(request.ssl_protocols));
        match dialogue.ask(dialogue.cloudfronts_question()).await {
            Ok(heard) => reading::outcome(heard, &dialogue.offer),
            Err(NotAsked { is_out_of_time: true, .. }) => {
                Outcome::failed(Failure::NotProbed { reason: NotProbed::OutOfTime })
            }
            Err(NotAsked { detail, .. }) => {
                let unsettled = || Failure::Unsettled { detail: detail.into() };
                Outcome::failed(dialogue.own_failure().cloned().unwrap_or_else(unsettled))
            }
        }
    }
}
