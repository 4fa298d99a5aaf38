//! The latest verdict per origin and what is remembered of it, as text and JSON.

mod brief;
mod chain_listing;
mod chains;
mod commands;
mod distribution;
mod doubts;
mod facts;
mod history;
mod json;
mod kept;
mod lines;
mod memory;
mod name_view;
mod names;
mod pem;
mod picture;
mod places;
mod relative;
mod snapshot;
mod store;
mod text;
mod timeline;
mod trace;
mod view;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use smallvec::SmallVec;

pub use brief::{Brief, ConnectionFacts};
pub use chain_listing::{ChainListing, Joint, ListingEntry, chain_listings};
pub use chains::{ServedChain, served_chains};
pub use commands::{CheckLines, check_lines, openssl_line, quoted};
pub use distribution::{DistributionReports, advised};
pub use doubts::doubts;
pub use facts::{ChainDates, Moment, TargetFacts};
pub use history::{History, VerdictPeriod};
pub use json::{
    ENDPOINTS_ON_A_PAGE, OriginJson, OriginPiece, origin_pieces, to_json, to_json_lines,
};
pub use kept::Kept;
pub use lines::{Line, Part, Role, Text};
pub use memory::{Latest, Memory, Step};
pub use name_view::{JudgedName, NameState};
pub use names::{NameComparison, PresentedName, WantedName};
pub use pem::pem;
pub use picture::{ChainPicture, Edge, EdgeKind, Mark, Node, NodeKind, Place};
pub use places::{Merged, merge};
pub use relative::relative;
pub use snapshot::Snapshot;
pub use store::{Entry, Published, Reports};
pub use text::{NOT_COVERED, not_covered, summary, text, texts};
pub use timeline::{Bar, Event, EventKind, Tick, Timeline};
pub use trace::trace;
pub use view::{FailingSince, KnownFrom, OriginView, Outcome, Remedies, State, is_overdue};

use crate::chain::{ChainFacts, Keeping};
use crate::observation::{Endpoint, Observation};
use crate::origin::Origin;
use crate::rules::ReadIn;
use crate::verdict::{Answer, Connections, Finding, Verdict, first_failure, judge};
use view::failing_by_date;

/// The result of an origin's latest probe, with the facts that earlier probes left behind.
#[derive(Clone, Debug)]
pub struct Report {
    pub origin: Arc<Origin>,
    pub observation: Arc<Observation>,
    /// Judged at the time of the probe.
    pub verdict: Verdict,
    /// The rest, which is kept as it is.
    pub brief: Brief,
    /// Where the remedies are displayed.
    pub read_in: ReadIn,
}

impl Report {
    /// Judges `observation` as of `now` and takes over the facts that `previous` remembers.
    ///
    /// Facts never vanish: the data of a target's last chain stays until another chain is read.
    pub fn new(previous: Option<&Brief>, observation: Arc<Observation>, now: Timestamp) -> Self {
        let verdict = judge(&observation, now);
        Self::judged(previous, observation, verdict, now)
    }

    /// Like [`Report::new`], with the verdict on `observation` as of `now`.
    pub fn judged(
        previous: Option<&Brief>,
        observation: Arc<Observation>,
        verdict: Verdict,
        now: Timestamp,
    ) -> Self {
        let predicted = first_failure(&observation, now);
        let targets: SmallVec<[TargetFacts; 1]> = observation
            .by_target()
            .iter()
            .enumerate()
            .map(|(target, endpoints)| {
                let previous = previous.and_then(|brief| brief.targets.get(target));
                let answer = verdict.targets.get(target).map(|conclusion| conclusion.answer);
                let predicted = predicted.targets.get(target).copied().flatten();
                TargetFacts::new(previous, &observation, endpoints, answer, predicted, now)
            })
            .collect();
        let started_at = Moment::from(observation.started_at);
        let is_new = previous.is_none_or(|previous| previous.probed_at != started_at);
        let history = History::after(previous.map(|p| &p.history), &verdict, is_new, now);
        let mut brief = Brief::new(&observation, &verdict, targets, history, now);
        if verdict.conclusion.answer == Answer::Fails {
            match previous.filter(|previous| previous.failing_since.is_some()) {
                Some(previous) => {
                    brief.failing_since = previous.failing_since;
                    brief.failing_by_date = previous.failing_by_date;
                }
                None => {
                    let date = failing_by_date(&observation, now);
                    // If the origin still answered after that date, the failure began later.
                    let answered = previous.map(Brief::probed_at);
                    let date = date.filter(|date| answered.is_none_or(|at| at < *date));
                    brief.failing_since = Some(now.into());
                    brief.failing_by_date = date.map(Into::into);
                }
            }
        }
        let of_targets = brief.targets.iter().filter_map(TargetFacts::first_failure).min();
        brief.first_failure = brief.failing_since.or_else(|| of_targets.map(Into::into));
        let origin = Arc::clone(&observation.origin);
        Self { origin, observation, verdict, brief, read_in: ReadIn::Daemon }
    }

    /// Returns the report for the output of `check`.
    pub fn for_check(self) -> Self {
        Self { read_in: ReadIn::Check, ..self }
    }

    /// Returns the facts that outputs show.
    pub fn view(&self) -> OriginView<'_> {
        OriginView::new(&self.origin, Some(self))
    }

    /// Returns when the probe began.
    pub fn probed_at(&self) -> Timestamp {
        self.observation.started_at
    }

    /// Describes how many of the chains read are not kept; `None` if all are kept.
    pub fn chains_not_kept(&self) -> Option<String> {
        let read = self.observation.chains().count();
        let is_left_out = |chain: &ChainFacts| chain.keeping != Keeping::Kept;
        let left_out = self.observation.chains().filter(|(_, chain)| is_left_out(chain)).count();
        (left_out > 0).then(|| {
            format!(
                "the chains of {left_out} of {read} endpoints were judged but not kept, because \
                 the memory limit (limits.chain_bytes) is reached"
            )
        })
    }

    /// Returns the addresses and server names to which only some connections fail.
    pub fn divided(&self) -> impl Iterator<Item = (&Endpoint, Connections)> {
        let observation = &self.observation;
        let all = observation.places().map(|(position, endpoint)| {
            (endpoint, self.verdict.connections(observation, position))
        });
        all.filter(|(_, connections)| connections.are_divided())
    }

    /// Returns the addresses that the last DNS answer left out, and an earlier one did not.
    pub fn remembered(&self) -> BTreeSet<IpAddr> {
        let endpoints = self.observation.endpoints.iter();
        endpoints.filter(|endpoint| endpoint.is_remembered).map(|each| each.address).collect()
    }
}
