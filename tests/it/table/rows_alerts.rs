//! Servers that refuse everyone, each in its way: alerts, closes, resets, silence, and other
//! protocols.

use origin_probe::demo::script::{AfterFlight, Flight, FlightPart, Script};

use super::peer::Peer;
use super::row::{Row, row};

const REFUSED: &str = "handshake-refused fails";
const CLOSED: &str = "connection-closed fails";
const NOT_TLS: &str = "not-tls fails";
const TIMED_OUT: &str = "handshake-timed-out fails";

/// Alerts that no wider offer cures (RFC 8446 §6).
const ALERTS: [(&str, u8); 12] = [
    ("everyone_gets_unexpected_message", 10),
    ("everyone_gets_handshake_failure", 40),
    ("everyone_gets_illegal_parameter", 47),
    ("everyone_gets_access_denied", 49),
    ("everyone_gets_decode_error", 50),
    ("everyone_gets_insufficient_security", 71),
    ("everyone_gets_internal_error", 80),
    ("everyone_gets_inappropriate_fallback", 86),
    ("everyone_gets_missing_extension", 109),
    ("everyone_gets_unsupported_extension", 110),
    ("everyone_gets_no_application_protocol", 120),
    ("everyone_gets_an_alert_that_nobody_knows", 200),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, code) in ALERTS {
        rows.push(row(name).plays(Script::Alert { level: 2, code }).hello().fails(&[REFUSED]));
    }
    for (name, script) in [
        ("everyone_gets_a_close", Script::CloseAfterClientHello),
        ("everyone_gets_a_close_at_once", Script::CloseOnAccept),
        ("everyone_gets_a_reset_at_once", Script::ResetOnAccept),
        ("everyone_gets_a_reset", Script::ResetAfterClientHello),
        ("everyone_gets_close_notify", Script::Alert { level: 1, code: 0 }),
    ] {
        rows.push(row(name).plays(script).hello().fails(&[CLOSED]));
    }
    rows.push(
        row("everyone_gets_a_server_hello_and_a_close")
            .plays(Script::CloseAfterServerHello)
            .hello()
            .fails(&[CLOSED]),
    );
    for (name, script, finding) in [
        ("everyone_gets_http", Script::PlainHttp, NOT_TLS),
        ("everyone_gets_smtp", Script::SmtpBanner, NOT_TLS),
        ("everyone_gets_ssh", Script::Bytes(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()), NOT_TLS),
        ("everyone_gets_random_bytes", Script::Garbage, NOT_TLS),
    ] {
        // Some clients wait for the rest of what looks to them like a long record.
        rows.push(row(name).plays(script).impatient().fails(&[finding]));
    }
    for (name, script) in [
        ("everyone_gets_silence", Script::Silence),
        ("everyone_gets_one_byte_a_second", Script::DripOneByteASecond),
    ] {
        rows.push(row(name).plays(script).impatient().fails_with_504(&[TIMED_OUT]));
    }
    rows.extend([
        // The alert says that it is about the version, whatever version is offered.
        row("everyone_gets_protocol_version")
            .hello()
            .plays(Script::Alert { level: 2, code: 70 })
            .fails(&["no-shared-protocol-version fails"]),
        row("everyone_gets_alert_112")
            .hello()
            .plays(Script::Alert { level: 2, code: 112 })
            .fails(&["server-name-refused fails"]),
        // A warning alone is followed by the end of the connection.
        row("everyone_gets_warning_112_and_a_close")
            .hello()
            .plays(Script::Alert { level: 1, code: 112 })
            .fails(&["server-name-refused fails"]),
        row("everyone_gets_a_reset_after_the_server_hello").plays(reset()).hello().fails(&[CLOSED]),
        row("nobody_listens").peer(Peer::Nobody).fails(&["connection-refused fails"]),
    ]);
    rows
}

fn reset() -> Script {
    let hello = FlightPart::ServerHello { version: 0x0303, cipher_suite: 0xc02b };
    let flight = Flight::new(0x0303, vec![hello]);
    Script::Flight(Flight { then: AfterFlight::Resets, ..flight })
}
