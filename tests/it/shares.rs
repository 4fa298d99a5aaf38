//! Several servers behind one address, over real sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use serde_json::json;
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use crate::common::http;
use crate::common::process::{comes, series, yaml};
use crate::common::stage::{LOOPBACK, Stage, now};
use origin_probe::demo::pki::{EndEntity, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};

const SITE: &str = "www.shop.example";

/// A load balancer with four servers in turn; the last one has an expired certificate.
struct Balanced {
    stage: Stage,
    port: u16,
    _servers: Vec<TlsServer>,
}

impl Balanced {
    async fn new(name: &str) -> Self {
        let stage = Stage::new(name, &[SITE]).await;
        let mut servers = Vec::new();
        for _ in 0..3 {
            servers.push(stage.ca.server(&[SITE]).await);
        }
        let window = Window::days(-90..-1, now());
        let old = stage.ca.root.issue(&EndEntity::new(&[SITE], window)).unwrap();
        let old = Certificates::for_everyone(ServedCertificate::new(vec![old.der], old.key));
        servers.push(TlsServer::start(LOOPBACK, 0, &TlsServerOptions::new(old)).await.unwrap());
        let behind = servers.iter().map(TlsServer::address).collect();
        Self { stage, port: in_turn(behind).await, _servers: servers }
    }
}

/// Passes each connection on to the next of the servers.
async fn in_turn(servers: Vec<SocketAddr>) -> u16 {
    let mut servers = servers.into_iter().cycle();
    pass_on(move || servers.next().unwrap()).await
}

