//! The latest verdict per origin and its memory, in words and JSON.

mod chain_listing;
mod chains;
mod commands;
mod distribution;
mod doubts;
mod facts;
mod history;
mod json;
mod lines;
mod names;
mod outcome;
mod pem;
mod picture;
mod places;
mod relative;
#[cfg(test)]
mod sample;
mod seen;
mod snapshot;
mod store;
mod summary;
mod text;
mod timeline;

use std::sync::Arc;

use jiff::Timestamp;

pub use chain_listing::ChainListing;
pub use chain_listing::Joint;
pub use chain_listing::ListingEntry;
pub use chain_listing::chain_listings;
pub use chains::ServedChain;
pub use chains::served_chains;
pub use commands::CheckLines;
pub use commands::Surroundings;
pub use commands::check_lines;
pub use commands::openssl_line;
pub use commands::quoted;
pub use distribution::DistributionReports;
pub use distribution::advised;
pub use doubts::doubts;
pub use facts::ChainDates;
pub use facts::TargetFacts;
pub use history::History;
pub use history::Stretch;
pub use json::ENDPOINTS_ON_A_PAGE;
pub use json::OriginJson;
pub use json::OriginPiece;
pub use json::origin_pieces;
pub use json::to_json;
pub use json::to_json_lines;
pub use lines::Line;
pub use lines::Part;
pub use lines::Role;
pub use lines::Text;
pub use names::NameComparison;
pub use names::PresentedName;
pub use names::WantedName;
pub use outcome::Outcome;
pub use pem::pem;
pub use picture::ChainPicture;
pub use picture::Edge;
pub use picture::EdgeKind;
pub use picture::Mark;
pub use picture::Node;
pub use picture::NodeKind;
pub use picture::Place;
pub use places::Merged;
pub use places::merge;
pub use relative::relative;
pub use seen::seen;
pub use snapshot::Snapshot;
pub use store::Entry;
pub use store::Reports;
pub use store::Shown;
pub use summary::summary;
pub use text::NOT_COVERED;
pub use text::not_covered;
pub use text::text;
pub use text::texts;
pub use timeline::Bar;
pub use timeline::Event;
pub use timeline::EventKind;
pub use timeline::Tick;
pub use timeline::Timeline;

use crate::chain::ChainFacts;
use crate::chain::Keeping;
pub use crate::chain::printable;
pub use crate::chain::printable_lines;
pub use crate::impact::Audience;
pub use crate::observation::Endpoint;
use crate::observation::Observation;
use crate::origin::Origin;
use crate::rules::Effect;
use crate::rules::ReadIn;
pub use crate::verdict::Answer;
pub use crate::verdict::Conclusion;
pub use crate::verdict::Finding;
use crate::verdict::Verdict;
use crate::verdict::first_failure;
use crate::verdict::judge;

/// What is known of one origin after its latest probe, with what earlier probes left behind.
#[derive(Clone, Debug)]
pub struct Report {
    pub origin: Arc<Origin>,
    pub observation: Arc<Observation>,
    /// Judged at the time of the probe.
    pub verdict: Verdict,
    /// The earliest instant at which the origin fails: the present failure's beginning while it
    /// fails, the prediction otherwise.
    pub first_failure: Option<Timestamp>,
    /// Since when it has been failing without a break, as far as this process knows.
    pub failing_since: Option<Timestamp>,
    /// One for each of the origin's targets.
    pub targets: Vec<TargetFacts>,
    /// What became of it since this process watches it.
    pub history: History,
    /// Where its remedies are read.
    pub read_in: ReadIn,
}

impl Report {
    /// Judges `observation` as of `now` and takes over what `previous` remembers.
    ///
    /// Facts never vanish: what a target's last chain said stays until another chain is read.
    pub fn new(previous: Option<&Self>, observation: Arc<Observation>, now: Timestamp) -> Self {
        let verdict = judge(&observation, now);
        let predicted = first_failure(&observation, now);
        let origin = Arc::clone(&observation.origin);
        let targets: Vec<TargetFacts> = observation
            .by_target()
            .iter()
            .enumerate()
            .map(|(target, endpoints)| {
                let previous = previous.and_then(|report| report.targets.get(target));
                let answer = verdict.targets.get(target).map(|conclusion| conclusion.answer);
                let predicted = predicted.targets.get(target).copied().flatten();
                TargetFacts::new(previous, &observation, endpoints, answer, predicted, now)
            })
            .collect();
        let failing_since = (verdict.conclusion.answer == Answer::Fails)
            .then(|| previous.and_then(|report| report.failing_since).unwrap_or(now));
        let first_failure =
            failing_since.or_else(|| targets.iter().filter_map(TargetFacts::first_failure).min());
        let is_new = previous.is_none_or(|p| p.probed_at() != observation.started_at);
        let history = History::after(previous.map(|p| &p.history), &verdict, is_new, now);
        Self {
            origin,
            observation,
            verdict,
            first_failure,
            failing_since,
            targets,
            history,
            read_in: ReadIn::Daemon,
        }
    }

    /// Returns the report for the output of `check`.
    pub fn for_check(self) -> Self {
        Self { read_in: ReadIn::Check, ..self }
    }

    /// Returns when the probe began.
    pub fn probed_at(&self) -> Timestamp {
        self.observation.started_at
    }

    /// Returns what will make it fail at its first failure, if it does not fail yet.
    pub fn coming_findings(&self) -> Vec<Finding> {
        let will_fail =
            matches!(self.verdict.conclusion.answer, Answer::Answers | Answer::Undecided);
        let at = self.first_failure.filter(|_| will_fail);
        let Some(at) = at else { return Vec::new() };
        let mut findings = judge(&self.observation, at).findings;
        findings.retain(|finding| finding.effect == Effect::Fails);
        findings
    }

    /// Says how many of the chains read are not kept; `None` where all are.
    pub fn chains_not_kept(&self) -> Option<String> {
        let read = self.observation.chains().count();
        let is_left_out = |chain: &ChainFacts| chain.keeping != Keeping::Kept;
        let left_out = self.observation.chains().filter(|(_, chain)| is_left_out(chain)).count();
        (left_out > 0).then(|| {
            format!(
                "the chains of {left_out} of {read} endpoints were judged and not kept, for want of \
                 memory (limits.chain_bytes)"
            )
        })
    }

    /// Returns when a chain was last read, over all targets.
    pub fn chain_read_at(&self) -> Option<Timestamp> {
        self.targets.iter().filter_map(|t| t.chain.as_ref().map(|chain| chain.read_at)).max()
    }
}
