//! The metrics of origins: names, help texts, and how each value is derived from a report.

use crate::observation::Family as IpFamily;
use crate::report::NameState;
use crate::rules::UndecidedReason;
use crate::telemetry::{Family, Kind};
use crate::verdict::Answer;

use super::lines::Lines;
use super::subject::Subject;

/// One metric and the source of its series.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) family: Family,
    pub(super) write: fn(&Subject<'_>, &mut Lines<'_>),
}

/// Every metric of origins, in output order.
pub(super) static FAMILIES: [Definition; 19] = [
    gauge(
        "cloudfront_origin_failing",
        "1 if CloudFront could not connect to the origin over HTTPS with this server name, else 0",
        |subject, lines| lines.add_whether(subject.answer(), Answer::Fails),
    ),
    gauge(
        "cloudfront_origin_undecided",
        "1 if it is inconclusive whether CloudFront could connect, else 0",
        |subject, lines| lines.add_whether(subject.answer(), Answer::Undecided),
    ),
    labelled(
        "cloudfront_origin_undecided_reason",
        "1 for each reason for an undecided verdict, else absent",
        &["distribution", "origin", "domain", "server_name", "reason"],
        |subject, lines| match subject.state {
            NameState::NotProbedYet => lines.add([UndecidedReason::NotProbedYet.as_str()], 1.0),
            NameState::Judged(judged) => {
                for reason in judged.conclusion.undecided_reasons() {
                    lines.add([reason.as_str()], 1.0);
                }
            }
            NameState::NotApplicable => {}
        },
    ),
    gauge(
        "cloudfront_origin_failing_ratio",
        "Share of new connections that fail, from 0 to 1: the mean over the judged addresses",
        |subject, lines| {
            if let Some(judged) = subject.judged() {
                lines.add([], judged.conclusion.failing_ratio().unwrap_or(0.0));
            }
        },
    ),
    gauge(
        "cloudfront_origin_first_failure_timestamp_seconds",
        "Start of the current failure, or else the predicted start of the next one, as Unix \
         time; absent if neither is known",
        |subject, lines| {
            lines.add_instant(subject.judged().and_then(|judged| judged.facts.first_failure()));
        },
    ),
    labelled(
        "cloudfront_origin_violation",
        "1 for each rule that the origin violates at any address, else absent",
        &["distribution", "origin", "domain", "server_name", "rule", "effect", "status"],
        |subject, lines| {
            for violated in subject.judged().iter().flat_map(|judged| judged.violations()) {
                let status = match violated.status() {
                    Some(502) => "502",
                    Some(504) => "504",
                    Some(other) => &other.to_string(),
                    None => "",
                };
                lines.add([violated.rule().name, violated.effect.as_str(), status], 1.0);
            }
        },
    ),
    gauge(
        "cloudfront_origin_certificate_not_before_timestamp_seconds",
        "notBefore of the end-entity certificate, as Unix time; the latest of all addresses",
        |subject, lines| lines.add_instant(subject.chain().map(|chain| chain.not_before)),
    ),
    gauge(
        "cloudfront_origin_certificate_not_after_timestamp_seconds",
        "notAfter of the end-entity certificate, as Unix time; the earliest of all addresses",
        |subject, lines| lines.add_instant(subject.chain().map(|chain| chain.not_after)),
    ),
    gauge(
        "cloudfront_origin_path_not_after_timestamp_seconds",
        "Expiry of the best path to a trust anchor, as Unix time; the earliest of all addresses; \
         absent if there is no path",
        |subject, lines| {
            lines.add_instant(subject.chain().and_then(|chain| chain.path_not_after));
        },
    ),
    gauge(
        "cloudfront_origin_renewal_warning_timestamp_seconds",
        "Time at which a missing renewal causes a warning, as Unix time; the earliest of all \
         addresses",
        |subject, lines| lines.add_instant(subject.chain().map(|chain| chain.renewal_warning)),
    ),
    gauge(
        "cloudfront_origin_renewal_critical_timestamp_seconds",
        "Time at which a missing renewal becomes critical, as Unix time; the earliest of all \
         addresses",
        |subject, lines| {
            lines.add_instant(subject.chain().map(|chain| chain.renewal_critical));
        },
    ),
    gauge(
        "cloudfront_origin_chain_read_timestamp_seconds",
        "Time at which a certificate chain was last read, as Unix time; absent before the first",
        |subject, lines| lines.add_instant(subject.chain().map(|chain| chain.read_at)),
    ),
    labelled(
        "cloudfront_origin_addresses",
        "Number of addresses of the origin domain, by family",
        &["distribution", "origin", "domain", "server_name", "family"],
        |subject, lines| {
            let Some(judged) = subject.judged() else { return };
            for family in [IpFamily::Ipv4, IpFamily::Ipv6] {
                if let Some(count) = judged.brief.addresses_of(family) {
                    lines.add([family.as_str()], count.into());
                }
            }
        },
    ),
    labelled(
        "cloudfront_origin_tls_info",
        "Always 1, labelled with the TLS parameters of the first address that negotiated any",
        &["distribution", "origin", "domain", "server_name", "version", "cipher_suite", "group"],
        |subject, lines| {
            let tls = subject.judged().and_then(|judged| judged.connections.tls.as_ref());
            if let Some(tls) = tls {
                let group = tls.group.as_deref().unwrap_or_default();
                lines.add([&tls.version, &tls.cipher_suite, group], 1.0);
            }
        },
    ),
    gauge(
        "cloudfront_origin_last_probe_timestamp_seconds",
        "Start of the last scheduled probe, as Unix time",
        |subject, lines| {
            lines.add_instant(subject.judged().map(|judged| judged.brief.probed_at()));
        },
    ),
    labelled(
        "cloudfront_origin_probe_duration_seconds",
        "Duration of a phase of the last scheduled probe at the slowest address, in seconds",
        &["distribution", "origin", "domain", "server_name", "phase"],
        |subject, lines| {
            for (phase, duration) in subject.judged().iter().flat_map(|judged| judged.phases()) {
                if let Some(duration) = duration {
                    lines.add([phase], duration.as_secs_f64());
                }
            }
        },
    ),
    counter(
        "cloudfront_origin_certificate_changes_total",
        "Number of times that scheduled probes found changed end-entity certificates",
        |subject, lines| {
            if let Some(judged) = subject.judged() {
                lines.add([], judged.facts.certificate_changes.into());
            }
        },
    ),
    labelled(
        "cloudfront_origin_server_names",
        "Server names of an origin with more than 20, by state; waiting ones are not probed yet",
        &["distribution", "origin", "domain", "state"],
        |subject, lines| {
            for (state, count) in subject.server_names().into_iter().flatten() {
                lines.add_of_origin(state, count as f64);
            }
        },
    ),
    labelled(
        "cloudfront_origin_info",
        "Always 1, labelled with the origin's configuration and its own labels; alias is an \
         alternate domain name that leads to it, if one is known; verdict_applicable is false \
         without an HTTPS connection to judge",
        &[
            "distribution",
            "origin",
            "domain",
            "server_name",
            "verdict_applicable",
            "protocol_policy",
            "port",
        ],
        |subject, lines| {
            let origin = &subject.entry.origin;
            let applicable = match subject.state {
                NameState::NotApplicable => "false",
                NameState::NotProbedYet | NameState::Judged(_) => "true",
            };
            let port = origin.https_port.to_string();
            let labels = [applicable, origin.protocol_policy.as_str(), &port];
            let own = origin.labels.iter().map(|(name, value)| (&**name, &**value));
            // A configured label with the same name has priority.
            let alias = origin.alias().filter(|_| !origin.labels.contains_key("alias"));
            let alias = alias.map(|alias| ("alias", alias.as_str()));
            lines.add_with(labels, alias.into_iter().chain(own), 1.0);
        },
    ),
];

/// Returns a gauge with one series per server name.
const fn gauge(
    name: &'static str,
    help: &'static str,
    write: fn(&Subject<'_>, &mut Lines<'_>),
) -> Definition {
    labelled(name, help, &["distribution", "origin", "domain", "server_name"], write)
}

const fn counter(
    name: &'static str,
    help: &'static str,
    write: fn(&Subject<'_>, &mut Lines<'_>),
) -> Definition {
    let Definition { family, write } = gauge(name, help, write);
    Definition { family: Family { kind: Kind::Counter, ..family }, write }
}

const fn labelled(
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
    write: fn(&Subject<'_>, &mut Lines<'_>),
) -> Definition {
    Definition { family: Family::gauge(name, help).labelled(labels), write }
}
