//! Lists in which the library's first choice leads nowhere: it takes a trust anchor if one fits,
//! otherwise the first served certificate that fits and is in time, and never turns back.

use super::case::{Case, Oddity};
use super::certificate::{AUTHORITY_KEY_ID, KEY_USAGE, Plan, SUBJECT_KEY_ID, bits};
use super::key::{CA, LEAF, OTHER, ROOT, SECOND, THIRD};
use crate::common::forge::utc;

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
        let mut other = fork.good.clone();
        change(&mut other);
        cases.extend(fork.cases(name, &other.signed_by(&ROOT)));
    }
    let mut ended = fork.by_the_stranger();
    ended.not_after = utc("290101000000Z");
    cases.extend(fork.cases("by-an-untrusted-root-and-ended", &ended.signed_by(&OTHER)));
    cases.extend(fork.cases("self-signed", &Plan::root("CA", &CA).signed_by(&CA)));
    let mut keyless = Plan::root("CA", &OTHER);
    keyless.remove(SUBJECT_KEY_ID);
    cases.extend(fork.cases("another-key-without-key-id", &keyless.signed_by(&OTHER)));
    let mut keyless = Plan::ca("CA", &OTHER, &fork.root);
    keyless.remove(SUBJECT_KEY_ID);
    cases.extend(fork.cases("another-key-of-the-same-root", &keyless.signed_by(&ROOT)));
    let mut forged = fork.good.clone();
    forged.serial = vec![9];
    let forged = forged.signed_with(&ROOT, |message| OTHER.sign(message));
    cases.extend(fork.cases("a-wrong-signature", &forged));
    let mut bare = Plan::ca("CA", &CA, &fork.stranger);
    bare.remove(AUTHORITY_KEY_ID);
    cases.extend(fork.cases("without-an-authority-key-id", &bare.signed_by(&OTHER)));
    cases.extend(new_root(&fork));
    cases.extend(both_ended(&fork));
    cases.extend(deeper());
    cases
}

/// What the other certificate of the intermediate's name and key has that does not hold.
const CHANGES: [Oddity; 6] = [
    ("ended", |plan| plan.not_after = utc("290101000000Z")),
    ("not-yet-valid", |plan| plan.not_before = utc("310101000000Z")),
    ("not-a-ca", |plan| {
        plan.set(super::certificate::BASIC_CONSTRAINTS, true, &crate::common::forge::sequence(&[]));
    }),
    ("without-certificate-signing", |plan| plan.set(KEY_USAGE, true, &bits(7, 0x80))),
    ("an-unknown-critical-extension", |plan| {
        plan.set(super::certificate::UNASSIGNED, true, &[5, 0]);
    }),
    ("for-other-names", |plan| {
        let subtree = crate::common::forge::sequence(&super::certificate::dns("example.org"));
        let permitted = crate::common::forge::element(0xa0, &subtree);
        let value = crate::common::forge::sequence(&permitted);
        plan.set(super::certificate::NAME_CONSTRAINTS, true, &value);
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
    let mut ended = fork.good.clone();
    ended.not_after = utc("290101000000Z");
    let ended = ended.signed_by(&ROOT);
    let mut stranger = fork.by_the_stranger();
    stranger.not_after = utc("290101000000Z");
    let stranger = stranger.signed_by(&OTHER);
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
    vec![
        Case::of("deeper/the-good-upper-first", &[&leaf, &lower, &upper, &twin], &[&root]),
        Case::of("deeper/the-good-upper-last", &[&leaf, &lower, &twin, &upper], &[&root]),
        Case::of("deeper/the-good-lower-last", &[&leaf, &other_lower, &lower, &upper], &[&root]),
        Case::of(
            "deeper/the-good-lower-last-and-both-trusted",
            &[&leaf, &other_lower, &lower, &upper],
            &[&root, &stranger],
        ),
        Case::of(
            "deeper/the-untrusted-root-is-served",
            &[&leaf, &lower, &upper, &twin, &stranger],
            &[&root],
        ),
        Case::of(
            "deeper/the-untrusted-root-is-served-first",
            &[&leaf, &lower, &twin, &stranger, &upper],
            &[&root],
        ),
    ]
}
