//! The metrics of origins: their names, their meaning, and how each is taken from a report.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::report::Answer;
use crate::rules::UndecidedReason;
use crate::telemetry::Family;
use crate::telemetry::Kind;
use crate::telemetry::unix_seconds;

use super::lines::Lines;
use super::subject::State;
use super::subject::Subject;

/// One metric and where its series come from.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) family: Family,
    pub(super) write: fn(&Subject<'_>, &mut Lines<'_>),
}

/// Every metric of origins, in the order in which they are written.
pub(super) static FAMILIES: [Definition; 19] = [
    Definition {
        family: gauge(
            "cloudfront_origin_failing",
            "1 if CloudFront would get no HTTPS connection to the origin with this server name, \
             else 0; result of the last scheduled probe",
        ),
        write: |subject, lines| match subject.state {
            State::NotProbedYet => lines.add([], 0.0),
            State::Judged(judged) => {
                lines.add([], one_if(judged.conclusion.answer == Answer::Fails));
            }
            State::NotApplicable => {}
        },
    },
    Definition {
        family: gauge(
            "cloudfront_origin_undecided",
            "1 if it cannot be told whether CloudFront would get its connection, else 0; result \
             of the last scheduled probe",
        ),
        write: |subject, lines| match subject.state {
            State::NotProbedYet => lines.add([], 1.0),
            State::Judged(judged) => {
                lines.add([], one_if(judged.conclusion.answer == Answer::Undecided));
            }
            State::NotApplicable => {}
        },
    },
    Definition {
        family: Family::gauge(
            "cloudfront_origin_undecided_reason",
            "1 for each reason why it is undecided, else absent; result of the last scheduled \
             probe",
            &["distribution", "origin", "domain", "server_name", "reason"],
        ),
        write: |subject, lines| match subject.state {
            State::NotProbedYet => lines.add([UndecidedReason::NotProbedYet.as_str()], 1.0),
            State::Judged(judged) => {
                for reason in &judged.conclusion.undecided_reasons {
                    lines.add([reason.as_str()], 1.0);
                }
            }
            State::NotApplicable => {}
        },
    },
    Definition {
        family: gauge(
            "cloudfront_origin_failing_ratio",
            "Failing addresses of those that could be judged, 0 to 1; result of the last \
             scheduled probe",
        ),
        write: |subject, lines| {
            if let Some(judged) = subject.judged() {
                lines.add([], judged.conclusion.failing_ratio.unwrap_or(0.0));
            }
        },
    },
    Definition {
        family: gauge(
            "cloudfront_origin_first_failure_timestamp_seconds",
            "Since when it has been failing, or else when it will begin to, as Unix time; absent \
             where neither is known; result of the last scheduled probe",
        ),
        write: |subject, lines| {
            instant(lines, subject.judged().and_then(|judged| judged.facts.first_failure()));
        },
    },
    Definition {
        family: Family::gauge(
            "cloudfront_origin_violation",
            "1 for each rule that the origin violates at any address, else absent; result of the \
             last scheduled probe",
            &["distribution", "origin", "domain", "server_name", "rule", "effect", "status"],
        ),
        write: |subject, lines| {
            for finding in subject.judged().iter().flat_map(|judged| judged.findings()) {
                let status = match finding.status {
                    Some(502) => "502",
                    Some(504) => "504",
                    Some(other) => &other.to_string(),
                    None => "",
                };
                lines.add([finding.rule.id, finding.effect.as_str(), status], 1.0);
            }
        },
    },
    Definition {
        family: gauge(
            "cloudfront_origin_certificate_not_before_timestamp_seconds",
            "From when the end-entity certificate is valid, as Unix time, the latest over all \
             addresses; result of the last scheduled probe that read a chain",
        ),
        write: |subject, lines| instant(lines, subject.chain().map(|chain| chain.not_before)),
    },
    Definition {
        family: gauge(
            "cloudfront_origin_certificate_not_after_timestamp_seconds",
            "Until when the end-entity certificate is valid, as Unix time, the earliest over all \
             addresses; result of the last scheduled probe that read a chain",
        ),
        write: |subject, lines| instant(lines, subject.chain().map(|chain| chain.not_after)),
    },
    Definition {
        family: gauge(
            "cloudfront_origin_path_not_after_timestamp_seconds",
            "Until when the best path to a trust anchor holds, as Unix time, the earliest over \
             all addresses; absent where there is no path; result of the last scheduled probe \
             that read a chain",
        ),
        write: |subject, lines| {
            instant(lines, subject.chain().and_then(|chain| chain.path_not_after));
        },
    },
    Definition {
        family: gauge(
            "cloudfront_origin_renewal_warning_timestamp_seconds",
            "From when a renewal is late enough to warn, as Unix time, the earliest over all \
             addresses; result of the last scheduled probe that read a chain",
        ),
        write: |subject, lines| instant(lines, subject.chain().map(|chain| chain.renewal_warning)),
    },
    Definition {
        family: gauge(
            "cloudfront_origin_renewal_critical_timestamp_seconds",
            "From when a renewal is late enough to wake somebody, as Unix time, the earliest over \
             all addresses; result of the last scheduled probe that read a chain",
        ),
        write: |subject, lines| {
            instant(lines, subject.chain().map(|chain| chain.renewal_critical));
        },
    },
    Definition {
        family: gauge(
            "cloudfront_origin_chain_read_timestamp_seconds",
            "When a certificate chain was last read, as Unix time: how old the certificates' \
             dates are; absent before the first; result of the last scheduled probe that read one",
        ),
        write: |subject, lines| instant(lines, subject.chain().map(|chain| chain.read_at)),
    },
    Definition {
        family: Family::gauge(
            "cloudfront_origin_addresses",
            "Addresses that the origin domain has, by family; result of the last scheduled probe",
            &["distribution", "origin", "domain", "server_name", "family"],
        ),
        write: |subject, lines| {
            let Some(judged) = subject.judged() else { return };
            if let Some(count) = judged.addresses("ipv4", IpAddr::is_ipv4) {
                lines.add(["ipv4"], count as f64);
            }
            if let Some(count) = judged.addresses("ipv6", IpAddr::is_ipv6) {
                lines.add(["ipv6"], count as f64);
            }
        },
    },
    Definition {
        family: Family::gauge(
            "cloudfront_origin_tls_info",
            "Always 1, labelled with what was negotiated at the first address where anything was; \
             result of the last scheduled probe",
            &[
                "distribution",
                "origin",
                "domain",
                "server_name",
                "version",
                "cipher_suite",
                "group",
            ],
        ),
        write: |subject, lines| {
            let mut endpoints = subject.judged().into_iter().flat_map(|judged| judged.endpoints());
            if let Some(tls) = endpoints.find_map(|endpoint| endpoint.tls.as_ref()) {
                let group = tls.group.as_deref().unwrap_or_default();
                lines.add([tls.version, &tls.cipher_suite, group], 1.0);
            }
        },
    },
    Definition {
        family: gauge(
            "cloudfront_origin_last_probe_timestamp_seconds",
            "When the last scheduled probe began, as Unix time",
        ),
        write: |subject, lines| {
            instant(lines, subject.judged().map(|judged| judged.report.probed_at()));
        },
    },
    Definition {
        family: Family::gauge(
            "cloudfront_origin_probe_duration_seconds",
            "How long a phase of the last scheduled probe took, at the slowest address",
            &["distribution", "origin", "domain", "server_name", "phase"],
        ),
        write: |subject, lines| {
            for (phase, duration) in subject.judged().iter().flat_map(|judged| judged.phases()) {
                if let Some(duration) = duration {
                    lines.add([phase], duration.as_secs_f64());
                }
            }
        },
    },
    Definition {
        family: Family {
            kind: Kind::Counter,
            ..gauge(
                "cloudfront_origin_certificate_changes_total",
                "How often scheduled probes found other end-entity certificates than before",
            )
        },
        write: |subject, lines| {
            if let Some(judged) = subject.judged() {
                lines.add([], judged.facts.certificate_changes as f64);
            }
        },
    },
    Definition {
        family: Family::gauge(
            "cloudfront_origin_server_names",
            "Server names of an origin with more than 20, by what is known of them; those that \
             wait have not been probed yet, because a probe takes some in turn only. Of more than \
             100 those have series of their own that are worst, and the first ones",
            &["distribution", "origin", "domain", "state"],
        ),
        write: |subject, lines| {
            for (state, count) in subject.server_names().into_iter().flatten() {
                lines.add_of_origin(state, count as f64);
            }
        },
    },
    Definition {
        family: Family::gauge(
            "cloudfront_origin_info",
            "Always 1, labelled with what is configured, the origin's own labels included; \
             verdict_applicable is false where there is no HTTPS connection to judge",
            &[
                "distribution",
                "origin",
                "domain",
                "server_name",
                "verdict_applicable",
                "protocol_policy",
                "port",
            ],
        ),
        write: |subject, lines| {
            let origin = &subject.entry.origin;
            let applicable = match subject.state {
                State::NotApplicable => "false",
                State::NotProbedYet | State::Judged(_) => "true",
            };
            let port = origin.https_port.to_string();
            let labels = [applicable, origin.protocol_policy.as_str(), &port];
            lines.add_with(labels, &origin.labels, 1.0);
        },
    },
];

const fn gauge(name: &'static str, help: &'static str) -> Family {
    Family::gauge(name, help, &["distribution", "origin", "domain", "server_name"])
}

fn one_if(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// Writes an instant where there is one.
fn instant(lines: &mut Lines<'_>, at: Option<Timestamp>) {
    if let Some(at) = at {
        lines.add([], unix_seconds(at));
    }
}
