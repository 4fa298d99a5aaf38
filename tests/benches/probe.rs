//! What one probe costs: client CPU (user and system) per full probe of a healthy origin, DNS
//! included, beside a bare tokio-rustls handshake with webpki verification in the same run.
//!
//! The origin speaks TLS 1.3 with an ECDSA P-256 end entity and one intermediate, on loopback.
//! Server and DNS run on a thread of their own; the client's thread is measured by its own CPU
//! clock, in alternating batches, so that a change of the machine's speed meets both alike.
//! Run it with `cargo bench --bench probe`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "clock.rs"]
mod clock;

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use clock::cpu;
use clock::current_thread;
use clock::median;
use clock::per_call;
use jiff::Timestamp;
use origin_probe::chain::TrustAnchors;
use origin_probe::cloudfront;
use origin_probe::demo::dns::DnsRecord;
use origin_probe::demo::dns::DnsServer;
use origin_probe::demo::pki::Authority;
use origin_probe::demo::pki::AuthorityOptions;
use origin_probe::demo::pki::EndEntity;
use origin_probe::demo::pki::Window;
use origin_probe::demo::server::Certificates;
use origin_probe::demo::server::ServedCertificate;
use origin_probe::demo::server::TlsServer;
use origin_probe::demo::server::TlsServerOptions;
use origin_probe::demo::server::TlsVersions;
use origin_probe::handshake::Client;
use origin_probe::origin::Origin;
use origin_probe::probe::Errand;
use origin_probe::probe::Freshness;
use origin_probe::probe::Observation;
use origin_probe::probe::ProbeLimits;
use origin_probe::probe::Prober;
use origin_probe::probe::Sockets;
use origin_probe::report::Report;
use origin_probe::resolve::Breadth;
use origin_probe::resolve::Resolver;
use origin_probe::resolve::ResolverSettings;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::client::Resumption;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::ServerName;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const DOMAIN: &str = "origin.example.com";
const BATCH: u32 = 100;
const ROUNDS: usize = 25;

struct Servers {
    root: Vec<u8>,
    dns: SocketAddr,
    origin: SocketAddr,
}

fn main() {
    let now = now();
    let (told, tell) = (mpsc::channel(), mpsc::channel::<()>());
    let (send, receive) = told;
    let (hold, wait) = tell;
    let serving = std::thread::spawn(move || {
        let runtime = current_thread();
        runtime.block_on(async {
            let (servers, _dns, _tls) = start(now).await;
            send.send(servers).unwrap();
            tokio::task::spawn_blocking(move || wait.recv()).await.unwrap().unwrap_err();
        });
    });
    let servers = receive.recv().unwrap();
    measure(&servers, now);
    drop(hold);
    serving.join().unwrap();
}

fn measure(servers: &Servers, now: Timestamp) {
    let runtime = current_thread();
    let prober = prober(servers);
    let origin = Arc::new(Origin {
        https_port: servers.origin.port(),
        ..Origin::with_defaults(DOMAIN.parse().unwrap())
    });
    let groups: Vec<u16> = cloudfront::GROUPS.iter().map(|group| group.code).collect();
    let same_offer = bare(servers, &groups);
    let library_defaults = bare(servers, &[]);
    let (mut cached, mut cold, mut bare_same, mut bare_default) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    runtime.block_on(async {
        // One observation held, as the daemon holds its latest report: the chain is known.
        let held = probe(&prober, &origin, now).await;
        for _ in 0..ROUNDS {
            let began = cpu();
            for _ in 0..BATCH {
                std::hint::black_box(probe(&prober, &origin, now).await);
            }
            cached.push(per_call(began, BATCH));
            let began = cpu();
            for _ in 0..BATCH {
                shake_hands(&same_offer, servers.origin).await;
            }
            bare_same.push(per_call(began, BATCH));
            let began = cpu();
            for _ in 0..BATCH {
                shake_hands(&library_defaults, servers.origin).await;
            }
            bare_default.push(per_call(began, BATCH));
        }
        drop(held);
        for _ in 0..ROUNDS {
            let began = cpu();
            for _ in 0..BATCH {
                drop(probe(&prober, &origin, now).await);
            }
            cold.push(per_call(began, BATCH));
        }
    });
    let (cached, cold) = (median(cached), median(cold));
    let (bare_same, bare_default) = (median(bare_same), median(bare_default));
    println!("figure probe_cpu {cached:.1} us");
    println!("figure probe_cpu_new_chain {cold:.1} us");
    println!("figure bare_handshake_cpu {bare_same:.1} us");
    println!("figure bare_handshake_default_groups_cpu {bare_default:.1} us");
    println!("figure probe_cpu_ratio {:.3} x", cached / bare_same);
    println!("figure probe_cpu_new_chain_ratio {:.3} x", cold / bare_same);
}

