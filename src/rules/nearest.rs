//! Which name was probably meant by one that nothing has.

use super::RULES;
use super::Rule;
use super::find;

/// Returns the rule whose id is most like `id`, if one is like it at all or contains it.
pub fn nearest(id: &str) -> Option<&'static Rule> {
    nearest_of(id, RULES.iter().map(|rule| rule.id)).and_then(find)
}

/// Returns the name that is most like `wanted`, if one is like it at all or contains it.
pub fn nearest_of<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // What is far longer than any name is none, and not worth its quadratic price.
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let wanted = wanted.to_ascii_lowercase().replace('_', "-");
    names
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (name, likeness(&wanted, &name.to_ascii_lowercase())))
        .filter(|(name, likeness)| {
            *likeness >= ALIKE || (wanted.len() >= TELLING && name.contains(&wanted))
        })
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(name, _)| name)
}

/// Returns how much two names have in common, 0 to 1, whatever the order of their words.
fn likeness(one: &str, other: &str) -> f64 {
    let sorted = |name: &str| {
        let mut words: Vec<&str> = name.split('-').collect();
        words.sort_unstable();
        words.join("-")
    };
    strsim::normalized_damerau_levenshtein(one, other)
        .max(strsim::normalized_damerau_levenshtein(&sorted(one), &sorted(other)))
}

/// From how much likeness on a name is taken for a misspelling of another: two of five letters may
/// differ.
const ALIKE: f64 = 0.6;

/// So many letters tell a name of which they are a part.
const TELLING: usize = 3;

const LONGEST: usize = 64;
