//! Chains drawn in text that have more in them than they should.

use origin_probe::demo::pki::{Authority, AuthorityOptions};

use super::house::{House, days, drawing, site};
use super::row;

#[test]
fn what_comes_twice_or_does_not_belong_says_so() {
    let house = House::new();
    let stranger = Authority::root("Stranger", days(-9, 9)).unwrap();
    let issuing = house.issuing.der();
    let served = [house.site, issuing.clone(), issuing, stranger.der()];
    row("drawing, odd", &drawing("odd", &house.root, &served, "C.UTF-8"));
}

#[test]
fn an_issuer_that_may_not_is_refused() {
    let root = Authority::root("Root", days(-900, 900)).unwrap();
    let options = AuthorityOptions {
        permitted_names: vec!["other.example".to_owned()],
        ..AuthorityOptions::default()
    };
    let narrow = root.intermediate("Narrow", days(-400, 400), &options).unwrap();
    let served = [site(&narrow, days(-20, 70)), narrow.der()];
    row("drawing, constraint", &drawing("constraint", &root, &served, "C.UTF-8"));
}

#[test]
fn a_second_way_that_has_ended_is_no_fault() {
    let house = House::new();
    let old_root = Authority::root("Old Root", days(-900, 900)).unwrap();
    let options = AuthorityOptions::default();
    let crossed = old_root.cross_sign(&house.root, days(-900, -30), &options).unwrap();
    let served = [house.site, house.issuing.der(), crossed.der()];
    row("drawing, crossed", &drawing("crossed", &house.root, &served, "C.UTF-8"));
}

#[test]
fn bytes_that_are_no_certificate_and_lists_without_end_are_bearable() {
    let house = House::new();
    let stranger = |n: i64| Authority::root(&format!("S{n}"), days(-9, 9)).unwrap().der();
    let mut served = vec![house.site.clone(), b"nothing".to_vec(), house.issuing.der()];
    row("drawing, malformed", &drawing("malformed", &house.root, &served, "C.UTF-8"));
    served.remove(1);
    served.extend((0..20).map(stranger));
    row("drawing, endless", &drawing("endless", &house.root, &served, "C.UTF-8"));
}
