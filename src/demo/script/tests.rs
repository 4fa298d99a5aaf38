//! Tests of the scripts from the view of a client.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{
    AfterFlight, Choosy, Demand, Flight, FlightPart, FlightSuite, PLAIN_HTTP, Refusal, SMTP_BANNER,
    Script, ScriptServer, ZERO_LENGTH_RECORDS, flight,
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Returns a record as long as a ClientHello. The scripts do not parse it.
fn client_hello() -> Vec<u8> {
    flight::records(&flight::server_hello(FlightSuite::EcdheEcdsaAes128GcmSha256))
}

async fn greeted(script: Script) -> (ScriptServer, TcpStream) {
    let server = ScriptServer::start(HERE, 0, script).await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(&client_hello()).await.unwrap();
    (server, stream)
}

/// Returns everything that arrives until the server closes or resets the connection.
async fn whole_answer(script: Script) -> io::Result<Vec<u8>> {
    let (_server, mut stream) = greeted(script).await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.map(|_| answer)
}

/// Returns the first `length` bytes, after which the connection stays open.
async fn beginning(script: Script, length: usize) -> Vec<u8> {
    let (_server, mut stream) = greeted(script).await;
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await.unwrap();
    let more = timeout(Duration::from_millis(20), stream.read(&mut [0])).await;
    assert!(more.is_err(), "{more:?} instead of nothing");
    answer
}

#[tokio::test]
async fn a_script_that_closes_says_its_line_first() {
    for (script, answer) in [
        (Script::CloseAfterClientHello, vec![]),
        (Script::PlainHttp, PLAIN_HTTP.to_vec()),
        (Script::Alert { level: 2, code: 40 }, vec![21, 3, 3, 0, 2, 2, 40]),
        (Script::Alert { level: 1, code: 112 }, vec![21, 3, 3, 0, 2, 1, 112]),
        (Script::Bytes(b"\x16\x03".to_vec()), b"\x16\x03".to_vec()),
    ] {
        assert_eq!(whole_answer(script.clone()).await.unwrap(), answer, "{script:?}");
    }
}

#[tokio::test]
async fn a_server_that_closes_on_accept_does_not_reset() {
    let server = ScriptServer::start(HERE, 0, Script::CloseOnAccept).await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    stream.write_all(&client_hello()).await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let error = whole_answer(Script::ResetAfterClientHello).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);

    let server = ScriptServer::start(HERE, 0, Script::ResetOnAccept).await.unwrap();
    // The reset may arrive even before the connect is complete.
    let reading = async { TcpStream::connect(server.address()).await?.read(&mut [0]).await };
    assert_eq!(reading.await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_script_that_waits_keeps_the_connection_open() {
    let empty_records = flight::EMPTY_RECORD.repeat(ZERO_LENGTH_RECORDS);
    for (script, answer) in [
        (Script::Silence, vec![]),
        (Script::SmtpBanner, SMTP_BANNER.to_vec()),
        (Script::ZeroLengthRecords, empty_records),
        (Script::DripOneByteASecond, vec![22, 3, 3, 0x40, 0, 2]),
    ] {
        assert_eq!(beginning(script.clone(), answer.len()).await, answer, "{script:?}");
    }
}

#[tokio::test]
async fn an_endless_message_outlasts_what_it_promised() {
    let (_server, mut stream) = greeted(Script::EndlessMessage).await;
    let mut record = vec![0; flight::RECORD_HEADER + flight::MAX_RECORD];
    stream.read_exact(&mut record).await.unwrap();
    assert_eq!(record[..9], [22, 3, 3, 0x40, 0, 11, 0xff, 0xff, 0xff]);
    for _ in 0..=flight::MAX_MESSAGE / flight::MAX_RECORD {
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
async fn a_flight_carries_exactly_the_certificates() {
    let many = vec![vec![0x30; 400]; 200];
    for (certificates, then) in [
        (vec![], AfterFlight::Closes),
        (vec![b"garbage".to_vec()], AfterFlight::Closes),
        (many.clone(), AfterFlight::Closes),
        (many, AfterFlight::Waits),
    ] {
        let message = flight::certificate(&certificates);
        let suite = FlightSuite::EcdheEcdsaAes128GcmSha256;
        let length = flight::server_hello(suite).len() + message.len();
        let script = Script::Tls12Flight { suite, certificates, then };
        let answer = match then {
            AfterFlight::Closes => whole_answer(script).await.unwrap(),
            AfterFlight::Waits | AfterFlight::Resets => {
                beginning(script, length + length.div_ceil(flight::MAX_RECORD) * 5).await
            }
        };
        let messages: Vec<u8> = answer
            .chunks(flight::RECORD_HEADER + flight::MAX_RECORD)
            .flat_map(|record| &record[flight::RECORD_HEADER..])
            .copied()
            .collect();
        assert_eq!(messages[length - message.len()..], message);
        assert_eq!((messages.len(), messages[0]), (length, flight::SERVER_HELLO));
    }
}

#[tokio::test]
async fn a_lone_server_hello_is_followed_by_a_close() {
    let answer = whole_answer(Script::CloseAfterServerHello).await.unwrap();
    assert_eq!((answer.len(), &answer[..6]), (5 + 42, &[22, 3, 3, 0, 42, 2][..]));
}

#[tokio::test]
async fn rustls_reads_the_flight_as_far_as_it_goes() {
    use rustls_pki_types::ServerName;
    use std::sync::Arc;

    let server = ScriptServer::start(HERE, 0, Script::CloseAfterServerHello).await.unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let error = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from("www.shop.example").unwrap(), stream)
        .await
        .unwrap_err();
    // The stream ends without an alert, so the ServerHello was accepted.
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_choosy_server_passes_on_whom_it_likes_and_refuses_the_rest() {
    let behind = ScriptServer::start(HERE, 0, Script::Bytes(b"served".to_vec())).await.unwrap();
    let choosy = |demand, otherwise| {
        let behind = behind.address();
        Script::Choosy(Choosy { demands: vec![demand], otherwise, retry: None, behind })
    };
    let alert = Refusal::Alert { level: 2, code: 40 };
    // `client_hello` does not return a ClientHello, so it meets no demand.
    assert_eq!(
        whole_answer(choosy(Demand::NoServerName, alert)).await.unwrap(),
        [21, 3, 3, 0, 2, 2, 40]
    );
    let closed = whole_answer(choosy(Demand::NoServerName, Refusal::Close)).await.unwrap();
    assert_eq!(closed, b"");
    let reset = whole_answer(choosy(Demand::NoServerName, Refusal::Reset)).await.unwrap_err();
    assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);

    let server = ScriptServer::start(HERE, 0, choosy(Demand::NoServerName, alert)).await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let mut hello = vec![22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0, 47, 1, 0]);
    stream.write_all(&hello).await.unwrap();
    let mut answer = [0; 6];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!((&answer, behind.connections()), (b"served", 1));
}

#[tokio::test]
async fn a_flight_made_by_hand_arrives_whole_and_ends_as_told() {
    let parts = vec![FlightPart::ServerHelloDone];
    for (then, ends) in [(AfterFlight::Closes, true), (AfterFlight::Waits, false)] {
        let script = Script::Flight(Flight { then, ..Flight::new(0x0301, parts.clone()) });
        let record = [22, 3, 1, 0, 4, 14, 0, 0, 0];
        let answer = if ends {
            whole_answer(script).await.unwrap()
        } else {
            beginning(script, record.len()).await
        };
        assert_eq!(answer, record);
    }
}
