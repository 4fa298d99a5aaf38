//! The violation of a rule, its effect and the certainty of that effect.

use std::fmt;

use super::remedy::Remedy;
use super::topic::Topic;
use super::undecided_reason::UndecidedReason;

/// The effect of a violation on CloudFront.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// No failure now, but a risk.
    Notice,
    /// AWS does not document whether CloudFront fails.
    MayFail,
    /// CloudFront returns an error instead of the origin's content.
    Fails,
}

impl Effect {
    /// Returns `fails`, `may-fail` or `notice`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::MayFail => "may-fail",
            Self::Fails => "fails",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The evidence for an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// AWS documents it.
    Documented,
    /// It was observed.
    Measured,
    /// It follows from documents that do not state it.
    Inferred,
}

impl Basis {
    /// Returns the name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Measured => "measured",
            Self::Inferred => "inferred",
        }
    }
}

/// One violation, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// One sentence without a final period.
    pub detail: String,
    /// A remedy that is more specific than the rule's own.
    pub remedy: Option<Remedy>,
    /// The repair, if the rule's own does not apply.
    pub repair: Option<Topic>,
    /// The reason why the violation has less than the rule's full effect.
    pub doubt: Option<Doubt>,
}

impl Violation {
    pub(crate) fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), remedy: None, repair: None, doubt: None }
    }

    pub(crate) fn with_remedy(self, remedy: impl Into<Remedy>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// Keeps the rule's own remedy if `remedy` is `None`.
    pub(crate) fn with_any_remedy(self, remedy: Option<Remedy>) -> Self {
        Self { remedy, ..self }
    }

    pub(crate) fn with_repair(self, repair: Topic) -> Self {
        Self { repair: Some(repair), ..self }
    }

    pub(crate) fn with_doubt(self, doubt: Option<Doubt>) -> Self {
        Self { doubt, ..self }
    }
}

/// Why a violation has less than the rule's full effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Other addresses of the origin can be reached; AWS does not document whether CloudFront tries
    /// them. The endpoint still counts as failing.
    OtherAddressesAnswer,
    /// This form of the violation does no harm and is only a notice.
    Harmless,
    /// AWS's documents and its TLS library disagree, or the case is not documented.
    Undocumented,
    /// The prober cannot tell, for the given reason.
    Prober(UndecidedReason),
}
