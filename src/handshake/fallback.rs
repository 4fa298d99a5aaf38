//! Whether rustls may be the cause of a failed handshake, and what the fallback hello, CloudFront's
//! own ClientHello, shows in that case.

use crate::cloudfront::{Offer, Version};
use crate::observation::{
    ClientCertificate, Failure, Handshake, KeyProof, ListedVersions, NotProbed,
};

use super::connect::Connection;
use super::full::Ask;
use super::hello::End;
use super::request::ServedHandshake;
use super::session::{HelloReply, Session, SkipReason};
use super::{diagnosis, interpret};

/// The question that a failed handshake leaves open.
enum Open {
    /// None: the failure is due to the server, or to this machine.
    Nothing,
    /// Whether the server refuses CloudFront's offer as well.
    Offer,
    /// Which certificates the server sends.
    Chain,
    /// Whether CloudFront could continue after the server's flight.
    Flight,
    /// Whether the server closed the connection because it received no client certificate.
    LateClose,
}

/// Returns whether a full handshake leaves no question open.
pub(super) fn has_nothing_to_find(session: &Session<'_>, outcome: &ServedHandshake) -> bool {
    matches!(open(outcome), Open::Nothing) && unlisted_version(session, outcome).is_none()
}

/// Answers the question that a full handshake leaves open, if there is one.
pub(super) async fn after(session: &Session<'_>, outcome: ServedHandshake) -> ServedHandshake {
    let outcome = match open(&outcome) {
        Open::Nothing => outcome,
        Open::Offer => {
            let reply = session.ask(session.cloudfront_hello()).await;
            let outcome = decide(session, outcome, reply).await;
            repeat_if_undecided(session, outcome).await
        }
        Open::Chain => {
            let outcome = read_in_the_clear(session, outcome).await;
            repeat_if_undecided(session, outcome).await
        }
        Open::Flight => decide_flight(session, outcome).await,
        Open::LateClose => decide_late_close(session, outcome).await,
    };
    let outcome = with_listed_versions(session, outcome).await;
    unless_own_failure(session, outcome)
}

/// Discards conclusions from a hello that this machine could not send. A refusal of the fallback
/// hello remains valid, because the other hellos only concerned its cause.
fn unless_own_failure(session: &Session<'_>, outcome: ServedHandshake) -> ServedHandshake {
    match (session.own_failure(), outcome.failure()) {
        (Some(own), None | Some(Failure::Unsettled { .. })) => outcome.with_failure(own.clone()),
        _ => outcome,
    }
}

/// Handles origins with only SSLv3, which rustls does not support.
pub(super) async fn of_sslv3(session: &Session<'_>, connection: Connection) -> ServedHandshake {
    let reply = session.ask_on(connection, session.cloudfront_hello()).await;
    let nothing =
        ServedHandshake::failed(Failure::Unsettled { detail: "SSLv3 was not tried".into() });
    let outcome = decide(session, nothing, reply).await;
    unless_own_failure(session, outcome)
}

fn open(outcome: &ServedHandshake) -> Open {
    // The server's signature ends its flight. A failure after it would happen to CloudFront as
    // well.
    let Handshake { key_proof, client_certificate, failure, .. } = &outcome.handshake;
    let has_read_flight = *key_proof != KeyProof::NotReached
        || *client_certificate != ClientCertificate::NotRequested;
    match failure {
        None => Open::Nothing,
        Some(Failure::NoCertificate | Failure::ChainUnreadable { .. }) => Open::Chain,
        Some(Failure::ClosedDuringHandshake { .. })
            if *client_certificate == ClientCertificate::Requested =>
        {
            Open::LateClose
        }
        Some(Failure::Unsettled { .. }) if has_read_flight => Open::Flight,
        Some(_) if has_read_flight => Open::Nothing,
        Some(
            Failure::Alert { .. }
            | Failure::ClosedBeforeServerHello { .. }
            | Failure::ClosedDuringHandshake { .. }
            | Failure::Unsettled { .. },
        ) => Open::Offer,
        Some(_) => Open::Nothing,
    }
}

/// Decides by the answer to the fallback hello.
async fn decide(
    session: &Session<'_>,
    first: ServedHandshake,
    reply: Result<HelloReply<'_>, SkipReason>,
) -> ServedHandshake {
    let reply = match reply {
        Ok(reply) => reply,
        Err(not_asked) => {
            return match session.own_failure() {
                Some(own) => first.with_failure(own.clone()),
                None => without_fallback(first, &not_asked),
            };
        }
    };
    if reply.violation().is_some() {
        return interpret::outcome(reply, &session.offer);
    }
    if let Some(refusal) = interpret::refusal(&reply.answer) {
        return diagnosis::diagnose(session, refusal, &reply).await;
    }
    if reply.answer.end == End::Tls13 {
        // The server accepts the offer, and the failure comes later, encrypted.
        let outcome = diagnosis::diagnose_tls13(session, first).await;
        return read_in_the_clear(session, outcome).await;
    }
    interpret::outcome(reply, &session.offer)
}

