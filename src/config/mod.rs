//! The configuration file as written, then decided; and how to say what is wrong with it.
//!
//! A file is read into a tree in which each value keeps its line (`tree`), then each part of the
//! program's settings is decided from it (`settings`, `origins`), and everything that is wrong is
//! collected on the way, so that one run names every error.

mod cloudfront;
mod discovery;
mod duration;
mod error;
mod fault;
mod file_pattern;
mod key;
mod merge;
mod nearest;
mod origins;
mod probe_endpoint;
mod renewal;
mod scalar;
mod section;
mod settings;
mod show;
mod stamp;
mod target_file;
mod targets;
mod tree;
mod way;
mod web_file;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::config::error::Problems;
use crate::config::section::Section;
use crate::config::tree::Node;
use crate::limits::FileError;
use crate::limits::FileKinds;
use crate::limits::MOST_FILE_BYTES;
use crate::limits::read_file;
use crate::origin::Origin;
use crate::origin::OriginKey;

pub use crate::config::cloudfront::AccountLabel;
pub use crate::config::cloudfront::CloudFrontAccount;
pub use crate::config::cloudfront::CloudFrontRegion;
pub use crate::config::cloudfront::EdgeTarget;
pub use crate::config::cloudfront::ExternalId;
pub use crate::config::cloudfront::Role;
pub use crate::config::cloudfront::TagFilter;
pub use crate::config::discovery::DiscoverySettings;
pub use crate::config::discovery::OriginDefaults;
pub use crate::config::duration::DurationError;
pub use crate::config::duration::format_duration;
pub use crate::config::duration::parse_duration;
pub use crate::config::error::ConfigError;
pub use crate::config::error::ConfigErrors;
pub use crate::config::error::MOST_ERRORS;
pub use crate::config::fault::Excerpt;
pub use crate::config::fault::Fault;
pub use crate::config::fault::Kind;
pub use crate::config::file_pattern::FilePattern;
pub use crate::config::key::Key;
pub use crate::config::probe_endpoint::Allowance;
pub use crate::config::probe_endpoint::NamePattern;
pub use crate::config::probe_endpoint::ProbeEndpoint;
pub use crate::config::stamp::Stamp;
pub use crate::config::target_file::Listed;
pub use crate::config::target_file::NamedOrigin;
pub use crate::config::target_file::TargetFile;
pub use crate::config::target_file::TargetGroup;
pub use crate::config::web_file::ClientPolicy;
pub use crate::config::web_file::PasswordHash;
pub use crate::config::web_file::Pem;
pub use crate::config::web_file::RateLimit;
pub use crate::config::web_file::TlsSettings;
pub use crate::config::web_file::TlsVersion;
pub use crate::config::web_file::WebFile;

/// What one configuration file says, checked and with its defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub web: WebSettings,
    pub log: LogSettings,
    pub probe: ProbeSettings,
    pub resolver: ResolverSettings,
    pub trust_anchors: TrustAnchorSettings,
    /// Networks that are not public but taken as reachable by CloudFront.
    pub assume_public: Vec<IpNet>,
    pub limits: LimitSettings,
    pub probe_endpoint: ProbeEndpoint,
    pub discovery: DiscoverySettings,
    /// What origins have that do not say otherwise.
    pub origin_defaults: OriginDefaults,
    /// The enabled origins, in the order of the file.
    pub origins: Vec<Arc<Origin>>,
    /// The origins that the file holds with `enabled: false`.
    pub disabled_origins: Vec<OriginKey>,
}

/// Where the daemon answers HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSettings {
    pub listen: SocketAddr,
    /// Whether `/-/reload` is served.
    pub lifecycle: bool,
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSettings {
    pub level: LogLevel,
    pub format: LogFormat,
}

