//! Servers that misbehave below the certificate, each through a real socket: a finding within the
//! deadline, and never more than it deserves.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::ClosedPort;
use origin_probe::demo::dns::DnsServer;
use origin_probe::demo::script::{
    AfterFlight, Choosy, Demand, Flight, FlightPart, Script, ScriptServer,
};
use origin_probe::demo::server::{
    Certificates, ClientAuthentication, TlsServer, TlsServerOptions, TlsVersions,
};
use origin_probe::origin::{Origin, OriginMtls, ProberConfig, SslProtocol, SslProtocols, Target};
use origin_probe::probe::Prober;
use origin_probe::report::Report;
use tokio::net::{TcpSocket, TcpStream};

use crate::common::stage::{Ca, LOOPBACK, dns, probed, scripted};
use crate::common::{self, Found, answers, fails, found, undecided};

const DOMAIN: &str = "origin.example.com";

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// A CA, a DNS server that knows one domain, and a prober that trusts the one and asks the other.
struct Stage {
    ca: Ca,
    _dns: DnsServer,
    prober: Prober,
}

impl Stage {
    async fn set() -> Self {
        Self::with(|asking| ProberConfig { handshake_timeout: Duration::from_secs(3), ..asking })
            .await
    }

    /// Sets up a prober that waits two seconds at most, and for a handshake longer than that.
    async fn hasty() -> Self {
        let deadline = Duration::from_secs(2);
        Self::with(|asking| ProberConfig { handshake_timeout: LONG, deadline, ..asking }).await
    }

    /// Sets up a prober that has one socket for each address.
    async fn narrow(handshake_timeout: Duration, deadline: Duration) -> Self {
        let narrow =
            |asking| ProberConfig { handshake_timeout, deadline, per_address: 1, ..asking };
        Self::with(narrow).await
    }

    async fn with(config: impl FnOnce(ProberConfig) -> ProberConfig) -> Self {
        let (ca, dns) = (Ca::new(now()), dns(&[DOMAIN]).await);
        let config = config(common::asking(vec![dns.address()]));
        let prober = common::prober_with(config, &ca.root.pem());
        Self { ca, _dns: dns, prober }
    }

    async fn probe(&self, origin: Origin) -> Report {
        probed(&self.prober, Arc::new(origin), now()).await
    }

    async fn probe_port(&self, port: u16) -> Report {
        self.probe(common::origin(DOMAIN, port)).await
    }

    /// Probes a server that does as a script says.
    async fn probe_script(&self, script: Script) -> Report {
        self.probe_port(scripted(script).await.address().port()).await
    }

    /// Returns a server's options: a sound certificate for everyone.
    fn options(&self) -> TlsServerOptions {
        self.ca.options(&[DOMAIN])
    }

    async fn serve(&self, options: TlsServerOptions) -> TlsServer {
        TlsServer::start(LOOPBACK, 0, &options).await.unwrap()
    }
}

/// Starts a server that lets only those pass on to `behind` who meet a demand.
async fn choosy(demand: Demand, otherwise: Script, behind: std::net::SocketAddr) -> ScriptServer {
    let (demands, otherwise) = (vec![demand], Box::new(otherwise));
    scripted(Script::Choosy(Choosy { demands, otherwise, retry: None, behind })).await
}

