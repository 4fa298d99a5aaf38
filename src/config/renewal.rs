//! Renewal thresholds: the file's, and those that an origin overrides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::duration::format_duration;
use crate::config::error_kind::ErrorKind;
use crate::config::read::Place;
use crate::config::scalar::Length;
use crate::config::value::Given;
use crate::origin::{Percent, RenewalPolicy, RenewalThreshold};

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct Renewal {
    /// When a renewal is overdue.
    warning: Threshold,
    /// When a renewal is urgent.
    critical: Threshold,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
struct Threshold {
    /// Time before expiry.
    // Up to ten years, longer than the lifetime of any publicly trusted certificate.
    max: Given<Length<1_000, { 3_650 * 86_400_000 }>>,
    /// Remaining percentage of the lifetime.
    lifetime: Given<Percent>,
}

impl Renewal {
    /// Returns the thresholds of the default policy.
    pub(super) fn of_policy() -> Self {
        RenewalPolicy::default().into()
    }

    /// Returns `base` with the values that are set here replaced.
    pub(super) fn over(&self, base: RenewalPolicy) -> RenewalPolicy {
        RenewalPolicy {
            warning: self.warning.over(base.warning),
            critical: self.critical.over(base.critical),
        }
    }

    /// Reports a critical threshold that comes before the warning.
    pub(super) fn validate(&self, at: &Place<'_>, base: RenewalPolicy) {
        let RenewalPolicy { warning, critical } = self.over(base);
        let (at_critical, at_warning) = (at.key("critical"), at.key("warning"));
        // Reports the key that is in the file: the other one may be inherited. With neither key
        // here, the error is in the inherited values and was reported there.
        let report = |key, critical, warning| {
            let places = [at_critical.key(key), at_warning.key(key)];
            if let Some(place) = places.into_iter().find(Place::is_given) {
                place.error(ErrorKind::CriticalBeforeWarning { critical, warning });
            }
        };
        if critical.max > warning.max {
            report("max", format_duration(critical.max), format_duration(warning.max));
        }
        if critical.lifetime > warning.lifetime {
            let share = |threshold: RenewalThreshold| format!("{}%", threshold.lifetime.0);
            report("lifetime", share(critical), share(warning));
        }
    }
}

impl Threshold {
    fn over(&self, base: RenewalThreshold) -> RenewalThreshold {
        RenewalThreshold {
            max: self.max.0.map_or(base.max, |Length(max)| max),
            lifetime: self.lifetime.0.unwrap_or(base.lifetime),
        }
    }
}

impl From<RenewalPolicy> for Renewal {
    fn from(policy: RenewalPolicy) -> Self {
        let threshold = |threshold: RenewalThreshold| Threshold {
            max: Length(threshold.max).into(),
            lifetime: threshold.lifetime.into(),
        };
        Self { warning: threshold(policy.warning), critical: threshold(policy.critical) }
    }
}
