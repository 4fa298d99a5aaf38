//! The viewers affected by an origin's failure: the impact on each path pattern that leads to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::impact::{Impact, Outlook};
use crate::origin::{DomainName, OriginKey};
use crate::report::{Kept, Published, Report};

/// The viewers of every distribution. The last distribution is cached, because its origins are
/// usually next to each other.
#[derive(Debug)]
pub(super) struct Viewers {
    shown: Arc<Published>,
    distribution: Box<str>,
    impacts: Arc<[Impact]>,
}

/// The impact on viewers of one path pattern, over all protocols and hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathOutlook {
    pub(super) path_pattern: Box<str>,
    /// The worst of all protocols and hosts.
    pub(super) outlook: Outlook,
    pub(super) status: Option<u16>,
    pub(super) hosts: Vec<DomainName>,
}

/// The number of affected path patterns, over all distributions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) failing: usize,
    /// The number of distributions with failing path patterns.
    pub(super) distributions: usize,
    /// Served by the secondary origin because the primary fails.
    pub(super) degraded: usize,
}

impl Viewers {
    pub(super) fn new(shown: Arc<Published>) -> Self {
        Self { shown, distribution: Box::default(), impacts: Arc::default() }
    }

    /// Returns whether any distribution is known.
    pub(super) fn are_known(&self) -> bool {
        !self.shown.distributions().is_empty()
    }

    /// Returns the impact on viewers of a distribution; empty if it is not known.
    pub(super) fn of(&mut self, distribution: &str) -> &Arc<[Impact]> {
        if *self.distribution != *distribution {
            self.distribution = distribution.into();
            self.impacts = self.shown.impacts(distribution).into();
        }
        &self.impacts
    }

    /// Returns a report with remedies that name the distribution's settings.
    pub(super) fn advised(&self, report: &Arc<Report>) -> Arc<Report> {
        self.shown.advised(Arc::clone(report))
    }

    /// Returns the impact on each path pattern that leads to an origin, worst first.
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
        // Path patterns with the same outlook stay in order of precedence.
        paths.sort_by_key(|path| std::cmp::Reverse(path.outlook));
        paths
    }

    /// Counts the affected path patterns; `latest` has one entry per origin, in order.
    pub(super) fn hit(&self, latest: &[Option<Arc<Kept>>]) -> Hit {
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

/// Returns the distinct hosts that viewers request.
pub(super) fn hosts(paths: &[PathOutlook]) -> BTreeSet<&str> {
    paths.iter().flat_map(|path| &path.hosts).map(DomainName::as_str).collect()
}
