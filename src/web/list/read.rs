//! Parses and validates queries from URLs, and writes them for links.

use crate::config::Shown;
use crate::rules::{self, RuleId};

use super::super::address::encoded;
use super::super::query::{Pair, QueryError, number, once, one_of, read};
use super::{MOST_CHARACTERS, MOST_PAGES, MOST_PER_PAGE, Query, VerdictFilter};

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
            sort: once(&pairs, "sort")?.map(str::parse).transpose()?,
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
