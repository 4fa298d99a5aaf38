//! What a second-chance hello costs: client CPU (user and system) per connection, from connect to
//! close, the server's signature verified, beside a full handshake of the same client with the
//! same server in the same run.
//!
//! The servers speak TLS 1.2 with an RSA-2048 or ECDSA P-256 end entity and one intermediate, on
//! loopback. They run on a thread of their own; the client's thread is measured by its own CPU
//! clock, in alternating batches, so that a change of the machine's speed meets both alike.
//! Run it with `cargo bench --bench hello`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod measure;
mod stage;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use measure::{cpu, current_thread, median, per_call};
use origin_probe::cloudfront::{CIPHER_SUITES, GROUPS, Offered, SIGNATURE_SCHEMES, Version};
use origin_probe::demo::pki::KeyAlgorithm;
use origin_probe::demo::server::{TlsServer, TlsVersions};
use origin_probe::handshake::hello::{ClientHello, Nonces};
use origin_probe::handshake::{Client, Request, ServedHandshake, hello};
use origin_probe::observation::{Engine, KeyProof};
use origin_probe::origin::{DomainName, SslProtocols};
use stage::{OwnThread, Pki};
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
    let (_serving, addresses) = OwnThread::start(async move || {
        let pki = Pki::new(now);
        let mut servers = Vec::new();
        for (_, key_algorithm) in KEYS {
            let issued = pki.issue(&[DOMAIN], key_algorithm);
            servers.push(pki.serve(Ipv4Addr::LOCALHOST.into(), issued, TlsVersions::Tls12).await);
        }
        let addresses: Vec<SocketAddr> = servers.iter().map(TlsServer::address).collect();
        (servers, addresses)
    });
    for ((name, _), address) in KEYS.into_iter().zip(addresses) {
        measure(name, address);
    }
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
    let costs = current_thread().block_on(async {
        let mut costs: [Vec<f64>; 4] = Default::default();
        for _ in 0..ROUNDS {
            let [chance, full, unproven, bare] = &mut costs;
            chance.push(
                cost(async || check(&client.say_hello(&request()).await, Engine::Hello)).await,
            );
            full.push(
                cost(async || check(&client.shake_hands(&request()).await, Engine::Rustls)).await,
            );
            unproven.push(cost(async || ask(address, &server_name).await).await);
            bare.push(cost(async || exchange_bytes(address).await).await);
        }
        costs
    });
    let [hello, full, unproven, bare] = costs.map(median);
    println!("figure hello_{name}_cpu {hello:.1} us");
    println!("figure full_handshake_{name}_cpu {full:.1} us");
    println!("figure hello_{name}_ratio {:.3} x", hello / full);
    println!("figure hello_{name}_without_proof_cpu {unproven:.1} us");
    println!("figure bare_exchange_{name}_cpu {bare:.1} us");
}

/// Returns the microseconds of this thread that one call takes.
async fn cost(call: impl AsyncFn()) -> f64 {
    let began = cpu();
    for _ in 0..BATCH {
        call().await;
    }
    per_call(began, BATCH)
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
    let (start, end) = ([22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1], [0, 0, 2, 0, 4, 1, 0]);
    hello.first_chunk_mut::<11>().unwrap().copy_from_slice(&start);
    hello.last_chunk_mut::<7>().unwrap().copy_from_slice(&end);
    hello
};

/// Both must have read the chain and verified the server's signature.
fn check(outcome: &ServedHandshake, engine: Engine) {
    assert_eq!(outcome.handshake.failure, None);
    assert_eq!(outcome.handshake.engine, engine);
    assert_eq!(outcome.handshake.key_proof, KeyProof::Proven { position: 0 });
    assert_eq!(outcome.served.len(), 2);
}
