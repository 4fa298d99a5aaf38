//! The result of a query, and the counts of other possible filters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::report::{Entry, Kept, State};
use crate::rules::{RULES, Rule};

use super::{PER_PAGE, Query, Row, VerdictFilter};

/// The origins that match a query, page by page, and the number of origins per filter value.
#[derive(Debug)]
pub(in super::super) struct Page {
    /// The origins on the requested page.
    pub(in super::super) rows: Vec<Listed>,
    /// The number of matching origins on all pages.
    pub(in super::super) total: usize,
    /// Counted from 1; may be greater than the number of pages.
    pub(in super::super) page: usize,
    /// The number of pages, at least one.
    pub(in super::super) pages: usize,
    /// The number of matches for each verdict.
    pub(in super::super) verdicts: Verdicts,
    /// The number of matches for any verdict.
    pub(in super::super) any_verdict: usize,
    /// The number of matches for each violated rule.
    pub(in super::super) rules: Vec<(&'static Rule, usize)>,
    /// The number of matches for each distribution.
    pub(in super::super) distributions: BTreeMap<String, usize>,
}

/// An origin on a page, without its report, so that a slow client does not keep it in memory.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Listed {
    /// Its position among all origins.
    pub(in super::super) position: usize,
    /// Its state when the list was sorted, which determines its heading.
    pub(in super::super) state: State,
}

/// A summary of all origins, independent of the query.
#[derive(Debug, Default)]
pub(in super::super) struct Overview {
    pub(in super::super) origins: usize,
    pub(in super::super) verdicts: Verdicts,
    pub(in super::super) not_probed_yet: usize,
    pub(in super::super) last_probe: Option<Timestamp>,
    /// The number of origins that are overdue for a probe.
    pub(in super::super) overdue: usize,
    /// The origin that will fail first among those that do not fail now.
    pub(in super::super) next: Option<Row>,
    /// One for each origin, in their order.
    pub(in super::super) latest: Vec<Option<Arc<Kept>>>,
}

impl Overview {
    fn add(&mut self, row: &Row, now: Timestamp) {
        self.origins += 1;
        self.verdicts.add(row);
        self.latest.push(row.kept.clone());
        self.not_probed_yet += usize::from(row.kept.is_none());
        self.last_probe = self.last_probe.max(row.probed_at());
        self.overdue += usize::from(row.view().is_overdue(now));
        let ahead = row.view().fails_within(now, Some(Duration::MAX));
        let next = self.next.as_ref().and_then(|next| next.view().first_failure);
        if ahead.is_some_and(|ahead| next.is_none_or(|next| ahead < next)) {
            self.next = Some(row.clone());
        }
    }
}

/// The number of origins for each verdict filter.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Verdicts([usize; VerdictFilter::ALL.len()]);

impl Verdicts {
    pub(in super::super) fn count(&self, wanted: VerdictFilter) -> usize {
        let counts = VerdictFilter::ALL.into_iter().zip(self.0);
        counts.filter(|((_, each), _)| *each == wanted).map(|(_, count)| count).sum()
    }

    fn add(&mut self, row: &Row) {
        for (count, (_, wanted)) in self.0.iter_mut().zip(VerdictFilter::ALL) {
            *count += usize::from(row.is(wanted));
        }
    }
}

#[cfg(test)]
impl From<[usize; VerdictFilter::ALL.len()]> for Verdicts {
    fn from(counts: [usize; VerdictFilter::ALL.len()]) -> Self {
        Self(counts)
    }
}

impl Query {
    /// Returns the filter of this query.
    pub(in super::super) fn filter(&self) -> impl Fn(&Row) -> bool + Send + use<> {
        let (question, words) = (self.clone(), self.words());
        move |row| {
            question.wants_verdict(row)
                && question.wants_rule(row)
                && question.wants_distribution(row)
                && row.mentions(&words)
        }
    }

    /// Returns the positions of the matching entries on all pages. Without a sort order they stay
    /// in their original order.
    pub(in super::super) fn select(&self, entries: &[Arc<Entry>]) -> Vec<u32> {
        let wanted = self.filter();
        let rows = (0..).zip(entries.iter().map(Row::new));
        let mut rows: Vec<(u32, Row)> = rows.filter(|(_, row)| wanted(row)).collect();
        if let Some(sort) = self.sort {
            sort.apply(&mut rows);
        }
        rows.iter().map(|(position, _)| *position).collect()
    }

    /// Returns one page of the matching entries for people, sorted, with the counts of other
    /// possible filters.
    pub(in super::super) fn answer(
        &self,
        entries: &[Arc<Entry>],
        now: Timestamp,
    ) -> (Page, Overview) {
        let words = self.words();
        let mut overview = Overview::default();
        let mut verdicts = Verdicts::default();
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
                verdicts.add(&row);
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
        let listed = rows
            .map(|(at, row)| Listed { position: *at as usize, state: row.view().state })
            .collect();
        let rules = RULES.iter().copied().zip(by_rule);
        let rules = rules.filter_map(|(rule, count)| Some((rule, count?))).collect();
        let found =
            Page { rows: listed, total, page, pages, verdicts, any_verdict, rules, distributions };
        (found, overview)
    }

    fn words(&self) -> Vec<String> {
        self.search.split_whitespace().map(str::to_lowercase).collect()
    }
}

/// Returns the items on one page.
pub(in super::super) fn on_page<T>(all: &[T], page: usize, per_page: usize) -> &[T] {
    let begin = page.saturating_sub(1).saturating_mul(per_page).min(all.len());
    let end = begin.saturating_add(per_page).min(all.len());
    all.get(begin..end).unwrap_or_default()
}
