//! Strict parsing of query strings: names and values in percent-encoded UTF-8.

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

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
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