/// Each script and what is to be said of it.
fn scripts() -> Vec<(Script, Found)> {
    let closed = || fails(&["connection-closed fails"], 502);
    let too_long = || undecided(&["chain-too-long may-fail"], "undocumented");
    let alert = |code| Script::Alert { level: 2, code };
    let hello = FlightPart::ServerHello { version: 0x0303, cipher_suite: 0xc02b };
    let closing = |parts| Flight { then: AfterFlight::Closes, ..Flight::new(0x0303, parts) };
    let no_certificate = closing(vec![hello.clone(), FlightPart::Certificate(Vec::new())]);
    let many = FlightPart::Certificate(vec![vec![0x30; 500]; 200]);
    let mut table = vec![
        (Script::CloseOnAccept, closed()),
        (Script::CloseAfterClientHello, closed()),
        (Script::ResetAfterClientHello, closed()),
        (Script::Flight(closing(vec![hello.clone()])), fails(&["connection-closed fails"], 502)),
        (Script::PlainHttp, fails(&["not-tls fails"], 502)),
        (Script::SmtpBanner, fails(&["not-tls fails"], 502)),
        (Script::Garbage, fails(&["not-tls fails"], 502)),
        (Script::Bytes(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()), fails(&["not-tls fails"], 502)),
        (Script::Silence, fails(&["handshake-timed-out fails"], 504)),
        (Script::DripOneByteASecond, fails(&["handshake-timed-out fails"], 504)),
        (alert(112), fails(&["server-name-refused fails"], 502)),
        (alert(49), fails(&["handshake-refused fails"], 502)),
        (alert(86), fails(&["handshake-refused fails"], 502)),
        // Reads as an empty list only once the message is complete; then nothing follows.
        (Script::Flight(no_certificate), fails(&["connection-closed fails"], 502)),
        (Script::Flight(Flight::new(0x0303, vec![hello, many])), too_long()),
        (Script::EndlessMessage, too_long()),
    ];
    table.push((alert(70), fails(&["no-shared-protocol-version fails"], 502)));
    for code in [40, 47, 50, 71, 80, 109, 110, 120] {
        table.push((alert(code), fails(&["handshake-refused fails"], 502)));
    }
    table
}

#[tokio::test]
async fn every_misbehaviour_is_a_finding_and_no_more_than_it_deserves() {
    let stage = Stage::set().await;
    for (script, expected) in scripts() {
        let report = stage.probe_script(script.clone()).await;
        assert_eq!(found(&report), expected, "{script:?}: {:#?}", report.verdict.findings);
    }
}

#[tokio::test]
async fn records_with_nothing_in_them_end_in_a_finding() {
    let stage = Stage::set().await;
    let flight = Flight::new(0x0303, vec![FlightPart::EmptyRecords(10_000)]);
    let report = stage.probe_script(Script::Flight(flight)).await;
    // Whether the library counts them or runs out of time, it is one finding.
    assert_eq!(found(&report).findings.len(), 1, "{:#?}", report.verdict.findings);
}

#[tokio::test]
async fn a_reset_in_the_same_instant_is_a_refusal_or_a_close() {
    let stage = Stage::set().await;
    let report = stage.probe_script(Script::ResetOnAccept).await;
    let closed = fails(&["connection-closed fails"], 502);
    let refused = fails(&["connection-refused fails"], 502);
    let found = found(&report);
    assert!(found == closed || found == refused, "{found:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_tried_as_often_as_cloudfront_would() {
    let stage = Stage::set().await;
    let closed = ClosedPort::bind(LOOPBACK, 0).unwrap();
    let report = stage.probe_port(closed.address().port()).await;
    assert_eq!(found(&report), fails(&["connection-refused fails"], 502));
    let detail = &report.verdict.findings[0].detail;
    assert!(detail.contains("refused (3 attempts)"), "{detail}");
}

#[tokio::test]
async fn a_healthy_origin_sees_one_connection_and_the_right_server_name() {
    let stage = Stage::set().await;
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let server = stage.serve(TlsServerOptions { versions, ..stage.options() }).await;
        let report = stage.probe_port(server.address().port()).await;
        assert_eq!(found(&report), answers(&[]), "{versions:?}");
        assert_eq!(server.connections(), 1);
        assert!(server.server_names().contains_key(&Some(DOMAIN.to_owned())));
    }
}

