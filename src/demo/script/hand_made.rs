//! Builds a server's flight from parts, valid or not, for any version up to TLS 1.2.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::{agreement, signature};

use super::client_hello::ClientHello;
use super::flight::{ALERT, HANDSHAKE, TLS_1_2};
use super::{AfterFlight, flight};

/// Everything that a server sends before it waits for the client or stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The version of the records and of version-dependent messages: 0x0300 to 0x0303.
    pub version: u16,
    pub parts: Vec<FlightPart>,
    /// The size of records in bytes, clamped to 1 to 16384.
    pub record_size: usize,
    pub then: AfterFlight,
}

/// One message of a flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlightPart {
    /// A warning alert in a separate record.
    Warning {
        code: u8,
    },
    /// This many empty handshake records.
    EmptyRecords(usize),
    /// A ServerHello of any version and suite, offered or not.
    ServerHello {
        version: u16,
        cipher_suite: u16,
    },
    /// A TLS 1.2 ServerHello with a session id, which the server may choose freely.
    ServerHelloWithSession {
        cipher_suite: u16,
        session_id: Vec<u8>,
    },
    /// A ServerHello that chooses TLS 1.3 and X25519.
    ServerHelloOfTls13 {
        legacy_version: u16,
        /// Whether it echoes the client's session id, as required.
        echoes: bool,
    },
    /// A HelloRetryRequest for the group.
    HelloRetryRequest {
        group: u16,
        /// Whether it echoes the client's session id, as required.
        echoes: bool,
    },
    /// Certificates in DER, sent unchanged.
    Certificate(Vec<Vec<u8>>),
    /// A message header that announces `length` bytes, without the bytes.
    Promise {
        message_type: u8,
        length: usize,
    },
    /// A stapled OCSP response in DER (RFC 6066 §8).
    CertificateStatus(Vec<u8>),
    /// The server's half of an elliptic curve key exchange (RFC 8422 §5.4).
    ServerKeyExchange {
        group: u16,
        signed: SignedBy,
    },
    /// A request for any RSA or ECDSA certificate.
    CertificateRequest,
    ServerHelloDone,
    /// A message of any type.
    Message {
        message_type: u8,
        body: Vec<u8>,
    },
}

/// The signature of a key exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// Random bytes, labeled as ECDSA.
    Nobody,
    /// A P-256 key as PKCS #8 in DER, with SHA-256; valid only in TLS 1.2.
    EcdsaP256 { key: Vec<u8> },
    /// An RSA key as PKCS #8 in DER, with PKCS #1 and SHA-256; valid only in TLS 1.2.
    Rsa { key: Vec<u8> },
}

impl Flight {
    /// Returns a flight with full records that waits for the client afterwards.
    pub fn new(version: u16, parts: Vec<FlightPart>) -> Self {
        Self { version, parts, record_size: flight::MAX_RECORD, then: AfterFlight::Waits }
    }

    /// Returns the records that answer `hello`.
    pub(super) fn records(&self, hello: &ClientHello) -> Vec<u8> {
        let server_random = rand::random::<[u8; RANDOM]>();
        let mut records = Vec::new();
        let mut messages = Vec::new();
        for part in &self.parts {
            match part {
                FlightPart::Warning { code } => {
                    self.flush(&mut messages, &mut records);
                    records.extend(flight::record(self.version, ALERT, &[WARNING, *code]));
                }
                FlightPart::EmptyRecords(count) => {
                    self.flush(&mut messages, &mut records);
                    records.extend(flight::record(self.version, HANDSHAKE, &[]).repeat(*count));
                }
                message => messages.extend(self.message(message, hello, &server_random)),
            }
        }
        self.flush(&mut messages, &mut records);
        records
    }

    fn flush(&self, messages: &mut Vec<u8>, records: &mut Vec<u8>) {
        for fragment in messages.chunks(self.record_size.clamp(1, flight::MAX_RECORD)) {
            records.extend(flight::record(self.version, HANDSHAKE, fragment));
        }
        messages.clear();
    }

