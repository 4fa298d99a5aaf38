//! The remembered facts of one server name: the dates of the last chain read, combined over the
//! origin's addresses.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use jiff::Timestamp;

use crate::chain::ChainFacts;
use crate::observation::{Endpoint, Observation};
use crate::origin::{RenewalInstants, RenewalPolicy};
use crate::rules::renewals;
use crate::verdict::Answer;

/// An instant in eight bytes, to the microsecond; [`Option`] of it takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(NonZeroU64);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        // No timestamp is that far from 1970, so this is never zero.
        let shifted = at.as_microsecond().cast_unsigned() ^ (1 << 63);
        Self(NonZeroU64::new(shifted).unwrap_or(NonZeroU64::MIN))
    }
}

impl From<Moment> for Timestamp {
    fn from(moment: Moment) -> Self {
        let microseconds = (moment.0.get() ^ (1 << 63)).cast_signed();
        // It was a timestamp.
        Self::from_microsecond(microseconds).unwrap_or_default()
    }
}

/// The remembered facts of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetFacts {
    /// `None` until a chain has been read.
    pub chain: Option<ChainDates>,
    /// The first instant at which the last chain read makes the target fail.
    predicted: Option<Moment>,
    failing_since: Option<Moment>,
    /// How often the set of end-entity certificates changed.
    pub certificate_changes: u32,
}

/// The dates of the chains read last, the most urgent of all addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainDates {
    pub read_at: Moment,
    /// The latest `notBefore` of the end-entity certificates.
    pub not_before: Moment,
    /// The earliest `notAfter` of the end-entity certificates.
    pub not_after: Moment,
    /// The earliest end of the addresses' best paths; `None` if one of them has no path.
    pub path_not_after: Option<Moment>,
    pub renewal_warning: Moment,
    pub renewal_critical: Moment,
    /// Identifies the set of end-entity certificates.
    end_entities: u64,
}

impl TargetFacts {
    /// Returns the start of the current failure, or else the prediction from the last chain read.
    pub fn first_failure(&self) -> Option<Timestamp> {
        self.failing_since.or(self.predicted).map(Into::into)
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
            .then(|| previous.and_then(|facts| facts.failing_since).unwrap_or_else(|| now.into()));
        // Without a new chain, the prediction from the last one stays.
        let is_new = endpoints
            .iter()
            .any(|each| each.chain.is_some() && each.probed_at == observation.started_at);
        let remembered = previous.and_then(|facts| facts.predicted);
        Self {
            predicted: if is_new { predicted.map(Into::into) } else { remembered },
            failing_since,
            certificate_changes: previous.map_or(0, |facts| facts.certificate_changes)
                + u32::from(changed),
            chain: read.or_else(|| earlier.cloned()),
        }
    }
}

impl ChainDates {
    /// Combines the chains that a target's endpoints served; `None` if none was read.
    fn read(observation: &Observation, endpoints: &[&Endpoint]) -> Option<Self> {
        let mut end_entities = BTreeSet::new();
        let dates = endpoints
            .iter()
            .filter_map(|endpoint| {
                let chain = endpoint.chain.as_ref()?;
                let dates = Self::of(chain, &observation.origin.renewal, endpoint.probed_at)?;
                end_entities.insert(chain.end_entity()?.sha256);
                Some(dates)
            })
            .reduce(Self::fold)?;
        Some(Self { end_entities: identity(end_entities), ..dates })
    }

    fn of(chain: &ChainFacts, policy: &RenewalPolicy, read_at: Timestamp) -> Option<Self> {
        let end_entity = chain.end_entity()?;
        let instants = renewals(chain, policy).map(|renewal| renewal.instants);
        let RenewalInstants { warning, critical } =
            instants.reduce(|one, other| RenewalInstants {
                warning: one.warning.min(other.warning),
                critical: one.critical.min(other.critical),
            })?;
        Some(Self {
            read_at: read_at.into(),
            not_before: end_entity.not_before.into(),
            not_after: end_entity.not_after.into(),
            path_not_after: chain.path_not_after().map(Into::into),
            renewal_warning: warning.into(),
            renewal_critical: critical.into(),
            end_entities: 0,
        })
    }

    fn fold(self, other: Self) -> Self {
        Self {
            read_at: self.read_at.max(other.read_at),
            not_before: self.not_before.max(other.not_before),
            not_after: self.not_after.min(other.not_after),
            path_not_after: self.path_not_after.zip(other.path_not_after).map(|(a, b)| a.min(b)),
            renewal_warning: self.renewal_warning.min(other.renewal_warning),
            renewal_critical: self.renewal_critical.min(other.renewal_critical),
            end_entities: 0,
        }
    }
}

/// Returns a number that differs for different sets of certificates: 8 bytes of a digest of a
/// single one, and the sum of these numbers for several.
fn identity(certificates: BTreeSet<[u8; 32]>) -> u64 {
    let head = |digest: [u8; 32]| digest.first_chunk().copied().map_or(0, u64::from_le_bytes);
    certificates.into_iter().map(head).fold(0, u64::wrapping_add)
}
