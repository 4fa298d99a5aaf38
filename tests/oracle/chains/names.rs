//! Where the end entity names its host: alternative names and common name, in every shape.

use crate::common::forge::{element, oid, sequence};

use super::DOMAIN;
use super::case::{Case, leaf};
use super::certificate::{
    BMP_STRING, COMMON_NAME, IA5_STRING, PRINTABLE_STRING, Plan, SUBJECT_ALT_NAME, T61_STRING,
    UNIVERSAL_STRING, UTF8_STRING, attribute, dns, name,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for presented in DNS_NAMES {
        let names = dns(presented);
        cases.push(leaf(&format!("dns/{presented:?}"), |plan| alternative(plan, &names)));
    }
    for (oddity, octets) in DNS_OCTETS {
        let name = element(0x82, octets);
        let both = [&name[..], &dns(DOMAIN)].concat();
        let case = format!("dns-octets/{oddity}");
        cases.extend([
            leaf(&format!("{case}/alone"), |plan| alternative(plan, &name)),
            leaf(&format!("{case}/before-the-good-one"), |plan| alternative(plan, &both)),
        ]);
    }
    for (oddity, name) in other_names() {
        let both = [&name[..], &dns(DOMAIN)].concat();
        cases.extend([
            leaf(&format!("other/{oddity}/beside-the-good-one"), |plan| alternative(plan, &both)),
            leaf(&format!("other/{oddity}/with-the-common-name"), |plan| {
                named(plan, UTF8_STRING, DOMAIN.as_bytes());
                alternative(plan, &name);
            }),
        ]);
    }
    for presented in COMMON_NAMES {
        let name = format!("common-name/{presented:?}");
        cases.push(leaf(&name, |plan| only_named(plan, UTF8_STRING, presented.as_bytes())));
    }
    cases.extend(strings());
    cases.extend(shapes());
    cases
}

/// Gives the end entity a common name.
fn named(plan: &mut Plan, tag: u8, value: &[u8]) {
    plan.subject = sequence(&attribute(&(COMMON_NAME, tag, value)));
}

/// The same without an alternative name.
fn only_named(plan: &mut Plan, tag: u8, value: &[u8]) {
    named(plan, tag, value);
    plan.remove(SUBJECT_ALT_NAME);
}

/// Sets the alternative names.
fn alternative(plan: &mut Plan, names: &[u8]) {
    plan.set(SUBJECT_ALT_NAME, false, &sequence(names));
}

const DNS_NAMES: [&str; 24] = [
    "ORIGIN.EXAMPLE.COM",
    "*.example.com",
    "*.EXAMPLE.com",
    "*.com",
    "*",
    "*.*.com",
    "*.origin.example.com",
    "origin.*.com",
    "o*.example.com",
    "*n.example.com",
    "o*n.example.com",
    "**.example.com",
    ".example.com",
    "example.com",
    "www.origin.example.com",
    "origin.example.com.",
    "*.example.com.",
    "https://origin.example.com/",
    "origin.example.com:443",
    "origin.example.com ",
    " origin.example.com",
    "xn--origin-.example.com",
    "origin_.example.com",
    "other.example.com",
];

const DNS_OCTETS: [(&str, &[u8]); 9] = [
    ("empty", b""),
    ("a-null-character-after", b"origin.example.com\0"),
    ("a-null-character-within", b"origin.example.com\0.example.org"),
    ("utf-8", "b\u{fc}cher.example".as_bytes()),
    ("latin-1", b"b\xfccher.example"),
    ("an-underscore", b"some_host.example.com"),
    ("a-space", b"some host.example.com"),
    ("a-label-of-64-letters", &[b'a'; 64]),
    ("300-letters", &[b'a'; 300]),
];

/// Alternative names of other forms.
fn other_names() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("ip-address", element(0x87, &[192, 0, 2, 1])),
        ("ip-address-of-3-octets", element(0x87, &[192, 0, 2])),
        ("ip-address-of-no-octets", element(0x87, &[])),
        ("uri", element(0x86, b"https://origin.example.com/")),
        ("uri-that-is-the-domain", element(0x86, DOMAIN.as_bytes())),
        ("uri-without-anything", element(0x86, b"")),
        ("mail", element(0x81, b"admin@example.com")),
        ("mail-without-an-at", element(0x81, b"admin")),
        ("directory", element(0xa4, &name(&[(COMMON_NAME, UTF8_STRING, b"Some site")]))),
        ("registered-id", element(0x88, &[0x2a, 3, 4])),
        ("other-name", other_name()),
        ("x400-address", element(0xa3, &[])),
        ("an-unknown-form", element(0x89, b"a")),
        ("another-domain", dns("www.example.org")),
    ]
}

