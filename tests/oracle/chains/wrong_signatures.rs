//! Signatures that do not fit, below names and key identifiers that do.

use super::case::{Case, Draft};
use super::certificate::Plan;
use super::key::{CA, ECDSA_WITH_SHA384, Key, LEAF, NULL, OTHER, ROOT, pkcs1};
use crate::common::forge::{element, oid, sequence};

pub(super) fn cases() -> Vec<Case> {
    let draft = Draft::new();
    let [leaf, ca, root] = draft.ders();
    let mut cases = Vec::new();
    for (oddity, forge) in FORGERIES {
        let (forged_leaf, forged_ca) = (forge(&draft.leaf, &CA), forge(&draft.ca, &ROOT));
        let forged_root = forge(&draft.root, &ROOT);
        cases.extend([
            Case::of(&format!("{oddity}/leaf"), &[&forged_leaf, &ca], &[&root]),
            Case::of(&format!("{oddity}/leaf-and-the-root"), &[&forged_leaf, &ca, &root], &[&root]),
            Case::of(&format!("{oddity}/intermediate"), &[&leaf, &forged_ca], &[&root]),
            Case::of(&format!("{oddity}/root"), &[&leaf, &ca], &[&forged_root]),
        ]);
    }
    cases.extend(claims(&draft));
    // The right intermediate beside a forged one of the same name and key.
    let forged = flipped(&draft.ca, &ROOT);
    cases.extend([
        Case::of("a-forged-intermediate-after-the-right-one", &[&leaf, &ca, &forged], &[&root]),
        Case::of("a-forged-intermediate-before-the-right-one", &[&leaf, &forged, &ca], &[&root]),
    ]);
    cases
}

type Forge = fn(&Plan, &'static Key) -> Vec<u8>;

const FORGERIES: [(&str, Forge); 10] = [
    ("one-bit", flipped),
    ("by-another-key", |plan, issuer| plan.signed_with(issuer, |message| OTHER.sign(message))),
    ("by-its-own-key", |plan, issuer| plan.signed_with(issuer, |message| plan.key.sign(message))),
    ("of-another-message", |plan, issuer| {
        plan.signed_with(issuer, |_| issuer.sign(b"another message"))
    }),
    ("empty", |plan, issuer| plan.signed_with(issuer, |_| Vec::new())),
    ("zeros", |plan, issuer| plan.signed_with(issuer, |_| vec![0; 70])),
    ("r-and-s-zero", |plan, issuer| plan.signed_with(issuer, |_| sequence(&[2, 1, 0, 2, 1, 0]))),
    ("with-octets-after-it", |plan, issuer| {
        plan.signed_with(issuer, |message| [issuer.sign(message), vec![0]].concat())
    }),
    ("another-algorithm-outside", |plan, issuer| {
        let outer = Some(oid(ECDSA_WITH_SHA384));
        plan.changed(|plan| plan.outer_algorithm = outer).signed_by(issuer)
    }),
    ("the-name-changed-afterwards", |plan, issuer| {
        let signature = issuer.sign(&plan.message(issuer));
        plan.changed(|plan| plan.serial = vec![0x66]).signed_with(issuer, |_| signature)
    }),
];

fn flipped(plan: &Plan, issuer: &'static Key) -> Vec<u8> {
    plan.signed_with(issuer, |message| {
        let mut signature = issuer.sign(message);
        *signature.last_mut().unwrap() ^= 1;
        signature
    })
}

/// Algorithms that do not fit the key, and one that does not exist.
fn claims(draft: &Draft) -> Vec<Case> {
    let [_, ca, root] = draft.ders();
    let claim = |name: &str, algorithm: Vec<u8>| {
        let plan = draft.leaf.changed(|plan| plan.algorithm = Some(algorithm));
        Case::of(&format!("claims/{name}"), &[&plan.signed_by(&CA), &ca], &[&root])
    };
    let self_made = Plan::root("CA", &OTHER);
    vec![
        claim("ecdsa-sha384-over-sha256", oid(ECDSA_WITH_SHA384)),
        claim("rsa-with-an-ec-key", pkcs1(11)),
        claim("unknown", oid(&[0x2a, 3, 4, 5])),
        claim("null-parameters", [draft.leaf.key.algorithm(), NULL.to_vec()].concat()),
        claim("octets-as-parameters", [draft.leaf.key.algorithm(), element(0x04, &[1])].concat()),
        Case::of(
            "the-issuers-name-and-another-key",
            &[&draft.leaf.signed_by(&LEAF), &self_made.signed_by(&OTHER), &ca],
            &[&root],
        ),
    ]
}
