//! The deadline of a probe on request, derived from the scrape timeout.

use std::fmt;
use std::time::Duration;

use axum::http::HeaderMap;

use super::refusal::Refusal;
use crate::observation::TimeLimit;

/// The time that a probe may take, and the reason for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    pub(super) allowed: Duration,
    /// The source of `allowed`.
    pub(super) limit: TimeLimit,
    /// The scrape timeout; `None` if the request does not state it.
    scrape_timeout: Option<Duration>,
}

impl Deadline {
    /// Reads the header; a probe never gets more time than `most` or [`LONGEST`].
    pub(super) fn of(headers: &HeaderMap, most: Duration) -> Result<Self, Refusal> {
        let most = most.min(LONGEST);
        let mut values = headers.get_all(HEADER).iter();
        let Some(value) = values.next() else {
            return Ok(Self { allowed: most, limit: TimeLimit::Deadline, scrape_timeout: None });
        };
        let number = value.to_str().ok().and_then(|text| text.trim().parse::<f64>().ok());
        let timeout = number.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let (Some(timeout), None) = (timeout, values.next()) else {
            return Err(Refusal::TimeoutMalformed);
        };
        match timeout.checked_sub(WAY_BACK).filter(|left| !left.is_zero()) {
            Some(left) => {
                let is_shorter = left < most;
                let limit = if is_shorter { TimeLimit::ScrapeTimeout } else { TimeLimit::Deadline };
                Ok(Self { allowed: left.min(most), limit, scrape_timeout: Some(timeout) })
            }
            None => Err(Refusal::TimeoutTooShort),
        }
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s at most", self.allowed.as_secs_f64())?;
        match self.scrape_timeout {
            Some(timeout) => write!(f, " (scrape timeout {} s)", timeout.as_secs_f64()),
            None => Ok(()),
        }
    }
}

/// Prometheus sends this header with every scrape, in seconds.
const HEADER: &str = "x-prometheus-scrape-timeout-seconds";
/// Time for sending the response; the default of blackbox_exporter's `--timeout-offset` is the
/// same.
const WAY_BACK: Duration = Duration::from_millis(500);
/// The server closes a connection without progress not long after this time.
const LONGEST: Duration = Duration::from_secs(60);
