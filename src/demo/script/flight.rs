//! Builds TLS 1.2 records and server handshake messages by hand.

use super::FlightSuite;

/// Content type, version, length (RFC 5246 §6.2.1).
pub(super) const RECORD_HEADER: usize = 5;

/// The maximum length of a record (RFC 5246 §6.2.1).
pub(super) const MAX_RECORD: usize = 1 << 14;

/// The maximum length of a handshake message (RFC 5246 §7.4).
pub(super) const MAX_MESSAGE: usize = (1 << 24) - 1;

/// An empty handshake record, which RFC 5246 §6.2.1 forbids.
pub(super) const EMPTY_RECORD: [u8; RECORD_HEADER] = record_header(0);

/// Handshake message types (RFC 5246 §7.4).
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const CERTIFICATE: u8 = 11;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const TLS_1_2: [u8; 2] = [3, 3];

/// Returns the header of a handshake record of `length` bytes, at most `MAX_RECORD`.
pub(super) const fn record_header(length: usize) -> [u8; RECORD_HEADER] {
    [HANDSHAKE, TLS_1_2[0], TLS_1_2[1], (length >> 8) as u8, length as u8]
}

/// Returns the header of a handshake message of `length` bytes, at most `MAX_MESSAGE`.
pub(super) const fn message_header(message_type: u8, length: usize) -> [u8; 4] {
    [message_type, (length >> 16) as u8, (length >> 8) as u8, length as u8]
}

/// Returns a record with one alert.
pub(super) fn alert_record(level: u8, code: u8) -> [u8; 7] {
    [ALERT, TLS_1_2[0], TLS_1_2[1], 0, 2, level, code]
}

/// Returns a ServerHello without extensions and session id.
pub(super) fn server_hello(suite: FlightSuite) -> Vec<u8> {
    let mut body = TLS_1_2.to_vec();
    body.extend(rand::random::<[u8; BEFORE_SENTINEL]>());
    // Random bytes could be a downgrade sentinel by chance (RFC 8446 §4.1.3).
    body.extend([0; SENTINEL]);
    body.push(0);
    body.extend(match suite {
        FlightSuite::EcdheEcdsaAes128GcmSha256 => [0xc0, 0x2b],
        FlightSuite::EcdheRsaAes128GcmSha256 => [0xc0, 0x2f],
    });
    body.push(0);
    message(SERVER_HELLO, body)
}

/// Returns a ServerHello that chooses TLS 1.3 and X25519 (RFC 8446 §4.1.3).
pub(super) fn server_hello_of_tls13(legacy_version: [u8; 2], session_id: &[u8]) -> Vec<u8> {
    let share = rand::random::<[u8; 32]>();
    let extension = [&[0, 51, 0, 36, 0, 0x1d, 0, 32], share.as_slice()].concat();
    hello_of_tls13(legacy_version, rand::random(), session_id, &extension)
}

/// Returns a HelloRetryRequest for `group` (RFC 8446 §4.1.4).
pub(super) fn hello_retry_request(session_id: &[u8], group: u16) -> Vec<u8> {
    let [high, low] = group.to_be_bytes();
    hello_of_tls13(TLS_1_2, RETRY_RANDOM, session_id, &[0, 51, 0, 2, high, low])
}

fn hello_of_tls13(
    legacy_version: [u8; 2],
    random: [u8; 32],
    session_id: &[u8],
    extension: &[u8],
) -> Vec<u8> {
    let mut body = [legacy_version.as_slice(), &random].concat();
    body.push(session_id.len() as u8);
    body.extend(session_id);
    body.extend([0x13, 0x01, 0]);
    let extensions = [&[0, 43, 0, 2, 3, 4], extension].concat();
    body.extend([(extensions.len() >> 8) as u8, extensions.len() as u8]);
    body.extend(extensions);
    message(SERVER_HELLO, body)
}

/// The random of a HelloRetryRequest (RFC 8446 §4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Returns a Certificate message (RFC 5246 §7.4.2), truncated to what its length fields can
/// express.
pub(super) fn certificate(certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut list = Vec::new();
    for der in certificates {
        let der = &der[..der.len().min(MAX_MESSAGE)];
        list.extend(length_of_three_bytes(der.len()));
        list.extend(der);
    }
    list.truncate(MAX_MESSAGE - LIST_LENGTH);
    let mut body = length_of_three_bytes(list.len()).to_vec();
    body.extend(list);
    message(CERTIFICATE, body)
}

/// Splits the messages into as many records as necessary.
pub(super) fn records(messages: &[u8]) -> Vec<u8> {
    let mut records = Vec::new();
    for fragment in messages.chunks(MAX_RECORD) {
        records.extend(record_header(fragment.len()));
        records.extend(fragment);
    }
    records
}

/// The parts of a ServerHello's random (RFC 8446 §4.1.3).
const BEFORE_SENTINEL: usize = 24;
const SENTINEL: usize = 8;

/// The size of the length field of the certificate list.
const LIST_LENGTH: usize = 3;

fn message(message_type: u8, body: Vec<u8>) -> Vec<u8> {
    let mut message = message_header(message_type, body.len()).to_vec();
    message.extend(body);
    message
}

fn length_of_three_bytes(length: usize) -> [u8; 3] {
    [(length >> 16) as u8, (length >> 8) as u8, length as u8]
}

#[cfg(test)]
mod tests {
    use super::{FlightSuite, MAX_MESSAGE, certificate, records, server_hello};

    #[test]
    fn a_server_hello_is_laid_out_as_rfc_5246_says() {
        let hello = server_hello(FlightSuite::EcdheRsaAes128GcmSha256);
        assert_eq!(hello[..6], [2, 0, 0, 38, 3, 3]);
        assert_eq!(hello[30..], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0x2f, 0]);
    }

    #[test]
    fn a_certificate_message_holds_each_certificate_with_its_length() {
        for (certificates, message) in [
            (vec![], vec![11, 0, 0, 3, 0, 0, 0]),
            (vec![vec![]], vec![11, 0, 0, 6, 0, 0, 3, 0, 0, 0]),
            (vec![vec![7, 8], vec![9]], vec![11, 0, 0, 12, 0, 0, 9, 0, 0, 2, 7, 8, 0, 0, 1, 9]),
        ] {
            assert_eq!(certificate(&certificates), message);
        }
    }

    #[test]
    fn a_message_is_cut_to_what_its_length_can_say() {
        let message = certificate(&[vec![1; MAX_MESSAGE], vec![2; MAX_MESSAGE]]);
        assert_eq!(message.len(), 4 + MAX_MESSAGE);
        assert_eq!(message[..4], [11, 0xff, 0xff, 0xff]);
    }

    #[test]
    fn messages_are_split_where_a_record_is_full() {
        let lengths = |size: usize| {
            let records = records(&vec![0; size]);
            let mut rest = records.as_slice();
            let mut lengths = Vec::new();
            while let [22, 3, 3, high, low, body @ ..] = rest {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                lengths.push(length);
                rest = &body[length..];
            }
            assert_eq!(rest, b"");
            lengths
        };
        assert_eq!(lengths(0), [0; 0]);
        assert_eq!(lengths(16_384), [16_384]);
        assert_eq!(lengths(40_000), [16_384, 16_384, 7_232]);
    }
}
