use std::collections::BTreeSet;

use origin_probe::cloudfront::former_roots;

const TABLE: &str = include_str!("../../../src/cloudfront/former_roots.tsv");

#[test]
fn every_line_is_a_root_that_was_valid_when_it_left() {
    let all = former_roots();
    assert_eq!(all.len(), TABLE.lines().count());
    for root in all {
        assert!(root.last_listed < root.first_unlisted, "{root:?}");
        assert!(root.last_listed.year() >= 2019, "{root:?}");
        assert!(root.not_after.to_string() > root.first_unlisted.to_string(), "{root:?}");
        assert_eq!(root.key_sha256.len(), 64, "{root:?}");
        assert!(!root.subject.is_empty(), "{root:?}");
    }
    assert!(all.is_sorted_by_key(|root| root.first_unlisted));
    let keys: BTreeSet<_> = all.iter().map(|root| (root.key_sha256, root.subject)).collect();
    assert_eq!(keys.len(), all.len());
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
        for (name, is_same) in [
            (subject.to_owned(), true),
            (format!("{} ", subject.replace(' ', "  ").to_uppercase()), true),
            (format!("{subject} 2"), false),
            (subject[..subject.len() - 3].to_owned(), false),
        ] {
            assert_eq!(root.has_name(&name), is_same, "{name}");
        }
    }
}
