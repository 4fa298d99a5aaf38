//! Everything that a reload reads: the configuration file, the trust anchors it names, the web
//! configuration file with its keys, and the system's nameservers.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::oneshot;

use crate::chain::TrustAnchors;
use crate::config::Config;
use crate::config::Stamp;
use crate::config::WebFile;
use crate::limits::FileKinds;
use crate::limits::MOST_FILE_BYTES;
use crate::limits::read_file;
use crate::limits::read_hangs;
use crate::origin::OriginKey;
use crate::origin::Shard;
use crate::pages::Door;

use super::parts::Parts;

/// Where the configuration comes from, and which part of its origins counts.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) shard: Shard,
    /// The web configuration file; `None`: the pages are for everybody.
    pub(super) web: Option<PathBuf>,
}

/// What one reading of the source gave; nothing of it is in use yet.
#[derive(Debug)]
pub(super) struct Reading {
    /// The origins of other shards are left out.
    pub(super) config: Config,
    /// How many origins the file has for all shards.
    pub(super) origins_of_all_shards: usize,
    /// Every origin of the file, those of other shards and the disabled ones included, where any
    /// are discovered besides.
    pub(super) keys: HashSet<OriginKey>,
    pub(super) parts: Parts,
    pub(super) anchors: Arc<TrustAnchors>,
    pub(super) grounds: Grounds,
    pub(super) door: Door,
    pub(super) looks: Fingerprint,
}

/// What verdicts rest on besides the origins: where it differs, every origin is probed anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grounds {
    nameservers: Vec<std::net::SocketAddr>,
    confirm_with: Vec<std::net::SocketAddr>,
    breadth: crate::resolve::Breadth,
    /// The system's own list, where that is used.
    resolv_conf: Option<Vec<u8>>,
    anchors: [u8; 32],
    assume_public: Vec<ipnet::IpNet>,
}

impl Source {
    /// Reads everything on a thread that ends afterwards: idle threads of the runtime would keep
    /// the memory that reading took.
    ///
    /// # Errors
    /// When anything is wrong, or the system gives no thread.
    pub(super) async fn read_on_its_own_thread(&self) -> anyhow::Result<Reading> {
        let (sender, reading) = oneshot::channel();
        let source = self.clone();
        std::thread::Builder::new()
            .name("reload".to_owned())
            .spawn(move || drop(sender.send(source.read())))
            .context("cannot start a thread to read the configuration")?;
        reading
            .await
            .context("reading the configuration panicked; this is a bug of origin-probe")?
    }

    /// Reads everything, and uses nothing of it.
    pub(super) fn read(&self) -> anyhow::Result<Reading> {
        let mut looks = Fingerprint::default();
        looks.add(&self.path)?;
        let mut config = Config::load(&self.path, FileKinds::Regular)?;
        let origins_of_all_shards = config.origins.len();
        let keys = configured_keys(&config);
        config.origins.retain(|origin| self.shard.takes(origin));
        let parts = Parts::of(&config);
        for file in &parts.extra_anchors {
            looks.add(file)?;
        }
        let anchors = parts.anchors(FileKinds::Regular)?;
        let grounds = Grounds {
            nameservers: parts.nameservers.clone(),
            confirm_with: parts.confirm_with.clone(),
            breadth: parts.breadth,
            resolv_conf: match parts.nameservers.is_empty() {
                true => read_file(RESOLV_CONF.as_ref(), MOST_FILE_BYTES, FileKinds::Regular).ok(),
                false => None,
            },
            anchors: anchors.id(),
            assume_public: parts.limits.assume_public.clone(),
        };
        let anchors = Arc::new(anchors);
        let door = self.door(&mut looks)?;
        Ok(Reading { config, origins_of_all_shards, keys, parts, anchors, grounds, door, looks })
    }

