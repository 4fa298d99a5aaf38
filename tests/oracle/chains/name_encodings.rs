//! Issuer and subject names that say the same in different octets (RFC 5280 §7.1), or nearly.

use super::case::{Case, Draft, case};
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

const PLAIN: &[Attribute] =
    &[(ORGANIZATION, UTF8_STRING, b"A Company"), (COMMON_NAME, UTF8_STRING, b"Some CA")];

/// What the issuer calls itself, and what the certificate below calls it.
const PAIRS: [(&str, &[Attribute], &[Attribute]); 22] = [
    ("the-same", PLAIN, PLAIN),
    (
        "printable-string",
        PLAIN,
        &[
            (ORGANIZATION, PRINTABLE_STRING, b"A Company"),
            (COMMON_NAME, PRINTABLE_STRING, b"Some CA"),
        ],
    ),
    (
        "ia5-string",
        PLAIN,
        &[(ORGANIZATION, IA5_STRING, b"A Company"), (COMMON_NAME, IA5_STRING, b"Some CA")],
    ),
    ("t61-string", PLAIN, &[PLAIN[0], (COMMON_NAME, T61_STRING, b"Some CA")]),
    ("bmp-string", PLAIN, &[PLAIN[0], (COMMON_NAME, BMP_STRING, b"\0S\0o\0m\0e\0 \0C\0A")]),
    (
        "universal-string",
        PLAIN,
        &[
            PLAIN[0],
            (COMMON_NAME, UNIVERSAL_STRING, b"\0\0\0S\0\0\0o\0\0\0m\0\0\0e\0\0\0 \0\0\0C\0\0\0A"),
        ],
    ),
    ("upper-case", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"SOME CA")]),
    ("two-spaces", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"Some  CA")]),
    ("a-space-before", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b" Some CA")]),
    ("a-space-after", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"Some CA ")]),
    ("no-space", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"SomeCA")]),
    ("a-tab", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"Some\tCA")]),
    ("a-no-break-space", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"Some\xc2\xa0CA")]),
    (
        "case-beyond-ascii",
        &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"M\xc3\xbcller CA")],
        &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"M\xc3\x9cLLER CA")],
    ),
    (
        "a-letter-composed-and-not",
        &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"M\xc3\xbcller CA")],
        &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"Mu\xcc\x88ller CA")],
    ),
    (
        "latin-1-in-a-t61-string",
        &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"M\xc3\xbcller CA")],
        &[PLAIN[0], (COMMON_NAME, T61_STRING, b"M\xfcller CA")],
    ),
    ("another-order", PLAIN, &[PLAIN[1], PLAIN[0]]),
    ("one-part-less", PLAIN, &[PLAIN[1]]),
    ("another-name", PLAIN, &[PLAIN[0], (COMMON_NAME, UTF8_STRING, b"Other CA")]),
    ("another-attribute", PLAIN, &[PLAIN[0], (SERIAL_NUMBER, UTF8_STRING, b"Some CA")]),
    (
        "country-in-lower-case",
        &[(COUNTRY, PRINTABLE_STRING, b"DE"), PLAIN[1]],
        &[(COUNTRY, PRINTABLE_STRING, b"de"), PLAIN[1]],
    ),
    (
        "an-email-address-in-another-type",
        &[(EMAIL_ADDRESS, IA5_STRING, b"ca@example.com"), PLAIN[1]],
        &[(EMAIL_ADDRESS, UTF8_STRING, b"CA@example.com"), PLAIN[1]],
    ),
];

/// Names without any part.
fn empty() -> Vec<Case> {
    let empty = || sequence(&[]);
    vec![
        case("empty-subject/leaf", |draft| draft.leaf.subject = empty()),
        case("empty-subject/intermediate", |draft| {
            draft.ca.subject = empty();
            draft.leaf.issuer = empty();
        }),
        case("empty-subject/root", |draft| {
            draft.root.subject = empty();
            draft.root.issuer = empty();
            draft.ca.issuer = empty();
        }),
        case("empty-issuer/leaf", |draft| draft.leaf.issuer = empty()),
        case("empty-issuer/intermediate", |draft| draft.ca.issuer = empty()),
        case("an-empty-value/intermediate", |draft| {
            let subject = sequence(&attribute(&(COMMON_NAME, UTF8_STRING, b"")));
            draft.leaf.issuer.clone_from(&subject);
            draft.ca.subject = subject;
        }),
        case("text-that-is-not-utf-8/intermediate", |draft| {
            rename(draft, UTF8_STRING, b"\xff\xfe");
        }),
        case("text-that-is-not-printable/intermediate", |draft| {
            rename(draft, PRINTABLE_STRING, b"a@b_c*");
        }),
        case("half-a-bmp-character/intermediate", |draft| rename(draft, BMP_STRING, b"\0S\0")),
        case("an-octet-string/intermediate", |draft| rename(draft, 0x04, b"Some CA")),
        case("a-name-of-2000-characters/intermediate", |draft| {
            rename(draft, UTF8_STRING, &[b'x'; 2000]);
        }),
        case("a-null-character/intermediate", |draft| rename(draft, UTF8_STRING, b"Some\0CA")),
    ]
}

/// Gives the intermediate a common name, and the end entity the same as its issuer.
fn rename(draft: &mut Draft, tag: u8, value: &[u8]) {
    let subject = name(&[(COMMON_NAME, tag, value)]);
    draft.leaf.issuer.clone_from(&subject);
    draft.ca.subject = subject;
}

/// Several attributes in one set, which has no order.
fn sets() -> Vec<Case> {
    let part = |id: &[u8], value: &[u8]| sequence(&[oid(id), element(UTF8_STRING, value)].concat());
    let (one, two) = (part(COMMON_NAME, b"Some CA"), part(ORGANIZATION, b"A Company"));
    let set = |parts: &[&[u8]]| sequence(&element(0x31, &parts.concat()));
    vec![
        case("a-set-of-two/the-same", |draft| {
            draft.ca.subject = set(&[&one, &two]);
            draft.leaf.issuer = set(&[&one, &two]);
        }),
        case("a-set-of-two/in-another-order", |draft| {
            draft.ca.subject = set(&[&one, &two]);
            draft.leaf.issuer = set(&[&two, &one]);
        }),
        case("a-set-of-two/as-two-sets", |draft| {
            draft.ca.subject = set(&[&one, &two]);
            draft.leaf.issuer = sequence(&[element(0x31, &one), element(0x31, &two)].concat());
        }),
    ]
}
