//! File patterns with `*` in the last path component, as in Prometheus's file_sd.

use std::path::{Path, PathBuf};

use crate::config::error_kind::ErrorKind;
use crate::config::scalar::printable_text;
use crate::config::value::Scalar;

/// A pattern as written in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenPattern(pub(super) String);

impl Scalar for WrittenPattern {
    const VALID: &'static str =
        "a path that ends in .json, .yml or .yaml, with `*` only after the last slash";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let (folder, name) = parts(printable_text(text)?);
        let has_extension = EXTENSIONS.iter().any(|extension| {
            name.len() > extension.len() && name.to_ascii_lowercase().ends_with(extension)
        });
        match folder.contains('*') || !has_extension {
            true => Err(Self::malformed(text, "a path of target files")),
            false => Ok(Self(text.to_owned())),
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

fn parts(written: &str) -> (&str, &str) {
    written.rsplit_once('/').unwrap_or((".", written))
}

/// The path of one file, or a pattern for files in one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePattern {
    written: String,
    folder: PathBuf,
    name: String,
}

impl FilePattern {
    /// Returns the files that a pattern names. A relative one starts at `directory`.
    pub(super) fn new(WrittenPattern(written): &WrittenPattern, directory: &Path) -> Self {
        let (folder, name) = parts(written);
        let folder = match folder {
            "" => PathBuf::from("/"),
            "." if !written.starts_with('.') => directory.to_owned(),
            folder => directory.join(folder),
        };
        Self { folder, name: name.to_owned(), written: written.clone() }
    }

    /// Returns the pattern as written in the file.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// Returns the directory of the files.
    pub fn folder(&self) -> &Path {
        match self.folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => &self.folder,
        }
    }

    /// Returns the path of a file in the directory.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Returns the path if the pattern has no `*`.
    pub fn only_file(&self) -> Option<PathBuf> {
        (!self.name.contains('*')).then(|| self.path_of(&self.name))
    }

    /// Returns whether a file name matches. Names that begin with a dot, which editors and
    /// ConfigMaps create, match only patterns that begin with a dot.
    pub fn covers(&self, name: &str) -> bool {
        let is_hidden = name.starts_with('.') && !self.name.starts_with('.');
        !is_hidden && is_match(&self.name, name).is_some()
    }
}

/// Returns `Some` if `name` matches `pattern`, in which each `*` matches any characters.
pub(super) fn is_match(pattern: &str, name: &str) -> Option<()> {
    let mut parts = pattern.split('*');
    let rest = name.strip_prefix(parts.next()?)?;
    let Some(last) = parts.next_back() else { return rest.is_empty().then_some(()) };
    let mut rest = rest.strip_suffix(last)?;
    for part in parts {
        rest = rest.split_once(part)?.1;
    }
    Some(())
}

/// The extensions of Prometheus's file_sd. They keep `*` from matching backup files of editors.
const EXTENSIONS: [&str; 3] = [".json", ".yml", ".yaml"];

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{FilePattern, WrittenPattern};
    use crate::config::value::Scalar;

    fn pattern(text: &str) -> FilePattern {
        FilePattern::new(&WrittenPattern::parse(text).unwrap(), Path::new("/etc/probe"))
    }

    #[test]
    fn a_star_stands_for_any_characters_of_a_name() {
        for (written, covered, others) in [
            ("*.yaml", &["a.yaml", "a.b.yaml"][..], &["a.yml", "a.yaml~", ".a.yaml", ".yaml"][..]),
            ("a*b*c.json", &["abc.json", "aXbYbZc.json"], &["ac.json", "abcd.json", "xabc.json"]),
            ("ab*ba.json", &["abba.json", "abXba.json"], &["aba.json"]),
            (".*.yml", &[".a.yml", "..yml"], &["a.yml"]),
            ("a.YAML", &["a.YAML"], &["a.yaml", "aa.YAML"]),
            ("a[1]?.yml", &["a[1]?.yml"], &["a1x.yml"]),
        ] {
            let pattern = pattern(written);
            for name in covered {
                assert!(pattern.covers(name), "{written} covers {name}");
            }
            for name in others {
                assert!(!pattern.covers(name), "{written} does not cover {name}");
            }
        }
    }

    #[test]
    fn a_relative_path_counts_from_the_files_folder() {
        for (written, folder, only) in [
            ("*.yaml", "/etc/probe", None),
            ("a.yaml", "/etc/probe", Some("/etc/probe/a.yaml")),
            ("./a.yaml", "/etc/probe/.", Some("/etc/probe/a.yaml")),
            ("t/x/*.yaml", "/etc/probe/t/x", None),
            ("/srv/*.json", "/srv", None),
            ("/a.json", "/", Some("/a.json")),
        ] {
            let pattern = pattern(written);
            assert_eq!(pattern.folder(), Path::new(folder), "{written}");
            assert_eq!(pattern.only_file(), only.map(PathBuf::from), "{written}");
            assert_eq!(pattern.as_written(), written);
        }
    }
}
