use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::telemetry::{FAMILIES, OwnError, Phase, Telemetry, TrustStore};

fn now() -> Timestamp {
    "2026-01-01T00:00:00.5Z".parse().unwrap()
}

/// Returns the samples of the metrics with a name that starts with `prefix`, one per line.
fn samples(telemetry: &Telemetry, prefix: &str) -> String {
    let text = telemetry.render(now(), |_| true).unwrap();
    let own: Vec<&str> = text.lines().filter(|line| line.starts_with(prefix)).collect();
    own.join("\n")
}

#[test]
fn everything_is_there_before_anything_happens() {
    let telemetry = Telemetry::new("1.2.3").unwrap();
    let text: Vec<String> = samples(&telemetry, "origin_probe_")
        .lines()
        .filter(|line| !line.contains("_bucket"))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        text,
        [
            "origin_probe_build_info{version=\"1.2.3\"} 1",
            "origin_probe_chain_budget_bytes 0",
            "origin_probe_chain_budget_used_bytes 0",
            "origin_probe_chains_not_kept 0",
            "origin_probe_clock_jumps_total 0",
            "origin_probe_clock_timestamp_seconds 1767225600.5",
            "origin_probe_config_last_reload_success_timestamp_seconds 0",
            "origin_probe_config_last_reload_successful 0",
            "origin_probe_config_reload_failures_total 0",
            "origin_probe_discovery_api_calls_total{operation=\"GetDistributionConfig\"} 0",
            "origin_probe_discovery_api_calls_total{operation=\"GetDistributionTenant\"} 0",
            "origin_probe_discovery_api_calls_total{operation=\"GetVpcOrigin\"} 0",
            "origin_probe_discovery_api_calls_total{operation=\"ListCachePolicies\"} 0",
            "origin_probe_discovery_api_calls_total{operation=\"ListDistributionTenants\"} 0",
            "origin_probe_discovery_api_calls_total{operation=\"ListDistributions\"} 0",
            "origin_probe_discovery_api_calls_total{operation=\"ListOriginRequestPolicies\"} 0",
            "origin_probe_discovery_api_calls_total{operation=\"ListTagsForResource\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"access-denied\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"expired-credentials\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"malformed\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"no-credentials\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"refused\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"refused-credentials\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"server-fault\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"throttled\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"timed-out\"} 0",
            "origin_probe_discovery_api_errors_total{reason=\"unreachable\"} 0",
            "origin_probe_log_lines_dropped_total 0",
            "origin_probe_origins 0",
            "origin_probe_overdue_origins 0",
            "origin_probe_phase_duration_seconds_sum{phase=\"connect\"} 0",
            "origin_probe_phase_duration_seconds_count{phase=\"connect\"} 0",
            "origin_probe_phase_duration_seconds_sum{phase=\"handshake\"} 0",
            "origin_probe_phase_duration_seconds_count{phase=\"handshake\"} 0",
            "origin_probe_phase_duration_seconds_sum{phase=\"resolve\"} 0",
            "origin_probe_phase_duration_seconds_count{phase=\"resolve\"} 0",
            "origin_probe_probe_errors_total{reason=\"own-failure\"} 0",
            "origin_probe_probe_errors_total{reason=\"panicked\"} 0",
            "origin_probe_probe_requests_total{code=\"200\"} 0",
            "origin_probe_probe_requests_total{code=\"400\"} 0",
            "origin_probe_probe_requests_total{code=\"403\"} 0",
            "origin_probe_probe_requests_total{code=\"429\"} 0",
            "origin_probe_probe_requests_total{code=\"500\"} 0",
            "origin_probe_probe_requests_total{code=\"503\"} 0",
            "origin_probe_probes_in_flight 0",
            "origin_probe_probes_missed_total 0",
            "origin_probe_probes_total 0",
            "origin_probe_schedule_lag_seconds_sum 0",
            "origin_probe_schedule_lag_seconds_count 0",
            "origin_probe_shard_ordinal 0",
            "origin_probe_shards 1",
        ]
    );
}

#[test]
fn a_probe_is_in_flight_until_its_guard_is_dropped_even_by_a_panic() {
    let telemetry = Telemetry::new("1").unwrap();
    let first = telemetry.probe_started();
    let second = telemetry.probe_started();
    let probes = |telemetry: &Telemetry| {
        let text = samples(telemetry, "origin_probe_probes_");
        text.replace("origin_probe_probes_missed_total 0\n", "")
    };
    assert_eq!(probes(&telemetry), "origin_probe_probes_in_flight 2\norigin_probe_probes_total 2");
    drop(first);
    let panicked = std::panic::catch_unwind(move || {
        let _second = second;
        panic!("a probe may do so");
    });
    assert!(panicked.is_err());
    telemetry.probe_failed(OwnError::Panicked);
    assert_eq!(probes(&telemetry), "origin_probe_probes_in_flight 0\norigin_probe_probes_total 2");
    assert_eq!(
        samples(&telemetry, "origin_probe_probe_errors_total{reason=\"panicked\"}"),
        "origin_probe_probe_errors_total{reason=\"panicked\"} 1"
    );
}

