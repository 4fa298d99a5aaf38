//! Parses and validates the configuration file and reports its errors.
//!
//! A file is first parsed into a tree in which each value keeps its line (`tree`). Its settings are
//! then read from the tree with serde (`read`). Errors are collected instead of returned early, so
//! one run reports all of them. The types of the settings are the only description of the files:
//! the reference, the schema and the pages are made from them.

mod cloudfront;
mod discovery;
mod duration;
mod error;
mod error_kind;
mod file_pattern;
mod key_path;
mod metrics;
mod origins;
mod probe_endpoint;
mod read;
mod renewal;
mod scalar;
mod settings;
mod target_file;
mod tree;
mod value;
mod web_file;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::chain::printable;
use crate::config::error::Problems;
use crate::config::origins::{OriginEntry, Origins, origins};
use crate::config::read::Place;
use crate::config::settings::ConfigFile;
use crate::config::target_file::GroupEntry;
use crate::config::tree::Node;
use crate::config::value::{AsWritten, written};
use crate::config::web_file::WebConfigFile;
use crate::limits::{FileError, FileKinds, FileStamp, MOST_FILE_BYTES, read_file};
use crate::metrics::Selection;
use crate::origin::{Origin, OriginKey, ProberConfig};

pub use crate::config::cloudfront::{
    AccountLabel, CloudFrontAccount, CloudFrontRegion, EdgeTarget, ExternalId, Role, TagFilter,
};
pub use crate::config::discovery::{DiscoverySettings, OriginDefaults};
pub use crate::config::duration::{DurationError, format_duration, parse_duration};
pub use crate::config::error::{ConfigError, ConfigErrors, MOST_ERRORS};
pub use crate::config::error_kind::{ErrorKind, Kind, Shown};
pub use crate::config::file_pattern::FilePattern;
pub use crate::config::probe_endpoint::{Allowance, NamePattern, ProbeEndpoint};
pub use crate::config::target_file::{Listed, NamedOrigin, TargetFile, TargetGroup, target_labels};
pub use crate::config::web_file::{
    ClientPolicy, PasswordHash, Pem, RateLimit, TlsSettings, TlsVersion, WebFile,
};

/// The settings of one configuration file, validated and with defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub web: WebSettings,
    pub log: LogSettings,
    /// The metric families that a scrape returns.
    pub metrics: Selection,
    pub prober: ProberConfig,
    /// The maximum number of first probes started per second.
    pub start_rate: u32,
    pub probe_endpoint: ProbeEndpoint,
    pub discovery: DiscoverySettings,
    /// The settings of origins that do not set their own.
    pub origin_defaults: OriginDefaults,
    /// The enabled origins, in the order of the file.
    pub origins: Vec<Arc<Origin>>,
    /// The origins with `enabled: false`.
    pub disabled_origins: Vec<OriginKey>,
    /// The file, without its origins.
    file: AsWritten<ConfigFile>,
}

/// The daemon's HTTP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSettings {
    pub listen: SocketAddr,
    /// Whether `/-/reload` is served.
    pub lifecycle: bool,
}

/// The log level and format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSettings {
    pub level: LogLevel,
    pub format: LogFormat,
}