/// One full probe with its judgement and prediction, as the daemon makes it.
async fn probe(prober: &Prober, origin: &Arc<Origin>, now: Timestamp) -> Arc<Observation> {
    let errand = Errand { freshness: Freshness::Anew, ..Errand::default() };
    let observation = Arc::new(prober.probe(Arc::clone(origin), &errand, now).await);
    let report = Report::new(None, Arc::clone(&observation), now);
    assert!(report.verdict.findings.is_empty(), "{:?}", report.verdict.findings);
    observation
}

async fn shake_hands(config: &Arc<ClientConfig>, origin: SocketAddr) {
    let stream = TcpStream::connect(origin).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from(DOMAIN).unwrap();
    let mut stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await.unwrap();
    let _ = stream.shutdown().await;
}

/// A client as anybody would write it, with the groups given, or the library's own.
fn bare(servers: &Servers, groups: &[u16]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(servers.root.clone())).unwrap();
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    if !groups.is_empty() {
        provider.kx_groups = groups
            .iter()
            .filter_map(|code| {
                provider.kx_groups.iter().find(|group| u16::from(group.name()) == *code).copied()
            })
            .collect();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

fn prober(servers: &Servers) -> Prober {
    let settings = ResolverSettings {
        nameservers: vec![servers.dns],
        confirm_with: Vec::new(),
        breadth: Breadth::UntilOneAnswers,
        timeout: Duration::from_secs(5),
        attempts: 1,
    };
    let mut anchors = TrustAnchors::mozilla();
    anchors.add_der(&CertificateDer::from(servers.root.clone())).unwrap();
    let limits = ProbeLimits {
        deadline: Duration::from_secs(60),
        handshake_timeout: Duration::from_secs(10),
        max_server_names: 20,
        assume_public: vec!["127.0.0.0/8".parse().unwrap()],
    };
    Prober::new(
        Arc::new(Resolver::new(&settings).unwrap()),
        Client::new().unwrap(),
        Arc::new(anchors),
        Sockets::new(64, 16),
        limits,
    )
}

async fn start(now: Timestamp) -> (Servers, DnsServer, TlsServer) {
    let long = || Window::days(-100..1000, now);
    let root = Authority::root("Bench Root", long()).unwrap();
    let intermediate = root.intermediate("Bench CA", long(), &AuthorityOptions::default()).unwrap();
    let end_entity = EndEntity::new(&[DOMAIN], Window::days(-20..70, now));
    let issued = intermediate.issue(&end_entity).unwrap();
    let served = ServedCertificate::new(vec![issued.der, intermediate.der()], issued.key);
    let options = TlsServerOptions {
        versions: TlsVersions::Tls13,
        ..TlsServerOptions::new(Certificates::for_everyone(served))
    };
    let tls = TlsServer::start(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, &options).await.unwrap();
    let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
    (Servers { root: root.der(), dns: dns.address(), origin: tls.address() }, dns, tls)
}

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}
