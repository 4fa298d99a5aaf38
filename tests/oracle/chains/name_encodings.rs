//! Issuer and subject names that say the same in different octets (RFC 5280 §7.1), or nearly.

use super::case::{Case, Draft, ca, case, leaf};
use super::certificate::{
    BMP_STRING, COMMON_NAME, COUNTRY, EMAIL_ADDRESS, IA5_STRING, ORGANIZATION, PRINTABLE_STRING,
    SERIAL_NUMBER, T61_STRING, UNIVERSAL_STRING, UTF8_STRING, attribute, name,
};
use crate::common::forge::{element, oid, sequence};

/// One attribute: its type, the tag of its value, and the value.
type Attribute = (&'static [u8], u8, &'static [u8]);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (oddity, subject, issuer) in PAIRS {
        let (subject, issuer) = (name(subject), name(issuer));
        cases.push(case(&format!("{oddity}/end-entity-and-intermediate"), |draft| {
            draft.ca.subject.clone_from(&subject);
            draft.leaf.issuer.clone_from(&issuer);
        }));
        cases.push(case(&format!("{oddity}/intermediate-and-root"), |draft| {
            draft.root.subject.clone_from(&subject);
            draft.root.issuer = subject;
            draft.ca.issuer = issuer;
        }));
    }
    cases.extend(empty());
    cases.extend(sets());
    cases
}

const PLAIN: &[Attribute] = &[COMPANY, SOME_CA];

const COMPANY: Attribute = (ORGANIZATION, UTF8_STRING, b"A Company");

const SOME_CA: Attribute = called(UTF8_STRING, b"Some CA");

/// A common name.
const fn called(tag: u8, value: &'static [u8]) -> Attribute {
    (COMMON_NAME, tag, value)
}

/// What the issuer calls itself, and what the certificate below calls it.
const PAIRS: [(&str, &[Attribute], &[Attribute]); 22] = [
    ("the-same", PLAIN, PLAIN),
    (
        "printable-string",
        PLAIN,
        &[(ORGANIZATION, PRINTABLE_STRING, b"A Company"), called(PRINTABLE_STRING, b"Some CA")],
    ),
    (
        "ia5-string",
        PLAIN,
        &[(ORGANIZATION, IA5_STRING, b"A Company"), called(IA5_STRING, b"Some CA")],
    ),
    ("t61-string", PLAIN, &[COMPANY, called(T61_STRING, b"Some CA")]),
    ("bmp-string", PLAIN, &[COMPANY, called(BMP_STRING, b"\0S\0o\0m\0e\0 \0C\0A")]),
    (
        "universal-string",
        PLAIN,
        &[COMPANY, called(UNIVERSAL_STRING, b"\0\0\0S\0\0\0o\0\0\0m\0\0\0e\0\0\0 \0\0\0C\0\0\0A")],
    ),
    ("upper-case", PLAIN, &[COMPANY, called(UTF8_STRING, b"SOME CA")]),
    ("two-spaces", PLAIN, &[COMPANY, called(UTF8_STRING, b"Some  CA")]),
    ("a-space-before", PLAIN, &[COMPANY, called(UTF8_STRING, b" Some CA")]),
    ("a-space-after", PLAIN, &[COMPANY, called(UTF8_STRING, b"Some CA ")]),
    ("no-space", PLAIN, &[COMPANY, called(UTF8_STRING, b"SomeCA")]),
    ("a-tab", PLAIN, &[COMPANY, called(UTF8_STRING, b"Some\tCA")]),
    ("a-no-break-space", PLAIN, &[COMPANY, called(UTF8_STRING, b"Some\xc2\xa0CA")]),
    (
        "case-beyond-ascii",
        &[COMPANY, called(UTF8_STRING, b"M\xc3\xbcller CA")],
        &[COMPANY, called(UTF8_STRING, b"M\xc3\x9cLLER CA")],
    ),
    (
        "a-letter-composed-and-not",
        &[COMPANY, called(UTF8_STRING, b"M\xc3\xbcller CA")],
        &[COMPANY, called(UTF8_STRING, b"Mu\xcc\x88ller CA")],
    ),
    (
        "latin-1-in-a-t61-string",
        &[COMPANY, called(UTF8_STRING, b"M\xc3\xbcller CA")],
        &[COMPANY, called(T61_STRING, b"M\xfcller CA")],
    ),
    ("another-order", PLAIN, &[SOME_CA, COMPANY]),
    ("one-part-less", PLAIN, &[SOME_CA]),
    ("another-name", PLAIN, &[COMPANY, called(UTF8_STRING, b"Other CA")]),
    ("another-attribute", PLAIN, &[COMPANY, (SERIAL_NUMBER, UTF8_STRING, b"Some CA")]),
    (
        "country-in-lower-case",
        &[(COUNTRY, PRINTABLE_STRING, b"DE"), SOME_CA],
        &[(COUNTRY, PRINTABLE_STRING, b"de"), SOME_CA],
    ),
    (
        "an-email-address-in-another-type",
        &[(EMAIL_ADDRESS, IA5_STRING, b"ca@example.com"), SOME_CA],
        &[(EMAIL_ADDRESS, UTF8_STRING, b"CA@example.com"), SOME_CA],
    ),
];

