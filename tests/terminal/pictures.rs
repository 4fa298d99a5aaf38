//! Chains drawn in text, of every shape.

use expect_test::Expect;
use expect_test::expect;
use jiff::Timestamp;
use origin_probe::demo::pki::Authority;
use origin_probe::demo::pki::AuthorityOptions;
use origin_probe::demo::pki::CaIssuers;
use origin_probe::demo::pki::EndEntity;
use origin_probe::demo::pki::SelfSigned;
use origin_probe::demo::pki::Window;

use super::stage::AT;
use super::stage::anchors;
use super::stage::chain;
use super::stage::command;

const DOMAIN: &str = "www.shop.example";

fn days(from: i64, to: i64) -> Window {
    Window::days(from..to, AT.parse::<Timestamp>().unwrap())
}

/// A root that is trusted, an intermediate, and a certificate for the site.
struct House {
    root: Authority,
    issuing: Authority,
    site: Vec<u8>,
}

impl House {
    fn new() -> Self {
        let root = Authority::root("Root", days(-900, 900)).unwrap();
        let issuing = intermediate(&root, "Issuing");
        let site = site(&issuing, days(-20, 70));
        Self { root, issuing, site }
    }
}

fn intermediate(above: &Authority, name: &str) -> Authority {
    above.intermediate(name, days(-400, 400), &AuthorityOptions::default()).unwrap()
}

fn site(issuer: &Authority, window: Window) -> Vec<u8> {
    issuer.issue(&EndEntity::new(&[DOMAIN], window)).unwrap().der
}

/// Checks a chain in a file, and compares the drawing without its indentation.
fn drawn(name: &str, root: &Authority, served: &[Vec<u8>], expected: Expect) {
    expected.assert_eq(&drawing(name, root, served, "C.UTF-8"));
}

fn drawing(name: &str, root: &Authority, served: &[Vec<u8>], locale: &str) -> String {
    let (chain, roots) = (chain(name, served), anchors(name, &[root]));
    let mut command = command(&["check", DOMAIN, "--chain", &chain, "--trust-anchors", &roots]);
    let output = command.args(["--at", AT, "--draw-chain"]).env("LANG", locale).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let drawing = text.lines().skip_while(|line| !line.starts_with("  chain, "));
    let drawing = drawing.take_while(|line| !line.contains(" was judged"));
    let drawing = drawing.filter(|line| !line.contains("not covered"));
    drawing.map(|line| format!("{}\n", line.strip_prefix("  ").unwrap())).collect()
}

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
