//! Chains that reach no trust anchor: what was left out, and what nobody vouches for.

use origin_probe::demo::pki::CaIssuers::{self, Absent, AsPublic};
use origin_probe::demo::pki::SelfSigned::{self, OpensslRequest};
use origin_probe::demo::pki::{AuthorityOptions, EndEntity};

use super::kit::{SOUND, below, days, end_entity, intermediate, serve, serve_sound, stranger};
use super::row::{
    ANCHOR, EXPIRED, MISSING, NOT_NAMED, Row, SELF_SIGNED, UNRELATED, UNTRUSTED, row,
};
use super::stage::{Leaf, Stage};

pub fn rows() -> Vec<Row> {
    let two = |stage: &Stage| {
        let upper = intermediate(stage);
        (below(&upper, "Lower", -500..900), upper)
    };
    let internal = CaIssuers::Url("http://pki.corp.internal/ca.der".to_owned());
    let mut rows = vec![
        row("a_missing_intermediate")
            .openssl(Leaf::WithoutIntermediate, "-tls1_2")
            .fails(&[MISSING]),
        row("a_missing_intermediate_by_hello")
            .openssl_cbc(Leaf::WithoutIntermediate)
            .fails(&[MISSING]),
        row("an_end_entity_below_the_root").serves(|stage| serve_sound(&stage.root, &[])),
        row("an_intermediate_named_like_its_root").serves(|stage| {
            let twin = below(&stage.root, "Table Root", -90..900);
            serve_sound(&twin, &[&twin])
        }),
        row("the_upper_of_two_intermediates_is_missing")
            .rustls(move |stage| {
                let (lower, _) = two(stage);
                serve_sound(&lower, &[&lower])
            })
            .fails(&[MISSING]),
        row("the_lower_of_two_intermediates_is_missing")
            .rustls(move |stage| {
                let (lower, upper) = two(stage);
                serve_sound(&lower, &[&upper])
            })
            .fails(&[MISSING, UNRELATED]),
        row("a_missing_intermediate_below_a_served_root")
            .rustls(|stage| serve_sound(&intermediate(stage), &[&stage.root]))
            .fails(&[MISSING, ANCHOR, UNRELATED]),
        row("an_intermediate_left_from_another_issuer").left_over(AsPublic),
        row("an_intermediate_left_from_another_issuer_and_no_address").left_over(Absent),
        row("an_unknown_issuer_with_a_public_address").private(AsPublic, 0).fails(&[MISSING]),
        row("an_unknown_issuer_with_an_internal_address").private(internal, 0).fails(&[UNTRUSTED]),
    ];
    rows.extend(private_ones());
    rows
}

fn private_ones() -> Vec<Row> {
    let localhost = EndEntity::new(&["localhost"], days(SOUND));
    vec![
        row("a_private_ca_of_which_nothing_is_served").private(Absent, 0).fails(&[UNTRUSTED]),
        row("a_private_ca_without_its_root").private(Absent, 1).fails(&[UNTRUSTED]),
        row("a_private_ca_with_its_root").private(Absent, 2).fails(&[UNTRUSTED]),
        row("a_private_ca_with_public_addresses_and_its_root")
            .private(AsPublic, 2)
            .fails(&[UNTRUSTED]),
        row("a_self_signed_certificate").self_signed(end_entity(SOUND), OpensslRequest),
        row("what_openssl_req_x509_makes").self_signed(end_entity(SOUND), OpensslRequest),
        row("a_self_signed_certificate_that_is_no_ca")
            .self_signed(end_entity(SOUND), SelfSigned::EndEntity),
        row("a_self_signed_certificate_that_has_expired")
            .self_signed(end_entity(-90..-1), OpensslRequest)
            .fails(&[EXPIRED, SELF_SIGNED]),
        row("a_self_signed_certificate_of_another_name")
            .self_signed(localhost, OpensslRequest)
            .fails(&[NOT_NAMED, SELF_SIGNED]),
        row("a_self_signed_certificate_and_a_strange_root")
            .rustls(|_| {
                let issued = end_entity(SOUND).self_signed(SelfSigned::EndEntity).unwrap();
                serve(&issued, &[&stranger()])
            })
            .fails(&[SELF_SIGNED, UNRELATED]),
    ]
}

impl Row {
    /// The certificate was renewed with another CA, and the file kept the old one's intermediate.
    fn left_over(self, ca_issuers: CaIssuers) -> Self {
        let end_entity = EndEntity { ca_issuers, ..end_entity(SOUND) };
        self.rustls(move |stage| {
            let new = below(&stage.root, "New Intermediate", -90..900);
            serve(&new.issue(&end_entity).unwrap(), &[&intermediate(stage)])
        })
        .fails(&[MISSING, UNRELATED])
    }

    /// The certificate is from an intermediate of an untrusted root, and so many of those two are
    /// served.
    fn private(self, ca_issuers: CaIssuers, above: usize) -> Self {
        let options = AuthorityOptions { ca_issuers: ca_issuers.clone(), ..Default::default() };
        let end_entity = EndEntity { ca_issuers, ..end_entity(SOUND) };
        self.rustls(move |_| {
            let root = stranger();
            let ca = root.intermediate("Strange Intermediate", days(-90..900), &options).unwrap();
            serve(&ca.issue(&end_entity).unwrap(), &[&ca, &root][..above])
        })
    }

    fn self_signed(self, end_entity: EndEntity, shape: SelfSigned) -> Self {
        let issued = move || end_entity.self_signed(shape).unwrap();
        self.rustls(move |_| serve(&issued(), &[])).fails(&[SELF_SIGNED])
    }
}
