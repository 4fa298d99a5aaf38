//! The verdict of all rules at one instant, and the first instant at which an origin fails.

mod compact;
mod first_failure;
mod judge;
mod usage;

use std::net::IpAddr;

pub use compact::{CompactConclusion, CompactVerdict, Violated};
pub use first_failure::{FirstFailure, first_failure};
pub use judge::judge;

use crate::observation::Observation;
use crate::origin::{DomainName, Exemption};
use crate::rules::{Basis, Effect, ReadIn, Remedy, Rule, Topic, UndecidedReason};

/// The predicted result of CloudFront's connections to an origin at one instant.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Over all addresses and server names.
    pub conclusion: Conclusion,
    /// Every violation, in the order of the rules.
    pub findings: Vec<Finding>,
    /// For each target of the origin, over its own endpoints.
    pub targets: Vec<Conclusion>,
}

impl Verdict {
    /// Returns how many connections to the address and server name at `position` were made, and how
    /// many of them failed, as far as they count.
    pub fn connections(&self, observation: &Observation, position: usize) -> Connections {
        let mut sum = Connections::default();
        let endpoints = observation.endpoints.iter().enumerate().skip(position);
        let others = endpoints.take_while(|(at, each)| *at == position || each.is_other_outcome);
        for (at, outcome) in others {
            let fails = self.failing_findings().any(|finding| finding.endpoint == Some(at));
            sum.failed += if fails { outcome.connections } else { 0 };
            sum.seen += if fails || outcome.was_probed() { outcome.connections } else { 0 };
        }
        sum
    }

    /// Returns the findings that make their endpoint, or the origin as a whole, count as failing.
    pub fn failing_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.counts_as_failing)
    }
}

/// A verdict without its findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    pub answer: Answer,
    /// Why it is undecided; empty unless it is.
    pub undecided_reasons: Vec<UndecidedReason>,
    /// The status that viewers get, if it fails: that of most failing endpoints, 502 in a tie.
    pub status: Option<u16>,
    /// The share of new connections that fail: the mean over the judged endpoints; `None` if none
    /// could be judged.
    pub failing_ratio: Option<f64>,
    /// The numbers behind the ratio.
    pub endpoints: Share,
}

/// How many of the judged endpoints fail. Endpoints under a server name that viewers do not use are
/// not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub failing: usize,
    pub judged: usize,
}

/// The connections to one address with one server name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    pub seen: u16,
    pub failed: u16,
}

impl Connections {
    /// Returns whether some of them failed, but not all.
    pub fn are_divided(self) -> bool {
        0 < self.failed && self.failed < self.seen
    }
}

/// Whether CloudFront would get a connection to the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Answers,
    Fails,
    /// The result is inconclusive, for the given reasons.
    Undecided,
    /// There is no TLS connection to judge, for the given reason.
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
    /// The configuration says that only CloudFront can reach the origin, and the name resolves.
    UnreachableFromHere,
    /// Only CloudFront can reach this origin.
    VpcOrigin,
    /// AWS operates both ends of the connection.
    OriginAccessControl,
    /// No behavior uses this origin.
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
                "the origin is configured to admit only CloudFront; its domain resolves"
            }
            Self::VpcOrigin => "a VPC origin, which only CloudFront can reach",
            Self::OriginAccessControl => {
                "an S3 bucket with origin access control, whose certificate is managed by AWS"
            }
            Self::Unused => "no behavior of the distribution uses this origin",
        }
    }
}

/// One violation of a rule, at one endpoint or at the origin as a whole.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The rule's effect, or a lesser one if there is doubt.
    pub effect: Effect,
    pub basis: Basis,
    /// The status that viewers get; `None` for a notice.
    pub status: Option<u16>,
    /// The position of the endpoint; `None` for the origin as a whole.
    pub endpoint: Option<usize>,
    pub target: Option<usize>,
    pub server_name: Option<DomainName>,
    pub address: Option<IpAddr>,
    /// One sentence without a final period.
    pub detail: String,
    /// The remedy, with keys of the configuration file.
    pub remedy: String,
    /// The remedy, with options of `check`.
    pub remedy_in_check: String,
    /// The remedy without alternatives, for use if the distribution's settings are known.
    pub sure_remedy: Remedy,
    /// The repair: settings and commands.
    pub repair: Topic,
    /// Why this finding makes the verdict undecided, if nothing fails.
    pub undecided_reason: Option<UndecidedReason>,
    /// Whether its endpoint counts as failing, whatever the verdict.
    pub counts_as_failing: bool,
}

impl Finding {
    /// Returns the remedy, worded for one place.
    pub fn remedy_read_in(&self, read_in: ReadIn) -> &str {
        match read_in {
            ReadIn::Daemon => &self.remedy,
            ReadIn::Check => &self.remedy_in_check,
        }
    }
}
