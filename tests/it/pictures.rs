//! The picture of a chain: what stands where, and what is marked, for chains of every shape.

use crate::common::by_hand::anchors;
use crate::common::hostile::Hostile;
use jiff::Timestamp;
use origin_probe::chain::ChainFacts;
use origin_probe::demo::pki::{
    Authority, AuthorityOptions, CaIssuers, EndEntity, SelfSigned, Window,
};
use origin_probe::report::{ChainPicture, EdgeKind, NodeKind};

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

struct Pki {
    root: Authority,
    intermediate: Authority,
}

fn long() -> Window {
    Window::days(-1000..3000, now())
}

impl Pki {
    fn new() -> Self {
        let root = Authority::root("Root", long()).unwrap();
        let intermediate = root.intermediate("CA 1", long(), &Default::default()).unwrap();
        Self { root, intermediate }
    }

    fn end_entity(&self) -> Vec<u8> {
        self.intermediate.issue(&end_entity(-20..70)).unwrap().der
    }

    fn draw(&self, list: &[Vec<u8>]) -> ChainPicture {
        draw(list, &[&self.root])
    }
}

fn end_entity(days: std::ops::Range<i64>) -> EndEntity {
    EndEntity::new(&["a.example"], Window::days(days, now()))
}

fn draw(list: &[Vec<u8>], roots: &[&Authority]) -> ChainPicture {
    let roots: Vec<Vec<u8>> = roots.iter().map(|root| root.der()).collect();
    let picture = ChainPicture::new(&ChainFacts::analyse(list, &anchors(&roots)), now());
    is_sound(&picture);
    picture
}

/// What must hold of every picture, whatever was served.
fn is_sound(picture: &ChainPicture) {
    for edge in &picture.edges {
        assert!(edge.from < picture.nodes.len() && edge.to < picture.nodes.len(), "{picture:?}");
        assert_ne!(edge.from, edge.to, "{picture:?}");
    }
    assert!(picture.places.iter().all(|place| place.node < picture.nodes.len()), "{picture:?}");
    assert!(picture.places.is_sorted_by_key(|place| place.position), "{picture:?}");
    assert!(picture.nodes.len() <= 25, "{}", picture.nodes.len());
    // What stands aside comes after the way that counts.
    assert!(picture.nodes.is_sorted_by_key(|node| !node.is_on_the_way), "{picture:?}");
    let dues: Vec<usize> = picture.nodes.iter().filter_map(|node| node.due).collect();
    assert_eq!(dues, (1..=dues.len()).collect::<Vec<_>>(), "{picture:?}");
}

/// A line for each node: grey ones in brackets; the served positions, counted from 1, behind it.
fn nodes(picture: &ChainPicture) -> Vec<String> {
    let line = |(position, node): (usize, &origin_probe::report::Node)| {
        let places: Vec<String> = picture
            .places_of(position)
            .map(|place| {
                let repeated = if place.is_repetition { " again" } else { "" };
                let fault = if place.fault.is_some() { "!" } else { "" };
                format!("{}{fault}{repeated}", place.position + 1)
            })
            .collect();
        let marks: Vec<String> = node.marks.iter().map(|mark| mark.words()).collect();
        // All authorities of the demo are of this organisation.
        let name = node.name.replace("O=Demo Authority, ", "");
        let mut line = format!("{}: {name}", node.kind.as_str());
        if !places.is_empty() {
            line += &*format!(" @{}", places.join(","));
        }
        if !marks.is_empty() {
            line += &*format!(" <{}>", marks.join(", "));
        }
        if node.is_on_the_way { line } else { format!("({line})") }
    };
    picture.nodes.iter().enumerate().map(line).collect()
}

/// The links as `below>above`, with `?` for a gap, in brackets where they are beside the way.
fn edges(picture: &ChainPicture) -> Vec<String> {
    let edges = picture.edges.iter();
    let line = |edge: &origin_probe::report::Edge| match edge.kind {
        EdgeKind::Way => format!("{}>{}", edge.from, edge.to),
        EdgeKind::Gap => format!("{}?{}", edge.from, edge.to),
        EdgeKind::Aside => format!("({}>{})", edge.from, edge.to),
    };
    edges.map(line).collect()
}

