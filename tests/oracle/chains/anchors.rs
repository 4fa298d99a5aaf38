//! Trust anchors: which there are, whether they are served, too, and cross-signed ones.

use super::case::{Case, Draft};
use super::certificate::{
    AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, KEY_USAGE, Plan, SUBJECT_KEY_ID, TRUE,
};
use super::key::{CA, LEAF, OTHER, ROOT, SECOND};
use crate::common::forge::{sequence, utc};

pub(super) fn cases() -> Vec<Case> {
    [sets(), times(), namesakes(), cross_signed(), self_signed()].into_iter().flatten().collect()
}

/// What is trusted, for the plain chain.
fn sets() -> Vec<Case> {
    let draft = Draft::new();
    let [leaf, ca, root] = draft.ders();
    let other = Plan::root("Other root", &OTHER).signed_by(&OTHER);
    let (plain, full) = ([&leaf[..], &ca], [&leaf[..], &ca, &root]);
    vec![
        Case::of("set/another-root", &plain, &[&other]),
        Case::of("set/another-root-and-ours-is-served", &full, &[&other]),
        Case::of("set/two-roots", &plain, &[&other, &root]),
        Case::of("set/the-root-is-served", &full, &[&root]),
        Case::of("set/the-intermediate", &plain, &[&ca]),
        Case::of("set/the-intermediate-and-it-is-not-served", &[&leaf], &[&ca]),
        Case::of("set/the-intermediate-and-the-root-is-served", &full, &[&ca]),
        Case::of("set/the-intermediate-and-the-root", &plain, &[&ca, &root]),
        Case::of("set/the-leaf", &[&leaf], &[&leaf]),
        Case::of("set/the-leaf-with-its-chain", &plain, &[&leaf]),
    ]
}

/// Anchors that are not in time, alone and beside a renewed one.
fn times() -> Vec<Case> {
    let draft = Draft::new();
    let [leaf, ca, root] = draft.ders();
    let ended = draft.root.ended().signed_by(&ROOT);
    let early = draft.root.changed(|plan| plan.not_before = utc("310101000000Z")).signed_by(&ROOT);
    let ended_ca = draft.ca.ended().signed_by(&ROOT);
    let plain = [&leaf[..], &ca];
    vec![
        Case::of("time/ended", &plain, &[&ended]),
        Case::of("time/ended-and-served", &[&leaf, &ca, &ended], &[&ended]),
        Case::of("time/not-yet-valid", &plain, &[&early]),
        Case::of("time/not-yet-valid-and-served", &[&leaf, &ca, &early], &[&early]),
        Case::of("time/ended-and-renewed", &plain, &[&ended, &root]),
        Case::of("time/renewed-and-ended", &plain, &[&root, &ended]),
        Case::of("time/renewed-and-not-yet-valid", &plain, &[&root, &early]),
        Case::of("time/ended-and-not-yet-valid", &plain, &[&ended, &early]),
        Case::of("time/ended-is-served-and-the-renewed-trusted", &[&leaf, &ca, &ended], &[&root]),
        Case::of("time/renewed-is-served-and-the-ended-trusted", &[&leaf, &ca, &root], &[&ended]),
        Case::of("time/an-ended-intermediate", &plain, &[&ended_ca]),
        Case::of("time/an-ended-intermediate-beside-the-root", &plain, &[&ended_ca, &root]),
    ]
}

