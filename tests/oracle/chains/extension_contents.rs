//! Extensions that are malformed or there twice, each where it is otherwise right.

use crate::common::forge::{element, oid, sequence};

use super::DOMAIN;
use super::case::{Case, WHO, case};
use super::certificate::{
    AUTHORITY_INFO_ACCESS, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, CA_ISSUERS, CERTIFICATE_POLICIES,
    CRL_DISTRIBUTION_POINTS, EXTENDED_KEY_USAGE, ISSUER_ALT_NAME, KEY_USAGE, NAME_CONSTRAINTS,
    NETSCAPE_CERT_TYPE, Plan, SERVER_AUTH, SUBJECT_ALT_NAME, SUBJECT_KEY_ID, TLS_FEATURE, TRUE,
    UNASSIGNED, bits, common_name, dns,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (who, choose) in WHO {
        for (extension, id, value) in extensions(who) {
            let mut add = |oddity, change: &dyn Fn(&mut Plan)| {
                let name = format!("{extension}/{oddity}/{who}");
                cases.push(case(&name, |draft| change(choose(draft))));
            };
            add("right", &|plan| plan.set(id, false, &value));
            add("twice", &|plan| {
                plan.set(id, false, &value);
                plan.append(id, false, &value);
            });
            for (oddity, break_it) in BREAKS {
                add(oddity, &|plan| plan.set(id, false, &break_it(&value)));
            }
        }
    }
    cases.push(case("names/twice-and-different/leaf", |draft| {
        draft.leaf.append(SUBJECT_ALT_NAME, false, &sequence(&dns("www.example.com")));
    }));
    cases
}

/// Breaks the value of an extension.
type Break = fn(&[u8]) -> Vec<u8>;

const BREAKS: [(&str, Break); 5] = [
    ("octets-after-it", |value| [value, &[5, 0]].concat()),
    ("cut-off", |value| value[..value.len() - 1].to_vec()),
    ("nothing", |_| Vec::new()),
    ("another-type", |_| vec![0x13, 1, b'a']),
    ("a-length-that-is-not-minimal", |value| [&[value[0], 0x81], &value[1..]].concat()),
];

/// What a certificate of this role can have.
fn extensions(who: &str) -> Vec<(&'static str, &'static [u8], Vec<u8>)> {
    let is_leaf = who == "leaf";
    let url = element(0x86, b"http://crl.example.com/ca.crl");
    let points = sequence(&sequence(&element(0xa0, &element(0xa0, &url))));
    let access = sequence(&sequence(&[oid(CA_ISSUERS), url].concat()));
    let constraints = sequence(&element(0xa0, &sequence(&dns("example.com"))));
    let subject = if is_leaf { Vec::new() } else { TRUE.to_vec() };
    let issuer = sequence(&element(0xa4, &common_name("Root")));
    // Of the root and the intermediate, whose issuer is the root.
    let authority = sequence(&element(0xa1, &issuer[2..]));
    let mut extensions = vec![
        ("basic-constraints", BASIC_CONSTRAINTS, sequence(&subject)),
        ("key-usage", KEY_USAGE, bits(7, if is_leaf { 0x80 } else { 0x06 })),
        ("extended-key-usage", EXTENDED_KEY_USAGE, sequence(&oid(SERVER_AUTH))),
        ("names", SUBJECT_ALT_NAME, sequence(&dns(DOMAIN))),
        ("authority-key-id", AUTHORITY_KEY_ID, authority),
        ("netscape-cert-type", NETSCAPE_CERT_TYPE, bits(7, 0x40)),
        ("crl-distribution-points", CRL_DISTRIBUTION_POINTS, points),
        ("authority-info-access", AUTHORITY_INFO_ACCESS, access),
        ("issuer-alternative-name", ISSUER_ALT_NAME, sequence(&dns("ca.example.com"))),
        ("policies", CERTIFICATE_POLICIES, sequence(&sequence(&oid(&[0x2a, 3, 4, 1])))),
        ("must-staple", TLS_FEATURE, sequence(&[2, 1, 5])),
        ("unknown", UNASSIGNED, vec![5, 0]),
    ];
    if is_leaf {
        extensions.push(("subject-key-id", SUBJECT_KEY_ID, element(0x04, &[7; 20])));
    } else {
        extensions.push(("name-constraints", NAME_CONSTRAINTS, constraints));
    }
    extensions
}
