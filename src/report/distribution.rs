//! Derives the impact of the latest reports on the viewers of distributions.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::distribution::{Fault, Port};
use crate::impact::{Audience, BehaviorOutlook, Impact, bearing};
use crate::observation::{Endpoint, Observation};
use crate::origin::{DomainName, Origin, OriginKey, Target};
use crate::rules::{ReadIn, working_family};
use crate::verdict::{Answer, CompactVerdict, Conclusion, judge};

use super::{Entry, Kept, Report};

/// One distribution, and the positions of its origins among all origins.
#[derive(Debug)]
pub struct DistributionReports {
    audience: Audience,
    /// One for each of its origins; `None` for one that this process does not monitor.
    positions: Box<[Option<u32>]>,
    memo: Mutex<Option<Memo>>,
}

/// The last result. Most reports have the same consequences as the ones before.
#[derive(Debug)]
struct Memo {
    bearing: u64,
    behaviors: Arc<[BehaviorOutlook]>,
}

impl DistributionReports {
    fn new(audience: Audience, positions: &HashMap<&OriginKey, u32>) -> Self {
        let positions = audience.origins().map(|key| positions.get(key).copied()).collect();
        Self { audience, positions, memo: Mutex::default() }
    }

    /// Returns the distribution's viewers.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Returns the distribution's id.
    pub fn id(&self) -> &str {
        self.audience.distribution()
    }

    /// Returns the outlook of each behavior; `latest` returns an origin's report by its position
    /// among all origins.
    pub fn behaviors(&self, latest: impl Fn(usize) -> Option<Arc<Kept>>) -> Arc<[BehaviorOutlook]> {
        let latest = self.latest_of_each(latest);
        let verdicts = verdicts(&latest);
        let bearing = bearing(&verdicts);
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memo.as_ref().filter(|known| known.bearing == bearing) {
            return Arc::clone(&known.behaviors);
        }
        let behaviors: Arc<[BehaviorOutlook]> = self.audience.behaviors(&verdicts).into();
        *memo = Some(Memo { bearing, behaviors: Arc::clone(&behaviors) });
        behaviors
    }

    /// Returns the latest report of one of its origins; `entries` are all origins.
    pub(super) fn latest(&self, key: &OriginKey, entries: &[Arc<Entry>]) -> Option<Arc<Report>> {
        let mut origins = self.audience.origins().zip(&self.positions);
        let position = (*origins.find(|(origin, _)| *origin == key)?.1)?;
        entries.get(position as usize)?.latest()
    }

    /// Returns the impact on viewers of each path pattern in detail; `entries` are all origins.
    pub(super) fn impacts(&self, entries: &[Arc<Entry>]) -> Vec<Impact> {
        let latest = self.latest_of_each(|position| entries.get(position)?.kept());
        self.audience.impacts(&verdicts(&latest))
    }

    fn latest_of_each(
        &self,
        latest: impl Fn(usize) -> Option<Arc<Kept>>,
    ) -> Vec<Option<Arc<Kept>>> {
        self.positions.iter().map(|position| latest((*position)? as usize)).collect()
    }
}

fn verdicts(latest: &[Option<Arc<Kept>>]) -> Vec<Option<&CompactVerdict>> {
    latest.iter().map(|kept| kept.as_ref().map(|kept| &kept.brief.verdict)).collect()
}

/// All distributions at one moment.
#[derive(Debug, Default)]
pub(super) struct Distributions {
    all: Vec<DistributionReports>,
    by_id: HashMap<Box<str>, usize>,
}

impl Distributions {
    /// Finds the origins of each distribution among all `entries`.
    pub(super) fn new(entries: &[Arc<Entry>], audiences: Vec<Audience>) -> Self {
        if audiences.is_empty() {
            return Self::default();
        }
        let keys = entries.iter().map(|entry| &entry.origin.key).zip(0..);
        let positions: HashMap<&OriginKey, u32> =
            keys.filter(|(key, _)| !key.distribution.is_empty()).collect();
        let with_positions = |audience| DistributionReports::new(audience, &positions);
        let all: Vec<DistributionReports> = audiences.into_iter().map(with_positions).collect();
        let by_id = all.iter().enumerate().map(|(at, one)| (one.id().into(), at)).collect();
        Self { all, by_id }
    }

