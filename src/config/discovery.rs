//! Sources of origins other than the configuration file.

use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::cloudfront::{AccountEntry, accounts};
use crate::config::error_kind::{ErrorKind, Shown};
use crate::config::file_pattern::WrittenPattern;
use crate::config::read::Place;
use crate::config::value::{Later, List};
use crate::config::{CloudFrontAccount, FilePattern};
use crate::origin::{Reachability, RenewalPolicy};

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Discovery {
    /// AWS accounts whose distributions are read. See [credentials](discovery.md#credentials) and
    /// [permissions](discovery.md#permissions).
    pub(super) cloudfront: Later<Vec<AccountEntry>>,
    /// [Target files](#target-files).
    files: List<WrittenPattern>,
}

/// The configured sources of origins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoverySettings {
    /// In file order, with unique names.
    pub cloudfront: Vec<CloudFrontAccount>,
    /// Patterns of target files in file order, without duplicates.
    pub files: Vec<FilePattern>,
}

impl DiscoverySettings {
    /// Returns whether no source is configured.
    pub fn is_empty(&self) -> bool {
        self.cloudfront.is_empty() && self.files.is_empty()
    }
}

/// The settings of origins from any source that do not set their own.
#[derive(Clone, Debug, PartialEq)]
pub struct OriginDefaults {
    pub interval: Duration,
    pub reachable_from_here: Reachability,
    pub renewal: RenewalPolicy,
}

impl Discovery {
    /// Returns the sources, and keeps the accounts. Relative paths start at `directory`.
    pub(super) fn sources(
        &mut self,
        at: &Place<'_>,
        directory: &Path,
        defaults: &OriginDefaults,
    ) -> DiscoverySettings {
        let mut files: Vec<FilePattern> = Vec::new();
        for (at, pattern) in self.files.placed(&at.key("files")) {
            if files.iter().any(|known| known.as_written() == pattern.0) {
                at.error(ErrorKind::ListedTwice { value: Shown::of(&pattern.0) });
            } else {
                files.push(FilePattern::new(pattern, directory));
            }
        }
        let (entries, cloudfront) = accounts(&at.key("cloudfront"), defaults);
        self.cloudfront = Later(entries);
        DiscoverySettings { cloudfront, files }
    }
}
