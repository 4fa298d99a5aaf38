//! Certificate policies and what constrains them (RFC 5280 §4.2.1.4, .5, .11 and .14).

use crate::common::forge::{element, oid, sequence};

use super::case::{Case, ca, case, each, leaf};
use super::certificate::{
    CERTIFICATE_POLICIES, INHIBIT_ANY_POLICY, POLICY_CONSTRAINTS, POLICY_MAPPINGS, Plan,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (oddity, id, value) in extensions() {
        cases.extend(each(&format!("*/{oddity}/critical"), |plan| plan.set(id, true, &value)));
        let name = format!("{oddity}/not-critical");
        let not_critical = |plan: &mut Plan| plan.set(id, false, &value);
        cases.push(leaf(&format!("leaf/{name}"), not_critical));
        cases.push(ca(&format!("intermediate/{name}"), not_critical));
    }
    // A policy is required and the end entity has none, or another.
    for (oddity, policy) in [("none", None), ("another", Some(OTHER))] {
        cases.push(case(&format!("leaf/required-and-{oddity}"), |draft| {
            draft.ca.set(CERTIFICATE_POLICIES, false, &policies(&[SOME]));
            draft.ca.set(POLICY_CONSTRAINTS, true, &sequence(&[0x80, 1, 0]));
            if let Some(policy) = policy {
                draft.leaf.set(CERTIFICATE_POLICIES, false, &policies(&[policy]));
            }
        }));
    }
    cases
}

fn extensions() -> Vec<(&'static str, &'static [u8], Vec<u8>)> {
    let mapping = sequence(&sequence(&[oid(SOME), oid(OTHER)].concat()));
    vec![
        ("policies", CERTIFICATE_POLICIES, policies(&[SOME])),
        ("any-policy", CERTIFICATE_POLICIES, policies(&[ANY])),
        ("policies-with-a-qualifier", CERTIFICATE_POLICIES, qualified()),
        ("the-same-policy-twice", CERTIFICATE_POLICIES, policies(&[SOME, SOME])),
        ("no-policy", CERTIFICATE_POLICIES, sequence(&[])),
        ("malformed-policies", CERTIFICATE_POLICIES, vec![0x30, 9, 1]),
        ("require-explicit-policy-0", POLICY_CONSTRAINTS, sequence(&[0x80, 1, 0])),
        ("inhibit-policy-mapping-0", POLICY_CONSTRAINTS, sequence(&[0x81, 1, 0])),
        ("empty-constraints", POLICY_CONSTRAINTS, sequence(&[])),
        ("malformed-constraints", POLICY_CONSTRAINTS, vec![0x30, 9, 1]),
        ("mappings", POLICY_MAPPINGS, mapping),
        ("inhibit-any-policy-0", INHIBIT_ANY_POLICY, element(0x02, &[0])),
        ("malformed-inhibit-any-policy", INHIBIT_ANY_POLICY, vec![0x30, 0]),
    ]
}

fn policies(ids: &[&[u8]]) -> Vec<u8> {
    sequence(&ids.iter().flat_map(|id| sequence(&oid(id))).collect::<Vec<u8>>())
}

/// A policy with the address of its statement.
fn qualified() -> Vec<u8> {
    let cps = [oid(&[0x2b, 6, 1, 5, 5, 7, 2, 1]), element(0x16, b"http://cps.example.com/")];
    let qualifiers = sequence(&sequence(&cps.concat()));
    sequence(&sequence(&[oid(SOME), qualifiers].concat()))
}

const SOME: &[u8] = &[0x2a, 3, 4, 1];
const OTHER: &[u8] = &[0x2a, 3, 4, 2];
/// anyPolicy.
const ANY: &[u8] = &[0x55, 0x1d, 0x20, 0];
