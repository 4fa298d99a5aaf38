//! The viewers of one distribution, for those who know no distribution.

use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;

use crate::distribution::Derivation;
use crate::distribution::DomainName;
use crate::distribution::OriginKey;
use crate::distribution::Setting;
use crate::verdict::Verdict;

use super::Impact;
use super::Outlook;
use super::ViewerProtocol;
use super::impacts;

/// The viewers of one distribution: what becomes of them, and which of its settings a finding
/// hangs on.
#[derive(Clone, Debug, PartialEq)]
pub struct Audience {
    derivation: Arc<Derivation>,
}

/// What viewers of one path pattern get by one protocol, over all names under which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BehaviorOutlook {
    pub path_pattern: Box<str>,
    pub viewer_protocol: ViewerProtocol,
    pub is_failing: bool,
    pub is_undecided: bool,
    /// Served by the origin that stands in for another, which fails.
    pub is_degraded: bool,
}

impl Audience {
    /// Returns the viewers of the distribution that was derived.
    pub fn new(derivation: Arc<Derivation>) -> Self {
        Self { derivation }
    }

    /// Returns the distribution's id.
    pub fn distribution(&self) -> &str {
        &self.derivation.distribution
    }

    /// Returns the origins on their ways.
    pub fn origins(&self) -> impl Iterator<Item = &OriginKey> {
        self.derivation.origins.iter().map(|derived| &derived.origin.key)
    }

    /// Returns what viewers of each behavior get, in the order of precedence; `verdicts` has the
    /// latest of each of the [origins](Self::origins), in their order.
    pub fn impacts(&self, verdicts: &[Option<&Verdict>]) -> Vec<Impact> {
        let by_key: HashMap<&OriginKey, &Verdict> = self
            .origins()
            .zip(verdicts)
            .filter_map(|(key, verdict)| Some((key, (*verdict)?)))
            .collect();
        impacts(&self.derivation, |key| by_key.get(key).copied())
    }

    /// Returns the same for each path pattern and protocol as a whole, but for those of which
    /// nothing is judged.
    pub fn behaviors(&self, verdicts: &[Option<&Verdict>]) -> Vec<BehaviorOutlook> {
        let mut behaviors: Vec<BehaviorOutlook> = Vec::new();
        let mut positions: HashMap<(Box<str>, ViewerProtocol), usize> = HashMap::new();
        for impact in self.impacts(verdicts) {
            if impact.outlook == Outlook::NotApplicable {
                continue;
            }
            let key = (impact.path_pattern.clone(), impact.viewer_protocol);
            let position = *positions.entry(key).or_insert_with(|| {
                behaviors.push(BehaviorOutlook {
                    path_pattern: impact.path_pattern.clone(),
                    viewer_protocol: impact.viewer_protocol,
                    is_failing: false,
                    is_undecided: false,
                    is_degraded: false,
                });
                behaviors.len() - 1
            });
            if let Some(behavior) = behaviors.get_mut(position) {
                behavior.is_failing |= impact.outlook == Outlook::Fails;
                behavior.is_undecided |= impact.outlook == Outlook::Undecided;
                behavior.is_degraded |= impact.outlook == Outlook::Degraded;
            }
        }
        behaviors
    }

    /// Returns what the distribution has to do with a violation of a rule, by its id, at one of
    /// its origins, found under a server name: the setting, its present value and the change;
    /// `None` where the fault is the origin's alone.
    pub fn advice(
        &self,
        origin: &OriginKey,
        rule: &str,
        server_name: Option<&DomainName>,
    ) -> Option<String> {
        let derivation = &*self.derivation;
        let derived = derivation.origins.iter().find(|derived| derived.origin.key == *origin)?;
        Setting { derivation, derived }.advice(rule, server_name)
    }
}

/// Returns a number that is the same for verdicts which mean the same for viewers.
pub fn bearing(verdicts: &[Option<&Verdict>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for verdict in verdicts {
        let Some(verdict) = verdict else {
            0_u8.hash(&mut hasher);
            continue;
        };
        for conclusion in std::iter::once(&verdict.conclusion).chain(&verdict.targets) {
            (conclusion.answer.as_str(), conclusion.status).hash(&mut hasher);
        }
        for finding in &verdict.findings {
            let what = (finding.rule.id, finding.counts_as_failing, finding.status, finding.target);
            what.hash(&mut hasher);
        }
    }
    hasher.finish()
}
