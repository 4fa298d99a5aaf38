//! How a file looked when it was read: another look tells whether it has changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// How a file looks from outside.
///
/// Symbolic links are followed, for that is how a ConfigMap's new content comes: `..data` points
/// to another folder of a sudden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp([i64; 7]);

impl Stamp {
    /// Looks at a file; `None` where that is impossible, which is as good as its absence.
    pub fn of(file: &Path) -> Option<Self> {
        std::fs::metadata(file).ok().map(|found| Self(looks(&found)))
    }
}

fn looks(file: &Metadata) -> [i64; 7] {
    [
        file.dev().cast_signed(),
        file.ino().cast_signed(),
        file.size().cast_signed(),
        file.mtime(),
        file.mtime_nsec(),
        file.ctime(),
        file.ctime_nsec(),
    ]
}
