//! Why a server refuses CloudFront's offer: at most three further questions, the widest first.

use crate::chain::CertificateKey;
use crate::chain::Curve;
use crate::chain::KeyAlgorithm;
use crate::cloudfront::Offer;
use crate::cloudfront::Version;
use crate::observation::Engine;
use crate::observation::Failure;
use crate::observation::Refusal;

use super::Outcome;
use super::dialogue::Dialogue;
use super::dialogue::Heard;
use super::dialogue::NotAsked;
use super::dialogue::Question;
use super::hello::Answer;
use super::hello::ServerHello;
use super::hello::cipher_suite_name;
use super::hello::group_name;
use super::hello::signature_scheme_name;
use super::reading;

/// Finds the cause of a refusal. What the diagnosis itself negotiates is not what CloudFront would
/// get; only the certificates that it comes upon are kept.
pub(super) async fn diagnose(
    dialogue: &Dialogue<'_>,
    refusal: Refusal,
    refused: &Heard,
) -> Outcome {
    let cause = find_cause(dialogue, refusal).await;
    let (failure, served) = match cause {
        Ok(Cause { failure, served }) => (failure, served),
        Err(NotAsked { detail }) => {
            let detail = format!("{}; {detail}", reading::refused(refusal));
            (Failure::Unsettled { detail: detail.into() }, Vec::new())
        }
    };
    Outcome {
        engine: Engine::Hello,
        served,
        warnings: refused.answer.warnings.clone(),
        connect_time: Some(refused.connect_time),
        handshake_time: Some(refused.handshake_time),
        ..Outcome::failed(failure)
    }
}

/// Finds out why a handshake failed whose ServerHello chose TLS 1.3, before the server's signature.
/// Offered more signature schemes, the server may go on.
pub(super) async fn diagnose_tls13(dialogue: &Dialogue<'_>, first: Outcome) -> Outcome {
    let wider = match dialogue.shake_hands_unrestricted().await {
        Ok(outcome) => outcome,
        Err(NotAsked { detail }) => return unsettled(first, &detail),
    };
    let refusal = match first.failure {
        Some(Failure::Alert { code }) => Refusal::Alert { code },
        Some(Failure::ClosedBeforeServerHello { ending }) => Refusal::Ended(ending),
        // What our library cannot read in one offer it may not in another.
        _ => return unsettled(first, "CloudFront's own hello is taken, with TLS 1.3"),
    };
    if wider.served.is_empty() {
        // Nothing is taken from it that was not there before.
        return first;
    }
    let Cause { failure, served } = scheme_cause(refusal, None, wider.served);
    Outcome { failure: Some(failure), served, ..first }
}

/// Says that it could not be found out, and why.
pub(super) fn unsettled(first: Outcome, why: &str) -> Outcome {
    let detail = match &first.failure {
        Some(failure) => format!("{failure}; {why}"),
        None => why.to_owned(),
    };
    Outcome { failure: Some(Failure::Unsettled { detail: detail.into() }), ..first }
}

struct Cause {
    failure: Failure,
    /// The certificates that came along, if any did.
    served: Vec<Vec<u8>>,
}

impl Cause {
    fn of(failure: Failure) -> Self {
        Self { failure, served: Vec::new() }
    }

    fn with(failure: Failure, answer: Answer) -> Self {
        Self { failure, served: answer.served.unwrap_or_default() }
    }
}

async fn find_cause(dialogue: &Dialogue<'_>, refusal: Refusal) -> Result<Cause, NotAsked> {
    if let Refusal::Alert { code } = refusal
        && !ABOUT_THE_OFFER.contains(&code)
    {
        return Ok(Cause::of(Failure::Alert { code }));
    }
    let answer = dialogue.ask(dialogue.question_of_everything()).await?.answer;
    let Some(hello) = answer.server_hello.clone() else {
        return without_answer(dialogue, refusal).await;
    };
    if !dialogue.offer.has(hello.version) {
        let spoken = hello.version.as_str();
        let failure = Failure::NoSharedVersion { refusal: Some(refusal), spoken };
        return Ok(Cause::with(failure, answer));
    }
    let takes_other_group = answer.group().is_some_and(|group| !Offer::has_group(group));
    match (dialogue.offer.has_cipher_suite(hello.cipher_suite, hello.version), takes_other_group) {
        (false, _) => suite_or_less(dialogue, refusal, &hello, answer).await,
        (true, true) => Ok(group_cause(refusal, answer)),
        (true, false) => scheme(dialogue, refusal, &hello, answer).await,
    }
}

