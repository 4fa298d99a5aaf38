//! What a rule says when it is violated, and how sure it is.

use std::fmt;

use super::remedy::Remedy;
use super::repair::Repair;

/// What follows from a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// No failure, but trouble ahead.
    Notice,
    /// No document settles whether CloudFront fails.
    MayFail,
    /// CloudFront answers an error instead of the origin's content.
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

/// What an effect rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Amazon's documentation says so.
    Documented,
    /// Somebody has tried it.
    Measured,
    /// It follows from documents that do not say it.
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

/// Why a verdict is undecided; a closed list and a label value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UndecidedReason {
    /// No document says what CloudFront does.
    Undocumented,
    /// The negotiation failed in a way that may be our TLS library's.
    NegotiationUnsettled,
    /// Nothing has ever answered from here: the origin may admit only CloudFront.
    NeverReachedFromHere,
    /// The network between here and there is missing.
    NoRouteFromHere,
    /// The system's resolver may see another DNS than the public.
    PrivateView,
    /// The nameserver answers nothing at all, or nothing over the transport that is needed.
    ResolverSilent,
    /// No other origin could be reached either.
    ProberBlind,
    /// Our own event loop was late.
    ProberOverloaded,
    /// This process or its machine has run out of something, or our TLS library failed.
    OwnFailure,
    /// A lookup, a connection or a handshake had less time than its configured timeout.
    NotEnoughTime,
    /// A probe on request ended because the scrape timeout is shorter than the probe needs.
    ScrapeTimeoutTooShort,
    /// Something on the way seems to replace certificates.
    InterceptionSuspected,
    /// No probe has ended yet.
    NotProbedYet,
    /// Nobody has told what a policy says that decides which name CloudFront sends.
    PolicyUnknown,
}

impl UndecidedReason {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::Undocumented,
        Self::NegotiationUnsettled,
        Self::NeverReachedFromHere,
        Self::NoRouteFromHere,
        Self::PrivateView,
        Self::ResolverSilent,
        Self::ProberBlind,
        Self::ProberOverloaded,
        Self::OwnFailure,
        Self::NotEnoughTime,
        Self::ScrapeTimeoutTooShort,
        Self::InterceptionSuspected,
        Self::NotProbedYet,
        Self::PolicyUnknown,
    ];

    /// Returns the name used in metrics and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undocumented => "undocumented",
            Self::NegotiationUnsettled => "negotiation-unsettled",
            Self::NeverReachedFromHere => "never-reached-from-here",
            Self::NoRouteFromHere => "no-route-from-here",
            Self::PrivateView => "private-view",
            Self::ResolverSilent => "resolver-silent",
            Self::ProberBlind => "prober-blind",
            Self::ProberOverloaded => "prober-overloaded",
            Self::OwnFailure => "own-failure",
            Self::NotEnoughTime => "not-enough-time",
            Self::ScrapeTimeoutTooShort => "scrape-timeout-too-short",
            Self::InterceptionSuspected => "interception-suspected",
            Self::NotProbedYet => "not-probed-yet",
            Self::PolicyUnknown => "policy-unknown",
        }
    }
}

impl fmt::Display for UndecidedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One violation, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The fact, one sentence without a full stop.
    pub detail: String,
    /// What to do, where more is known than the rule's own remedy says.
    pub remedy: Option<Remedy>,
    /// How it is repaired, where the rule's own repair does not apply.
    pub repair: Option<&'static Repair>,
    /// What keeps the violation from having the rule's full effect.
    pub doubt: Option<Doubt>,
}

impl Violation {
    pub(crate) fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), remedy: None, repair: None, doubt: None }
    }

    pub(crate) fn with_remedy(self, remedy: impl Into<Remedy>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    pub(crate) fn with_repair(self, repair: &'static Repair) -> Self {
        Self { repair: Some(repair), ..self }
    }

    pub(crate) fn with_doubt(self, doubt: Option<Doubt>) -> Self {
        Self { doubt, ..self }
    }
}

/// Why a violation has less than the rule's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Other addresses of the origin can be reached; whether CloudFront turns to them is
    /// undocumented. The endpoint still counts as failing.
    OtherAddressesAnswer,
    /// What the rule warns of does no harm in this form: it is worth a notice.
    Harmless,
    /// Documents and library disagree, or the case is not documented.
    Undocumented,
    /// The prober cannot tell, for the given reason.
    Prober(UndecidedReason),
}
