//! Certificates that fail by themselves, whichever engine reads them.

use origin_probe::demo::pki::{AuthorityOptions, EndEntity, SelfSigned, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions};

use super::row::{Row, row};
use super::stage::{DOMAIN, Leaf, Stage, now};

const CBC: &str = "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA";
const TOLERANT: &str = "aws's pages ask for the order, its library does not mind it";

/// A full handshake and a hello that read the same certificate.
const BOTH: [(&str, &str, Leaf, &str); 3] = [
    ("an_expired_certificate", "an_expired_certificate_by_hello", Leaf::Expired, EXPIRED),
    ("a_certificate_of_tomorrow", "a_certificate_of_tomorrow_by_hello", Leaf::NotYetValid, EARLY),
    (
        "a_missing_intermediate",
        "a_missing_intermediate_by_hello",
        Leaf::WithoutIntermediate,
        "intermediate-missing fails",
    ),
];

const EXPIRED: &str = "certificate-expired fails";
const EARLY: &str = "certificate-not-yet-valid fails";
const OUT_OF_ORDER: &str = "chain-out-of-order fails";

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (full, hello, leaf, finding) in BOTH {
        rows.push(row(full).openssl(leaf, "-tls1_2").fails(&[finding]));
        rows.push(row(hello).openssl(leaf, CBC).hello().fails(&[finding]));
    }
    rows.extend([
        row("a_chain_in_order").rustls(|stage| chain(stage, [0, 1, 2])).answers(&[]),
        row("intermediates_in_the_wrong_order")
            .rustls(|stage| chain(stage, [0, 2, 1]))
            .fails(&[OUT_OF_ORDER])
            .differs(TOLERANT),
        row("an_intermediate_before_the_end_entity")
            .rustls(|stage| chain(stage, [1, 0, 2]))
            .fails(&[OUT_OF_ORDER]),
        row("a_self_signed_certificate")
            .rustls(self_signed)
            .fails(&["certificate-self-signed fails"]),
    ]);
    rows
}

/// End entity, its intermediate, and that one's intermediate, in the order of their numbers.
fn chain(stage: &Stage, order: [usize; 3]) -> TlsServerOptions {
    let window = Window::days(-500..900, now());
    let options = AuthorityOptions::default();
    let upper = stage.root.intermediate("Upper Intermediate", window, &options).unwrap();
    let lower = upper.intermediate("Lower Intermediate", window, &options).unwrap();
    let end_entity = EndEntity::new(&[DOMAIN], Window::days(-20..70, now()));
    let issued = lower.issue(&end_entity).unwrap();
    let certificates = [issued.der, lower.der(), upper.der()];
    let served = order.map(|place| certificates[place].clone()).to_vec();
    let served = ServedCertificate::new(served, issued.key);
    TlsServerOptions::new(Certificates::for_everyone(served))
}

fn self_signed(_: &Stage) -> TlsServerOptions {
    let end_entity = EndEntity::new(&[DOMAIN], Window::days(-20..70, now()));
    let issued = end_entity.self_signed(SelfSigned::OpensslRequest).unwrap();
    let served = ServedCertificate::new(vec![issued.der], issued.key);
    TlsServerOptions::new(Certificates::for_everyone(served))
}
