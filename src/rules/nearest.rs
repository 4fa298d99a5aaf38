//! Which rule was probably meant by an id that none has.

use super::RULES;
use super::Rule;

/// Returns the rule whose id is most like `id`, if one is like it at all or contains it.
pub fn nearest(id: &str) -> Option<&'static Rule> {
    // What is far longer than any id is none, and not worth its quadratic price.
    if id.is_empty() || id.len() > LONGEST {
        return None;
    }
    let id = id.to_ascii_lowercase().replace('_', "-");
    RULES
        .iter()
        .map(|rule| (*rule, likeness(&id, rule.id)))
        .filter(|(rule, likeness)| *likeness >= ALIKE || rule.id.contains(&id))
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(rule, _)| rule)
}

/// Returns how much two ids have in common, 0 to 1, whatever the order of their words.
fn likeness(one: &str, other: &str) -> f64 {
    let sorted = |id: &str| {
        let mut words: Vec<&str> = id.split('-').collect();
        words.sort_unstable();
        words.join("-")
    };
    strsim::normalized_damerau_levenshtein(one, other)
        .max(strsim::normalized_damerau_levenshtein(&sorted(one), &sorted(other)))
}

/// From how much likeness on an id is taken for a misspelling of another: two of five letters may
/// differ.
const ALIKE: f64 = 0.6;

const LONGEST: usize = 64;
