//! What the latest reports mean for the viewers of distributions.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::impact::Audience;
use crate::impact::BehaviorOutlook;
use crate::impact::Impact;
use crate::impact::bearing;
use crate::origin::OriginKey;
use crate::verdict::Verdict;

use super::Entry;
use super::Report;

/// One distribution, and where among all origins those stand that its viewers reach.
#[derive(Debug)]
pub struct DistributionReports {
    audience: Audience,
    /// One for each of its origins; `None` for one that is not looked after here.
    positions: Box<[Option<u32>]>,
    memo: Mutex<Option<Memo>>,
}

/// What was found out last. Most reports say the same as the one before.
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

    /// Returns who is there.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Returns the distribution's id.
    pub fn id(&self) -> &str {
        self.audience.distribution()
    }

    /// Returns what viewers of each path pattern get; `latest` has a report for each of all
    /// origins.
    pub fn behaviors(&self, latest: &[Option<Arc<Report>>]) -> Arc<[BehaviorOutlook]> {
        let latest = |position: &Option<u32>| -> Option<&Verdict> {
            let report = latest.get((*position)? as usize)?.as_ref()?;
            Some(&report.verdict)
        };
        let verdicts: Vec<Option<&Verdict>> = self.positions.iter().map(latest).collect();
        let bearing = bearing(&verdicts);
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memo.as_ref().filter(|known| known.bearing == bearing) {
            return Arc::clone(&known.behaviors);
        }
        let behaviors: Arc<[BehaviorOutlook]> = self.audience.behaviors(&verdicts).into();
        *memo = Some(Memo { bearing, behaviors: Arc::clone(&behaviors) });
        behaviors
    }

    /// Returns what viewers of each path pattern get, in detail; `entries` are all origins.
    pub(super) fn impacts(&self, entries: &[Arc<Entry>]) -> Vec<Impact> {
        let entry = |position: &Option<u32>| entries.get((*position)? as usize)?.latest();
        let latest: Vec<Option<Arc<Report>>> = self.positions.iter().map(entry).collect();
        let verdicts: Vec<Option<&Verdict>> =
            latest.iter().map(|report| report.as_ref().map(|report| &report.verdict)).collect();
        self.audience.impacts(&verdicts)
    }
}

/// All distributions of one moment.
#[derive(Debug, Default)]
pub(super) struct Distributions {
    all: Vec<DistributionReports>,
    by_id: HashMap<Box<str>, usize>,
}

impl Distributions {
    /// Finds the origins of each among all `entries`.
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

/// Returns the report with what the distribution has to do with each finding added to its remedy.
pub fn advised(report: Arc<Report>, audience: &Audience) -> Arc<Report> {
    let key = &report.origin.key;
    let advice = |(position, finding): (usize, &super::Finding)| {
        let advice = audience.advice(key, finding.rule.id, finding.server_name.as_ref())?;
        Some((position, format!("{} {advice}", finding.remedy)))
    };
    let findings = report.verdict.findings.iter().enumerate();
    let remedies: Vec<(usize, String)> = findings.filter_map(advice).collect();
    let mut report = report;
    if !remedies.is_empty() {
        let findings = &mut Arc::make_mut(&mut report).verdict.findings;
        for (position, remedy) in remedies {
            if let Some(finding) = findings.get_mut(position) {
                finding.remedy = remedy;
            }
        }
    }
    report
}
