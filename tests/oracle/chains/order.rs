//! The right certificates in every order, and some of them left out or served twice.

use super::case::Case;
use super::certificate::Plan;
use super::key::{CA, LEAF, ROOT, SECOND, THIRD};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for levels in 1..=3 {
        let chain = chain(levels);
        let root = chain.last().unwrap();
        for order in arrangements(chain.len()) {
            let name: Vec<&str> = order.iter().map(|place| name(*place, levels)).collect();
            let served: Vec<&[u8]> = order.iter().map(|place| &*chain[*place]).collect();
            cases.push(Case::of(&format!("{levels}-levels/{}", name.join("-")), &served, &[root]));
        }
    }
    cases
}

/// An end entity below some intermediates, then the root.
fn chain(levels: usize) -> Vec<Vec<u8>> {
    let root = Plan::root("Root", &ROOT);
    let mut chain = vec![root.signed_by(&ROOT)];
    let mut issuer = root;
    for (name, key) in
        [("CA 3", &THIRD), ("CA 2", &SECOND), ("CA 1", &CA)].into_iter().skip(3 - levels)
    {
        let ca = Plan::ca(name, key, &issuer);
        chain.push(ca.signed_by(issuer.key));
        issuer = ca;
    }
    chain.push(Plan::leaf(&LEAF, &issuer).signed_by(issuer.key));
    chain.reverse();
    chain
}

fn name(place: usize, levels: usize) -> &'static str {
    match place {
        0 => "leaf",
        place if place > levels => "root",
        place => ["ca1", "ca2", "ca3"][place - 1],
    }
}

/// Returns which places of a chain of this length are served, in which order. A digit of a word is
/// a place. The deepest chain is tried in the orders that differ in kind only.
fn arrangements(length: usize) -> impl Iterator<Item = Vec<usize>> {
    let words = match length {
        3 => "0 01 02 10 1 2 012 021 102 120 201 210 001 010 011 0122 0101 011111",
        4 => "012 021 102 201 210 01 02 013 0123 0321 0213 0132 0121 0112 0122",
        _ => "0123 0132 0213 0231 0312 0321 013 023 012",
    };
    let places = |word: &str| word.bytes().map(|digit| usize::from(digit - b'0')).collect();
    words.split(' ').map(places)
}