#[tokio::test]
async fn what_cloudfront_does_not_offer_is_not_offered() {
    let stage = Stage::set().await;
    // ChaCha20 in TLS 1.2, and P-521 and ML-KEM groups: rustls could, CloudFront cannot.
    let fault = || fails(&["no-shared-cipher-suite fails"], 502);
    let unknown = || undecided(&["no-shared-group may-fail"], "undocumented");
    for (cipher_suites, groups, versions, expected) in [
        (vec![0xcca9, 0xcca8], Vec::new(), TlsVersions::Tls12, fault()),
        (Vec::new(), vec![0x11ec], TlsVersions::Tls13, unknown()),
    ] {
        let options = TlsServerOptions { versions, cipher_suites, groups, ..stage.options() };
        let server = stage.serve(options.clone()).await;
        let report = stage.probe_port(server.address().port()).await;
        assert_eq!(found(&report), expected, "{options:?}");
    }
}

#[tokio::test]
async fn a_demanded_client_certificate_fails_and_a_requested_one_may() {
    let stage = Stage::set().await;
    let authority = stage.ca.root.der();
    let asked = ClientAuthentication::Asked { authority: authority.clone() };
    let required = ClientAuthentication::Required { authority };
    let must = || fails(&["client-certificate-required fails"], 502);
    let may = || undecided(&["client-certificate-requested may-fail"], "undocumented");
    for (versions, client_authentication, expected) in [
        (TlsVersions::Tls12, required.clone(), must()),
        (TlsVersions::Tls13, required, must()),
        (TlsVersions::Tls12, asked.clone(), may()),
        (TlsVersions::Tls13, asked, may()),
    ] {
        let options = TlsServerOptions { versions, client_authentication, ..stage.options() };
        let server = stage.serve(options.clone()).await;
        let port = server.address().port();
        assert_eq!(found(&stage.probe_port(port).await), expected, "{options:?}");
        let origin = common::origin(DOMAIN, port);
        let with_mtls = Origin { origin_mtls: OriginMtls::Configured, ..origin };
        assert_eq!(found(&stage.probe(with_mtls).await), answers(&[]), "{options:?}");
    }
}

#[tokio::test]
async fn an_empty_certificate_list_is_no_certificate() {
    let stage = Stage::set().await;
    let mut served = stage.ca.served(&[DOMAIN]);
    served.chain.clear();
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let options = TlsServerOptions::new(Certificates::for_everyone(served.clone()));
        let server = stage.serve(TlsServerOptions { versions, ..options }).await;
        let report = stage.probe_port(server.address().port()).await;
        assert_eq!(found(&report), fails(&["no-certificate fails"], 502), "{versions:?}");
    }
}

#[tokio::test]
async fn an_origin_that_allows_only_sslv3_gets_a_hello_of_sslv3() {
    let stage = Stage::set().await;
    let server = stage.serve(stage.options()).await;
    let ssl_protocols = SslProtocols::new(vec![SslProtocol::SslV3]).unwrap();
    let origin = Origin { ssl_protocols, ..common::origin(DOMAIN, server.address().port()) };
    let expected = fails(&["no-shared-protocol-version fails"], 502);
    let report = stage.probe(origin).await;
    assert_eq!(found(&report), expected);
    let detail = &report.verdict.findings[0].detail;
    assert!(detail.contains("the highest version that it supports is TLSv1.3"), "{detail}");
}

#[tokio::test]
async fn finding_out_more_ends_with_the_deadline() {
    let stage = Stage::hasty().await;
    let silent = scripted(Script::Silence).await;
    // Whoever offers CBC, as only the second hello does, is left waiting.
    let refusal = Script::Alert { level: 2, code: 40 };
    let server = choosy(Demand::CipherSuite(vec![0xc013]), refusal, silent.address()).await;
    let report = stage.probe_port(server.address().port()).await;
    let took = report.observation.duration;
    let expected = undecided(&["address-not-probed notice"], "not-enough-time");
    assert_eq!(found(&report), expected, "{:#?}", report.verdict.findings);
    // A handshake may take ten minutes here; the deadline is two seconds.
    assert!(took < LONG / 10, "{took:?}");
}

