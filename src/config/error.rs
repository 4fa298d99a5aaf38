//! The errors of one file, with their lines.

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::config::error_kind::ErrorKind;

/// All errors in one configuration file; never empty.
///
/// Displayed as one line per error, in file order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    place: PathBuf,
    errors: Vec<ConfigError>,
    /// The number of errors beyond those that are kept.
    unkept: usize,
}

impl ConfigErrors {
    /// Returns the first [`MOST_ERRORS`] errors in file order.
    pub fn errors(&self) -> &[ConfigError] {
        &self.errors
    }

    /// Returns the total number of errors, including those that are not kept.
    pub fn count(&self) -> usize {
        self.errors.len() + self.unkept
    }

    /// Returns whether the file could not be read, as opposed to having invalid content.
    pub fn is_about_access(&self) -> bool {
        self.errors.iter().all(|error| {
            matches!(
                error.kind,
                ErrorKind::NotFound
                    | ErrorKind::IsDirectory
                    | ErrorKind::Unreadable { .. }
                    | ErrorKind::TimedOut
            )
        })
    }

    /// Returns the path of the file as given by the caller.
    pub fn place(&self) -> &Path {
        &self.place
    }

    pub(super) fn one(place: &Path, error: ConfigError) -> Self {
        Self { place: place.to_owned(), errors: vec![error], unkept: 0 }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.display();
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            match error.line {
                Some(line) => write!(f, "{place}:{line}: {error}")?,
                None => write!(f, "{place}: {error}")?,
            }
        }
        if self.unkept > 0 {
            write!(f, "\n{place}: and {} more errors", self.unkept)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// One error and its position.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{kind}", prefix(key))]
pub struct ConfigError {
    /// Counted from 1; `None` if the error concerns the whole file.
    pub line: Option<u32>,
    /// The path of the key, such as `origins[3].https_port`; empty if no key is concerned.
    pub key: String,
    pub kind: ErrorKind,
}

/// Collects the errors of a file while its settings are derived.
#[derive(Debug, Default)]
pub(super) struct Problems {
    errors: RefCell<Vec<ConfigError>>,
    unkept: RefCell<usize>,
}

impl Problems {
    pub(super) fn add(&self, error: impl FnOnce() -> ConfigError) {
        if self.errors.borrow().len() < MOST_ERRORS {
            let error = error();
            self.errors.borrow_mut().push(error);
        } else {
            *self.unkept.borrow_mut() += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// Adds the errors of `others`, except exact duplicates.
    pub(super) fn absorb(&self, others: Self) {
        for error in others.errors.into_inner() {
            let errors = self.errors.borrow();
            let is_known = errors.len() < MOST_ERRORS && errors.contains(&error);
            drop(errors);
            if !is_known {
                self.add(|| error);
            }
        }
        *self.unkept.borrow_mut() += others.unkept.into_inner();
    }

    /// Returns the errors of the file at `place` in file order; `None` if there are none.
    pub(super) fn into_errors(self, place: &Path) -> Option<ConfigErrors> {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|error| error.line);
        let unkept = self.unkept.into_inner();
        (!errors.is_empty()).then(|| ConfigErrors { place: place.to_owned(), errors, unkept })
    }
}

/// The maximum number of errors kept per file. A file of garbage has millions.
pub const MOST_ERRORS: usize = 1_000;

fn prefix(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}
