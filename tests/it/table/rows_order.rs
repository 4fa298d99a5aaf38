//! The order of what is served, repetitions, and what does not belong.

use origin_probe::demo::pki::Authority;
use origin_probe::demo::server::TlsServerOptions;

use super::kit::{
    SOUND, below, cross_sign, days, end_entity, intermediate, serve_list, serve_sound, stranger,
};
use super::row::{ANCHOR, DEAD_END, MISSING, OUT_OF_ORDER, Row, TWICE, UNRELATED, UNTRUSTED, row};
use super::stage::{Leaf, Stage};

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("a_chain_in_order").list("LWV"),
        row("intermediates_in_the_wrong_order").list("LVW").fails_for_order(&[OUT_OF_ORDER]),
        row("an_intermediate_before_the_end_entity").list("WLV").fails(&[OUT_OF_ORDER]),
        row("a_trailing_root").list("LIR").answers(&[ANCHOR]),
        row("a_root_before_the_intermediate").list("LRI").fails_for_order(&[OUT_OF_ORDER, ANCHOR]),
        row("a_chain_upside_down").list("RIL").fails(&[OUT_OF_ORDER, ANCHOR]),
        row("a_root_before_the_end_entity").list("RLI").fails(&[OUT_OF_ORDER, ANCHOR]),
        row("the_intermediate_twice").list("LII").answers(&[TWICE_NOTED]),
        row("the_end_entity_twice").list("LLI").undecided(&[TWICE]),
        row("the_end_entity_again_at_the_end").list("LIL").undecided(&[TWICE]),
        row("everything_twice").list("LILI").undecided(&[TWICE]),
        row("the_root_twice").list("LIRR").answers(&[TWICE_NOTED, ANCHOR]),
        row("a_ca_certificate_as_the_servers_own")
            .certificate(Leaf::CaAsEndEntity)
            .undecided(&["ca-as-end-entity may-fail"]),
    ];
    rows.extend(with_strangers());
    rows
}

const TWICE_NOTED: &str = "certificate-served-twice notice";

fn with_strangers() -> Vec<Row> {
    vec![
        row("a_strange_intermediate_at_the_end").list("LIU").undecided(&[UNRELATED]),
        row("a_strange_intermediate_between")
            .list("LUI")
            .fails_for_order(&[OUT_OF_ORDER, UNRELATED]),
        row("a_strange_intermediate_before_the_end_entity")
            .list("ULI")
            .fails(&[OUT_OF_ORDER, UNRELATED]),
        row("nothing_but_a_strange_intermediate_before_the_end_entity").list("UL").fails(&[
            OUT_OF_ORDER,
            MISSING,
            UNRELATED,
        ]),
        row("a_strange_root_at_the_end").list("LIS").undecided(&[UNRELATED]),
        row("another_end_entity_at_the_end").list("LIE").undecided(&[UNRELATED]),
        row("an_end_entity_that_was_changed_after_it_was_signed")
            .list("CI")
            .fails(&["issuer-signature-invalid fails"]),
        row("two_certificates_of_one_intermediate_side_by_side")
            .serves(|stage| {
                let ca = intermediate(stage);
                serve_sound(&ca, &[&cross_sign(&stranger(), &ca, -500..900), &ca])
            })
            .undecided(&[DEAD_END]),
        row("the_same_two_in_the_other_order").serves(|stage| {
            let ca = intermediate(stage);
            serve_sound(&ca, &[&ca, &cross_sign(&stranger(), &ca, -500..900)])
        }),
        row("a_new_root_before_its_cross_signed_form")
            .serves(|stage| new_root(stage, |new, cross| vec![new, cross]))
            .undecided(&[DEAD_END]),
        row("a_new_root_behind_its_cross_signed_form")
            .serves(|stage| new_root(stage, |new, cross| vec![cross, new])),
        row("a_new_root_without_its_cross_signed_form")
            .rustls(|stage| new_root(stage, |new, _| vec![new]))
            .fails(&[UNTRUSTED]),
        row("a_cross_signed_root_at_the_end").serves(|stage| cross_signed(stage, 900)),
        row("an_expired_cross_signed_root_at_the_end").serves(|stage| cross_signed(stage, -10)),
        row("an_expired_cross_signed_root_and_the_root_that_signed_it").serves(|stage| {
            let (ca, old) = (intermediate(stage), stranger());
            serve_sound(&ca, &[&ca, &cross_sign(&old, &stage.root, -500..-10), &old])
        }),
    ]
}

impl Row {
    /// A server that serves these certificates in this order:
    ///
    /// | letter | certificate |
    /// |---|---|
    /// | L | the end entity, below W where that is served, else below I |
    /// | I | an intermediate of the root |
    /// | R | the root |
    /// | V, W | another intermediate of the root, and one below that |
    /// | U | an intermediate of the root that issued none of them |
    /// | S | an untrusted root |
    /// | E | the end entity before its renewal |
    /// | C | the end entity, changed after it was signed |
    fn list(self, letters: &'static str) -> Self {
        self.serves(move |stage| {
            let ca = intermediate(stage);
            let upper = below(&stage.root, "Upper Intermediate", -500..900);
            let lower = below(&upper, "Lower Intermediate", -500..900);
            let issuer = if letters.contains('W') { &lower } else { &ca };
            let issued = issuer.issue(&end_entity(SOUND)).unwrap();
            let list = letters.chars().map(|letter| match letter {
                'L' => issued.der.clone(),
                'I' => ca.der(),
                'R' => stage.root.der(),
                'V' => upper.der(),
                'W' => lower.der(),
                'U' => below(&stage.root, "Another Intermediate", -500..900).der(),
                'S' => stranger().der(),
                'E' => ca.issue(&end_entity(-110..-20)).unwrap().der,
                'C' => {
                    let mut changed = issued.der.clone();
                    *changed.last_mut().unwrap() ^= 1;
                    changed
                }
                _ => panic!("no certificate has the letter {letter}"),
            });
            serve_list(&issued, list.collect())
        })
    }
}

/// The shape that a load balancer's managed certificate has, and that Let's Encrypt had for years:
/// the last one certifies a root that is trusted by itself.
fn cross_signed(stage: &Stage, end: i64) -> TlsServerOptions {
    let ca = intermediate(stage);
    serve_sound(&ca, &[&ca, &cross_sign(&stranger(), &stage.root, -500..end)])
}

/// A chain below a root that is not trusted yet, but cross-signed by one that is.
fn new_root(stage: &Stage, above: fn(Authority, Authority) -> Vec<Authority>) -> TlsServerOptions {
    let new = Authority::root("New Root", days(-500..900)).unwrap();
    let cross = cross_sign(&stage.root, &new, -500..900);
    let ca = below(&new, "New Intermediate", -500..900);
    let above = above(new, cross);
    serve_sound(&ca, &[&ca].into_iter().chain(&above).collect::<Vec<_>>())
}
