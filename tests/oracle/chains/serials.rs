//! Versions, serial numbers and unique identifiers (RFC 5280 §4.1.2.1, .2 and .8).

use crate::common::forge::element;

use super::case::{Case, Oddity, case, each, each_of};
use super::certificate::{AUTHORITY_KEY_ID, Plan, common_name};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = each_of("?/*", &ODDITIES);
    for (oddity, serial) in SERIALS {
        let name = format!("serial/{oddity}/*");
        cases.extend(each(&name, |plan| plan.serial = serial.to_vec()));
    }
    cases.push(case("version/1-with-the-common-name/leaf", |draft| {
        old(&mut draft.leaf, 0);
        draft.leaf.subject = common_name(super::DOMAIN);
    }));
    cases.push(case("version/1-self-issued/root", |draft| {
        old(&mut draft.root, 0);
        draft.ca.remove(AUTHORITY_KEY_ID);
    }));
    cases.push(case("serial/the-same-as-the-issuers/leaf", |draft| {
        draft.leaf.serial.clone_from(&draft.ca.serial);
    }));
    cases
}

const SERIALS: [(&str, &[u8]); 7] = [
    ("zero", &[0]),
    ("negative", &[0xff]),
    ("negative-of-20-octets", &[0x80; 20]),
    ("of-20-octets", &[0x7f; 20]),
    ("of-21-octets", &[0x7f; 21]),
    ("of-100-octets", &[0x11; 100]),
    ("not-minimal", &[0, 1]),
];

const ODDITIES: [Oddity; 10] = [
    ("serial/empty", |plan| plan.serial = Vec::new()),
    ("version/1", |plan| old(plan, 0)),
    ("version/1-in-words", |plan| {
        plan.version = vec![0xa0, 3, 2, 1, 0];
        plan.extensions.clear();
    }),
    ("version/1-with-extensions", |plan| plan.version = Vec::new()),
    ("version/2", |plan| old(plan, 1)),
    ("version/2-with-extensions", |plan| plan.version = vec![0xa0, 3, 2, 1, 1]),
    ("version/4", |plan| plan.version = vec![0xa0, 3, 2, 1, 3]),
    ("unique-ids/version-3", |plan| plan.unique_ids = unique_ids()),
    ("unique-ids/version-2", |plan| {
        old(plan, 1);
        plan.unique_ids = unique_ids();
    }),
    ("unique-ids/version-1", |plan| {
        old(plan, 0);
        plan.unique_ids = unique_ids();
    }),
];

/// Makes a certificate without extensions.
fn old(plan: &mut Plan, version: u8) {
    plan.version = if version == 0 { Vec::new() } else { vec![0xa0, 3, 2, 1, version] };
    plan.extensions.clear();
}

fn unique_ids() -> Vec<u8> {
    [element(0x81, &[0, 1]), element(0x82, &[0, 2])].concat()
}