const FIRST: &str = "end entity: CN=a.example @1";
const SECOND: &str = "intermediate: CN=CA 1 @2";
const ANCHOR: &str = "trust anchor: CN=Root";

#[test]
fn a_sound_chain_leads_from_the_end_entity_to_the_anchor() {
    let pki = Pki::new();
    let picture = pki.draw(&[pki.end_entity(), pki.intermediate.der()]);
    assert_eq!(nodes(&picture), [FIRST, SECOND, ANCHOR]);
    assert_eq!(edges(&picture), ["0>1", "1>2"]);
    assert!(picture.is_in_order());
    assert_eq!(picture.nodes[2].due, None, "an anchor need not be served");
}

#[test]
fn the_missing_link_is_a_gap_with_its_name() {
    let pki = Pki::new();
    let picture = pki.draw(&[pki.end_entity()]);
    assert_eq!(nodes(&picture), [FIRST, "missing: not served: CN=CA 1"]);
    assert_eq!(edges(&picture), ["0?1"]);
    let NodeKind::Missing { url: Some(url) } = &picture.nodes[1].kind else { panic!() };
    assert!(url.starts_with("http://"), "{url}");
    assert_eq!(picture.nodes[1].due, Some(2));
}

#[test]
fn only_the_root_beside_the_end_entity_leaves_the_gap() {
    let pki = Pki::new();
    let picture = pki.draw(&[pki.end_entity(), pki.root.der()]);
    assert_eq!(
        nodes(&picture),
        [
            FIRST,
            "missing: not served: CN=CA 1",
            "(not part of the chain: CN=Root @2 <need not be served>)"
        ]
    );
}

#[test]
fn a_wrong_order_is_shown_against_the_right_one() {
    let pki = Pki::new();
    let list = [pki.end_entity(), pki.root.der(), pki.intermediate.der()];
    let picture = pki.draw(&list);
    assert_eq!(
        nodes(&picture),
        [FIRST, "intermediate: CN=CA 1 @3", "trust anchor: CN=Root @2! <need not be served>"]
    );
    assert!(!picture.is_in_order());
    let upside_down = pki.draw(&[pki.intermediate.der(), pki.end_entity()]);
    assert_eq!(
        nodes(&upside_down),
        ["end entity: CN=a.example @2", "intermediate: CN=CA 1 @1!", ANCHOR]
    );
    assert_eq!(upside_down.nodes[0].due, Some(1));
}

#[test]
fn what_has_expired_is_marked_where_it_stands() {
    let pki = Pki::new();
    let window = Window::days(-700..-5, now());
    let old = pki.root.intermediate("Old", window, &Default::default()).unwrap();
    let list = [old.issue(&end_entity(-20..70)).unwrap().der, old.der()];
    assert_eq!(nodes(&pki.draw(&list)), [FIRST, "intermediate: CN=Old @2 <expired>", ANCHOR]);
    let early = pki.intermediate.issue(&end_entity(5..70)).unwrap().der;
    let picture = pki.draw(&[early, pki.intermediate.der()]);
    assert_eq!(nodes(&picture)[0], "end entity: CN=a.example @1 <not valid yet>");
}

#[test]
fn a_self_signed_certificate_leads_nowhere() {
    let pki = Pki::new();
    let own = end_entity(-20..70).self_signed(SelfSigned::OpensslRequest).unwrap().der;
    let picture = pki.draw(&[own]);
    assert_eq!(nodes(&picture), ["end entity: CN=a.example @1 <self-signed>"]);
    assert!(picture.edges.is_empty());
}

#[test]
fn a_private_issuer_is_neither_served_nor_trusted() {
    let pki = Pki::new();
    let options = AuthorityOptions { ca_issuers: CaIssuers::Absent, ..Default::default() };
    let private = Authority::root("Private Root", long()).unwrap();
    let issuing = private.intermediate("Private CA", long(), &options).unwrap();
    let end = EndEntity { ca_issuers: CaIssuers::Absent, ..end_entity(-20..70) };
    let end = issuing.issue(&end).unwrap().der;
    assert_eq!(
        nodes(&pki.draw(&[end.clone(), issuing.der()])),
        [FIRST, "intermediate: CN=Private CA @2", "neither served nor trusted: CN=Private Root"]
    );
    let with_root = pki.draw(&[end, issuing.der(), private.der()]);
    assert_eq!(
        nodes(&with_root)[2],
        "intermediate: CN=Private Root @3 <self-signed>",
        "its root is no anchor"
    );
    assert_eq!(edges(&with_root), ["0>1", "1>2"]);
}

