//! Chains drawn in text that have more in them than they should.

use expect_test::expect;
use origin_probe::demo::pki::Authority;
use origin_probe::demo::pki::AuthorityOptions;

use super::house::House;
use super::house::days;
use super::house::drawn;
use super::house::site;

#[test]
fn what_comes_twice_or_does_not_belong_says_so() {
    let house = House::new();
    let stranger = Authority::root("Stranger", days(-9, 9)).unwrap();
    let issuing = house.issuing.der();
    let served = [house.site, issuing.clone(), issuing, stranger.der()];
    drawn(
        "odd",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example            until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Issuing   until 2027-12-29 (in 400 days)
             3   O=Demo Authority, CN=Issuing   the same once more
             4   O=Demo Authority, CN=Stranger  does not belong to this chain
               ┴ O=Demo Authority, CN=Root      trust anchor
        "#]],
    );
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
    drawn(
        "constraint",
        &root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example          REFUSED: a name outside its issuer's constraints
             2 ┼ O=Demo Authority, CN=Narrow  until 2027-12-29 (in 400 days)
               ┴ O=Demo Authority, CN=Root    trust anchor
        "#]],
    );
}

#[test]
fn a_second_way_that_has_ended_is_no_fault() {
    let house = House::new();
    let old_root = Authority::root("Old Root", days(-900, 900)).unwrap();
    let options = AuthorityOptions::default();
    let crossed = old_root.cross_sign(&house.root, days(-900, -30), &options).unwrap();
    let served = [house.site, house.issuing.der(), crossed.der()];
    drawn(
        "crossed",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
             3 ┼ O=Demo Authority, CN=Root     expired 2026-10-25 (30 days ago)
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
}

#[test]
fn bytes_that_are_no_certificate_and_lists_without_end_are_bearable() {
    let house = House::new();
    let stranger = |n: i64| Authority::root(&format!("S{n}"), days(-9, 9)).unwrap().der();
    let mut served = vec![house.site.clone(), b"nothing".to_vec(), house.issuing.der()];
    drawn(
        "malformed",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2   7 bytes                       NO CERTIFICATE: it is not valid DER (Parsing Error: NomError(Eof))
             3 ┼ O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
    served.remove(1);
    served.extend((0..20).map(stranger));
    drawn(
        "endless",
        &house.root,
        &served,
        expect![[r#"
            chain, as served:
             1 ┬ CN=www.shop.example           until 2027-02-02 (in 70 days)
             2 ┼ O=Demo Authority, CN=Issuing  until 2027-12-29 (in 400 days)
             3   O=Demo Authority, CN=S0       does not belong to this chain
             4   O=Demo Authority, CN=S1       does not belong to this chain
             5   O=Demo Authority, CN=S2       does not belong to this chain
             6   O=Demo Authority, CN=S3       does not belong to this chain
             7   O=Demo Authority, CN=S4       does not belong to this chain
             8   O=Demo Authority, CN=S5       does not belong to this chain
             9   O=Demo Authority, CN=S6       does not belong to this chain
            10   O=Demo Authority, CN=S7       does not belong to this chain
                 and 12 more
               ┴ O=Demo Authority, CN=Root     trust anchor
        "#]],
    );
}
