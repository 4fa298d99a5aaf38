//! Subject and authority key identifiers (RFC 5280 §4.2.1.1 and §4.2.1.2).

use crate::common::forge::{element, sequence};

use super::case::{Case, Draft, Oddity, case};
use super::certificate::{AUTHORITY_KEY_ID, Plan, SUBJECT_KEY_ID, common_name, dns};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (who, choose) in [("leaf", leaf as Choose), ("intermediate", ca)] {
        for (oddity, change) in AUTHORITY {
            cases.push(case(&format!("authority/{oddity}/{who}"), |draft| {
                let (certificate, issuer) = choose(draft);
                change(certificate, issuer);
            }));
        }
        for (oddity, change) in SUBJECT {
            cases.push(case(&format!("subject/{oddity}/issuer-of-{who}"), |draft| {
                change(choose(draft).1);
            }));
        }
    }
    cases.push(case("subject/missing/leaf", |draft| draft.leaf.remove(SUBJECT_KEY_ID)));
    cases.push(case("subject/malformed/leaf", |draft| {
        draft.leaf.set(SUBJECT_KEY_ID, false, &[0x04, 9, 1]);
    }));
    cases
}

/// Returns a certificate and its issuer.
type Choose = fn(&mut Draft) -> (&mut Plan, &mut Plan);

/// Changes a certificate below an issuer.
type Identify = fn(&mut Plan, &Plan);

fn leaf(draft: &mut Draft) -> (&mut Plan, &mut Plan) {
    (&mut draft.leaf, &mut draft.ca)
}

fn ca(draft: &mut Draft) -> (&mut Plan, &mut Plan) {
    (&mut draft.ca, &mut draft.root)
}

/// Changes of a certificate's authority key identifier.
const AUTHORITY: [(&str, Identify); 15] = [
    ("missing", |plan, _| plan.remove(AUTHORITY_KEY_ID)),
    ("empty", |plan, _| identify(plan, &[])),
    ("another-key-id", |plan, _| identify(plan, &[key_id(&[7; 20])])),
    ("a-shorter-key-id", |plan, issuer| identify(plan, &[key_id(&issuer.key.id()[..8])])),
    ("an-empty-key-id", |plan, _| identify(plan, &[key_id(&[])])),
    ("issuer-and-serial", |plan, issuer| {
        identify(plan, &[directory(&issuer.issuer), serial(&issuer.serial)]);
    }),
    ("key-id-issuer-and-serial", |plan, issuer| {
        let key_id = key_id(&issuer.key.id());
        identify(plan, &[key_id, directory(&issuer.issuer), serial(&issuer.serial)]);
    }),
    ("another-issuer", |plan, issuer| {
        identify(plan, &[directory(&common_name("Nobody")), serial(&issuer.serial)]);
    }),
    ("the-subject-as-issuer", |plan, issuer| {
        identify(plan, &[directory(&issuer.subject), serial(&issuer.serial)]);
    }),
    ("another-serial", |plan, issuer| {
        identify(plan, &[directory(&issuer.issuer), serial(&[9])]);
    }),
    ("another-serial-beside-the-key-id", |plan, issuer| {
        let key_id = key_id(&issuer.key.id());
        identify(plan, &[key_id, directory(&issuer.issuer), serial(&[9])]);
    }),
    ("only-the-serial", |plan, issuer| identify(plan, &[serial(&issuer.serial)])),
    ("only-another-serial", |plan, _| identify(plan, &[serial(&[9])])),
    ("an-issuer-that-is-not-a-directory-name", |plan, issuer| {
        identify(plan, &[element(0xa1, &dns("nobody.example")), serial(&issuer.serial)]);
    }),
    ("malformed", |plan, _| plan.set(AUTHORITY_KEY_ID, false, &[0x30, 9, 1])),
];

/// Changes of an issuer's subject key identifier.
const SUBJECT: [Oddity; 5] = [
    ("missing", |plan| plan.remove(SUBJECT_KEY_ID)),
    ("another", |plan| plan.set(SUBJECT_KEY_ID, false, &element(0x04, &[7; 20]))),
    ("empty", |plan| plan.set(SUBJECT_KEY_ID, false, &element(0x04, &[]))),
    ("critical", |plan| plan.set(SUBJECT_KEY_ID, true, &element(0x04, &plan.key.id()))),
    ("malformed", |plan| plan.set(SUBJECT_KEY_ID, false, &[0x04, 9, 1])),
];

fn identify(plan: &mut Plan, parts: &[Vec<u8>]) {
    plan.set(AUTHORITY_KEY_ID, false, &sequence(&parts.concat()));
}

fn key_id(id: &[u8]) -> Vec<u8> {
    element(0x80, id)
}

/// The issuer's issuer, as a directory name.
fn directory(name: &[u8]) -> Vec<u8> {
    element(0xa1, &element(0xa4, name))
}

/// The issuer's serial number.
fn serial(octets: &[u8]) -> Vec<u8> {
    element(0x82, octets)
}
