//! Starts the servers of one origin, all on the same port.

use std::io;
use std::net::IpAddr;

use super::chains::Authorities;
use super::dns::{DnsRecord, TTL_SECONDS};
use super::scenario::{Behaviour, Chain, Endpoint, SITE, Scenario};
use super::script::{Flight, FlightPart, Script, ScriptServer, SignedBy};
use super::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions, TlsVersions};
use super::{ClosedPort, DemoError};

/// The server or closed port at one address of an origin, held while the demo runs.
#[derive(Debug)]
pub(super) enum Listener {
    Tls(TlsServer),
    Script(ScriptServer),
    Closed(ClosedPort),
}

impl Listener {
    fn port(&self) -> u16 {
        match self {
            Self::Tls(server) => server.address(),
            Self::Script(server) => server.address(),
            Self::Closed(port) => port.address(),
        }
        .port()
    }
}

/// Returns the DNS record with the addresses of the endpoints.
pub(super) fn addresses(endpoints: &[Endpoint]) -> DnsRecord {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for endpoint in endpoints {
        match endpoint.ip {
            IpAddr::V4(ip) => v4.push(ip),
            IpAddr::V6(ip) => v6.push(ip),
        }
    }
    DnsRecord::Addresses { v4, v6, ttl_seconds: TTL_SECONDS }
}

/// Starts a server for each endpoint, all on the same port.
pub(super) async fn start_endpoints(
    scenario: &Scenario,
    endpoints: &[Endpoint],
    authorities: &Authorities,
) -> Result<(u16, Vec<Listener>), DemoError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match try_endpoints(scenario, endpoints, authorities).await {
            Err(DemoError::Listen { source, .. })
                if source.kind() == io::ErrorKind::AddrInUse && attempts < PORT_ATTEMPTS => {}
            result => return result,
        }
    }
}

/// How many ports are tried until one is free on all addresses of an origin.
const PORT_ATTEMPTS: usize = 32;

async fn try_endpoints(
    scenario: &Scenario,
    endpoints: &[Endpoint],
    authorities: &Authorities,
) -> Result<(u16, Vec<Listener>), DemoError> {
    let names = &[scenario.certificate_name.unwrap_or(scenario.domain)];
    let sound = || authorities.serve(Chain::Sound, names);
    let mut served: Vec<(Chain, ServedCertificate)> = Vec::new();
    let mut listeners: Vec<Listener> = Vec::new();
    let mut port = 0;
    for Endpoint { ip, behaviour } in endpoints {
        let (tls, script) = (
            async |options| TlsServer::start(*ip, port, &options).await.map(Listener::Tls),
            async |script| ScriptServer::start(*ip, port, script).await.map(Listener::Script),
        );
        let listener = match *behaviour {
            Behaviour::Presents(chain) => {
                // Endpoints with the same kind of chain share a certificate.
                let known = served.iter().find(|(shape, _)| *shape == chain);
                let certificate = match known {
                    Some((_, certificate)) => certificate.clone(),
                    None => authorities.serve(chain, names)?,
                };
                served.push((chain, certificate.clone()));
                tls(TlsServerOptions::new(Certificates::for_everyone(certificate))).await?
            }
            Behaviour::RefusesServerName => {
                tls(TlsServerOptions::new(Certificates::only_for(SITE, sound()?))).await?
            }
            Behaviour::TakesOnlyCbc => script(Script::Flight(cbc_flight(sound()?))).await?,
            Behaviour::TakesOnlyChaCha20 => {
                tls(TlsServerOptions {
                    versions: TlsVersions::Tls12,
                    cipher_suites: vec![ECDHE_ECDSA_CHACHA20_POLY1305],
                    ..TlsServerOptions::new(Certificates::for_everyone(sound()?))
                })
                .await?
            }
            Behaviour::SpeaksOnlyTls11 => script(Script::Flight(tls11_flight(sound()?))).await?,
            Behaviour::RefusesConnection => Listener::Closed(ClosedPort::bind(*ip, port)?),
            Behaviour::SpeaksHttp => script(Script::PlainHttp).await?,
            Behaviour::KeepsSilent => script(Script::Silence).await?,
        };
        port = listener.port();
        listeners.push(listener);
    }
    Ok((port, listeners))
}

/// The flight of a server that chooses a CBC cipher suite, with a valid signature.
fn cbc_flight(served: ServedCertificate) -> Flight {
    let signed = SignedBy::EcdsaP256 { key: served.key };
    let parts = vec![
        FlightPart::ServerHello { version: TLS_1_2, cipher_suite: ECDHE_ECDSA_AES128_CBC_SHA },
        FlightPart::Certificate(served.chain),
        FlightPart::ServerKeyExchange { group: SECP256R1, signed },
        FlightPart::ServerHelloDone,
    ];
    Flight::new(TLS_1_2, parts)
}

/// The flight of a server that chooses TLS 1.1.
fn tls11_flight(served: ServedCertificate) -> Flight {
    let parts = vec![
        FlightPart::ServerHello { version: TLS_1_1, cipher_suite: RSA_AES128_CBC_SHA },
        FlightPart::Certificate(served.chain),
        FlightPart::ServerHelloDone,
    ];
    Flight::new(TLS_1_1, parts)
}

// IANA, "TLS Parameters".
const TLS_1_1: u16 = 0x0302;
const TLS_1_2: u16 = 0x0303;
const SECP256R1: u16 = 0x0017;
const RSA_AES128_CBC_SHA: u16 = 0x002f;
const ECDHE_ECDSA_AES128_CBC_SHA: u16 = 0xc009;
const ECDHE_ECDSA_CHACHA20_POLY1305: u16 = 0xcca9;
