//! Extensions that are critical, unknown or out of use.

use crate::common::forge::{element, oid, sequence};

use super::case::{Case, Oddity, WHO, case};
use super::certificate::{
    AUTHORITY_INFO_ACCESS, BASIC_CONSTRAINTS, CRL_DISTRIBUTION_POINTS, CT_POISON, ISSUER_ALT_NAME,
    KEY_USAGE, NETSCAPE_CERT_TYPE, NETSCAPE_COMMENT, SUBJECT_KEY_ID, TLS_FEATURE, TRUE, UNASSIGNED,
    bits, dns,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (who, choose) in WHO {
        for (oddity, id, value) in extensions() {
            for critical in [true, false] {
                let how = if critical { "critical" } else { "not-critical" };
                cases.push(case(&format!("{oddity}/{how}/{who}"), |draft| {
                    choose(draft).set(id, critical, &value);
                }));
            }
        }
        for (oddity, change) in FLAGS {
            cases.push(case(&format!("{oddity}/{who}"), |draft| change(choose(draft))));
        }
    }
    for (who, choose) in WHO {
        for (oddity, octet) in
            [("server", 0x40), ("client", 0x80), ("ssl-ca", 0x04), ("object-signing-ca", 0x01)]
        {
            for critical in [true, false] {
                let how = if critical { "critical" } else { "not-critical" };
                let name = format!("netscape-cert-type-{oddity}/{how}/{who}");
                cases.push(case(&name, |draft| {
                    choose(draft).set(NETSCAPE_CERT_TYPE, critical, &bits(7, octet));
                }));
            }
        }
    }
    cases.push(case("must-staple-and-no-staple/leaf", |draft| {
        draft.leaf.set(TLS_FEATURE, false, &sequence(&[2, 1, 5]));
    }));
    cases
}

fn extensions() -> Vec<(&'static str, &'static [u8], Vec<u8>)> {
    let url = element(0x86, b"http://crl.example.com/ca.crl");
    let points = sequence(&sequence(&element(0xa0, &element(0xa0, &url))));
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
        ("authority-info-access", AUTHORITY_INFO_ACCESS, access()),
        ("malformed-authority-info-access", AUTHORITY_INFO_ACCESS, vec![0x30, 9, 1]),
    ]
}

fn access() -> Vec<u8> {
    let url = element(0x86, b"http://aia.example.com/ca.der");
    sequence(&sequence(&[oid(super::certificate::CA_ISSUERS), url].concat()))
}

/// Known extensions, critical or not other than RFC 5280 asks, and flags that DER does not know.
const FLAGS: [Oddity; 5] = [
    ("key-usage-by-another-true", |plan| plan.set_flag(KEY_USAGE, &[1, 1, 1])),
    ("key-usage-not-critical-in-words", |plan| plan.set_flag(KEY_USAGE, &[1, 1, 0])),
    ("basic-constraints-by-another-true", |plan| plan.set_flag(BASIC_CONSTRAINTS, &[1, 1, 1])),
    ("subject-key-id-critical", |plan| plan.set_flag(SUBJECT_KEY_ID, TRUE)),
    ("no-extension", |plan| plan.extensions.clear()),
];
