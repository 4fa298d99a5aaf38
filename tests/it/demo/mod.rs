//! The running demo, as an independent client finds it.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use jiff::Timestamp;
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, Error, PeerIncompatible, PeerMisbehaved, RootCertStore,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

mod dns;
mod pki;
mod scenario;
mod server;
mod visitor;
mod whole;

use origin_probe::demo::{Demo, DemoError, SCENARIOS, Scenario};

fn now() -> Timestamp {
    "2026-08-01T12:34:56.789Z".parse().unwrap()
}

#[derive(Debug)]
struct Frozen(u64);

impl TimeProvider for Frozen {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

/// A strict client at an instant, with the demo's root and nothing else.
fn client(demo: &Demo, at: Timestamp) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(demo.root_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let clock = Arc::new(Frozen(u64::try_from(at.as_second()).unwrap()));
    let config = ClientConfig::builder_with_details(provider, clock)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn resolve(demo: &Demo, domain: &str) -> Vec<IpAddr> {
    let mut connection = ConnectionConfig::udp();
    connection.port = demo.dns().address().port();
    let nameserver = NameServerConfig::new(demo.dns().address().ip(), false, vec![connection]);
    let config = ResolverConfig::from_parts(None, vec![], vec![nameserver]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    match builder.build().unwrap().lookup_ip(format!("{domain}.")).await {
        Ok(lookup) => {
            let mut addresses: Vec<IpAddr> = lookup.iter().collect();
            addresses.sort();
            addresses
        }
        Err(error) => {
            assert!(error.is_nx_domain(), "{domain}: {error}");
            Vec::new()
        }
    }
}

/// One word for what the client meets at one address.
async fn meet(address: SocketAddr, server_name: &str, client: &TlsConnector) -> &'static str {
    let stream = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return "refused",
        Err(error) => panic!("{address}: {error}"),
    };
    let server_name = ServerName::try_from(server_name.to_owned()).unwrap();
    let handshake = client.connect(server_name, stream);
    let Ok(outcome) = tokio::time::timeout(Duration::from_secs(5), handshake).await else {
        return "silence";
    };
    let Err(error) = outcome else { return "sound" };
    match error.get_ref().and_then(|source| source.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(error)) => match error {
            CertificateError::NotValidForNameContext { .. } => "name",
            CertificateError::ExpiredContext { .. } => "expired",
            CertificateError::NotValidYetContext { .. } => "not yet valid",
            CertificateError::UnknownIssuer => "unknown issuer",
            CertificateError::BadSignature => "bad signature",
            CertificateError::Other(_) => "authority as end entity",
            other => panic!("{other:?}"),
        },
        Some(Error::AlertReceived(rustls::AlertDescription::UnrecognisedName)) => "alert 112",
        Some(Error::InvalidMessage(_)) => "no tls",
        Some(Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite)) => "other suite",
        Some(Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)) => "old tls",
        other => panic!("{other:?}"),
    }
}

/// What the client meets under the scenario's domain, address by address.
async fn visit(demo: &Demo, scenario: &Scenario, client: &TlsConnector) -> Vec<&'static str> {
    let server_name = scenario.viewer_hosts.first().unwrap_or(&scenario.domain);
    let port = demo.https_port(scenario.id).unwrap();
    let mut met = Vec::new();
    for ip in resolve(demo, scenario.domain).await {
        met.push(meet(SocketAddr::new(ip, port), server_name, client).await);
    }
    met
}

