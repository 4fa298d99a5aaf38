//! Which origin an address means, and the address of an origin.

use std::sync::Arc;

use crate::origin::OriginKey;
use crate::report::Entry;

use super::super::address::encoded;
use super::super::query::pairs;

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) id: String,
    distribution: Option<String>,
    domain: Option<String>,
    /// Which of the served chains, counted from 1.
    pub(super) chain: usize,
}

impl Wanted {
    /// Reads the query; `None` where that is not possible.
    pub(super) fn new(id: String, query: Option<&str>) -> Option<Self> {
        let mut wanted = Self { id, distribution: None, domain: None, chain: 1 };
        for pair in pairs(query.unwrap_or_default())? {
            match pair.name.as_str() {
                "distribution" => wanted.distribution = Some(pair.value),
                "domain" => wanted.domain = Some(pair.value.to_ascii_lowercase()),
                "chain" => wanted.chain = pair.value.parse().ok()?,
                _ => {}
            }
        }
        Some(wanted)
    }

    fn is(&self, key: &OriginKey) -> bool {
        *self.id == *key.id
            && self.distribution.as_ref().is_none_or(|wanted| **wanted == *key.distribution)
            && self.domain.as_ref().is_none_or(|wanted| wanted == key.domain.as_str())
    }
}

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    One(Arc<Entry>),
    /// More than one has this id: it takes a distribution or a domain to tell them apart.
    Several(Vec<Arc<Entry>>),
    /// None, and those that are most like it.
    None(Vec<Arc<Entry>>),
}

pub(super) fn find(entries: &[Arc<Entry>], wanted: &Wanted) -> Found {
    let mut found = entries.iter().filter(|entry| wanted.is(&entry.origin.key));
    match (found.next(), found.next()) {
        (None, _) => Found::None(near(entries, &wanted.id)),
        (Some(one), None) => Found::One(Arc::clone(one)),
        (Some(one), Some(other)) => {
            let all = [one, other].into_iter().chain(found);
            Found::Several(all.take(CHOICES).cloned().collect())
        }
    }
}

/// Returns the origins whose id, domain or distribution is most like what was asked for.
fn near(entries: &[Arc<Entry>], id: &str) -> Vec<Arc<Entry>> {
    if id.is_empty() || id.len() > LONGEST {
        return Vec::new();
    }
    let id = id.to_lowercase();
    let mut near: Vec<(f64, &Arc<Entry>)> = entries
        .iter()
        .filter_map(|entry| {
            let key = &entry.origin.key;
            let names = [&*key.id, key.domain.as_str(), &*key.distribution];
            let likeness = names.iter().map(|name| likeness(&id, name)).fold(0.0, f64::max);
            (likeness >= ALIKE).then_some((likeness, entry))
        })
        .collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(NEAR).map(|(_, entry)| Arc::clone(entry)).collect()
}

/// Returns how much a name is like what was asked for, 0 to 1.
fn likeness(wanted: &str, name: &str) -> f64 {
    let name = name.to_lowercase();
    if name == wanted {
        return 1.0;
    }
    let (short, long) = (wanted.len().min(name.len()), wanted.len().max(name.len()));
    if short >= SHORTEST_PART && (name.contains(wanted) || wanted.contains(&name)) {
        return 0.9;
    }
    // What differs that much in length is not alike, and need not be measured.
    if short * 2 < long || long > LONGEST {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(wanted, &name)
}

/// Returns the address of an origin's page, which no other origin has.
pub(super) fn full_href(key: &OriginKey) -> String {
    format!("/origins/{}{}", encoded(&key.id), query(key))
}

/// Returns where the chain of that number, counted from 1, can be had.
pub(super) fn chain_href(key: &OriginKey, number: usize) -> String {
    let chain = if number == 1 { String::new() } else { format!("&chain={number}") };
    format!("/origins/{}/chain.pem{}{chain}", encoded(&key.id), query(key))
}

fn query(key: &OriginKey) -> String {
    let (distribution, domain) = (encoded(&key.distribution), encoded(key.domain.as_str()));
    format!("?distribution={distribution}&domain={domain}")
}

/// From how much likeness on a name is taken for the one that was meant.
const ALIKE: f64 = 0.75;
const NEAR: usize = 8;
const CHOICES: usize = 200;
const SHORTEST_PART: usize = 3;
/// No id is as long that somebody mistypes; measuring has a quadratic price.
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::origin::Origin;
    use crate::report::Entry;

    use super::Found;
    use super::Wanted;
    use super::find;
    use super::full_href;

    fn entry(distribution: &str, id: &str, domain: &str) -> Arc<Entry> {
        let mut origin = Origin::with_defaults(domain.parse().unwrap());
        origin.key.distribution = distribution.into();
        origin.key.id = id.into();
        Arc::new(Entry::new(Arc::new(origin)))
    }

    fn entries() -> Vec<Arc<Entry>> {
        vec![
            entry("", "shop", "origin.shop.example"),
            entry("E1", "alb", "alb.example"),
            entry("E2", "alb", "alb.example"),
            entry("E2", "alb", "other.example"),
            entry("", "a/b ü?#%", "c.example"),
        ]
    }

    fn names(found: Found) -> (usize, Vec<String>) {
        let name = |entry: &Arc<Entry>| format!("{} {}", entry.origin.key, entry.origin.domain());
        match found {
            Found::One(entry) => (1, vec![name(&entry)]),
            Found::Several(all) => (2, all.iter().map(name).collect()),
            Found::None(near) => (0, near.iter().map(name).collect()),
        }
    }

    #[test]
    fn an_id_that_several_have_takes_a_distribution_and_a_domain() {
        for (id, query, expected) in [
            ("shop", None, (1, vec!["shop origin.shop.example"])),
            ("shop", Some("distribution="), (1, vec!["shop origin.shop.example"])),
            ("shop", Some("distribution=E1"), (0, vec!["shop origin.shop.example"])),
            (
                "alb",
                None,
                (2, vec!["E1/alb alb.example", "E2/alb alb.example", "E2/alb other.example"]),
            ),
            ("alb", Some("distribution=E1"), (1, vec!["E1/alb alb.example"])),
            (
                "alb",
                Some("distribution=E2&domain=OTHER.example"),
                (1, vec!["E2/alb other.example"]),
            ),
            ("shpo", None, (0, vec!["shop origin.shop.example"])),
            ("SHOP", None, (0, vec!["shop origin.shop.example"])),
            ("shop.example", None, (0, vec!["shop origin.shop.example"])),
            ("elephant", None, (0, vec![])),
            ("", None, (0, vec![])),
        ] {
            let wanted = Wanted::new(id.to_owned(), query).unwrap();
            let (count, found) = names(find(&entries(), &wanted));
            assert_eq!((count, found.iter().map(String::as_str).collect()), expected, "{id}");
        }
    }

    #[test]
    fn an_id_of_any_letters_has_an_address() {
        let hrefs: Vec<String> = entries().iter().map(|e| full_href(&e.origin.key)).collect();
        assert_eq!(hrefs[0], "/origins/shop?distribution=&domain=origin.shop.example");
        assert_eq!(hrefs[1], "/origins/alb?distribution=E1&domain=alb.example");
        assert_eq!(hrefs[4], "/origins/a%2Fb%20%C3%BC%3F%23%25?distribution=&domain=c.example");
    }

    #[test]
    fn a_query_that_cannot_be_read_is_refused() {
        for query in ["domain=%zz", "chain=-1", "chain=x", "domain=%ff"] {
            assert_eq!(Wanted::new("shop".to_owned(), Some(query)), None, "{query}");
        }
    }
}
