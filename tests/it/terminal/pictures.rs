//! Chains drawn in text: sound, broken, in the wrong order, out of time, and with more in them than
//! they should have.

use jiff::Timestamp;
use origin_probe::demo::pki::{
    Authority, AuthorityOptions, CaIssuers, EndEntity, SelfSigned, Window,
};

use super::stage::{AT, SITE, anchors, chain, folder};
use crate::common::process::Ran;

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
    issuer.issue(&EndEntity::new(&[SITE], window)).unwrap().der
}

fn drawing(name: &str, root: &Authority, served: &[Vec<u8>], locale: &str) -> String {
    let (chain, roots) = (chain(name, served), anchors(name, &[root]));
    let arguments = ["check", SITE, "--chain", &chain, "--trust-anchors", &roots, "--at", AT];
    let mut command = folder().program(&arguments);
    let text = Ran::of(command.arg("--draw-chain").env("LANG", locale), b"").out;
    let drawing = text.lines().skip_while(|line| !line.starts_with("  chain, "));
    // The next line names the file, wherever that is here.
    let drawing = drawing.take_while(|line| !line.contains(&chain));
    let drawing = drawing.filter(|line| !line.contains("not covered"));
    drawing.map(|line| format!("{}\n", line.strip_prefix("  ").unwrap())).collect()
}

/// Asserts how a chain is drawn.
#[track_caller]
fn row(name: &str, root: &Authority, served: &[Vec<u8>]) {
    super::row(&format!("drawing, {name}"), &drawing(name, root, served, "C.UTF-8"));
}

#[test]
fn a_sound_chain_leads_to_its_anchor() {
    let house = House::new();
    let served = [house.site, house.issuing.der()];
    row("sound", &house.root, &served);
    let ascii = drawing("sound-ascii", &house.root, &served, "C");
    super::row("drawing, sound, without Unicode", &ascii);
}

#[test]
fn a_missing_intermediate_is_a_gap() {
    let house = House::new();
    row("missing", &house.root, &[house.site]);
}

#[test]
fn a_gap_further_up_stands_in_its_place() {
    let root = Authority::root("Root", days(-900, 900)).unwrap();
    let upper = intermediate(&root, "Upper");
    let lower = intermediate(&upper, "Lower");
    let stranger = Authority::root("Stranger", days(-9, 9)).unwrap();
    let site = site(&lower, days(-20, 70));
    row("missing-upper", &root, &[site, lower.der(), stranger.der()]);
}

#[test]
fn what_stands_in_the_wrong_place_says_where_it_belongs() {
    let house = House::new();
    let (root, issuing) = (house.root.der(), house.issuing.der());
    row("root-first", &house.root, &[house.site.clone(), root, issuing.clone()]);
    row("upside-down", &house.root, &[issuing, house.site]);
}

#[test]
fn a_root_that_is_served_is_the_anchor_itself() {
    let house = House::new();
    row("with-root", &house.root, &[house.site, house.issuing.der(), house.root.der()]);
}

#[test]
fn what_is_out_of_time_is_marked() {
    let house = House::new();
    let of = |window| [site(&house.issuing, window), house.issuing.der()];
    row("expired", &house.root, &of(days(-100, -10)));
    row("early", &house.root, &of(days(5, 95)));
    let options = AuthorityOptions::default();
    let old = house.root.intermediate("Old", days(-400, -5), &options).unwrap();
    row("old-intermediate", &house.root, &[site(&old, days(-20, 70)), old.der()]);
}

#[test]
fn what_nobody_trusts_is_marked() {
    let house = House::new();
    let own = EndEntity::new(&[SITE], days(-20, 70)).self_signed(SelfSigned::OpensslRequest);
    row("self-signed", &house.root, &[own.unwrap().der]);
    let private = Authority::root("Private", days(-900, 900)).unwrap();
    let options = AuthorityOptions { ca_issuers: CaIssuers::Absent, ..AuthorityOptions::default() };
    let issuing = private.intermediate("Office", days(-400, 400), &options).unwrap();
    let entity = EndEntity::new(&[SITE], days(-20, 70));
    let entity = EndEntity { ca_issuers: CaIssuers::Absent, ..entity };
    let site = issuing.issue(&entity).unwrap().der;
    row("private", &house.root, &[site.clone(), issuing.der()]);
    row("private-with-root", &house.root, &[site, issuing.der(), private.der()]);
}

#[test]
fn what_comes_twice_or_does_not_belong_says_so() {
    let house = House::new();
    let stranger = Authority::root("Stranger", days(-9, 9)).unwrap();
    let issuing = house.issuing.der();
    row("odd", &house.root, &[house.site, issuing.clone(), issuing, stranger.der()]);
}

#[test]
fn an_issuer_that_may_not_is_refused() {
    let root = Authority::root("Root", days(-900, 900)).unwrap();
    let options = AuthorityOptions {
        permitted_names: vec!["other.example".to_owned()],
        ..AuthorityOptions::default()
    };
    let narrow = root.intermediate("Narrow", days(-400, 400), &options).unwrap();
    row("constraint", &root, &[site(&narrow, days(-20, 70)), narrow.der()]);
}

#[test]
fn a_second_way_that_has_ended_is_no_fault() {
    let house = House::new();
    let old_root = Authority::root("Old Root", days(-900, 900)).unwrap();
    let options = AuthorityOptions::default();
    let crossed = old_root.cross_sign(&house.root, days(-900, -30), &options).unwrap();
    row("crossed", &house.root, &[house.site, house.issuing.der(), crossed.der()]);
}

#[test]
fn bytes_that_are_no_certificate_and_lists_without_end_are_bearable() {
    let house = House::new();
    let stranger = |n: i64| Authority::root(&format!("S{n}"), days(-9, 9)).unwrap().der();
    let mut served = vec![house.site.clone(), b"nothing".to_vec(), house.issuing.der()];
    row("malformed", &house.root, &served);
    served.remove(1);
    served.extend((0..20).map(stranger));
    row("endless", &house.root, &served);
}
