//! What a second-chance hello costs: client CPU (user and system) per connection, from connect to
//! close, the server's signature verified, beside a full handshake of the same client with the
//! same server in the same run.
//!
//! The servers speak TLS 1.2 with an RSA-2048 or ECDSA P-256 end entity and one intermediate, on
//! loopback. They run on a thread of their own; the client's thread is measured by its own CPU
//! clock, in alternating batches, so that a change of the machine's speed meets both alike.
//! Run it with `cargo bench --bench hello`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "clock.rs"]
mod clock;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::time::Duration;

use clock::{cpu, current_thread, median, per_call};
use jiff::Timestamp;
use origin_probe::cloudfront::{CIPHER_SUITES, GROUPS, Offered, SIGNATURE_SCHEMES, Version};
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, KeyAlgorithm, Window};
use origin_probe::demo::server::{
    Certificates, ServedCertificate, TlsServer, TlsServerOptions, TlsVersions,
};
use origin_probe::handshake::hello::{ClientHello, Nonces};
use origin_probe::handshake::{Client, Request, ServedHandshake, hello};
use origin_probe::observation::{Engine, KeyProof};
use origin_probe::origin::{DomainName, SslProtocols};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

const DOMAIN: &str = "origin.example.com";
const BATCH: u32 = 100;
const ROUNDS: usize = 25;

const KEYS: [(&str, KeyAlgorithm); 2] =
    [("rsa", KeyAlgorithm::Rsa2048), ("ecdsa", KeyAlgorithm::EcdsaP256)];

fn main() {
    let now = "2030-01-01T12:00:00Z".parse().unwrap();
    let (send, receive) = mpsc::channel();
    let (hold, wait) = mpsc::channel::<()>();
    let serving = std::thread::spawn(move || {
        current_thread().block_on(async {
            let mut servers = Vec::new();
            for (_, key_algorithm) in KEYS {
                servers.push(start(key_algorithm, now).await);
            }
            send.send(servers.iter().map(TlsServer::address).collect::<Vec<_>>()).unwrap();
            tokio::task::spawn_blocking(move || wait.recv()).await.unwrap().unwrap_err();
        });
    });
    let addresses = receive.recv().unwrap();
    for ((name, _), address) in KEYS.into_iter().zip(addresses) {
        measure(name, address);
    }
    drop(hold);
    serving.join().unwrap();
}

fn measure(name: &str, address: SocketAddr) {
    let client = Client::new().unwrap();
    let server_name: DomainName = DOMAIN.parse().unwrap();
    let ssl_protocols = SslProtocols::default();
    let request = || Request {
        address,
        server_name: &server_name,
        other_name: None,
        ssl_protocols: &ssl_protocols,
        attempts: 1,
        connection_timeout: Duration::from_secs(10),
        handshake_timeout: Duration::from_secs(10),
        deadline: Instant::now() + Duration::from_secs(60),
    };
    let (mut chance, mut full) = (Vec::new(), Vec::new());
    let (mut unproven, mut bare) = (Vec::new(), Vec::new());
    current_thread().block_on(async {
        for _ in 0..ROUNDS {
            let began = cpu();
            for _ in 0..BATCH {
                check(&client.say_hello(&request()).await, Engine::Hello);
            }
            chance.push(per_call(began, BATCH));
            let began = cpu();
            for _ in 0..BATCH {
                check(&client.shake_hands(&request()).await, Engine::Rustls);
            }
            full.push(per_call(began, BATCH));
            let began = cpu();
            for _ in 0..BATCH {
                ask(address, &server_name).await;
            }
            unproven.push(per_call(began, BATCH));
            let began = cpu();
            for _ in 0..BATCH {
                exchange_bytes(address).await;
            }
            bare.push(per_call(began, BATCH));
        }
    });
    let (hello, full) = (median(chance), median(full));
    let (unproven, bare) = (median(unproven), median(bare));
    println!("figure hello_{name}_cpu {hello:.1} us");
    println!("figure full_handshake_{name}_cpu {full:.1} us");
    println!("figure hello_{name}_ratio {:.3} x", hello / full);
    println!("figure hello_{name}_without_proof_cpu {unproven:.1} us");
    println!("figure bare_exchange_{name}_cpu {bare:.1} us");
}

/// The hello alone: sent, and its answer read, without a look into the certificates.
async fn ask(address: SocketAddr, server_name: &DomainName) {
    let codes = |offered: &[Offered]| offered.iter().map(|offered| offered.code).collect();
    let hello = ClientHello {
        versions: vec![Version::Tls1_2, Version::Tls1_3],
        cipher_suites: codes(&CIPHER_SUITES),
        groups: codes(&GROUPS),
        signature_schemes: codes(&SIGNATURE_SCHEMES),
        server_name: Some(server_name),
        status_request: true,
        nonces: Nonces::default(),
    };
    let stream = TcpStream::connect(address).await.unwrap();
    let answer = hello::ask(stream, &hello, Instant::now() + Duration::from_secs(10)).await;
    assert!(answer.is_acceptance());
}

/// The share of the operating system: a connection, one write, one read of the server's answer (an
/// alert, for want of anything in common) and the close.
async fn exchange_bytes(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&NOTHING_IN_COMMON).await.unwrap();
    let mut buffer = [0; 4096];
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
}

/// A ClientHello of TLS 1.0 that offers RC4-MD5 and no extensions.
const NOTHING_IN_COMMON: [u8; 50] = {
    let mut hello = [0x55; 50];
    let start = [22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1];
    let mut at = 0;
    while at < start.len() {
        hello[at] = start[at];
        at += 1;
    }
    let end = [0, 0, 2, 0, 4, 1, 0];
    at = 0;
    while at < end.len() {
        hello[43 + at] = end[at];
        at += 1;
    }
    hello
};

/// Both must have read the chain and verified the server's signature.
fn check(outcome: &ServedHandshake, engine: Engine) {
    assert_eq!(outcome.handshake.failure, None);
    assert_eq!(outcome.handshake.engine, engine);
    assert_eq!(outcome.handshake.key_proof, KeyProof::Proven { position: 0 });
    assert_eq!(outcome.served.len(), 2);
}

async fn start(key_algorithm: KeyAlgorithm, now: Timestamp) -> TlsServer {
    let long = || Window::days(-100..1000, now);
    let root = Authority::root("Bench Root", long()).unwrap();
    let intermediate = root.intermediate("Bench CA", long(), &AuthorityOptions::default()).unwrap();
    let end_entity =
        EndEntity { key_algorithm, ..EndEntity::new(&[DOMAIN], Window::days(-20..70, now)) };
    let issued = intermediate.issue(&end_entity).unwrap();
    let served = ServedCertificate::new(vec![issued.der, intermediate.der()], issued.key);
    let options = TlsServerOptions {
        versions: TlsVersions::Tls12,
        ..TlsServerOptions::new(Certificates::for_everyone(served))
    };
    TlsServer::start(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, &options).await.unwrap()
}
