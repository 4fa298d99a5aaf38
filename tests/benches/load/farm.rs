//! The origins: their DNS, their servers, and the file that lists them.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::KeyAlgorithm;
use origin_probe::demo::script::{Script, ScriptServer};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsVersions};

use super::stage::Pki;

/// Everything that the daemon talks to; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Farm {
    pub(crate) config: PathBuf,
    pub(crate) config_bytes: u64,
    origins: usize,
    hanging: usize,
    pub(crate) dns: DnsServer,
    servers: Vec<TlsServer>,
    silent: ScriptServer,
}

/// The number of end-entity certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndEntities {
    /// One for each server, which all its origins share.
    Shared,
    /// One for each origin.
    Distinct,
}

/// Different chains, so that they are shared as in a real fleet: by many origins, not by all.
const CHAINS: usize = 32;

impl Farm {
    /// Starts servers for `origins` origins, of which one in `hanging` never answers, and writes
    /// the configuration that has each probed every `interval`.
    pub(crate) async fn start(
        origins: usize,
        interval: Duration,
        hanging: usize,
        end_entities: EndEntities,
    ) -> Self {
        let pki = Pki::new(now());
        let mut servers = Vec::new();
        for chain in 0..CHAINS {
            let issued = pki.issue(&[&format!("*.c{chain}.example")], KeyAlgorithm::default());
            servers.push(pki.serve(ANY, issued, TlsVersions::Tls13).await);
        }
        let silent = ScriptServer::start(ANY, 0, Script::Silence).await.unwrap();
        let dns = DnsServer::start([]).await.unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("load");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("root.pem"), pki.root.pem()).unwrap();
        let head = format!(
            "web: {{listen: \"127.0.0.1:0\"}}\nresolver: {{nameservers: [\"{}\"]}}\n\
             log: {{level: error}}\nreachability: {{assume_public: [127.0.0.0/8]}}\n\
             trust_anchors: {{extra: [root.pem]}}\nprobe:\n  interval: {}s\n  \
             handshake_timeout: 10s\n{ORIGINS}",
            dns.address(),
            interval.as_secs()
        );
        let config = folder.join("origin-probe.yaml");
        if end_entities == EndEntities::Distinct {
            for (chain, server) in servers.iter().enumerate() {
                server.present(&one_each(&pki, (chain..origins).step_by(CHAINS))).unwrap();
            }
        }
        let mut farm = Self { config, config_bytes: 0, origins, hanging, dns, servers, silent };
        let yaml = head + &farm.list(0);
        farm.config_bytes = yaml.len() as u64;
        std::fs::write(&farm.config, &yaml).unwrap();
        farm
    }

    /// Writes a configuration whose origins have other names, at the same servers.
    pub(crate) fn swap(&self, generation: usize) {
        let before = std::fs::read_to_string(&self.config).unwrap();
        let head = before.split_once(ORIGINS).unwrap().0;
        let yaml = format!("{head}{ORIGINS}{}", self.list(generation));
        std::fs::write(&self.config, yaml).unwrap();
    }

    /// Writes a configuration with another `metrics.set`.
    pub(crate) fn choose_families(&self, set: &str) {
        let before = std::fs::read_to_string(&self.config).unwrap();
        std::fs::write(&self.config, format!("metrics: {{set: {set}}}\n{before}")).unwrap();
    }

    /// Lists the origins of one generation, and has DNS know them.
    fn list(&self, generation: usize) -> String {
        let Self { hanging, dns, servers, silent, .. } = self;
        let mut yaml = String::new();
        for origin in 0..self.origins {
            let chain = origin % CHAINS;
            let domain = domain(origin, generation);
            // The same share hangs at every address, beside those that answer.
            dns.set(&domain, DnsRecord::v4([address(origin / hanging)])).unwrap();
            let is_hanging = origin % hanging == hanging - 1;
            let server = if is_hanging { silent.address() } else { servers[chain].address() };
            let port = server.port();
            let id = format!("o{origin}-{generation}");
            writeln!(yaml, "  - {{id: {id}, domain: {domain}, https_port: {port}}}").unwrap();
        }
        yaml
    }
}

const ORIGINS: &str = "origins:\n";

fn domain(origin: usize, generation: usize) -> String {
    format!("o{origin}-{generation}.c{}.example", origin % CHAINS)
}

/// Returns a certificate for each origin of the first generation.
fn one_each(pki: &Pki, origins: impl Iterator<Item = usize>) -> Certificates {
    let by_name = origins.map(|origin| {
        let name = domain(origin, 0);
        let issued = pki.issue(&[&name], KeyAlgorithm::default());
        let chain = vec![issued.der, pki.intermediate.der()];
        (name, ServedCertificate::new(chain, issued.key))
    });
    Certificates { by_name: by_name.collect(), for_others: None }
}

const ANY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Spreads groups of origins over a thousand addresses.
fn address(group: usize) -> Ipv4Addr {
    let place = u32::try_from(group % 1000).unwrap();
    Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + place)
}

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}