    pub(super) fn all(&self) -> &[DistributionReports] {
        &self.all
    }

    pub(super) fn find(&self, id: &str) -> Option<&DistributionReports> {
        self.all.get(*self.by_id.get(id)?)
    }
}

/// Returns the report with the distribution's part in each finding added to its remedy; `latest`
/// returns the latest report of an origin of the distribution.
pub fn advised(
    report: Arc<Report>,
    audience: &Audience,
    latest: &dyn Fn(&OriginKey) -> Option<Arc<Report>>,
) -> Arc<Report> {
    let key = &report.origin.key;
    let prospects = OnceCell::new();
    let judged = |origin: &Origin| match origin.key == *key {
        true => judged_under_names(Some(&report), origin),
        false => judged_under_names(latest(&origin.key).as_deref(), origin),
    };
    let advice = |(position, finding): (usize, &super::Finding)| {
        let fault = Fault {
            setting: finding.rule.class.setting?,
            server_name: finding.server_name.as_ref(),
            port: port(&report, finding),
        };
        let prospects = prospects.get_or_init(|| audience.prospects(key, &judged)).as_ref()?;
        Some((position, audience.advice(key, &fault, prospects)?))
    };
    let findings = report.verdict.findings.iter().enumerate();
    let all: Vec<(usize, String)> = findings.filter_map(advice).collect();
    let mut report = report;
    if !all.is_empty() {
        let findings = &mut Arc::make_mut(&mut report).verdict.findings;
        for (position, advice) in all {
            if let Some(finding) = findings.get_mut(position) {
                let sure = |read_in| format!("{} {advice}", finding.sure_remedy.sure(read_in));
                (finding.remedy, finding.remedy_in_check) =
                    (sure(ReadIn::Daemon), sure(ReadIn::Check));
            }
        }
    }
    report
}

/// Judges an origin with other targets from an existing observation; `None` for a target whose
/// server name was not probed. Each target is judged as if CloudFront certainly sent its name.
fn judged_under_names(report: Option<&Report>, origin: &Origin) -> Vec<Option<Conclusion>> {
    let Some(report) = report else { return vec![None; origin.targets.len()] };
    let seen = &*report.observation;
    let mut by_name: HashMap<&DomainName, Vec<&Endpoint>> = HashMap::new();
    for endpoint in &seen.endpoints {
        if let Some(target) = seen.target_of(endpoint) {
            by_name.entry(&target.server_name).or_default().push(endpoint);
        }
    }
    let of_target = |(position, target): (usize, &Target)| {
        let endpoints = by_name.get(&target.server_name).into_iter().flatten();
        endpoints
            .map(move |endpoint| Endpoint { target: position, ..Endpoint::clone(endpoint) })
            .collect::<Vec<_>>()
    };
    let observation = Observation {
        origin: Arc::new(origin.clone()),
        started_at: seen.started_at,
        resolution: seen.resolution.clone(),
        endpoints: origin.targets.iter().enumerate().flat_map(of_target).collect(),
        prober: seen.prober.clone(),
        resolve_time: seen.resolve_time,
        duration: seen.duration,
    };
    let verdict = judge(&observation, report.probed_at());
    let is_probed = |target: &Target| by_name.contains_key(&target.server_name);
    let conclusions = origin.targets.iter().zip(verdict.targets);
    let is_settled = |target: &Target, conclusion: &Conclusion| {
        // A fault that affects every name needs no separate probe.
        is_probed(target) || conclusion.answer != Answer::Answers
    };
    conclusions
        .map(|(target, conclusion)| is_settled(target, &conclusion).then_some(conclusion))
        .collect()
}

/// Returns what the origin's other addresses show about its port.
fn port(report: &Report, finding: &super::Finding) -> Port {
    let observation = &*report.observation;
    let family = finding.address.and_then(|address| working_family(observation, address));
    let speaks_tls = observation.endpoints.iter().any(|endpoint| endpoint.chain.is_some());
    match family {
        Some(family) => Port::OneFamily(family),
        None if speaks_tls => Port::SpeaksTls,
        None => Port::NoTls,
    }
}
