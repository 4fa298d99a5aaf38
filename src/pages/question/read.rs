//! A question as it stands in an address.

use std::str::FromStr;

use crate::config::Excerpt;
use crate::rules;

use super::super::query;
use super::super::query::Pair;
use super::BadQuestion;
use super::MOST_CHARACTERS;
use super::MOST_PAGES;
use super::MOST_PER_PAGE;
use super::Question;
use super::Wanted;
use super::fault::MOST_VALUES;

impl Question {
    /// Reads a query. An empty value is none: that is what a form sends of a field left alone.
    ///
    /// # Errors
    /// When anything in it is not known, rather than answer another question.
    pub(in super::super) fn read(query: &str) -> Result<Self, BadQuestion> {
        let mut pairs = query::pairs(query).ok_or(BadQuestion::NotDecodable)?;
        pairs.iter().try_for_each(check)?;
        pairs.retain(|pair| !pair.value.is_empty());
        Ok(Self {
            verdicts: several(&pairs, "verdict", verdict)?,
            rules: several(&pairs, "rule", rule)?,
            distributions: several(&pairs, "distribution", |name| Ok(name.to_owned()))?,
            search: once(&pairs, "search")?.unwrap_or_default().trim().to_owned(),
            sort: once(&pairs, "sort")?.map(str::parse).transpose()?,
            page: number(&pairs, "page", MOST_PAGES, |value| BadQuestion::Page { value })?,
            per_page: number(&pairs, "per_page", MOST_PER_PAGE, |value| BadQuestion::PerPage {
                value,
            })?,
        })
    }
}

fn check(pair: &Pair) -> Result<(), BadQuestion> {
    let name = || Excerpt::of(&pair.name);
    if !NAMES.contains(&&*pair.name) {
        return Err(BadQuestion::Unknown { name: name() });
    }
    if pair.value.chars().count() > MOST_CHARACTERS {
        return Err(BadQuestion::TooLong { name: name() });
    }
    Ok(())
}

fn several<T: PartialEq>(
    pairs: &[Pair],
    name: &'static str,
    read: impl Fn(&str) -> Result<T, BadQuestion>,
) -> Result<Vec<T>, BadQuestion> {
    let mut values = Vec::new();
    for pair in pairs.iter().filter(|pair| pair.name == name) {
        let value = read(&pair.value)?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.len() > MOST_VALUES { Err(BadQuestion::TooMany { name }) } else { Ok(values) }
}

fn once<'a>(pairs: &'a [Pair], name: &'static str) -> Result<Option<&'a str>, BadQuestion> {
    let mut values = pairs.iter().filter(|pair| pair.name == name).map(|pair| &*pair.value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(BadQuestion::Twice { name }),
    }
}

fn number(
    pairs: &[Pair],
    name: &'static str,
    most: usize,
    refused: impl Fn(Excerpt) -> BadQuestion,
) -> Result<Option<usize>, BadQuestion> {
    let Some(text) = once(pairs, name)? else { return Ok(None) };
    let number = usize::from_str(text).ok().filter(|number| (1..=most).contains(number));
    // A sign would be taken, too.
    let number = number.filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.map(Some).ok_or_else(|| refused(Excerpt::of(text)))
}

fn verdict(text: &str) -> Result<Wanted, BadQuestion> {
    Wanted::ALL.into_iter().find(|wanted| wanted.as_str() == text).ok_or_else(|| {
        let known = Wanted::ALL.map(Wanted::as_str).join(", ");
        BadQuestion::Value { name: "verdict", value: Excerpt::of(text), known }
    })
}

fn rule(text: &str) -> Result<&'static str, BadQuestion> {
    rules::find(text).map(|rule| rule.id).ok_or_else(|| {
        let meant = rules::nearest(text).map(|rule| rule.id);
        BadQuestion::Rule { value: Excerpt::of(text), meant }
    })
}

const NAMES: [&str; 7] = ["verdict", "rule", "distribution", "search", "sort", "page", "per_page"];

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::super::Question;
    use super::super::Sort;
    use super::super::Wanted;

    #[test]
    fn every_parameter_is_read() {
        let query = "verdict=fails&verdict=fails-next&rule=certificate-expired&distribution=E1&\
                     search=+www.shop%20&sort=-origin&page=3&per_page=50";
        let expected = Question {
            verdicts: vec![Wanted::Fails, Wanted::FailsNext],
            rules: vec!["certificate-expired"],
            distributions: vec!["E1".to_owned()],
            search: "www.shop".to_owned(),
            sort: Some(Sort { order: Order::Origin, is_reversed: true }),
            page: Some(3),
            per_page: Some(50),
        };
        assert_eq!(Question::read(query), Ok(expected));
    }

    #[test]
    fn what_a_form_leaves_empty_is_not_asked_for() {
        let query = "verdict=&rule=&distribution=&search=&sort=&page=&per_page=";
        assert_eq!(Question::read(query), Ok(Question::default()));
    }

    #[test]
    fn the_same_value_twice_is_one() {
        let question = Question::read("verdict=fails&verdict=fails").unwrap();
        assert_eq!(question.verdicts, [Wanted::Fails]);
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        for (query, expected) in [
            (
                "verdict=broken",
                "verdict: `broken` is not known; use fails, fails-next, undecided, answers, \
                 not-applicable",
            ),
            (
                "rule=certificate-expird",
                "rule: `certificate-expird` is no rule, did you mean certificate-expired?; /rules \
                 lists them",
            ),
            ("rule=x", "rule: `x` is no rule; /rules lists them"),
            (
                "sort=size",
                "sort: `size` is not known; use urgency, first-failure, origin, domain, \
                 distribution, addresses, probed, or one of these after a `-`",
            ),
            ("page=0", "page: `0` is no page; use a number from 1 to 1000000"),
            ("page=%2B1", "page: `+1` is no page; use a number from 1 to 1000000"),
            (
                "page=99999999999999999999",
                "page: `99999999999999999999` is no page; use a number from 1 to 1000000",
            ),
            ("per_page=1001", "per_page: `1001` is not taken; use a number from 1 to 1000"),
            ("sort=origin&sort=domain", "sort is given twice; give it once"),
            (
                "verdct=fails",
                "`verdct` is no parameter; there are verdict, rule, distribution, search, sort, \
                 page and per_page",
            ),
            (
                "search=%ff",
                "the query is not percent-encoded UTF-8; write it as ?search=www.example.com",
            ),
        ] {
            let error = Question::read(query).unwrap_err();
            assert_eq!(error.to_string(), expected, "{query}");
        }
        let long = format!("search={}", "a".repeat(257));
        let error = Question::read(&long).unwrap_err();
        assert_eq!(error.to_string(), "the value of `search` is longer than 256 characters");
    }
}
