//! What viewers get, from verdicts of origins that were seen to fail or answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::distribution::{
    Account, Behavior, Derivation, DeriveOptions, Distribution, EdgeFunction, OriginConnection,
    OriginSettings, Tenant, derive,
};
use origin_probe::impact::{Coverage, Impact, impacts, sentences};
use origin_probe::observation::{Endpoint, Failure, Handshake, Observation};
use origin_probe::origin::{Origin, OriginKey};
use origin_probe::rules::ViewerError;
use origin_probe::verdict::{CompactVerdict, Verdict, judge};

use crate::common::shop::{group, origin, shop};

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Works,
    /// 502 in the handshake.
    Alerts,
    /// 502 without a connection.
    Refuses,
    /// 504.
    Hangs,
    /// Nobody can tell: nothing ever answered from here.
    Silent,
    /// 504: its address is not on the internet.
    IsPrivate,
    /// Refuses this server name only, by the handshake.
    RefusesName(&'static str),
}

use State::{Alerts, Hangs, IsPrivate, Refuses, RefusesName, Silent, Works};

fn observed(origin: &Arc<Origin>, state: State) -> Verdict {
    let at: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let endpoint = |(position, name): (usize, &str)| {
        let timeout = Duration::from_secs(10);
        let failure = match state {
            Works => None,
            Alerts => Some(Failure::Alert { code: 40 }),
            Refuses => Some(Failure::ConnectionRefused { attempts: 3 }),
            Hangs => Some(Failure::HandshakeTimedOut { waited: timeout, received: 0 }),
            IsPrivate => Some(Failure::NotPublic { kind: "private".into() }),
            Silent => Some(Failure::ConnectionTimedOut { attempts: 3, timeout }),
            RefusesName(refused) => (refused == name).then_some(Failure::Alert { code: 112 }),
        };
        let was_reached = !matches!(state, Refuses | Silent | IsPrivate);
        let connect_time = was_reached.then_some(Duration::from_millis(1));
        Endpoint {
            handshake: Handshake { failure, connect_time, ..Handshake::default() },
            ..Endpoint::new("192.0.2.1".parse().unwrap(), position, at)
        }
    };
    let names = origin.targets.iter().map(|target| target.server_name.as_str()).enumerate();
    let observation = Observation {
        endpoints: names.map(endpoint).collect(),
        ..Observation::new(Arc::clone(origin), at)
    };
    judge(&observation, at)
}

fn policy(settings: &mut OriginSettings, policy: &str) {
    if let OriginConnection::Custom(custom) = &mut settings.connection {
        custom.protocol_policy = policy.into();
    }
}

/// Returns a behavior of https viewers who read.
pub(super) fn behavior(path_pattern: &str, target: &str) -> Behavior {
    Behavior {
        viewer_protocol_policy: "https-only".into(),
        allowed_methods: vec!["GET".into(), "HEAD".into()],
        ..crate::common::shop::behavior(path_pattern, target)
    }
}

pub(super) fn derived(distribution: &Distribution) -> Derivation {
    derive(distribution, &Account::default(), &DeriveOptions::default())
}

/// Two origins, of which the second stands in for the first for these statuses.
fn pair(statuses: &[u16]) -> Distribution {
    Distribution {
        id: "E1".into(),
        origins: vec![origin("main", "main.example"), origin("spare", "spare.example")],
        origin_groups: vec![group("both", &["main", "spare"], statuses)],
        behaviors: vec![behavior("*", "both")],
        ..shop()
    }
}

/// The first of the two alone.
fn single() -> Distribution {
    Distribution { behaviors: vec![behavior("*", "main")], ..pair(&[]) }
}

/// Returns what becomes of a distribution whose origins are in these states, by their ids or
/// domains.
fn impact_on(distribution: &Distribution, states: &[(&str, State)]) -> Vec<Impact> {
    let derivation = derived(distribution);
    let states: BTreeMap<&str, State> = states.iter().copied().collect();
    let verdict = |origin: &Arc<Origin>| {
        let state = states.get(&*origin.key.id).or_else(|| states.get(origin.domain().as_str()));
        (origin.key.clone(), observed(origin, *state.unwrap_or(&Works)))
    };
    let origins = derivation.origins.iter().map(|derived| verdict(&derived.origin));
    let verdicts: HashMap<OriginKey, CompactVerdict> =
        origins.map(|(key, verdict): (_, Verdict)| (key, (&verdict).into())).collect();
    impacts(&derivation, |key| verdicts.get(key))
}

/// Returns each impact in one line: path, protocol, outlook and status.
fn lines(impacts: &[Impact]) -> Vec<String> {
    let line = |impact: &Impact| {
        let hosts: Vec<&str> = impact.hosts.iter().map(|host| host.as_str()).collect();
        format!(
            "{} {} {}: {}{}",
            impact.path_pattern,
            impact.viewer_protocol.as_str(),
            hosts.join(" "),
            impact.outlook.as_str(),
            impact.status.map(|status| format!(" {status}")).unwrap_or_default()
        )
    };
    impacts.iter().map(line).collect()
}

