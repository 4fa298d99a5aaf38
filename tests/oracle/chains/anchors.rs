//! Trust anchors: which there are, whether they are served, too, and cross-signed ones.

use super::case::{Case, Draft};
use super::certificate::{AUTHORITY_KEY_ID, Plan, SUBJECT_KEY_ID};
use super::key::{CA, LEAF, OTHER, ROOT, SECOND};
use crate::common::forge::utc;

pub(super) fn cases() -> Vec<Case> {
    [sets(), times(), namesakes(), cross_signed(), self_signed()].into_iter().flatten().collect()
}

/// What is trusted, for the plain chain.
fn sets() -> Vec<Case> {
    let draft = Draft::new();
    let (leaf, ca, root) = (draft.leaf_der(), draft.ca_der(), draft.root_der());
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
    let (leaf, ca, root) = (draft.leaf_der(), draft.ca_der(), draft.root_der());
    let with = |change: fn(&mut Plan)| {
        let mut plan = draft.root.clone();
        change(&mut plan);
        plan.signed_by(&ROOT)
    };
    let ended = with(|plan| plan.not_after = utc("290101000000Z"));
    let early = with(|plan| plan.not_before = utc("310101000000Z"));
    let plain = [&leaf[..], &ca];
    let mut ended_ca = draft.ca.clone();
    ended_ca.not_after = utc("290101000000Z");
    let ended_ca = ended_ca.signed_by(&ROOT);
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
    let (leaf, ca, root) = (draft.leaf_der(), draft.ca_der(), draft.root_der());
    let namesake = Plan::root("Root", &OTHER);
    let mut without_ids = draft.ca;
    without_ids.remove(AUTHORITY_KEY_ID);
    let without_ids = without_ids.signed_by(&ROOT);
    let mut nameless = namesake.clone();
    nameless.remove(SUBJECT_KEY_ID);
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
    let (leaf, ca, root) = (draft.leaf_der(), draft.ca_der(), draft.root_der());
    let old_plan = Plan::root("Old root", &OTHER);
    let old = old_plan.signed_by(&OTHER);
    let cross_plan = Plan::ca("Root", &ROOT, &old_plan);
    let cross = cross_plan.signed_by(&OTHER);
    let mut ended = cross_plan;
    ended.not_after = utc("290101000000Z");
    let ended = ended.signed_by(&OTHER);
    let mut ended_old = old_plan;
    ended_old.not_after = utc("290101000000Z");
    let ended_old = ended_old.signed_by(&OTHER);
    vec![
        Case::of("cross/by-the-trusted-old-one", &[&leaf, &ca, &cross], &[&old]),
        Case::of("cross/by-the-old-one-with-both-trusted", &[&leaf, &ca, &cross], &[&old, &root]),
        Case::of("cross/not-needed", &[&leaf, &ca, &cross], &[&root]),
        Case::of("cross/not-served", &[&leaf, &ca], &[&old]),
        Case::of("cross/ended-and-not-needed", &[&leaf, &ca, &ended], &[&root]),
        Case::of("cross/ended-and-needed", &[&leaf, &ca, &ended], &[&old]),
        Case::of(
            "cross/by-an-ended-root-and-not-needed",
            &[&leaf, &ca, &cross],
            &[&root, &ended_old],
        ),
        Case::of("cross/by-an-ended-root-and-needed", &[&leaf, &ca, &cross], &[&ended_old]),
        Case::of("cross/with-the-old-root-served", &[&leaf, &ca, &cross, &old], &[&old]),
        Case::of(
            "cross/with-the-old-root-served-and-untrusted",
            &[&leaf, &ca, &cross, &old],
            &[&root],
        ),
        Case::of("cross/the-new-root-instead", &[&leaf, &ca, &root], &[&old]),
    ]
}

/// End entities that are signed with their own key.
fn self_signed() -> Vec<Case> {
    let root = Draft::new().root_der();
    let mut plain = Plan::leaf(&LEAF, &Draft::new().leaf);
    plain.issuer.clone_from(&plain.subject);
    let mut request = plain.clone();
    request.set(
        super::certificate::BASIC_CONSTRAINTS,
        true,
        &crate::common::forge::sequence(super::certificate::TRUE),
    );
    request.remove(super::certificate::KEY_USAGE);
    let mut named_like_the_root = plain.clone();
    named_like_the_root.subject.clone_from(&Draft::new().root.subject);
    named_like_the_root.issuer.clone_from(&named_like_the_root.subject);
    let (plain, request) = (plain.signed_by(&LEAF), request.signed_by(&LEAF));
    let named_like_the_root = named_like_the_root.signed_by(&LEAF);
    let twin = Plan::leaf(&SECOND, &Draft::new().ca).signed_by(&CA);
    vec![
        Case::of("self-signed/untrusted", &[&plain], &[&root]),
        Case::of("self-signed/trusted", &[&plain], &[&plain]),
        Case::of("self-signed/untrusted-with-the-ca-flag", &[&request], &[&root]),
        Case::of("self-signed/trusted-with-the-ca-flag", &[&request], &[&request]),
        Case::of("self-signed/trusted-with-a-stranger", &[&plain, &twin], &[&plain]),
        Case::of("self-signed/with-the-roots-name", &[&named_like_the_root], &[&root]),
    ]
}
