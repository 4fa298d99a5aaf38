//! What AWS's own TLS library does with each hostile server on its first connection.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use s2n_tls::config::Config;
use s2n_tls::error::ErrorType;
use s2n_tls_tokio::TlsConnector;
use tokio::net::TcpStream;

use super::client::{FROM_TLS_1_2, offering};
use super::kinds;
use super::kinds::{Kind, Pki};
use super::server::Server;
use crate::common::forge::Key;
use crate::common::hostile::DOMAIN;

const AT_ONCE: usize = 32;
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_FOR_HANGING: Duration = Duration::from_secs(3);

/// Verdicts that the library contradicts, each with the reason why they stand.
const DIFFERENCES: [(&str, &str); 14] = [
    ("asks for a client certificate and sends an alert about certificates afterwards", LATE),
    ("sends the alert 40 with the end of its flight of TLS 1.3", LATE),
    ("sends the alert 42 with the end of its flight of TLS 1.3", LATE),
    ("sends the alert 80 with the end of its flight of TLS 1.3", LATE),
    ("sends the alert 112 with the end of its flight of TLS 1.3", LATE),
    ("sends the alert 116 with the end of its flight of TLS 1.3", LATE),
    ("sends the alert 120 with the end of its flight of TLS 1.3", LATE),
    ("closes once and then answers", ONCE),
    ("resets once and then answers", ONCE),
    ("stops halfway once and then answers", ONCE),
    ("refuses once and then answers", ONCE),
    ("closes, refuses, and then answers", ONCE),
    ("refuses, closes, and then answers", ONCE),
    ("sends an empty encrypted handshake record", EMPTY),
];
const EMPTY: &str = "our TLS library takes it, against RFC 8446 §5.1, and does not show it";
const LATE: &str = "the alert comes after the handshake, in place of an answer to the request";
const ONCE: &str = "a dropped connection is repeated; the library is asked once";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_library_of_aws_contradicts_no_verdict_on_a_hostile_server_without_a_reason() {
    let pki = Arc::new(Pki::new(Key::new));
    let mut config = offering(FROM_TLS_1_2).unwrap();
    config.trust_pem(pki.root_pem.as_bytes()).unwrap();
    let config = config.build().unwrap();
    let asked = stream::iter(kinds::all(&pki)).map(|kind| {
        let config = config.clone();
        tokio::spawn(async move {
            let Kind { name, behavior, expected, hangs } = kind;
            let server = Server::start(behavior).await;
            let patience = if hangs { PATIENCE_FOR_HANGING } else { PATIENCE };
            let (said, how) = connect(config, server.address, patience).await;
            (name, expected.answer, said, how)
        })
    });
    let mut reasons = BTreeMap::from(DIFFERENCES);
    let mut wrong = Vec::new();
    let mut asked = asked.buffer_unordered(AT_ONCE);
    while let Some(answer) = asked.next().await {
        let (name, answer, said, how) = answer.unwrap();
        let agrees = match (answer, said) {
            ("answers", Said::Connects) | ("fails", Said::Refuses | Said::IsLeft) => true,
            // The servers of TLS 1.2 here have no keys to end a handshake with: they close.
            ("answers", Said::IsLeft) => name.starts_with(TAKEN),
            ("answers", Said::Refuses) | ("fails", Said::Connects) => false,
            // Nothing contradicts it.
            _ => true,
        };
        let reason = reasons.remove(&*name);
        if agrees != reason.is_none() {
            wrong.push(format!(
                "{name}: {answer}, the library {said:?} ({how}); reason: {reason:?}"
            ));
        }
    }
    wrong.sort();
    assert!(wrong.is_empty() && reasons.is_empty(), "{}\n{reasons:?}", wrong.join("\n"));
}

/// How the servers begin that send a right flight of TLS 1.2.
const TAKEN: &str = "sends a right flight of TLS 1.2";

/// The end of an attempt to connect.
#[derive(Clone, Copy, Debug)]
enum Said {
    Connects,
    /// The library ended it.
    Refuses,
    /// The server ended it, or never came to an end.
    IsLeft,
}

async fn connect(config: Config, address: SocketAddr, patience: Duration) -> (Said, &'static str) {
    let stream = TcpStream::connect(address).await.unwrap();
    let connector = TlsConnector::new(config);
    match tokio::time::timeout(patience, connector.connect(DOMAIN, stream)).await {
        Ok(Ok(_)) => (Said::Connects, "connects"),
        Ok(Err(error)) => match error.kind() {
            ErrorType::ConnectionClosed | ErrorType::IOError | ErrorType::Alert => {
                (Said::IsLeft, error.name())
            }
            _ => (Said::Refuses, error.name()),
        },
        Err(_) => (Said::IsLeft, "hangs"),
    }
}
