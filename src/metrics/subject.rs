//! The subject of a series: one server name of one origin.

use crate::report::{Brief, ChainDates, Entry, JudgedName, NameState};
use crate::verdict::Answer;

use super::lines::{Lines, push_labels};
use super::per_origin::Definition;

/// One server name of one origin, with the latest report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) entry: &'a Entry,
    labels: Labels<'a>,
    /// Whether this is the first subject written for its origin.
    is_first: bool,
    latest: Option<&'a Brief>,
    pub(super) state: NameState<'a>,
}

/// The values of a subject's labels, or the text of all of them.
#[derive(Clone, Copy, Debug)]
enum Labels<'a> {
    Text(&'a str),
    OfServerName(&'a str),
}

/// The names of a subject's labels.
pub(super) const LABELS: [&str; 4] = ["distribution", "origin", "domain", "server_name"];

/// Returns the values of [`LABELS`].
pub(super) fn labels_of<'a>(entry: &'a Entry, server_name: &'a str) -> [&'a str; 4] {
    let key = &entry.origin.key;
    [&key.distribution, &key.id, key.domain.as_str(), server_name]
}

impl<'a> Subject<'a> {
    /// Returns the only server name of an origin, with the text of its labels.
    pub(super) fn only(entry: &'a Entry, latest: Option<&'a Brief>, labels: &'a str) -> Self {
        let (labels, state) = (Labels::Text(labels), NameState::of(latest, 0));
        Self { entry, labels, is_first: true, latest, state }
    }

    /// Returns the server names of an origin that have series of their own.
    pub(super) fn of(
        entry: &'a Entry,
        latest: Option<&'a Brief>,
    ) -> impl Iterator<Item = Self> + use<'a> {
        let targets = &entry.origin.targets;
        // Nearly every origin has few: a scrape allocates nothing for it.
        let chosen = (targets.len() > MOST).then(|| with_series(targets.len(), latest));
        let used = (0..targets.len().min(MOST)).filter_map(move |place| {
            let position = match &chosen {
                Some(chosen) => *chosen.get(place)?,
                None => place,
            };
            let target = targets.get(position).filter(|target| target.is_used())?;
            Some((position, target))
        });
        used.enumerate().map(move |(place, (position, target))| Self {
            entry,
            labels: Labels::OfServerName(target.server_name.as_str()),
            is_first: place == 0,
            latest,
            state: NameState::of(latest, position),
        })
    }

    /// Returns the number of server names of the origin by state. Only the first subject of an
    /// origin with many server names returns it.
    pub(super) fn server_names(&self) -> Option<[(&'static str, usize); 4]> {
        let is_only = matches!(self.labels, Labels::Text(_));
        let is_told = self.is_first && !is_only && self.entry.origin.targets.len() > FEW;
        is_told.then(|| NameState::counts(&self.entry.origin, self.latest))
    }

    /// Writes the series of one family; `labels` is used to compose the labels.
    pub(super) fn write(&self, definition: &Definition, text: &mut String, labels: &mut String) {
        let subject = match self.labels {
            Labels::Text(text) => text,
            Labels::OfServerName(server_name) => {
                labels.clear();
                push_labels(labels, &LABELS, &labels_of(self.entry, server_name));
                labels
            }
        };
        (definition.write)(self, &mut Lines::new(text, &definition.family, subject, LABELS.len()));
    }

    /// Returns the judged state; `None` if nothing can be judged or nothing was probed yet.
    pub(super) fn judged(&self) -> Option<&JudgedName<'a>> {
        match &self.state {
            NameState::Judged(judged) => Some(judged),
            NameState::NotProbedYet | NameState::NotApplicable => None,
        }
    }

    /// Returns the verdict's answer; `None` if there is nothing to judge.
    pub(super) fn answer(&self) -> Option<Answer> {
        match &self.state {
            NameState::NotProbedYet => Some(Answer::Undecided),
            NameState::NotApplicable => None,
            NameState::Judged(judged) => Some(judged.conclusion.answer),
        }
    }

    /// Returns the dates of the last chain read.
    pub(super) fn chain(&self) -> Option<&'a ChainDates> {
        self.judged()?.facts.chain.as_ref()
    }
}

/// Up to this many server names, the state of each one shows in its own series. This is also the
/// default of `probe.max_server_names`: with more, some server names wait for their turn.
const FEW: usize = 20;

/// How many server names of one origin have series of their own. At 17 series each, an origin with
/// 10,000 tenants would cost Prometheus more than all other origins together.
const MOST: usize = 100;

/// Returns the positions of the server names that have series of their own, in order: the most
/// urgent ones of more than [`MOST`], filled up with the first ones.
fn with_series(all: usize, latest: Option<&Brief>) -> Vec<usize> {
    let mut has_findings = vec![false; all];
    for violated in latest.iter().flat_map(|brief| &brief.verdict.violations) {
        let target = violated.target();
        if let Some(has_findings) = target.and_then(|target| has_findings.get_mut(target)) {
            *has_findings = true;
        }
    }
    let urgency = |position: usize| match NameState::of(latest, position) {
        NameState::NotProbedYet => 3,
        NameState::Judged(judged) if judged.conclusion.answer == Answer::Fails => 0,
        NameState::Judged(judged) if judged.conclusion.answer == Answer::Undecided => 1,
        _ if has_findings.get(position) == Some(&true) => 2,
        _ => 3,
    };
    let mut positions: Vec<(usize, usize)> =
        (0..all).map(|position| (urgency(position), position)).collect();
    positions.sort_unstable();
    let mut positions: Vec<usize> =
        positions.into_iter().take(MOST).map(|(_, position)| position).collect();
    positions.sort_unstable();
    positions
}
