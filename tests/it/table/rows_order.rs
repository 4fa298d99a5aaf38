//! The order of what is served, repetitions, and what does not belong.

use origin_probe::demo::pki::{Authority, AuthorityOptions, Issued};
use origin_probe::demo::server::TlsServerOptions;

use super::kit::{SOUND, TOLERANT, days, end_entity, intermediate, serve, serve_list, stranger};
use super::row::{Row, row};
use super::stage::{Leaf, Stage};

const OUT_OF_ORDER: &str = "chain-out-of-order fails";
const ANCHOR: &str = "trust-anchor-served notice";
const UNRELATED: &str = "unrelated-certificate-served may-fail";

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("a_trailing_root")
            .rustls(|stage| list(stage, |ee, ca, root| vec![ee, ca, root]))
            .answers(&[ANCHOR])
            .until(70),
        row("a_root_before_the_intermediate")
            .rustls(|stage| list(stage, |ee, ca, root| vec![ee, root, ca]))
            .fails(&[OUT_OF_ORDER, ANCHOR])
            .differs(TOLERANT),
        row("a_chain_upside_down")
            .rustls(|stage| list(stage, |ee, ca, root| vec![root, ca, ee]))
            .fails(&[OUT_OF_ORDER, ANCHOR]),
        row("a_root_before_the_end_entity")
            .rustls(|stage| list(stage, |ee, ca, root| vec![root, ee, ca]))
            .fails(&[OUT_OF_ORDER, ANCHOR]),
        row("the_intermediate_twice")
            .rustls(|stage| list(stage, |ee, ca, _| vec![ee, ca.clone(), ca]))
            .answers(&["certificate-served-twice notice"])
            .until(70),
        row("the_end_entity_twice")
            .rustls(|stage| list(stage, |ee, ca, _| vec![ee.clone(), ee, ca]))
            .undecided(&["certificate-served-twice may-fail"])
            .until(70),
        row("the_end_entity_again_at_the_end")
            .rustls(|stage| list(stage, |ee, ca, _| vec![ee.clone(), ca, ee]))
            .undecided(&["certificate-served-twice may-fail"])
            .until(70),
        row("everything_twice")
            .rustls(|stage| list(stage, |ee, ca, _| vec![ee.clone(), ca.clone(), ee, ca]))
            .undecided(&["certificate-served-twice may-fail"])
            .until(70),
        row("the_root_twice")
            .rustls(|stage| list(stage, |ee, ca, root| vec![ee, ca, root.clone(), root]))
            .answers(&["certificate-served-twice notice", ANCHOR])
            .until(70),
        row("a_ca_certificate_as_the_servers_own")
            .rustls(|stage| stage.options(Leaf::CaAsEndEntity))
            .undecided(&["ca-as-end-entity may-fail"]),
    ];
    rows.extend(with_strangers());
    rows
}