/// The minimum severity of logged events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// Every value with its spelling in the file.
    pub const ALL: [(&'static str, Self); 5] = [
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// Reads and validates a configuration file of one of `kinds`.
    ///
    /// # Errors
    ///
    /// Returns all errors in the file, each with its line. A file that cannot be read, is of
    /// another kind, is larger than 64 MiB or is not YAML gives a single error.
    pub fn load(place: &Path, kinds: FileKinds) -> Result<Self, ConfigErrors> {
        let text = read(place, kinds).map_err(|kind| whole_file(place, kind))?;
        let files = match kinds {
            FileKinds::Regular => ReferencedFiles::MustExist,
            // The arguments of a command can replace the files.
            FileKinds::Any => ReferencedFiles::Unchecked,
        };
        Self::validated(place, &text, files)
    }

    /// Validates the content of a configuration file. `place` is its path, used in errors and as
    /// the base of relative paths.
    ///
    /// # Errors
    ///
    /// As [`Config::load`].
    pub fn parse(place: &Path, text: &[u8]) -> Result<Self, ConfigErrors> {
        Self::validated(place, text, ReferencedFiles::Unchecked)
    }

    fn validated(place: &Path, text: &[u8], files: ReferencedFiles) -> Result<Self, ConfigErrors> {
        let text = utf8(place, text)?;
        let root = Node::parse(text).map_err(|error| ConfigErrors::one(place, error))?;
        let problems = Problems::default();
        let directory = place.parent().unwrap_or(place);
        let config = Self::read(&Place::top(&root, &problems), directory, files);
        match (problems.into_errors(place), config) {
            (None, Some(config)) => Ok(config),
            (errors, _) => Err(errors.unwrap_or_else(|| whole_file(place, ErrorKind::Nothing))),
        }
    }

    /// Reads the settings; `None` only after an error.
    fn read(at: &Place<'_>, directory: &Path, files: ReferencedFiles) -> Option<Self> {
        let mut file: ConfigFile = at.read();
        file.validate(at, directory, files);
        let discovery_at = at.key("discovery");
        let (list, sources) = (at.key("origins"), ["cloudfront", "files"]);
        if !list.is_given() && !sources.iter().any(|key| discovery_at.key(key).is_given()) {
            list.error(ErrorKind::NoOrigins);
        }
        let defaults = file.origin_defaults();
        let Origins { enabled, disabled } = origins(&list, &defaults);
        let discovery = file.discovery.sources(&discovery_at, directory, &defaults);
        file.renewal = defaults.renewal.into();
        Some(Self {
            web: WebSettings { listen: file.web.listen.0?, lifecycle: file.web.lifecycle.0? },
            log: LogSettings { level: file.log.level.0?, format: file.log.format.0? },
            metrics: file.metrics.selection()?,
            prober: file.prober(directory)?,
            start_rate: file.probe.start_rate.0?.0,
            probe_endpoint: file.probe_endpoint.settings()?,
            discovery,
            origin_defaults: defaults,
            origins: enabled,
            disabled_origins: disabled,
            file: AsWritten(file),
        })
    }

    /// Returns all settings before the first origin as YAML, with their defaults and without
    /// secrets.
    pub fn show_settings(&self) -> String {
        let list = if self.origins.is_empty() { " []" } else { "" };
        format!("{}origins:{list}\n", written(&self.file.0))
    }

    /// Returns the origin at `position` as a YAML list item.
    ///
    /// Callers write one item at a time, so that a large fleet does not become one large string.
    pub fn show_origin(&self, position: usize) -> Option<String> {
        let origin: &Origin = self.origins.get(position)?;
        Some(written(&[OriginEntry::from(origin)]))
    }
}

/// Whether files named in the settings must exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReferencedFiles {
    MustExist,
    Unchecked,
}

impl ReferencedFiles {
    /// Reports a file at `path` that must exist and does not. Other problems with the file are
    /// reported when it is read.
    fn check(self, path: &Path, at: &Place<'_>) {
        if self == Self::MustExist && matches!(FileStamp::of(path), Ok(None)) {
            let path = printable(&path.to_string_lossy(), usize::MAX);
            at.error(ErrorKind::MissingFile { path });
        }
    }
}

fn text_of(place: &Path) -> Result<String, ConfigErrors> {
    let text = read(place, FileKinds::Regular).map_err(|kind| whole_file(place, kind))?;
    utf8(place, &text).map(str::to_owned)
}

fn utf8<'a>(place: &Path, text: &'a [u8]) -> Result<&'a str, ConfigErrors> {
    if text.len() as u64 > MOST_FILE_BYTES {
        return Err(whole_file(place, ErrorKind::TooLarge { bytes: MOST_FILE_BYTES }));
    }
    std::str::from_utf8(text).map_err(|error| {
        let lines = text[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        let line = u32::try_from(lines + 1).ok();
        ConfigErrors::one(place, ConfigError { line, key: String::new(), kind: ErrorKind::NotUtf8 })
    })
}

fn whole_file(place: &Path, kind: ErrorKind) -> ConfigErrors {
    ConfigErrors::one(place, ConfigError { line: None, key: String::new(), kind })
}

fn read(place: &Path, kinds: FileKinds) -> Result<Vec<u8>, ErrorKind> {
    read_file(place, MOST_FILE_BYTES, kinds).map_err(|error| match error {
        FileError::NotRegular { kind } => ErrorKind::NotRegular { kind },
        FileError::TooLarge { limit } => ErrorKind::TooLarge { bytes: limit },
        FileError::TimedOut => ErrorKind::TimedOut,
        FileError::Unreadable(error) => match error.kind() {
            io::ErrorKind::NotFound => ErrorKind::NotFound,
            io::ErrorKind::IsADirectory => ErrorKind::IsDirectory,
            _ => ErrorKind::Unreadable { reason: error.to_string() },
        },
    })
}

/// Returns the JSON schema of the configuration file.
pub fn config_schema() -> Schema {
    schema_of::<ConfigFile>()
}

/// Returns the JSON schema of the web configuration file.
pub fn web_schema() -> Schema {
    schema_of::<WebConfigFile>()
}

/// Returns the JSON schema of a target file.
pub fn target_schema() -> Schema {
    schema_of::<Vec<GroupEntry>>()
}

fn schema_of<T: JsonSchema>() -> Schema {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}
