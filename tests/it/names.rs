//! From a name to addresses, through real DNS: what the domain's own fault is, what the
//! nameserver's, and whose view counts.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::common::loopback::{DOMAIN, end_entity, now, probe, serve_below};
use crate::common::{answers, fails, found, undecided};
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, Window};
use origin_probe::demo::server::TlsServer;
use origin_probe::observation::NameserverState;
use origin_probe::origin::{IpAddressType, Origin, ProberConfig};
use origin_probe::probe::ProbeOptions;
use origin_probe::report::Report;
use origin_probe::resolve::Freshness;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::task::JoinSet;

/// A healthy server for [`DOMAIN`] on 127.0.0.1.
struct Stage {
    root: Authority,
    server: TlsServer,
}

impl Stage {
    async fn set() -> Self {
        let root = Authority::root("Test Root", Window::days(-1000..3000, now())).unwrap();
        let server = serve_below(root.issue(&end_entity(-20..70)).unwrap(), &[]).await;
        Self { root, server }
    }

    async fn probe(
        &self,
        nameserver: &DnsServer,
        confirm_with: Option<&DnsServer>,
        ip_address_type: IpAddressType,
    ) -> Report {
        let confirm_with = confirm_with.map(DnsServer::address).into_iter().collect();
        let config = ProberConfig { confirm_with, ..asking(vec![nameserver.address()]) };
        self.probe_with(config, ip_address_type).await
    }

    async fn probe_with(&self, config: ProberConfig, ip_address_type: IpAddressType) -> Report {
        let prober = crate::common::prober_with(config, &self.root.pem());
        let origin = Origin {
            ip_address_type,
            ..crate::common::origin(DOMAIN, self.server.address().port())
        };
        probe(&prober, origin).await
    }
}

fn asking(nameservers: Vec<SocketAddr>) -> ProberConfig {
    ProberConfig {
        dns_timeout: Duration::from_millis(300),
        handshake_timeout: Duration::from_secs(5),
        ..crate::common::asking(nameservers)
    }
}

async fn dns(records: Vec<(&str, DnsRecord)>) -> DnsServer {
    let server = DnsServer::start([]).await.unwrap();
    for (name, record) in records {
        server.set(name, record).unwrap();
    }
    server
}

fn here() -> DnsRecord {
    DnsRecord::v4([Ipv4Addr::LOCALHOST])
}

#[tokio::test]
async fn each_answer_of_dns_has_its_meaning() {
    let stage = Stage::set().await;
    let unresolvable = || fails(&["origin-domain-unresolvable fails"], 502);
    let unusable = || fails(&["no-usable-address fails"], 502);
    let own_address = |address: [u8; 4]| DnsRecord::v4([Ipv4Addr::from(address)]);
    let not_public = || fails(&["address-not-public fails"], 504);
    use IpAddressType::{Dualstack, Ipv4, Ipv6};
    for (story, records, family, expected) in [
        ("an address", vec![(DOMAIN, here())], Ipv4, answers(&[])),
        ("A for dualstack", vec![(DOMAIN, here())], Dualstack, answers(&[])),
        ("A for ipv6", vec![(DOMAIN, here())], Ipv6, unusable()),
        ("no record", vec![(DOMAIN, DnsRecord::NoData)], Ipv4, unusable()),
        ("no such name", vec![], Ipv4, unresolvable()),
        (
            "an alias",
            vec![(DOMAIN, DnsRecord::cname("a.example.com")), ("a.example.com", here())],
            Ipv4,
            answers(&[]),
        ),
        (
            "an alias to nothing",
            vec![(DOMAIN, DnsRecord::cname("a.example.com"))],
            Ipv4,
            unresolvable(),
        ),
        (
            "aliases in a circle",
            vec![
                (DOMAIN, DnsRecord::cname("a.example.com")),
                ("a.example.com", DnsRecord::cname(DOMAIN)),
            ],
            Ipv4,
            unresolvable(),
        ),
        // The nameserver answers for the root, so it is alive, and the domain is at fault.
        ("SERVFAIL", vec![(DOMAIN, DnsRecord::ServerFailure)], Ipv4, unresolvable()),
        ("REFUSED", vec![(DOMAIN, DnsRecord::Refused)], Ipv4, unresolvable()),
        ("no answer for this name", vec![(DOMAIN, DnsRecord::Silence)], Ipv4, unresolvable()),
        (
            "no answer at all",
            vec![(DOMAIN, DnsRecord::Silence), (".", DnsRecord::Silence)],
            Ipv4,
            undecided(&["origin-domain-unresolvable may-fail"], "resolver-silent"),
        ),
        ("a private address", vec![(DOMAIN, own_address([10, 0, 0, 1]))], Ipv4, not_public()),
        (
            "the metadata service",
            vec![(DOMAIN, own_address([169, 254, 169, 254]))],
            Ipv4,
            not_public(),
        ),
        (
            "a public and a private one",
            vec![(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST, Ipv4Addr::new(10, 0, 0, 1)]))],
            Ipv4,
            not_public(),
        ),
    ] {
        let dns = dns(records).await;
        let report = stage.probe(&dns, None, family).await;
        assert_eq!(found(&report), expected, "{story}: {:#?}", report.verdict.findings);
    }
}