fn other_name() -> Vec<u8> {
    element(0xa0, &[oid(&[0x2a, 3, 4]), element(0xa0, &element(0x0c, b"a"))].concat())
}

const COMMON_NAMES: [&str; 9] = [
    DOMAIN,
    "ORIGIN.EXAMPLE.COM",
    "*.example.com",
    "*.com",
    "o*.example.com",
    "origin.example.com.",
    "https://origin.example.com",
    "other.example.com",
    "192.0.2.1",
];

/// The common name alone, in every type of string.
fn strings() -> Vec<Case> {
    let wide = |width: usize| -> Vec<u8> {
        let wide = |octet: u8| std::iter::repeat_n(0, width - 1).chain([octet]);
        DOMAIN.bytes().flat_map(wide).collect()
    };
    [
        ("printable", PRINTABLE_STRING, DOMAIN.as_bytes().to_vec()),
        ("ia5", IA5_STRING, DOMAIN.as_bytes().to_vec()),
        ("t61", T61_STRING, DOMAIN.as_bytes().to_vec()),
        ("bmp", BMP_STRING, wide(2)),
        ("bmp-in-one-octet-each", BMP_STRING, DOMAIN.as_bytes().to_vec()),
        ("universal", UNIVERSAL_STRING, wide(4)),
        ("octets", 0x04, DOMAIN.as_bytes().to_vec()),
        ("null-character-after", UTF8_STRING, b"origin.example.com\0".to_vec()),
        ("empty", UTF8_STRING, Vec::new()),
    ]
    .into_iter()
    .map(|(oddity, tag, value)| {
        leaf(&format!("common-name-string/{oddity}"), |plan| only_named(plan, tag, &value))
    })
    .collect()
}

/// No name, several common names, and an extension that is empty, critical or malformed.
fn shapes() -> Vec<Case> {
    let two = |first: &str, last: &str| {
        let part = |text: &str| attribute(&(COMMON_NAME, UTF8_STRING, text.as_bytes()));
        sequence(&[part(first), part(last)].concat())
    };
    let long = format!("{}.example.com", "a".repeat(250));
    vec![
        leaf("shape/no-name", |plan| {
            plan.subject = sequence(&[]);
            plan.remove(SUBJECT_ALT_NAME);
        }),
        leaf("shape/an-empty-extension-with-the-common-name", |plan| {
            named(plan, UTF8_STRING, DOMAIN.as_bytes());
            alternative(plan, &[]);
        }),
        leaf("shape/a-malformed-extension-with-the-common-name", |plan| {
            named(plan, UTF8_STRING, DOMAIN.as_bytes());
            plan.set(SUBJECT_ALT_NAME, false, &[0x30, 9, 1]);
        }),
        leaf("shape/an-extension-with-octets-after-it", |plan| {
            let names = [sequence(&dns(DOMAIN)), vec![5, 0]].concat();
            plan.set(SUBJECT_ALT_NAME, false, &names);
        }),
        leaf("shape/critical-with-a-subject", |plan| {
            plan.set(SUBJECT_ALT_NAME, true, &sequence(&dns(DOMAIN)));
        }),
        leaf("shape/critical-without-a-subject", |plan| {
            plan.subject = sequence(&[]);
            plan.set(SUBJECT_ALT_NAME, true, &sequence(&dns(DOMAIN)));
        }),
        leaf("shape/the-first-of-two-common-names", |plan| {
            plan.subject = two(DOMAIN, "Some site");
            plan.remove(SUBJECT_ALT_NAME);
        }),
        leaf("shape/the-last-of-two-common-names", |plan| {
            plan.subject = two("Some site", DOMAIN);
            plan.remove(SUBJECT_ALT_NAME);
        }),
        leaf("shape/a-common-name-of-262-letters", |plan| {
            only_named(plan, UTF8_STRING, long.as_bytes());
        }),
        leaf("shape/the-good-name-after-5000-others", |plan| {
            let others = (0..5000).map(|n| dns(&format!("n{n}.example.com")));
            alternative(plan, &others.chain([dns(DOMAIN)]).flatten().collect::<Vec<u8>>());
        }),
    ]
}
