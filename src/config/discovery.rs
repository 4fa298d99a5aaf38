//! Where origins come from besides the configuration file.

use std::path::Path;
use std::time::Duration;

use crate::config::CloudFrontAccount;
use crate::config::FilePattern;
use crate::config::cloudfront;
use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::section::Section;
use crate::origin::Reachability;
use crate::origin::RenewalPolicy;

pub(super) const DISCOVERY_KEYS: &[Key] = &[
    key(
        "cloudfront",
        "AWS accounts whose distributions are read. Credentials come as for every AWS program: \
         IRSA, EKS Pod Identity, environment, profile (`credential_process` as well), SSO, \
         instance profile. What they must allow stands in [`iam-policy.json`](../iam-policy.json).",
    ),
    key(
        "files",
        "Files of target groups in the form of Prometheus's file_sd, from this file's directory \
         unless absolute. They are looked at every two seconds.",
    ),
];

/// Where further origins come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoverySettings {
    /// In the order of the file; each with its own name.
    pub cloudfront: Vec<CloudFrontAccount>,
    /// Files of target groups, in the order of the file; none twice.
    pub files: Vec<FilePattern>,
}

impl DiscoverySettings {
    /// Tells whether there is no source at all.
    pub fn is_empty(&self) -> bool {
        self.cloudfront.is_empty() && self.files.is_empty()
    }
}

/// What an origin has that does not say otherwise, wherever it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct OriginDefaults {
    pub interval: Duration,
    pub reachable_from_here: Reachability,
    pub renewal: RenewalPolicy,
}

/// Takes the sources of `section`, the file's section of that name; relative paths count from
/// `directory`.
pub(super) fn discovery(
    section: &Section<'_>,
    directory: &Path,
    defaults: &OriginDefaults,
) -> DiscoverySettings {
    let mut files: Vec<FilePattern> = Vec::new();
    section.items("files", |node| {
        let pattern = FilePattern::read(node, directory)?;
        if files.iter().any(|known| known.as_written() == pattern.as_written()) {
            return Err(Fault::ListedTwice { value: Excerpt::of(pattern.as_written()) });
        }
        files.push(pattern);
        Ok(())
    });
    DiscoverySettings { cloudfront: cloudfront::accounts(section, defaults), files }
}

/// Tells whether any source is written down, right or wrong.
pub(super) fn is_given(section: &Section<'_>) -> bool {
    DISCOVERY_KEYS.iter().any(|key| section.has(key.name))
}
