//! A remedy does not break the site: each change of a policy that is advised is made, and judged
//! against the same servers.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::distribution::{Behavior, Derivation, Distribution};
use origin_probe::impact::{Audience, Outlook, impacts};
use origin_probe::observation::{Endpoint, Failure, Handshake, KeyProof, Observation};
use origin_probe::origin::{DomainName, Origin, OriginKey};
use origin_probe::report::{Report, advised};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, prop};
use proptest::{prop_assert, proptest};
use rustls_pki_types::CertificateDer;

use super::impact::{behavior, derived};
use crate::common::shop::{group, origin, shop};
use crate::common::stage::{
    ALL_VIEWER, CACHING_DISABLED as NO_CACHE, CONSOLE_DEFAULT as HOST_IN_CACHE, Ca, EXCEPT_HOST,
};

const UNKNOWN: &str = "11111111-own";
const POLICIES: [(&str, &str); 5] = [
    (NO_CACHE, ALL_VIEWER),
    (NO_CACHE, EXCEPT_HOST),
    (HOST_IN_CACHE, EXCEPT_HOST),
    (HOST_IN_CACHE, ALL_VIEWER),
    (NO_CACHE, UNKNOWN),
];

const DOMAINS: [&str; 2] = ["main.example", "spare.example"];
const ALIASES: [&str; 3] = ["a.example", "b.example", "c.example"];
const OWN: &str = "d111111abcdef8.cloudfront.net";
/// The server names sent besides the origin domain.
const SENT: [&str; 4] = [ALIASES[0], ALIASES[1], ALIASES[2], OWN];
/// What certificates may carry.
const NAMES: [&str; 5] = ["main.example", "spare.example", "a.example", "b.example", "c.example"];
/// A server that refuses the name.
const REFUSED: u8 = 0;

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// Returns a good chain for those of the names whose bits are set.
fn chain(names: u8) -> Arc<ChainFacts> {
    static CHAINS: OnceLock<Vec<Arc<ChainFacts>>> = OnceLock::new();
    let chains = CHAINS.get_or_init(|| {
        let ca = Ca::new(now());
        let mut anchors = TrustAnchors::none();
        anchors.add_der(&CertificateDer::from(ca.root.der())).unwrap();
        let of = |bits: u8| {
            let names = (0..NAMES.len()).filter(|position| bits & (1 << position) != 0);
            let names: Vec<&str> = names.map(|position| NAMES[position]).collect();
            Arc::new(ChainFacts::analyse(&[ca.issue(&names).der], &anchors))
        };
        (1..32).map(of).collect()
    });
    Arc::clone(&chains[usize::from(names) - 1])
}

/// What the two addresses of each origin serve under each name: the origin domain, the aliases,
/// the distribution's own.
#[derive(Clone, Debug)]
struct Servers([[[u8; 2]; 5]; 2]);

impl Servers {
    fn probed(&self, origin: &Arc<Origin>) -> Arc<Report> {
        let which = DOMAINS.iter().position(|d| *d == origin.domain().as_str()).unwrap();
        let mut endpoints = Vec::new();
        for (target, sent) in origin.targets.iter().enumerate() {
            let name = sent.server_name.as_str();
            let position = SENT.iter().position(|sent| *sent == name).map_or(0, |n| 1 + n);
            for (last, served) in self.0[which][position].into_iter().enumerate() {
                let address = [203, 0, 114, u8::try_from(last).unwrap()].into();
                let served = (served != REFUSED).then(|| chain(served));
                endpoints.push(Endpoint {
                    handshake: Handshake {
                        failure: served.is_none().then_some(Failure::Alert { code: 112 }),
                        key_proof: KeyProof::Proven { position: 0 },
                        connect_time: Some(Duration::from_millis(1)),
                        ..Handshake::default()
                    },
                    chain: served,
                    ..Endpoint::new(address, target, now())
                });
            }
        }
        let observation = Observation { endpoints, ..Observation::new(Arc::clone(origin), now()) };
        Arc::new(Report::new(None, Arc::new(observation), now()))
    }
}

