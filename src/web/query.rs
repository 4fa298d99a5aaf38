//! Strict parsing of query strings: names and values in percent-encoded UTF-8.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use percent_encoding::percent_decode_str;
use thiserror::Error;

use crate::config::Shown;
use crate::origin::DomainName;

/// Why parameters are not valid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum QueryError {
    #[error("the query is not percent-encoded UTF-8; write it as {example}")]
    NotDecodable { example: &'static str },
    #[error("unknown parameter {name}; use {}", alternatives(.known))]
    Unknown { name: Shown, known: &'static [&'static str] },
    #[error("{name} is given twice; give it once")]
    Twice { name: &'static str },
    #[error("{name}: the value is longer than {most} {unit}; shorten it")]
    TooLong { name: Shown, most: usize, unit: &'static str },
    #[error("{name}: the value contains a control character; remove it")]
    ControlCharacter { name: Shown },
    #[error("{name} is given more than {most} times; {advice}")]
    TooMany { name: &'static str, most: usize, advice: &'static str },
    #[error("{name}: {value} is not {expected}; use {known}")]
    Value { name: &'static str, value: Shown, expected: &'static str, known: String },
    #[error("rule: unknown rule {value}{}; see /rules", nearest(.meant))]
    Rule { value: Shown, meant: Option<&'static str> },
    #[error("target is missing; add the origin's domain, as in /probe?target=www.example.com")]
    NoTarget,
    #[error("{name}: {reason}")]
    Name { name: &'static str, reason: String },
    #[error("host: {host} is given twice; give each host once")]
    HostTwice { host: DomainName },
}

/// One `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
}

/// Returns the pairs in order; `None` if anything is not percent-encoded UTF-8.
pub(super) fn pairs(query: &str) -> Option<Vec<Pair>> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some(Pair { name: decoded(name)?, value: decoded(value)? })
        })
        .collect()
}

fn nearest(meant: &Option<&'static str>) -> String {
    meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default()
}

fn alternatives(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// Returns the pairs of a query that has no other names than `known`.
pub(super) fn read(
    query: &str,
    known: &'static [&'static str],
    example: &'static str,
) -> Result<Vec<Pair>, QueryError> {
    let pairs = pairs(query).ok_or(QueryError::NotDecodable { example })?;
    match pairs.iter().find(|pair| !known.contains(&&*pair.name)) {
        Some(pair) => Err(QueryError::Unknown { name: Shown::of(&pair.name), known }),
        None => Ok(pairs),
    }
}

/// Returns the value of a parameter that may be given once.
pub(super) fn once<'a>(
    pairs: &'a [Pair],
    name: &'static str,
) -> Result<Option<&'a str>, QueryError> {
    let mut values = pairs.iter().filter(|pair| pair.name == name).map(|pair| &*pair.value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(QueryError::Twice { name }),
    }
}

/// Returns the value of a parameter that is a number; `expected` describes it.
pub(super) fn number(
    pairs: &[Pair],
    name: &'static str,
    expected: &'static str,
    range: RangeInclusive<usize>,
) -> Result<Option<usize>, QueryError> {
    let Some(text) = once(pairs, name)? else { return Ok(None) };
    // `parse` would also accept a sign.
    let has_only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| has_only_digits && range.contains(number));
    number.map(Some).ok_or_else(|| {
        let known = format!("a number from {} to {}", range.start(), range.end());
        QueryError::Value { name, value: Shown::of(text), expected, known }
    })
}

/// Returns the value that `text` names; `expected` describes it.
pub(super) fn one_of<T: Copy>(
    name: &'static str,
    expected: &'static str,
    all: &[(&'static str, T)],
    text: &str,
) -> Result<T, QueryError> {
    let found = all.iter().find(|(spelling, _)| *spelling == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|(spelling, _)| *spelling).collect();
        QueryError::Value { name, value: Shown::of(text), expected, known: known.join(", ") }
    })
}

fn decoded(text: &str) -> Option<String> {
    let is_escape = |rest: &str| {
        rest.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    // The library would leave a `%` without two digits as it is.
    if !text.split('%').skip(1).all(is_escape) {
        return None;
    }
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::{Pair, pairs};

    #[test]
    fn a_query_is_read_to_the_letter() {
        for (query, expected) in [
            ("", Some(vec![])),
            ("&&", Some(vec![])),
            ("a=b", Some(vec![("a", "b")])),
            ("a=b&a=c&d", Some(vec![("a", "b"), ("a", "c"), ("d", "")])),
            ("a=b=c", Some(vec![("a", "b=c")])),
            ("a=https%3A%2F%2Fb%3a1&%41=+%20", Some(vec![("a", "https://b:1"), ("A", "  ")])),
            ("a=%c3%a9", Some(vec![("a", "é")])),
            ("a=%00%0d%0a", Some(vec![("a", "\0\r\n")])),
            ("a=%", None),
            ("a=%4", None),
            ("a=%+1", None),
            ("a=%zz", None),
            ("a=%ff", None),
            ("%c3=a", None),
        ] {
            let expected = expected.map(|pairs| {
                let pair =
                    |(name, value): (&str, &str)| Pair { name: name.into(), value: value.into() };
                pairs.into_iter().map(pair).collect::<Vec<_>>()
            });
            assert_eq!(pairs(query), expected, "{query}");
        }
    }
}
