//! File patterns with `*` in the last path component, as in Prometheus's file_sd.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

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

    /// Returns a test for file names. Names that begin with a dot, which
    /// editors and ConfigMaps create, match only patterns that begin with a dot.
    pub fn matcher(&self) -> impl Fn(&str) -> bool + use<> {
        let glob = starred(&self.name);
        let covers_hidden = self.name.starts_with('.');
        move |name| {
            (covers_hidden || !name.starts_with('.'))
                && glob.as_ref().is_some_and(|glob| glob.is_match(name))
        }
    }
}

/// Returns a matcher in which only `*` is special; `None` for a text that is too long for one.
pub(super) fn starred(text: &str) -> Option<GlobMatcher> {
    let parts: Vec<String> = text.split('*').map(globset::escape).collect();
    let glob = GlobBuilder::new(&parts.join("*")).backslash_escape(false).build();
    glob.map(|glob| glob.compile_matcher()).ok()
}

/// The extensions of Prometheus's file_sd. They keep `*` from matching backup files of editors.
const EXTENSIONS: [&str; 3] = [".json", ".yml", ".yaml"];
