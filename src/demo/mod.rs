//! A certificate authority, a DNS server and broken origins on loopback: the whole demo, which is
//! also what the tests probe.

mod chains;
pub mod dns;
mod endpoints;
mod error;
mod listen;
pub mod pki;
mod scenario;
pub mod script;
pub mod server;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use chains::Authorities;
use dns::DnsRecord;
use dns::DnsServer;
use endpoints::Listener;
use endpoints::start_endpoints;
pub use error::DemoError;
pub use listen::ClosedPort;
use scenario::CUSTOM_DOMAIN;
use scenario::Chain;
use scenario::LOAD_BALANCER;
use scenario::Resolution;
pub use scenario::SCENARIOS;
use scenario::SITE;
pub use scenario::Scenario;
use server::Certificates;
use server::TlsServer;
use server::TlsServerOptions;

/// Everything that the demo's scenarios need, running; it stops when dropped.
#[derive(Debug)]
pub struct Demo {
    started_at: Timestamp,
    root_pem: String,
    dns: DnsServer,
    _load_balancer: TlsServer,
    origins: Vec<RunningOrigin>,
    left_out: Vec<LeftOut>,
}

/// A scenario that this machine cannot play.
#[derive(Debug)]
pub struct LeftOut {
    pub scenario: &'static Scenario,
    pub reason: DemoError,
}

impl Demo {
    /// Starts the DNS server and every origin; the certificates are issued as of `now`.
    ///
    /// A scenario that needs an address which this machine does not have (127.0.0.2, ::1) is left
    /// out.
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
            // Certificates know whole seconds only.
            started_at: Timestamp::from_second(now.as_second()).unwrap_or(now),
            root_pem: authorities.root.pem(),
            dns,
            _load_balancer: load_balancer,
            origins,
            left_out,
        })
    }

    /// Returns the instant, in whole seconds, from which the scenarios' days are counted.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Returns the scenarios that are running.
    pub fn scenarios(&self) -> impl Iterator<Item = &'static Scenario> {
        self.origins.iter().map(|origin| origin.scenario)
    }

    /// Returns the scenarios that are not, with the reason.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the port of a running scenario's origin.
    pub fn https_port(&self, id: &str) -> Option<u16> {
        self.origins.iter().find(|origin| origin.scenario.id == id).map(|origin| origin.https_port)
    }

    /// Returns the DNS server, which knows all of the origins.
    pub fn dns(&self) -> &DnsServer {
        &self.dns
    }

    /// Returns the root to be trusted, in PEM.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// Returns the configuration file of a daemon that listens on `listen` and probes everything
    /// here; `trust_anchor_pem` is where [`Self::root_pem`] has been written to.
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

/// The port of an origin of which no port is ever reached.
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

/// Returns the text as a double-quoted scalar; a JSON string is one in YAML too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Starts a load balancer as AWS makes it: a default certificate, and another for one more name.
async fn start_load_balancer(authorities: &Authorities) -> Result<TlsServer, DemoError> {
    let additional = authorities.serve(Chain::Sound, &[CUSTOM_DOMAIN])?;
    let certificates = Certificates {
        by_name: BTreeMap::from([(CUSTOM_DOMAIN.to_owned(), additional)]),
        for_others: Some(authorities.serve(Chain::Sound, &[SITE])?),
    };
    TlsServer::start(Ipv4Addr::LOCALHOST.into(), 0, &TlsServerOptions::new(certificates)).await
}

/// Tells whether a scenario lacks only an address that not every machine has.
fn is_for_want_of_an_address(error: &DemoError) -> bool {
    matches!(error, DemoError::Listen { address, .. } if address.ip() != Ipv4Addr::LOCALHOST)
}

#[cfg(test)]
mod tests;
