//! How well the prober itself was while it probed: what keeps its own trouble from being taken
//! for the origin's.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::limits::Shortage;

/// What is known of the prober at the time of the probe. `schedule` and the command line fill it
/// in from what the other probes brought home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProberState {
    /// When this process last connected to this origin's port.
    pub last_reached: Option<Timestamp>,
    pub elsewhere: Elsewhere,
    pub nameserver: NameserverState,
    /// By how much the event loop was late at worst while the probe ran.
    pub event_loop_late: Duration,
    pub interception: Interception,
    /// The limit of the probe's time.
    pub time_limit: TimeLimit,
}

/// Nothing is held against a prober of whom nothing is known.
impl Default for ProberState {
    fn default() -> Self {
        Self {
            last_reached: None,
            elsewhere: Elsewhere::TooFewOthers,
            nameserver: NameserverState::Unknown,
            event_loop_late: Duration::ZERO,
            interception: Interception::NotSuspected,
            time_limit: TimeLimit::Deadline,
        }
    }
}

/// The limit after which a probe ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeLimit {
    /// The prober's own deadline.
    #[default]
    Deadline,
    /// The scrape timeout of the request, which is shorter.
    ScrapeTimeout,
}

/// Whether other origins could be reached by TCP in the last two intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// At least one endpoint of another origin was.
    Reached,
    /// None of at least three others was.
    NothingReached,
    /// There are not enough others to tell.
    TooFewOthers,
}

/// Whether the nameservers that failed to answer for the origin answer anything, each over the
/// transport over which it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameserverState {
    /// They answered another question in the last interval.
    Answers,
    /// At least one of them answered no other question either, or there was none.
    Silent,
    /// The probe ended before another question was answered.
    OutOfTime,
    /// Nobody asked.
    Unknown,
}

/// Whether something on the way seems to replace certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interception {
    NotSuspected,
    /// Origins of three or more registrable domains all present this issuer, and none is trusted.
    Suspected {
        issuer: Box<str>,
        domains: usize,
    },
}

/// A failure of this process or its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnFailure<'a> {
    /// The resource that ran out; `None` for any other failure.
    pub shortage: Option<Shortage>,
    /// The system's or the library's words.
    pub detail: &'a str,
}

impl fmt::Display for OwnFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shortage {
            Some(shortage) => {
                write!(f, "{} ({}); {}", shortage.what(), self.detail, shortage.remedy())
            }
            None => write!(f, "the prober itself failed: {}", self.detail),
        }
    }
}
