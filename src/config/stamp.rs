//! How a file looked when it was read: another look tells whether it has changed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use crate::limits::FileError;
use crate::limits::look_at_files;

/// How a file looks from outside.
///
/// Symbolic links are followed, for that is how a ConfigMap's new content comes: `..data` points
/// to another folder of a sudden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp([i64; 7]);

impl Stamp {
    /// Looks at a file; `None` where that is impossible, which is as good as its absence.
    ///
    /// # Errors
    /// When it takes too long, or the system gives no thread for it.
    pub fn of(file: &Path) -> Result<Option<Self>, FileError> {
        let look = look_at_files(&[file.to_owned()], look).pop();
        look.unwrap_or(Err(FileError::TimedOut))
    }

    /// Looks at each of the files; `None` where that is impossible or takes too long.
    pub fn of_all(files: &[PathBuf]) -> Vec<Option<Self>> {
        look_at_files(files, look).into_iter().map(|look| look.ok().flatten()).collect()
    }
}

fn look(file: &Path) -> Option<Stamp> {
    std::fs::metadata(file).ok().map(|found| Stamp(looks(&found)))
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
