//! How a file looked when it was read: another look tells whether it has changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use crate::limits::look_at_files;

/// How a file looks from outside.
///
/// Symbolic links are followed, for that is how a ConfigMap's new content comes: `..data` points
/// to another folder of a sudden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp([i64; 7]);

impl Stamp {
    /// Looks at each of the files; `None` where that is impossible or takes too long, which is as
    /// good as its absence.
    pub fn of_all(files: &[PathBuf]) -> Vec<Option<Self>> {
        let stamp = |file: &Path| std::fs::metadata(file).ok().map(|found| Self(looks(&found)));
        look_at_files(files, stamp).into_iter().map(|look| look.ok().flatten()).collect()
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
