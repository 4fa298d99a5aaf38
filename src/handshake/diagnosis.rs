//! Finds out why a server refuses CloudFront's offer, with diagnostic hellos that each change one
//! thing.
//!
//! Every conclusion follows from what an answer proves. If the server refuses every hello, the
//! refusal itself is the result.

use crate::chain::CertificateKey;
use crate::cloudfront::{Offer, Version};
use crate::observation::{AnsweredName, Engine, Failure, Handshake, Refusal};
use crate::origin::DomainName;

use super::full::Ask;
use super::hello::{ClientHello, End, cipher_suite_name, group_name, signature_scheme_name};
use super::interpret::Choice;
use super::request::ServedHandshake;
use super::session::{HelloReply, Session, SkipReason};
use super::{interpret, key_proof};

/// Finds the cause of a refusal. What the diagnosis negotiates differs from what CloudFront would
/// get, so only the certificates are kept.
pub(super) async fn diagnose(
    session: &Session<'_>,
    refusal: Refusal,
    refused: &HelloReply<'_>,
) -> ServedHandshake {
    let known = interpret::after_certificate(&refused.answer, refusal);
    let found = match known {
        Failure::NoSharedSignatureScheme { .. } => Found::Cause(Cause {
            failure: known,
            served: refused.answer.served.clone().unwrap_or_default(),
        }),
        known => find_cause(session, refusal, known).await,
    };
    let Cause { failure, served } = match found {
        Found::Cause(cause) => cause,
        Found::Taken(reply) => return interpret::outcome(*reply, &session.offer),
    };
    let handshake = Handshake {
        engine: Engine::Hello,
        warnings: refused.answer.warnings.clone(),
        connect_time: Some(refused.connect_time),
        handshake_time: Some(refused.handshake_time),
        ..Handshake::failed(failure)
    };
    ServedHandshake { handshake, served, staple: None }
}

/// Finds out why a handshake failed after the ServerHello chose TLS 1.3 and before the server's
/// signature. The refusal was encrypted, so only full handshakes show more.
pub(super) async fn diagnose_tls13(
    session: &Session<'_>,
    first: ServedHandshake,
) -> ServedHandshake {
    let Ok(wider) = session.shake_hands_unrestricted().await else {
        return unsettled(first, "the server accepts CloudFront's ClientHello");
    };
    let Some(refusal) = first.failure().and_then(refusal_of) else {
        // rustls may not be able to process the answer to a wider offer either.
        return unsettled(first, "the server accepts CloudFront's ClientHello and chooses TLS 1.3");
    };
    if !wider.served.is_empty() {
        let Cause { failure, served } = scheme_cause(refusal, None, wider.served);
        return ServedHandshake { served, ..first }.with_failure(failure);
    }
    if let Some(failure) = name_cause_by_handshake(session, refusal).await {
        return first.with_failure(failure);
    }
    first
}

/// Reports that the cause was not found, and why.
pub(super) fn unsettled(first: ServedHandshake, why: &str) -> ServedHandshake {
    let detail = match first.failure() {
        Some(failure) => format!("{failure}; {why}"),
        None => why.to_owned(),
    };
    first.with_failure(Failure::Unsettled { detail: detail.into() })
}

/// The result of the diagnostic hellos.
enum Found<'a> {
    Cause(Cause),
    /// The server accepts CloudFront's offer without a request for an OCSP response.
    Taken(Box<HelloReply<'a>>),
}

struct Cause {
    failure: Failure,
    /// The certificates in the answers, if there were any.
    served: Vec<Vec<u8>>,
}

impl Cause {
    fn of(failure: Failure) -> Self {
        Self { failure, served: Vec::new() }
    }

    fn with(failure: Failure, reply: HelloReply<'_>) -> Self {
        Self { failure, served: reply.answer.served.unwrap_or_default() }
    }
}

/// The alert for "no shared protocol version" (RFC 8446 §6.2).
const PROTOCOL_VERSION: u8 = 70;

/// RFC 6066 §3.
const UNRECOGNIZED_NAME: u8 = 112;