#[test]
fn failover_masks_what_its_statuses_cover() {
    const ALL: &[u16] = &[502, 503, 504];
    let no_failover =
        "will get 502: main fails, and CloudFront does not fail over to spare for this failure";
    let undocumented = "may get an error: main fails, and AWS does not document whether CloudFront \
                        fails over to spare for this failure; it does with the failover criteria \
                        502, 503 and 504";
    let no_spare = "may get an error: main fails, and the secondary origin spare is undecided";
    for (statuses, main, spare, expected, said) in [
        (ALL, Works, Works, "answers", ""),
        (ALL, Alerts, Works, "degraded", "are served only by spare: main fails"),
        (ALL, Refuses, Works, "degraded", "…"),
        (ALL, Hangs, Works, "degraded", "…"),
        (&[503], Refuses, Works, "degraded", "…"),
        (&[504], Hangs, Works, "degraded", "…"),
        (ALL, Works, Alerts, "at-risk 502", "would get 502 if main failed, because spare fails"),
        (ALL, Works, Silent, "answers", ""),
        (ALL, Alerts, Hangs, "fails 504", "will get 504: origins main and spare both fail"),
        (&[500, 404], Alerts, Works, "fails 502", no_failover),
        (&[502, 503], Hangs, Works, "undecided", "…"),
        (&[502], Hangs, Works, "fails 504", "…"),
        (&[502], Alerts, Works, "undecided", undocumented),
        (&[502], Alerts, Hangs, "fails 502", "…"),
        (ALL, Alerts, Silent, "undecided", no_spare),
        (ALL, Silent, Works, "undecided", "may get an error: origin main is undecided"),
    ] {
        let impacts = impact_on(&pair(statuses), &[("main", main), ("spare", spare)]);
        let context = format!("{statuses:?} {main:?} {spare:?}");
        assert_eq!(lines(&impacts), [format!("* https www.shop.example: {expected}")], "{context}");
        match said {
            "" => assert_eq!(sentences(&impacts), [""; 0], "{context}"),
            "…" => assert_eq!(sentences(&impacts).len(), 1, "{context}"),
            said => assert_eq!(sentences(&impacts), [viewers(said)], "{context}"),
        }
    }
}

/// Returns a sentence on all viewers of [`pair`].
fn viewers(get: &str) -> String {
    format!("viewers of * on www.shop.example {get}")
}

#[test]
fn failover_is_for_some_methods_only_and_not_for_grpc() {
    let mut distribution = pair(&[502, 503, 504]);
    distribution.behaviors[0].allowed_methods.push("POST".into());
    let impacts = impact_on(&distribution, &[("main", Alerts)]);
    assert_eq!(lines(&impacts), ["* https www.shop.example: degraded"]);
    assert_eq!(impacts[0].other_methods_status, Some(502));
    let said = "are served only by spare: main fails; requests with methods other than GET, HEAD \
                and OPTIONS get 502";
    assert_eq!(sentences(&impacts), [viewers(said)]);
    distribution.behaviors[0].is_grpc = true;
    let impacts = impact_on(&distribution, &[("main", Alerts)]);
    assert_eq!(lines(&impacts), ["* https www.shop.example: fails 502"]);
}

#[test]
fn http_viewers_are_hit_only_where_cloudfront_speaks_tls_for_them() {
    let (https, http) = ("* https: fails 502", "* http: fails 502");
    let neither = ["* https: not-applicable", "* http: not-applicable"];
    let only_https = "https viewers of * on www.shop.example will get 502: origin main fails; \
                      http viewers are not affected";
    let all = &*viewers("will get 502: origin main fails");
    for (origin_policy, viewer_policy, expected, said) in [
        ("match-viewer", "allow-all", &[https, neither[1]][..], only_https),
        ("match-viewer", "redirect-to-https", &[https], all),
        ("match-viewer", "https-only", &[https], "…"),
        ("https-only", "allow-all", &[https, http], all),
        ("http-only", "allow-all", &neither, ""),
    ] {
        let mut distribution = single();
        distribution.behaviors[0].viewer_protocol_policy = viewer_policy.into();
        policy(&mut distribution.origins[0], origin_policy);
        let impacts = impact_on(&distribution, &[("main", Alerts)]);
        let found: Vec<String> =
            lines(&impacts).iter().map(|line| line.replace(" www.shop.example", "")).collect();
        assert_eq!(found, expected, "{origin_policy} {viewer_policy}");
        match said {
            "" => assert_eq!(sentences(&impacts), [""; 0]),
            "…" => assert_eq!(sentences(&impacts).len(), 1),
            said => assert_eq!(sentences(&impacts), [said]),
        }
    }
}

