//! The demo: a certificate authority, a DNS server and broken origins on loopback. The tests use
//! it, too.

mod chains;
pub mod dns;
mod endpoints;
mod listen;
pub mod pki;
mod scenario;
pub mod script;
pub mod server;

pub use listen::ClosedPort;
pub use scenario::{SCENARIOS, Scenario};

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;

use chains::Authorities;
use dns::{DnsRecord, DnsServer};
use endpoints::{Listener, start_endpoints};
use scenario::{CUSTOM_DOMAIN, Chain, LOAD_BALANCER, Resolution, SITE};
use server::{Certificates, TlsServer, TlsServerOptions};

/// The running servers of all scenarios. They stop when this is dropped.
#[derive(Debug)]
pub struct Demo {
    started_at: Timestamp,
    root_pem: String,
    dns: DnsServer,
    _load_balancer: TlsServer,
    origins: Vec<RunningOrigin>,
    left_out: Vec<LeftOut>,
}

/// A scenario that cannot run on this machine.
#[derive(Debug)]
pub struct LeftOut {
    pub scenario: &'static Scenario,
    pub reason: DemoError,
}

impl Demo {
    /// Starts the DNS server and all origins. The certificates are issued as of `now`.
    ///
    /// Scenarios that need an address that this machine does not have (127.0.0.2, ::1) are skipped.
    pub async fn start(now: Timestamp) -> Result<Self, DemoError> {
        let authorities = Authorities::new(now)?;
        let load_balancer = start_load_balancer(&authorities).await?;
        let dns = DnsServer::start([
            (LOAD_BALANCER, DnsRecord::v4([Ipv4Addr::LOCALHOST])),
            (CUSTOM_DOMAIN, DnsRecord::cname(LOAD_BALANCER)),
        ])
        .await?;
        let (mut origins, mut left_out) = (Vec::new(), Vec::new());
        for scenario in SCENARIOS {
            let (https_port, listeners) = match scenario.resolution {
                Resolution::NameError => (HTTPS, Vec::new()),
                Resolution::LoadBalancer | Resolution::AliasOfLoadBalancer => {
                    (load_balancer.address().port(), Vec::new())
                }
                Resolution::Endpoints(endpoints) => {
                    dns.set(scenario.domain, endpoints::addresses(endpoints))?;
                    match start_endpoints(scenario, endpoints, &authorities).await {
                        Ok(started) => started,
                        Err(reason) if is_for_want_of_an_address(&reason) => {
                            left_out.push(LeftOut { scenario, reason });
                            continue;
                        }
                        Err(error) => return Err(error),
                    }
                }
            };
            origins.push(RunningOrigin { scenario, https_port, _listeners: listeners });
        }
        Ok(Self {
            // Certificate dates have a resolution of a second.
            started_at: Timestamp::from_second(now.as_second()).unwrap_or(now),
            root_pem: authorities.root.pem(),
            dns,
            _load_balancer: load_balancer,
            origins,
            left_out,
        })
    }

    /// Returns the instant, in whole seconds, that the days in scenarios are relative to.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Returns the running scenarios.
    pub fn scenarios(&self) -> impl Iterator<Item = &'static Scenario> {
        self.origins.iter().map(|origin| origin.scenario)
    }

    /// Returns the skipped scenarios with the reason.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the port of a running scenario's origin.
    pub fn https_port(&self, id: &str) -> Option<u16> {
        self.origins.iter().find(|origin| origin.scenario.id == id).map(|origin| origin.https_port)
    }

    /// Returns the DNS server, which resolves all origins.
    pub fn dns(&self) -> &DnsServer {
        &self.dns
    }

    /// Returns the root certificate to trust, in PEM.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// Returns the configuration file of a daemon that listens on `listen` and probes all running
    /// scenarios. `trust_anchor_pem` is the path of the file with [`Self::root_pem`].
    pub fn config_yaml(&self, listen: SocketAddr, trust_anchor_pem: &Path) -> String {
        let mut yaml = format!(
            "web: {{listen: \"{listen}\"}}\n\
             probe: {{interval: 15s, handshake_timeout: 3s}}\n\
             resolver: {{nameservers: [\"{}\"]}}\n\
             trust_anchors: {{mozilla: false, extra: [{}]}}\n\
             reachability: {{assume_public: [\"127.0.0.0/8\", \"::1/128\"]}}\n\
             origins:\n",
            self.dns.address(),
            quoted(&trust_anchor_pem.to_string_lossy()),
        );
        for origin in &self.origins {
            origin.write_yaml(&mut yaml).expect("writing to a string does not fail");
        }
        yaml
    }
}