#[tokio::test]
async fn a_long_chain_of_aliases_is_no_circle_and_their_number_is_told() {
    let stage = Stage::set().await;
    let unsettled = || undecided(&["origin-domain-unresolvable may-fail"], "undocumented");
    for (aliases, expected, told) in [
        (16, answers(&[]), None),
        (17, unsettled(), Some("17 CNAME records")),
        (64, unsettled(), Some("64 CNAME records")),
        (70, unsettled(), Some("more than 64 CNAME records")),
    ] {
        let names: Vec<String> = (1..=aliases).map(|n| format!("a{n}.example.com")).collect();
        let owners = std::iter::once(DOMAIN).chain(names.iter().map(String::as_str));
        let mut records: Vec<(&str, DnsRecord)> =
            owners.zip(&names).map(|(owner, target)| (owner, DnsRecord::cname(target))).collect();
        records.push((names.last().unwrap(), here()));
        let dns = dns(records).await;
        let report = stage.probe(&dns, None, IpAddressType::Ipv4).await;
        assert_eq!(found(&report), expected, "{aliases}: {:#?}", report.verdict.findings);
        let details: Vec<&str> = report.verdict.findings.iter().map(|f| &*f.detail).collect();
        match told {
            Some(told) => assert!(details[0].contains(told), "{details:?}"),
            None => assert_eq!(details, [""; 0]),
        }
    }
}

#[tokio::test]
async fn what_dns_does_not_have_is_told_with_the_nameserver() {
    let stage = Stage::set().await;
    for record in [
        DnsRecord::NameError,
        DnsRecord::NoData,
        DnsRecord::cname("nowhere.example.com"),
        DnsRecord::cname(DOMAIN),
        DnsRecord::ServerFailure,
        DnsRecord::Refused,
        DnsRecord::Silence,
    ] {
        let dns = dns(vec![(DOMAIN, record.clone())]).await;
        let report = stage.probe(&dns, None, IpAddressType::Ipv4).await;
        let details: Vec<&str> = report.verdict.findings.iter().map(|f| &*f.detail).collect();
        let [detail] = details[..] else { panic!("{record:?}: {details:?}") };
        assert!(detail.contains(&dns.address().to_string()), "{record:?}: {detail}");
    }
}

/// What a nameserver does by TCP whose every answer by UDP but that for the root is truncated.
#[derive(Clone, Copy, Debug)]
enum ByTcp {
    Refuses,
    Closes,
    AnswersForTheRootOnly,
}

/// Serves both transports on one port until the returned tasks are dropped.
async fn truncating_nameserver(by_tcp: ByTcp) -> (SocketAddr, JoinSet<()>) {
    let (udp, tcp) = loop {
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, asker)) = udp.recv_from(&mut buffer).await {
            let question = &buffer[..length];
            let flags = if is_for_the_root(question) { [0x80, 0] } else { [0x82, 0] };
            udp.send_to(&answer(question, flags), asker).await.unwrap();
        }
    });
    tasks.spawn(async move {
        if let ByTcp::Refuses = by_tcp {
            // The port is held, so that nothing else listens there.
            let _held = tcp;
            return std::future::pending().await;
        }
        let tcp = tcp.listen(64).unwrap();
        while let Ok((mut stream, _)) = tcp.accept().await {
            let length = stream.read_u16().await.unwrap();
            let mut question = vec![0; usize::from(length)];
            stream.read_exact(&mut question).await.unwrap();
            if let ByTcp::AnswersForTheRootOnly = by_tcp
                && is_for_the_root(&question)
            {
                let answer = answer(&question, [0x80, 0]);
                stream.write_u16(answer.len().try_into().unwrap()).await.unwrap();
                stream.write_all(&answer).await.unwrap();
            }
        }
    });
    (address, tasks)
}

/// The name begins after the header; that of the root has no label.
fn is_for_the_root(question: &[u8]) -> bool {
    question[12] == 0
}

