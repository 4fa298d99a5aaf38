//! Extensions that are critical, unknown or out of use.

use crate::common::forge::{element, oid, sequence};

use super::case::{Case, Oddity, each, each_of, leaf};
use super::certificate::{
    AUTHORITY_INFO_ACCESS, BASIC_CONSTRAINTS, CA_ISSUERS, CRL_DISTRIBUTION_POINTS, CT_POISON,
    ISSUER_ALT_NAME, KEY_USAGE, NETSCAPE_CERT_TYPE, NETSCAPE_COMMENT, SUBJECT_KEY_ID, TLS_FEATURE,
    TRUE, UNASSIGNED, bits, dns,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = each_of("?/*", &FLAGS);
    for (oddity, id, value) in extensions() {
        for (how, critical) in [("critical", true), ("not-critical", false)] {
            let name = format!("{oddity}/{how}/*");
            cases.extend(each(&name, |plan| plan.set(id, critical, &value)));
        }
    }
    cases.push(leaf("must-staple-and-no-staple/leaf", |plan| {
        plan.set(TLS_FEATURE, false, &sequence(&[2, 1, 5]));
    }));
    cases
}

fn extensions() -> Vec<(&'static str, &'static [u8], Vec<u8>)> {
    let url = element(0x86, b"http://crl.example.com/ca.crl");
    let points = sequence(&sequence(&element(0xa0, &element(0xa0, &url))));
    let issuer = element(0x86, b"http://aia.example.com/ca.der");
    let access = sequence(&sequence(&[oid(CA_ISSUERS), issuer].concat()));
    vec![
        ("unknown", UNASSIGNED, vec![5, 0]),
        ("unknown-not-der", UNASSIGNED, b"text".to_vec()),
        ("unknown-empty", UNASSIGNED, Vec::new()),
        ("must-staple", TLS_FEATURE, sequence(&[2, 1, 5])),
        ("netscape-comment", NETSCAPE_COMMENT, element(0x16, b"comment")),
        ("precertificate-poison", CT_POISON, vec![5, 0]),
        ("crl-distribution-points", CRL_DISTRIBUTION_POINTS, points),
        ("malformed-crl-distribution-points", CRL_DISTRIBUTION_POINTS, vec![0x30, 9, 1]),
        ("issuer-alternative-name", ISSUER_ALT_NAME, sequence(&dns("ca.example.com"))),
        ("authority-info-access", AUTHORITY_INFO_ACCESS, access),
        ("malformed-authority-info-access", AUTHORITY_INFO_ACCESS, vec![0x30, 9, 1]),
        ("netscape-cert-type-server", NETSCAPE_CERT_TYPE, bits(7, 0x40)),
        ("netscape-cert-type-client", NETSCAPE_CERT_TYPE, bits(7, 0x80)),
        ("netscape-cert-type-ssl-ca", NETSCAPE_CERT_TYPE, bits(7, 0x04)),
        ("netscape-cert-type-object-signing-ca", NETSCAPE_CERT_TYPE, bits(7, 0x01)),
    ]
}

/// Known extensions, critical or not other than RFC 5280 asks, and flags that DER does not know.
const FLAGS: [Oddity; 5] = [
    ("key-usage-by-another-true", |plan| plan.set_flag(KEY_USAGE, &[1, 1, 1])),
    ("key-usage-not-critical-in-words", |plan| plan.set_flag(KEY_USAGE, &[1, 1, 0])),
    ("basic-constraints-by-another-true", |plan| plan.set_flag(BASIC_CONSTRAINTS, &[1, 1, 1])),
    ("subject-key-id-critical", |plan| plan.set_flag(SUBJECT_KEY_ID, TRUE)),
    ("no-extension", |plan| plan.extensions.clear()),
];
