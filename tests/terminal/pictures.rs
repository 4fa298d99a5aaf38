//! Chains drawn in text: sound, broken, in the wrong order, out of time.

use expect_test::expect;
use origin_probe::demo::pki::Authority;
use origin_probe::demo::pki::AuthorityOptions;
use origin_probe::demo::pki::CaIssuers;
use origin_probe::demo::pki::EndEntity;
use origin_probe::demo::pki::SelfSigned;

use super::house::DOMAIN;
use super::house::House;
use super::house::days;
use super::house::drawing;
use super::house::drawn;
use super::house::intermediate;
use super::house::site;

#[test]
fn a_sound_chain_leads_to_its_anchor() {
    let house = House::new();
    let served = [house.site, house.issuing.der()];
    drawn(
        "sound",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
    let ascii = drawing("sound-ascii", &house.root, &served, "C");
    expect![[r#"
        chain, as served:
         1 . CN=www.shop.example           until 2027-02-02 (in 70 days)
         2 | O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
           = O=Demo Authority, CN=Root     trust anchor
    "#]]
    .assert_eq(&ascii);
}

#[test]
fn a_missing_intermediate_is_a_gap() {
    let house = House::new();
    drawn(
        "missing",
        &house.root,
        &[house.site],
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
               ╎ O=Demo Authority, CN=Issuing  MISSING: it is not served
        "#]],
    );
}

#[test]
fn a_gap_further_up_stands_in_its_place() {
    let root = Authority::root("Root", days(-900, 900)).unwrap();
    let upper = intermediate(&root, "Upper");
    let lower = intermediate(&upper, "Lower");
    let stranger = Authority::root("Stranger", days(-9, 9)).unwrap();
    let served = [site(&lower, days(-20, 70)), lower.der(), stranger.der()];
    drawn(
        "missing-upper",
        &root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example            until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Lower     until 2027-12-29 (in 400 days)
               ╎ O=Demo Authority, CN=Upper     MISSING: it is not served
             3   O=Demo Authority, CN=Stranger  does not belong to this chain
        "#]],
    );
}

#[test]
fn what_stands_in_the_wrong_place_says_where_it_belongs() {
    let house = House::new();
    let (root, issuing) = (house.root.der(), house.issuing.der());
    let root_first = [house.site.clone(), root, issuing.clone()];
    drawn(
        "root-first",
        &house.root,
        &root_first,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2 ╳ O=Demo Authority, CN=Root     OUT OF PLACE: leave it out
             3 ┼ O=Demo Authority, CN=Issuing  OUT OF PLACE: belongs at 2
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
    let upside_down = [issuing, house.site];
    drawn(
        "upside-down",
        &house.root,
        &upside_down,
        expect![[r#"
            chain, as served:
             1 ┬ O=Demo Authority, CN=Issuing  OUT OF PLACE: belongs at 2
             2 ╳ CN=www.shop.example           OUT OF PLACE: belongs at 1
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
}

#[test]
fn a_root_that_is_served_is_the_anchor_itself() {
    let house = House::new();
    let served = [house.site, house.issuing.der(), house.root.der()];
    drawn(
        "with-root",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
             3 ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
}

#[test]
fn what_is_out_of_time_is_marked() {
    let house = House::new();
    let expired = [site(&house.issuing, days(-100, -10)), house.issuing.der()];
    drawn(
        "expired",
        &house.root,
        &expired,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           EXPIRED 2026-11-14 (10 days ago)
             2 ┼ O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
    let early = [site(&house.issuing, days(5, 95)), house.issuing.der()];
    drawn(
        "early",
        &house.root,
        &early,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           NOT BEFORE 2026-11-29 (in 5 days)
             2 ┼ O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
    let options = AuthorityOptions::default();
    let old = house.root.intermediate("Old", days(-400, -5), &options).unwrap();
    let served = [site(&old, days(-20, 70)), old.der()];
    drawn(
        "old-intermediate",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example        until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Old   EXPIRED 2026-11-19 (5 days ago)
               ┴ O=Demo Authority, CN=Root  trust anchor
        "#]],
    );
}

#[test]
fn what_nobody_trusts_is_marked() {
    let house = House::new();
    let own = EndEntity::new(&[DOMAIN], days(-20, 70)).self_signed(SelfSigned::OpensslRequest);
    drawn(
        "self-signed",
        &house.root,
        &[own.unwrap().der],
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example  SELF-SIGNED, no trust anchor
        "#]],
    );
    let private = Authority::root("Private", days(-900, 900)).unwrap();
    let options = AuthorityOptions { ca_issuers: CaIssuers::Absent, ..AuthorityOptions::default() };
    let issuing = private.intermediate("Office", days(-400, 400), &options).unwrap();
    let entity = EndEntity::new(&[DOMAIN], days(-20, 70));
    let entity = EndEntity { ca_issuers: CaIssuers::Absent, ..entity };
    let site = issuing.issue(&entity).unwrap().der;
    let served = [site.clone(), issuing.der()];
    drawn(
        "private",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Office   until 2027-12-29 (in 400 days)
               ╎ O=Demo Authority, CN=Private  NOT TRUSTED: not served, no trust anchor
        "#]],
    );
    let served = [site, issuing.der(), private.der()];
    drawn(
        "private-with-root",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Office   until 2027-12-29 (in 400 days)
             3 ┼ O=Demo Authority, CN=Private  NOT TRUSTED: a root of its own
        "#]],
    );
}