/// Neither versions nor suites, groups or schemes are the cause: then the name may be, or the
/// server speaks nothing newer than SSLv3.
async fn without_answer(dialogue: &Dialogue<'_>, refusal: Refusal) -> Result<Cause, NotAsked> {
    let nameless = Question { server_name: None, ..dialogue.question_of_everything() };
    if dialogue.ask(nameless).await?.answer.server_hello.is_some() {
        return Ok(Cause::of(Failure::ServerNameRefused { refusal }));
    }
    if !dialogue.offer.has(Version::Ssl3) {
        let old = Question { versions: vec![Version::Ssl3], ..dialogue.question_of_everything() };
        if let Some(hello) = dialogue.ask(old).await?.answer.server_hello {
            let spoken = hello.version.as_str();
            let failure = Failure::NoSharedVersion { refusal: Some(refusal), spoken };
            return Ok(Cause::of(failure));
        }
    }
    Ok(Cause::of(reading::refused(refusal)))
}

/// The server chose a suite that CloudFront does not offer. It might still take one of
/// CloudFront's, were it not for the group or the signature scheme.
async fn suite_or_less(
    dialogue: &Dialogue<'_>,
    refusal: Refusal,
    hello: &ServerHello,
    answer: Answer,
) -> Result<Cause, NotAsked> {
    let question = Question {
        versions: dialogue.offer.versions.clone(),
        cipher_suites: dialogue.cloudfronts_question().cipher_suites,
        ..dialogue.question_of_everything()
    };
    let narrower = dialogue.ask(question).await?.answer;
    let Some(narrower_hello) = narrower.server_hello.clone() else {
        let taken = cipher_suite_name(hello.cipher_suite);
        let failure = Failure::NoSharedCipherSuite { refusal: Some(refusal), taken };
        return Ok(Cause::with(failure, answer));
    };
    if narrower.group().is_some_and(|group| !Offer::has_group(group)) {
        return Ok(group_cause(refusal, narrower));
    }
    scheme(dialogue, refusal, &narrower_hello, narrower).await
}

/// The server took a version, a suite and a group of CloudFront's, once it was offered more
/// signature schemes (and curves for the certificate's key).
async fn scheme(
    dialogue: &Dialogue<'_>,
    refusal: Refusal,
    hello: &ServerHello,
    answer: Answer,
) -> Result<Cause, NotAsked> {
    if hello.version < Version::Tls1_3 {
        let taken = answer
            .signed_parameters
            .as_ref()
            .and_then(|signed| signed.scheme)
            .filter(|scheme| !Offer::has_signature_scheme(*scheme));
        return Ok(scheme_cause(refusal, taken, answer.served.unwrap_or_default()));
    }
    // In TLS 1.3 the certificate and its signature are encrypted: only a whole handshake shows
    // them.
    let outcome = dialogue.shake_hands_unrestricted().await?;
    Ok(scheme_cause(refusal, None, outcome.served))
}

/// The key, or the scheme, must be one that CloudFront does not offer: otherwise the refusal was
/// not about the offer, and may not come again.
fn scheme_cause(refusal: Refusal, taken: Option<u16>, served: Vec<Vec<u8>>) -> Cause {
    let has_offered_key = served
        .first()
        .and_then(|der| CertificateKey::of_certificate(der))
        .is_some_and(|key| is_offered(&key.algorithm));
    let failure = if taken.is_none() && has_offered_key {
        let detail = format!(
            "{}; offered more, it answered with what CloudFront offers as well",
            reading::refused(refusal)
        );
        Failure::Unsettled { detail: detail.into() }
    } else {
        let taken = taken.map(signature_scheme_name);
        Failure::NoSharedSignatureScheme { refusal, taken }
    };
    Cause { failure, served }
}

/// Tells whether a key can sign with what CloudFront offers: the curve of an ECDSA key must be
/// among the groups (RFC 8422 §5.1).
fn is_offered(key: &KeyAlgorithm) -> bool {
    matches!(
        key,
        KeyAlgorithm::Rsa { .. }
            | KeyAlgorithm::RsaPss { .. }
            | KeyAlgorithm::Ec(Curve::P256 | Curve::P384)
    )
}

fn group_cause(refusal: Refusal, answer: Answer) -> Cause {
    let taken = answer.group().map(group_name).unwrap_or_default();
    Cause::with(Failure::NoSharedGroup { refusal: Some(refusal), taken }, answer)
}

/// The alerts with which servers answer an offer that does not suit them: handshake_failure,
/// illegal_parameter, decode_error, protocol_version, insufficient_security, internal_error,
/// missing_extension, unsupported_extension, no_application_protocol. And access_denied, which
/// servers built on rustls send where they have no certificate for the name.
pub(super) const ABOUT_THE_OFFER: [u8; 10] = [40, 47, 49, 50, 70, 71, 80, 109, 110, 120];
