//! What AWS's own TLS library makes of the table: with the policies that it publishes for
//! CloudFront it connects where this program says `answers`, and fails where it says `fails`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use origin_probe::origin::{Origin, OriginMtls, SslProtocol, Target};
use s2n_tls::config::Config;
use s2n_tls::enums::ClientAuthType;
use s2n_tls_tokio::{TlsConnector, TlsStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::client::{Accepted, FROM_TLS_1_2, offering};
use super::table;
use super::table::{Absent, Oracle, Row, Stage};

/// How many rows run side by side.
const AT_ONCE: usize = 6;

/// How long a handshake may take when the server is not one of those that never answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a server may take to close, or to refuse its client after the handshake as TLS 1.3
/// allows.
const AFTERTHOUGHT: Duration = Duration::from_secs(5);

/// The alert that is no complaint (RFC 8446 §6.1).
const CLOSE_NOTIFY: u8 = 0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_library_of_aws_connects_where_we_say_so_and_nowhere_else() {
    let stage = Arc::new(Stage::set("oracle"));
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for row in table::rows() {
        let (stage, turns) = (Arc::clone(&stage), Arc::clone(&turns));
        running.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            row.compile(&stage).await;
            play(&row, &stage).await
        });
    }
    let mut lines = Vec::new();
    while let Some(line) = running.join_next().await {
        lines.push(line.unwrap());
    }
    lines.sort_unstable_by(|a, b| (&a.name, &a.said).cmp(&(&b.name, &b.said)));
    for Line { name, expected, said, remark, .. } in &lines {
        eprintln!("{name:66} {expected:10} {said}{remark}");
    }
    let wrong: Vec<&Line> = lines.iter().filter(|line| line.is_wrong).collect();
    assert!(wrong.is_empty(), "{} of {} rows: {wrong:#?}", wrong.len(), lines.len());
}

/// One row of what is printed.
#[derive(Debug)]
struct Line {
    name: String,
    expected: &'static str,
    said: String,
    remark: String,
    is_wrong: bool,
}

async fn play(row: &Row, stage: &Stage) -> Line {
    let (name, expected) = (row.name.clone(), row.expected.answer);
    let line = |said, remark, is_wrong| Line { name, expected, said, remark, is_wrong };
    if let Oracle::NotAsked(reason) = row.oracle {
        return line("not asked".to_owned(), format!(": {reason}"), false);
    }
    let servers = match row.start(stage).await {
        Ok(servers) => servers,
        Err(Absent::NotHere(why)) => {
            return line("skipped".to_owned(), format!(": {why}"), table::are_peers_required());
        }
        Err(absent) => return line("no server".to_owned(), format!(": {absent:?}"), true),
    };
    let patience = row.patience.min(PATIENCE);
    let mut error = None;
    for server in &servers {
        let address = server.address();
        for target in &row.origin(address.port()).targets {
            let connecting = connect(row, stage, address, target);
            let outcome = match tokio::time::timeout(patience, connecting).await {
                Ok(outcome) => outcome,
                Err(_) => Err("no answer in time".to_owned()),
            };
            error = error.or_else(|| outcome.err());
        }
    }
    let connects = error.is_none();
    let said = error.map_or_else(|| "connects".to_owned(), |error| format!("fails: {error}"));
    let agrees = match row.expected.answer {
        "answers" => connects,
        "fails" => !connects,
        _ if row.oracle == Oracle::Connects => {
            return line(said, " (undecided)".to_owned(), !connects);
        }
        _ if row.oracle == Oracle::Fails => return line(said, " (undecided)".to_owned(), connects),
        _ => return line(said, " (undecided: both are right)".to_owned(), false),
    };
    match row.oracle {
        Oracle::Agrees if agrees => line(said, String::new(), false),
        Oracle::Agrees => line(said, " <== disagrees".to_owned(), true),
        Oracle::Differs(reason) if agrees => {
            line(said, format!(" <== agrees, so this no longer applies: {reason}"), true)
        }
        Oracle::Differs(reason) | Oracle::NotAsked(reason) => {
            line(said, format!(" (differs: {reason})"), false)
        }
        Oracle::Connects | Oracle::Fails => {
            line(said, " <== only a row that is undecided says so".to_owned(), true)
        }
    }
}

/// Does what CloudFront does: connects, sends the server name, checks chain and name, and waits
/// for the server's close, since a server of TLS 1.3 can refuse only after the handshake.
async fn connect(
    row: &Row,
    stage: &Stage,
    address: SocketAddr,
    target: &Target,
) -> Result<(), String> {
    let config = config(row, stage, target).map_err(|error| error.to_string())?;
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let connector = TlsConnector::new(config);
    let name = target.server_name.as_str();
    let mut stream = connector.connect(name, stream).await.map_err(|error| format!("{error}"))?;
    let findings = &row.expected.findings;
    let is_refused_later =
        findings.iter().any(|finding| finding.starts_with("client-certificate-required"));
    // In TLS 1.3 the refusal comes after the handshake. A request that crosses it may be answered
    // with a reset, over which the alert is lost.
    if !is_refused_later {
        // A request, and the end of our side: every server answers the one or ends with the other,
        // so that neither side waits.
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.map_err(|error| error.to_string())?;
        stream.flush().await.map_err(|error| error.to_string())?;
        stream.shutdown().await.map_err(|error| error.to_string())?;
    }
    refusal_after_handshake(&mut stream).await
}

/// Reads until the server has ended the connection, and returns the alert with which it did.
async fn refusal_after_handshake(stream: &mut TlsStream<TcpStream>) -> Result<(), String> {
    let reading = async { while matches!(stream.read(&mut [0; 512]).await, Ok(1..)) {} };
    let _ = tokio::time::timeout(AFTERTHOUGHT, reading).await;
    match stream.as_ref().alert() {
        None | Some(CLOSE_NOTIFY) => Ok(()),
        Some(code) => Err(format!("alert {code} after the handshake")),
    }
}

fn config(row: &Row, stage: &Stage, target: &Target) -> Result<Config, s2n_tls::error::Error> {
    let mut config = offering(policy(&row.origin(443)))?;
    config
        .trust_pem(stage.trusted().as_bytes())?
        .set_verify_host_callback(Accepted(target.reference_ids.clone()))?;
    if row.origin_mtls == OriginMtls::Configured {
        let (certificate, key) = stage.client();
        config
            .set_client_auth_type(ClientAuthType::Optional)?
            .load_pem(certificate.as_bytes(), key.as_bytes())?;
    }
    config.build()
}

/// Returns AWS's name for what CloudFront offers from the lowest listed version on.
fn policy(origin: &Origin) -> &'static str {
    match origin.ssl_protocols.listed().iter().find(|one| **one != SslProtocol::SslV3) {
        Some(SslProtocol::TlsV1) => "CloudFront-Upstream-TLS-1-0-2025",
        Some(SslProtocol::TlsV1_1) => "CloudFront-Upstream-TLS-1-1-2025",
        _ => FROM_TLS_1_2,
    }
}
