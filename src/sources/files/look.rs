//! Snapshots of the files that match a pattern.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::FilePattern;
use crate::limits::{FileError, FileStamp, look_at_files};

/// The files that match a pattern at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// A file without a stamp does not exist or cannot be accessed.
    Files(BTreeMap<PathBuf, Option<FileStamp>>),
    /// The files could not be listed, for this reason.
    Failed(String),
}

impl Look {
    /// Lists the files that match a pattern.
    pub(super) fn at(pattern: &FilePattern) -> Self {
        if let Some(only) = pattern.only_file() {
            return Self::at_files(vec![only]);
        }
        let folder = pattern.folder();
        let list = {
            let pattern = pattern.clone();
            move |folder: &Path| files_of(folder, &pattern)
        };
        let looks = look_at_files(&[folder.to_owned()], list);
        let files = looks.into_iter().next().unwrap_or(Err(FileError::TimedOut));
        match files.and_then(|files| Ok(files?)) {
            Ok(files) if files.len() > MOST_FILES => Self::Failed(format!(
                "{}: more than {MOST_FILES} files match; put the targets into fewer files",
                folder.display()
            )),
            Ok(files) => Self::at_files(files),
            Err(error) => Self::Failed(format!("{}: directory {error}", folder.display())),
        }
    }

    fn at_files(files: Vec<PathBuf>) -> Self {
        let stamps = FileStamp::of_all(&files);
        Self::Files(files.into_iter().zip(stamps).collect())
    }
}

/// Returns the files in a directory that match, at most one more than [`MOST_FILES`].
fn files_of(folder: &Path, pattern: &FilePattern) -> std::io::Result<Vec<PathBuf>> {
    let (mut files, covers) = (Vec::new(), pattern.matcher());
    for entry in std::fs::read_dir(folder)? {
        // A name that is not UTF-8 cannot match a pattern.
        if let Some(name) = entry?.file_name().to_str().filter(|name| covers(name)) {
            files.push(pattern.path_of(name));
        }
        if files.len() > MOST_FILES {
            break;
        }
    }
    Ok(files)
}

/// Checking more files would take longer than the time between two checks.
const MOST_FILES: usize = 1_000;

/// Detects whether files have settled. A file that is still being written changes again before the
/// next look.
#[derive(Debug, Default)]
pub(super) struct Settling {
    last: Option<Look>,
    /// The number of consecutive looks that differ from the previous one.
    restless: u32,
}

impl Settling {
    /// Returns whether the files in `look` should be read now: at the first look, when two
    /// consecutive looks are equal, or after too many changes in a row.
    pub(super) fn is_settled(&mut self, look: &Look) -> bool {
        let is_same = self.last.as_ref().is_none_or(|last| last == look);
        self.last = Some(look.clone());
        self.restless = if is_same { 0 } else { self.restless + 1 };
        let is_settled = is_same || self.restless > MOST_RESTLESS;
        if is_settled {
            self.restless = 0;
        }
        is_settled
    }
}

/// With many files, one may change at every look. It must not block the others from being read.
const MOST_RESTLESS: u32 = 3;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Look, Settling};

    #[test]
    fn files_are_read_when_they_have_come_to_rest_and_in_the_end_if_they_never_do() {
        let look = |text: &str| match text {
            "" => Look::Files(BTreeMap::new()),
            text => Look::Failed(text.to_owned()),
        };
        let mut settling = Settling::default();
        let looks = ["", "", "a", "a", "b", "c", "d", "e", "f", "g", "g"];
        let settled: Vec<&str> =
            looks.into_iter().filter(|text| settling.is_settled(&look(text))).collect();
        assert_eq!(settled, ["", "", "a", "e", "g"]);
    }
}
