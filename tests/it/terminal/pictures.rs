//! Chains drawn in text: sound, broken, in the wrong order, out of time.

use origin_probe::demo::pki::{Authority, AuthorityOptions, CaIssuers, EndEntity, SelfSigned};

use super::house::{DOMAIN, House, days, drawing, intermediate, site};
use super::row;

#[test]
fn a_sound_chain_leads_to_its_anchor() {
    let house = House::new();
    let served = [house.site, house.issuing.der()];
    row("drawing, sound", &drawing("sound", &house.root, &served, "C.UTF-8"));
    let ascii = drawing("sound-ascii", &house.root, &served, "C");
    row("drawing, sound, without Unicode", &ascii);
}

#[test]
fn a_missing_intermediate_is_a_gap() {
    let house = House::new();
    row("drawing, missing", &drawing("missing", &house.root, &[house.site], "C.UTF-8"));
}

#[test]
fn a_gap_further_up_stands_in_its_place() {
    let root = Authority::root("Root", days(-900, 900)).unwrap();
    let upper = intermediate(&root, "Upper");
    let lower = intermediate(&upper, "Lower");
    let stranger = Authority::root("Stranger", days(-9, 9)).unwrap();
    let served = [site(&lower, days(-20, 70)), lower.der(), stranger.der()];
    row("drawing, missing-upper", &drawing("missing-upper", &root, &served, "C.UTF-8"));
}

#[test]
fn what_stands_in_the_wrong_place_says_where_it_belongs() {
    let house = House::new();
    let (root, issuing) = (house.root.der(), house.issuing.der());
    let root_first = [house.site.clone(), root, issuing.clone()];
    row("drawing, root-first", &drawing("root-first", &house.root, &root_first, "C.UTF-8"));
    let upside_down = [issuing, house.site];
    row("drawing, upside-down", &drawing("upside-down", &house.root, &upside_down, "C.UTF-8"));
}

#[test]
fn a_root_that_is_served_is_the_anchor_itself() {
    let house = House::new();
    let served = [house.site, house.issuing.der(), house.root.der()];
    row("drawing, with-root", &drawing("with-root", &house.root, &served, "C.UTF-8"));
}

#[test]
fn what_is_out_of_time_is_marked() {
    let house = House::new();
    let expired = [site(&house.issuing, days(-100, -10)), house.issuing.der()];
    row("drawing, expired", &drawing("expired", &house.root, &expired, "C.UTF-8"));
    let early = [site(&house.issuing, days(5, 95)), house.issuing.der()];
    row("drawing, early", &drawing("early", &house.root, &early, "C.UTF-8"));
    let options = AuthorityOptions::default();
    let old = house.root.intermediate("Old", days(-400, -5), &options).unwrap();
    let served = [site(&old, days(-20, 70)), old.der()];
    row("drawing, old-intermediate", &drawing("old-intermediate", &house.root, &served, "C.UTF-8"));
}

#[test]
fn what_nobody_trusts_is_marked() {
    let house = House::new();
    let own = EndEntity::new(&[DOMAIN], days(-20, 70)).self_signed(SelfSigned::OpensslRequest);
    row(
        "drawing, self-signed",
        &drawing("self-signed", &house.root, &[own.unwrap().der], "C.UTF-8"),
    );
    let private = Authority::root("Private", days(-900, 900)).unwrap();
    let options = AuthorityOptions { ca_issuers: CaIssuers::Absent, ..AuthorityOptions::default() };
    let issuing = private.intermediate("Office", days(-400, 400), &options).unwrap();
    let entity = EndEntity::new(&[DOMAIN], days(-20, 70));
    let entity = EndEntity { ca_issuers: CaIssuers::Absent, ..entity };
    let site = issuing.issue(&entity).unwrap().der;
    let served = [site.clone(), issuing.der()];
    row("drawing, private", &drawing("private", &house.root, &served, "C.UTF-8"));
    let served = [site, issuing.der(), private.der()];
    row(
        "drawing, private-with-root",
        &drawing("private-with-root", &house.root, &served, "C.UTF-8"),
    );
}
