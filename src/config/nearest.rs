//! Which key was probably meant by one that is not known.

use crate::config::key::Key;

/// Returns the known key that was probably meant: at most a third of its letters are wrong.
pub(super) fn nearest(key: &str, known: &'static [Key]) -> Option<&'static str> {
    let key = key.to_ascii_lowercase().replace('-', "_");
    if key.len() > LONGEST_KEY {
        return None;
    }
    known
        .iter()
        .map(|candidate| (distance(&key, candidate.name), candidate.name))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3).min(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// No known key is as long; what is longer was not mistyped.
const LONGEST_KEY: usize = 32;

/// Returns how many letters must be put in, left out, replaced or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<_>, Vec<_>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=to.len()).collect();
    for i in 1..=from.len() {
        for j in 1..=to.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use crate::config::key::Key;
    use crate::config::key::key;

    #[test]
    fn a_mistyped_key_is_recognised() {
        const KNOWN: &[Key] = &[
            key("id", ""),
            key("domain", ""),
            key("https_port", ""),
            key("interval", ""),
            key("labels", ""),
        ];
        for (mistyped, meant) in [
            ("https_prot", Some("https_port")),
            ("httpsport", Some("https_port")),
            ("HTTPS-Port", Some("https_port")),
            ("intervall", Some("interval")),
            ("label", Some("labels")),
            ("di", Some("id")),
            ("name", None),
            ("", None),
            ("colour", None),
            (&"x".repeat(10_000), None),
        ] {
            assert_eq!(nearest(mistyped, KNOWN), meant, "{mistyped}");
        }
    }
}
