//! The viewers of one distribution, for callers that do not use `distribution` themselves.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::distribution::{
    Derivation, DerivedOrigin, Fault, Prospects, Setting, Standing, Standings,
};
use crate::origin::{Origin, OriginKey};
use crate::verdict::{Answer, CompactVerdict, Conclusion, NotApplicable};

use super::{Impact, Outlook, ViewerProtocol, impacts};

/// The viewers of one distribution: how findings affect them, and which distribution settings a
/// finding depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Audience {
    derivation: Arc<Derivation>,
}

/// The outlook for one path pattern and viewer protocol, over all viewer hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BehaviorOutlook {
    pub path_pattern: Box<str>,
    pub viewer_protocol: ViewerProtocol,
    pub is_failing: bool,
    pub is_undecided: bool,
    /// Viewers are served by the secondary origin, because the primary fails.
    pub is_degraded: bool,
}

impl Audience {
    pub fn new(derivation: Arc<Derivation>) -> Self {
        Self { derivation }
    }

    pub fn distribution(&self) -> &str {
        &self.derivation.distribution
    }

    /// Returns the origins that their requests use.
    pub fn origins(&self) -> impl Iterator<Item = &OriginKey> {
        self.derivation.origins.iter().map(|derived| &derived.origin.key)
    }

    /// Returns the impact on the viewers of each behavior, in the order of precedence. `verdicts`
    /// has the latest verdict of each of the [origins](Self::origins), in the same order.
    pub fn impacts(&self, verdicts: &[Option<&CompactVerdict>]) -> Vec<Impact> {
        let by_key: HashMap<&OriginKey, &CompactVerdict> = self
            .origins()
            .zip(verdicts)
            .filter_map(|(key, verdict)| Some((key, (*verdict)?)))
            .collect();
        impacts(&self.derivation, |key| by_key.get(key).copied())
    }

    /// Returns the outlook for each path pattern and protocol, except those that are not judged.
    pub fn behaviors(&self, verdicts: &[Option<&CompactVerdict>]) -> Vec<BehaviorOutlook> {
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

    /// Returns the expected results of changing the settings of one of its origins. `judged` judges
    /// a changed origin by the observation of the one with its key, and returns `None` for a target
    /// whose name was not probed.
    pub fn prospects(
        &self,
        origin: &OriginKey,
        judged: &dyn Fn(&Origin) -> Vec<Option<Conclusion>>,
    ) -> Option<Prospects> {
        let standings = |derived: &DerivedOrigin| {
            let judged = judged(&derived.under_every_name());
            let standings: Vec<Standing> =
                judged.iter().map(|one| standing(one.as_ref())).collect();
            Standings::new(derived, &standings)
        };
        Some(Prospects::of(&self.derivation, self.find(origin)?, &standings))
    }

    /// Returns the distribution setting behind a violation at one of its origins, its present value
    /// and the change; `None` if the distribution is not involved.
    pub fn advice(
        &self,
        origin: &OriginKey,
        fault: &Fault<'_>,
        prospects: &Prospects,
    ) -> Option<String> {
        let setting = Setting { derivation: &self.derivation, derived: self.find(origin)? };
        setting.advice(fault, prospects)
    }

    fn find(&self, origin: &OriginKey) -> Option<&DerivedOrigin> {
        self.derivation.origins.iter().find(|derived| derived.origin.key == *origin)
    }
}

fn standing(conclusion: Option<&Conclusion>) -> Standing {
    let Some(conclusion) = conclusion else { return Standing::Unknown };
    match conclusion.answer {
        Answer::Answers | Answer::NotApplicable(NotApplicable::HttpOnly) => Standing::Answers,
        Answer::Fails if conclusion.failing_ratio.is_some_and(|ratio| ratio < 1.0) => {
            Standing::FailsPartly
        }
        Answer::Fails => Standing::Fails,
        Answer::Undecided | Answer::NotApplicable(_) => Standing::Unknown,
    }
}

/// Returns a hash that is equal for verdicts with the same impact on viewers.
pub fn bearing(verdicts: &[Option<&CompactVerdict>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for verdict in verdicts {
        let Some(verdict) = verdict else {
            0_u8.hash(&mut hasher);
            continue;
        };
        for conclusion in std::iter::once(&verdict.conclusion).chain(&verdict.targets) {
            (conclusion.answer.as_str(), conclusion.status()).hash(&mut hasher);
        }
        for violated in &verdict.violations {
            let rule = violated.rule().id;
            (rule, violated.counts_as_failing, violated.status(), violated.target())
                .hash(&mut hasher);
        }
    }
    hasher.finish()
}