#[test]
fn gauges_show_what_was_noted_last() {
    let telemetry = Telemetry::new("1").unwrap();
    telemetry.looks_after(3);
    telemetry.set_overdue(2);
    telemetry.set_trust_store(&TrustStore { mozilla: 1, ..store("old") });
    telemetry.set_trust_store(&TrustStore { mozilla: 120, extra: 2, ..store("new") });
    telemetry.config_accepted("2026-01-01T00:00:00Z".parse().unwrap());
    telemetry.config_refused();
    telemetry.blinded_by("prober-blind");
    telemetry.blinded_by("resolver-silent");
    telemetry.no_longer_blinded_by("prober-blind");
    for (prefix, expected) in [
        ("origin_probe_origins", "origin_probe_origins 3"),
        ("origin_probe_overdue_origins", "origin_probe_overdue_origins 2"),
        (
            "origin_probe_trust_store_info",
            "origin_probe_trust_store_info{count=\"122\",date=\"2026-01-01\",extra=\"2\",id=\"new\",mozilla=\"120\",version=\"1.0\"} 1",
        ),
        (
            "origin_probe_config_",
            "origin_probe_config_last_reload_success_timestamp_seconds 1767225600\n\
             origin_probe_config_last_reload_successful 0\n\
             origin_probe_config_reload_failures_total 1",
        ),
        ("origin_probe_blind{cause=\"p", "origin_probe_blind{cause=\"prober-blind\"} 0"),
        ("origin_probe_blind{cause=\"r", "origin_probe_blind{cause=\"resolver-silent\"} 1"),
    ] {
        assert_eq!(samples(&telemetry, prefix), expected, "{prefix}");
    }
}

#[test]
fn a_source_has_its_series_while_it_is_expected() {
    let telemetry = Telemetry::new("1").unwrap();
    let sources = telemetry.sources();
    for source in ["file:a.yaml", "file:b.yaml"] {
        sources.expect(source, Duration::from_secs(2));
        sources.record_read(source);
        sources.record_refresh(source, "2026-01-01T00:00:00Z".parse().unwrap());
        sources.record_origins(source, 3, 1);
    }
    sources.record_read("file:b.yaml");
    sources.failed("file:b.yaml");
    sources.forget("file:a.yaml");
    let of_sources = || {
        let text = samples(&telemetry, "origin_probe_discovery_");
        let lines = text.lines().filter(|line| line.contains("{source="));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        of_sources(),
        "origin_probe_discovery_last_refresh_successful{source=\"file:b.yaml\"} 0\n\
         origin_probe_discovery_last_success_timestamp_seconds{source=\"file:b.yaml\"} 1767225600\n\
         origin_probe_discovery_origins{source=\"file:b.yaml\"} 3\n\
         origin_probe_discovery_problems{source=\"file:b.yaml\"} 1\n\
         origin_probe_discovery_refresh_failures_total{source=\"file:b.yaml\"} 1\n\
         origin_probe_discovery_refresh_interval_seconds{source=\"file:b.yaml\"} 2\n\
         origin_probe_discovery_refreshes_total{source=\"file:b.yaml\"} 2"
    );
    sources.forget("file:b.yaml");
    assert_eq!(of_sources(), "");
}

#[test]
fn histograms_reach_from_a_millisecond_to_a_minute() {
    let telemetry = Telemetry::new("1").unwrap();
    telemetry.probe_was_late(Duration::from_millis(1));
    telemetry.probe_was_late(Duration::from_secs(61));
    telemetry.phase_took(Phase::Handshake, Duration::from_millis(20));
    let lag = samples(&telemetry, "origin_probe_schedule_lag_seconds_bucket");
    let bounds: Vec<&str> = lag.lines().collect();
    assert_eq!(bounds.first(), Some(&"origin_probe_schedule_lag_seconds_bucket{le=\"0.001\"} 1"));
    let last = [
        "origin_probe_schedule_lag_seconds_bucket{le=\"60\"} 1",
        "origin_probe_schedule_lag_seconds_bucket{le=\"+Inf\"} 2",
    ];
    assert!(bounds.ends_with(&last), "{bounds:?}");
    assert_eq!(
        samples(&telemetry, "origin_probe_phase_duration_seconds_count{phase=\"handshake\"}"),
        "origin_probe_phase_duration_seconds_count{phase=\"handshake\"} 1"
    );
}

#[test]
fn the_table_is_what_is_written() {
    let telemetry = Telemetry::new("1").unwrap();
    telemetry.set_trust_store(&store("id"));
    telemetry.sources().expect("file:a.yaml", Duration::from_secs(2));
    telemetry.no_longer_blinded_by("own-failure");
    let text = telemetry.render(now(), |_| true).unwrap();
    let written: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.split(' ').nth(1).is_some_and(|name| name.starts_with("origin_probe_")))
        .collect();
    let table: Vec<String> = FAMILIES
        .iter()
        .flat_map(|family| {
            [
                format!("HELP {} {}", family.name, family.help),
                format!("TYPE {} {}", family.name, family.kind),
            ]
        })
        .collect();
    assert_eq!(written, table.iter().map(String::as_str).collect());
}

fn store(id: &str) -> TrustStore<'_> {
    TrustStore { id, version: "1.0", date: "2026-01-01", mozilla: 0, extra: 0 }
}