/// Names without any part, and common names of the intermediate that are no text.
fn empty() -> Vec<Case> {
    let empty = || sequence(&[]);
    let mut cases = vec![
        leaf("empty-subject/leaf", |plan| plan.subject = empty()),
        leaf("empty-issuer/leaf", |plan| plan.issuer = empty()),
        ca("empty-issuer/intermediate", |plan| plan.issuer = empty()),
        case("empty-subject/intermediate", |draft| rename(draft, &empty())),
        case("empty-subject/root", |draft| {
            draft.root.subject = empty();
            draft.root.issuer = empty();
            draft.ca.issuer = empty();
        }),
    ];
    for (oddity, tag, value) in [
        ("an-empty-value", UTF8_STRING, &b""[..]),
        ("text-that-is-not-utf-8", UTF8_STRING, b"\xff\xfe"),
        ("text-that-is-not-printable", PRINTABLE_STRING, b"a@b_c*"),
        ("half-a-bmp-character", BMP_STRING, b"\0S\0"),
        ("an-octet-string", 0x04, b"Some CA"),
        ("a-name-of-2000-characters", UTF8_STRING, &[b'x'; 2000]),
        ("a-null-character", UTF8_STRING, b"Some\0CA"),
    ] {
        let subject = sequence(&attribute(&(COMMON_NAME, tag, value)));
        cases.push(case(&format!("{oddity}/intermediate"), |draft| rename(draft, &subject)));
    }
    cases
}

/// Gives the intermediate a name, and the end entity the same as its issuer.
fn rename(draft: &mut Draft, name: &[u8]) {
    draft.leaf.issuer = name.to_vec();
    draft.ca.subject = name.to_vec();
}

/// Several attributes in one set, which has no order.
fn sets() -> [Case; 3] {
    let part = |id: &[u8], value: &[u8]| sequence(&[oid(id), element(UTF8_STRING, value)].concat());
    let (one, two) = (part(COMMON_NAME, b"Some CA"), part(ORGANIZATION, b"A Company"));
    let set = |parts: &[&[u8]]| sequence(&element(0x31, &parts.concat()));
    [
        ("the-same", set(&[&one, &two])),
        ("in-another-order", set(&[&two, &one])),
        ("as-two-sets", sequence(&[element(0x31, &one), element(0x31, &two)].concat())),
    ]
    .map(|(oddity, issuer)| {
        case(&format!("a-set-of-two/{oddity}"), |draft| {
            draft.ca.subject = set(&[&one, &two]);
            draft.leaf.issuer = issuer;
        })
    })
}
