//! Which files a pattern means at one moment, and how they look.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::FilePattern;
use crate::config::Stamp;

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
            let stamp = Stamp::of(&only);
            return Self::Files(BTreeMap::from([(only, stamp)]));
        }
        let folder = pattern.folder();
        let failed = |error: std::io::Error| {
            Self::Failed(format!("the folder {} cannot be read: {error}", folder.display()))
        };
        let mut files = BTreeMap::new();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return failed(error),
        };
        for entry in entries {
            let name = match entry {
                Ok(entry) => entry.file_name(),
                Err(error) => return failed(error),
            };
            // A name that is no text is not what anybody wrote.
            let Some(name) = name.to_str().filter(|name| pattern.covers(name)) else { continue };
            if files.len() == MOST_FILES {
                return Self::Failed(format!(
                    "more than {MOST_FILES} files match in {}; put the targets into fewer files",
                    folder.display()
                ));
            }
            let path = pattern.path_of(name);
            let stamp = Stamp::of(&path);
            files.insert(path, stamp);
        }
        Self::Files(files)
    }
}

/// More files would take longer to look at than there is between two looks.
const MOST_FILES: usize = 1_000;
