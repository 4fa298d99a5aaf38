//! What a source is called.

use std::fmt;
use std::sync::Arc;

/// Names one source: the `source` label of its metrics, and what logs and pages call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(Arc<str>);

impl SourceName {
    /// Returns the name of files, by the pattern as it is written.
    pub fn files(pattern: &str) -> Self {
        Self(format!("file:{pattern}").into())
    }

    /// Returns the name of an account, by what the configuration calls it.
    pub fn cloudfront(name: &str) -> Self {
        Self(format!("cloudfront:{name}").into())
    }

    /// Returns the label value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
