//! Connections that end early: dropped once, reset as soon as they are accepted, or closed after a
//! handshake in which the server asked for a client certificate.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::loopback::{DOMAIN, Loopback, end_entity, now, start};
use crate::common::{Found, answers, fails, found, undecided};
use origin_probe::demo::pki::{Authority, Issued, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions, TlsVersions};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

struct Stage {
    root: Authority,
    prober: Loopback,
}

impl Stage {
    async fn set() -> Self {
        let root = Authority::root("Test Root", Window::days(-1000..3000, now())).unwrap();
        let prober = Loopback::trusting(&root, Duration::from_secs(10)).await;
        Self { root, prober }
    }

    fn issued(&self) -> Issued {
        self.root.issue(&end_entity(-20..70)).unwrap()
    }

    async fn probe(&self, port: u16) -> Found {
        found(&self.prober.probe(crate::common::origin(DOMAIN, port)).await)
    }
}

/// How a connection is dropped.
#[derive(Clone, Copy, Debug)]
enum Drop {
    ResetOnAccept,
    ResetAfterHello,
    CloseAfterHello,
    CloseInTheAnswer,
}

/// Drops the first connection and lets every other one through to `behind`.
async fn drop_first(how: Drop, behind: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                if number > 0 {
                    let mut server = TcpStream::connect(behind).await?;
                    tokio::io::copy_bidirectional(&mut stream, &mut server).await?;
                    return Ok(());
                }
                match how {
                    Drop::ResetOnAccept => stream.set_zero_linger()?,
                    Drop::ResetAfterHello => {
                        let _ = stream.read(&mut [0; 4096]).await?;
                        stream.set_zero_linger()?;
                    }
                    Drop::CloseAfterHello => {
                        let _ = stream.read(&mut [0; 4096]).await?;
                    }
                    Drop::CloseInTheAnswer => {
                        let mut server = TcpStream::connect(behind).await?;
                        let mut buffer = [0; 4096];
                        let length = stream.read(&mut buffer).await?;
                        server.write_all(&buffer[..length]).await?;
                        let mut start = [0; 80];
                        server.read_exact(&mut start).await?;
                        stream.write_all(&start).await?;
                    }
                }
                io::Result::Ok(())
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_dropped_connection_is_not_a_finding() {
    let stage = Stage::set().await;
    let issued = stage.issued();
    let served = ServedCertificate::new(vec![issued.der], issued.key);
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let certificates = Certificates::for_everyone(served.clone());
        let options = TlsServerOptions { versions, ..TlsServerOptions::new(certificates) };
        let server = start(&options).await;
        for how in [
            Drop::ResetOnAccept,
            Drop::ResetAfterHello,
            Drop::CloseAfterHello,
            Drop::CloseInTheAnswer,
        ] {
            let front = drop_first(how, server.address()).await;
            assert_eq!(stage.probe(front.port()).await, answers(&[]), "{versions:?} {how:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_stays_the_finding_where_the_next_connection_is_refused() {
    let stage = Stage::set().await;
    for _ in 0..20 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            drop(listener);
            stream.set_zero_linger().unwrap();
        });
        assert_eq!(stage.probe(port).await, fails(&["connection-closed fails"], 502));
        server.await.unwrap();
    }
}

/// How a server ends the connections on which it asked for a client certificate.
#[derive(Clone, Copy, Debug)]
enum Goodbye {
    /// After the handshake, as a proxy does whose backend is dead: without a close_notify, and
    /// without an alert where a certificate is wanted.
    Abrupt,
    /// By a close_notify right behind the server's own flight.
    WithItsFlight,
}

/// Shakes hands, asking for a client certificate, and closes. Returns the server's address and the
/// number of its connections.
async fn ask_and_close(
    stage: &Stage,
    versions: &[&'static SupportedProtocolVersion],
    is_required: bool,
    goodbye: Goodbye,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(stage.root.der())).unwrap();
    let mut verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    if !is_required {
        verifier = verifier.allow_unauthenticated();
    }
    let issued = stage.issued();
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![CertificateDer::from(issued.der)],
            PrivatePkcs8KeyDer::from(issued.key).into(),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            let config = Arc::clone(&config);
            tokio::spawn(async move {
                match goodbye {
                    Goodbye::Abrupt => drop(TlsAcceptor::from(config).accept(stream).await),
                    Goodbye::WithItsFlight => close_with_flight(stream, config).await.unwrap(),
                }
            });
        }
    });
    (address, connections)
}

async fn close_with_flight(mut stream: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
    let mut tls = ServerConnection::new(config).unwrap();
    while !tls.wants_write() {
        let mut hello = [0; 4096];
        let length = stream.read(&mut hello).await?;
        tls.read_tls(&mut &hello[..length])?;
        tls.process_new_packets().unwrap();
    }
    tls.send_close_notify();
    let mut flight = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut flight)?;
    }
    stream.write_all(&flight).await?;
    stream.shutdown().await?;
    // Closing with unread data would be a reset.
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_after_an_optional_request_is_not_about_the_client_certificate() {
    let stage = Stage::set().await;
    let requested = || undecided(&["client-certificate-requested may-fail"], "undocumented");
    let tls13 = &rustls::version::TLS13;
    for (versions, expected, most) in [
        (rustls::ALL_VERSIONS, requested(), 2),
        // No handshake can end at TLS 1.2, so that the close counts.
        (&[tls13][..], fails(&["client-certificate-required fails"], 502), 2),
        (&[&rustls::version::TLS12][..], requested(), 1),
    ] {
        let (address, connections) = ask_and_close(&stage, versions, false, Goodbye::Abrupt).await;
        assert_eq!(stage.probe(address.port()).await, expected, "{versions:?}");
        assert_eq!(connections.load(Ordering::Relaxed), most, "{versions:?}");
    }
    for versions in [rustls::ALL_VERSIONS, &[tls13]] {
        let (address, _) = ask_and_close(&stage, versions, true, Goodbye::Abrupt).await;
        let required = fails(&["client-certificate-required fails"], 502);
        assert_eq!(stage.probe(address.port()).await, required, "{versions:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_notify_with_the_servers_flight_is_no_refusal() {
    let stage = Stage::set().await;
    let tls13 = &[&rustls::version::TLS13][..];
    let (address, connections) = ask_and_close(&stage, tls13, false, Goodbye::WithItsFlight).await;
    let requested = undecided(&["client-certificate-requested may-fail"], "undocumented");
    assert_eq!(stage.probe(address.port()).await, requested);
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}
