//! From the answer to a hello to what it says of the origin.

use std::sync::Arc;

use crate::chain::printable;
use crate::cloudfront::Offer;
use crate::cloudfront::Version;
use crate::observation::ClientCertificate;
use crate::observation::Ending;
use crate::observation::Engine;
use crate::observation::Failure;
use crate::observation::KeyProof;
use crate::observation::ListedVersions;
use crate::observation::NotProbed;
use crate::observation::Refusal;
use crate::observation::TlsParameters;

use super::Outcome;
use super::dialogue::Heard;
use super::failure;
use super::hello::Answer;
use super::hello::End;
use super::hello::KeyExchange;
use super::hello::ServerHello;
use super::hello::cipher_suite_name;
use super::hello::group_name;
use super::key_proof;
use super::key_proof::Signed;

/// Returns how the server refused the offer, if that is what its answer says: it ended the
/// handshake, or the connection, before any ServerHello. A close after a warning about the name
/// is one for the name's sake.
pub(super) fn refusal(answer: &Answer) -> Option<Refusal> {
    match (&answer.server_hello, &answer.end) {
        (None, End::Ended(_)) if answer.warnings.contains(&UNRECOGNIZED_NAME) => {
            Some(Refusal::Alert { code: UNRECOGNIZED_NAME })
        }
        (None, End::Alert { code }) => Some(Refusal::Alert { code: *code }),
        (None, End::Ended(ending)) => Some(Refusal::Ended(*ending)),
        _ => None,
    }
}

/// Returns the failure that a refusal is when no wider offer cures it.
pub(super) fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Alert { code } => Failure::Alert { code },
        Refusal::Ended(ending) => Failure::ClosedBeforeServerHello { ending },
    }
}

/// Returns what an answer to CloudFront's offer amounts to.
pub(super) fn outcome(heard: Heard, offer: &Offer) -> Outcome {
    let proof = prove(&heard);
    let failure = failure(&heard, offer, proof);
    let tls = parameters(&heard.answer);
    let Heard { answer, connect_time, handshake_time, .. } = heard;
    Outcome {
        engine: Engine::Hello,
        tls,
        served: answer.served.unwrap_or_default(),
        staple: answer.staple.map(Arc::from),
        key_proof: proof,
        client_certificate: match answer.asked_for_client_certificate {
            true => ClientCertificate::Requested,
            false => ClientCertificate::NotRequested,
        },
        warnings: answer.warnings,
        listed_versions: ListedVersions::Suffice,
        failure,
        connect_time: Some(connect_time),
        handshake_time: Some(handshake_time),
    }
}

fn failure(heard: &Heard, offer: &Offer, proof: KeyProof) -> Option<Failure> {
    let answer = &heard.answer;
    if let Some(hello) = &answer.server_hello {
        if !offer.has(hello.version) {
            return Some(Failure::NoSharedVersion {
                refusal: None,
                spoken: hello.version.as_str(),
            });
        }
        if !offer.has_cipher_suite(hello.cipher_suite, hello.version) {
            let taken = cipher_suite_name(hello.cipher_suite);
            return Some(Failure::NoSharedCipherSuite { refusal: None, taken });
        }
    }
    if let Some(group) = answer.group().filter(|group| !Offer::has_group(*group)) {
        return Some(Failure::NoSharedGroup { refusal: None, taken: group_name(group) });
    }
    let is_downgrade = answer.server_hello.as_ref().is_some_and(is_downgrade);
    if heard.versions.contains(&Version::Tls1_3) && is_downgrade {
        let detail = "it speaks TLS 1.3, was offered it, and chose another version".into();
        return Some(Failure::ProtocolBroken { detail });
    }
    let broken =
        |detail: &str| Some(Failure::ProtocolBroken { detail: printable(detail, 200).into() });
    match &answer.end {
        End::Flight => {
            let signs = answer
                .server_hello
                .as_ref()
                .is_some_and(|hello| KeyExchange::of(hello.cipher_suite) == KeyExchange::Ecdhe);
            if answer.served.as_ref().is_none_or(Vec::is_empty) {
                Some(Failure::NoCertificate)
            } else if signs && answer.signed_parameters.is_none() {
                broken("the ServerKeyExchange that the cipher suite needs is missing")
            } else if proof == KeyProof::Wrong {
                Some(Failure::SignatureWrong)
            } else {
                None
            }
        }
        End::Tls13 => None,
        End::Alert { code } => Some(Failure::Alert { code: *code }),
        End::Ended(ending) => Some(ended(answer, *ending)),
        End::NotTls { first } => Some(failure::not_tls(first)),
        End::Broken { detail } => broken(detail),
        End::TooLarge { detail } => {
            Some(Failure::ChainUnreadable { detail: format!("the server sends {detail}").into() })
        }
        End::TimedOut if heard.is_shortened => {
            Some(Failure::NotProbed { reason: NotProbed::OutOfTime })
        }
        End::TimedOut => Some(Failure::HandshakeTimedOut {
            waited: heard.handshake_time,
            received: answer.received,
        }),
        End::OwnFailure { detail } => Some(Failure::NotProbed {
            reason: NotProbed::OwnFailure { detail: detail.as_str().into() },
        }),
    }
}

/// A server that speaks more than it chooses says so in its random (RFC 8446 §4.1.3); clients must
/// not go on.
fn is_downgrade(hello: &ServerHello) -> bool {
    hello.version < Version::Tls1_3
        && matches!(&hello.random[24..], b"DOWNGRD\x00" | b"DOWNGRD\x01")
}

fn ended(answer: &Answer, ending: Ending) -> Failure {
    match answer.server_hello {
        Some(_) => Failure::ClosedDuringHandshake { ending },
        None => Failure::ClosedBeforeServerHello { ending },
    }
}

/// Returns what was agreed on, as far as it is known.
pub(super) fn parameters(answer: &Answer) -> Option<TlsParameters> {
    let hello = answer.server_hello.as_ref()?;
    Some(TlsParameters {
        version: hello.version.as_str(),
        cipher_suite: cipher_suite_name(hello.cipher_suite),
        group: answer.group().map(group_name),
    })
}

/// The signature covers both randoms and the parameters (RFC 5246 §7.4.3).
fn prove(heard: &Heard) -> KeyProof {
    let answer = &heard.answer;
    let (Some(hello), Some(served)) = (&answer.server_hello, &answer.served) else {
        return KeyProof::NotReached;
    };
    let Some(signed) = &answer.signed_parameters else {
        return KeyProof::NotReached;
    };
    let message = [&heard.client_random, &hello.random, signed.parameters.as_slice()].concat();
    key_proof::prove(
        served,
        &Signed { message: &message, scheme: signed.scheme, signature: &signed.signature },
    )
}

/// RFC 6066 §3.
const UNRECOGNIZED_NAME: u8 = 112;