#[tokio::test]
async fn what_waits_behind_a_hanging_origin_has_its_full_time_and_no_more_than_that() {
    let silent = scripted(Script::Silence).await;
    let (patience, deadline) = (Duration::from_secs(2), Duration::from_secs(3));
    let stage = Stage::narrow(patience, deadline).await;
    let probe = || stage.probe_port(silent.address().port());
    // The first one leaves the second less than a handshake's time until the deadline; the third
    // one has no socket before it.
    let (first, second, third) = tokio::join!(probe(), probe(), probe());
    let mut all = [first, second, third];
    all.sort_by_key(|report| report.observation.endpoints[0].handshake.handshake_time.is_none());
    let took = all.each_ref().map(|report| report.observation.duration);
    let found = all.map(|report| found(&report));
    let hangs = || fails(&["handshake-timed-out fails"], 504);
    let waits = undecided(&["address-not-probed notice"], "not-enough-time");
    assert_eq!(found, [hangs(), hangs(), waits], "{took:?}");
}

#[tokio::test]
async fn a_handshake_that_is_cut_short_proves_nothing_whatever_has_arrived() {
    let stage = Stage::narrow(LONG, Duration::from_secs(2)).await;
    for script in [Script::Silence, Script::DripOneByteASecond] {
        let report = stage.probe_script(script.clone()).await;
        let expected = undecided(&["address-not-probed notice"], "not-enough-time");
        assert_eq!(found(&report), expected, "{script:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_short_proves_nothing_at_any_attempt() {
    let stage = Stage::narrow(Duration::from_secs(3), Duration::from_secs(3)).await;
    // Connections beyond the backlog are neither taken nor refused.
    let full = TcpSocket::new_v4().unwrap();
    full.bind((LOOPBACK, 0).into()).unwrap();
    let full = full.listen(1).unwrap();
    let port = full.local_addr().unwrap().port();
    let mut waiting = Vec::new();
    let connect =
        || tokio::time::timeout(Duration::from_millis(200), TcpStream::connect((LOOPBACK, port)));
    while let Ok(Ok(connection)) = connect().await {
        waiting.push(connection);
    }
    let out_of_time = || undecided(&["address-not-probed notice"], "not-enough-time");
    for (attempts, seconds, expected) in [
        (1, 10, out_of_time()),
        // The second attempt has half of its time.
        (3, 2, out_of_time()),
        (2, 1, fails(&["connection-timed-out fails"], 504)),
    ] {
        let origin = Origin {
            connection_attempts: attempts,
            connection_timeout: Duration::from_secs(seconds),
            ..common::origin(DOMAIN, port)
        };
        let report = stage.probe(origin).await;
        assert_eq!(found(&report), expected, "{attempts} times {seconds} s");
    }
}

#[tokio::test]
async fn a_server_name_that_is_not_reached_in_time_is_undecided_beside_one_that_answers() {
    let stage = Stage::hasty().await;
    let server = stage.serve(stage.options()).await;
    let demand = Demand::ServerName("a.example.com".to_owned());
    let choosy = choosy(demand, Script::Silence, server.address()).await;
    let mut origin = common::origin(DOMAIN, choosy.address().port());
    let domain = origin.domain().clone();
    let target = |name: &str| Target::forwarded(&name.parse().unwrap(), &domain);
    origin.targets = ["a.example.com", "b.example.com"].map(target).to_vec();
    let report = stage.probe(origin).await;
    let findings = ["address-not-probed notice", "host-not-in-certificate notice"];
    let expected = undecided(&findings, "not-enough-time");
    assert_eq!(found(&report), expected);
    let of_names: Vec<&str> =
        report.verdict.targets.iter().map(|conclusion| conclusion.answer.as_str()).collect();
    assert_eq!(of_names, ["answers", "undecided"]);
}
