//! A client's view of the servers that follow a script.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use origin_probe::demo::script::{
    AfterFlight, Choosy, Demand, Flight, FlightPart, Script, ScriptServer, SignedBy,
};
use origin_probe::demo::{ClosedPort, DemoError};
use rustls::ClientConnection;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::visitor::{any_chain, config};
use crate::common::stage::{LOOPBACK, scripted};

const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Content-Length: 12\r\nConnection: close\r\n\r\nBad Request\n";

/// Returns a message in a record of its own.
fn in_record(content_type: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[content_type, 3, 3, high, low], content].concat()
}

/// Returns the record with a ClientHello without extensions.
fn bare_hello(version: [u8; 2]) -> Vec<u8> {
    let body = [&version, [7; 32].as_slice(), &[0, 0, 2, 0, 4, 1, 0]].concat();
    in_record(22, &[&[1, 0, 0, 41], body.as_slice()].concat())
}

/// Returns the record with the ClientHello of rustls.
fn hello_of_rustls() -> Vec<u8> {
    let mut record = Vec::new();
    let name = ServerName::try_from("www.shop.example").unwrap();
    let mut client = ClientConnection::new(Arc::new(config(any_chain())), name).unwrap();
    client.write_tls(&mut record).unwrap();
    record
}

async fn greeted(server: &ScriptServer, hello: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(hello).await.unwrap();
    stream
}

/// Returns everything that arrives until the server closes or resets the connection.
async fn answer_to(hello: &[u8], server: &ScriptServer) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    greeted(server, hello).await.read_to_end(&mut answer).await.map(|_| answer)
}

async fn whole_answer(script: Script) -> io::Result<Vec<u8>> {
    answer_to(&bare_hello([3, 3]), &scripted(script).await).await
}

/// Returns everything that a flight sends before it closes.
async fn sent(flight: Flight) -> Vec<u8> {
    let flight = Flight { then: AfterFlight::Closes, ..flight };
    whole_answer(Script::Flight(flight)).await.unwrap()
}

/// Returns the first `length` bytes, after which the connection stays open.
async fn beginning(script: Script, length: usize) -> Vec<u8> {
    let server = scripted(script).await;
    let mut stream = greeted(&server, &bare_hello([3, 3])).await;
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await.unwrap();
    let more = timeout(Duration::from_millis(20), stream.read(&mut [0])).await;
    assert!(more.is_err(), "{more:?} instead of nothing");
    answer
}

/// Returns the lengths of TLS 1.2 handshake records, and what they hold.
fn opened(records: &[u8]) -> (Vec<usize>, Vec<u8>) {
    let (mut rest, mut lengths, mut messages) = (records, Vec::new(), Vec::new());
    while let [22, 3, 3, high, low, body @ ..] = rest {
        let (content, after) = body.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        lengths.push(content.len());
        messages.extend(content);
        rest = after;
    }
    assert_eq!(rest, b"");
    (lengths, messages)
}

/// A script, and what it sends.
fn row(script: Script, answer: impl Into<Vec<u8>>) -> (Script, Vec<u8>) {
    (script, answer.into())
}

#[tokio::test]
async fn a_script_that_closes_says_its_line_first() {
    for (script, answer) in [
        row(Script::CloseAfterClientHello, []),
        row(Script::PlainHttp, HTTP),
        row(Script::Alert { level: 2, code: 40 }, [21, 3, 3, 0, 2, 2, 40]),
        row(Script::Alert { level: 1, code: 112 }, [21, 3, 3, 0, 2, 1, 112]),
        row(Script::Bytes(b"\x16\x03".to_vec()), *b"\x16\x03"),
    ] {
        assert_eq!(whole_answer(script.clone()).await.unwrap(), answer, "{script:?}");
    }
}

