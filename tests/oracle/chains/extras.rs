//! Lists with something that does not belong to the chain, or that is not a certificate.

use crate::common::forge::{element, sequence, utc};

use super::case::{Case, Draft};
use super::certificate::Plan;
use super::key::{CA, LEAF, OTHER, ROOT, SECOND};

pub(super) fn cases() -> Vec<Case> {
    let draft = Draft::new();
    let [leaf, ca, root] = draft.ders();
    let mut cases = Vec::new();
    for (kind, extra) in strangers(&draft) {
        for (place, served) in [
            ("at-the-end", [&leaf[..], &ca, &extra]),
            ("between", [&leaf, &extra, &ca]),
            ("first", [&extra, &leaf, &ca]),
        ] {
            cases.push(Case::of(&format!("{kind}/{place}"), &served, &[&root]));
        }
    }
    // Another intermediate of the same root, and one with the intermediate's name and another key.
    for (kind, extra) in [
        ("another-ca", other_ca(&draft, "Other CA")),
        ("another-key", other_ca(&draft, "CA")),
        ("nothing", Vec::new()),
        ("garbage", vec![0x30; 40]),
    ] {
        let name = format!("{kind}/instead-of-the-intermediate");
        cases.push(Case::of(&name, &[&leaf, &extra], &[&root]));
    }
    cases
}

fn other_ca(draft: &Draft, name: &str) -> Vec<u8> {
    Plan::ca(name, &OTHER, &draft.root).signed_by(&ROOT)
}

fn strangers(draft: &Draft) -> Vec<(&'static str, Vec<u8>)> {
    let [_, ca, _] = draft.ders();
    let stranger = Plan::root("Stranger", &OTHER);
    let other_leaf = Plan::leaf(&SECOND, &stranger).signed_by(&OTHER);
    let sibling = Plan::leaf(&SECOND, &draft.ca).signed_by(&CA);
    let until = |plan: &Plan, end: &str| plan.changed(|plan| plan.not_after = utc(end));
    let expired = until(&draft.ca, "280101000000Z");
    let renewed = until(&draft.ca, "400101000000Z");
    let older_leaf = until(&draft.leaf, "280101000000Z");
    let list = sequence(&[sequence(&[]), element(0x03, &[0, 1])].concat());
    vec![
        ("another-ca", other_ca(draft, "Other CA")),
        ("another-key", other_ca(draft, "CA")),
        ("another-root", stranger.signed_by(&OTHER)),
        ("another-leaf", other_leaf),
        ("a-sibling-leaf", sibling),
        ("an-expired-intermediate", expired.signed_by(&ROOT)),
        ("a-renewed-intermediate", renewed.signed_by(&ROOT)),
        ("an-expired-leaf", older_leaf.signed_by(&CA)),
        ("a-leaf-by-the-leaf", Plan::leaf(&SECOND, &draft.leaf).signed_by(&LEAF)),
        ("garbage", vec![0x30; 40]),
        ("nothing", Vec::new()),
        ("half-a-certificate", ca[..ca.len() / 2].to_vec()),
        ("a-signed-part", ca[4..].to_vec()),
        ("another-structure", list),
        ("text", b"-----BEGIN CERTIFICATE-----\n".to_vec()),
        ("a-private-key", LEAF.pkcs8()),
    ]
}
