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
}

/// Tells whether a full handshake has left nothing to be found out.
pub(super) fn has_nothing_to_find(dialogue: &Dialogue<'_>, outcome: &Outcome) -> bool {
    matches!(open(outcome), Open::Nothing) && unlisted_version(dialogue, outcome).is_none()
}

/// Goes on after a full handshake, where there is something to be found out.
pub(super) async fn after(dialogue: &Dialogue<'_>, outcome: Outcome) -> Outcome {
    match open(&outcome) {
        Open::Nothing => with_listed_versions(dialogue, outcome).await,
        Open::Offer => {
            let heard = dialogue.ask(dialogue.cloudfronts_question()).await;
            let outcome = decide(dialogue, outcome, heard).await;
            with_listed_versions(dialogue, outcome).await
        }
        Open::Chain => read_in_the_clear(dialogue, outcome).await,
    }
}

/// Asks where CloudFront would send SSLv3 and nothing else, which our TLS library does not speak.
pub(super) async fn of_sslv3(dialogue: &Dialogue<'_>, connection: Connection) -> Outcome {
    let heard = dialogue.ask_on(connection, dialogue.cloudfronts_question()).await;
    let nothing = Outcome::failed(Failure::Unsettled { detail: "SSLv3 was not tried".into() });
    decide(dialogue, nothing, heard).await
}

fn open(outcome: &Outcome) -> Open {
    // With the server's signature its whole flight has been read: what fails after it fails for
    // CloudFront, too.
    let has_read_flight = outcome.key_proof != KeyProof::NotReached
        || outcome.client_certificate != ClientCertificate::NotRequested;
    match &outcome.failure {
        None => Open::Nothing,
        Some(Failure::NoCertificate | Failure::ChainUnreadable { .. }) => Open::Chain,
        Some(_) if has_read_flight => Open::Nothing,
        Some(Failure::Alert { code }) if diagnosis::ABOUT_THE_OFFER.contains(code) => Open::Offer,
        Some(Failure::ClosedBeforeServerHello { .. } | Failure::Unsettled { .. }) => Open::Offer,
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
        Err(not_asked) => return diagnosis::unsettled(first, &not_asked.detail),
    };
    if heard.is_shortened && heard.answer.end == End::TimedOut {
        let failure = Some(Failure::NotProbed { reason: NotProbed::OutOfTime });
        return Outcome { failure, ..first };
    }
    if let Some(refusal) = reading::refusal(&heard.answer) {
        return diagnosis::diagnose(dialogue, refusal, &heard).await;
    }
    if heard.answer.end == End::Tls13 {
        // It takes the offer, and what went wrong comes after that, encrypted.
        let outcome = diagnosis::diagnose_tls13(dialogue, first).await;
        return read_in_the_clear(dialogue, outcome).await;
    }
    reading::outcome(heard, dialogue.offer)
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
    let read = reading::outcome(heard, dialogue.offer);
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