    fn message(&self, part: &FlightPart, hello: &ClientHello, server_random: &[u8]) -> Vec<u8> {
        let session_id = |echoes: bool| if echoes { hello.session_id.as_slice() } else { &[] };
        let (message_type, body) = match part {
            FlightPart::Warning { .. } | FlightPart::EmptyRecords(_) => return Vec::new(),
            FlightPart::Promise { message_type, length } => {
                return flight::message_header(*message_type, *length).to_vec();
            }
            FlightPart::ServerHelloOfTls13 { legacy_version, echoes } => {
                return flight::server_hello_of_tls13(*legacy_version, session_id(*echoes));
            }
            FlightPart::HelloRetryRequest { group, echoes } => {
                return flight::hello_retry_request(session_id(*echoes), *group);
            }
            FlightPart::Certificate(certificates) => return flight::certificate(certificates),
            FlightPart::ServerHello { version, cipher_suite } => {
                return flight::server_hello(*version, server_random, &[], *cipher_suite, &[]);
            }
            FlightPart::ServerHelloWithSession { cipher_suite, session_id } => {
                return flight::server_hello(
                    TLS_1_2,
                    server_random,
                    session_id,
                    *cipher_suite,
                    &[],
                );
            }
            FlightPart::CertificateStatus(response) => {
                let [_, high, middle, low] = (response.len() as u32).to_be_bytes();
                (CERTIFICATE_STATUS, [&[OCSP, high, middle, low], response.as_slice()].concat())
            }
            FlightPart::ServerKeyExchange { group, signed } => {
                let parameters = parameters(*group);
                let to_sign = [&hello.random, server_random, &parameters].concat();
                let signature = self.signature(signed, &to_sign);
                (SERVER_KEY_EXCHANGE, [parameters, signature].concat())
            }
            FlightPart::CertificateRequest => (CERTIFICATE_REQUEST, self.certificate_request()),
            FlightPart::ServerHelloDone => (SERVER_HELLO_DONE, Vec::new()),
            FlightPart::Message { message_type, body } => (*message_type, body.clone()),
        };
        flight::message(message_type, &body)
    }

    fn signature(&self, signed: &SignedBy, to_sign: &[u8]) -> Vec<u8> {
        let (scheme, signature) = match signed {
            SignedBy::Nobody => (ECDSA_SHA256, rand::random::<[u8; 70]>().to_vec()),
            SignedBy::EcdsaP256 { key } => (ECDSA_SHA256, sign_ecdsa(key, to_sign)),
            SignedBy::Rsa { key } => (RSA_PKCS1_SHA256, sign_rsa(key, to_sign)),
        };
        let [high, low] = (signature.len() as u16).to_be_bytes();
        let scheme: &[u8] = if self.version >= TLS_1_2 { scheme } else { &[] };
        [scheme, &[high, low], &signature].concat()
    }

    fn certificate_request(&self) -> Vec<u8> {
        let mut body = vec![2, RSA_SIGN, ECDSA_SIGN];
        if self.version >= TLS_1_2 {
            body.extend([0, 4]);
            body.extend([*RSA_PKCS1_SHA256, *ECDSA_SHA256].concat());
        }
        // From any authority.
        body.extend([0, 0]);
        body
    }
}

const RANDOM: usize = 32;

/// The level of an alert (RFC 5246 §7.2).
const WARNING: u8 = 1;

/// Handshake message types (RFC 5246 §7.4, RFC 6066 §8).
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;
const CERTIFICATE_STATUS: u8 = 22;

/// The only kind of status (RFC 6066 §8).
const OCSP: u8 = 1;

/// Hash and signature algorithm (RFC 5246 §7.4.1.4.1).
const ECDSA_SHA256: &[u8; 2] = &[4, 3];
const RSA_PKCS1_SHA256: &[u8; 2] = &[4, 1];

/// Kinds of client certificate (RFC 5246 §7.4.4, RFC 8422 §5.5).
const RSA_SIGN: u8 = 1;
const ECDSA_SIGN: u8 = 64;

/// The curve type `named_curve` (RFC 8422 §5.4), and the curves with real keys here.
const NAMED_CURVE: u8 = 3;
const SECP256R1: u16 = 23;
const SECP384R1: u16 = 24;
const X25519: u16 = 29;

/// The size of an uncompressed point of secp521r1, the largest curve.
const LARGEST_POINT: usize = 133;

/// Returns the curve and a public key on it. For an unsupported curve, the key is a placeholder of
/// the right form.
fn parameters(group: u16) -> Vec<u8> {
    let algorithm = match group {
        SECP256R1 => Some(&agreement::ECDH_P256),
        SECP384R1 => Some(&agreement::ECDH_P384),
        X25519 => Some(&agreement::X25519),
        _ => None,
    };
    let point = algorithm
        .and_then(|algorithm| agreement::PrivateKey::generate(algorithm).ok())
        .and_then(|key| key.compute_public_key().ok())
        .map_or_else(|| vec![4; LARGEST_POINT], |key| key.as_ref().to_vec());
    let [high, low] = group.to_be_bytes();
    [&[NAMED_CURVE, high, low, point.len() as u8], point.as_slice()].concat()
}

/// Returns the signature, or no bytes if the key is invalid.
fn sign_ecdsa(key: &[u8], message: &[u8]) -> Vec<u8> {
    let algorithm = &signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    signature::EcdsaKeyPair::from_pkcs8(algorithm, key)
        .ok()
        .and_then(|key| key.sign(&SystemRandom::new(), message).ok())
        .map(|signature| signature.as_ref().to_vec())
        .unwrap_or_default()
}

/// Returns the signature, or no bytes if the key is invalid.
fn sign_rsa(key: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(key) = signature::RsaKeyPair::from_pkcs8(key) else { return Vec::new() };
    let mut signature = vec![0; key.public_modulus_len()];
    match key.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature) {
        Ok(()) => signature,
        Err(_) => Vec::new(),
    }
}
