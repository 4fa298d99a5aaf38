//! What a real resolver makes of the server.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;

use origin_probe::demo::DemoError;
use origin_probe::demo::dns::{DnsRecord, DnsServer};

#[derive(Clone, Copy, Debug)]
enum Protocol {
    Udp,
    Tcp,
}

fn resolver(server: &DnsServer, protocols: &[Protocol], patience: Duration) -> TokioResolver {
    let connections = protocols.iter().map(|protocol| {
        let mut connection = match protocol {
            Protocol::Udp => ConnectionConfig::udp(),
            Protocol::Tcp => ConnectionConfig::tcp(),
        };
        connection.port = server.address().port();
        connection
    });
    let nameserver = NameServerConfig::new(server.address().ip(), false, connections.collect());
    let config = ResolverConfig::from_parts(None, vec![], vec![nameserver]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    builder.options_mut().cache_size = 0;
    builder.options_mut().attempts = 1;
    builder.options_mut().timeout = patience;
    builder.build().unwrap()
}

const SILENT: &str = "silent.example.";

/// One line for what came back.
async fn ask(server: &DnsServer, protocol: Protocol, name: &str, kind: RecordType) -> String {
    // Only who waits for silence has to be impatient.
    let patience = Duration::from_millis(if name == SILENT { 50 } else { 10_000 });
    match resolver(server, &[protocol], patience).lookup(name, kind).await {
        Ok(lookup) => lookup
            .answers()
            .iter()
            .map(|record| format!("{} {} {}", record.name, record.ttl, record.data))
            .collect::<Vec<_>>()
            .join(", "),
        Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
            ResponseCode::NXDomain => format!("nxdomain for {:?}", none.negative_ttl),
            ResponseCode::NoError => format!("nodata for {:?}", none.negative_ttl),
            other => other.to_string(),
        },
        Err(NetError::Dns(DnsError::ResponseCode(code))) => format!("{code:?}"),
        Err(NetError::Timeout) => "silence".to_owned(),
        Err(other) => panic!("{other:?}"),
    }
}

async fn server() -> DnsServer {
    let both = DnsRecord::Addresses {
        v4: vec![Ipv4Addr::new(127, 0, 0, 1), Ipv4Addr::new(127, 0, 0, 2)],
        v6: vec!["::1".parse().unwrap()],
        ttl_seconds: 7,
    };
    DnsServer::start([
        ("both.example", both),
        ("v4.example", DnsRecord::v4([Ipv4Addr::LOCALHOST])),
        ("alias.example", DnsRecord::Cname { target: "both.example".to_owned(), ttl_seconds: 3 }),
        ("dangling.example", DnsRecord::cname("gone.example")),
        ("loop.example", DnsRecord::cname("loop-back.example")),
        ("loop-back.example", DnsRecord::cname("loop.example")),
        ("empty.example", DnsRecord::NoData),
        ("gone.example", DnsRecord::NameError),
        ("broken.example", DnsRecord::ServerFailure),
        ("refused.example", DnsRecord::Refused),
        ("broken-alias.example", DnsRecord::cname("broken.example")),
    ])
    .await
    .unwrap()
}

#[tokio::test]
async fn each_record_is_answered_as_it_says() {
    let server = server().await;
    for (name, kind, answer) in [
        ("both.example.", RecordType::A, "both.example. 7 127.0.0.1, both.example. 7 127.0.0.2"),
        ("BOTH.example.", RecordType::AAAA, "both.example. 7 ::1"),
        ("v4.example.", RecordType::A, "v4.example. 60 127.0.0.1"),
        ("v4.example.", RecordType::AAAA, "nodata for Some(5)"),
        ("alias.example.", RecordType::AAAA, "alias.example. 3 both.example., both.example. 7 ::1"),
        ("alias.example.", RecordType::CNAME, "alias.example. 3 both.example."),
        ("dangling.example.", RecordType::A, "nxdomain for Some(5)"),
        ("loop.example.", RecordType::A, "nodata for None"),
        ("empty.example.", RecordType::A, "nodata for Some(5)"),
        ("gone.example.", RecordType::A, "nxdomain for Some(5)"),
        ("never-heard-of.example.", RecordType::A, "nxdomain for Some(5)"),
        ("broken.example.", RecordType::A, "ServFail"),
        ("broken-alias.example.", RecordType::A, "ServFail"),
        ("refused.example.", RecordType::A, "Refused"),
        (".", RecordType::NS, ". 5 dns.demo-authority.example."),
        (".", RecordType::A, "nodata for Some(5)"),
    ] {
        for protocol in [Protocol::Udp, Protocol::Tcp] {
            let given = ask(&server, protocol, name, kind).await;
            assert_eq!(given, answer, "{name} {kind} {protocol:?}");
        }
    }
}

#[tokio::test]
async fn the_root_says_that_the_server_is_alive() {
    let server = DnsServer::start([]).await.unwrap();
    let answer = ask(&server, Protocol::Udp, ".", RecordType::SOA).await;
    assert!(answer.starts_with(". 5 dns.demo-authority.example."), "{answer}");
    assert_eq!(server.questions("."), 1);
}

#[tokio::test]
async fn silence_is_no_answer_over_either_protocol() {
    let server = DnsServer::start([(SILENT, DnsRecord::Silence)]).await.unwrap();
    for protocol in [Protocol::Udp, Protocol::Tcp] {
        let answer = ask(&server, protocol, SILENT, RecordType::A).await;
        assert_eq!(answer, "silence", "{protocol:?}");
    }
    assert!(server.questions(SILENT) >= 2);
}

#[tokio::test]
async fn questions_are_counted_by_name() {
    let server = server().await;
    for name in ["v4.example.", "V4.Example.", "absent.example."] {
        ask(&server, Protocol::Udp, name, RecordType::A).await;
    }
    let counted =
        ["v4.example", "absent.example.", "both.example", ".."].map(|name| server.questions(name));
    assert_eq!(counted, [2, 1, 0, 0]);
}

#[tokio::test]
async fn a_record_can_change_while_the_server_runs() {
    let server = DnsServer::start([("a.example", DnsRecord::NameError)]).await.unwrap();
    let asked = async || ask(&server, Protocol::Udp, "a.example.", RecordType::A).await;
    assert_eq!(asked().await, "nxdomain for Some(5)");
    server.set("a.example", DnsRecord::v4([Ipv4Addr::LOCALHOST])).unwrap();
    assert_eq!(asked().await, "a.example. 60 127.0.0.1");
}

#[tokio::test]
async fn an_answer_too_long_for_udp_comes_over_tcp() {
    let many: Vec<Ipv4Addr> = (1..=200).map(|last| Ipv4Addr::new(127, 0, 1, last)).collect();
    let record = DnsRecord::Addresses { v4: many.clone(), v6: vec![], ttl_seconds: 60 };
    let server = DnsServer::start([("many.example", record)]).await.unwrap();
    let resolver = resolver(&server, &[Protocol::Udp, Protocol::Tcp], Duration::from_secs(5));
    let lookup = resolver.lookup_ip("many.example.").await.unwrap();
    let mut given: Vec<IpAddr> = lookup.iter().collect();
    given.sort();
    assert_eq!(given, many.into_iter().map(IpAddr::V4).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let long = "a".repeat(64);
    for (name, record) in
        [("a..example", DnsRecord::NoData), ("a.example", DnsRecord::cname(&long))]
    {
        let error = DnsServer::start([(name, record)]).await.unwrap_err();
        assert!(matches!(&error, DemoError::DnsName { name: said, .. } if said == name), "{error}");
    }
}
