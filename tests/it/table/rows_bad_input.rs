//! Servers that break the protocol: each a finding within the deadline.

use origin_probe::demo::script::{AfterFlight, Flight, FlightPart, Script};

use super::row::{Row, row};
use super::stage::{Leaf, Stage};

const REFUSED: &str = "handshake-refused fails";
const MALFORMED: &str = "certificate-malformed fails";
const TOO_LONG: &str = "chain-too-long may-fail";
const TIMED_OUT: &str = "handshake-timed-out fails";

/// The suites of a flight that a full handshake would take, and of one that only the hello would.
const FULL: u16 = 0xc02b;
const HELLO: u16 = 0x002f;

const CERTIFICATE: u8 = 11;
const SERVER_HELLO: u8 = 2;

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("two_server_hellos")
            .hello()
            .plays(flight(vec![hello(FULL), hello(FULL)]))
            .fails(&[REFUSED]),
        row("two_server_hellos_that_only_the_hello_takes")
            .hello()
            .plays(flight(vec![hello(HELLO), hello(HELLO)]))
            .fails(&[REFUSED]),
        row("a_certificate_before_the_server_hello")
            .hello()
            .script(|stage| flight(vec![certificate(stage), hello(HELLO)]))
            .fails(&[REFUSED]),
        row("a_done_before_the_certificate")
            .hello()
            .plays(flight(vec![hello(HELLO), FlightPart::ServerHelloDone]))
            .fails(&["no-certificate fails"]),
        row("a_server_hello_that_is_too_short")
            .hello()
            .plays(flight(vec![message(SERVER_HELLO, &[3, 3, 1, 2])]))
            .fails(&[REFUSED]),
        row("a_server_hello_with_a_length_that_lies")
            .hello()
            .plays(flight(vec![message(SERVER_HELLO, &lying_server_hello())]))
            .fails(&[REFUSED]),
        row("a_server_hello_that_chooses_compression")
            .hello()
            .plays(flight(vec![message(SERVER_HELLO, &server_hello(&[9; 8], 1, &[]))]))
            .undecided(&["handshake-refused may-fail"])
            .aws_fails(),
        // RFC 8446 §4.2 forbids it; AWS's library reads on.
        row("a_server_hello_with_an_extension_that_nobody_asked_for")
            .script(|stage| {
                let hello = server_hello(&[9; 8], 0, &[0, 4, 0xfa, 0xfa, 0, 0]);
                let hello = message(SERVER_HELLO, &hello);
                flight(vec![hello, certificate(stage), FlightPart::ServerHelloDone])
            })
            .hello()
            .answers(&[])
            .not_asked("a flight made by hand cannot end a handshake"),
        // What a server of TLS 1.3 says when it believes that somebody has removed that version
        // from the hello (RFC 8446 §4.1.3).
        row("a_server_hello_that_warns_of_a_downgrade")
            .impatient()
            .hello()
            .script(|stage| {
                let hello = server_hello(b"DOWNGRD\x01", 0, &[]);
                flight(vec![message(SERVER_HELLO, &hello), certificate(stage)])
            })
            .fails(&[REFUSED]),
        row("a_certificate_list_with_a_length_that_lies")
            .hello()
            .plays(flight(vec![hello(HELLO), message(CERTIFICATE, &[0, 0, 9, 0, 0, 2, 1, 1])]))
            .fails(&[REFUSED]),
        row("a_certificate_list_with_an_empty_entry")
            .script(|stage| with_empty_entry(stage, HELLO))
            .hello()
            .fails(&[MALFORMED]),
        row("a_certificate_list_of_one_empty_entry")
            .plays(flight(vec![
                hello(HELLO),
                FlightPart::Certificate(vec![Vec::new()]),
                FlightPart::ServerHelloDone,
            ]))
            .hello()
            .fails(&[MALFORMED]),
        row("a_certificate_that_is_none")
            .plays(flight(vec![
                hello(HELLO),
                FlightPart::Certificate(vec![b"no certificate".to_vec()]),
                FlightPart::ServerHelloDone,
            ]))
            .hello()
            .fails(&[MALFORMED]),
        // The length alone says it; nobody waits for 16 MB.
        row("a_certificate_of_16_mb_by_its_length")
            .plays(flight(vec![hello(HELLO), promise(0xff_ffff)]))
            .hello()
            .undecided(&[TOO_LONG]),
        row("a_certificate_of_16_mb_in_a_full_handshake")
            .plays(flight(vec![hello(FULL), promise(0xff_ffff)]))
            .hello()
            .undecided(&[TOO_LONG]),
        row("a_certificate_without_an_end")
            .plays(Script::EndlessMessage)
            .hello()
            .undecided(&["chain-too-long may-fail"]),
        row("a_server_hello_of_16_mb_by_its_length")
            .hello()
            .plays(flight(vec![FlightPart::Promise {
                message_type: SERVER_HELLO,
                length: 0xff_ffff,
            }]))
            .fails(&[REFUSED]),
        row("ten_thousand_records_of_no_length")
            .hello()
            .plays(Script::ZeroLengthRecords)
            .fails(&[REFUSED]),
        row("ten_thousand_records_of_no_length_after_the_server_hello")
            .hello()
            .plays(flight(vec![hello(HELLO), FlightPart::EmptyRecords(10_000)]))
            .fails(&[REFUSED]),
        row("an_alert_in_two_records").hello().plays(alert_in_two_records()).fails(&[REFUSED]),
        row("a_record_longer_than_allowed")
            .hello()
            .plays(Script::Bytes([&[22, 3, 3, 0xff, 0xff], [2; 70_000].as_slice()].concat()))
            .fails(&[REFUSED]),
        row("a_record_of_a_content_type_that_nobody_knows")
            .hello()
            .plays(Script::Bytes(vec![22, 3, 3, 0, 1, 2, 99, 3, 3, 0, 1, 2]))
            .fails(&[REFUSED]),
        row("application_data_instead_of_a_server_hello")
            .hello()
            .plays(Script::Bytes([&[23, 3, 3, 0, 32], [7; 32].as_slice()].concat()))
            .fails(&[REFUSED]),
        row("a_flight_cut_off_after_the_certificate")
            .hello()
            .script(|stage| {
                let parts = vec![hello(HELLO), certificate(stage)];
                let flight = Flight::new(0x0303, parts);
                Script::Flight(Flight { then: AfterFlight::Closes, ..flight })
            })
            .fails(&["connection-closed fails"]),
    ];
    for (name, suite) in [
        ("a_flight_without_an_end_in_a_full_handshake", FULL),
        ("a_flight_without_an_end_that_only_the_hello_takes", HELLO),
    ] {
        let script: fn(&Stage) -> Script = if suite == FULL {
            |stage| flight(vec![hello(FULL), p256(stage)])
        } else {
            |stage| flight(vec![hello(HELLO), certificate(stage)])
        };
        let row = row(name).script(script).impatient().fails_with_504(&[TIMED_OUT]);
        rows.push(if suite == FULL { row } else { row.hello() });
    }
    rows.extend([
        row("a_promise_of_a_certificate_that_never_comes")
            .hello()
            .plays(flight(vec![hello(HELLO), promise(2_000)]))
            .impatient()
            .fails_with_504(&[TIMED_OUT]),
        row("half_a_record_header")
            .hello()
            .plays(Script::Bytes(vec![22, 3]))
            .fails(&["connection-closed fails"]),
    ]);
    rows
}

