//! Queries of the origin list: filters, order and page, the same for the page and the API.

mod found;
mod read;
mod row;
mod sort;

use crate::origin::spelling;
use crate::rules::{Rule, RuleId};

pub(super) use found::{Listed, Overview, Page, on_page};
pub(super) use row::Row;
pub(super) use sort::{Order, Sort};

/// One query. An empty field matches everything; several values of one filter are alternatives, and
/// several filters are combined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) verdicts: Vec<VerdictFilter>,
    pub(super) rules: Vec<RuleId>,
    /// [`NO_DISTRIBUTION`] represents origins without a distribution.
    pub(super) distributions: Vec<String>,
    /// Words that must all match.
    pub(super) search: String,
    pub(super) sort: Option<Sort>,
    /// Counted from 1; `None` if not given.
    pub(super) page: Option<usize>,
    pub(super) per_page: Option<usize>,
}

/// A verdict to filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VerdictFilter {
    Fails,
    /// It does not fail yet, but its certificate should have been renewed.
    FailsNext,
    Undecided,
    Answers,
    NotApplicable,
}

impl VerdictFilter {
    /// Every value as it is spelled in URLs, in the order of urgency. All but one are verdicts.
    pub(super) const ALL: [(&'static str, Self); 5] = [
        ("fails", Self::Fails),
        ("fails-next", Self::FailsNext),
        ("undecided", Self::Undecided),
        ("answers", Self::Answers),
        ("not-applicable", Self::NotApplicable),
    ];

    /// Returns the name used in URLs.
    pub(super) fn as_str(self) -> &'static str {
        spelling(&Self::ALL, self)
    }
}

impl Query {
    /// Returns whether any filter is set.
    pub(super) fn filters(&self) -> bool {
        !(self.verdicts.is_empty()
            && self.rules.is_empty()
            && self.distributions.is_empty()
            && self.search.is_empty())
    }

    /// Returns the query without filters.
    pub(super) fn unfiltered(&self) -> Self {
        Self { sort: self.sort, per_page: self.per_page, ..Self::default() }
    }

    /// Returns the query for one verdict, or for all.
    pub(super) fn for_verdict(&self, verdict: Option<VerdictFilter>) -> Self {
        Self { verdicts: verdict.into_iter().collect(), page: None, ..self.clone() }
    }

    /// Returns the query with another sort order.
    pub(super) fn sorted(&self, sort: Sort) -> Self {
        let sort = Some(sort).filter(|sort| *sort != Sort::default());
        Self { sort, page: None, ..self.clone() }
    }

    /// Returns the query for another page.
    pub(super) fn on_page(&self, page: usize) -> Self {
        Self { page: Some(page).filter(|page| *page > 1), ..self.clone() }
    }

    fn wants_verdict(&self, row: &Row) -> bool {
        self.verdicts.is_empty() || self.verdicts.iter().any(|wanted| row.is(*wanted))
    }

    fn wants_rule(&self, row: &Row) -> bool {
        self.rules.is_empty() || row.rules().any(|rule: &Rule| self.rules.contains(&rule.id))
    }

    fn wants_distribution(&self, row: &Row) -> bool {
        let name = row.distribution();
        self.distributions.is_empty() || self.distributions.iter().any(|wanted| wanted == name)
    }
}

/// Represents origins without a distribution; ids of distributions have no lower-case letters.
pub(super) const NO_DISTRIBUTION: &str = "none";

/// The default number of origins per page.
pub(super) const PER_PAGE: usize = 100;
/// A size that browsers still display smoothly.
pub(super) const MOST_PER_PAGE: usize = 1000;
/// Far more than can exist.
pub(super) const MOST_PAGES: usize = 1_000_000;
/// Per value; names of origins and distributions are shorter.
pub(super) const MOST_CHARACTERS: usize = 256;
