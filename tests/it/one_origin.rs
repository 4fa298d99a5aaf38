//! One origin that serves as much as it can: it is judged like any other, and what it holds of the
//! memory is bounded.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use origin_probe::chain::Keeping;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};
use origin_probe::probe::ProbeOptions;
use origin_probe::report::{OriginJson, Report, text};

const DOMAIN: &str = "origin.example";

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

/// Starts a server at each of `N` addresses, all on one port.
async fn servers<const N: usize>(certificates: [Certificates; N]) -> Vec<TlsServer> {
    'port: loop {
        let mut servers: Vec<TlsServer> = Vec::new();
        for (n, certificates) in certificates.iter().enumerate() {
            let address = Ipv4Addr::new(127, 0, 0, 1 + u8::try_from(n).unwrap()).into();
            let port = servers.first().map_or(0, |first| first.address().port());
            let options = TlsServerOptions::new(certificates.clone());
            match TlsServer::start(address, port, &options).await {
                Ok(server) => servers.push(server),
                Err(_) if n > 0 => continue 'port,
                Err(error) => panic!("{error}"),
            }
        }
        return servers;
    }
}

/// Names enough for some 50 kB of certificate, the origin's among the last.
fn names(number: usize) -> Vec<String> {
    let names = (0..2_500).map(|n| format!("n{n}.host{number}.example"));
    names.chain([DOMAIN.to_owned()]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_of_many_large_chains_is_judged_and_keeps_some_of_them() {
    const ADDRESSES: usize = 24;
    let root = Authority::root("Root", Window::days(-10..3_000, now())).unwrap();
    let certificates = std::array::from_fn::<_, ADDRESSES, _>(|number| {
        let names = names(number);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // The last one ends first.
        let end = 400 - i64::try_from(number).unwrap();
        let issued = root.issue(&EndEntity::new(&names, Window::days(-5..end, now()))).unwrap();
        Certificates::for_everyone(ServedCertificate::new(vec![issued.der], issued.key))
    });
    let servers = servers(certificates).await;
    let addresses = servers.iter().map(|server| match server.address().ip() {
        std::net::IpAddr::V4(address) => address,
        address @ std::net::IpAddr::V6(_) => panic!("{address}"),
    });
    let addresses: [Ipv4Addr; ADDRESSES] = addresses.collect::<Vec<_>>().try_into().unwrap();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4(addresses))]).await.unwrap();
    let prober = crate::common::prober(dns.address(), &root.pem(), Duration::from_secs(60));
    let origin = Arc::new(crate::common::origin(DOMAIN, servers[0].address().port()));
    let mut reports: Vec<Report> = Vec::new();
    for _ in 0..3 {
        let observation = prober.probe(Arc::clone(&origin), &ProbeOptions::default(), now()).await;
        let report = Report::new(
            reports.last().map(|last: &Report| &last.brief),
            Arc::new(observation),
            now(),
        );
        assert_eq!(report.verdict.conclusion.answer.as_str(), "answers", "{:?}", report.verdict);
        assert_eq!(report.verdict.conclusion.failing_ratio, Some(0.0));
        let chains: Vec<_> = report.observation.chains().map(|(_, chain)| chain).collect();
        assert_eq!(chains.len(), ADDRESSES);
        assert!(chains.iter().all(|chain| chain.bytes > 40_000 && chain.paths.len() == 1));
        // The prediction comes from a chain of which only the facts are left, or from one that is
        // kept: it is the same.
        let end = now() + SignedDuration::from_hours(24 * (400 - 23));
        assert_eq!(report.brief.first_failure(), Some(end + SignedDuration::from_secs(1)));
        assert_eq!(
            report.brief.targets[0].chain.as_ref().unwrap().path_not_after,
            Some(end.into())
        );
        reports.push(report);
    }
    // All reports together hold no more than one origin may have.
    let mut seen = HashSet::new();
    let all = reports.iter().flat_map(|report| report.observation.chains());
    let kept = all.filter(|(_, chain)| chain.keeping == Keeping::Kept);
    let kept: usize =
        kept.filter(|(_, c)| seen.insert(Arc::as_ptr(c))).map(|(_, c)| c.size()).sum();
    assert!((1 << 20..4 << 20).contains(&kept), "{kept} bytes");
    let last = reports.last().unwrap();
    let json = serde_json::to_value(OriginJson::new(last)).unwrap();
    let endpoints = json["endpoints"].as_array().unwrap();
    let left_out = endpoints.iter().filter(|endpoint| endpoint["chain_kept"] == false).count();
    assert!((1..ADDRESSES).contains(&left_out), "{left_out} not kept");
    for endpoint in endpoints {
        let names = endpoint["served_chain"][0]["dns_names"].as_array().unwrap();
        assert!(names.iter().any(|name| name == DOMAIN));
        assert_eq!(names.len() == 2_501, endpoint["chain_kept"] == true, "{}", names.len());
    }
    let said =
        format!("the chains of {left_out} of {ADDRESSES} endpoints were judged but not kept");
    assert!(text(last, now(), None).to_string().contains(&said));
}