type Reports = HashMap<OriginKey, Arc<Report>>;

fn probed(distribution: &Distribution, servers: &Servers) -> (Derivation, Reports) {
    let derivation = derived(distribution);
    let origins = derivation.origins.iter().map(|derived| &derived.origin);
    let reports = origins.map(|origin| (origin.key.clone(), servers.probed(origin))).collect();
    (derivation, reports)
}

/// Returns the reports with the remedies that the distribution's settings allow.
fn all_advised(derivation: Derivation, reports: &Reports) -> Vec<Arc<Report>> {
    let audience = Audience::new(Arc::new(derivation));
    let latest = |key: &OriginKey| reports.get(key).cloned();
    reports.values().map(|report| advised(Arc::clone(report), &audience, &latest)).collect()
}

/// Returns what viewers get, by path pattern and name.
fn outlooks(derivation: &Derivation, reports: &Reports) -> HashMap<(String, DomainName), Outlook> {
    let of = |key: &OriginKey| reports.get(key).map(|report| &report.brief.verdict);
    let impacts = impacts(derivation, of).into_iter();
    let by_host = impacts.flat_map(|impact| {
        let path = impact.path_pattern.to_string();
        impact.hosts.into_iter().map(move |host| ((path.clone(), host), impact.outlook))
    });
    by_host.collect()
}

/// Returns the distribution with the policies that a remedy advises; `None` if it advises none.
fn changed(distribution: &Distribution, id: &str, remedy: &str) -> Option<Distribution> {
    let (by_rule, of_distribution) = remedy.split_once(" Origin `").unwrap_or((remedy, ""));
    // The sentences before the first change describe how it is now.
    let starts = [". Either ", ". Set ", ". Get ", ". Give "].into_iter();
    let start = starts.filter_map(|start| of_distribution.find(start)).min();
    let changes = start.map_or("", |start| &of_distribution[start..]);
    let offers = format!("{by_rule} {changes}");
    let forwards = offers.contains(&format!("AllViewer ({ALL_VIEWER})"));
    let excludes =
        offers.contains(EXCEPT_HOST) || offers.contains("do not forward the Host header");
    let uncached = offers.contains("a cache policy without Host");
    if !forwards && !excludes && !uncached {
        return None;
    }
    let derivation = derived(distribution);
    let mut changed = distribution.clone();
    for behavior in &mut changed.behaviors {
        let leads_there =
            derivation.routes_to(id).any(|route| route.path_pattern == behavior.path_pattern);
        if leads_there && forwards {
            behavior.origin_request_policy = Some(ALL_VIEWER.into());
        } else if leads_there {
            behavior.origin_request_policy = Some(EXCEPT_HOST.into());
            behavior.cache_policy = Some(NO_CACHE.into());
        }
    }
    Some(changed)
}

/// Returns a distribution with these aliases.
fn of(aliases: &[&str]) -> Distribution {
    Distribution {
        id: "E1".into(),
        domain_name: Some(OWN.into()),
        aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
        ..shop()
    }
}

