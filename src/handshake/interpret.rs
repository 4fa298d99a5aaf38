//! Interprets the answer to a hello as a result for the origin.

use std::sync::Arc;

use crate::chain::{CertificateKey, KeyAlgorithm, printable};
use crate::cloudfront::{Offer, Version};
use crate::observation::{
    ClientCertificate, Engine, Failure, Handshake, KeyProof, Refusal, TlsParameters,
};

use super::hello::{
    Answer, End, KeyExchange, ServerHello, SignedParameters, cipher_suite_name, group_name,
    key_length, violation_of_scheme,
};
use super::key_proof::{Signed, has_unoffered_key};
use super::request::ServedHandshake;
use super::session::HelloReply;
use super::tls_socket::{SESSION_ID_NOT_ECHOED, WRONG_LEGACY_VERSION};
use super::{failure, key_proof};

/// Returns how the server refused the offer, if it did: it ended the handshake, or the connection,
/// before it had sent its flight. A close after a warning about the name counts as a refusal of the
/// name.
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

/// Returns the failure of a refusal that no wider offer avoids.
pub(super) fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Alert { code } => Failure::Alert { code },
        Refusal::Ended(ending) => Failure::ClosedBeforeServerHello { ending },
    }
}

/// Returns the result of an answer to CloudFront's offer.
pub(super) fn outcome(reply: HelloReply<'_>, offer: &Offer) -> ServedHandshake {
    let proof = prove(&reply);
    let failure = failure(&reply, offer, proof);
    let tls = parameters(&reply.answer);
    let HelloReply { answer, connect_time, handshake_time, .. } = reply;
    ServedHandshake {
        handshake: Handshake {
            engine: Engine::Hello,
            tls,
            key_proof: proof,
            client_certificate: match answer.asked_for_client_certificate {
                true => ClientCertificate::Requested,
                false => ClientCertificate::NotRequested,
            },
            warnings: answer.warnings,
            failure,
            connect_time: Some(connect_time),
            handshake_time: Some(handshake_time),
            ..Handshake::default()
        },
        served: answer.served.unwrap_or_default(),
        staple: answer.staple.map(Arc::from),
    }
}

/// The choice in an answer, compared with CloudFront's offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The answer ended, or failed, before its flight was complete.
    Nothing,
    /// A version, a suite and a group that CloudFront offers.
    Within,
    /// A version that CloudFront does not offer.
    Version(Version),
    CipherSuite(u16),
    Group(u16),
    /// Something that this hello does not offer. It proves nothing about CloudFront's offer.
    Violation,
}

impl HelloReply<'_> {
    pub(super) fn choice(&self, offer: &Offer) -> Choice {
        let Some(hello) = &self.answer.server_hello else { return Choice::Nothing };
        if self.violation().is_some() {
            return Choice::Violation;
        }
        if !offer.has(hello.version) {
            return Choice::Version(hello.version);
        }
        // A choice that the server did not complete proves nothing.
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

    /// Returns how the answer violates the hello: by a version, suite or group that was not
    /// offered, by a certificate that does not fit the suite, or, in TLS 1.3, by fields that RFC
    /// 8446 §4.1.3 fixes.
    ///
    /// A version below those offered is not a violation: servers older than TLS 1.3 answer with
    /// their highest version (RFC 5246 §E.1).
    pub(super) fn violation(&self) -> Option<String> {
        let answer = &self.answer;
        let offers_tls13 = self.hello.versions.contains(&Version::Tls1_3);
        if let Some(retry) = &answer.retry {
            if !offers_tls13 {
                return Some("a HelloRetryRequest, although TLS 1.3 was not offered".to_owned());
            }
            if let Some(group) = retry.group.filter(|group| !self.hello.groups.contains(group)) {
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
        let highest = self.hello.versions.iter().copied().filter(|v| *v < Version::Tls1_3).max();
        let is_offered = self.hello.versions.contains(&version);
        if !is_offered && (hello.is_version_selected || highest.is_none_or(|most| version > most)) {
            return Some(format!("it chose {version}, which was not offered"));
        }
        if !is_offered {
            return None;
        }
        let is_of_tls13 = matches!(hello.cipher_suite, 0x1300..=0x13ff);
        if !self.hello.cipher_suites.contains(&hello.cipher_suite) || is_of_tls13 != is_tls13 {
            let suite = cipher_suite_name(hello.cipher_suite);
            return Some(format!("it chose {suite}, which was not offered with {version}"));
        }
        if let Some(group) = answer.group().filter(|group| !self.hello.groups.contains(group)) {
            return Some(format!("it chose {}, which was not offered", group_name(group)));
        }
        if is_tls13 {
            let fault = self.form(hello.legacy_version, &hello.session_id);
            return fault.map(ToOwned::to_owned);
        }
        if let Some(code) = hello.refused_extension {
            return Some(format!(
                "it sent extension {code}, which was not requested or is repeated"
            ));
        }
        self.unfit_certificate(hello).or_else(|| self.unoffered_scheme())
    }

    /// From TLS 1.2 on, the client lists the schemes that it accepts (RFC 5246 §7.4.1.4.1).
    fn unoffered_scheme(&self) -> Option<String> {
        let scheme = self.answer.signed_parameters.as_ref()?.scheme?;
        let is_offered = self.hello.signature_schemes.contains(&scheme);
        // A key that was not offered is a separate finding.
        let is_new = !is_offered && !has_unoffered_key(served(&self.answer));
        is_new.then(|| violation_of_scheme(scheme))
    }

    fn form(&self, legacy_version: [u8; 2], session_id: &[u8]) -> Option<&'static str> {
        if legacy_version != [3, 3] {
            Some(WRONG_LEGACY_VERSION)
        } else if session_id != self.hello.nonces.session_id {
            Some(SESSION_ID_NOT_ECHOED)
        } else {
            None
        }
    }

    /// Up to TLS 1.2, the suite determines the kind of the certificate's key (RFC 5246 §7.4.2,
    /// RFC 8422 §2).
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
            .then(|| format!("it chose {suite}, which does not match its certificate's key, {key}"))
    }
}

