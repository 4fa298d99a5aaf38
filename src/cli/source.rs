//! Everything that a reload reads: the configuration file, the trust anchors it names, the web
//! configuration file with its keys, and the system's nameservers.

use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;

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
    /// Reads everything, and uses nothing of it.
    pub(super) fn read(&self) -> anyhow::Result<Reading> {
        let mut config = Config::load(&self.path, FileKinds::Regular)?;
        let origins_of_all_shards = config.origins.len();
        let keys = configured_keys(&config);
        config.origins.retain(|origin| self.shard.takes(origin));
        let parts = Parts::of(&config);
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
        let door = self.door()?;
        Ok(Reading { config, origins_of_all_shards, keys, parts, anchors, grounds, door })
    }

    fn door(&self) -> anyhow::Result<Door> {
        let Some(path) = &self.web else { return Ok(Door::open()) };
        let door = Door::new(WebFile::load(path)?);
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

/// How the files that were read looked: another look tells whether any of them has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(Vec<FileState>);

/// How one file looked, and whether reading it hangs: when that ends it can be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileState {
    stamp: Option<Stamp>,
    read_hangs: bool,
}

impl Fingerprint {
    /// Looks at the files of `source`, at the trust anchors' files that `config` names, and at
    /// those that the `door` was made of.
    pub(super) fn of(source: &Source, config: &Config, door: &Door) -> Self {
        let files: Vec<PathBuf> = std::iter::once(&*source.path)
            .chain(config.trust_anchors.extra.iter().map(|path| &**path))
            .chain(source.web.as_deref())
            .chain(door.settings().into_iter().flat_map(WebFile::files))
            .map(Path::to_owned)
            .collect();
        let stamps = Stamp::of_all(&files);
        let state =
            |(stamp, file): (_, &PathBuf)| FileState { stamp, read_hangs: read_hangs(file) };
        Self(stamps.into_iter().zip(&files).map(state).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::Config;
    use super::Door;
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
        let path = folder.join("f.yaml");
        let source = Source { path: path.clone(), shard: Shard::WHOLE, web: None };
        let config = Config::parse(&path, b"origins: [{id: a, domain: a.example}]").unwrap();
        let before = Fingerprint::of(&source, &config, &Door::open());
        assert_eq!(Fingerprint::of(&source, &config, &Door::open()), before);
        symlink("..2", folder.join("..new")).unwrap();
        fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
        assert_ne!(Fingerprint::of(&source, &config, &Door::open()), before);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_goes_or_comes_is_a_change_and_so_is_that_of_an_anchor() {
        let folder = folder("anchor");
        let path = folder.join("f.yaml");
        let source = Source { path: path.clone(), shard: Shard::WHOLE, web: None };
        let config = Config::parse(
            &path,
            b"trust_anchors: {extra: [root.pem]}\norigins: [{id: a, domain: a.example}]",
        )
        .unwrap();
        let nothing = Fingerprint::of(&source, &config, &Door::open());
        fs::write(&path, "x").unwrap();
        let one = Fingerprint::of(&source, &config, &Door::open());
        fs::write(folder.join("root.pem"), "x").unwrap();
        let both = Fingerprint::of(&source, &config, &Door::open());
        assert!(nothing != one && one != both);
        fs::remove_dir_all(folder).unwrap();
    }
}
