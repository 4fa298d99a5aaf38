//! Whether a failed handshake may be our TLS library's fault, and what CloudFront's own hello
//! brings then.

use crate::cloudfront::Offer;
use crate::cloudfront::Version;
use crate::observation::ClientCertificate;
use crate::observation::Failure;
use crate::observation::KeyProof;
use crate::observation::ListedVersions;
use crate::observation::NotProbed;

use super::Outcome;
use super::connect::Connection;
use super::diagnosis;
use super::dialogue::Dialogue;
use super::dialogue::Heard;
use super::dialogue::NotAsked;
use super::full::Ask;
use super::hello::End;
use super::reading;

/// What a failed handshake leaves to be found out.
enum Open {
    /// Nothing: it is the server's own doing, or ours.
    Nothing,
    /// Whether CloudFront's offer is refused as well.
    Offer,
    /// What the certificates are.
    Chain,
    /// Whether CloudFront could go on after the server's flight.
    Flight,
    /// Whether the server ended the connection because no client certificate was shown.
    LateClose,
}

/// Tells whether a full handshake has left nothing to be found out.
pub(super) fn has_nothing_to_find(dialogue: &Dialogue<'_>, outcome: &Outcome) -> bool {
    matches!(open(outcome), Open::Nothing) && unlisted_version(dialogue, outcome).is_none()
}

/// Goes on after a full handshake, where there is something to be found out.
pub(super) async fn after(dialogue: &Dialogue<'_>, outcome: Outcome) -> Outcome {
    let outcome = match open(&outcome) {
        Open::Nothing => outcome,
        Open::Offer => {
            let heard = dialogue.ask(dialogue.cloudfronts_question()).await;
            let outcome = decide(dialogue, outcome, heard).await;
            repeat_if_undecided(dialogue, outcome).await
        }
        Open::Chain => {
            let outcome = read_in_the_clear(dialogue, outcome).await;
            repeat_if_undecided(dialogue, outcome).await
        }
        Open::Flight => decide_flight(dialogue, outcome).await,
        Open::LateClose => decide_late_close(dialogue, outcome).await,
    };
    let outcome = with_listed_versions(dialogue, outcome).await;
    unless_own_failure(dialogue, outcome)
}

/// Takes back what was concluded from a question that this machine could not ask. A refusal of
/// CloudFront's own hello stands: the other questions were about its cause only.
fn unless_own_failure(dialogue: &Dialogue<'_>, outcome: Outcome) -> Outcome {
    match (dialogue.own_failure(), &outcome.failure) {
        (Some(own), None | Some(Failure::Unsettled { .. })) => {
            Outcome { failure: Some(own.clone()), ..outcome }
        }
        _ => outcome,
    }
}

/// Asks where CloudFront would send SSLv3 and nothing else, which our TLS library does not speak.
pub(super) async fn of_sslv3(dialogue: &Dialogue<'_>, connection: Connection) -> Outcome {
    let heard = dialogue.ask_on(connection, dialogue.cloudfronts_question()).await;
    let nothing = Outcome::failed(Failure::Unsettled { detail: "SSLv3 was not tried".into() });
    let outcome = decide(dialogue, nothing, heard).await;
    unless_own_failure(dialogue, outcome)
}

