//! For which failures CloudFront turns to the second origin of a group.

use super::leg::LegFailure;

/// Whether CloudFront turns to the other origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coverage {
    Full,
    /// No document settles it.
    Undocumented,
    None,
}

/// Tells whether a group with these statuses covers a failure: every cause of it must be covered,
/// for CloudFront may meet any.
pub(super) fn coverage(failure: &LegFailure<'_>, statuses: &[u16]) -> Coverage {
    let causes = failure.causes().map(|(rule, status)| of_cause(rule, status, statuses));
    // A failure without a cause is none that a document speaks of.
    causes.max().unwrap_or(Coverage::Undocumented)
}

/// Guide, `high_availability_origin_failover`: CloudFront fails over when it fails to connect, if
/// 503 is among the statuses, and when the connection times out, if 504 is. A failed TLS handshake
/// is named by neither; viewers get 502 for it, so it takes 502 and 503 to be sure. (Until 2023 the
/// page made no such conditions.)
fn of_cause(rule: &str, status: Option<u16>, statuses: &[u16]) -> Coverage {
    let has = |status: u16| statuses.contains(&status);
    let is_refused = rule == "connection-refused";
    match status {
        Some(504) if has(504) => Coverage::Full,
        Some(504) if has(503) => Coverage::Undocumented,
        Some(504) => Coverage::None,
        _ if has(503) && (is_refused || has(502)) => Coverage::Full,
        _ if has(502) || has(503) => Coverage::Undocumented,
        _ => Coverage::None,
    }
}

#[cfg(test)]
mod tests {
    use super::Coverage;
    use super::of_cause;

    #[test]
    fn each_kind_of_failure_needs_its_own_statuses() {
        use Coverage::Full;
        use Coverage::None;
        use Coverage::Undocumented;
        const TLS: (&str, u16) = ("certificate-expired", 502);
        const REFUSED: (&str, u16) = ("connection-refused", 502);
        const SILENT: (&str, u16) = ("connection-timed-out", 504);
        for (statuses, tls, refused, silent) in [
            (&[502, 503, 504][..], Full, Full, Full),
            (&[502, 503], Full, Full, Undocumented),
            (&[503], Undocumented, Full, Undocumented),
            (&[502], Undocumented, Undocumented, None),
            (&[504], None, None, Full),
            (&[500, 404], None, None, None),
            (&[], None, None, None),
        ] {
            for ((rule, status), expected) in [(TLS, tls), (REFUSED, refused), (SILENT, silent)] {
                assert_eq!(of_cause(rule, Some(status), statuses), expected, "{rule} {statuses:?}");
            }
        }
    }
}
