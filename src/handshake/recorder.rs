//! A certificate verifier that records the chain exactly as served and checks the handshake
//! signature, and leaves trust to the rules.
//!
//! It accepts any certificate. That is why it is private to this module: its connections are closed
//! as soon as the handshake is complete, and never carry data.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::observation::KeyProof;

use super::key_proof::{Signed, has_unoffered_key, prove};

/// The facts that one handshake revealed about the server.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) served: Vec<Vec<u8>>,
    pub(super) staple: Option<Arc<[u8]>>,
    pub(super) key_proof: KeyProof,
    pub(super) asked_for_client_certificate: bool,
    /// The scheme of the handshake signature, if it was not offered. rustls does not check that.
    pub(super) unoffered_scheme: Option<u16>,
}

/// Records one handshake, as verifier and client certificate resolver in one.
#[derive(Debug)]
pub(super) struct Recorder {
    schemes: Arc<[SignatureScheme]>,
    record: Mutex<Record>,
}

impl Recorder {
    pub(super) fn new(schemes: Arc<[SignatureScheme]>) -> Self {
        let record = Record {
            served: Vec::new(),
            staple: None,
            key_proof: KeyProof::NotReached,
            asked_for_client_certificate: false,
            unoffered_scheme: None,
        };
        Self { schemes, record: Mutex::new(record) }
    }

    /// Takes the record out.
    pub(super) fn take(&self) -> Record {
        let mut record = self.lock();
        Record {
            served: std::mem::take(&mut record.served),
            staple: record.staple.take(),
            ..record.clone()
        }
    }

    pub(super) fn asked_for_client_certificate(&self) -> bool {
        self.lock().asked_for_client_certificate
    }

    pub(super) fn key_proof(&self) -> KeyProof {
        self.lock().key_proof
    }

    /// Returns the scheme of the handshake signature, if the offer includes the key but not the
    /// scheme.
    pub(super) fn unoffered_scheme(&self) -> Option<u16> {
        let record = self.lock();
        record.unoffered_scheme.filter(|_| !has_unoffered_key(&record.served))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Record> {
        // A record is plain data, so a panic elsewhere cannot leave it half-written.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prove(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let mut record = self.lock();
        let scheme = Some(u16::from(signed.scheme));
        record.unoffered_scheme = scheme.filter(|_| !self.schemes.contains(&signed.scheme));
        let proof =
            prove(&record.served, &Signed { message, scheme, signature: signed.signature() });
        record.key_proof = proof;
        match proof {
            KeyProof::Wrong => Err(Error::InvalidCertificate(CertificateError::BadSignature)),
            _ => Ok(HandshakeSignatureValid::assertion()),
        }
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut record = self.lock();
        record.served =
            std::iter::once(end_entity).chain(intermediates).map(|der| der.to_vec()).collect();
        record.staple = (!ocsp_response.is_empty()).then(|| ocsp_response.into());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        _certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(message, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        _certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.prove(message, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.to_vec()
    }
}

impl ResolvesClientCert for Recorder {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.lock().asked_for_client_certificate = true;
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