/// Anchors with one name and different keys.
fn namesakes() -> Vec<Case> {
    let draft = Draft::new();
    let [leaf, ca, root] = draft.ders();
    let namesake = Plan::root("Root", &OTHER);
    let without_ids = draft.ca.changed(|plan| plan.remove(AUTHORITY_KEY_ID)).signed_by(&ROOT);
    let nameless = namesake.changed(|plan| plan.remove(SUBJECT_KEY_ID));
    let (namesake, nameless) = (namesake.signed_by(&OTHER), nameless.signed_by(&OTHER));
    let (plain, bare) = ([&leaf[..], &ca], [&leaf[..], &without_ids]);
    vec![
        Case::of("namesake/alone", &plain, &[&namesake]),
        Case::of("namesake/before", &plain, &[&namesake, &root]),
        Case::of("namesake/after", &plain, &[&root, &namesake]),
        Case::of("namesake/alone-without-key-ids", &bare, &[&nameless]),
        Case::of("namesake/before-without-key-ids", &bare, &[&nameless, &root]),
        Case::of("namesake/after-without-key-ids", &bare, &[&root, &nameless]),
        Case::of("namesake/served", &[&leaf, &ca, &namesake], &[&root]),
        Case::of("namesake/served-before", &[&leaf, &namesake, &ca], &[&root]),
    ]
}

/// A root that another root has certified.
fn cross_signed() -> Vec<Case> {
    let draft = Draft::new();
    let [leaf, ca, root] = draft.ders();
    let old_plan = Plan::root("Old root", &OTHER);
    let cross_plan = Plan::ca("Root", &ROOT, &old_plan);
    let [old, ended_old, cross, ended] =
        [&old_plan, &old_plan.ended(), &cross_plan, &cross_plan.ended()]
            .map(|plan| plan.signed_by(&OTHER));
    let plain = [&leaf[..], &ca, &cross];
    let with_old = [&leaf[..], &ca, &cross, &old];
    vec![
        Case::of("cross/by-the-trusted-old-one", &plain, &[&old]),
        Case::of("cross/by-the-old-one-with-both-trusted", &plain, &[&old, &root]),
        Case::of("cross/not-needed", &plain, &[&root]),
        Case::of("cross/not-served", &[&leaf, &ca], &[&old]),
        Case::of("cross/ended-and-not-needed", &[&leaf, &ca, &ended], &[&root]),
        Case::of("cross/ended-and-needed", &[&leaf, &ca, &ended], &[&old]),
        Case::of("cross/by-an-ended-root-and-not-needed", &plain, &[&root, &ended_old]),
        Case::of("cross/by-an-ended-root-and-needed", &plain, &[&ended_old]),
        Case::of("cross/with-the-old-root-served", &with_old, &[&old]),
        Case::of("cross/with-the-old-root-served-and-untrusted", &with_old, &[&root]),
        Case::of("cross/the-new-root-instead", &[&leaf, &ca, &root], &[&old]),
    ]
}

/// End entities that are signed with their own key.
fn self_signed() -> Vec<Case> {
    let draft = Draft::new();
    let [_, _, root] = draft.ders();
    let own = |plan: &mut Plan| plan.issuer.clone_from(&plan.subject);
    let plain = Plan::leaf(&LEAF, &draft.leaf).changed(own);
    let request = plain.changed(|plan| {
        plan.set(BASIC_CONSTRAINTS, true, &sequence(TRUE));
        plan.remove(KEY_USAGE);
    });
    let named_like_the_root = plain.changed(|plan| {
        plan.subject.clone_from(&draft.root.subject);
        own(plan);
    });
    let [plain, request, named_like_the_root] =
        [plain, request, named_like_the_root].map(|plan| plan.signed_by(&LEAF));
    let twin = Plan::leaf(&SECOND, &draft.ca).signed_by(&CA);
    vec![
        Case::of("self-signed/untrusted", &[&plain], &[&root]),
        Case::of("self-signed/trusted", &[&plain], &[&plain]),
        Case::of("self-signed/untrusted-with-the-ca-flag", &[&request], &[&root]),
        Case::of("self-signed/trusted-with-the-ca-flag", &[&request], &[&request]),
        Case::of("self-signed/trusted-with-a-stranger", &[&plain, &twin], &[&plain]),
        Case::of("self-signed/with-the-roots-name", &[&named_like_the_root], &[&root]),
    ]
}
