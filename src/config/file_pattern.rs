//! Which files are meant by a path whose last part may hold `*`, as Prometheus's file_sd has it.

use std::path::Path;
use std::path::PathBuf;

use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::scalar;
use crate::config::tree::Node;

/// One file, or all files of one folder whose names have a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePattern {
    written: String,
    folder: PathBuf,
    name: String,
}

impl FilePattern {
    /// Reads a pattern; a relative one counts from `directory`.
    pub(super) fn read(node: &Node<'_>, directory: &Path) -> Result<Self, Fault> {
        let written = scalar::label_value(node)?;
        let (folder, name) = written.rsplit_once('/').unwrap_or((".", &written));
        let has_extension = EXTENSIONS.iter().any(|extension| {
            name.len() > extension.len() && name.to_ascii_lowercase().ends_with(extension)
        });
        if folder.contains('*') || !has_extension {
            return Err(Fault::Malformed { value: Excerpt::of(&written), wanted: WANTED });
        }
        let folder = match folder {
            "" => PathBuf::from("/"),
            "." if !written.starts_with('.') => directory.to_owned(),
            folder => directory.join(folder),
        };
        Ok(Self { folder, name: name.to_owned(), written })
    }

    /// Returns the pattern as the file has it.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// Returns where the files are.
    pub fn folder(&self) -> &Path {
        match self.folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => &self.folder,
        }
    }

    /// Returns the path of a file in the folder.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Returns the only file that can be meant; `None` where a `*` may stand for several.
    pub fn only_file(&self) -> Option<PathBuf> {
        (!self.name.contains('*')).then(|| self.path_of(&self.name))
    }

    /// Tells whether a file of this name is meant. A name that begins with a dot, as editors and
    /// ConfigMaps make them, is only where the pattern does, too.
    pub fn covers(&self, name: &str) -> bool {
        let is_hidden = name.starts_with('.') && !self.name.starts_with('.');
        !is_hidden && is_match(&self.name, name).is_some()
    }
}

/// `Some` where `name` consists of the parts of `pattern` between the `*`, with anything between.
fn is_match(pattern: &str, name: &str) -> Option<()> {
    let mut parts = pattern.split('*');
    let rest = name.strip_prefix(parts.next()?)?;
    let Some(last) = parts.next_back() else { return rest.is_empty().then_some(()) };
    let mut rest = rest.strip_suffix(last)?;
    for part in parts {
        rest = rest.split_once(part)?.1;
    }
    Some(())
}

/// Those of Prometheus's file_sd; without them, `*` would take what editors leave behind.
const EXTENSIONS: [&str; 3] = [".json", ".yml", ".yaml"];
const WANTED: &str = "path of target files; end it in .json, .yml or .yaml, and write `*` only in \
                      what follows the last slash";

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::path::PathBuf;

    use super::FilePattern;
    use crate::config::tree::Node;
    use crate::config::tree::Value;

    fn pattern(text: &str) -> FilePattern {
        let node = Node { line: 1, value: Value::Plain(text.into()) };
        FilePattern::read(&node, Path::new("/etc/probe")).unwrap()
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