/// The least important events that are still logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// Every value, in the file's spelling.
    pub const ALL: [(&'static str, Self); 5] = [
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl LogFormat {
    /// Every value, in the file's spelling.
    pub const ALL: [(&'static str, Self); 2] = [("text", Self::Text), ("json", Self::Json)];
}

/// How much a probe may take, and how many run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeSettings {
    /// For one origin, everything included.
    pub deadline: Duration,
    /// For one TLS handshake; at most the deadline.
    pub handshake_timeout: Duration,
    /// How many sockets are open at once.
    pub concurrency: usize,
    /// How many sockets are open to one address at once.
    pub per_address: usize,
    /// How many first probes begin in a second.
    pub start_rate: u32,
    /// How many server names of one origin a probe takes; more are taken in turn.
    pub max_server_names: usize,
}

/// Who is asked for addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverSettings {
    /// Empty: those of the system.
    pub nameservers: Vec<SocketAddr>,
    /// Asked when the first view has no usable or no public address.
    pub confirm_with: Vec<SocketAddr>,
    /// Whether each of the nameservers is asked, and not only until one answers.
    pub check_all: bool,
}

/// How much memory origins may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitSettings {
    /// For the certificate chains of all origins; `None`: by the memory limit of the process.
    pub chain_bytes: Option<usize>,
}

/// Which roots a chain may end in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchorSettings {
    /// Whether Mozilla's list counts, as it does with CloudFront.
    pub mozilla: bool,
    /// PEM files; a relative path in the file counts from the file's directory.
    pub extra: Vec<PathBuf>,
}

impl Config {
    /// Reads and checks a configuration file, if it is of one of `kinds`.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the file, each with its line; a file that cannot be
    /// read, is of another kind, is larger than 64 MiB, or is not YAML is one error.
    pub fn load(place: &Path, kinds: FileKinds) -> Result<Self, ConfigErrors> {
        let text = read(place, kinds).map_err(|fault| whole_file(place, fault))?;
        Self::parse(place, &text)
    }

    /// Checks what a configuration file holds; `place` is its path, for errors and as the base of
    /// relative paths.
    ///
    /// # Errors
    ///
    /// As [`Config::load`].
    pub fn parse(place: &Path, text: &[u8]) -> Result<Self, ConfigErrors> {
        let text = utf8(place, text)?;
        let root = Node::parse(text).map_err(|error| ConfigErrors::one(place, error))?;
        let problems = Problems::default();
        let config = decide(&root, place, &problems);
        match problems.into_errors(place) {
            None => Ok(config),
            Some(errors) => Err(errors),
        }
    }
}

/// Reads a file of settings.
fn text_of(place: &Path) -> Result<String, ConfigErrors> {
    let text = read(place, FileKinds::Regular).map_err(|fault| whole_file(place, fault))?;
    utf8(place, &text).map(str::to_owned)
}

fn utf8<'a>(place: &Path, text: &'a [u8]) -> Result<&'a str, ConfigErrors> {
    if text.len() as u64 > MOST_FILE_BYTES {
        return Err(whole_file(place, Fault::TooLarge { bytes: MOST_FILE_BYTES }));
    }
    std::str::from_utf8(text).map_err(|error| {
        let lines = text[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        let line = u32::try_from(lines + 1).ok();
        ConfigErrors::one(place, ConfigError { line, key: String::new(), fault: Fault::NotUtf8 })
    })
}

fn whole_file(place: &Path, fault: Fault) -> ConfigErrors {
    ConfigErrors::one(place, ConfigError { line: None, key: String::new(), fault })
}

fn read(place: &Path, kinds: FileKinds) -> Result<Vec<u8>, Fault> {
    read_file(place, MOST_FILE_BYTES, kinds).map_err(|error| match error {
        FileError::NotRegular { kind } => Fault::NotRegular { kind },
        FileError::TooLarge { limit } => Fault::TooLarge { bytes: limit },
        FileError::TimedOut => Fault::TimedOut,
        FileError::Unreadable(error) => match error.kind() {
            ErrorKind::NotFound => Fault::NotFound,
            ErrorKind::IsADirectory => Fault::IsDirectory,
            _ => Fault::Unreadable { reason: error.to_string() },
        },
    })
}

fn decide(root: &Node<'_>, place: &Path, problems: &Problems) -> Config {
    let file = Section::of_file(root, settings::FILE_KEYS, problems);
    let probe = file.section("probe", settings::PROBE_KEYS);
    let discovery = file.section("discovery", discovery::DISCOVERY_KEYS);
    let origins = origins::origins(&file, &probe, &discovery);
    let directory = place.parent().unwrap_or(place);
    Config {
        web: settings::web(&file),
        log: settings::log(&file),
        probe: settings::probe(&probe),
        resolver: settings::resolver(&file),
        trust_anchors: settings::trust_anchors(&file, directory),
        assume_public: settings::assume_public(&file),
        limits: settings::limits(&file),
        probe_endpoint: probe_endpoint::probe_endpoint(&file),
        discovery: discovery::discovery(&discovery, directory, &origins.defaults),
        origin_defaults: origins.defaults,
        origins: origins.enabled,
        disabled_origins: origins.disabled,
    }
}

#[cfg(test)]
mod tests;
