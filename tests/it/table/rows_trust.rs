//! Chains that reach no trust anchor: what was left out, and what nobody vouches for.

use origin_probe::demo::pki::{Authority, AuthorityOptions, CaIssuers, EndEntity, SelfSigned};
use origin_probe::demo::server::TlsServerOptions;

use super::kit::{SOUND, days, end_entity, intermediate, serve, stranger};
use super::row::{Row, row};
use super::stage::Stage;

const MISSING: &str = "intermediate-missing fails";
const UNTRUSTED: &str = "issuer-untrusted fails";
const SELF_SIGNED: &str = "certificate-self-signed fails";
const UNRELATED: &str = "unrelated-certificate-served may-fail";

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("an_end_entity_below_the_root")
            .rustls(|stage| serve(&stage.root.issue(&end_entity(SOUND)).unwrap(), &[]))
            .answers(&[])
            .until(70),
        row("an_intermediate_named_like_its_root")
            .rustls(|stage| {
                let options = AuthorityOptions::default();
                let twin = stage.root.intermediate("Table Root", days(-90..900), &options).unwrap();
                serve(&twin.issue(&end_entity(SOUND)).unwrap(), &[&twin])
            })
            .answers(&[])
            .until(70),
        row("the_upper_of_two_intermediates_is_missing")
            .rustls(|stage| {
                let upper = intermediate(stage);
                let options = AuthorityOptions::default();
                let lower = upper.intermediate("Lower", days(-500..900), &options).unwrap();
                serve(&lower.issue(&end_entity(SOUND)).unwrap(), &[&lower])
            })
            .fails(&[MISSING]),
        row("the_lower_of_two_intermediates_is_missing")
            .rustls(|stage| {
                let upper = intermediate(stage);
                let options = AuthorityOptions::default();
                let lower = upper.intermediate("Lower", days(-500..900), &options).unwrap();
                serve(&lower.issue(&end_entity(SOUND)).unwrap(), &[&upper])
            })
            .fails(&[MISSING, UNRELATED]),
        row("a_missing_intermediate_below_a_served_root")
            .rustls(|stage| {
                let ca = intermediate(stage);
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&stage.root])
            })
            .fails(&[MISSING, "trust-anchor-served notice", UNRELATED]),
        row("an_intermediate_left_from_another_issuer")
            .rustls(|stage| left_over(stage, CaIssuers::AsPublic))
            .fails(&[MISSING, UNRELATED]),
        row("an_intermediate_left_from_another_issuer_and_no_address")
            .rustls(|stage| left_over(stage, CaIssuers::Absent))
            .fails(&[MISSING, UNRELATED]),
        row("an_unknown_issuer_with_a_public_address")
            .rustls(|_| private(CaIssuers::AsPublic, |_, _| vec![]))
            .fails(&[MISSING]),
        row("an_unknown_issuer_with_an_internal_address")
            .rustls(|_| {
                let url = CaIssuers::Url("http://pki.corp.internal/ca.der".to_owned());
                private(url, |_, _| vec![])
            })
            .fails(&[UNTRUSTED]),
    ];
    rows.extend(private_ones());
    rows
}

fn private_ones() -> Vec<Row> {
    vec![
        row("a_private_ca_of_which_nothing_is_served")
            .rustls(|_| private(CaIssuers::Absent, |_, _| vec![]))
            .fails(&[UNTRUSTED]),
        row("a_private_ca_without_its_root")
            .rustls(|_| private(CaIssuers::Absent, |ca, _| vec![ca]))
            .fails(&[UNTRUSTED]),
        row("a_private_ca_with_its_root")
            .rustls(|_| private(CaIssuers::Absent, |ca, root| vec![ca, root]))
            .fails(&[UNTRUSTED]),
        row("a_private_ca_with_public_addresses_and_its_root")
            .rustls(|_| private(CaIssuers::AsPublic, |ca, root| vec![ca, root]))
            .fails(&[UNTRUSTED]),
        row("what_openssl_req_x509_makes")
            .rustls(|_| self_signed(&end_entity(SOUND), SelfSigned::OpensslRequest))
            .fails(&[SELF_SIGNED]),
        row("a_self_signed_certificate_that_is_no_ca")
            .rustls(|_| self_signed(&end_entity(SOUND), SelfSigned::EndEntity))
            .fails(&[SELF_SIGNED]),
        row("a_self_signed_certificate_that_has_expired")
            .rustls(|_| self_signed(&end_entity(-90..-1), SelfSigned::OpensslRequest))
            .fails(&["certificate-expired fails", SELF_SIGNED]),
        row("a_self_signed_certificate_of_another_name")
            .rustls(|_| {
                let localhost = EndEntity::new(&["localhost"], days(SOUND));
                self_signed(&localhost, SelfSigned::OpensslRequest)
            })
            .fails(&["name-not-in-certificate fails", SELF_SIGNED]),
        row("a_self_signed_certificate_and_a_strange_root")
            .rustls(|_| {
                let issued = end_entity(SOUND).self_signed(SelfSigned::EndEntity).unwrap();
                serve(&issued, &[&stranger()])
            })
            .fails(&[SELF_SIGNED, UNRELATED]),
    ]
}

/// The certificate was renewed with another CA, and the file kept the old one's intermediate.
fn left_over(stage: &Stage, ca_issuers: CaIssuers) -> TlsServerOptions {
    let options = AuthorityOptions::default();
    let new = stage.root.intermediate("New Intermediate", days(-90..900), &options).unwrap();
    let issued = new.issue(&EndEntity { ca_issuers, ..end_entity(SOUND) }).unwrap();
    serve(&issued, &[&intermediate(stage)])
}

fn private(
    ca_issuers: CaIssuers,
    above: fn(Authority, Authority) -> Vec<Authority>,
) -> TlsServerOptions {
    let options = AuthorityOptions { ca_issuers: ca_issuers.clone(), ..Default::default() };
    let root = stranger();
    let ca = root.intermediate("Strange Intermediate", days(-90..900), &options).unwrap();
    let issued = ca.issue(&EndEntity { ca_issuers, ..end_entity(SOUND) }).unwrap();
    serve(&issued, &above(ca, root).iter().collect::<Vec<_>>())
}

fn self_signed(end_entity: &EndEntity, shape: SelfSigned) -> TlsServerOptions {
    serve(&end_entity.self_signed(shape).unwrap(), &[])
}
