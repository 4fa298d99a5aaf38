//! Chains of every length, and path length constraints on the way.

use crate::common::forge::{element, sequence};

use super::case::Case;
use super::certificate::{BASIC_CONSTRAINTS, Plan, TRUE};
use super::key::{LEAF, OTHER, ROOT, SECOND, Shared};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for intermediates in 0..=8 {
        cases.push(Line::new(intermediates).case(&format!("{intermediates}-intermediates")));
    }
    for intermediates in [0, 5, 6] {
        let line = Line { is_root_served: true, ..Line::new(intermediates) };
        cases.push(line.case(&format!("{intermediates}-intermediates-and-the-root")));
    }
    let mut add = |self_issued, path_length, name: String| {
        cases
            .push(Line { self_issued, path_length: Some(path_length), ..Line::new(3) }.case(&name));
    };
    // Of three intermediates, the one next to the root may have two below it.
    for (place, length) in [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (3, 3)] {
        let name = format!("path-length-{length}-on-intermediate-{place}-of-3");
        add(None, (place, length), name);
    }
    for length in 0..=3 {
        add(None, (4, length), format!("path-length-{length}-on-the-root-above-3"));
    }
    // A self-issued intermediate has its issuer's name and another key (RFC 5280 §6.1).
    for (self_issued, length) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)] {
        let name = format!("path-length-{length}-on-the-root-with-{self_issued}-of-3-self-issued");
        add(Some(self_issued), (4, length), name);
    }
    for (constrained, length) in [(3, 0), (3, 1), (2, 0)] {
        let name = format!("path-length-{length}-on-{constrained}-with-2-of-3-self-issued");
        add(Some(2), (constrained, length), name);
    }
    cases
}

/// A row of intermediates; the first issues the end entity, the last is issued by the root.
struct Line {
    intermediates: usize,
    /// On which intermediate, counted from the end entity, and how long; beyond the last is the
    /// root.
    path_length: Option<(usize, u8)>,
    /// The intermediate that bears the name of the one above it.
    self_issued: Option<usize>,
    is_root_served: bool,
}

impl Line {
    fn new(intermediates: usize) -> Self {
        Self { intermediates, path_length: None, self_issued: None, is_root_served: false }
    }

    fn case(&self, name: &str) -> Case {
        let root = self.constrained(Plan::root("Root", &ROOT), self.intermediates + 1);
        let anchor = root.signed_by(&ROOT);
        let mut served = Vec::new();
        let mut issuer = root;
        for place in (1..=self.intermediates).rev() {
            // Neighbours differ in their key.
            let key: &'static Shared = if place % 2 == 0 { &OTHER } else { &SECOND };
            let mut ca = Plan::ca(&format!("CA {place}"), key, &issuer);
            if self.self_issued == Some(place) {
                ca.subject.clone_from(&issuer.subject);
            }
            let ca = self.constrained(ca, place);
            served.push(ca.signed_by(issuer.key));
            issuer = ca;
        }
        served.push(Plan::leaf(&LEAF, &issuer).signed_by(issuer.key));
        served.reverse();
        if self.is_root_served {
            served.push(anchor.clone());
        }
        let served: Vec<&[u8]> = served.iter().map(Vec::as_slice).collect();
        Case::of(name, &served, &[&anchor])
    }

    fn constrained(&self, plan: Plan, place: usize) -> Plan {
        match self.path_length {
            Some((on, length)) if on == place => {
                let content = [TRUE, &element(0x02, &[length])].concat();
                plan.with(BASIC_CONSTRAINTS, true, &sequence(&content))
            }
            _ => plan,
        }
    }
}
