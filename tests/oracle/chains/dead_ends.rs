//! Lists in which the library's first choice leads nowhere: it takes a trust anchor if one fits,
//! otherwise the first served certificate that fits and is in time, and never turns back.

use super::case::{Case, Oddity};
use super::certificate::{
    AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, KEY_USAGE, NAME_CONSTRAINTS, Plan, SUBJECT_KEY_ID,
    UNASSIGNED, bits, dns,
};
use super::key::{CA, LEAF, OTHER, ROOT, SECOND, THIRD};
use crate::common::forge::{element, sequence, utc};

/// An intermediate below a trusted root, and others that fit the end entity as well.
struct Fork {
    leaf: Vec<u8>,
    good: Plan,
    root: Plan,
    stranger: Plan,
}

impl Fork {
    fn new() -> Self {
        let root = Plan::root("Root", &ROOT);
        let good = Plan::ca("CA", &CA, &root);
        let leaf = Plan::leaf(&LEAF, &good).signed_by(&CA);
        Self { leaf, good, root, stranger: Plan::root("Stranger", &OTHER) }
    }

    /// Puts another certificate of the intermediate before and after the good one.
    fn cases(&self, name: &str, other: &[u8]) -> [Case; 2] {
        let (good, root) = (self.good.signed_by(&ROOT), self.root.signed_by(&ROOT));
        [
            Case::of(&format!("{name}/before"), &[&self.leaf, other, &good], &[&root]),
            Case::of(&format!("{name}/after"), &[&self.leaf, &good, other], &[&root]),
        ]
    }

    /// The intermediate's name and key, certified by a root that is not trusted.
    fn by_the_stranger(&self) -> Plan {
        Plan::ca("CA", &CA, &self.stranger)
    }
}

pub(super) fn cases() -> Vec<Case> {
    let fork = Fork::new();
    let mut cases = Vec::new();
    cases.extend(fork.cases("by-an-untrusted-root", &fork.by_the_stranger().signed_by(&OTHER)));
    for (name, change) in CHANGES {
        cases.extend(fork.cases(name, &fork.good.changed(change).signed_by(&ROOT)));
    }
    let keyless = |plan: &Plan| plan.changed(|plan| plan.remove(SUBJECT_KEY_ID));
    let forged = fork.good.changed(|plan| plan.serial = vec![9]);
    let bare = fork.by_the_stranger().changed(|plan| plan.remove(AUTHORITY_KEY_ID));
    for (name, other) in [
        ("by-an-untrusted-root-and-ended", fork.by_the_stranger().ended().signed_by(&OTHER)),
        ("self-signed", Plan::root("CA", &CA).signed_by(&CA)),
        ("another-key-without-key-id", keyless(&Plan::root("CA", &OTHER)).signed_by(&OTHER)),
        (
            "another-key-of-the-same-root",
            keyless(&Plan::ca("CA", &OTHER, &fork.root)).signed_by(&ROOT),
        ),
        ("a-wrong-signature", forged.signed_with(&ROOT, |message| OTHER.sign(message))),
        ("without-an-authority-key-id", bare.signed_by(&OTHER)),
    ] {
        cases.extend(fork.cases(name, &other));
    }
    cases.extend(new_root(&fork));
    cases.extend(both_ended(&fork));
    cases.extend(deeper());
    cases
}

/// What the other certificate of the intermediate's name and key has that does not hold.
const CHANGES: [Oddity; 6] = [
    ("ended", |plan| plan.not_after = utc("290101000000Z")),
    ("not-yet-valid", |plan| plan.not_before = utc("310101000000Z")),
    ("not-a-ca", |plan| plan.set(BASIC_CONSTRAINTS, true, &sequence(&[]))),
    ("without-certificate-signing", |plan| plan.set(KEY_USAGE, true, &bits(7, 0x80))),
    ("an-unknown-critical-extension", |plan| plan.set(UNASSIGNED, true, &[5, 0])),
    ("for-other-names", |plan| {
        let permitted = element(0xa0, &sequence(&dns("example.org")));
        plan.set(NAME_CONSTRAINTS, true, &sequence(&permitted));
    }),
];

/// A new root that is served self-signed, beside its cross-signed form or alone.
fn new_root(fork: &Fork) -> Vec<Case> {
    let old = Plan::root("Old root", &SECOND);
    let cross = Plan::ca("Root", &ROOT, &old).signed_by(&SECOND);
    let (new, good, leaf) = (fork.root.signed_by(&ROOT), fork.good.signed_by(&ROOT), &fork.leaf);
    let old = old.signed_by(&SECOND);
    vec![
        Case::of("new-root/before-its-cross-signed-form", &[leaf, &good, &new, &cross], &[&old]),
        Case::of("new-root/after-its-cross-signed-form", &[leaf, &good, &cross, &new], &[&old]),
        Case::of("new-root/alone", &[leaf, &good, &new], &[&old]),
        Case::of("new-root/first-and-both-trusted", &[leaf, &good, &new, &cross], &[&old, &new]),
        Case::of("new-root/before-the-intermediate", &[leaf, &new, &good, &cross], &[&old]),
    ]
}

/// Of several that fit and are not in time, the library takes the last.
fn both_ended(fork: &Fork) -> Vec<Case> {
    let root = fork.root.signed_by(&ROOT);
    let ended = fork.good.ended().signed_by(&ROOT);
    let stranger = fork.by_the_stranger().ended().signed_by(&OTHER);
    vec![
        Case::of("two-ended/the-good-one-first", &[&fork.leaf, &ended, &stranger], &[&root]),
        Case::of("two-ended/the-good-one-last", &[&fork.leaf, &stranger, &ended], &[&root]),
    ]
}

/// Two intermediates, the upper of which was certified twice.
fn deeper() -> Vec<Case> {
    let (root, stranger) = (Plan::root("Root", &ROOT), Plan::root("Stranger", &OTHER));
    let upper = Plan::ca("Upper", &THIRD, &root);
    let twin = Plan::ca("Upper", &THIRD, &stranger).signed_by(&OTHER);
    let lower = Plan::ca("Lower", &CA, &upper);
    let other_lower = Plan::ca("Lower", &CA, &stranger).signed_by(&OTHER);
    let leaf = Plan::leaf(&LEAF, &lower).signed_by(&CA);
    let (upper, lower, root) =
        (upper.signed_by(&ROOT), lower.signed_by(&THIRD), root.signed_by(&ROOT));
    let stranger = stranger.signed_by(&OTHER);
    let case = |name: &str, above: &[&[u8]], anchors: &[&[u8]]| {
        Case::of(&format!("deeper/{name}"), &[&[&leaf[..]], above].concat(), anchors)
    };
    vec![
        case("the-good-upper-first", &[&lower, &upper, &twin], &[&root]),
        case("the-good-upper-last", &[&lower, &twin, &upper], &[&root]),
        case("the-good-lower-last", &[&other_lower, &lower, &upper], &[&root]),
        case(
            "the-good-lower-last-and-both-trusted",
            &[&other_lower, &lower, &upper],
            &[&root, &stranger],
        ),
        case("the-untrusted-root-is-served", &[&lower, &upper, &twin, &stranger], &[&root]),
        case("the-untrusted-root-is-served-first", &[&lower, &twin, &stranger, &upper], &[&root]),
    ]
}