fn open(outcome: &Outcome) -> Open {
    // With the server's signature its whole flight has been read: what fails after it fails for
    // CloudFront, too.
    let has_read_flight = outcome.key_proof != KeyProof::NotReached
        || outcome.client_certificate != ClientCertificate::NotRequested;
    match &outcome.failure {
        None => Open::Nothing,
        Some(Failure::NoCertificate | Failure::ChainUnreadable { .. }) => Open::Chain,
        Some(Failure::ClosedDuringHandshake { .. })
            if outcome.client_certificate == ClientCertificate::Requested =>
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

/// Takes the answer to CloudFront's own hello for the truth.
async fn decide(
    dialogue: &Dialogue<'_>,
    first: Outcome,
    heard: Result<Heard, NotAsked>,
) -> Outcome {
    let heard = match heard {
        Ok(heard) => heard,
        Err(not_asked) => {
            return match dialogue.own_failure() {
                Some(own) => Outcome { failure: Some(own.clone()), ..first },
                None => without_second_chance(first, &not_asked),
            };
        }
    };
    if heard.violation().is_some() {
        return reading::outcome(heard, &dialogue.offer);
    }
    if let Some(refusal) = reading::refusal(&heard.answer) {
        return diagnosis::diagnose(dialogue, refusal, &heard).await;
    }
    if heard.answer.end == End::Tls13 {
        // It takes the offer, and what went wrong comes after that, encrypted.
        let outcome = diagnosis::diagnose_tls13(dialogue, first).await;
        return read_in_the_clear(dialogue, outcome).await;
    }
    reading::outcome(heard, &dialogue.offer)
}

/// Returns what is known where CloudFront's own hello was not answered by this server: a close is
/// the same to every hello, an alert may be about what our library does not offer.
fn without_second_chance(first: Outcome, why: &NotAsked) -> Outcome {
    match first.failure {
        Some(Failure::ClosedBeforeServerHello { .. } | Failure::ClosedDuringHandshake { .. }) => {
            first
        }
        _ if why.is_out_of_time => {
            let failure = Some(Failure::NotProbed { reason: NotProbed::OutOfTime });
            Outcome { failure, ..first }
        }
        _ => diagnosis::unsettled(first, &why.detail),
    }
}

/// Repeats the full handshake where one dropped connection may be the reason that nothing could be
/// decided. A handshake that completes is the answer.
async fn repeat_if_undecided(dialogue: &Dialogue<'_>, outcome: Outcome) -> Outcome {
    let Some(Failure::Unsettled { .. }) = outcome.failure else { return outcome };
    match dialogue.shake_hands_again(dialogue.first_ask()).await {
        Ok(again) if again.failure.is_none() => again,
        Ok(_) | Err(_) => outcome,
    }
}

/// Looks for a fault in the flight that our TLS library gave up after. What comes after the flight
/// CloudFront's own hello does not show, so that an answer without a fault proves nothing.
async fn decide_flight(dialogue: &Dialogue<'_>, first: Outcome) -> Outcome {
    let Ok(heard) = dialogue.ask(dialogue.cloudfronts_question()).await else { return first };
    match reading::outcome(heard, &dialogue.offer).failure {
        fault @ Some(Failure::OfferViolated { .. } | Failure::ProtocolBroken { .. }) => {
            Outcome { failure: fault, ..first }
        }
        _ => first,
    }
}

/// Finds out why a server ended the connection after a handshake of TLS 1.3 in which it asked for
/// a client certificate. TLS 1.3 does not say whether it had accepted that there was none; in
/// TLS 1.2 its Finished does.
async fn decide_late_close(dialogue: &Dialogue<'_>, first: Outcome) -> Outcome {
    let ask = Ask { ends_at_tls12: true, ..dialogue.first_ask() };
    let is_required = match dialogue.shake_hands_again(ask).await {
        // Nothing was learnt, so the refusal is not proven.
        Err(_) => false,
        Ok(again) => match again.failure {
            None | Some(Failure::NotProbed { .. } | Failure::HandshakeTimedOut { .. }) => false,
            Some(_) => true,
        },
    };
    match is_required {
        true => Outcome { client_certificate: ClientCertificate::Required, ..first },
        // The cause of the close came after the handshake.
        false => Outcome { failure: None, ..first },
    }
}

/// Reads the certificates where they are not encrypted, if none have been read and the server
/// speaks anything older than TLS 1.3. A failure of which our library is not the cause stands.
async fn read_in_the_clear(dialogue: &Dialogue<'_>, first: Outcome) -> Outcome {
    if !first.served.is_empty() {
        return first;
    }
    let Ok(heard) = dialogue.ask(dialogue.question_in_the_clear()).await else { return first };
    // A server that refuses, or falls silent, has shown nothing new.
    if matches!(heard.answer.end, End::Alert { .. } | End::Ended(_) | End::TimedOut) {
        return first;
    }
    let read = reading::outcome(heard, &dialogue.offer);
    // Nor has one that answers with what was not offered, such as TLS 1.3.
    if matches!(read.failure, Some(Failure::OfferViolated { .. } | Failure::Unsettled { .. })) {
        return first;
    }
    match first.failure {
        None | Some(Failure::NoCertificate | Failure::ChainUnreadable { .. }) => read,
        failure => Outcome { failure, tls: None, ..read },
    }
}

/// Tries the listed versions by themselves where the server has chosen one between them.
async fn with_listed_versions(dialogue: &Dialogue<'_>, outcome: Outcome) -> Outcome {
    let Some(listed) = unlisted_version(dialogue, &outcome) else { return outcome };
    let mut question = dialogue.cloudfronts_question();
    question.versions = listed.versions;
    let listed_versions = match dialogue.ask(question).await {
        Ok(heard) if reading::refusal(&heard.answer).is_some() => ListedVersions::Refused,
        Ok(_) | Err(_) => ListedVersions::Suffice,
    };
    Outcome { listed_versions, ..outcome }
}

/// Returns the offer of the listed versions alone where the server has chosen another one.
fn unlisted_version(dialogue: &Dialogue<'_>, outcome: &Outcome) -> Option<Offer> {
    let chosen = Version::named(outcome.tls.as_ref()?.version)?;
    let listed = Offer::word_for_word(dialogue.request.ssl_protocols);
    (!listed.has(chosen) && outcome.failure.is_none()).then_some(listed)
}