/// Returns an answer of no records; the flags are QR, and TC where there would be more.
fn answer(question: &[u8], flags: [u8; 2]) -> Vec<u8> {
    let mut answer = question.to_vec();
    answer[2..4].copy_from_slice(&flags);
    answer
}

#[tokio::test]
async fn a_truncated_answer_that_does_not_come_by_tcp_is_undecided_unless_others_do() {
    let stage = Stage::set().await;
    for (by_tcp, expected) in [
        (ByTcp::Refuses, undecided(&["origin-domain-unresolvable may-fail"], "resolver-silent")),
        (ByTcp::Closes, undecided(&["origin-domain-unresolvable may-fail"], "resolver-silent")),
        (ByTcp::AnswersForTheRootOnly, fails(&["origin-domain-unresolvable fails"], 502)),
    ] {
        let (address, _tasks) = truncating_nameserver(by_tcp).await;
        let dns_timeout = Duration::from_secs(5);
        let config = ProberConfig { dns_timeout, ..asking(vec![address]) };
        let report = stage.probe_with(config, IpAddressType::Ipv4).await;
        assert_eq!(found(&report), expected, "{by_tcp:?}: {:#?}", report.verdict.findings);
    }
}

#[tokio::test]
async fn nothing_is_advised_that_would_not_help() {
    let stage = Stage::set().await;
    for (record, root, expected) in [
        (
            DnsRecord::Silence,
            Some(DnsRecord::Silence),
            "Make the nameservers that this prober uses",
        ),
        (DnsRecord::Silence, None, "Make the origin domain resolve in public DNS"),
        (
            DnsRecord::v4([Ipv4Addr::new(10, 0, 0, 1)]),
            None,
            "declare its network public with reachability.assume_public.",
        ),
        (
            DnsRecord::v4([Ipv4Addr::new(169, 254, 169, 254)]),
            None,
            "to a public address, or use a VPC origin.",
        ),
    ] {
        let records = [Some((DOMAIN, record)), root.map(|root| (".", root))];
        let dns = dns(records.into_iter().flatten().collect()).await;
        let report = stage.probe(&dns, None, IpAddressType::Ipv4).await;
        let remedies: Vec<&str> = report.verdict.findings.iter().map(|f| &*f.remedy).collect();
        assert!(matches!(remedies[..], [one] if one.contains(expected)), "{remedies:?}");
    }
}

#[tokio::test]
async fn a_second_view_is_asked_where_the_first_has_nothing_for_cloudfront() {
    let stage = Stage::set().await;
    let disagree = || answers(&["nameservers-disagree notice"]);
    let private = || DnsRecord::v4([Ipv4Addr::new(10, 0, 0, 1)]);
    for (story, first, second, expected, second_was_asked) in [
        ("the first has a public address", here(), private(), answers(&[]), 0),
        ("a private one, and the public view has another", private(), here(), disagree(), 1),
        ("nothing, and the public view has one", DnsRecord::NoData, here(), disagree(), 1),
        ("private in both", private(), private(), fails(&["address-not-public fails"], 504), 1),
    ] {
        let first = dns(vec![(DOMAIN, first)]).await;
        let second = dns(vec![(DOMAIN, second)]).await;
        let report = stage.probe(&first, Some(&second), IpAddressType::Ipv4).await;
        assert_eq!(found(&report), expected, "{story}: {:#?}", report.verdict.findings);
        assert_eq!(second.questions(DOMAIN), second_was_asked, "{story}");
    }
}

#[tokio::test]
async fn every_prober_asks_anew_and_keeps_the_ttl() {
    let stage = Stage::set().await;
    let dns = dns(vec![(DOMAIN, here())]).await;
    for asked in 1..=2 {
        let report = stage.probe(&dns, None, IpAddressType::Ipv4).await;
        assert_eq!(dns.questions(DOMAIN), asked);
        assert_eq!(report.observation.prober.nameserver, NameserverState::Unknown);
        let resolution = report.observation.resolution.as_ref().unwrap();
        assert!(resolution.addresses().all(|address| address.ttl_seconds > 0));
    }
}

