//! Why a server refuses CloudFront's offer: further questions that each change one thing.
//!
//! A conclusion follows only from what an answer proves. Where every question is refused, the
//! refusal itself is the result.

use crate::chain::CertificateKey;
use crate::cloudfront::Offer;
use crate::cloudfront::Version;
use crate::observation::AnsweredName;
use crate::observation::Engine;
use crate::observation::Failure;
use crate::observation::Refusal;
use crate::origin::DomainName;

use super::Outcome;
use super::dialogue::Dialogue;
use super::dialogue::Heard;
use super::dialogue::NotAsked;
use super::dialogue::Question;
use super::full::Ask;
use super::hello::End;
use super::hello::cipher_suite_name;
use super::hello::group_name;
use super::hello::signature_scheme_name;
use super::reading;
use super::reading::Choice;

/// Finds the cause of a refusal. What the diagnosis itself negotiates is not what CloudFront would
/// get; only the certificates that it finds are kept.
pub(super) async fn diagnose(
    dialogue: &Dialogue<'_>,
    refusal: Refusal,
    refused: &Heard,
) -> Outcome {
    let known = reading::after_certificate(&refused.answer, refusal);
    let found = match known {
        Failure::NoSharedSignatureScheme { .. } => Found::Cause(Cause {
            failure: known,
            served: refused.answer.served.clone().unwrap_or_default(),
        }),
        known => find_cause(dialogue, refusal, known).await,
    };
    let Cause { failure, served } = match found {
        Found::Cause(cause) => cause,
        Found::Taken(heard) => return reading::outcome(*heard, &dialogue.offer),
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

/// Finds out why a handshake failed whose ServerHello chose TLS 1.3, before the server's signature:
/// the refusal came encrypted, so that only full handshakes show more.
pub(super) async fn diagnose_tls13(dialogue: &Dialogue<'_>, first: Outcome) -> Outcome {
    let Ok(wider) = dialogue.shake_hands_unrestricted().await else {
        return unsettled(first, "the server takes CloudFront's hello");
    };
    let Some(refusal) = first.failure.as_ref().and_then(refusal_of) else {
        // Our library may not be able to read the answer to a wider offer either.
        return unsettled(first, "the server takes CloudFront's hello, with TLS 1.3");
    };
    if !wider.served.is_empty() {
        let Cause { failure, served } = scheme_cause(refusal, None, wider.served);
        return Outcome { failure: Some(failure), served, ..first };
    }
    if let Some(failure) = name_cause_by_handshake(dialogue, refusal).await {
        return Outcome { failure: Some(failure), ..first };
    }
    first
}

/// Says that the cause was not found, and why.
pub(super) fn unsettled(first: Outcome, why: &str) -> Outcome {
    let detail = match &first.failure {
        Some(failure) => format!("{failure}; {why}"),
        None => why.to_owned(),
    };
    Outcome { failure: Some(Failure::Unsettled { detail: detail.into() }), ..first }
}

/// The result of the further questions.
enum Found {
    Cause(Cause),
    /// CloudFront's offer is taken, without a request for an OCSP response.
    Taken(Box<Heard>),
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

    fn with(failure: Failure, heard: Heard) -> Self {
        Self { failure, served: heard.answer.served.unwrap_or_default() }
    }
}

/// The alert that says that no protocol version is shared (RFC 8446 §6.2).
const PROTOCOL_VERSION: u8 = 70;

/// RFC 6066 §3.
const UNRECOGNIZED_NAME: u8 = 112;

/// Asks further questions; where none of them shows a cause, the result is what is `known`.
async fn find_cause(dialogue: &Dialogue<'_>, refusal: Refusal, known: Failure) -> Found {
    let known = || Cause::of(known.clone());
    if refusal == (Refusal::Alert { code: UNRECOGNIZED_NAME }) {
        let names = name_cause(dialogue, refusal).await;
        return Found::Cause(names.cause.unwrap_or_else(known));
    }
    let mut is_about_versions = refusal == Refusal::Alert { code: PROTOCOL_VERSION };
    let Ok(wide) = dialogue.ask(dialogue.wide_question()).await else {
        return Found::Cause(known());
    };
    is_about_versions &= is_refused_by_version(&wide);
    match wide.choice(&dialogue.offer) {
        Choice::Nothing | Choice::Violation => {}
        choice => {
            if choice == Choice::Within
                && !has_odd_key(&wide)
                && let Some(heard) = taken_without_status_request(dialogue).await
            {
                return Found::Taken(Box::new(heard));
            }
            return Found::Cause(from_choice(dialogue, refusal, choice, wide).await);
        }
    }
    let mut spoken = None;
    if !is_about_versions {
        let names = name_cause(dialogue, refusal).await;
        if let Some(cause) = names.cause {
            return Found::Cause(cause);
        }
        spoken = names.spoken;
    }
    for question in [dialogue.question_of_groups(), dialogue.question_of_curves()] {
        let Ok(heard) = dialogue.ask(question).await else { return Found::Cause(known()) };
        is_about_versions &= is_refused_by_version(&heard);
        match heard.choice(&dialogue.offer) {
            Choice::Nothing | Choice::Violation | Choice::Within if !has_odd_key(&heard) => {}
            choice => {
                return Found::Cause(from_choice(dialogue, refusal, choice, heard).await);
            }
        }
    }
    if !dialogue.offer.has(Version::Ssl3) {
        let old = Question { versions: vec![Version::Ssl3], ..dialogue.wide_question() };
        let Ok(heard) = dialogue.ask(old).await else { return Found::Cause(known()) };
        if let Choice::Version(version) = heard.choice(&dialogue.offer) {
            spoken = Some(version);
        }
    }
    if is_about_versions || spoken.is_some() {
        let spoken = spoken.map(Version::as_str);
        let failure = Failure::NoSharedVersion { refusal: Some(refusal), spoken };
        return Found::Cause(Cause::of(failure));
    }
    Found::Cause(known())
}

/// Asks CloudFront's question without the request for an OCSP response, in the clear where TLS 1.3
/// would hide the certificates.
async fn taken_without_status_request(dialogue: &Dialogue<'_>) -> Option<Heard> {
    let question = Question { status_request: false, ..dialogue.cloudfronts_question() };
    let within = |heard: &Heard| heard.choice(&dialogue.offer) == Choice::Within;
    let heard = dialogue.ask(question).await.ok().filter(within)?;
    if heard.answer.end != End::Tls13 {
        return Some(heard);
    }
    let question = Question { status_request: false, ..dialogue.question_in_the_clear() };
    dialogue.ask(question).await.ok().filter(within)
}

fn is_refused_by_version(heard: &Heard) -> bool {
    reading::refusal(&heard.answer) == Some(Refusal::Alert { code: PROTOCOL_VERSION })
}

fn has_odd_key(heard: &Heard) -> bool {
    heard.answer.served.as_deref().is_some_and(reading::has_unoffered_key)
}

/// Concludes from an answer to a wider hello than the one that was refused.
async fn from_choice(
    dialogue: &Dialogue<'_>,
    refusal: Refusal,
    choice: Choice,
    heard: Heard,
) -> Cause {
    match choice {
        Choice::Version(version) => {
            let spoken = Some(version.as_str());
            Cause::with(Failure::NoSharedVersion { refusal: Some(refusal), spoken }, heard)
        }
        // The curve of an ECDSA key must be among the groups, too: the key comes first.
        _ if has_odd_key(&heard) => scheme(dialogue, refusal, heard).await,
        Choice::CipherSuite(suite) => suite_or_less(dialogue, refusal, suite, heard).await,
        Choice::Group(group) => {
            Cause::with(Failure::NoSharedGroup { refusal, taken: group_name(group) }, heard)
        }
        Choice::Within => scheme(dialogue, refusal, heard).await,
        Choice::Nothing | Choice::Violation => Cause::of(reading::refused(refusal)),
    }
}

/// The server chose a suite that CloudFront does not offer. It might still take one of
/// CloudFront's, were it not for the signature scheme.
async fn suite_or_less(
    dialogue: &Dialogue<'_>,
    refusal: Refusal,
    suite: u16,
    heard: Heard,
) -> Cause {
    let own = dialogue.cloudfronts_question();
    let question = Question {
        versions: own.versions,
        cipher_suites: own.cipher_suites,
        ..dialogue.wide_question()
    };
    if let Ok(narrower) = dialogue.ask(question).await
        && narrower.choice(&dialogue.offer) == Choice::Within
    {
        return scheme(dialogue, refusal, narrower).await;
    }
    let taken = cipher_suite_name(suite);
    Cause::with(Failure::NoSharedCipherSuite { refusal, taken }, heard)
}

/// The server took a version, a suite and a group of CloudFront's, once it was offered more
/// signature schemes (and curves for the certificate's key).
async fn scheme(dialogue: &Dialogue<'_>, refusal: Refusal, heard: Heard) -> Cause {
    let is_tls13 = heard.answer.server_hello.as_ref().is_some_and(|h| h.version == Version::Tls1_3);
    if !is_tls13 {
        let signed = heard.answer.signed_parameters.as_ref();
        let taken = signed
            .and_then(|signed| signed.scheme)
            .filter(|scheme| !Offer::has_signature_scheme(*scheme));
        return scheme_cause(refusal, taken, heard.answer.served.unwrap_or_default());
    }
    // In TLS 1.3 the certificate and its signature are encrypted: only a whole handshake shows
    // them.
    match dialogue.shake_hands_unrestricted().await {
        // Without a certificate nothing is proven about its key.
        Ok(outcome) if outcome.served.is_empty() => {
            Cause::of(Failure::Unsettled { detail: reading::refused(refusal).to_string().into() })
        }
        Ok(outcome) => scheme_cause(refusal, None, outcome.served),
        Err(NotAsked { detail, .. }) => {
            let detail = format!("{}; {detail}", reading::refused(refusal));
            Cause::of(Failure::Unsettled { detail: detail.into() })
        }
    }
}

/// The key, or the scheme, must be one that CloudFront does not offer: otherwise the refusal was
/// not about the offer, and may not come again.
fn scheme_cause(refusal: Refusal, taken: Option<u16>, served: Vec<Vec<u8>>) -> Cause {
    let has_offered_key = served
        .first()
        .and_then(|der| CertificateKey::of_certificate(der))
        .is_some_and(|key| reading::is_offered(&key.algorithm));
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

/// The result of asking for other server names.
#[derive(Default)]
struct Names {
    cause: Option<Cause>,
    /// A version that CloudFront does not offer, with which another name was answered: evidence
    /// about the version, not about the name.
    spoken: Option<Version>,
}

/// Asks for another name, then for none, with CloudFront's own offer.
async fn name_cause(dialogue: &Dialogue<'_>, refusal: Refusal) -> Names {
    let mut names = Names::default();
    // A hello of SSLv3 carries no name.
    if dialogue.offer.versions == [Version::Ssl3] {
        return names;
    }
    for other in other_names(dialogue) {
        let question = Question { server_name: other, ..dialogue.cloudfronts_question() };
        let Ok(heard) = dialogue.ask(question).await else { return names };
        match heard.choice(&dialogue.offer) {
            Choice::Within if heard.answer.is_acceptance() => {}
            Choice::Version(version) => {
                names.spoken = Some(version);
                continue;
            }
            _ => continue,
        }
        // The name is the cause only if it is refused once more.
        let Ok(again) = dialogue.ask(dialogue.cloudfronts_question()).await else { return names };
        let failure = match reading::refusal(&again.answer) {
            Some(second) if is_alike(refusal, second) => {
                Some(Failure::ServerNameRefused { refusal, answered: answered(other) })
            }
            None if again.choice(&dialogue.offer) == Choice::Within => {
                Some(answered_once_more(refusal))
            }
            _ => None,
        };
        names.cause = failure.map(Cause::of);
        return names;
    }
    names
}

/// Does the same with full handshakes, where the refusal is encrypted.
async fn name_cause_by_handshake(dialogue: &Dialogue<'_>, refusal: Refusal) -> Option<Failure> {
    for other in other_names(dialogue) {
        let ask = Ask { server_name: other, ends_at_tls12: false };
        if dialogue.shake_hands_again(ask).await.ok()?.failure.is_some() {
            continue;
        }
        let again = dialogue.shake_hands_again(dialogue.first_ask()).await.ok()?;
        return match &again.failure {
            None => Some(answered_once_more(refusal)),
            Some(failure) => refusal_of(failure)
                .filter(|second| is_alike(refusal, *second))
                .map(|_| Failure::ServerNameRefused { refusal, answered: answered(other) }),
        };
    }
    None
}

fn other_names<'a>(
    dialogue: &Dialogue<'a>,
) -> impl Iterator<Item = Option<&'a DomainName>> + use<'a> {
    dialogue.request.other_name.map(Some).into_iter().chain([None])
}

fn answered(name: Option<&DomainName>) -> AnsweredName {
    name.map_or(AnsweredName::Nameless, |name| AnsweredName::Name(name.clone()))
}

fn answered_once_more(refusal: Refusal) -> Failure {
    let detail = format!("{}; asked again, it answered", reading::refused(refusal));
    Failure::Unsettled { detail: detail.into() }
}

/// Whether a close or a reset arrives is a matter of timing; alerts must be the same.
fn is_alike(first: Refusal, second: Refusal) -> bool {
    match (first, second) {
        (Refusal::Ended(_), Refusal::Ended(_)) => true,
        _ => first == second,
    }
}

/// Returns how a full handshake was refused, if that is how it failed.
fn refusal_of(failure: &Failure) -> Option<Refusal> {
    match failure {
        Failure::Alert { code } => Some(Refusal::Alert { code: *code }),
        Failure::ClosedBeforeServerHello { ending } | Failure::ClosedDuringHandshake { ending } => {
            Some(Refusal::Ended(*ending))
        }
        _ => None,
    }
}