/// Sends diagnostic hellos; if none of them shows a cause, the result is `known`.
async fn find_cause<'a>(session: &Session<'a>, refusal: Refusal, known: Failure) -> Found<'a> {
    let known = || Cause::of(known.clone());
    if refusal == (Refusal::Alert { code: UNRECOGNIZED_NAME }) {
        let names = name_cause(session, refusal).await;
        return Found::Cause(names.cause.unwrap_or_else(known));
    }
    let mut is_about_versions = refusal == Refusal::Alert { code: PROTOCOL_VERSION };
    let Ok(wide) = session.ask(session.wide_hello()).await else {
        return Found::Cause(known());
    };
    is_about_versions &= is_refused_by_version(&wide);
    match wide.choice(&session.offer) {
        Choice::Nothing | Choice::Violation => {}
        choice => {
            if choice == Choice::Within
                && !has_odd_key(&wide)
                && let Some(reply) = taken_without_status_request(session).await
            {
                return Found::Taken(Box::new(reply));
            }
            return Found::Cause(from_choice(session, refusal, choice, wide).await);
        }
    }
    let mut spoken = None;
    if !is_about_versions {
        let names = name_cause(session, refusal).await;
        if let Some(cause) = names.cause {
            return Found::Cause(cause);
        }
        spoken = names.spoken;
    }
    for hello in [session.hello_with_all_groups(), session.hello_with_all_curves()] {
        let Ok(reply) = session.ask(hello).await else { return Found::Cause(known()) };
        is_about_versions &= is_refused_by_version(&reply);
        match reply.choice(&session.offer) {
            Choice::Nothing | Choice::Violation | Choice::Within if !has_odd_key(&reply) => {}
            choice => {
                return Found::Cause(from_choice(session, refusal, choice, reply).await);
            }
        }
    }
    if !session.offer.has(Version::Ssl3) {
        let old = ClientHello { versions: vec![Version::Ssl3], ..session.wide_hello() };
        let Ok(reply) = session.ask(old).await else { return Found::Cause(known()) };
        if let Choice::Version(version) = reply.choice(&session.offer) {
            spoken = Some(version);
        }
    }
    if is_about_versions || spoken.is_some() {
        let spoken = spoken.map(|version| version.as_str().into());
        let failure = Failure::NoSharedVersion { refusal: Some(refusal), spoken };
        return Found::Cause(Cause::of(failure));
    }
    Found::Cause(known())
}

/// Sends CloudFront's hello without the request for an OCSP response, and without TLS 1.3 if that
/// would encrypt the certificates.
async fn taken_without_status_request<'a>(session: &Session<'a>) -> Option<HelloReply<'a>> {
    let hello = ClientHello { status_request: false, ..session.cloudfront_hello() };
    let within = |reply: &HelloReply<'_>| reply.choice(&session.offer) == Choice::Within;
    let reply = session.ask(hello).await.ok().filter(within)?;
    if reply.answer.end != End::Tls13 {
        return Some(reply);
    }
    let hello = ClientHello { status_request: false, ..session.hello_in_the_clear() };
    session.ask(hello).await.ok().filter(within)
}

fn is_refused_by_version(reply: &HelloReply<'_>) -> bool {
    interpret::refusal(&reply.answer) == Some(Refusal::Alert { code: PROTOCOL_VERSION })
}

fn has_odd_key(reply: &HelloReply<'_>) -> bool {
    reply.answer.served.as_deref().is_some_and(key_proof::has_unoffered_key)
}

/// Concludes from the answer to a wider hello than the one that was refused.
async fn from_choice(
    session: &Session<'_>,
    refusal: Refusal,
    choice: Choice,
    reply: HelloReply<'_>,
) -> Cause {
    match choice {
        Choice::Version(version) => {
            let spoken = Some(version.as_str().into());
            Cause::with(Failure::NoSharedVersion { refusal: Some(refusal), spoken }, reply)
        }
        // The curve of an ECDSA key must be among the groups as well, so the key comes first.
        _ if has_odd_key(&reply) => scheme(session, refusal, reply).await,
        Choice::CipherSuite(suite) => suite_or_less(session, refusal, suite, reply).await,
        Choice::Group(group) => {
            Cause::with(Failure::NoSharedGroup { refusal, taken: group_name(group) }, reply)
        }
        Choice::Within => scheme(session, refusal, reply).await,
        Choice::Nothing | Choice::Violation => Cause::of(interpret::refused(refusal)),
    }
}

/// The server chose a suite that CloudFront does not offer. It might still accept one of
/// CloudFront's if the signature scheme were not the problem.
async fn suite_or_less(
    session: &Session<'_>,
    refusal: Refusal,
    suite: u16,
    reply: HelloReply<'_>,
) -> Cause {
    let own = session.cloudfront_hello();
    let hello = ClientHello {
        versions: own.versions,
        cipher_suites: own.cipher_suites,
        ..session.wide_hello()
    };
    if let Ok(narrower) = session.ask(hello).await
        && narrower.choice(&session.offer) == Choice::Within
    {
        return scheme(session, refusal, narrower).await;
    }
    let taken = cipher_suite_name(suite);
    Cause::with(Failure::NoSharedCipherSuite { refusal, taken }, reply)
}

