//! From the answer to a hello to what it says of the origin.

use std::sync::Arc;

use crate::chain::CertificateKey;
use crate::chain::Curve;
use crate::chain::KeyAlgorithm;
use crate::chain::printable;
use crate::cloudfront::Offer;
use crate::cloudfront::Version;
use crate::observation::ClientCertificate;
use crate::observation::Engine;
use crate::observation::Failure;
use crate::observation::KeyProof;
use crate::observation::ListedVersions;
use crate::observation::Refusal;
use crate::observation::TlsParameters;

use super::Outcome;
use super::dialogue::Heard;
use super::failure;
use super::hello::Answer;
use super::hello::End;
use super::hello::KeyExchange;
use super::hello::ServerHello;
use super::hello::SignedParameters;
use super::hello::cipher_suite_name;
use super::hello::group_name;
use super::hello::key_length;
use super::hello::signature_scheme_name;
use super::key_proof;
use super::key_proof::Signed;
use super::tap::SESSION_ID_NOT_ECHOED;
use super::tap::WRONG_LEGACY_VERSION;

/// Returns how the server refused the offer, if that is what its answer says: it ended the
/// handshake, or the connection, before it had sent its flight. A close after a warning about the
/// name is one for the name's sake.
pub(super) fn refusal(answer: &Answer) -> Option<Refusal> {
    match &answer.end {
        End::Ended(_) if answer.warnings.contains(&UNRECOGNIZED_NAME) => {
            Some(Refusal::Alert { code: UNRECOGNIZED_NAME })
        }
        End::Alert { code } => Some(Refusal::Alert { code: *code }),
        End::Ended(ending) => Some(Refusal::Ended(*ending)),
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

/// The choice of an answer, measured against CloudFront's offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// It ended, or went wrong, before its flight was complete.
    Nothing,
    /// A version, a suite and a group that CloudFront offers.
    Within,
    /// A version that CloudFront does not offer.
    Version(Version),
    CipherSuite(u16),
    Group(u16),
    /// Not offered by this hello: it proves nothing about CloudFront's offer.
    Violation,
}

impl Heard {
    /// Returns what the answer chooses.
    pub(super) fn choice(&self, offer: &Offer) -> Choice {
        let Some(hello) = &self.answer.server_hello else { return Choice::Nothing };
        if self.violation().is_some() {
            return Choice::Violation;
        }
        if !offer.has(hello.version) {
            return Choice::Version(hello.version);
        }
        // A choice that the server itself did not stand by proves nothing.
        if !self.answer.is_acceptance() && !has_unoffered_key(served(&self.answer)) {
            return Choice::Nothing;
        }
        if !offer.has_cipher_suite(hello.cipher_suite, hello.version) {
            return Choice::CipherSuite(hello.cipher_suite);
        }
        match self.answer.group().filter(|group| !Offer::has_group(*group)) {
            Some(group) => Choice::Group(group),
            None => Choice::Within,
        }
    }

    /// Returns how the answer violates the hello that it answers: by a version, suite or group
    /// that was not offered, by a certificate that does not fit the suite, or, in TLS 1.3, by the
    /// fields that RFC 8446 §4.1.3 fixes.
    ///
    /// A version below those offered is none: servers older than TLS 1.3 answer with the highest
    /// that they have (RFC 5246 §E.1).
    pub(super) fn violation(&self) -> Option<String> {
        let answer = &self.answer;
        let offers_tls13 = self.versions.contains(&Version::Tls1_3);
        if let Some(retry) = &answer.retry {
            if !offers_tls13 {
                return Some("a HelloRetryRequest, although TLS 1.3 was not offered".to_owned());
            }
            if let Some(group) = retry.group.filter(|group| !self.groups.contains(group)) {
                let group = group_name(group);
                return Some(format!("a HelloRetryRequest for {group}, which was not offered"));
            }
            if let Some(fault) = self.form(retry.legacy_version, &retry.session_id) {
                return Some(fault.to_owned());
            }
        }
        if let End::NotOffered { detail } = &answer.end {
            return Some(format!("{detail}, which was not offered"));
        }
        let hello = answer.server_hello.as_ref()?;
        let version = hello.version;
        let is_tls13 = version == Version::Tls1_3;
        let highest = self.versions.iter().copied().filter(|v| *v < Version::Tls1_3).max();
        let is_offered = self.versions.contains(&version);
        if !is_offered && (hello.is_version_selected || highest.is_none_or(|most| version > most)) {
            return Some(format!("it chose {version}, which was not offered"));
        }
        if !is_offered {
            return None;
        }
        let is_of_tls13 = matches!(hello.cipher_suite, 0x1300..=0x13ff);
        if !self.cipher_suites.contains(&hello.cipher_suite) || is_of_tls13 != is_tls13 {
            let suite = cipher_suite_name(hello.cipher_suite);
            return Some(format!("it chose {suite}, which was not offered with {version}"));
        }
        if let Some(group) = answer.group().filter(|group| !self.groups.contains(group)) {
            return Some(format!("it chose {}, which was not offered", group_name(group)));
        }
        if is_tls13 {
            let fault = self.form(hello.legacy_version, &hello.session_id);
            return fault.map(ToOwned::to_owned);
        }
        if let Some(code) = hello.refused_extension {
            return Some(format!("it sent the extension {code}, not asked for or twice"));
        }
        self.unfit_certificate(hello).or_else(|| self.unoffered_scheme())
    }

    /// From TLS 1.2 on the client says which schemes it takes (RFC 5246 §7.4.1.4.1).
    fn unoffered_scheme(&self) -> Option<String> {
        let scheme = self.answer.signed_parameters.as_ref()?.scheme?;
        let is_offered = self.signature_schemes.contains(&scheme);
        // An unoffered key is a finding of its own.
        let is_new = !is_offered && !has_unoffered_key(served(&self.answer));
        is_new.then(|| violation_of_scheme(scheme))
    }

    fn form(&self, legacy_version: [u8; 2], session_id: &[u8]) -> Option<&'static str> {
        if legacy_version != [3, 3] {
            Some(WRONG_LEGACY_VERSION)
        } else if session_id != self.nonces.session_id {
            Some(SESSION_ID_NOT_ECHOED)
        } else {
            None
        }
    }

    /// Up to TLS 1.2 the suite names the kind of the certificate's key (RFC 5246 §7.4.2, RFC 8422
    /// §2).
    fn unfit_certificate(&self, hello: &ServerHello) -> Option<String> {
        let suite = cipher_suite_name(hello.cipher_suite);
        let served = self.answer.served.as_ref()?.first()?;
        let key = CertificateKey::of_certificate(served)?.algorithm;
        let is_rsa = matches!(key, KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. });
        let fits = if suite.starts_with("TLS_RSA_") || suite.starts_with("TLS_ECDHE_RSA_") {
            is_rsa
        } else if suite.starts_with("TLS_ECDHE_ECDSA_") {
            !is_rsa
        } else {
            true
        };
        (!fits)
            .then(|| format!("it chose {suite}, which does not fit its certificate's key, {key}"))
    }
}

