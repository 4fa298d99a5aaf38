//! Servers that refuse everyone, each in its way: alerts, closes, resets, silence, and other
//! protocols.

use origin_probe::demo::script::{AfterFlight, Flight, Script};

use super::kit::server_hello;
use super::peer::Peer;
use super::row::{
    CLOSED, NAME_REFUSED, NO_LISTENER, NO_VERSION, NOT_TLS, REFUSED, Row, TIMED_OUT, by_hello, row,
};

/// Fatal alerts, and what they say; no wider offer cures them (RFC 8446 §6).
const ALERTS: [(&str, u8, &str); 14] = [
    ("everyone_gets_unexpected_message", 10, REFUSED),
    ("everyone_gets_handshake_failure", 40, REFUSED),
    ("everyone_gets_illegal_parameter", 47, REFUSED),
    ("everyone_gets_access_denied", 49, REFUSED),
    ("everyone_gets_decode_error", 50, REFUSED),
    // It says that it is about the version, whatever version is offered.
    ("everyone_gets_protocol_version", 70, NO_VERSION),
    ("everyone_gets_insufficient_security", 71, REFUSED),
    ("everyone_gets_internal_error", 80, REFUSED),
    ("everyone_gets_inappropriate_fallback", 86, REFUSED),
    ("everyone_gets_missing_extension", 109, REFUSED),
    ("everyone_gets_unsupported_extension", 110, REFUSED),
    ("everyone_gets_alert_112", 112, NAME_REFUSED),
    ("everyone_gets_no_application_protocol", 120, REFUSED),
    ("everyone_gets_an_alert_that_nobody_knows", 200, REFUSED),
];

pub fn rows() -> Vec<Row> {
    let ssh = Script::Bytes(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec());
    let flight = Flight::new(0x0303, vec![server_hello(0xc02b)]);
    let ending = |then| Script::Flight(Flight { then, ..flight.clone() });
    let mut rows = vec![
        // A warning alone is followed by the end of the connection.
        by_hello("everyone_gets_warning_112_and_a_close")
            .plays(Script::Alert { level: 1, code: 112 })
            .fails(&[NAME_REFUSED]),
        row("nobody_listens").peer(Peer::Nobody).fails(&[NO_LISTENER]),
    ];
    for (name, code, finding) in ALERTS {
        rows.push(row(name).plays(Script::Alert { level: 2, code }).hello().fails(&[finding]));
    }
    for (name, script) in [
        ("everyone_gets_a_close", Script::CloseAfterClientHello),
        ("everyone_gets_a_close_at_once", Script::CloseOnAccept),
        ("everyone_gets_a_reset_at_once", Script::ResetOnAccept),
        ("everyone_gets_a_reset", Script::ResetAfterClientHello),
        ("everyone_gets_close_notify", Script::Alert { level: 1, code: 0 }),
        ("everyone_gets_a_server_hello_and_a_close", ending(AfterFlight::Closes)),
        ("everyone_gets_a_reset_after_the_server_hello", ending(AfterFlight::Resets)),
    ] {
        rows.push(row(name).plays(script).hello().fails(&[CLOSED]));
    }
    for (name, script) in [
        ("everyone_gets_http", Script::PlainHttp),
        ("everyone_gets_smtp", Script::SmtpBanner),
        ("everyone_gets_ssh", ssh),
        ("everyone_gets_random_bytes", Script::Garbage),
    ] {
        // Some clients wait for the rest of what looks to them like a long record.
        rows.push(row(name).plays(script).impatient().fails(&[NOT_TLS]));
    }
    for (name, script) in [
        ("everyone_gets_silence", Script::Silence),
        ("everyone_gets_one_byte_a_second", Script::DripOneByteASecond),
    ] {
        rows.push(row(name).plays(script).impatient().fails_with_504(&[TIMED_OUT]));
    }
    rows
}
