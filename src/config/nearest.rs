//! Which key was probably meant by one that is not known.

use crate::config::key::Key;

/// Returns the known key that was probably meant: at most a third of its letters are wrong.
pub(super) fn nearest(key: &str, known: &'static [Key]) -> Option<&'static str> {
    let key = key.to_ascii_lowercase().replace('-', "_");
    if key.len() > LONGEST_KEY {
        return None;
    }
    let length = key.chars().count();
    known
        .iter()
        .filter_map(|candidate| {
            let most = candidate.name.len().div_ceil(3).min(3);
            // A file of garbage has a thousand keys to compare; most differ too much in length.
            let distance = (candidate.name.len().abs_diff(length) <= most)
                .then(|| strsim::osa_distance(&key, candidate.name))?;
            (distance <= most).then_some((distance, candidate.name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// No known key is as long; what is longer was not mistyped.
const LONGEST_KEY: usize = 32;

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