    fn door(&self, looks: &mut Fingerprint) -> anyhow::Result<Door> {
        let Some(path) = &self.web else { return Ok(Door::open()) };
        looks.add(path)?;
        let settings = WebFile::load(path)?;
        for file in settings.files() {
            looks.add(file)?;
        }
        let door = Door::new(settings);
        door.with_context(|| format!("{} cannot be used", path.display()))
    }
}

const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Returns what no source may bring back.
pub(super) fn configured_keys(config: &Config) -> HashSet<OriginKey> {
    if config.discovery.is_empty() {
        return HashSet::new();
    }
    let enabled = config.origins.iter().map(|origin| &origin.key);
    enabled.chain(&config.disabled_origins).cloned().collect()
}

/// How each file looked before it was read. It has changed when it looks different later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(BTreeMap<PathBuf, FileState>);

/// How one file looked, and whether reading it hangs: when that ends it can be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileState {
    stamp: Option<Stamp>,
    read_hangs: bool,
}

impl Fingerprint {
    /// Looks at a file that is read next.
    fn add(&mut self, file: &Path) -> anyhow::Result<()> {
        // One that cannot be looked at in time would only delay the error by being read.
        let stamp = Stamp::of(file).with_context(|| file.display().to_string())?;
        self.0.insert(file.to_owned(), FileState { stamp, read_hangs: read_hangs(file) });
        Ok(())
    }

    /// Looks at the same files again.
    pub(super) fn again(&self) -> Self {
        let files: Vec<PathBuf> = self.0.keys().cloned().collect();
        let stamps = Stamp::of_all(&files);
        let state = |(stamp, file): (_, PathBuf)| {
            let read_hangs = read_hangs(&file);
            (file, FileState { stamp, read_hangs })
        };
        Self(stamps.into_iter().zip(files).map(state).collect())
    }

    /// Notes which reads hang now that the files have been read.
    pub(super) fn note_what_hangs(&mut self) {
        for (file, state) in &mut self.0 {
            state.read_hangs = read_hangs(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::Fingerprint;
    use super::Shard;
    use super::Source;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("origin-probe-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn the_swap_of_a_config_map_is_a_change() {
        let folder = folder("swap");
        for (version, text) in [("..1", "a"), ("..2", "b")] {
            fs::create_dir(folder.join(version)).unwrap();
            fs::write(folder.join(version).join("f.yaml"), text).unwrap();
        }
        symlink("..1", folder.join("..data")).unwrap();
        symlink("..data/f.yaml", folder.join("f.yaml")).unwrap();
        let mut looks = Fingerprint::default();
        looks.add(&folder.join("f.yaml")).unwrap();
        assert_eq!(looks.again(), looks);
        symlink("..2", folder.join("..new")).unwrap();
        fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
        assert_ne!(looks.again(), looks);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_change_of_any_file_after_its_read_is_noticed_and_so_is_its_absence() {
        let folder = folder("every-file");
        let contract = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
        let [path, web, pem] = ["f.yaml", "web.yaml", "root.pem"].map(|name| folder.join(name));
        fs::copy(contract.join("root.pem"), &pem).unwrap();
        let yaml = "trust_anchors: {extra: [root.pem]}\norigins: [{id: a, domain: a.example}]\n";
        fs::write(&path, yaml).unwrap();
        fs::write(&web, "rate_limit: {interval: 1s, burst: 1}\n").unwrap();
        let source = Source { path: path.clone(), shard: Shard::WHOLE, web: Some(web.clone()) };
        for file in [path, web, pem] {
            let read = source.read().unwrap().looks;
            assert_eq!(read.again(), read);
            let content = fs::read(&file).unwrap();
            fs::write(&file, [&*content, b"\n"].concat()).unwrap();
            let changed = read.again();
            assert_ne!(changed, read, "{}", file.display());
            fs::remove_file(&file).unwrap();
            assert_ne!(changed.again(), changed, "{}", file.display());
            fs::write(&file, content).unwrap();
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
