//! Builds TLS records and server handshake messages by hand.

/// Content type, version, length (RFC 5246 §6.2.1).
pub(super) const RECORD_HEADER: usize = 5;

/// The maximum length of a record (RFC 5246 §6.2.1).
pub(super) const MAX_RECORD: usize = 1 << 14;

/// The maximum length of a handshake message (RFC 5246 §7.4).
pub(super) const MAX_MESSAGE: usize = (1 << 24) - 1;

/// Content types (RFC 5246 §6.2.1).
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;

/// Handshake message types (RFC 5246 §7.4).
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const CERTIFICATE: u8 = 11;

pub(super) const TLS_1_2: u16 = 0x0303;

/// Returns a record with `content`, at most `MAX_RECORD` bytes.
pub(super) fn record(version: u16, content_type: u8, content: &[u8]) -> Vec<u8> {
    let [major, minor] = version.to_be_bytes();
    let [high, low] = (content.len() as u16).to_be_bytes();
    [&[content_type, major, minor, high, low], content].concat()
}

/// Splits handshake messages into as many TLS 1.2 records as necessary.
pub(super) fn records(messages: &[u8]) -> Vec<u8> {
    let parts = messages.chunks(MAX_RECORD).map(|part| record(TLS_1_2, HANDSHAKE, part));
    parts.collect::<Vec<_>>().concat()
}

/// Returns a record with one alert.
pub(super) fn alert_record(level: u8, code: u8) -> Vec<u8> {
    record(TLS_1_2, ALERT, &[level, code])
}

/// Returns the header of a handshake message of `length` bytes, at most `MAX_MESSAGE`.
pub(super) fn message_header(message_type: u8, length: usize) -> [u8; 4] {
    let [high, middle, low] = length_of_three_bytes(length);
    [message_type, high, middle, low]
}

/// Returns a handshake message.
pub(super) fn message(message_type: u8, body: &[u8]) -> Vec<u8> {
    [&message_header(message_type, body.len()), body].concat()
}

/// Returns a ServerHello that chooses TLS 1.3 and X25519 (RFC 8446 §4.1.3).
pub(super) fn server_hello_of_tls13(legacy_version: u16, session_id: &[u8]) -> Vec<u8> {
    let share = rand::random::<[u8; 32]>();
    let extension = [&[0, 51, 0, 36, 0, 0x1d, 0, 32], share.as_slice()].concat();
    hello_of_tls13(legacy_version, rand::random(), session_id, &extension)
}

/// Returns a HelloRetryRequest for `group` (RFC 8446 §4.1.4).
pub(super) fn hello_retry_request(session_id: &[u8], group: u16) -> Vec<u8> {
    let [high, low] = group.to_be_bytes();
    hello_of_tls13(TLS_1_2, RETRY_RANDOM, session_id, &[0, 51, 0, 2, high, low])
}

fn hello_of_tls13(version: u16, random: [u8; 32], session_id: &[u8], extension: &[u8]) -> Vec<u8> {
    let extensions = [&[0, 43, 0, 2, 3, 4], extension].concat();
    let length = (extensions.len() as u16).to_be_bytes();
    let extensions = [length.as_slice(), &extensions].concat();
    server_hello(version, &random, session_id, 0x1301, &extensions)
}

/// Returns a ServerHello without compression; `extensions` begin with their length.
pub(super) fn server_hello(
    version: u16,
    random: &[u8],
    session_id: &[u8],
    cipher_suite: u16,
    extensions: &[u8],
) -> Vec<u8> {
    let head = [&version.to_be_bytes(), random, &[session_id.len() as u8], session_id].concat();
    let suite = cipher_suite.to_be_bytes();
    message(SERVER_HELLO, &[head.as_slice(), &suite, &[0], extensions].concat())
}

/// The random of a HelloRetryRequest (RFC 8446 §4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Returns a Certificate message (RFC 5246 §7.4.2), truncated to what its length fields can
/// express.
pub(super) fn certificate(certificates: &[Vec<u8>]) -> Vec<u8> {
    let entry = |der: &Vec<u8>| {
        let der = &der[..der.len().min(MAX_MESSAGE)];
        [&length_of_three_bytes(der.len()), der].concat()
    };
    let mut list = certificates.iter().map(entry).collect::<Vec<_>>().concat();
    list.truncate(MAX_MESSAGE - LIST_LENGTH);
    message(CERTIFICATE, &[length_of_three_bytes(list.len()).as_slice(), &list].concat())
}

/// The size of the length field of the certificate list.
const LIST_LENGTH: usize = 3;

fn length_of_three_bytes(length: usize) -> [u8; 3] {
    let [_, high, middle, low] = (length as u32).to_be_bytes();
    [high, middle, low]
}
