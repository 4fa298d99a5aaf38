//! The path of a value within a file.

use std::fmt;

use crate::config::error_kind::Shown;

/// The path from the top of the file to a value. It is formatted only when there is an error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'a> {
    pub(super) parent: Option<&'a Self>,
    pub(super) step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Top,
    Key(&'a str),
    Item(usize),
    /// The mapping under a key whose nested keys are joined into one name with a prefix.
    Flattened {
        key: &'a str,
        prefix: &'a str,
    },
}

impl<'a> Path<'a> {
    pub(super) fn key<'p>(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    fn is_flattened(&self) -> bool {
        matches!(self.step, Step::Flattened { .. }) || self.parent.is_some_and(Self::is_flattened)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Top => Ok(()),
            Step::Item(index) => write!(f, "[{index}]"),
            Step::Flattened { key, prefix } => write!(f, ".{key}.{prefix}"),
            Step::Key(key) => {
                let dot = match self.parent {
                    None | Some(Path { step: Step::Top | Step::Flattened { .. }, .. }) => "",
                    Some(parent) if parent.is_flattened() => "_",
                    Some(_) => ".",
                };
                write!(f, "{dot}{}", Shown::of(key).as_str())
            }
        }
    }
}
