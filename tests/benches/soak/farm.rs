//! The origins of a soak: a third hostile, a third that change between answering and failing, a
//! third healthy; their DNS, and the configuration of each minute.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use origin_probe::demo::dns::{DnsRecord, DnsServer};

use super::common::forge::Key;
use super::common::hostile::DOMAIN;
use super::kinds;
use super::kinds::{Kind, Pki, keep};
use super::server::{Behavior, Server, Step};
use super::wire::{Hello, alert};

/// What an origin must be at an instant; `None` while that may not be known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Answers,
    Fails,
    Undecided,
    /// Undecided because the daemon says that this machine is too slow: never wanted, but no fault.
    Doubted,
}

/// Everything that the daemon talks to; it stops when dropped.
pub(crate) struct Farm {
    pub(crate) config: PathBuf,
    /// The verdict and the server of each hostile origin.
    hostile: Vec<(Wanted, Server)>,
    changing: Vec<Server>,
    healthy: Server,
    began: Instant,
    origins: usize,
    interval: Duration,
    dns: DnsServer,
}

/// How long a changing origin answers, and then fails.
pub(crate) const PHASE: Duration = Duration::from_secs(180);

/// How a changing origin fails, and by how much of a phase each is ahead of the one before it.
const FAILURES: [fn() -> Vec<Step>; 3] = [
    || vec![Step::Close],
    || vec![Step::Send(alert(2, 40)), Step::Close],
    || vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), Step::Close],
];

/// How many origins of each third a reload replaces.
const SWAPPED: usize = 20;

impl Farm {
    pub(crate) async fn start(origins: usize, interval: Duration) -> Self {
        let (pki, began) = (Arc::new(Pki::new(Key::new)), Instant::now());
        let mut hostile = Vec::new();
        for Kind { behavior, expected, .. } in kinds::constant(&pki) {
            let wanted = match expected.answer {
                "answers" => Wanted::Answers,
                "fails" => Wanted::Fails,
                _ => Wanted::Undecided,
            };
            hostile.push((wanted, Server::start(behavior).await));
        }
        let mut changing = Vec::new();
        for (number, fail) in FAILURES.into_iter().enumerate() {
            let pki = Arc::clone(&pki);
            let script = move |hello: &Hello, _| match answers_at(began.elapsed(), number) {
                true => keep(pki.flight13(hello)),
                false => fail(),
            };
            let behavior = Behavior { before: Vec::new(), script: Arc::new(script) };
            changing.push(Server::start(behavior).await);
        }
        let root = pki.root_pem.clone();
        let script = move |hello: &Hello, _| keep(pki.flight13(hello));
        let behavior = Behavior { before: Vec::new(), script: Arc::new(script) };
        let healthy = Server::start(behavior).await;
        let dns = DnsServer::start([(DOMAIN, DnsRecord::v4([Ipv4Addr::LOCALHOST]))]).await.unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("soak");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("root.pem"), root).unwrap();
        let config = folder.join("origin-probe.yaml");
        let farm = Self { config, hostile, changing, healthy, began, origins, interval, dns };
        farm.write(None, 0);
        farm
    }

    /// Writes the configuration of a generation; the daemon chooses its address unless it has one.
    pub(crate) fn write(&self, listen: Option<SocketAddr>, generation: usize) {
        let listen = listen.map_or_else(|| "127.0.0.1:0".to_owned(), |listen| listen.to_string());
        let mut yaml = format!(
            "web: {{listen: \"{listen}\"}}\nresolver: {{nameservers: [\"{}\"]}}\n\
             log: {{level: error}}\nreachability: {{assume_public: [127.0.0.0/8]}}\n\
             trust_anchors: {{extra: [root.pem]}}\nprobe:\n  interval: {}s\n  \
             handshake_timeout: 5s\n  per_address: 256\norigins:\n",
            self.dns.address(),
            self.interval.as_secs()
        );
        for number in 0..self.origins {
            let port = self.server(number).address.port();
            let id = id(number, generation);
            writeln!(yaml, "  - {{id: {id}, domain: {DOMAIN}, https_port: {port}}}").unwrap();
        }
        // All or nothing: the daemon reads the file when it changes.
        let draft = self.config.with_extension("draft");
        std::fs::write(&draft, yaml).unwrap();
        std::fs::rename(draft, &self.config).unwrap();
    }

    fn server(&self, number: usize) -> &Server {
        match number % 3 {
            0 => &self.hostile[number / 3 % self.hostile.len()].1,
            1 => &self.changing[number / 3 % self.changing.len()],
            _ => &self.healthy,
        }
    }

    /// Returns what is to be shown of the origin with this id, if it was there for long enough and
    /// its last change was more than `delay` ago.
    pub(crate) fn wanted(&self, id: &str, delay: Duration) -> Option<Wanted> {
        let number: usize = id[1..].split('g').next().unwrap().parse().unwrap();
        match number % 3 {
            0 => Some(self.hostile[number / 3 % self.hostile.len()].0),
            1 => {
                let (kind, now) = (number / 3 % self.changing.len(), self.began.elapsed());
                let before = now.checked_sub(delay)?;
                let is_settled = phase(before, kind) == phase(now, kind);
                let wanted = match answers_at(now, kind) {
                    true => Wanted::Answers,
                    false => Wanted::Fails,
                };
                is_settled.then_some(wanted)
            }
            _ => Some(Wanted::Answers),
        }
    }

    /// Tells whether an origin is one of those that always answer.
    pub(crate) fn is_healthy(id: &str) -> bool {
        id[1..].split('g').next().unwrap().parse::<usize>().unwrap() % 3 == 2
    }
}

/// The id of an origin: a part of them has another one in each generation.
fn id(number: usize, generation: usize) -> String {
    match number < SWAPPED * 3 {
        true => format!("o{number}g{generation}"),
        false => format!("o{number}"),
    }
}

fn phase(at: Duration, kind: usize) -> u64 {
    (at.as_secs() + PHASE.as_secs() * kind as u64 / FAILURES.len() as u64) / PHASE.as_secs()
}

fn answers_at(at: Duration, kind: usize) -> bool {
    phase(at, kind).is_multiple_of(2)
}
