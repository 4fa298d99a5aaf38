//! Lists with something that does not belong to the chain, or that is not a certificate.

use crate::common::forge::{element, sequence, utc};

use super::case::{Case, Draft};
use super::certificate::Plan;
use super::key::{CA, LEAF, OTHER, ROOT, SECOND};

pub(super) fn cases() -> Vec<Case> {
    let draft = Draft::new();
    let (leaf, ca, root) = (draft.leaf_der(), draft.ca_der(), draft.root_der());
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
    let alone = |name: &str, extra: &[u8]| Case::of(name, &[&leaf, extra], &[&root]);
    cases.extend([
        alone("another-ca/instead-of-the-intermediate", &draft.other_ca()),
        alone("another-key/instead-of-the-intermediate", &draft.other_key()),
        alone("nothing/instead-of-the-intermediate", &[]),
        alone("garbage/instead-of-the-intermediate", &[0x30; 40]),
    ]);
    cases
}

impl Draft {
    /// Another intermediate of the same root.
    fn other_ca(&self) -> Vec<u8> {
        Plan::ca("Other CA", &OTHER, &self.root).signed_by(&ROOT)
    }

    /// One with the intermediate's name and another key.
    fn other_key(&self) -> Vec<u8> {
        Plan::ca("CA", &OTHER, &self.root).signed_by(&ROOT)
    }
}

fn strangers(draft: &Draft) -> Vec<(&'static str, Vec<u8>)> {
    let ca = draft.ca_der();
    let stranger = Plan::root("Stranger", &OTHER);
    let other_leaf = Plan::leaf(&SECOND, &stranger).signed_by(&OTHER);
    let sibling = Plan::leaf(&SECOND, &draft.ca).signed_by(&CA);
    let mut expired = draft.ca.clone();
    expired.not_after = utc("280101000000Z");
    let mut renewed = draft.ca.clone();
    renewed.not_after = utc("400101000000Z");
    let mut older_leaf = draft.leaf.clone();
    older_leaf.not_after = utc("280101000000Z");
    let list = sequence(&[sequence(&[]), element(0x03, &[0, 1])].concat());
    let message = ca[4..].to_vec();
    vec![
        ("another-ca", draft.other_ca()),
        ("another-key", draft.other_key()),
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
        ("a-signed-part", message),
        ("another-structure", list),
        ("text", b"-----BEGIN CERTIFICATE-----\n".to_vec()),
        ("a-private-key", LEAF.pkcs8()),
    ]
}
