//! The sequence of connections to one server: the full handshake, the fallback hello if rustls may
//! be at fault, and the diagnostic hellos if the server refuses both.

use crate::cloudfront::{Offer, Version};
use crate::observation::{Engine, Failure, NotProbed};

use super::connect::{ConnectFailure, connect};
use super::full::Engines;
use super::request::Timeouts;
use super::request::{HandshakeError, Request, ServedHandshake};
use super::session::{Session, SkipReason};
use super::{fallback, interpret};

/// A TLS client with CloudFront's offer; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    engines: Engines,
}

impl Client {
    /// Prepares rustls for CloudFront's offer.
    ///
    /// # Errors
    /// If rustls supports nothing of the offer, or the system provides no random numbers.
    pub fn new() -> Result<Self, HandshakeError> {
        Ok(Self { engines: Engines::new()? })
    }

    /// Connects, performs the handshake and closes, within the request's limits.
    ///
    /// A server that completes the first handshake, or fails for a reason of its own, gets one
    /// connection. If its refusal may be due to rustls, it gets more until the cause is found, at
    /// most eight. Only one connection is open at a time.
    pub async fn shake_hands(&self, request: &Request<'_>) -> ServedHandshake {
        let session = Session::new(&self.engines, request, Offer::of(request.ssl_protocols));
        let outcome = match connect(request).await {
            Ok(connection) if session.offer.versions == [Version::Ssl3] => {
                return Box::pin(fallback::of_sslv3(&session, connection)).await;
            }
            Ok(connection) => {
                let timeouts = Timeouts::from_now(request.handshake_timeout, request.deadline);
                self.engines.cloudfront.shake_hands(connection, session.first_ask(), timeouts).await
            }
            Err(ConnectFailure::ResetOnAccept { took }) => ServedHandshake::reset_on_accept(took),
            Err(ConnectFailure::Other(failure)) => return ServedHandshake::failed(failure),
        };
        if fallback::has_nothing_to_find(&session, &outcome) {
            return outcome;
        }
        // On the heap: few probes need it, and every future would be as large.
        Box::pin(fallback::after(&session, outcome)).await
    }

    /// Connects and sends only the hello that decided before, without a diagnosis after it.
    pub async fn sample(&self, request: &Request<'_>, decided: Engine) -> ServedHandshake {
        match decided {
            Engine::Hello => self.say_hello(request).await,
            Engine::Rustls => match connect(request).await {
                Ok(connection) => {
                    let session =
                        Session::new(&self.engines, request, Offer::of(request.ssl_protocols));
                    let timeouts = Timeouts::from_now(request.handshake_timeout, request.deadline);
                    let ask = session.first_ask();
                    let engine = &self.engines.cloudfront;
                    let outcome = engine.shake_hands(connection, ask, timeouts).await;
                    if fallback::has_nothing_to_find(&session, &outcome) {
                        return outcome;
                    }
                    let detail = "a further connection failed, and its cause was not examined";
                    outcome.with_failure(Failure::Unsettled { detail: detail.into() })
                }
                Err(ConnectFailure::ResetOnAccept { took }) => {
                    ServedHandshake::reset_on_accept(took)
                }
                Err(ConnectFailure::Other(failure)) => ServedHandshake::failed(failure),
            },
        }
    }

    /// Connects and sends only the fallback hello, without a full handshake before it or a
    /// diagnosis after it.
    pub async fn say_hello(&self, request: &Request<'_>) -> ServedHandshake {
        let session = Session::new(&self.engines, request, Offer::of(request.ssl_protocols));
        match session.ask(session.cloudfront_hello()).await {
            Ok(reply) => interpret::outcome(reply, &session.offer),
            Err(SkipReason { is_out_of_time: true, .. }) => {
                ServedHandshake::failed(Failure::NotProbed { reason: NotProbed::OutOfTime })
            }
            Err(SkipReason { detail, .. }) => {
                let unsettled = || Failure::Unsettled { detail: detail.into() };
                ServedHandshake::failed(session.own_failure().cloned().unwrap_or_else(unsettled))
            }
        }
    }
}