#[tokio::test]
async fn every_scenario_is_what_its_story_says() {
    let demo = Demo::start(now()).await.unwrap();
    let client = client(&demo, demo.started_at());
    let expected: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("load-balancers-own-name", vec!["name"]),
        ("host-forwarded", vec!["sound"]),
        ("repaired-by-custom-domain", vec!["sound"]),
        ("healthy", vec!["sound"]),
        ("healthy-dualstack", vec!["sound", "sound"]),
        ("expiring-in-ten-days", vec!["sound"]),
        ("host-not-in-certificate", vec!["name"]),
        ("expired", vec!["expired"]),
        ("not-yet-valid", vec!["not yet valid"]),
        ("self-signed", vec!["authority as end entity"]),
        ("expired-and-self-signed", vec!["expired"]),
        ("missing-intermediate", vec!["unknown issuer"]),
        ("wrong-order", vec!["sound"]),
        ("intermediate-expired", vec!["expired"]),
        ("untrusted-root", vec!["unknown issuer"]),
        ("key-mismatch", vec!["bad signature"]),
        ("one-of-three-expired", vec!["sound", "expired", "sound"]),
        ("one-of-three-refused", vec!["sound", "refused", "sound"]),
        ("unknown-server-name-refused", vec!["alert 112"]),
        ("nothing-listening", vec!["refused"]),
        ("unresolvable", vec![]),
        // What CloudFront does not offer, rustls does; and the other way round.
        ("cbc-only", vec!["other suite"]),
        ("chacha20-only", vec!["sound"]),
        ("tls-1-1-only", vec!["old tls"]),
        ("plain-http-on-443", vec!["no tls"]),
    ]);
    let mut met = BTreeMap::new();
    // Waiting for silence takes its time, and is tested with the scripts.
    for scenario in demo.scenarios().filter(|scenario| scenario.id != "silent") {
        met.insert(scenario.id, visit(&demo, scenario, &client).await);
    }
    for left_out in demo.left_out() {
        met.insert(left_out.scenario.id, expected[left_out.scenario.id].clone());
    }
    assert_eq!(met, expected);
}

#[tokio::test]
async fn what_answers_does_so_until_the_very_second() {
    let demo = Demo::start(now()).await.unwrap();
    for scenario in demo.scenarios() {
        let Some(days) = scenario.answers_for_days else { continue };
        // The name is wrong all the time there, and only a notice; and rustls speaks no CBC.
        if ["host-not-in-certificate", "cbc-only"].contains(&scenario.id) {
            continue;
        }
        let last = demo.started_at() + jiff::SignedDuration::from_hours(24 * days);
        for (at, outcome) in
            [(last, "sound"), (last + jiff::SignedDuration::from_secs(1), "expired")]
        {
            let met = visit(&demo, scenario, &client(&demo, at)).await;
            assert!(met.iter().all(|met| *met == outcome), "{}: {met:?}", scenario.id);
        }
    }
}

#[tokio::test]
async fn every_scenario_runs_or_is_left_out_for_want_of_an_address() {
    let demo = Demo::start(now()).await.unwrap();
    assert_eq!(demo.scenarios().count() + demo.left_out().len(), SCENARIOS.len());
    for left_out in demo.left_out() {
        // There is no such address on this machine.
        let DemoError::Listen { address, .. } = &left_out.reason else { panic!("{left_out:?}") };
        assert_ne!(address.ip(), IpAddr::V4(Ipv4Addr::LOCALHOST), "{left_out:?}");
    }
    assert_eq!(demo.started_at().to_string(), "2026-08-01T12:34:56Z");
    assert_eq!(demo.https_port("no-such-scenario"), None);
}

#[tokio::test]
async fn the_first_three_origins_are_one_load_balancer() {
    let demo = Demo::start(now()).await.unwrap();
    let ports = ["load-balancers-own-name", "host-forwarded", "repaired-by-custom-domain"]
        .map(|id| demo.https_port(id).unwrap());
    assert!(ports.iter().all(|port| *port == ports[0]), "{ports:?}");
}

#[tokio::test]
async fn the_configuration_is_yaml_that_names_every_origin() {
    let demo = Demo::start(now()).await.unwrap();
    let listen = "127.0.0.1:10502".parse().unwrap();
    let yaml = demo.config_yaml(listen, Path::new("/tmp/a \"root\".pem"));
    let mut config: Value = serde_saphyr::from_str(&yaml).unwrap();
    let origins = config["origins"].take();
    assert_eq!(
        config,
        json!({
            "web": {"listen": "127.0.0.1:10502"},
            "probe": {"interval": "15s", "handshake_timeout": "3s"},
            "resolver": {"nameservers": [demo.dns().address().to_string()]},
            "trust_anchors": {"mozilla": false, "extra": ["/tmp/a \"root\".pem"]},
            "reachability": {"assume_public": ["127.0.0.0/8", "::1/128"]},
            "origins": null,
        })
    );
    let expected = demo.scenarios().map(|scenario| {
        let mut origin = json!({
            "id": scenario.id,
            "domain": scenario.domain,
            "https_port": demo.https_port(scenario.id),
        });
        if !scenario.viewer_hosts.is_empty() {
            origin["viewer_hosts"] = json!(scenario.viewer_hosts);
        }
        if scenario.id == "healthy-dualstack" {
            origin["ip_address_type"] = json!("dualstack");
        }
        origin
    });
    assert_eq!(origins, Value::Array(expected.collect()));
}
