//! Parses and validates queries from URLs, and writes them for links.

use std::str::FromStr;

use thiserror::Error;

use crate::config::Shown;
use crate::rules::{self, RuleId};

use super::super::address::encoded;
use super::super::query;
use super::super::query::Pair;
use super::{MOST_CHARACTERS, MOST_PAGES, MOST_PER_PAGE, Query, VerdictFilter};

/// Why a query is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(in super::super) enum QueryError {
    #[error("the query is not percent-encoded UTF-8; write it as ?search=www.example.com")]
    NotDecodable,
    #[error(
        "unknown parameter {name}; use verdict, rule, distribution, search, sort, page or \
         per_page"
    )]
    Unknown { name: Shown },
    #[error("{name} is given twice; give it once")]
    Twice { name: &'static str },
    #[error("{name}: the value is longer than {MOST_CHARACTERS} characters; shorten it")]
    TooLong { name: Shown },
    #[error("{name} is given more than {MOST_VALUES} times; remove some values")]
    TooMany { name: &'static str },
    #[error("{name}: {value} is not known; use {known}")]
    Value { name: &'static str, value: Shown, known: String },
    #[error("rule: unknown rule {value}{}; see /rules", nearest(.meant))]
    Rule { value: Shown, meant: Option<&'static str> },
    #[error("page: {value} is not a page number; use a number from 1 to {MOST_PAGES}")]
    Page { value: Shown },
    #[error("per_page: {value} is not a valid page size; use a number from 1 to {MOST_PER_PAGE}")]
    PerPage { value: Shown },
}

fn nearest(meant: &Option<&'static str>) -> String {
    meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default()
}

impl Query {
    /// Parses a query. Empty values are ignored, because forms send them for empty fields.
    ///
    /// # Errors
    /// If the query contains anything unknown, because the result would not be what was asked for.
    pub(in super::super) fn read(query: &str) -> Result<Self, QueryError> {
        let mut pairs = query::pairs(query).ok_or(QueryError::NotDecodable)?;
        pairs.iter().try_for_each(check)?;
        pairs.retain(|pair| !pair.value.is_empty());
        Ok(Self {
            verdicts: several(&pairs, "verdict", verdict)?,
            rules: several(&pairs, "rule", rule)?,
            distributions: several(&pairs, "distribution", |name| Ok(name.to_owned()))?,
            search: once(&pairs, "search")?.unwrap_or_default().trim().to_owned(),
            sort: once(&pairs, "sort")?.map(str::parse).transpose()?,
            page: number(&pairs, "page", MOST_PAGES, |value| QueryError::Page { value })?,
            per_page: number(&pairs, "per_page", MOST_PER_PAGE, |value| QueryError::PerPage {
                value,
            })?,
        })
    }
}

impl Query {
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

fn check(pair: &Pair) -> Result<(), QueryError> {
    let name = || Shown::of(&pair.name);
    if !NAMES.contains(&&*pair.name) {
        return Err(QueryError::Unknown { name: name() });
    }
    if pair.value.chars().count() > MOST_CHARACTERS {
        return Err(QueryError::TooLong { name: name() });
    }
    Ok(())
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
    if values.len() > MOST_VALUES { Err(QueryError::TooMany { name }) } else { Ok(values) }
}

fn once<'a>(pairs: &'a [Pair], name: &'static str) -> Result<Option<&'a str>, QueryError> {
    let mut values = pairs.iter().filter(|pair| pair.name == name).map(|pair| &*pair.value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(QueryError::Twice { name }),
    }
}

fn number(
    pairs: &[Pair],
    name: &'static str,
    most: usize,
    refused: impl Fn(Shown) -> QueryError,
) -> Result<Option<usize>, QueryError> {
    let Some(text) = once(pairs, name)? else { return Ok(None) };
    let number = usize::from_str(text).ok().filter(|number| (1..=most).contains(number));
    // `from_str` would also accept a sign.
    let number = number.filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.map(Some).ok_or_else(|| refused(Shown::of(text)))
}

fn verdict(text: &str) -> Result<VerdictFilter, QueryError> {
    VerdictFilter::ALL.into_iter().find(|wanted| wanted.as_str() == text).ok_or_else(|| {
        let known = VerdictFilter::ALL.map(VerdictFilter::as_str).join(", ");
        QueryError::Value { name: "verdict", value: Shown::of(text), known }
    })
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

#[cfg(test)]
mod tests {
    use crate::rules::RuleId;
    use expect_test::expect_file;

    use super::super::{Order, Query, Sort, VerdictFilter};

    #[test]
    fn every_parameter_is_read() {
        let query = "verdict=fails&verdict=fails-next&rule=certificate-expired&distribution=E1&\
                     search=+www.shop%20&sort=-origin&page=3&per_page=50";
        let expected = Query {
            verdicts: vec![VerdictFilter::Fails, VerdictFilter::FailsNext],
            rules: vec![RuleId::CertificateExpired],
            distributions: vec!["E1".to_owned()],
            search: "www.shop".to_owned(),
            sort: Some(Sort { order: Order::Origin, is_reversed: true }),
            page: Some(3),
            per_page: Some(50),
        };
        assert_eq!(Query::read(query), Ok(expected));
    }

    #[test]
    fn what_a_form_leaves_empty_is_not_asked_for() {
        let query = "verdict=&rule=&distribution=&search=&sort=&page=&per_page=";
        assert_eq!(Query::read(query), Ok(Query::default()));
    }

    #[test]
    fn the_same_value_twice_is_one() {
        let question = Query::read("verdict=fails&verdict=fails").unwrap();
        assert_eq!(question.verdicts, [VerdictFilter::Fails]);
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        let long = format!("search={}", "a".repeat(257));
        let refused = [
            "verdict=broken",
            "rule=certificate-expird",
            "rule=x",
            "sort=size",
            "page=0",
            "page=%2B1",
            "page=99999999999999999999",
            "per_page=1001",
            "sort=origin&sort=domain",
            "verdct=fails",
            "search=%ff",
            &long,
        ]
        .map(|query| format!("# {query:.30}\n{}\n", Query::read(query).unwrap_err()));
        expect_file!["../../../tests/snapshots/queries.txt"].assert_eq(&refused.join("\n"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let query = "verdict=fails&rule=not-tls&distribution=E1&distribution=none&\
                     search=a%26b%3D%25%20%22%C3%A9%22&sort=-first-failure&page=2&per_page=10";
        let question = Query::read(query).unwrap();
        assert_eq!(question.address("/"), format!("/?{query}"));
        assert_eq!(Query::default().address("/"), "/");
    }
}