#[tokio::test]
async fn with_check_all_a_nameserver_that_says_less_than_the_others_is_a_notice() {
    let stage = Stage::set().await;
    let disagree = |count: usize| answers(&["nameservers-disagree notice"].repeat(count));
    let other_address = || DnsRecord::v4([Ipv4Addr::new(127, 0, 0, 77)]);
    let to_nowhere = || DnsRecord::cname("nowhere.example.com");
    for (story, check_all, others, expected) in [
        ("all say the same", true, vec![here(), here()], answers(&[])),
        // Load balancers rotate, and some answer each network with the nearest.
        ("another address", true, vec![other_address()], answers(&[])),
        ("no such name", true, vec![DnsRecord::NameError], disagree(1)),
        ("no such record", true, vec![DnsRecord::NoData], disagree(1)),
        ("an alias to nothing", true, vec![to_nowhere()], disagree(1)),
        ("SERVFAIL", true, vec![DnsRecord::ServerFailure], disagree(1)),
        ("REFUSED", true, vec![DnsRecord::Refused], disagree(1)),
        ("silence", true, vec![DnsRecord::Silence], disagree(1)),
        ("each of them", true, vec![DnsRecord::Refused, here(), DnsRecord::NameError], disagree(2)),
        ("not asked", false, vec![DnsRecord::NameError], answers(&[])),
    ] {
        let mut servers = vec![dns(vec![(DOMAIN, here())]).await];
        for record in others {
            servers.push(dns(vec![(DOMAIN, record)]).await);
        }
        let nameservers = servers.iter().map(DnsServer::address).collect();
        // Patient with the ones that answer; the silent one costs as much.
        let dns_timeout = Duration::from_secs(1);
        let config = ProberConfig { check_all, dns_timeout, ..asking(nameservers) };
        let report = stage.probe_with(config, IpAddressType::Ipv4).await;
        assert_eq!(found(&report), expected, "{story}: {:#?}", report.verdict.findings);
        let resolution = report.observation.resolution.as_ref().unwrap();
        let asked = if check_all { servers.len() } else { 0 };
        assert_eq!(resolution.each_nameserver.len(), asked, "{story}");
    }
}

#[tokio::test]
async fn with_check_all_the_first_answer_still_decides() {
    let stage = Stage::set().await;
    let first = dns(vec![(DOMAIN, DnsRecord::NameError)]).await;
    let second = dns(vec![(DOMAIN, here())]).await;
    let config = ProberConfig {
        check_all: true,
        dns_timeout: Duration::from_secs(5),
        ..asking(vec![first.address(), second.address()])
    };
    let report = stage.probe_with(config, IpAddressType::Ipv4).await;
    let expected = ["origin-domain-unresolvable fails", "nameservers-disagree notice"];
    assert_eq!(found(&report), fails(&expected, 502));
    let details: Vec<&str> =
        report.verdict.findings.iter().map(|finding| finding.detail.as_str()).collect();
    assert_eq!(
        details[1],
        format!(
            "queried for A records of {DOMAIN}, {} reported that it does not exist (NXDOMAIN), while {} \
             returned 127.0.0.1",
            first.address(),
            second.address()
        )
    );
}

#[tokio::test]
async fn a_nameserver_that_says_nothing_keeps_no_handshake_waiting() {
    let stage = Stage::set().await;
    let good = dns(vec![(DOMAIN, here())]).await;
    let silent = dns(vec![(DOMAIN, DnsRecord::Silence)]).await;
    let config = ProberConfig {
        check_all: true,
        dns_timeout: Duration::from_secs(60),
        handshake_timeout: Duration::from_secs(2),
        deadline: Duration::from_secs(2),
        ..asking(vec![good.address(), silent.address()])
    };
    let prober = crate::common::prober_with(config, &stage.root.pem());
    let origin = crate::common::origin(DOMAIN, stage.server.address().port());
    let began = std::time::Instant::now();
    let observation = prober.probe(Arc::new(origin), &ProbeOptions::default(), now()).await;
    assert!(began.elapsed() < Duration::from_secs(20), "took {:?}", began.elapsed());
    let report = Report::new(None, Arc::new(observation), now());
    // It may still have been about to answer: no finding.
    assert_eq!(found(&report), answers(&[]));
}

#[tokio::test]
async fn origins_of_one_domain_share_a_lookup_and_a_confirming_probe_has_its_own() {
    let stage = Stage::set().await;
    let dns = dns(vec![(DOMAIN, here())]).await;
    let prober = crate::common::prober_with(asking(vec![dns.address()]), &stage.root.pem());
    for (freshness, asked) in [
        (Freshness::default(), 1),
        (Freshness::NotOlderThan(Duration::from_secs(60)), 1),
        (Freshness::Anew, 2),
        (Freshness::default(), 2),
    ] {
        let origin = crate::common::origin(DOMAIN, stage.server.address().port());
        let options = ProbeOptions { freshness, ..ProbeOptions::default() };
        let observation = prober.probe(Arc::new(origin), &options, now()).await;
        let report = Report::new(None, Arc::new(observation), now());
        assert_eq!(found(&report), answers(&[]));
        assert_eq!(dns.questions(DOMAIN), asked, "{freshness:?}");
    }
}
