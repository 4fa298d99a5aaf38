//! A verifier that records the chain exactly as served and checks the handshake's signature, and
//! leaves trust to the rules.
//!
//! It accepts any certificate. That is why nothing in here leaves this room: a connection made
//! with it is closed as soon as the handshake is over, and never carries data.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rustls::CertificateError;
use rustls::DigitallySignedStruct;
use rustls::Error;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::sign::CertifiedKey;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::ServerName;
use rustls_pki_types::UnixTime;

use crate::observation::KeyProof;

use super::key_proof::Signed;
use super::key_proof::prove;
use super::reading::has_unoffered_key;

/// What one handshake showed of the server.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) served: Vec<Vec<u8>>,
    pub(super) staple: Option<Arc<[u8]>>,
    pub(super) key_proof: KeyProof,
    pub(super) asked_for_client_certificate: bool,
    /// The scheme of the handshake's signature, if it was not offered: our TLS library does not
    /// compare it.
    pub(super) unoffered_scheme: Option<u16>,
}

/// Writes the record of one handshake: verifier and client certificate resolver in one.
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

    /// Returns what was recorded and leaves nothing behind.
    pub(super) fn take(&self) -> Record {
        let mut record = self.lock();
        Record {
            served: std::mem::take(&mut record.served),
            staple: record.staple.take(),
            ..record.clone()
        }
    }

    /// Tells whether the server asked for a client certificate.
    pub(super) fn asked_for_client_certificate(&self) -> bool {
        self.lock().asked_for_client_certificate
    }

    /// Returns how the handshake's signature was judged.
    pub(super) fn key_proof(&self) -> KeyProof {
        self.lock().key_proof
    }

    /// Returns the scheme of the handshake's signature, if it was not offered for a key that was.
    pub(super) fn unoffered_scheme(&self) -> Option<u16> {
        let record = self.lock();
        record.unoffered_scheme.filter(|_| !has_unoffered_key(&record.served))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Record> {
        // A record is plain data: a panic elsewhere cannot leave it half-written.
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

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}
