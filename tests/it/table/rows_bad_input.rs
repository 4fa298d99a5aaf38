//! Servers that break the protocol: each a finding within the deadline.

use origin_probe::demo::script::FlightPart::{self, Certificate, ServerHelloDone};
use origin_probe::demo::script::{AfterFlight, Flight, Script};

use super::kit::{HAND_MADE, certificate, hand_made, server_hello};
use super::row::{
    BROKEN, CLOSED, MALFORMED, NO_CERTIFICATE, REFUSED, Row, TIMED_OUT, TOO_LONG, by_hello, row,
};
use super::stage::Leaf::{EcdsaP256, Rsa2048};

/// The suites of a flight that a full handshake would take, and of one that only the hello would.
const FULL: u16 = 0xc02b;
const HELLO: u16 = 0x002f;

const CERTIFICATE: u8 = 11;
const SERVER_HELLO: u8 = 2;

pub fn rows() -> Vec<Row> {
    [refused(), odd_hellos(), odd_certificates(), without_an_end()].into_iter().flatten().collect()
}

/// Servers that send no handshake, or one in the wrong order.
fn refused() -> Vec<Row> {
    // Its session id claims 200 bytes and has none.
    let lying_hello = [&[3, 3], [7; 32].as_slice(), &[200, 0xc0, 0x2b, 0]].concat();
    let lying_list = message(CERTIFICATE, &[0, 0, 9, 0, 0, 2, 1, 1]);
    let flights = [
        ("two_server_hellos", vec![server_hello(FULL); 2]),
        ("two_server_hellos_that_only_the_hello_takes", vec![server_hello(HELLO); 2]),
        ("a_server_hello_that_is_too_short", vec![message(SERVER_HELLO, &[3, 3, 1, 2])]),
        ("a_server_hello_with_a_length_that_lies", vec![message(SERVER_HELLO, &lying_hello)]),
        ("a_certificate_list_with_a_length_that_lies", vec![server_hello(HELLO), lying_list]),
        ("a_server_hello_of_16_mb_by_its_length", vec![promise(SERVER_HELLO, 0xff_ffff)]),
        (
            "ten_thousand_records_of_no_length_after_the_server_hello",
            vec![server_hello(HELLO), FlightPart::EmptyRecords(10_000)],
        ),
        ("ten_thousand_records_of_no_length", vec![FlightPart::EmptyRecords(10_000)]),
    ];
    let data = [&[23, 3, 3, 0, 32], [7; 32].as_slice()].concat();
    let bytes = [
        // The level in one record and the code in the next, which TLS 1.2 allows (RFC 5246 §6.2.1).
        ("an_alert_in_two_records", vec![21, 3, 3, 0, 1, 2, 21, 3, 3, 0, 1, 40]),
        (
            "a_record_longer_than_allowed",
            [&[22, 3, 3, 0xff, 0xff], [2; 70_000].as_slice()].concat(),
        ),
        (
            "a_record_of_a_content_type_that_nobody_knows",
            vec![22, 3, 3, 0, 1, 2, 99, 3, 3, 0, 1, 2],
        ),
        ("application_data_instead_of_a_server_hello", data),
    ];
    let flights = flights.map(|(name, parts)| (name, hand_made(parts)));
    let bytes = bytes.map(|(name, bytes)| (name, Script::Bytes(bytes)));
    flights
        .into_iter()
        .chain(bytes)
        .map(|(name, script)| by_hello(name).plays(script).fails(&[REFUSED]))
        .collect()
}

