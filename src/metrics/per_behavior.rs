//! The metrics of viewer impact, per distribution, path pattern and viewer protocol.

use crate::impact::BehaviorOutlook;
use crate::telemetry::Family;

use super::lines::{Lines, push_labels};

/// One metric and the source of its values.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) family: Family,
    value: fn(&BehaviorOutlook) -> bool,
}

/// Every metric of behaviors, in output order. A behavior without a judged origin has no series.
pub(super) static FAMILIES: [Definition; 3] = [
    gauge(
        "cloudfront_behavior_failing",
        "1 if viewers of the path pattern get an error for any host name, because no origin of \
         the behavior answers, else 0",
        |outlook| outlook.is_failing,
    ),
    gauge(
        "cloudfront_behavior_undecided",
        "1 if it is inconclusive for any host name whether viewers of the path pattern are \
         served, else 0",
        |outlook| outlook.is_undecided,
    ),
    gauge(
        "cloudfront_behavior_degraded",
        "1 if viewers of the path pattern are served by the secondary origin because the \
         primary fails, else 0",
        |outlook| outlook.is_degraded,
    ),
];

const fn gauge(
    name: &'static str,
    help: &'static str,
    value: fn(&BehaviorOutlook) -> bool,
) -> Definition {
    let labels = &["distribution", "path_pattern", "viewer_protocol"];
    Definition { family: Family::gauge(name, help).labelled(labels), value }
}

impl Definition {
    /// Writes one series for each behavior of a distribution.
    pub(super) fn write(&self, text: &mut String, id: &str, behaviors: &[BehaviorOutlook]) {
        for outlook in behaviors {
            let values = [id, &outlook.path_pattern, outlook.viewer_protocol.as_str()];
            let mut labels = String::new();
            push_labels(&mut labels, self.family.labels, &values);
            let value = if (self.value)(outlook) { 1.0 } else { 0.0 };
            Lines::new(text, &self.family, &labels, values.len()).add([], value);
        }
    }
}