/// The port of an origin that has no server.
const HTTPS: u16 = 443;

#[derive(Debug)]
struct RunningOrigin {
    scenario: &'static Scenario,
    https_port: u16,
    _listeners: Vec<Listener>,
}

impl RunningOrigin {
    fn write_yaml(&self, yaml: &mut String) -> std::fmt::Result {
        let Scenario { id, story, domain, viewer_hosts, .. } = self.scenario;
        writeln!(yaml, "  # {story}")?;
        writeln!(yaml, "  - id: {}", quoted(id))?;
        writeln!(yaml, "    domain: {}", quoted(domain))?;
        writeln!(yaml, "    https_port: {}", self.https_port)?;
        if !viewer_hosts.is_empty() {
            let hosts: Vec<String> = viewer_hosts.iter().map(|host| quoted(host)).collect();
            writeln!(yaml, "    viewer_hosts: [{}]", hosts.join(", "))?;
        }
        match self.scenario.resolution {
            Resolution::Endpoints(endpoints) if endpoints.iter().any(|at| at.ip.is_ipv6()) => {
                writeln!(yaml, "    ip_address_type: dualstack")
            }
            _ => Ok(()),
        }
    }
}

/// Returns the text as a double-quoted YAML scalar, using the JSON syntax.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Starts a load balancer like those of AWS: a default certificate, and one for another name.
async fn start_load_balancer(authorities: &Authorities) -> Result<TlsServer, DemoError> {
    let additional = authorities.serve(Chain::Sound, &[CUSTOM_DOMAIN])?;
    let certificates = Certificates {
        by_name: BTreeMap::from([(CUSTOM_DOMAIN.to_owned(), additional)]),
        for_others: Some(authorities.serve(Chain::Sound, &[SITE])?),
    };
    TlsServer::start(Ipv4Addr::LOCALHOST.into(), 0, &TlsServerOptions::new(certificates)).await
}

/// Returns whether a scenario failed only because the machine lacks a loopback address.
fn is_for_want_of_an_address(error: &DemoError) -> bool {
    matches!(error, DemoError::Listen { address, .. } if address.ip() != Ipv4Addr::LOCALHOST)
}

/// An error that prevents a part of the demo from starting.
#[derive(Debug, Error)]
pub enum DemoError {
    /// An error of rcgen or the crypto library.
    #[error("cannot create the certificate of `{name}`")]
    Certificate { name: String, source: rcgen::Error },
    /// Certificates have four-digit years (RFC 5280 §4.1.2.5).
    #[error("cannot create the certificate of `{name}`: {instant} is before the year 1")]
    Instant { name: String, instant: Timestamp },
    /// A name that is not valid in DNS.
    #[error("invalid DNS record `{name}`: the name or its target is not a domain name")]
    DnsName { name: String, source: hickory_server::proto::ProtoError },
    /// The operating system refused the address.
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    /// rustls rejected the settings of a server.
    #[error("{address}: invalid TLS server settings")]
    Tls { address: SocketAddr, source: rustls::Error },
    /// The authority for client certificates is invalid.
    #[error("{address}: invalid authority for client certificates")]
    ClientAuthority { address: SocketAddr, source: rustls::server::VerifierBuilderError },
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{DemoError, is_for_want_of_an_address};

    #[test]
    fn only_another_address_than_the_first_may_be_wanting() {
        let error = |address: &str| DemoError::Listen {
            address: address.parse().unwrap(),
            source: io::Error::from(io::ErrorKind::AddrNotAvailable),
        };
        let wanting = ["127.0.0.1:443", "127.0.0.2:443", "[::1]:443"]
            .map(|address| is_for_want_of_an_address(&error(address)));
        assert_eq!(wanting, [false, true, true]);
    }
}
