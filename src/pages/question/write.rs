//! A question written into an address, for links.

use super::super::address::encoded;
use super::Question;

impl Question {
    /// Returns the address of the page at `path` that answers this question.
    pub(in super::super) fn address(&self, path: &str) -> String {
        let pairs = self.pairs();
        if pairs.is_empty() {
            return path.to_owned();
        }
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        format!("{path}?{}", pairs.join("&"))
    }

    /// Returns the parameters that say the same.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let verdicts = self.verdicts.iter().map(|verdict| ("verdict", verdict.as_str().to_owned()));
        let rules = self.rules.iter().map(|rule| ("rule", (*rule).to_owned()));
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

#[cfg(test)]
mod tests {
    use super::super::Question;

    #[test]
    fn what_is_written_is_read_back() {
        let query = "verdict=fails&rule=not-tls&distribution=E1&distribution=none&\
                     search=a%26b%3D%25%20%22%C3%A9%22&sort=-first-failure&page=2&per_page=10";
        let question = Question::read(query).unwrap();
        assert_eq!(question.address("/"), format!("/?{query}"));
        assert_eq!(Question::default().address("/"), "/");
    }
}
