//! All rules at one instant, and the first bad instant.

mod first_failure;
mod judge;
mod usage;

use std::net::IpAddr;

pub use first_failure::FirstFailure;
pub use first_failure::first_failure;
pub use judge::judge;

use crate::origin::DomainName;
use crate::origin::Exemption;
use crate::rules::Basis;
use crate::rules::Effect;
use crate::rules::ReadIn;
use crate::rules::Remedy;
use crate::rules::Repair;
use crate::rules::Rule;
use crate::rules::UndecidedReason;

/// What would become of CloudFront's connections to an origin at one instant.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Over all addresses and server names.
    pub conclusion: Conclusion,
    /// Every violation, in the order of the rules.
    pub findings: Vec<Finding>,
    /// For each of the origin's targets, the same over its own endpoints.
    pub targets: Vec<Conclusion>,
}

/// The answer in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    pub answer: Answer,
    /// Why it is undecided; empty unless it is.
    pub undecided_reasons: Vec<UndecidedReason>,
    /// What viewers get, if it fails: what most of the failing endpoints lead to, 502 in a tie.
    pub status: Option<u16>,
    /// Failing of judged endpoints; `None` when none could be judged.
    pub failing_ratio: Option<f64>,
}

/// Whether CloudFront would get its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Answers,
    Fails,
    /// Nobody can tell, for the reasons beside it.
    Undecided,
    /// There is no TLS connection to judge.
    NotApplicable(NotApplicable),
}

impl Answer {
    /// Returns `answers`, `fails`, `undecided` or `not-applicable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
            Self::NotApplicable(_) => "not-applicable",
        }
    }
}

/// Why there is nothing to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApplicable {
    /// CloudFront speaks plain HTTP to this origin.
    HttpOnly,
    /// The operator says that only CloudFront is admitted; DNS is in order.
    UnreachableFromHere,
    /// CloudFront has a way to this origin that nobody else has.
    VpcOrigin,
    /// Both ends of the connection are Amazon's.
    OriginAccessControl,
    /// No viewer is sent to this origin.
    Unused,
}

impl From<Exemption> for NotApplicable {
    fn from(exemption: Exemption) -> Self {
        match exemption {
            Exemption::VpcOrigin => Self::VpcOrigin,
            Exemption::OriginAccessControl => Self::OriginAccessControl,
            Exemption::Unused => Self::Unused,
        }
    }
}

impl NotApplicable {
    /// Returns the reason as part of a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HttpOnly => "CloudFront speaks plain HTTP to this origin",
            Self::UnreachableFromHere => {
                "the origin is set as one that admits only CloudFront; its DNS is in order"
            }
            Self::VpcOrigin => "a VPC origin, which only CloudFront reaches",
            Self::OriginAccessControl => {
                "an S3 bucket with origin access control: its certificate is Amazon's own"
            }
            Self::Unused => "no behavior of the distribution leads to this origin",
        }
    }
}

/// One violation of one rule, at one place.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The rule's effect, or less where there is doubt.
    pub effect: Effect,
    pub basis: Basis,
    /// What viewers get from it; `None` for a notice.
    pub status: Option<u16>,
    /// Where it was found; `None` for the origin as a whole.
    pub endpoint: Option<usize>,
    pub target: Option<usize>,
    pub server_name: Option<DomainName>,
    pub address: Option<IpAddr>,
    /// The fact, one sentence without a full stop.
    pub detail: String,
    /// What to do, where it is the daemon's configuration that is at hand.
    pub remedy: String,
    /// The same with the options of `check`.
    pub remedy_in_check: String,
    /// What is left of it if the distribution's settings are judged apart.
    pub sure_remedy: Remedy,
    /// The settings and commands.
    pub repair: &'static Repair,
    /// What it makes the verdict wait for, if it does not fail.
    pub undecided_reason: Option<UndecidedReason>,
    /// Whether its endpoint counts as failing, whatever the verdict.
    pub counts_as_failing: bool,
}

impl Finding {
    /// Returns what to do in the words of one place.
    pub fn remedy_read_in(&self, read_in: ReadIn) -> &str {
        match read_in {
            ReadIn::Daemon => &self.remedy,
            ReadIn::Check => &self.remedy_in_check,
        }
    }
}