#[tokio::test]
async fn a_server_that_closes_on_accept_does_not_reset() {
    let server = scripted(Script::CloseOnAccept).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    stream.write_all(&bare_hello([3, 3])).await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let error = whole_answer(Script::ResetAfterClientHello).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);

    let server = scripted(Script::ResetOnAccept).await;
    // The reset may arrive even before the connect is complete.
    let reading = async { TcpStream::connect(server.address()).await?.read(&mut [0]).await };
    assert_eq!(reading.await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_script_that_waits_keeps_the_connection_open() {
    let empty = Flight::new(0x0303, vec![FlightPart::EmptyRecords(10_000)]);
    let done = Flight::new(0x0301, vec![FlightPart::ServerHelloDone]);
    for (script, answer) in [
        row(Script::Silence, []),
        row(Script::SmtpBanner, "220 mail.shop.example ESMTP\r\n"),
        row(Script::DripOneByteASecond, [22, 3, 3, 0x40, 0, 2]),
        row(Script::Flight(empty), [22, 3, 3, 0, 0].repeat(10_000)),
        row(Script::Flight(done), [22, 3, 1, 0, 4, 14, 0, 0, 0]),
    ] {
        assert_eq!(beginning(script.clone(), answer.len()).await, answer, "{script:?}");
    }
}

#[tokio::test]
async fn an_endless_message_outlasts_what_it_promised() {
    let server = scripted(Script::EndlessMessage).await;
    let mut stream = greeted(&server, &bare_hello([3, 3])).await;
    let mut record = vec![0; 5 + (1 << 14)];
    stream.read_exact(&mut record).await.unwrap();
    assert_eq!(record[..9], [22, 3, 3, 0x40, 0, 11, 0xff, 0xff, 0xff]);
    for _ in 0..1 << 10 {
        stream.read_exact(&mut record).await.unwrap();
        assert_eq!(record[..6], [22, 3, 3, 0x40, 0, 0]);
    }
}

#[tokio::test]
async fn garbage_is_no_tls_and_never_the_same() {
    let first = whole_answer(Script::Garbage).await.unwrap();
    let second = whole_answer(Script::Garbage).await.unwrap();
    assert_eq!([first.len(), second.len()], [512, 512]);
    assert!(first[0] >= 0x80 && second[0] >= 0x80);
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_flight_arrives_as_it_was_put_together() {
    let row = |version, parts, answer: &[u8]| {
        let flight = Flight { then: AfterFlight::Closes, ..Flight::new(version, parts) };
        row(Script::Flight(flight), answer)
    };
    let done = || FlightPart::ServerHelloDone;
    let promise = FlightPart::Promise { message_type: 11, length: 0xff_ffff };
    let (warning, empty) = (FlightPart::Warning { code: 112 }, FlightPart::EmptyRecords(2));
    for (script, answer) in [
        row(0x0301, vec![done()], &[22, 3, 1, 0, 4, 14, 0, 0, 0]),
        row(0x0300, vec![done(), done()], &[22, 3, 0, 0, 8, 14, 0, 0, 0, 14, 0, 0, 0]),
        row(0x0303, vec![warning, done()], &[21, 3, 3, 0, 2, 1, 112, 22, 3, 3, 0, 4, 14, 0, 0, 0]),
        row(
            0x0303,
            vec![empty, done()],
            &[22, 3, 3, 0, 0, 22, 3, 3, 0, 0, 22, 3, 3, 0, 4, 14, 0, 0, 0],
        ),
        row(0x0303, vec![promise], &[22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff]),
        row(0x0303, vec![], &[]),
    ] {
        assert_eq!(whole_answer(script.clone()).await.unwrap(), answer, "{script:?}");
    }
    let split = Flight { record_size: 5, ..Flight::new(0x0302, vec![done(), done()]) };
    let records = [22, 3, 2, 0, 5, 14, 0, 0, 0, 14, 22, 3, 2, 0, 3, 0, 0, 0];
    assert_eq!(sent(split).await, records);
    let hello = FlightPart::ServerHello { version: 0x0301, cipher_suite: 0x0004 };
    let records = sent(Flight::new(0x0303, vec![hello])).await;
    assert_eq!(records[..11], [22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 1]);
    assert_eq!(records[43..], [0, 0, 4, 0]);
}

#[tokio::test]
async fn only_tls_1_2_names_the_scheme_of_a_signature() {
    let exchange = FlightPart::ServerKeyExchange { group: 23, signed: SignedBy::Nobody };
    let request = FlightPart::CertificateRequest;
    for (version, exchange_size, request_size) in [(0x0303, 143, 11), (0x0301, 141, 5)] {
        let records = sent(Flight::new(version, vec![exchange.clone(), request.clone()])).await;
        assert_eq!(records[5..9], [12, 0, 0, exchange_size], "{version:x}");
        assert_eq!(records[9..13], [3, 0, 23, 65], "{version:x}");
        let request = 9 + usize::from(exchange_size);
        assert_eq!(records[request..request + 4], [13, 0, 0, request_size], "{version:x}");
    }
}

#[tokio::test]
async fn a_flight_carries_exactly_the_certificates() {
    let many = vec![vec![0x30; 400]; 200];
    let list = [&[0, 1, 0x90], [0x30; 400].as_slice()].concat().repeat(200);
    let of_many = [&[11, 1, 0x3a, 0xdb, 1, 0x3a, 0xd8], list.as_slice()].concat();
    for (certificates, message) in [
        (vec![], vec![11, 0, 0, 3, 0, 0, 0]),
        (vec![vec![]], vec![11, 0, 0, 6, 0, 0, 3, 0, 0, 0]),
        (vec![vec![7, 8], vec![9]], vec![11, 0, 0, 12, 0, 0, 9, 0, 0, 2, 7, 8, 0, 0, 1, 9]),
        (many.clone(), of_many.clone()),
    ] {
        let flight = Flight::new(0x0303, vec![FlightPart::Certificate(certificates)]);
        assert_eq!(opened(&sent(flight).await).1, message);
    }
    let waiting = Script::Flight(Flight::new(0x0303, vec![FlightPart::Certificate(many)]));
    let length = of_many.len() + of_many.len().div_ceil(1 << 14) * 5;
    assert_eq!(opened(&beginning(waiting, length).await).1, of_many);
}

#[tokio::test]
async fn messages_are_cut_and_split_where_their_lengths_end() {
    for (size, lengths) in [(16_380, vec![16_384]), (39_996, vec![16_384, 16_384, 7_232])] {
        let part = FlightPart::Message { message_type: 20, body: vec![0; size] };
        assert_eq!(opened(&sent(Flight::new(0x0303, vec![part])).await).0, lengths);
    }
    let most = (1 << 24) - 1;
    let too_long = FlightPart::Certificate(vec![vec![1; most], vec![2; most]]);
    let (_, message) = opened(&sent(Flight::new(0x0303, vec![too_long])).await);
    assert_eq!(message.len(), 4 + most);
    assert_eq!(message[..4], [11, 0xff, 0xff, 0xff]);
}

#[tokio::test]
async fn rustls_reads_a_flight_as_far_as_it_goes() {
    let hello = FlightPart::ServerHello { version: 0x0303, cipher_suite: 0xc02b };
    let flight = Flight { then: AfterFlight::Closes, ..Flight::new(0x0303, vec![hello]) };
    let server = scripted(Script::Flight(flight)).await;
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let name = ServerName::try_from("www.shop.example").unwrap();
    let connector = TlsConnector::from(Arc::new(config(any_chain())));
    let error = connector.connect(name, stream).await.unwrap_err();
    // The stream ends without an alert, so the ServerHello was accepted.
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

/// Starts a server that passes clients that meet the demands on to `behind`.
async fn choosy(demands: Vec<Demand>, otherwise: Script, behind: &ScriptServer) -> ScriptServer {
    let (behind, otherwise) = (behind.address(), Box::new(otherwise));
    scripted(Script::Choosy(Choosy { demands, otherwise, retry: None, behind })).await
}

const ALERT_40: Script = Script::Alert { level: 2, code: 40 };

async fn served() -> ScriptServer {
    scripted(Script::Bytes(b"served".to_vec())).await
}

#[tokio::test]
async fn each_demand_looks_at_its_own_part_of_the_hello() {
    let behind = served().await;
    let (rustls, bare) = (hello_of_rustls(), bare_hello([3, 0]));
    let name = |name: &str| Demand::ServerName(name.to_owned());
    for (hello, demand, is_met) in [
        (&rustls, Demand::Version(0x0303), true),
        (&rustls, Demand::Version(0x0304), true),
        (&rustls, Demand::Version(0x0302), false),
        (&rustls, Demand::NoVersion(0x0304), false),
        (&rustls, Demand::CipherSuite(vec![0x0035, 0xc02f]), true),
        (&rustls, Demand::CipherSuite(vec![0x0035]), false),
        (&rustls, Demand::NoCipherSuite(vec![0x0035]), true),
        (&rustls, Demand::Group(23), true),
        (&rustls, Demand::Group(25), false),
        (&rustls, Demand::SignatureScheme(0x0403), true),
        (&rustls, name("www.shop.example"), true),
        (&rustls, name("other.example"), false),
        (&rustls, Demand::NoServerName, false),
        (&rustls, Demand::NoStatusRequest, false),
        // Without extensions, the version is the only one.
        (&bare, Demand::Version(0x0300), true),
        (&bare, Demand::NoVersion(0x0301), true),
        (&bare, Demand::CipherSuite(vec![4]), true),
        (&bare, Demand::Group(23), false),
        (&bare, Demand::SignatureScheme(0x0403), false),
        (&bare, Demand::NoServerName, true),
        (&bare, Demand::NoStatusRequest, true),
        (&bare, Demand::AtMostCipherSuites(1), true),
        (&bare, Demand::AtMostCipherSuites(0), false),
    ] {
        let before = behind.connections();
        let server = choosy(vec![demand.clone()], ALERT_40, &behind).await;
        let answer = answer_to(hello, &server).await.unwrap();
        let expected: &[u8] = if is_met { b"served" } else { &[21, 3, 3, 0, 2, 2, 40] };
        assert_eq!(answer, expected, "{demand:?}");
        assert_eq!(behind.connections() - before, u64::from(is_met), "{demand:?}");
    }
}

#[tokio::test]
async fn what_is_cut_off_anywhere_is_no_client_hello() {
    let behind = served().await;
    let server = choosy(Vec::new(), Script::CloseAfterClientHello, &behind).await;
    let hello = hello_of_rustls();
    for length in 5..hello.len() {
        let record = in_record(22, &hello[5..length]);
        assert_eq!(answer_to(&record, &server).await.unwrap(), b"", "{length}");
    }
    assert_eq!(answer_to(&hello, &server).await.unwrap(), b"served");
}

#[tokio::test]
async fn a_choosy_server_refuses_as_it_is_told() {
    let behind = served().await;
    // Not a ClientHello, so it meets no demand.
    let other = in_record(22, &[2, 0, 0, 1, 0]);
    let server = |otherwise| choosy(vec![Demand::NoServerName], otherwise, &behind);
    let alert = answer_to(&other, &server(ALERT_40).await).await.unwrap();
    assert_eq!(alert, [21, 3, 3, 0, 2, 2, 40]);
    assert_eq!(answer_to(&other, &server(Script::CloseAfterClientHello).await).await.unwrap(), b"");
    let reset = answer_to(&other, &server(Script::ResetAfterClientHello).await).await.unwrap_err();
    assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_closed_port_refuses_and_cannot_be_taken() {
    let closed = ClosedPort::bind(LOOPBACK, 0).unwrap();
    let (address, port) = (closed.address(), closed.address().port());
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    for taken in [
        ClosedPort::bind(LOOPBACK, port).err(),
        ScriptServer::start(LOOPBACK, port, Script::Silence).await.err(),
    ] {
        assert!(
            matches!(&taken, Some(DemoError::Listen { address: refused, source })
                if *refused == address && source.kind() == io::ErrorKind::AddrInUse),
            "{taken:?}"
        );
    }
}

#[tokio::test]
async fn a_dropped_server_refuses_and_ends_its_connections() {
    let server = scripted(Script::Silence).await;
    let address = server.address();
    let mut held = TcpStream::connect(address).await.unwrap();
    while server.connections() == 0 {
        tokio::task::yield_now().await;
    }
    drop(server);
    assert_eq!(held.read(&mut [0]).await.unwrap(), 0);
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}