/// Returns whether a key can sign with what CloudFront offers: the curve of an ECDSA key must be
/// among the groups (RFC 8422 §5.1).
pub(super) fn is_offered(key: &KeyAlgorithm) -> bool {
    matches!(
        key,
        KeyAlgorithm::Rsa { .. }
            | KeyAlgorithm::RsaPss { .. }
            | KeyAlgorithm::Ec(Curve::P256 | Curve::P384)
    )
}

/// Returns whether the end entity of a served list has a key that CloudFront's offer leaves out.
pub(super) fn has_unoffered_key(served: &[Vec<u8>]) -> bool {
    let key = served.first().and_then(|der| CertificateKey::of_certificate(der));
    key.is_some_and(|key| !is_offered(&key.algorithm))
}

fn failure(heard: &Heard, offer: &Offer, proof: KeyProof) -> Option<Failure> {
    let answer = &heard.answer;
    if let Some(detail) = heard.violation() {
        return Some(Failure::OfferViolated { detail: printable(&detail, 200).into() });
    }
    if let Choice::Version(version) = heard.choice(offer) {
        return Some(Failure::NoSharedVersion { refusal: None, spoken: Some(version.as_str()) });
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
            } else if answer.signed_parameters.as_ref().is_some_and(has_impossible_point) {
                broken(
                    "the ServerKeyExchange has a key that is too short or too long for its group",
                )
            } else if proof == KeyProof::Wrong {
                Some(Failure::SignatureWrong)
            } else {
                None
            }
        }
        // Whatever it is, it is not a chain that could be judged.
        End::Tls13 => Some(Failure::Unsettled {
            detail: "the server takes CloudFront's hello, but its certificates were not read"
                .into(),
        }),
        End::Retry => {
            let group = answer.retry.as_ref().and_then(|retry| retry.group).map(group_name);
            let group = group.unwrap_or_else(|| "another hello".into());
            let detail = format!("the server asks for {group}, which the probe cannot send");
            Some(Failure::Unsettled { detail: detail.into() })
        }
        End::Alert { code } => Some(after_certificate(answer, Refusal::Alert { code: *code })),
        End::Ended(ending) => Some(after_certificate(answer, Refusal::Ended(*ending))),
        End::NotTls { first } => Some(failure::not_tls(first)),
        End::NotOffered { detail } | End::Broken { detail } => broken(detail),
        End::TooLarge { detail } => {
            Some(Failure::ChainUnreadable { detail: format!("the server sends {detail}").into() })
        }
        End::TimedOut => Some(Failure::HandshakeTimedOut {
            waited: heard.handshake_time,
            received: answer.received,
        }),
        End::OwnFailure { failure } => Some(failure.clone()),
    }
}

