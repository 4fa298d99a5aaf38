//! What a key may be used for (RFC 5280 §4.2.1.3).

use crate::common::forge::element;

use super::case::{Case, Oddity, each_of, leaf};
use super::certificate::{BASIC_CONSTRAINTS, KEY_USAGE, Plan, bits};
use super::key::RSA;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = each_of("*/?", &ODDITIES);
    for (usage, octet) in [("signature", 0x80), ("encipherment", 0x20), ("agreement", 0x08)] {
        cases.push(leaf(&format!("leaf-with-an-rsa-key/{usage}"), |plan| {
            plan.key = &RSA;
            allow(plan, octet);
        }));
    }
    cases.push(leaf("leaf/certificate-signing-without-the-ca-flag", |plan| {
        plan.remove(BASIC_CONSTRAINTS);
        allow(plan, 0x84);
    }));
    cases
}

const ODDITIES: [Oddity; 16] = [
    ("missing", |plan| plan.remove(KEY_USAGE)),
    ("digital-signature", |plan| allow(plan, 0x80)),
    ("non-repudiation", |plan| allow(plan, 0x40)),
    ("key-encipherment", |plan| allow(plan, 0x20)),
    ("data-encipherment", |plan| allow(plan, 0x10)),
    ("key-agreement", |plan| allow(plan, 0x08)),
    ("certificate-signing", |plan| allow(plan, 0x04)),
    ("crl-signing", |plan| allow(plan, 0x02)),
    ("encipher-only", |plan| allow(plan, 0x01)),
    ("decipher-only", |plan| write(plan, &[7, 0, 0x80])),
    ("everything", |plan| write(plan, &[7, 0xff, 0x80])),
    ("no-bit", |plan| write(plan, &[0])),
    ("zeros", |plan| write(plan, &[0, 0])),
    ("signature-not-critical", |plan| plan.set(KEY_USAGE, false, &bits(7, 0x80))),
    ("signatures-with-trailing-zeros", |plan| write(plan, &[0, 0x84])),
    ("malformed", |plan| plan.set(KEY_USAGE, true, &element(0x04, &[0x84]))),
];

fn allow(plan: &mut Plan, octet: u8) {
    plan.set(KEY_USAGE, true, &bits(7, octet));
}

/// Sets the content of the bit string.
fn write(plan: &mut Plan, content: &[u8]) {
    plan.set(KEY_USAGE, true, &element(0x03, content));
}
