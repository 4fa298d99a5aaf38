//! Suggestions for misspelled names of keys, rules and origins.

/// Returns the name most similar to `wanted`; `None` if none is similar enough.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = names.into_iter().map(|name| (likeness(wanted, name), name));
    let alike = scored.filter(|(likeness, _)| *likeness >= ALIKE);
    alike.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, name)| name)
}

/// Returns the similarity of two names, from 0 to 1, ignoring case and word order. At [`ALIKE`] or
/// above, one is probably a misspelling of the other.
pub fn likeness(wanted: &str, name: &str) -> f64 {
    let (short, long) = (wanted.len().min(name.len()), wanted.len().max(name.len()));
    // Longer texts are not names, and the comparison takes quadratic time.
    if short == 0 || long > LONGEST {
        return 0.0;
    }
    let [wanted, name] = [wanted, name].map(|name| name.to_lowercase().replace('_', "-"));
    if long - short <= LONGEST_CHARACTER && strsim::damerau_levenshtein(&wanted, &name) == 1 {
        return ONE_TYPO;
    }
    if short >= TELLING && (name.contains(&wanted) || wanted.contains(&name)) {
        return 0.75 + 0.25 * short as f64 / long as f64;
    }
    // Names that differ so much in length cannot be similar enough.
    if short * 2 < long {
        return 0.0;
    }
    let sorted = |name: &str| {
        let mut words: Vec<&str> = name.split('-').collect();
        words.sort_unstable();
        words.join("-")
    };
    let alike = strsim::normalized_damerau_levenshtein(&wanted, &name);
    alike.max(strsim::normalized_damerau_levenshtein(&sorted(&wanted), &sorted(&name)))
}

/// The similarity from which a name counts as a misspelling of another: a quarter of the letters
/// may differ.
pub const ALIKE: f64 = 0.75;

/// The similarity of names that differ by one typo, which is likelier than a missing word of any
/// length.
const ONE_TYPO: f64 = 0.999;

/// In UTF-8.
const LONGEST_CHARACTER: usize = 4;

/// The minimum length of a name that matches a longer one as a substring.
const TELLING: usize = 3;

/// Longer than any name.
const LONGEST: usize = 128;
