//! The remembered facts of one server name: the dates of the last chain read, combined over the
//! origin's addresses.

use jiff::Timestamp;

use crate::chain::ChainFacts;
use crate::observation::{Endpoint, Observation};
use crate::origin::{RenewalInstants, RenewalPolicy};
use crate::rules::renewals;
use crate::verdict::Answer;

/// The remembered facts of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetFacts {
    /// `None` until a chain has been read.
    pub chain: Option<ChainDates>,
    /// The first instant at which the last chain read makes the target fail.
    predicted: Option<Timestamp>,
    pub failing_since: Option<Timestamp>,
    /// How often the set of end-entity certificates changed.
    pub certificate_changes: u64,
}

/// The dates of the chains read last, the most urgent of all addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainDates {
    pub read_at: Timestamp,
    /// The latest `notBefore` of the end-entity certificates.
    pub not_before: Timestamp,
    /// The earliest `notAfter` of the end-entity certificates.
    pub not_after: Timestamp,
    /// The earliest end of the addresses' best paths; `None` if one of them has no path.
    pub path_not_after: Option<Timestamp>,
    pub renewal_warning: Timestamp,
    pub renewal_critical: Timestamp,
    /// The SHA-256 of the end-entity certificates, sorted.
    end_entities: Vec<[u8; 32]>,
}

impl TargetFacts {
    /// Returns the start of the current failure, or else the prediction from the last chain read.
    pub fn first_failure(&self) -> Option<Timestamp> {
        self.failing_since.or(self.predicted)
    }

    /// Combines the chains of the target's `endpoints`.
    pub(super) fn new(
        previous: Option<&Self>,
        observation: &Observation,
        endpoints: &[&Endpoint],
        answer: Option<Answer>,
        predicted: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let read = ChainDates::read(observation, endpoints);
        let earlier = previous.and_then(|facts| facts.chain.as_ref());
        let changed = match (earlier, &read) {
            (Some(earlier), Some(read)) => earlier.end_entities != read.end_entities,
            _ => false,
        };
        let failing_since = (answer == Some(Answer::Fails))
            .then(|| previous.and_then(|facts| facts.failing_since).unwrap_or(now));
        // Without a new chain, the prediction from the last one stays.
        let is_new = endpoints
            .iter()
            .any(|each| each.chain.is_some() && each.probed_at == observation.started_at);
        let remembered = previous.and_then(|facts| facts.predicted);
        Self {
            predicted: if is_new { predicted } else { remembered },
            failing_since,
            certificate_changes: previous.map_or(0, |facts| facts.certificate_changes)
                + u64::from(changed),
            chain: read.or_else(|| earlier.cloned()),
        }
    }
}

impl ChainDates {
    /// Combines the chains that a target's endpoints served; `None` if none was read.
    fn read(observation: &Observation, endpoints: &[&Endpoint]) -> Option<Self> {
        endpoints
            .iter()
            .filter_map(|endpoint| {
                let chain = endpoint.chain.as_ref()?;
                Self::of(chain, &observation.origin.renewal, endpoint.probed_at)
            })
            .reduce(Self::fold)
    }

    fn of(chain: &ChainFacts, policy: &RenewalPolicy, read_at: Timestamp) -> Option<Self> {
        let end_entity = chain.end_entity()?;
        let path_not_after = chain.path_not_after();
        let instants: Vec<RenewalInstants> =
            renewals(chain, policy).map(|renewal| renewal.instants).collect();
        Some(Self {
            read_at,
            not_before: end_entity.not_before,
            not_after: end_entity.not_after,
            path_not_after,
            renewal_warning: instants.iter().map(|i| i.warning).min()?,
            renewal_critical: instants.iter().map(|i| i.critical).min()?,
            end_entities: vec![end_entity.sha256],
        })
    }

    fn fold(self, other: Self) -> Self {
        let mut end_entities = [self.end_entities, other.end_entities].concat();
        end_entities.sort_unstable();
        end_entities.dedup();
        Self {
            read_at: self.read_at.max(other.read_at),
            not_before: self.not_before.max(other.not_before),
            not_after: self.not_after.min(other.not_after),
            path_not_after: self.path_not_after.zip(other.path_not_after).map(|(a, b)| a.min(b)),
            renewal_warning: self.renewal_warning.min(other.renewal_warning),
            renewal_critical: self.renewal_critical.min(other.renewal_critical),
            end_entities,
        }
    }
}
