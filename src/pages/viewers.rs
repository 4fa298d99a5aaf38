//! Whom an origin's failure hurts: what viewers of each path pattern get that leads to it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::impact::Impact;
use crate::impact::Outlook;
use crate::origin::DomainName;
use crate::origin::OriginKey;
use crate::report::Report;
use crate::report::Shown;

/// The viewers of every distribution, one distribution after the other: origins of one stand
/// beside each other, as a rule.
#[derive(Debug)]
pub(super) struct Viewers {
    shown: Arc<Shown>,
    distribution: Box<str>,
    impacts: Arc<[Impact]>,
}

/// What viewers of one path pattern get, over all protocols and names under which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathOutlook {
    pub(super) path_pattern: Box<str>,
    /// The worst.
    pub(super) outlook: Outlook,
    pub(super) status: Option<u16>,
    pub(super) hosts: Vec<DomainName>,
}

/// How many path patterns are hit, over all distributions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) failing: usize,
    /// Of how many distributions.
    pub(super) distributions: usize,
    /// Served by the origin that stands in for another, which fails.
    pub(super) degraded: usize,
}

impl Viewers {
    pub(super) fn new(shown: Arc<Shown>) -> Self {
        Self { shown, distribution: Box::default(), impacts: Arc::default() }
    }

    /// Tells whether any distribution is known.
    pub(super) fn are_known(&self) -> bool {
        !self.shown.distributions().is_empty()
    }

    /// Returns what viewers of a distribution get; nothing where it is not known.
    pub(super) fn of(&mut self, distribution: &str) -> &Arc<[Impact]> {
        if *self.distribution != *distribution {
            self.distribution = distribution.into();
            self.impacts = self.shown.impacts(distribution).into();
        }
        &self.impacts
    }

    /// Returns a report whose remedies name the distribution's settings.
    pub(super) fn advised(&self, report: &Arc<Report>) -> Arc<Report> {
        self.shown.advised(Arc::clone(report))
    }

    /// Returns what viewers get of each path pattern that leads to an origin, the worst first.
    pub(super) fn paths(&mut self, key: &OriginKey) -> Vec<PathOutlook> {
        let mut paths: Vec<PathOutlook> = Vec::new();
        let leads_there = |impact: &&Impact| impact.role_of(key).is_some();
        for impact in self.of(&key.distribution).iter().filter(leads_there) {
            let known = paths.iter_mut().find(|path| path.path_pattern == impact.path_pattern);
            let path = match known {
                Some(path) => path,
                None => paths.push_mut(PathOutlook {
                    path_pattern: impact.path_pattern.clone(),
                    outlook: impact.outlook,
                    status: impact.status,
                    hosts: Vec::new(),
                }),
            };
            if impact.outlook > path.outlook {
                (path.outlook, path.status) = (impact.outlook, impact.status);
            }
            for host in &impact.hosts {
                if !path.hosts.contains(host) {
                    path.hosts.push(host.clone());
                }
            }
        }
        // Those of one outlook stay in the order of precedence.
        paths.sort_by_key(|path| std::cmp::Reverse(path.outlook));
        paths
    }

    /// Counts the path patterns that are hit; `latest` has a report for each of all origins.
    pub(super) fn hit(&self, latest: &[Option<Arc<Report>>]) -> Hit {
        let mut hit = Hit::default();
        for distribution in self.shown.distributions() {
            let mut paths: BTreeMap<Box<str>, (bool, bool)> = BTreeMap::new();
            for behavior in &*distribution.behaviors(|at| latest.get(at)?.clone()) {
                let path = paths.entry(behavior.path_pattern.clone()).or_default();
                path.0 |= behavior.is_failing;
                path.1 |= behavior.is_degraded;
            }
            let failing = paths.values().filter(|(is_failing, _)| *is_failing).count();
            hit.failing += failing;
            hit.distributions += usize::from(failing > 0);
            hit.degraded +=
                paths.values().filter(|(is_failing, degraded)| !is_failing && *degraded).count();
        }
        hit
    }
}

/// Returns the names under which viewers come, each once.
pub(super) fn hosts(paths: &[PathOutlook]) -> BTreeSet<&str> {
    paths.iter().flat_map(|path| &path.hosts).map(DomainName::as_str).collect()
}
