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

/// Which places of the chain are served, in which order. The deepest chain is tried in the orders
/// that differ in kind only.
fn arrangements(length: usize) -> Vec<Vec<usize>> {
    match length {
        3 => [
            &[0][..],
            &[0, 1],
            &[0, 2],
            &[1, 0],
            &[1],
            &[2],
            &[0, 1, 2],
            &[0, 2, 1],
            &[1, 0, 2],
            &[1, 2, 0],
            &[2, 0, 1],
            &[2, 1, 0],
            &[0, 0, 1],
            &[0, 1, 0],
            &[0, 1, 1],
            &[0, 1, 2, 2],
            &[0, 1, 0, 1],
            &[0, 1, 1, 1, 1, 1],
        ]
        .map(<[usize]>::to_vec)
        .to_vec(),
        4 => [
            &[0, 1, 2][..],
            &[0, 2, 1],
            &[1, 0, 2],
            &[2, 0, 1],
            &[2, 1, 0],
            &[0, 1],
            &[0, 2],
            &[0, 1, 3],
            &[0, 1, 2, 3],
            &[0, 3, 2, 1],
            &[0, 2, 1, 3],
            &[0, 1, 3, 2],
            &[0, 1, 2, 1],
            &[0, 1, 1, 2],
            &[0, 1, 2, 2],
        ]
        .map(<[usize]>::to_vec)
        .to_vec(),
        _ => [
            &[0, 1, 2, 3][..],
            &[0, 1, 3, 2],
            &[0, 2, 1, 3],
            &[0, 2, 3, 1],
            &[0, 3, 1, 2],
            &[0, 3, 2, 1],
            &[0, 1, 3],
            &[0, 2, 3],
            &[0, 1, 2],
        ]
        .map(<[usize]>::to_vec)
        .to_vec(),
    }
}