fn flight(parts: Vec<FlightPart>) -> Script {
    Script::Flight(Flight::new(0x0303, parts))
}

fn hello(cipher_suite: u16) -> FlightPart {
    FlightPart::ServerHello { version: 0x0303, cipher_suite }
}

fn certificate(stage: &Stage) -> FlightPart {
    FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)])
}

fn p256(stage: &Stage) -> FlightPart {
    FlightPart::Certificate(vec![stage.der(Leaf::EcdsaP256)])
}

fn message(message_type: u8, body: &[u8]) -> FlightPart {
    FlightPart::Message { message_type, body: body.to_vec() }
}

fn promise(length: usize) -> FlightPart {
    FlightPart::Promise { message_type: CERTIFICATE, length }
}

fn with_empty_entry(stage: &Stage, suite: u16) -> Script {
    flight(vec![
        hello(suite),
        FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048), Vec::new()]),
        FlightPart::ServerHelloDone,
    ])
}

/// Its session id claims 200 bytes, of which there are none.
fn lying_server_hello() -> Vec<u8> {
    [&[3, 3], [7; 32].as_slice(), &[200, 0xc0, 0x2b, 0]].concat()
}

/// A ServerHello for static RSA, with the end of its random.
fn server_hello(end: &[u8; 8], compression: u8, extensions: &[u8]) -> Vec<u8> {
    [&[3, 3], [7; 24].as_slice(), end, &[0, 0, 0x2f, compression], extensions].concat()
}

/// The level in one record and the code in the next, which TLS 1.2 allows (RFC 5246 §6.2.1).
fn alert_in_two_records() -> Script {
    Script::Bytes(vec![21, 3, 3, 0, 1, 2, 21, 3, 3, 0, 1, 40])
}