pub(super) fn violation_of_scheme(scheme: u16) -> String {
    format!("it signed with {}, which was not offered", signature_scheme_name(scheme))
}

/// Returns whether a key exchange has a public key that its group does not have (RFC 8422 §5.4,
/// §5.11; RFC 7748 §5, §6): no client can agree on a secret with it.
fn has_impossible_point(signed: &SignedParameters) -> bool {
    // Curve type, curve, length.
    let length = signed.parameters.get(3).copied().map(usize::from);
    length.is_some_and(|length| signed.group.and_then(key_length).is_some_and(|is| is != length))
}

/// A server that speaks more than it chooses says so in its random (RFC 8446 §4.1.3); clients must
/// not go on.
fn is_downgrade(hello: &ServerHello) -> bool {
    hello.version < Version::Tls1_3
        && matches!(&hello.random[24..], b"DOWNGRD\x00" | b"DOWNGRD\x01")
}

fn served(answer: &Answer) -> &[Vec<u8>] {
    answer.served.as_deref().unwrap_or_default()
}

/// Returns what a refusal is that may come after the Certificate: some servers find out only then
/// that they cannot sign with a scheme that the client offers.
pub(super) fn after_certificate(answer: &Answer, refusal: Refusal) -> Failure {
    match (refusal, &answer.server_hello) {
        _ if has_unoffered_key(served(answer)) => {
            Failure::NoSharedSignatureScheme { refusal, taken: None }
        }
        (Refusal::Ended(ending), Some(_)) => Failure::ClosedDuringHandshake { ending },
        (refusal, _) => refused(refusal),
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
    let message = [&heard.nonces.random, &hello.random, signed.parameters.as_slice()].concat();
    key_proof::prove(
        served,
        &Signed { message: &message, scheme: signed.scheme, signature: &signed.signature },
    )
}

/// RFC 6066 §3.
const UNRECOGNIZED_NAME: u8 = 112;
