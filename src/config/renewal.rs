//! When certificates ought to be renewed: the file's policy, and an origin's own on top of it.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::duration::format_duration;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;
use crate::origin::RenewalPolicy;
use crate::origin::RenewalThreshold;

pub(super) const RENEWAL_KEYS: &[Key] = &[
    key("warning", "From when on a renewal is due."),
    key("critical", "From when on it is urgent; not before the warning."),
];
pub(super) const THRESHOLD_KEYS: &[Key] = &[
    key("max", "The time before the certificate's end."),
    key("lifetime", "The share of the certificate's lifetime before its end."),
];

/// Returns `base` with each field replaced that stands under `renewal`.
pub(super) fn renewal(parent: &Section<'_>, base: RenewalPolicy) -> RenewalPolicy {
    let section = parent.section("renewal", RENEWAL_KEYS);
    let warning_section = section.section("warning", THRESHOLD_KEYS);
    let critical_section = section.section("critical", THRESHOLD_KEYS);
    let warning = threshold(&warning_section, base.warning);
    let critical = threshold(&critical_section, base.critical);
    // Blames what is in the file: the other one may be inherited.
    let complain = |key, critical, warning| {
        let fault = Fault::CriticalBeforeWarning { critical, warning };
        let blamed = [&critical_section, &warning_section].into_iter().find(|s| s.has(key));
        // Without either, the order was wrong in what is inherited, and was complained of there.
        if let Some(blamed) = blamed {
            blamed.complain(key, fault);
        }
    };
    if critical.max > warning.max {
        complain("max", format_duration(critical.max), format_duration(warning.max));
    }
    if critical.lifetime > warning.lifetime {
        let share = |threshold: RenewalThreshold| format!("{}%", threshold.lifetime.0);
        complain("lifetime", share(critical), share(warning));
    }
    RenewalPolicy { warning, critical }
}

fn threshold(section: &Section<'_>, base: RenewalThreshold) -> RenewalThreshold {
    RenewalThreshold {
        max: section.value("max", |node| scalar::duration(node, MAX)).unwrap_or(base.max),
        lifetime: section.value("lifetime", scalar::percent).unwrap_or(base.lifetime),
    }
}

/// Up to ten years, longer than any certificate that CloudFront's trust anchors issue.
const MAX: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3_650 * 86_400);