/// Returns what is known if the server did not answer the fallback hello. A close applies to every
/// hello, but an alert may be about something that rustls does not offer.
fn without_fallback(first: ServedHandshake, why: &SkipReason) -> ServedHandshake {
    match first.failure() {
        Some(Failure::ClosedBeforeServerHello { .. } | Failure::ClosedDuringHandshake { .. }) => {
            first
        }
        _ if why.is_out_of_time => {
            first.with_failure(Failure::NotProbed { reason: NotProbed::OutOfTime })
        }
        _ => diagnosis::unsettled(first, &why.detail),
    }
}

/// Repeats the full handshake if one dropped connection may be the reason that the result is open.
/// A handshake that completes is the result.
async fn repeat_if_undecided(session: &Session<'_>, outcome: ServedHandshake) -> ServedHandshake {
    let Some(Failure::Unsettled { .. }) = outcome.failure() else { return outcome };
    match session.shake_hands_again(session.first_ask()).await {
        Ok(again) if again.failure().is_none() => again,
        Ok(_) | Err(_) => outcome,
    }
}

/// Looks for a fault in the flight after which rustls gave up. The fallback hello shows nothing
/// after the flight, so an answer without a fault proves nothing.
async fn decide_flight(session: &Session<'_>, first: ServedHandshake) -> ServedHandshake {
    let Ok(reply) = session.ask(session.cloudfront_hello()).await else { return first };
    match interpret::outcome(reply, &session.offer).handshake.failure {
        fault @ Some(Failure::OfferViolated { .. } | Failure::ProtocolBroken { .. }) => {
            first.with_failure(fault)
        }
        _ => first,
    }
}

/// Finds out why a server closed the connection after a TLS 1.3 handshake in which it requested a
/// client certificate. TLS 1.3 does not show whether the server accepted that there was none. In
/// TLS 1.2 its Finished does.
async fn decide_late_close(session: &Session<'_>, mut first: ServedHandshake) -> ServedHandshake {
    let ask = Ask { ends_at_tls12: true, ..session.first_ask() };
    let is_required = match session.shake_hands_again(ask).await {
        // Nothing was learned, so the refusal is not proven.
        Err(_) => false,
        Ok(again) => match again.failure() {
            None | Some(Failure::NotProbed { .. } | Failure::HandshakeTimedOut { .. }) => false,
            Some(_) => true,
        },
    };
    if !is_required {
        // The cause of the close came after the handshake.
        return first.with_failure(None);
    }
    first.handshake.client_certificate = ClientCertificate::Required;
    first
}

/// Reads the certificates from a plaintext flight, if none have been read and the server supports a
/// version below TLS 1.3. A failure that rustls did not cause stays.
async fn read_in_the_clear(session: &Session<'_>, first: ServedHandshake) -> ServedHandshake {
    if !first.served.is_empty() {
        return first;
    }
    let Ok(reply) = session.ask(session.hello_in_the_clear()).await else { return first };
    // A refusal or timeout adds no fact.
    if matches!(reply.answer.end, End::Alert { .. } | End::Ended(_) | End::TimedOut) {
        return first;
    }
    let mut read = interpret::outcome(reply, &session.offer);
    // Nor does an answer with something that was not offered, such as TLS 1.3.
    if matches!(read.failure(), Some(Failure::OfferViolated { .. } | Failure::Unsettled { .. })) {
        return first;
    }
    match first.handshake.failure {
        None | Some(Failure::NoCertificate | Failure::ChainUnreadable { .. }) => read,
        failure => {
            read.handshake.tls = None;
            read.with_failure(failure)
        }
    }
}

/// Tries only the listed versions if the server chose one between them.
async fn with_listed_versions(
    session: &Session<'_>,
    mut outcome: ServedHandshake,
) -> ServedHandshake {
    let Some(listed) = unlisted_version(session, &outcome) else { return outcome };
    let mut hello = session.cloudfront_hello();
    hello.versions = listed.versions;
    outcome.handshake.listed_versions = match session.ask(hello).await {
        Ok(reply) if interpret::refusal(&reply.answer).is_some() => ListedVersions::Refused,
        Ok(_) | Err(_) => ListedVersions::Suffice,
    };
    outcome
}

/// Returns an offer of only the listed versions, if the server chose another one.
fn unlisted_version(session: &Session<'_>, outcome: &ServedHandshake) -> Option<Offer> {
    let chosen = Version::named(&outcome.handshake.tls.as_ref()?.version)?;
    let listed = Offer::word_for_word(session.request.ssl_protocols);
    (!listed.has(chosen) && outcome.failure().is_none()).then_some(listed)
}
