//! Builds a server's flight from parts, valid or not, for any version up to TLS 1.2.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::{agreement, signature};

use super::client_hello::ClientHello;
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
                    records.extend(self.record(ALERT, &[WARNING, *code]));
                }
                FlightPart::EmptyRecords(count) => {
                    self.flush(&mut messages, &mut records);
                    records.extend(self.record(HANDSHAKE, &[]).repeat(*count));
                }
                message => messages.extend(self.message(message, hello, &server_random)),
            }
        }
        self.flush(&mut messages, &mut records);
        records
    }

    fn flush(&self, messages: &mut Vec<u8>, records: &mut Vec<u8>) {
        for fragment in messages.chunks(self.record_size.clamp(1, flight::MAX_RECORD)) {
            records.extend(self.record(HANDSHAKE, fragment));
        }
        messages.clear();
    }

    fn record(&self, content_type: u8, content: &[u8]) -> Vec<u8> {
        let [major, minor] = self.version.to_be_bytes();
        let [high, low] = (content.len() as u16).to_be_bytes();
        [&[content_type, major, minor, high, low], content].concat()
    }

    fn message(&self, part: &FlightPart, hello: &ClientHello, server_random: &[u8]) -> Vec<u8> {
        let (message_type, body) = match part {
            FlightPart::Warning { .. } | FlightPart::EmptyRecords(_) => return Vec::new(),
            FlightPart::Promise { message_type, length } => {
                return flight::message_header(*message_type, *length).to_vec();
            }
            FlightPart::ServerHelloOfTls13 { legacy_version, echoes } => {
                let session_id: &[u8] = if *echoes { &hello.session_id } else { &[] };
                return flight::server_hello_of_tls13(legacy_version.to_be_bytes(), session_id);
            }
            FlightPart::HelloRetryRequest { group, echoes } => {
                let session_id: &[u8] = if *echoes { &hello.session_id } else { &[] };
                return flight::hello_retry_request(session_id, *group);
            }
            FlightPart::Certificate(certificates) => return flight::certificate(certificates),
            FlightPart::ServerHello { version, cipher_suite } => {
                let version = version.to_be_bytes();
                let suite = cipher_suite.to_be_bytes();
                // No session, the suite, no compression, no extensions.
                (flight::SERVER_HELLO, [&version, server_random, &[0], &suite, &[0]].concat())
            }
            FlightPart::ServerHelloWithSession { cipher_suite, session_id } => {
                let (suite, length) = (cipher_suite.to_be_bytes(), [session_id.len() as u8]);
                let head = [&[3, 3], server_random, &length, session_id].concat();
                (flight::SERVER_HELLO, [head.as_slice(), &suite, &[0]].concat())
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
        [&flight::message_header(message_type, body.len()), body.as_slice()].concat()
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

const TLS_1_2: u16 = 0x0303;
const RANDOM: usize = 32;

/// Content types and the level of an alert (RFC 5246 §6.2.1, §7.2).
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
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

#[cfg(test)]
mod tests {
    use super::{ClientHello, Flight, FlightPart, SignedBy};

    fn records(flight: &Flight) -> Vec<u8> {
        flight.records(&ClientHello::default())
    }

    #[test]
    fn records_carry_the_version_and_no_more_than_their_size() {
        let parts = vec![FlightPart::ServerHelloDone, FlightPart::ServerHelloDone];
        let whole = Flight::new(0x0300, parts.clone());
        assert_eq!(records(&whole), [22, 3, 0, 0, 8, 14, 0, 0, 0, 14, 0, 0, 0]);
        let split = Flight { record_size: 5, ..Flight::new(0x0302, parts) };
        let first = [22, 3, 2, 0, 5, 14, 0, 0, 0, 14];
        assert_eq!(records(&split), [first.as_slice(), &[22, 3, 2, 0, 3, 0, 0, 0]].concat());
    }

    #[test]
    fn a_warning_and_an_empty_record_stand_by_themselves() {
        for (part, record) in [
            (FlightPart::Warning { code: 112 }, vec![21, 3, 3, 0, 2, 1, 112]),
            (FlightPart::EmptyRecords(2), vec![22, 3, 3, 0, 0, 22, 3, 3, 0, 0]),
        ] {
            let flight = Flight::new(0x0303, vec![part, FlightPart::ServerHelloDone]);
            let done = vec![22, 3, 3, 0, 4, 14, 0, 0, 0];
            assert_eq!(records(&flight), [record, done].concat());
        }
    }

    #[test]
    fn a_server_hello_says_the_version_and_the_suite() {
        let hello = FlightPart::ServerHello { version: 0x0301, cipher_suite: 0x0004 };
        let records = records(&Flight::new(0x0303, vec![hello]));
        assert_eq!(records[..11], [22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 1]);
        assert_eq!(records[43..], [0, 0, 4, 0]);
    }

    #[test]
    fn only_tls_1_2_names_the_scheme_of_a_signature() {
        let exchange = FlightPart::ServerKeyExchange { group: 23, signed: SignedBy::Nobody };
        let request = FlightPart::CertificateRequest;
        for (version, exchange_size, request_size) in [(0x0303, 143, 11), (0x0301, 141, 5)] {
            let flight = Flight::new(version, vec![exchange.clone(), request.clone()]);
            let records = records(&flight);
            assert_eq!(records[5..9], [12, 0, 0, exchange_size], "{version:x}");
            assert_eq!(records[9..13], [3, 0, 23, 65], "{version:x}");
            let request = 9 + usize::from(exchange_size);
            assert_eq!(records[request..request + 4], [13, 0, 0, request_size], "{version:x}");
        }
    }

    #[test]
    fn a_promise_is_a_head_without_a_body() {
        let promise = FlightPart::Promise { message_type: 11, length: 0xff_ffff };
        let records = records(&Flight::new(0x0303, vec![promise]));
        assert_eq!(records, [22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff]);
    }
}