#[test]
fn another_path_and_its_anchor_stand_aside() {
    let pki = Pki::new();
    let old_root = Authority::root("Old Root", long()).unwrap();
    let cross = old_root
        .cross_sign(&pki.root, Window::days(-900..300, now()), &Default::default())
        .unwrap();
    let list = [pki.end_entity(), pki.intermediate.der(), cross.der()];
    let both = draw(&list, &[&pki.root, &old_root]);
    assert_eq!(
        nodes(&both),
        [FIRST, SECOND, ANCHOR, "(intermediate: CN=Root @3)", "(trust anchor: CN=Old Root)"]
    );
    assert_eq!(edges(&both), ["0>1", "1>2", "(1>3)", "(3>4)"]);
    assert!(both.is_in_order());
    // The old root has left the list: the cross-sign is ballast that does no harm.
    let one = draw(&list, &[&pki.root]);
    assert_eq!(nodes(&one)[3], "(intermediate: CN=Root @3 <does not lead to a trust anchor>)");
    assert_eq!(edges(&one), ["0>1", "1>2", "(1>3)"]);
    // Only the old root is trusted: the cross-sign is the way.
    let old = draw(&list, &[&old_root]);
    assert_eq!(
        nodes(&old)[2..],
        ["intermediate: CN=Root @3".to_owned(), "trust anchor: CN=Old Root".to_owned()]
    );
}

#[test]
fn of_two_intermediates_the_one_in_time_is_the_way() {
    let pki = Pki::new();
    let expired = pki
        .root
        .cross_sign(&pki.intermediate, Window::days(-900..-5, now()), &Default::default())
        .unwrap();
    let list = [pki.end_entity(), expired.der(), pki.intermediate.der()];
    let picture = pki.draw(&list);
    assert_eq!(
        nodes(&picture),
        [FIRST, "intermediate: CN=CA 1 @3", ANCHOR, "(intermediate: CN=CA 1 @2 <expired>)"]
    );
    assert_eq!(edges(&picture), ["0>1", "1>2", "(0>3)", "(3>2)"]);
}

#[test]
fn what_does_not_belong_stands_aside_without_a_link() {
    let pki = Pki::new();
    let other = pki.root.intermediate("CA 2", long(), &Default::default()).unwrap();
    let picture = pki.draw(&[pki.end_entity(), pki.intermediate.der(), other.der()]);
    assert_eq!(nodes(&picture)[3], "(not part of the chain: CN=CA 2 @3)");
    assert_eq!(edges(&picture), ["0>1", "1>2"]);
}

#[test]
fn a_repetition_is_the_same_certificate_once_more() {
    let pki = Pki::new();
    let ca = pki.intermediate.der();
    let picture = pki.draw(&[pki.end_entity(), ca.clone(), ca]);
    assert_eq!(nodes(&picture), [FIRST, "intermediate: CN=CA 1 @2,3 again", ANCHOR]);
}

#[test]
fn what_is_no_certificate_is_told() {
    let pki = Pki::new();
    let spoilt = pki.draw(&[pki.end_entity(), b"nothing".to_vec()]);
    assert!(nodes(&spoilt)[2].starts_with("(not a certificate: 7 bytes: "), "{spoilt:?}");
    let nothing = pki.draw(&[b"nothing".to_vec(), pki.end_entity()]);
    assert!(nothing.nodes.iter().all(|node| !node.is_on_the_way), "{nothing:?}");
    assert_eq!(nothing.places.len(), 2);
}

#[test]
fn no_hostile_chain_makes_a_picture_without_end() {
    let Hostile { chains, root } = Hostile::new();
    let anchors = anchors(&[root]);
    for (story, chain) in chains {
        let facts = ChainFacts::analyse(&chain, &anchors);
        let picture = ChainPicture::new(&facts, now());
        is_sound(&picture);
        assert_eq!(picture.places.len() + picture.left_out, chain.len(), "{story}");
        for node in &picture.nodes {
            assert!(node.name.chars().count() <= 700, "{story}");
            assert!(!node.name.contains(['\u{1b}', '\u{202e}', '\n', '\0']), "{story}");
        }
    }
}
