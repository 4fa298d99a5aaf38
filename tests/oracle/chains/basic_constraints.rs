//! Who may issue certificates (RFC 5280 §4.2.1.9).

use crate::common::forge::{element, sequence};

use super::case::{Case, Oddity, ca, each_of};
use super::certificate::{BASIC_CONSTRAINTS, KEY_USAGE, Plan, TRUE};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = each_of("*/?", &ODDITIES);
    cases.push(ca("intermediate/neither-this-nor-key-usage", |plan| {
        plan.remove(BASIC_CONSTRAINTS);
        plan.remove(KEY_USAGE);
    }));
    cases
}

const ODDITIES: [Oddity; 13] = [
    ("missing", |plan| plan.remove(BASIC_CONSTRAINTS)),
    ("empty", |plan| constrain(plan, &[])),
    ("not-a-ca-in-words", |plan| constrain(plan, &[&[1, 1, 0]])),
    ("a-ca", |plan| constrain(plan, &[TRUE])),
    ("a-ca-not-critical", |plan| plan.set(BASIC_CONSTRAINTS, false, &sequence(TRUE))),
    ("a-ca-by-another-true", |plan| constrain(plan, &[&[1, 1, 1]])),
    ("path-length-0", |plan| constrain(plan, &[TRUE, &length(&[0])])),
    ("path-length-1", |plan| constrain(plan, &[TRUE, &length(&[1])])),
    ("path-length-300", |plan| constrain(plan, &[TRUE, &length(&[1, 0x2c])])),
    ("path-length-2-to-the-70", |plan| {
        constrain(plan, &[TRUE, &length(&[0x40, 0, 0, 0, 0, 0, 0, 0, 0])]);
    }),
    ("a-negative-path-length", |plan| constrain(plan, &[TRUE, &length(&[0xff])])),
    ("path-length-without-the-flag", |plan| constrain(plan, &[&length(&[0])])),
    ("malformed", |plan| plan.set(BASIC_CONSTRAINTS, true, &[0x30, 9, 1])),
];

fn constrain(plan: &mut Plan, parts: &[&[u8]]) {
    plan.set(BASIC_CONSTRAINTS, true, &sequence(&parts.concat()));
}

fn length(octets: &[u8]) -> Vec<u8> {
    element(0x02, octets)
}