/// Passes each connection on to the server that `choose` names.
async fn pass_on(mut choose: impl FnMut() -> SocketAddr + Send + 'static) -> u16 {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let server = choose();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await?;
                tokio::io::copy_bidirectional(&mut stream, &mut server).await
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_finds_one_server_of_four_by_more_connections() {
    let balanced = Balanced::new("shares-check").await;
    let place = format!("{SITE}:{}", balanced.port);
    let nameserver = balanced.stage.dns.address().to_string();
    let here = ["--nameserver", &nameserver, "--trust-anchors", "root.pem"];
    let more = ["--assume-public", "127.0.0.0/8", "--connections", "8"];
    let ran = balanced.stage.run(&[&["check", &place, "-o", "json"], &here[..], &more].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    let origin = ran.json();
    assert_eq!(origin["verdict"], "fails");
    assert_eq!(origin["failing_ratio"], 0.25);
    assert_eq!(origin["endpoints_total"], 1);
    assert_eq!(origin["endpoints"][0]["connections"], json!({"seen": 8, "failed": 2}));
    let rules: Vec<&str> = origin["violations"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|v| v["rule"].as_str())
        .collect();
    assert_eq!(rules, ["certificate-expired"]);
    let ran = balanced.stage.run(&[&["check", &place], &here[..], &more].concat());
    assert!(ran.out.contains("127.0.0.1: 2 of 8 connections failed"), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_tells_the_share_of_one_server_of_four() {
    let balanced = Balanced::new("shares-daemon").await;
    let head = balanced.stage.head() + "probe: {interval: 1s}\n";
    let yaml = yaml(&head, [("site", SITE, balanced.port)]);
    let daemon = balanced.stage.start(&yaml).await;
    let of = |metric: &str| series(metric, "site", SITE);
    let ratio = of("failing_ratio");
    daemon.shows(&of("failing"), "1").await;
    let share: f64 = daemon.metric(&ratio).await.unwrap().parse().unwrap();
    assert!(share > 0.0 && share < 1.0, "{share}");
    daemon.shows(&ratio, "0.25").await;
    assert_eq!(daemon.metric(&of("failing")).await.as_deref(), Some("1"));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_is_seen_at_once_by_a_probe_on_request() {
    let stage = Stage::new("probe-now", &[SITE]).await;
    let window = Window::days(-90..-1, now());
    let old = stage.ca.root.issue(&EndEntity::new(&[SITE], window)).unwrap();
    let old = Certificates::for_everyone(ServedCertificate::new(vec![old.der], old.key));
    let old = TlsServer::start(LOOPBACK, 0, &TlsServerOptions::new(old)).await.unwrap();
    let new = stage.ca.server(&[SITE]).await;
    let is_repaired = Arc::new(AtomicBool::new(false));
    let (repaired, [old_address, new_address]) =
        (Arc::clone(&is_repaired), [old.address(), new.address()]);
    let choose = move || if repaired.load(Relaxed) { new_address } else { old_address };
    let port = pass_on(choose).await;
    let head = stage.head() + "probe: {interval: 1h}\n";
    let origins = [("site", SITE, port), ("page", SITE, port)];
    let daemon = stage.start(&yaml(&head, origins)).await;
    let failing = series("failing", "site", SITE);
    daemon.shows(&failing, "1").await;
    let is_planned = async || {
        let (_, body) = daemon.ask("GET", "/api/v1/origins/site").await;
        let told: serde_json::Value = serde_json::from_str(&body).unwrap();
        told["next_probe"].is_string()
    };
    assert!(comes(is_planned).await, "its share is measured");
    let (_, page) = daemon.ask("GET", "/origins/site").await;
    assert!(page.contains(">Probe now</button>") && page.contains("Next probe"), "{page}");

    is_repaired.store(true, Relaxed);
    let url = format!("http://{}", daemon.address);
    let ask = |id: &str| stage.run(&["probe-now", "--url", &url, id]);
    let ran = ask("site");
    assert_eq!((ran.code, &*ran.out), (0, "site: the probe has begun\n"), "{ran:?}");
    daemon.shows(&failing, "0").await;
    let headers = "Accept: text/html\r\n";
    let answer = http::ask(daemon.address, "POST", "/origins/page/-/probe", headers).await;
    assert_eq!(answer.status, 303);
    let page = format!("/origins/page?distribution=&domain={SITE}");
    assert_eq!(answer.header("location"), Some(&*page));
    let ran = ask("site");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("try again in") && ran.err.contains("(429)"), "{}", ran.err);
    let ran = ask("shop");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("unknown origin (404)"), "{}", ran.err);
    let ran = stage.run(&["probe-now", "--url", "ftp://host", "site"]);
    assert!(ran.code == 3 && ran.err.contains("http://HOST:PORT"), "{}", ran.err);
}

/// Starts a nameserver that answers each query for an address with the next of these.
async fn rotating_dns(addresses: Vec<Ipv4Addr>, ttl_seconds: u32) -> SocketAddr {
    let mut addresses = addresses.into_iter().cycle();
    dns(move || addresses.next().unwrap(), ttl_seconds).await
}

/// Starts a nameserver that answers each query with the address that `choose` names.
async fn dns(
    mut choose: impl FnMut() -> Ipv4Addr + Send + 'static,
    ttl_seconds: u32,
) -> SocketAddr {
    let socket = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let own = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut query = [0; 512];
        loop {
            let (length, client) = socket.recv_from(&mut query).await.unwrap();
            let address = choose();
            let name = query[12..length].iter().position(|byte| *byte == 0).unwrap();
            let question = &query[12..12 + name + 5];
            let header = [&query[..2], &[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]].concat();
            let record = [&[0xC0, 12, 0, 1, 0, 1][..], &ttl_seconds.to_be_bytes(), &[0, 4]];
            let answer = [&header, question, &record.concat(), &address.octets()].concat();
            socket.send_to(&answer, client).await.unwrap();
        }
    });
    own
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_looks_a_name_up_three_times_if_its_answers_hold_two_seconds_at_most() {
    let stage = Stage::new("rotating", &[]).await;
    let options = stage.ca.options(&[SITE]);
    let first = TlsServer::start(LOOPBACK, 0, &options).await.unwrap();
    let port = first.address().port();
    let addresses = [2, 3].map(|last| Ipv4Addr::new(127, 0, 0, last));
    let mut others = Vec::new();
    for address in addresses {
        others.push(TlsServer::start(address.into(), port, &options).await.unwrap());
    }
    let all = [&[Ipv4Addr::LOCALHOST], &addresses[..]].concat();
    for (ttl, remembered) in [(2, &[false, true, true][..]), (3, &[false])] {
        let nameserver = rotating_dns(all.clone(), ttl).await.to_string();
        let here = ["--nameserver", &nameserver, "--trust-anchors", "root.pem"];
        let public = ["--assume-public", "127.0.0.0/8", "-o", "json"];
        let place = format!("{SITE}:{port}");
        let ran = stage.run(&[&["check", &place], &here[..], &public].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let told = ran.json();
        let endpoints = told["endpoints"].as_array().unwrap();
        let found: Vec<&serde_json::Value> =
            endpoints.iter().map(|endpoint| &endpoint["remembered"]).collect();
        assert_eq!(found, remembered, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_moves_to_a_server_with_strict_sni_never_fails_the_origin() {
    let stage = Stage::new("moved", &[]).await;
    let options = stage.ca.options(&[SITE]);
    let addresses = [2, 3].map(|last| Ipv4Addr::new(127, 0, 0, last));
    let stays = TlsServer::start(addresses[0].into(), 0, &options).await.unwrap();
    let port = stays.address().port();
    let moves = TlsServer::start(addresses[1].into(), port, &options).await.unwrap();
    let rotates = Arc::new(AtomicBool::new(true));
    let (mut is_second, still_rotates) = (false, Arc::clone(&rotates));
    let choose = move || {
        is_second = !is_second && still_rotates.load(Relaxed);
        addresses[usize::from(is_second)]
    };
    let nameserver = dns(choose, 1).await;
    let head = stage.head().replace(&stage.dns.address().to_string(), &nameserver.to_string());
    let yaml = yaml(&(head + "probe: {interval: 1s}\n"), [("site", SITE, port)]);
    let daemon = stage.start(&yaml).await;
    // Returns the addresses of the last probe, and when it was; the verdict is always the same.
    let seen = async || {
        let (_, body) = daemon.ask("GET", "/api/v1/origins/site").await;
        let told: serde_json::Value = serde_json::from_str(&body).unwrap();
        let endpoints = told["endpoints"].as_array().unwrap();
        let is_known = !told["probed_at"].is_null();
        assert!(!is_known || told["verdict"] == "answers", "{told}");
        let of = |endpoint: &serde_json::Value| {
            (endpoint["address"].as_str().unwrap().to_owned(), endpoint["remembered"] == true)
        };
        let mut endpoints: Vec<(String, bool)> = endpoints.iter().map(of).collect();
        endpoints.sort();
        (endpoints, told["probed_at"].as_str().unwrap_or_default().to_owned())
    };
    assert!(comes(async || seen().await.0.len() == 2).await, "rotation is proven");
    rotates.store(false, Relaxed);
    let kept = [("127.0.0.2".to_owned(), false), ("127.0.0.3".to_owned(), true)];
    for _ in 0..2 {
        let before = seen().await.1;
        let is_kept = async || {
            let (endpoints, at) = seen().await;
            at != before && endpoints == kept
        };
        assert!(comes(is_kept).await, "the second address is remembered");
    }
    let other = stage.ca.served(&["other.example"]);
    moves.present(&Certificates::only_for("other.example", other)).unwrap();
    assert!(comes(async || seen().await.0 == kept[..1]).await, "it is dropped");
    assert_eq!(daemon.metric(&series("failing", "site", SITE)).await.as_deref(), Some("0"));
    assert_eq!(daemon.end().await, Some(0));
}
