//! Parses and validates queries from URLs, and writes them for links.

use crate::config::Shown;
use crate::rules::{self, RuleId};

use super::super::address::encoded;
use super::super::query::{Pair, QueryError, number, once, one_of, read};
use super::{MOST_CHARACTERS, MOST_PAGES, MOST_PER_PAGE, Query, Sort, VerdictFilter};

impl Query {
    /// Parses a query. Empty values are ignored, because forms send them for empty fields.
    ///
    /// # Errors
    /// If the query contains anything unknown, because the result would not be what was asked for.
    pub(in super::super) fn read(query: &str) -> Result<Self, QueryError> {
        let mut pairs = read(query, &NAMES, "?search=www.example.com")?;
        let is_too_long = |pair: &&Pair| pair.value.chars().count() > MOST_CHARACTERS;
        if let Some(Pair { name, .. }) = pairs.iter().find(is_too_long) {
            let (name, unit) = (Shown::of(name), "characters");
            return Err(QueryError::TooLong { name, most: MOST_CHARACTERS, unit });
        }
        pairs.retain(|pair| !pair.value.is_empty());
        let verdict = |text: &str| one_of("verdict", "known", &VerdictFilter::ALL, text);
        Ok(Self {
            verdicts: several(&pairs, "verdict", verdict)?,
            rules: several(&pairs, "rule", rule)?,
            distributions: several(&pairs, "distribution", |name| Ok(name.to_owned()))?,
            search: once(&pairs, "search")?.unwrap_or_default().trim().to_owned(),
            sort: once(&pairs, "sort")?.map(Sort::read).transpose()?,
            page: number(&pairs, "page", "a page number", 1..=MOST_PAGES)?,
            per_page: number(&pairs, "per_page", "a valid page size", 1..=MOST_PER_PAGE)?,
        })
    }

    /// Returns the URL of the page at `path` for this query.
    pub(in super::super) fn address(&self, path: &str) -> String {
        let pairs = self.pairs();
        if pairs.is_empty() {
            return path.to_owned();
        }
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        format!("{path}?{}", pairs.join("&"))
    }

    /// Returns the equivalent parameters.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let verdicts = self.verdicts.iter().map(|verdict| ("verdict", verdict.as_str().to_owned()));
        let rules = self.rules.iter().map(|rule| ("rule", rule.as_str().to_owned()));
        let distributions = self.distributions.iter().map(|name| ("distribution", name.clone()));
        let mut pairs: Vec<_> = verdicts.chain(rules).chain(distributions).collect();
        let search = Some(&self.search).filter(|search| !search.is_empty());
        pairs.extend(search.map(|search| ("search", search.clone())));
        pairs.extend(self.sort.map(|sort| ("sort", sort.to_string())));
        pairs.extend(self.page.map(|page| ("page", page.to_string())));
        pairs.extend(self.per_page.map(|number| ("per_page", number.to_string())));
        pairs
    }
}

fn several<T: PartialEq>(
    pairs: &[Pair],
    name: &'static str,
    read: impl Fn(&str) -> Result<T, QueryError>,
) -> Result<Vec<T>, QueryError> {
    let mut values = Vec::new();
    for pair in pairs.iter().filter(|pair| pair.name == name) {
        let value = read(&pair.value)?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.len() > MOST_VALUES {
        let advice = "remove some values";
        return Err(QueryError::TooMany { name, most: MOST_VALUES, advice });
    }
    Ok(values)
}

fn rule(text: &str) -> Result<RuleId, QueryError> {
    rules::find(text).map(|rule| rule.id).ok_or_else(|| {
        let meant = rules::nearest(text).map(|rule| rule.name);
        QueryError::Rule { value: Shown::of(text), meant }
    })
}

const NAMES: [&str; 7] = ["verdict", "rule", "distribution", "search", "sort", "page", "per_page"];
/// Per filter.
const MOST_VALUES: usize = 64;