/// The server chose CloudFront's version, suite and group once it was offered more signature
/// schemes (and curves for the certificate's key).
async fn scheme(session: &Session<'_>, refusal: Refusal, reply: HelloReply<'_>) -> Cause {
    let is_tls13 = reply.answer.server_hello.as_ref().is_some_and(|h| h.version == Version::Tls1_3);
    if !is_tls13 {
        let signed = reply.answer.signed_parameters.as_ref();
        let taken = signed
            .and_then(|signed| signed.scheme)
            .filter(|scheme| !Offer::has_signature_scheme(*scheme));
        return scheme_cause(refusal, taken, reply.answer.served.unwrap_or_default());
    }
    // TLS 1.3 encrypts the certificate and its signature, so only a full handshake shows them.
    match session.shake_hands_unrestricted().await {
        // Without a certificate, nothing is proven about its key.
        Ok(outcome) if outcome.served.is_empty() => {
            Cause::of(Failure::Unsettled { detail: interpret::refused(refusal).to_string().into() })
        }
        Ok(outcome) => scheme_cause(refusal, None, outcome.served),
        Err(SkipReason { detail, .. }) => {
            let detail = format!("{}; {detail}", interpret::refused(refusal));
            Cause::of(Failure::Unsettled { detail: detail.into() })
        }
    }
}

/// The key or the scheme must be one that CloudFront does not offer. Otherwise the refusal was not
/// about the offer, and may not happen again.
fn scheme_cause(refusal: Refusal, taken: Option<u16>, served: Vec<Vec<u8>>) -> Cause {
    let has_offered_key = served
        .first()
        .and_then(|der| CertificateKey::of_certificate(der))
        .is_some_and(|key| key_proof::is_offered(&key.algorithm));
    let failure = if taken.is_none() && has_offered_key {
        let detail = format!(
            "{}; with a wider offer, it chose only what CloudFront offers as well",
            interpret::refused(refusal)
        );
        Failure::Unsettled { detail: detail.into() }
    } else {
        let taken = taken.map(signature_scheme_name);
        Failure::NoSharedSignatureScheme { refusal, taken }
    };
    Cause { failure, served }
}

/// The result of trying other server names.
#[derive(Default)]
struct Names {
    cause: Option<Cause>,
    /// The version with which another name was answered, if CloudFront does not offer it. That is
    /// evidence about the version, not about the name.
    spoken: Option<Version>,
}

/// Tries another name, then none, with CloudFront's own offer.
async fn name_cause(session: &Session<'_>, refusal: Refusal) -> Names {
    let mut names = Names::default();
    // An SSLv3 hello carries no name.
    if session.offer.versions == [Version::Ssl3] {
        return names;
    }
    for other in other_names(session) {
        let hello = ClientHello { server_name: other, ..session.cloudfront_hello() };
        let Ok(reply) = session.ask(hello).await else { return names };
        match reply.choice(&session.offer) {
            Choice::Within if reply.answer.is_acceptance() => {}
            Choice::Version(version) => {
                names.spoken = Some(version);
                continue;
            }
            _ => continue,
        }
        // The name is the cause only if it is refused again.
        let Ok(again) = session.ask(session.cloudfront_hello()).await else { return names };
        let failure = match interpret::refusal(&again.answer) {
            Some(second) if is_alike(refusal, second) => {
                Some(Failure::ServerNameRefused { refusal, answered: answered(other) })
            }
            None if again.choice(&session.offer) == Choice::Within => {
                Some(answered_once_more(refusal))
            }
            _ => None,
        };
        names.cause = failure.map(Cause::of);
        return names;
    }
    names
}

/// Does the same with full handshakes, if the refusal is encrypted.
async fn name_cause_by_handshake(session: &Session<'_>, refusal: Refusal) -> Option<Failure> {
    for other in other_names(session) {
        let ask = Ask { server_name: other, ends_at_tls12: false };
        if session.shake_hands_again(ask).await.ok()?.failure().is_some() {
            continue;
        }
        let again = session.shake_hands_again(session.first_ask()).await.ok()?;
        return match again.failure() {
            None => Some(answered_once_more(refusal)),
            Some(failure) => refusal_of(failure)
                .filter(|second| is_alike(refusal, *second))
                .map(|_| Failure::ServerNameRefused { refusal, answered: answered(other) }),
        };
    }
    None
}

fn other_names<'a>(
    session: &Session<'a>,
) -> impl Iterator<Item = Option<&'a DomainName>> + use<'a> {
    session.request.other_name.map(Some).into_iter().chain([None])
}

fn answered(name: Option<&DomainName>) -> AnsweredName {
    name.map_or(AnsweredName::Nameless, |name| AnsweredName::Name(name.clone()))
}

fn answered_once_more(refusal: Refusal) -> Failure {
    let detail = format!("{}; on a second attempt, it answered", interpret::refused(refusal));
    Failure::Unsettled { detail: detail.into() }
}

/// Alerts must be the same. Whether a close or a reset arrives is a matter of timing.
fn is_alike(first: Refusal, second: Refusal) -> bool {
    match (first, second) {
        (Refusal::Ended(_), Refusal::Ended(_)) => true,
        _ => first == second,
    }
}

/// Returns how a full handshake was refused, if it was.
fn refusal_of(failure: &Failure) -> Option<Refusal> {
    match failure {
        Failure::Alert { code } => Some(Refusal::Alert { code: *code }),
        Failure::ClosedBeforeServerHello { ending } | Failure::ClosedDuringHandshake { ending } => {
            Some(Refusal::Ended(*ending))
        }
        _ => None,
    }
}
