//! Reads everything that a reload reads: the configuration file, its trust anchors, the web
//! configuration file with its keys, and the system's nameservers.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::oneshot;

use crate::chain::TrustAnchors;
use crate::config::{Config, WebFile};
use crate::limits::{FileKinds, FileStamp, MOST_FILE_BYTES, read_file, read_hangs};
use crate::origin::{OriginKey, ProberConfig, Shard};
use crate::web::WebAccess;

/// The configuration files, and the shard of origins to probe.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) shard: Shard,
    /// The web configuration file; without one the web server is open to all clients.
    pub(crate) web: Option<PathBuf>,
}

/// The result of reading a source, not in use yet.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Without the origins of other shards.
    pub(crate) config: Config,
    /// The number of origins in the file, for all shards.
    pub(crate) origins_of_all_shards: usize,
    /// The keys of all origins in the file, including disabled ones and other shards; empty without
    /// discovery.
    pub(crate) keys: HashSet<OriginKey>,
    pub(crate) anchors: Arc<TrustAnchors>,
    pub(super) inputs: VerdictInputs,
    pub(crate) access: WebAccess,
    pub(super) fingerprint: Fingerprint,
}

/// The inputs of verdicts besides the configuration file. If one changes, every origin is probed
/// again at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VerdictInputs {
    /// The system's nameservers, if they are used.
    resolv_conf: Option<Vec<u8>>,
    anchors: [u8; 32],
}

impl Source {
    /// Reads everything on a temporary thread. Threads of the runtime stay idle afterwards and
    /// would keep the memory that reading allocates.
    ///
    /// # Errors
    /// When the configuration is invalid, or the thread cannot be started.
    pub(super) async fn read_on_its_own_thread(&self) -> anyhow::Result<Reading> {
        let (sender, reading) = oneshot::channel();
        let source = self.clone();
        std::thread::Builder::new()
            .name("reload".to_owned())
            .spawn(move || drop(sender.send(source.read())))
            .context("cannot start a thread to read the configuration")?;
        reading
            .await
            .context("reading the configuration panicked; please report this bug in origin-probe")?
    }

    /// Reads everything without applying it.
    pub(crate) fn read(&self) -> anyhow::Result<Reading> {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(&self.path)?;
        let config = Config::load(&self.path, FileKinds::Regular);
        let (mut config, access) = match (config, self.access(&mut fingerprint)) {
            (Ok(config), Ok(access)) => (config, access),
            // All mistakes at once, whichever file they are in.
            (Err(errors), Err(error)) => anyhow::bail!("{errors}\n{error:#}"),
            (Err(errors), Ok(_)) => return Err(errors.into()),
            (Ok(_), Err(error)) => return Err(error),
        };
        let origins_of_all_shards = config.origins.len();
        let keys = configured_keys(&config);
        config.origins.retain(|origin| self.shard.takes(origin));
        for file in &config.prober.extra_anchors {
            fingerprint.add(file)?;
        }
        let anchors = anchors(&config.prober, FileKinds::Regular)?;
        let inputs = VerdictInputs {
            resolv_conf: match config.prober.nameservers.is_empty() {
                true => read_file(RESOLV_CONF.as_ref(), MOST_FILE_BYTES, FileKinds::Regular).ok(),
                false => None,
            },
            anchors: anchors.id(),
        };
        let anchors = Arc::new(anchors);
        Ok(Reading { config, origins_of_all_shards, keys, anchors, inputs, access, fingerprint })
    }

    fn access(&self, fingerprint: &mut Fingerprint) -> anyhow::Result<WebAccess> {
        let Some(path) = &self.web else { return Ok(WebAccess::open()) };
        fingerprint.add(path)?;
        let settings = WebFile::load(path)?;
        for file in settings.files() {
            fingerprint.add(file)?;
        }
        let access = WebAccess::new(settings);
        access.with_context(|| format!("{}: cannot be used", path.display()))
    }
}

/// Reads the trust anchors from files of the given `kinds`.
pub(crate) fn anchors(config: &ProberConfig, kinds: FileKinds) -> anyhow::Result<TrustAnchors> {
    let mut anchors = if config.mozilla { TrustAnchors::mozilla() } else { TrustAnchors::none() };
    for path in &config.extra_anchors {
        let pem = read_file(path, MOST_ANCHOR_BYTES, kinds);
        // Not a context: the error's text already contains that of its source.
        let pem = pem.map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
        anchors.add_pem(path, &pem)?;
    }
    Ok(anchors)
}

/// Mozilla's list takes 240 kB.
const MOST_ANCHOR_BYTES: u64 = 16 << 20;
const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Returns the keys of all configured origins, which sources may not redefine.
pub(crate) fn configured_keys(config: &Config) -> HashSet<OriginKey> {
    if config.discovery.is_empty() {
        return HashSet::new();
    }
    let enabled = config.origins.iter().map(|origin| &origin.key);
    enabled.chain(&config.disabled_origins).cloned().collect()
}

/// The state of each file before it was read. A file has changed if its state differs later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint(BTreeMap<PathBuf, FileState>);

/// The state of a file, and whether reading it hangs. When a hanging read ends, the file is read
/// again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileState {
    stamp: Option<FileStamp>,
    read_hangs: bool,
}

impl Fingerprint {
    /// Records the state of a file that is about to be read.
    fn add(&mut self, file: &Path) -> anyhow::Result<()> {
        // If this times out, so would reading the file.
        let stamp = FileStamp::of(file);
        let stamp = stamp.map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        self.0.insert(file.to_owned(), FileState { stamp, read_hangs: read_hangs(file) });
        Ok(())
    }

    /// Returns the current state of the same files.
    pub(super) fn again(&self) -> Self {
        let files: Vec<PathBuf> = self.0.keys().cloned().collect();
        let stamps = FileStamp::of_all(&files);
        let state = |(stamp, file): (_, PathBuf)| {
            let read_hangs = read_hangs(&file);
            (file, FileState { stamp, read_hangs })
        };
        Self(stamps.into_iter().zip(files).map(state).collect())
    }

    /// Records which reads hang, after the files have been read.
    pub(super) fn note_what_hangs(&mut self) {
        for (file, state) in &mut self.0 {
            state.read_hangs = read_hangs(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Shard, Source};

    #[test]
    fn a_change_of_any_file_after_its_read_is_noticed_and_so_is_its_absence() {
        let name = format!("origin-probe-{}-every-file", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let contract = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
        let [path, web, pem] = ["f.yaml", "web.yaml", "root.pem"].map(|name| folder.join(name));
        fs::copy(contract.join("root.pem"), &pem).unwrap();
        let yaml = "trust_anchors: {extra: [root.pem]}\norigins: [{id: a, domain: a.example}]\n";
        fs::write(&path, yaml).unwrap();
        fs::write(&web, "rate_limit: {interval: 1s, burst: 1}\n").unwrap();
        let source = Source { path: path.clone(), shard: Shard::WHOLE, web: Some(web.clone()) };
        for file in [path, web, pem] {
            let read = source.read().unwrap().fingerprint;
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
