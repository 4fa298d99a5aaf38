//! The state of the prober during a probe, so that its own problems are not attributed to the
//! origin.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits::Shortage;

/// The state of the prober during the probe. `schedule` and the command line fill it in from the
/// results of other probes. A prober of unknown state counts as healthy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProberState {
    /// The last time this process connected to this origin's port.
    #[serde(with = "jiff::fmt::serde::timestamp::microsecond::optional")]
    pub last_reached: Option<Timestamp>,
    pub elsewhere: Elsewhere,
    pub nameserver: NameserverState,
    /// The worst delay of the event loop during the probe.
    pub event_loop_late: Duration,
    pub interception: Interception,
    /// The limit that the probe's time is subject to.
    pub time_limit: TimeLimit,
}

/// The limit after which a probe ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeLimit {
    /// The prober's own deadline.
    #[default]
    Deadline,
    /// The scrape timeout of the request, which is shorter than the deadline.
    ScrapeTimeout,
}

/// Whether other origins were reached over TCP in the last two intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Elsewhere {
    /// At least one endpoint of another origin was reached.
    Reached,
    /// None of at least three other origins was reached.
    NothingReached,
    /// There are too few other origins to tell.
    #[default]
    TooFewOthers,
}

/// Whether the nameservers that failed to answer for the origin answer other queries, each over the
/// transport over which it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameserverState {
    /// They answered another query in the last interval.
    Answers,
    /// At least one of them answered no other query either, or there was none.
    Silent,
    /// The probe ended before another query was answered.
    OutOfTime,
    /// No other query was sent.
    #[default]
    Unknown,
}

/// Whether a middlebox seems to replace certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interception {
    #[default]
    NotSuspected,
    /// Origins of three or more registrable domains present this issuer, which is untrusted.
    Suspected { issuer: Box<str>, domains: usize },
}

/// A failure of this process or its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnFailure<'a> {
    /// The exhausted resource; `None` for any other failure.
    pub shortage: Option<Shortage>,
    /// The message of the operating system or the library.
    pub detail: &'a str,
}

impl fmt::Display for OwnFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shortage {
            Some(shortage) => {
                write!(f, "{} ({}); {}", shortage.what(), self.detail, shortage.remedy())
            }
            None => write!(f, "the prober failed: {}", self.detail),
        }
    }
}
