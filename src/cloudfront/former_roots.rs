//! The roots that left Mozilla's list since 2020 while they were still valid.
//!
//! CloudFront follows that list, but how fast is not documented: a chain that ends in one of these
//! may or may not be trusted still.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;

/// A root certificate that Mozilla no longer has on its list for servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerRoot {
    /// The subject in the printable form of the chain's names.
    pub subject: &'static str,
    /// The SHA-256 of its subject public key info in DER, in lower-case hex.
    pub key_sha256: &'static str,
    /// Until when its own certificate is valid.
    pub not_after: Timestamp,
    /// The release date of the last copy of the list that has it.
    pub last_listed: Date,
    /// The release date of the first copy that has it no more.
    pub first_unlisted: Date,
}

impl FormerRoot {
    /// Tells whether the root's own certificate is valid at the instant `at`.
    pub fn is_valid(&self, at: Timestamp) -> bool {
        at.as_second() <= self.not_after.as_second()
    }

    /// Compares its subject with a name in printable form, without regard to case and runs of spaces
    /// (RFC 5280 §7.1).
    pub fn has_name(&self, name: &str) -> bool {
        let mut words = self.subject.split_whitespace();
        let same = |word: &str| words.next().is_some_and(|own| own.eq_ignore_ascii_case(word));
        name.split_whitespace().all(same) && words.next().is_none()
    }
}

/// Returns every root that has left, in the order of its leaving.
pub fn former_roots() -> &'static [FormerRoot] {
    static ALL: LazyLock<Vec<FormerRoot>> =
        LazyLock::new(|| TABLE.lines().filter_map(parse).collect());
    &ALL
}

/// One root a line: last listed, first unlisted, end, SHA-256 of the key, subject.
///
/// Made by comparing the certificates in releases of `certifi`, which republishes Mozilla's list
/// under its date, from 2019-11-28 to 2026-10-18; left out is what the list compiled in still has,
/// and what had ended when it left.
const TABLE: &str = include_str!("former_roots.tsv");

fn parse(line: &'static str) -> Option<FormerRoot> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    Some(FormerRoot {
        last_listed: next()?.parse().ok()?,
        first_unlisted: next()?.parse().ok()?,
        not_after: next()?.parse().ok()?,
        key_sha256: next()?,
        subject: next()?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TABLE;
    use super::former_roots;

    #[test]
    fn every_line_is_a_root_that_was_valid_when_it_left() {
        let all = former_roots();
        assert_eq!(all.len(), TABLE.lines().count());
        for root in all {
            assert!(root.last_listed < root.first_unlisted, "{root:?}");
            assert!(root.last_listed.year() >= 2019, "{root:?}");
            let left = root.first_unlisted.to_string();
            assert!(root.not_after.to_string() > left, "{root:?}");
            assert_eq!(root.key_sha256.len(), 64, "{root:?}");
            assert!(!root.subject.is_empty(), "{root:?}");
        }
        assert!(all.is_sorted_by_key(|root| root.first_unlisted));
    }

    #[test]
    fn names_of_former_roots_are_compared_without_case_and_runs_of_spaces() {
        let subject = "C=US, O=GeoTrust Inc., CN=GeoTrust Global CA";
        let root = former_roots().iter().find(|root| root.subject == subject).unwrap();
        for (name, same) in [
            (subject, true),
            ("C=us, O=GEOTRUST  Inc., CN=GeoTrust Global CA ", true),
            ("C=US, O=GeoTrust Inc., CN=GeoTrust Global", false),
            ("C=US, O=GeoTrust Inc., CN=GeoTrust Global CA 2", false),
        ] {
            assert_eq!(root.has_name(name), same, "{name}");
        }
    }

    #[test]
    fn no_key_stands_twice() {
        let keys: BTreeSet<_> = former_roots().iter().map(|r| (r.key_sha256, r.subject)).collect();
        assert_eq!(keys.len(), former_roots().len());
    }

    #[test]
    fn the_roots_of_the_great_removals_are_there() {
        for (subject, first_unlisted) in [
            ("C=US, O=DigiCert Inc, OU=www.digicert.com, CN=DigiCert Global Root CA", "2026-06-17"),
            ("C=BE, O=GlobalSign nv-sa, OU=Root CA, CN=GlobalSign Root CA", "2025-04-26"),
            ("C=US, O=GeoTrust Inc., CN=GeoTrust Global CA", "2020-12-05"),
        ] {
            let root = former_roots().iter().find(|root| root.subject == subject).unwrap();
            assert_eq!(root.first_unlisted.to_string(), first_unlisted, "{subject}");
        }
    }
}
