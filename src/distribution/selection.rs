//! The selection of distributions.

use std::fmt;

use super::Distribution;

/// Distributions to include in addition to enabled production ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub disabled: bool,
    pub staging: bool,
}

/// Why a distribution is excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    Disabled,
    Staging,
}

impl Selection {
    /// Returns why a distribution is excluded; `None` if it is included.
    pub fn leaves_out(self, distribution: &Distribution) -> Option<LeftOut> {
        if !distribution.is_enabled && !self.disabled {
            return Some(LeftOut::Disabled);
        }
        (distribution.is_staging && !self.staging).then_some(LeftOut::Staging)
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "disabled",
            Self::Staging => "staging",
        })
    }
}
