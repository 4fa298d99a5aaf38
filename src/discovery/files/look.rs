//! Which files a pattern means at one moment, and how they look.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use crate::config::FilePattern;
use crate::config::Stamp;
use crate::limits::FileError;
use crate::limits::look_at_files;

/// One look at the files of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Without a stamp: it is not there although it is named, or cannot be looked at.
    Files(BTreeMap<PathBuf, Option<Stamp>>),
    /// It cannot be told which files there are, for this reason.
    Failed(String),
}

impl Look {
    /// Looks at the folder of a pattern.
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
                "more than {MOST_FILES} files match in {}; put the targets into fewer files",
                folder.display()
            )),
            Ok(files) => Self::at_files(files),
            Err(error) => Self::Failed(format!("the folder {} {error}", folder.display())),
        }
    }

    fn at_files(files: Vec<PathBuf>) -> Self {
        let stamps = Stamp::of_all(&files);
        Self::Files(files.into_iter().zip(stamps).collect())
    }
}

/// Returns the files of a folder that the pattern covers, at most one more than may be.
fn files_of(folder: &Path, pattern: &FilePattern) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        // A name that is no text is not what anybody wrote.
        if let Some(name) = entry?.file_name().to_str().filter(|name| pattern.covers(name)) {
            files.push(pattern.path_of(name));
        }
        if files.len() > MOST_FILES {
            break;
        }
    }
    Ok(files)
}

/// More files would take longer to look at than there is between two looks.
const MOST_FILES: usize = 1_000;

/// Whether files have come to rest: somebody who is still writing has changed them again by the next
/// look.
#[derive(Debug, Default)]
pub(super) struct Settling {
    last: Option<Look>,
    /// How many looks in a row were each other than the one before.
    restless: u32,
}

impl Settling {
    /// Tells whether it is time to read what `look` has seen: at once at the first look, then when
    /// two looks are the same, or when there is no waiting for that.
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

/// Among many files one may change at every look, and must not keep the others from being read.
const MOST_RESTLESS: u32 = 3;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Look;
    use super::Settling;

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
