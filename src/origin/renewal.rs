//! When the renewal of a certificate is overdue.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How long before its expiry a certificate should have been replaced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenewalPolicy {
    pub warning: RenewalThreshold,
    pub critical: RenewalThreshold,
}

impl RenewalPolicy {
    /// Returns the instants for a certificate valid from `not_before` to `not_after`.
    pub fn instants(&self, not_before: Timestamp, not_after: Timestamp) -> RenewalInstants {
        RenewalInstants {
            warning: self.warning.instant(not_before, not_after),
            critical: self.critical.instant(not_before, not_after),
        }
    }
}

/// Suitable for lifetimes from 6 to 398 days. Clients that renew with a third of the lifetime left
/// (Let's Encrypt's integration guide, cert-manager's default) stay clear of both thresholds.
impl Default for RenewalPolicy {
    fn default() -> Self {
        Self {
            warning: RenewalThreshold {
                max: Duration::from_secs(21 * 86_400),
                lifetime: Percent(25.0),
            },
            critical: RenewalThreshold {
                max: Duration::from_secs(7 * 86_400),
                lifetime: Percent(10.0),
            },
        }
    }
}

/// The shorter of a fixed time and a percentage of the certificate's lifetime.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenewalThreshold {
    pub max: Duration,
    pub lifetime: Percent,
}

impl RenewalThreshold {
    fn instant(&self, not_before: Timestamp, not_after: Timestamp) -> Timestamp {
        let lifetime = not_after.duration_since(not_before).max(SignedDuration::ZERO);
        let share = lifetime.as_secs_f64() * self.lifetime.0 / 100.0;
        let left = self.max.as_secs_f64().min(share).floor();
        // `left` is between 0 and the lifetime, so the cast is exact and the result in range.
        not_after.checked_sub(SignedDuration::from_secs(left as i64)).unwrap_or(Timestamp::MIN)
    }
}

/// A percentage from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

/// The instants from which a renewal is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenewalInstants {
    pub warning: Timestamp,
    pub critical: Timestamp,
}
