//! What of the fleet is asked for: filters, order and page, the same for people and programs.

mod fault;
mod found;
mod read;
mod row;
mod sort;
mod write;

use crate::rules::Rule;

pub(super) use fault::BadQuestion;
pub(super) use found::Found;
pub(super) use found::Listed;
pub(super) use found::Overview;
pub(super) use found::on_page;
pub(super) use row::AddressesFailing;
pub(super) use row::Group;
pub(super) use row::Row;
pub(super) use sort::Order;
pub(super) use sort::Sort;

/// One question. What is empty asks for everything; several values of one filter are alternatives,
/// several filters narrow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) verdicts: Vec<Wanted>,
    pub(super) rules: Vec<&'static str>,
    /// [`NO_DISTRIBUTION`] stands for origins of none.
    pub(super) distributions: Vec<String>,
    /// Words that must all be found.
    pub(super) search: String,
    pub(super) sort: Option<Sort>,
    /// From 1; `None` where none was asked for.
    pub(super) page: Option<usize>,
    pub(super) per_page: Option<usize>,
}

/// A verdict to filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Fails,
    /// It does not fail yet, but its certificate should have been renewed.
    FailsNext,
    Undecided,
    Answers,
    NotApplicable,
}

impl Wanted {
    /// Every value, in the order of urgency.
    pub(super) const ALL: [Self; 5] =
        [Self::Fails, Self::FailsNext, Self::Undecided, Self::Answers, Self::NotApplicable];

    /// Returns the name used in addresses: a verdict's own but for one.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::FailsNext => "fails-next",
            Self::Undecided => "undecided",
            Self::Answers => "answers",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl Question {
    /// Tells whether any origin may be left out.
    pub(super) fn filters(&self) -> bool {
        !(self.verdicts.is_empty()
            && self.rules.is_empty()
            && self.distributions.is_empty()
            && self.search.is_empty())
    }

    /// Returns the same without any filter.
    pub(super) fn unfiltered(&self) -> Self {
        Self { sort: self.sort, per_page: self.per_page, ..Self::default() }
    }

    /// Returns the same for one verdict, or for every one.
    pub(super) fn for_verdict(&self, verdict: Option<Wanted>) -> Self {
        Self { verdicts: verdict.into_iter().collect(), page: None, ..self.clone() }
    }

    /// Returns the same in another order.
    pub(super) fn sorted(&self, sort: Sort) -> Self {
        let sort = Some(sort).filter(|sort| *sort != Sort::default());
        Self { sort, page: None, ..self.clone() }
    }

    /// Returns the same on another page.
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

/// The name that stands for origins of no distribution: a distribution's id has no small letters.
pub(super) const NO_DISTRIBUTION: &str = "none";

/// How many origins a page has, unless asked otherwise.
pub(super) const PER_PAGE: usize = 100;
/// What a browser still shows at ease.
pub(super) const MOST_PER_PAGE: usize = 1000;
/// Far more than there can be.
pub(super) const MOST_PAGES: usize = 1_000_000;
/// Of one value; names of origins and distributions are shorter.
pub(super) const MOST_CHARACTERS: usize = 256;
