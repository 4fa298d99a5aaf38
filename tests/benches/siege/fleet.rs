//! The origins: two thousand, of which a thousand at a time are configured, and a giant.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::dns::DnsRecord;
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};

use super::farm::{EndEntities, Farm};

/// How many origins are configured at a time, besides the giant.
pub const ORIGINS: usize = 1000;
/// The scraper's.
pub const PASSWORD: &str = "correct horse battery staple";

/// Everything the daemon talks to, and its files.
pub struct Fleet {
    pub listen: SocketAddr,
    folder: PathBuf,
    inside: PathBuf,
    header: String,
    origins: Vec<String>,
    giant: Giant,
    _farm: Farm,
}

/// Which half of the two thousand origins is configured, and whether the giant is.
#[derive(Clone, Copy)]
pub enum Configured {
    First,
    Second,
    FirstWithGiant,
}

/// Tells whether the origin of this number never answers: one in sixteen.
pub fn hangs(number: usize) -> bool {
    number % HANGING == HANGING - 1
}

const HANGING: usize = 16;

impl Fleet {
    pub async fn start() -> Self {
        let interval = Duration::from_secs(30);
        let farm = Farm::start(2 * ORIGINS, interval, HANGING, EndEntities::Shared).await;
        let giant = Giant::start(&farm).await;
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        let default = || farm.config.parent().unwrap().join("siege");
        let folder = variable("ORIGIN_PROBE_FOLDER").unwrap_or_else(default);
        let inside = variable("ORIGIN_PROBE_FOLDER_INSIDE").unwrap_or_else(|| folder.clone());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(farm.config.with_file_name("root.pem"), folder.join("root.pem")).unwrap();
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let yaml = std::fs::read_to_string(&farm.config).unwrap();
        let (header, origins) = yaml.split_once("origins:\n").unwrap();
        let header = header
            .replace("127.0.0.1:0\"", &format!("{listen}\""))
            .replace("level: error", "level: debug");
        let origins = origins.lines().map(str::to_owned).collect();
        let hash = bcrypt::hash(PASSWORD, 10).unwrap();
        let web = format!("basic_auth_users: {{prometheus: \"{hash}\"}}\n");
        std::fs::write(folder.join("web.yaml"), web).unwrap();
        let fleet = Self { listen, folder, inside, header, origins, giant, _farm: farm };
        fleet.configure(Configured::First);
        fleet
    }

    /// Writes the configuration.
    pub fn configure(&self, configured: Configured) {
        let (first, second) = self.origins.split_at(ORIGINS);
        let mut yaml = format!("{}origins:\n", self.header);
        let origins = match configured {
            Configured::First | Configured::FirstWithGiant => first,
            Configured::Second => second,
        };
        for origin in origins {
            yaml.push_str(origin);
            yaml.push('\n');
        }
        if matches!(configured, Configured::FirstWithGiant) {
            yaml.push_str(&self.giant.origin);
        }
        self.replace("origin-probe.yaml", |path| std::fs::write(path, &yaml).unwrap());
    }

    /// Puts what `make` makes in the place of a file, at once.
    pub fn replace(&self, name: &str, make: impl FnOnce(&std::path::Path)) {
        let new = self.folder.join(format!("{name}.new"));
        let _ = std::fs::remove_file(&new);
        make(&new);
        std::fs::rename(new, self.folder.join(name)).unwrap();
    }

    /// Returns where the daemon finds a file.
    pub fn inside(&self, name: &str) -> PathBuf {
        self.inside.join(name)
    }

    /// Returns how often the giant was asked.
    pub fn connections_to_giant(&self) -> u64 {
        self.giant.servers.iter().map(TlsServer::connections).sum()
    }
}

/// One origin of 64 addresses and 20 server names, with a certificate of 59 kB for each of them.
struct Giant {
    origin: String,
    servers: Vec<TlsServer>,
}

impl Giant {
    async fn start(farm: &Farm) -> Self {
        let year = || Window::days(-10..355, now());
        let root = Authority::root("Giant Root", year()).unwrap();
        let addresses: [Ipv4Addr; 64] =
            std::array::from_fn(|last| Ipv4Addr::new(127, 9, 9, last as u8 + 1));
        farm.dns.set("giant.example", DnsRecord::v4(addresses)).unwrap();
        let hosts: Vec<_> = (0..20).map(|host| format!("h{host}.giant.example")).collect();
        let mut servers: Vec<TlsServer> = Vec::new();
        for address in addresses {
            let mut certificates = Certificates::default();
            for host in &hosts {
                let names: Vec<_> = (0..2_400).map(|n| format!("n{n}.{address}.{host}")).collect();
                let mut names: Vec<_> = names.iter().map(String::as_str).collect();
                names.insert(0, host);
                let issued = root.issue(&EndEntity::new(&names, year())).unwrap();
                let served = ServedCertificate::new(vec![issued.der], issued.key);
                certificates.by_name.insert(host.clone(), served);
            }
            let port = servers.first().map_or(0, |server| server.address().port());
            let options = TlsServerOptions::new(certificates);
            servers.push(TlsServer::start(IpAddr::V4(address), port, &options).await.unwrap());
        }
        let (hosts, port) = (hosts.join(", "), servers[0].address().port());
        let origin = format!(
            "  - {{id: giant, domain: giant.example, https_port: {port}, viewer_hosts: [{hosts}]}}\n"
        );
        Self { origin, servers }
    }
}

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}