fn failure(reply: &HelloReply<'_>, offer: &Offer, proof: KeyProof) -> Option<Failure> {
    let answer = &reply.answer;
    if let Some(detail) = reply.violation() {
        return Some(Failure::OfferViolated { detail: printable(&detail, 200).into() });
    }
    if let Choice::Version(version) = reply.choice(offer) {
        return Some(Failure::NoSharedVersion {
            refusal: None,
            spoken: Some(version.as_str().into()),
        });
    }
    let is_downgrade = answer.server_hello.as_ref().is_some_and(is_downgrade);
    if reply.hello.versions.contains(&Version::Tls1_3) && is_downgrade {
        let detail = "it supports TLS 1.3, was offered it, and chose another version".into();
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
                broken("the ServerKeyExchange that the cipher suite requires is missing")
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
        // There is no chain to judge.
        End::Tls13 => Some(Failure::Unsettled {
            detail:
                "the server accepts CloudFront's ClientHello, but its certificates were not read"
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
            waited: reply.handshake_time,
            received: answer.received,
        }),
        End::OwnFailure { failure } => Some(failure.clone()),
    }
}

/// Returns whether a key exchange has a public key that is invalid for its group (RFC 8422 §5.4,
/// §5.11; RFC 7748 §5, §6). No client can agree on a secret with it.
fn has_impossible_point(signed: &SignedParameters) -> bool {
    // Curve type, curve, length.
    let length = signed.parameters.get(3).copied().map(usize::from);
    length.is_some_and(|length| signed.group.and_then(key_length).is_some_and(|is| is != length))
}

/// Returns whether the server's random signals a downgrade (RFC 8446 §4.1.3). Clients must not
/// continue then.
fn is_downgrade(hello: &ServerHello) -> bool {
    hello.version < Version::Tls1_3
        && matches!(&hello.random[24..], b"DOWNGRD\x00" | b"DOWNGRD\x01")
}

fn served(answer: &Answer) -> &[Vec<u8>] {
    answer.served.as_deref().unwrap_or_default()
}

/// Returns the failure of a refusal that may come after the Certificate. Some servers notice only
/// then that they cannot sign with a scheme that the client offers.
pub(super) fn after_certificate(answer: &Answer, refusal: Refusal) -> Failure {
    match (refusal, &answer.server_hello) {
        _ if has_unoffered_key(served(answer)) => {
            Failure::NoSharedSignatureScheme { refusal, taken: None }
        }
        (Refusal::Ended(ending), Some(_)) => Failure::ClosedDuringHandshake { ending },
        (refusal, _) => refused(refusal),
    }
}

/// Returns the negotiated parameters, as far as they are known.
pub(super) fn parameters(answer: &Answer) -> Option<TlsParameters> {
    let hello = answer.server_hello.as_ref()?;
    Some(TlsParameters {
        version: hello.version.as_str().into(),
        cipher_suite: cipher_suite_name(hello.cipher_suite),
        group: answer.group().map(group_name),
    })
}

/// Verifies the signature over both randoms and the parameters (RFC 5246 §7.4.3).
fn prove(reply: &HelloReply<'_>) -> KeyProof {
    let answer = &reply.answer;
    let (Some(hello), Some(served)) = (&answer.server_hello, &answer.served) else {
        return KeyProof::NotReached;
    };
    let Some(signed) = &answer.signed_parameters else {
        return KeyProof::NotReached;
    };
    let message =
        [&reply.hello.nonces.random, &hello.random, signed.parameters.as_slice()].concat();
    key_proof::prove(
        served,
        &Signed { message: &message, scheme: signed.scheme, signature: &signed.signature },
    )
}

/// RFC 6066 §3.
const UNRECOGNIZED_NAME: u8 = 112;