fn odd_hellos() -> Vec<Row> {
    vec![
        by_hello("a_certificate_before_the_server_hello")
            .script(|stage| hand_made(vec![certificate(stage, Rsa2048), server_hello(HELLO)]))
            .fails(&[REFUSED]),
        by_hello("a_server_hello_that_chooses_compression")
            .plays(hand_made(vec![static_rsa(&[9; 8], 1, &[])]))
            .undecided(&[BROKEN])
            .aws_fails(),
        // RFC 8446 §4.2 forbids it; AWS's library reads on.
        by_hello("a_server_hello_with_an_extension_that_nobody_asked_for")
            .script(|stage| {
                let hello = static_rsa(&[9; 8], 0, &[0, 4, 0xfa, 0xfa, 0, 0]);
                hand_made(vec![hello, certificate(stage, Rsa2048), ServerHelloDone])
            })
            .not_asked(HAND_MADE),
        // What a server of TLS 1.3 says when it believes that somebody has removed that version
        // from the hello (RFC 8446 §4.1.3).
        by_hello("a_server_hello_that_warns_of_a_downgrade")
            .script(|stage| {
                let hello = static_rsa(b"DOWNGRD\x01", 0, &[]);
                hand_made(vec![hello, certificate(stage, Rsa2048)])
            })
            .impatient()
            .fails(&[REFUSED]),
    ]
}

fn odd_certificates() -> Vec<Row> {
    let served = |name, certificates| {
        let parts = vec![server_hello(HELLO), Certificate(certificates), ServerHelloDone];
        by_hello(name).plays(hand_made(parts)).fails(&[MALFORMED])
    };
    let promising = |name, suite| {
        let parts = vec![server_hello(suite), promise(CERTIFICATE, 0xff_ffff)];
        by_hello(name).plays(hand_made(parts)).undecided(&[TOO_LONG])
    };
    vec![
        by_hello("a_done_before_the_certificate")
            .plays(hand_made(vec![server_hello(HELLO), ServerHelloDone]))
            .fails(&[NO_CERTIFICATE]),
        by_hello("a_certificate_list_with_an_empty_entry")
            .script(|stage| {
                let certificates = Certificate(vec![stage.der(Rsa2048), Vec::new()]);
                hand_made(vec![server_hello(HELLO), certificates, ServerHelloDone])
            })
            .fails(&[MALFORMED]),
        served("a_certificate_list_of_one_empty_entry", vec![Vec::new()]),
        served("a_certificate_that_is_none", vec![b"no certificate".to_vec()]),
        // The length alone says it; nobody waits for 16 MB.
        promising("a_certificate_of_16_mb_by_its_length", HELLO),
        promising("a_certificate_of_16_mb_in_a_full_handshake", FULL),
        by_hello("a_certificate_without_an_end")
            .plays(Script::EndlessMessage)
            .undecided(&[TOO_LONG]),
        by_hello("a_flight_cut_off_after_the_certificate")
            .script(|stage| {
                let parts = vec![server_hello(HELLO), certificate(stage, Rsa2048)];
                let flight = Flight::new(0x0303, parts);
                Script::Flight(Flight { then: AfterFlight::Closes, ..flight })
            })
            .fails(&[CLOSED]),
    ]
}

fn without_an_end() -> Vec<Row> {
    vec![
        row("a_flight_without_an_end_in_a_full_handshake")
            .script(|stage| hand_made(vec![server_hello(FULL), certificate(stage, EcdsaP256)]))
            .impatient()
            .fails_with_504(&[TIMED_OUT]),
        by_hello("a_flight_without_an_end_that_only_the_hello_takes")
            .script(|stage| hand_made(vec![server_hello(HELLO), certificate(stage, Rsa2048)]))
            .impatient()
            .fails_with_504(&[TIMED_OUT]),
        by_hello("a_promise_of_a_certificate_that_never_comes")
            .plays(hand_made(vec![server_hello(HELLO), promise(CERTIFICATE, 2_000)]))
            .impatient()
            .fails_with_504(&[TIMED_OUT]),
        row("half_a_record_header").plays(Script::Bytes(vec![22, 3])).hello().fails(&[CLOSED]),
    ]
}

fn message(message_type: u8, body: &[u8]) -> FlightPart {
    FlightPart::Message { message_type, body: body.to_vec() }
}

fn promise(message_type: u8, length: usize) -> FlightPart {
    FlightPart::Promise { message_type, length }
}

/// A ServerHello for static RSA, with the end of its random.
fn static_rsa(end: &[u8; 8], compression: u8, extensions: &[u8]) -> FlightPart {
    let start = [&[3, 3], [7; 24].as_slice(), end].concat();
    message(SERVER_HELLO, &[&start, &[0, 0, 0x2f, compression][..], extensions].concat())
}
