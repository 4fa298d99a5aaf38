//! What this machine could not ask is no fault of the origin, at whatever point it ran out of files.
//! In a process of its own: it has no files left for anything else meanwhile.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use origin_probe::handshake::{Client, Request};
use origin_probe::limits::Shortage;
use origin_probe::observation::{Failure, NotProbed, ResolutionFailure, Transport};
use origin_probe::origin::{DomainName, IpAddressType, ProberConfig, SslProtocols};
use origin_probe::resolve::{Freshness, Resolver};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::Instant;

use crate::common::process::alone;

/// Takes all files that are not open yet, or gives them back.
fn allow_files(current: Option<u64>) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: current.or(maximum), maximum }).unwrap();
}

fn domain() -> DomainName {
    "shop.example".parse().unwrap()
}

/// Returns what comes of a handshake with a server that answers the first ClientHello with `answer`
/// and a reset, while `when` takes the files: before the connection or with the answer.
async fn shake_hands(answer: &'static [u8], when: When) -> Option<Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let count = stream.read(&mut [0; 4096]).unwrap();
        assert_ne!(count, 0);
        allow_files(Some(0));
        stream.write_all(answer).unwrap();
    });
    let (name, protocols) = (domain(), SslProtocols::default());
    let request = Request {
        address,
        server_name: &name,
        other_name: None,
        ssl_protocols: &protocols,
        attempts: 1,
        connection_timeout: Duration::from_secs(20),
        handshake_timeout: Duration::from_secs(20),
        deadline: Instant::now() + Duration::from_secs(60),
    };
    let client = Client::new().unwrap();
    if when == When::BeforeConnecting {
        allow_files(Some(0));
    }
    let failure = client.shake_hands(&request).await.handshake.failure;
    allow_files(None);
    if when == When::BeforeConnecting {
        drop(std::net::TcpStream::connect(address).map(|mut stream| stream.write_all(b"x")));
    }
    server.join().unwrap();
    allow_files(None);
    failure
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    BeforeConnecting,
    WithTheAnswer,
}

/// A fatal alert handshake_failure.
const ALERT: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

fn resolver(nameserver: SocketAddr) -> Resolver {
    let config = ProberConfig {
        nameservers: vec![nameserver],
        dns_timeout: Duration::from_secs(20),
        dns_attempts: 1,
        ..ProberConfig::default()
    };
    Resolver::new(&config).unwrap()
}

/// Returns the failure of a lookup, and the transport of the last question.
async fn resolve(nameserver: SocketAddr) -> (Option<Shortage>, Transport) {
    let family = IpAddressType::Ipv4;
    let resolver = resolver(nameserver);
    let mut resolution = resolver.resolve(&domain(), family, Freshness::Anew).await;
    allow_files(None);
    let answer = resolution.answers.remove(0);
    match answer.outcome {
        Err(ResolutionFailure::NotAsked { shortage, .. }) => (shortage, answer.transport),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_this_machine_could_not_ask_is_no_fault_of_the_origin() {
    if !alone("own_failures::what_this_machine_could_not_ask_is_no_fault_of_the_origin") {
        return;
    }
    let files = Some(Shortage::Files);
    // A close and an alert leave open whether our library is at fault: CloudFront's own hello decides.
    for (answer, when) in [
        (&b""[..], When::BeforeConnecting),
        (b"", When::WithTheAnswer),
        (ALERT, When::WithTheAnswer),
    ] {
        match shake_hands(answer, when).await {
            Some(Failure::NotProbed { reason: NotProbed::OwnFailure { shortage, .. } }) => {
                assert_eq!(shortage, files);
            }
            other => panic!("{other:?}"),
        }
    }

    // The question by UDP.
    let nameserver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = nameserver.local_addr().unwrap();
    allow_files(Some(0));
    assert_eq!(resolve(address).await, (files, Transport::Udp));
    // The one by TCP, after an answer that is truncated.
    let truncate = std::thread::spawn(move || {
        let mut buffer = [0; 512];
        let (length, asker) = nameserver.recv_from(&mut buffer).unwrap();
        buffer[2] |= 0x82;
        allow_files(Some(0));
        nameserver.send_to(&buffer[..length], asker).unwrap();
    });
    assert_eq!(resolve(address).await, (files, Transport::Tcp));
    truncate.join().unwrap();
}
