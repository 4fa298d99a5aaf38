//! The answer to a question, and what it leaves out.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::report::Entry;
use crate::report::Report;
use crate::rules::RULES;
use crate::rules::Rule;

use super::Group;
use super::PER_PAGE;
use super::Question;
use super::Row;
use super::Wanted;

/// The origins that a question asks for, page by page, and how many others there are.
#[derive(Debug)]
pub(in super::super) struct Found {
    /// Those of the page asked for.
    pub(in super::super) rows: Vec<Listed>,
    /// How many there are on all pages.
    pub(in super::super) total: usize,
    /// From 1; it may be after the last.
    pub(in super::super) page: usize,
    /// How many pages there are, at least one.
    pub(in super::super) pages: usize,
    /// How many there would be of each verdict, in the order of [`Wanted::ALL`].
    pub(in super::super) verdicts: [usize; Wanted::ALL.len()],
    /// How many there would be of any verdict.
    pub(in super::super) any_verdict: usize,
    /// How many there would be of each rule that anything violates.
    pub(in super::super) rules: Vec<(&'static Rule, usize)>,
    /// How many there would be of each distribution.
    pub(in super::super) distributions: BTreeMap<String, usize>,
}

/// An origin on a page, without its report: a slow reader keeps none.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Listed {
    /// Its position among all origins.
    pub(in super::super) position: usize,
    /// The heading that it belonged below when the list was put in order.
    pub(in super::super) group: Group,
}

/// The whole fleet, whatever was asked for.
#[derive(Debug, Default)]
pub(in super::super) struct Overview {
    pub(in super::super) origins: usize,
    /// In the order of [`Wanted::ALL`].
    pub(in super::super) verdicts: [usize; Wanted::ALL.len()],
    pub(in super::super) not_probed_yet: usize,
    pub(in super::super) last_probe: Option<Timestamp>,
    /// How many were not probed for more than twice their interval.
    pub(in super::super) overdue: usize,
    /// The one that will fail first of those that do not fail.
    pub(in super::super) next: Option<Row>,
    /// One for each origin, in their order.
    pub(in super::super) latest: Vec<Option<Arc<Report>>>,
}

impl Overview {
    /// Returns how many origins a filter by verdict takes.
    pub(in super::super) fn count(&self, wanted: Wanted) -> usize {
        count(&self.verdicts, wanted)
    }

    fn add(&mut self, row: &Row, now: Timestamp) {
        self.origins += 1;
        add(&mut self.verdicts, row);
        self.latest.push(row.report.clone());
        self.not_probed_yet += usize::from(row.report.is_none());
        self.last_probe = self.last_probe.max(row.probed_at());
        self.overdue += usize::from(row.is_overdue(now));
        let ahead = row.first_failure().filter(|_| !row.is(Wanted::Fails));
        let next = self.next.as_ref().and_then(Row::first_failure);
        if ahead.is_some_and(|ahead| next.is_none_or(|next| ahead < next)) {
            self.next = Some(row.clone());
        }
    }
}

impl Found {
    /// Returns how many origins there would be of a verdict.
    pub(in super::super) fn count(&self, wanted: Wanted) -> usize {
        count(&self.verdicts, wanted)
    }
}

fn count(verdicts: &[usize], wanted: Wanted) -> usize {
    let position = Wanted::ALL.iter().position(|each| *each == wanted);
    position.and_then(|position| verdicts.get(position)).copied().unwrap_or_default()
}

fn add(verdicts: &mut [usize; Wanted::ALL.len()], row: &Row) {
    for (count, wanted) in verdicts.iter_mut().zip(Wanted::ALL) {
        *count += usize::from(row.is(wanted));
    }
}

impl Question {
    /// Returns the filter that leaves the origins asked for.
    pub(in super::super) fn filter(&self) -> impl Fn(&Row) -> bool + Send + use<> {
        let (question, words) = (self.clone(), self.words());
        move |row| {
            question.wants_verdict(row)
                && question.wants_rule(row)
                && question.wants_distribution(row)
                && row.mentions(&words)
        }
    }

    /// Looks through `entries` and returns the positions of those that are asked for, on all
    /// pages. Without an order they come as they are.
    pub(in super::super) fn select(&self, entries: &[Arc<Entry>]) -> Vec<u32> {
        let wanted = self.filter();
        let rows = (0..).zip(entries.iter().map(Row::new));
        let mut rows: Vec<(u32, Row)> = rows.filter(|(_, row)| wanted(row)).collect();
        if let Some(sort) = self.sort {
            sort.apply(&mut rows);
        }
        rows.iter().map(|(position, _)| *position).collect()
    }

    /// Looks through `entries` for a page that people read: in order, cut to a page, with what
    /// else they might ask for.
    pub(in super::super) fn answer(
        &self,
        entries: &[Arc<Entry>],
        now: Timestamp,
    ) -> (Found, Overview) {
        let words = self.words();
        let mut overview = Overview::default();
        let mut verdicts = [0; Wanted::ALL.len()];
        let mut any_verdict = 0;
        let mut by_rule = [None; RULES.len()];
        let mut distributions: BTreeMap<String, usize> = BTreeMap::new();
        let mut rows = Vec::new();
        for (position, row) in (0..).zip(entries.iter().map(Row::new)) {
            overview.add(&row, now);
            let [verdict, rule, distribution] =
                [self.wants_verdict(&row), self.wants_rule(&row), self.wants_distribution(&row)];
            let search = row.mentions(&words);
            if rule && distribution && search {
                add(&mut verdicts, &row);
                any_verdict += 1;
            }
            let counts = verdict && distribution && search;
            for (count, rule) in by_rule.iter_mut().zip(RULES) {
                if row.rules().any(|violated| violated.id == rule.id) {
                    *count.get_or_insert(0) += usize::from(counts);
                }
            }
            let counts = usize::from(verdict && rule && search);
            match distributions.get_mut(row.distribution()) {
                Some(count) => *count += counts,
                None => drop(distributions.insert(row.distribution().to_owned(), counts)),
            }
            if verdict && rule && distribution && search {
                rows.push((position, row));
            }
        }
        self.sort.unwrap_or_default().apply(&mut rows);
        let (total, per_page) = (rows.len(), self.per_page.unwrap_or(PER_PAGE));
        let (page, pages) = (self.page.unwrap_or(1), total.div_ceil(per_page).max(1));
        let rows = on_page(&rows, page, per_page).iter();
        let listed =
            rows.map(|(at, row)| Listed { position: *at as usize, group: row.group() }).collect();
        let rules = RULES.into_iter().zip(by_rule);
        let rules = rules.filter_map(|(rule, count)| Some((rule, count?))).collect();
        let found =
            Found { rows: listed, total, page, pages, verdicts, any_verdict, rules, distributions };
        (found, overview)
    }

    fn words(&self) -> Vec<String> {
        self.search.split_whitespace().map(str::to_lowercase).collect()
    }
}

/// Returns what stands on one page.
pub(in super::super) fn on_page<T>(all: &[T], page: usize, per_page: usize) -> &[T] {
    let begin = page.saturating_sub(1).saturating_mul(per_page).min(all.len());
    let end = begin.saturating_add(per_page).min(all.len());
    all.get(begin..end).unwrap_or_default()
}