fn with(path: &str, (target, (cache, request)): (&str, (&str, &str))) -> Behavior {
    Behavior {
        cache_policy: Some(cache.into()),
        origin_request_policy: Some(request.into()),
        ..behavior(path, target)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_advised_policy_fails_a_viewer_who_is_served(
        served in vec(vec(prop::array::uniform2(0..32_u8), 5), 2),
        is_uniform in prop::bool::ANY,
        aliases in prop::sample::subsequence(ALIASES.to_vec(), 0..=3),
        policies in prop::array::uniform2(prop::sample::select(POLICIES.to_vec())),
        targets in prop::array::uniform2(prop::sample::select(vec!["main", "spare", "group"])),
    ) {
        let mut servers = Servers([[[REFUSED; 2]; 5]; 2]);
        for (origin, names) in served.iter().enumerate() {
            for (name, addresses) in names.iter().enumerate() {
                let [first, second] = *addresses;
                servers.0[origin][name] = [first, if is_uniform { first } else { second }];
            }
        }
        let [api, rest] = [0, 1].map(|n| (targets[n], policies[n]));
        let distribution = Distribution {
            origins: vec![origin("main", DOMAINS[0]), origin("spare", DOMAINS[1])],
            origin_groups: vec![group("group", &["main", "spare"], &[502])],
            behaviors: vec![with("/api/*", api), with("*", rest)],
            ..of(&aliases)
        };
        let (derivation, reports) = probed(&distribution, &servers);
        let before = outlooks(&derivation, &reports);
        for report in all_advised(derivation, &reports) {
            let key = &report.origin.key;
            for finding in &report.verdict.findings {
                if !aliases.is_empty() {
                    prop_assert!(finding.server_name.as_ref().is_none_or(|n| n.as_str() != OWN));
                }
                for impossible in ["certificate for ", "certificate carry "] {
                    let impossible = format!("{impossible}{OWN}");
                    prop_assert!(!finding.remedy.contains(&impossible), "{}", finding.remedy);
                }
                let Some(changed) = changed(&distribution, &key.id, &finding.remedy) else {
                    continue;
                };
                let (derivation, reports) = probed(&changed, &servers);
                let after = outlooks(&derivation, &reports);
                for (viewers, outlook) in &before {
                    let is_served = matches!(outlook, Outlook::Answers | Outlook::AtRisk | Outlook::Degraded);
                    let is_served_after = after[viewers] <= Outlook::Degraded;
                    prop_assert!(
                        !is_served || is_served_after,
                        "{viewers:?}: {outlook:?} becomes {:?} by {}", after[viewers], finding.remedy
                    );
                }
                // What was not probed is said so; the rest is a promise.
                let is_conditional =
                    ["not probed", ", if "].iter().any(|proviso| finding.remedy.contains(proviso));
                if !is_conditional {
                    let changed = &reports[key].verdict.conclusion;
                    prop_assert!(
                        changed.failing_ratio == Some(0.0),
                        "{changed:?} by {}", finding.remedy
                    );
                }
            }
        }
    }
}

#[test]
fn a_name_that_works_under_a_forwarded_host_keeps_it() {
    // The reported case: an alias, AllViewer, a certificate for the alias.
    let mut servers = Servers([[[0b00100; 2]; 5]; 2]);
    let mut shop = Distribution {
        origins: vec![origin("main", DOMAINS[0])],
        behaviors: vec![with("*", ("main", (NO_CACHE, ALL_VIEWER)))],
        ..of(&["a.example"])
    };
    let remedies = |shop: &Distribution, servers: &Servers| -> Vec<(&str, String)> {
        let (derivation, reports) = probed(shop, servers);
        let report = &all_advised(derivation, &reports)[0];
        let findings = report.verdict.findings.iter();
        findings.map(|finding| (finding.rule.name, finding.remedy.clone())).collect()
    };
    assert_eq!(remedies(&shop, &servers), []);
    // Under its own name alone it would not help to leave Host out, where that name is probed and
    // fails.
    shop.aliases.clear();
    let found = remedies(&shop, &servers);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|(_, remedy)| !remedy.contains(&format!("certificate for {OWN}"))));
    // A second alias that the server does not know changes nothing for the first.
    shop.aliases = vec!["a.example".into(), "b.example".into()];
    servers.0[0][2] = [REFUSED; 2];
    let found = remedies(&shop, &servers);
    assert_eq!(found.len(), 2, "{found:?}");
    for (rule, remedy) in found {
        assert_eq!(rule, "server-name-refused");
        assert!(!remedy.contains(EXCEPT_HOST), "{remedy}");
        assert!(remedy.contains("Get a certificate that contains b.example"), "{remedy}");
    }
}