#[test]
fn a_private_address_is_there_for_no_viewer() {
    let mut distribution = single();
    distribution.behaviors[0].viewer_protocol_policy = "allow-all".into();
    policy(&mut distribution.origins[0], "match-viewer");
    let impacts = impact_on(&distribution, &[("main", IsPrivate)]);
    let both = ["https", "http"].map(|by| format!("* {by} www.shop.example: fails 504"));
    assert_eq!(lines(&impacts), both);
    assert_eq!(sentences(&impacts), [viewers("will get 504: origin main fails")]);
}

#[test]
fn only_the_behaviors_and_hosts_that_are_hit_are_named() {
    let mut distribution = pair(&[502]);
    distribution.aliases = vec!["a.example".into(), "b.example".into()];
    distribution.domain_name = Some("d1.cloudfront.net".into());
    distribution.behaviors = vec![behavior("/api/*", "main"), behavior("*", "main")];
    distribution.behaviors[0].forwarded_headers = vec!["Host".into()];
    let impacts = impact_on(&distribution, &[("main", RefusesName("b.example"))]);
    let api = ["/api/* https a.example: answers", "/api/* https b.example: fails 502"];
    assert_eq!(lines(&impacts), [api[0], api[1], "* https a.example b.example: answers"]);
    let hurt = |viewers| [format!("viewers of {viewers} will get 502: origin main fails")];
    assert_eq!(sentences(&impacts), hurt("/api/* on b.example"));
    let impacts = impact_on(&distribution, &[("main", RefusesName("main.example"))]);
    assert_eq!(sentences(&impacts), hurt("* on a.example, b.example"));
}

#[test]
fn an_unknown_policy_leaves_it_undecided_unless_either_way_fails() {
    let mut distribution = single();
    distribution.behaviors[0].origin_request_policy = Some("own".into());
    for (state, expected) in [
        (RefusesName("main.example"), "undecided"),
        (RefusesName("www.shop.example"), "undecided"),
        (Alerts, "fails 502"),
        (Works, "answers"),
    ] {
        let impacts = impact_on(&distribution, &[("main", state)]);
        assert_eq!(lines(&impacts), [format!("* https www.shop.example: {expected}")]);
    }
}

#[test]
fn each_tenant_depends_on_its_own_origin() {
    let tenant = |name: &str| Tenant {
        id: name.into(),
        distribution_id: "E1".into(),
        is_enabled: true,
        domains: vec![format!("{name}.example").into()],
        parameters: Some(vec![("shop".into(), name.into())]),
    };
    let mut distribution = pair(&[502, 503, 504]);
    distribution.connection_mode = Some("tenant-only".into());
    distribution.origins[0].domain_name = "{{shop}}.main.example".into();
    distribution.tenants = vec![tenant("a"), tenant("b"), tenant("c")];
    distribution.tenants.push(Tenant { parameters: Some(Vec::new()), ..tenant("d") });
    let impacts = impact_on(&distribution, &[("b.main.example", Alerts)]);
    let expected = [("a", "answers"), ("b", "degraded"), ("c", "answers"), ("d", "undecided")];
    let expected = expected.map(|(tenant, outlook)| format!("* https {tenant}.example: {outlook}"));
    assert_eq!(lines(&impacts), expected);
    let said = "viewers of * on d.example may get an error: not every origin of these requests \
                could be derived (main)";
    assert_eq!(sentences(&impacts)[1], said);
}

#[test]
fn what_an_edge_function_may_do_is_said() {
    let mut distribution = pair(&[]);
    distribution.behaviors = vec![behavior("/\u{1b}[31m*", "main")];
    let event = Box::from("origin-request");
    distribution.behaviors[0].edge_functions = vec![EdgeFunction::Lambda(event)];
    let impacts = impact_on(&distribution, &[("main", Refuses)]);
    assert!(impacts[0].is_dynamic);
    let said = "viewers of /\\u{1b}[31m* on www.shop.example will get 502: origin main fails, unless \
                an edge function chooses another origin";
    assert_eq!(sentences(&impacts), [said]);
}

#[test]
fn each_kind_of_failure_needs_its_own_statuses() {
    use Coverage::{Full, None, Undocumented};
    for (statuses, tls, refused, silent) in [
        (&[502, 503, 504][..], Full, Full, Full),
        (&[502, 503], Full, Full, Undocumented),
        (&[503], Undocumented, Full, Undocumented),
        (&[502], Undocumented, Undocumented, None),
        (&[504], None, None, Full),
        (&[500, 404], None, None, None),
        (&[], None, None, None),
    ] {
        assert_eq!(Coverage::of(ViewerError::BadGateway, statuses), tls, "{statuses:?}");
        assert_eq!(Coverage::of(ViewerError::ConnectionRefused, statuses), refused);
        assert_eq!(Coverage::of(ViewerError::GatewayTimeout, statuses), silent, "{statuses:?}");
    }
}