fn with_strangers() -> Vec<Row> {
    vec![
        row("a_strange_intermediate_at_the_end")
            .rustls(|stage| {
                let ca = intermediate(stage);
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca, &other(stage)])
            })
            .undecided(&[UNRELATED])
            .until(70),
        row("a_strange_intermediate_between")
            .rustls(|stage| {
                let ca = intermediate(stage);
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&other(stage), &ca])
            })
            .fails(&[OUT_OF_ORDER, UNRELATED])
            .differs(TOLERANT),
        row("a_strange_intermediate_before_the_end_entity")
            .rustls(|stage| {
                let ca = intermediate(stage);
                let issued = ca.issue(&end_entity(SOUND)).unwrap();
                serve_list(&issued, vec![other(stage).der(), issued.der.clone(), ca.der()])
            })
            .fails(&[OUT_OF_ORDER, UNRELATED]),
        row("nothing_but_a_strange_intermediate_before_the_end_entity")
            .rustls(|stage| {
                let issued = intermediate(stage).issue(&end_entity(SOUND)).unwrap();
                serve_list(&issued, vec![other(stage).der(), issued.der.clone()])
            })
            .fails(&[OUT_OF_ORDER, "intermediate-missing fails", UNRELATED]),
        row("a_strange_root_at_the_end")
            .rustls(|stage| {
                let ca = intermediate(stage);
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca, &stranger()])
            })
            .undecided(&[UNRELATED])
            .until(70),
        row("another_end_entity_at_the_end")
            .rustls(|stage| {
                let ca = intermediate(stage);
                let issued = ca.issue(&end_entity(SOUND)).unwrap();
                let earlier = ca.issue(&end_entity(-110..-20)).unwrap();
                serve_list(&issued, vec![issued.der.clone(), ca.der(), earlier.der])
            })
            .undecided(&[UNRELATED])
            .until(70),
        row("two_certificates_of_one_intermediate_side_by_side")
            .rustls(|stage| {
                let ca = intermediate(stage);
                let options = AuthorityOptions::default();
                let cross = stranger().cross_sign(&ca, days(-500..900), &options).unwrap();
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&cross, &ca])
            })
            .undecided(&["chain-dead-end may-fail"])
            .until(70),
        row("the_same_two_in_the_other_order")
            .rustls(|stage| {
                let ca = intermediate(stage);
                let options = AuthorityOptions::default();
                let cross = stranger().cross_sign(&ca, days(-500..900), &options).unwrap();
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca, &cross])
            })
            .answers(&[])
            .until(70),
        row("a_new_root_before_its_cross_signed_form")
            .rustls(|stage| new_root(stage, |new, cross| vec![new, cross]))
            .undecided(&["chain-dead-end may-fail"])
            .until(70),
        row("a_new_root_behind_its_cross_signed_form")
            .rustls(|stage| new_root(stage, |new, cross| vec![cross, new]))
            .answers(&[])
            .until(70),
        row("a_new_root_without_its_cross_signed_form")
            .rustls(|stage| new_root(stage, |new, _| vec![new]))
            .fails(&["issuer-untrusted fails"]),
        row("an_end_entity_that_was_changed_after_it_was_signed")
            .rustls(|stage| {
                let ca = intermediate(stage);
                let issued = ca.issue(&end_entity(SOUND)).unwrap();
                let mut changed = issued.der.clone();
                *changed.last_mut().unwrap() ^= 1;
                serve_list(&issued, vec![changed, ca.der()])
            })
            .fails(&["issuer-signature-invalid fails"]),
        row("a_cross_signed_root_at_the_end")
            .rustls(|stage| cross_signed_root(stage, 900))
            .answers(&[])
            .until(70),
        row("an_expired_cross_signed_root_at_the_end")
            .rustls(|stage| cross_signed_root(stage, -10))
            .answers(&[])
            .until(70),
        row("an_expired_cross_signed_root_and_the_root_that_signed_it")
            .rustls(|stage| {
                let (ca, old) = (intermediate(stage), stranger());
                let options = AuthorityOptions::default();
                let cross = old.cross_sign(&stage.root, days(-500..-10), &options).unwrap();
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca, &cross, &old])
            })
            .answers(&[])
            .until(70),
    ]
}

/// The shape that a load balancer's managed certificate has, and that Let's Encrypt had for years:
/// the last one certifies a root that is trusted by itself.
fn cross_signed_root(stage: &Stage, end: i64) -> TlsServerOptions {
    let (ca, options) = (intermediate(stage), AuthorityOptions::default());
    let cross = stranger().cross_sign(&stage.root, days(-500..end), &options).unwrap();
    serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca, &cross])
}

fn other(stage: &Stage) -> Authority {
    let options = AuthorityOptions::default();
    stage.root.intermediate("Another Intermediate", days(-500..900), &options).unwrap()
}

/// A server of end entity, intermediate and root in an order of one's own.
fn list(
    stage: &Stage,
    order: impl FnOnce(Vec<u8>, Vec<u8>, Vec<u8>) -> Vec<Vec<u8>>,
) -> TlsServerOptions {
    let ca = intermediate(stage);
    let issued: Issued = ca.issue(&end_entity(SOUND)).unwrap();
    let served = order(issued.der.clone(), ca.der(), stage.root.der());
    serve_list(&issued, served)
}

/// A chain below a root that is not trusted yet, but cross-signed by one that is.
fn new_root(stage: &Stage, above: fn(Authority, Authority) -> Vec<Authority>) -> TlsServerOptions {
    let options = AuthorityOptions::default();
    let new = Authority::root("New Root", days(-500..900)).unwrap();
    let cross = stage.root.cross_sign(&new, days(-500..900), &options).unwrap();
    let ca = new.intermediate("New Intermediate", days(-500..900), &options).unwrap();
    let issued = ca.issue(&end_entity(SOUND)).unwrap();
    let list = [ca].into_iter().chain(above(new, cross)).collect::<Vec<_>>();
    serve(&issued, &list.iter().collect::<Vec<_>>())
}
