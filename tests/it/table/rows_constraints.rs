//! What issuers forbid, and the names that a certificate has.

use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, KeyPurpose};
use origin_probe::demo::server::TlsServerOptions;

use super::kit::{SOUND, days, end_entity, intermediate, serve};
use super::row::{Row, row};
use super::stage::{DOMAIN, Leaf, Stage};

const VIOLATED: &str = "chain-constraint-violated fails";
const NOT_NAMED: &str = "name-not-in-certificate fails";
const COMMON_NAME: &str = "common-name-only notice";

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("a_certificate_for_clients_only")
            .rustls(|stage| with_purposes(stage, vec![KeyPurpose::ClientAuthentication]))
            .fails(&[VIOLATED]),
        row("a_certificate_for_ocsp_only")
            .rustls(|stage| with_purposes(stage, vec![KeyPurpose::OcspSigning]))
            .fails(&[VIOLATED]),
        row("a_certificate_for_servers_and_clients")
            .rustls(|stage| {
                let purposes =
                    vec![KeyPurpose::ClientAuthentication, KeyPurpose::ServerAuthentication];
                with_purposes(stage, purposes)
            })
            .answers(&[])
            .until(70),
        row("a_certificate_for_any_purpose_left_unsaid")
            .rustls(|stage| with_purposes(stage, vec![]))
            .answers(&[])
            .until(70),
        row("an_intermediate_for_clients_only")
            .rustls(|stage| {
                let key_purposes = vec![KeyPurpose::ClientAuthentication];
                below(stage, AuthorityOptions { key_purposes, ..Default::default() })
            })
            .fails(&[VIOLATED]),
        row("outside_the_names_that_an_issuer_may_certify")
            .rustls(|stage| below(stage, permitted(&["other.example"])))
            .fails(&[VIOLATED]),
        row("inside_the_names_that_an_issuer_may_certify")
            .rustls(|stage| below(stage, permitted(&["other.example", "example.com"])))
            .answers(&[])
            .until(70),
        row("among_the_names_that_an_issuer_must_not_certify")
            .rustls(|stage| {
                let excluded_names = vec!["example.com".to_owned()];
                below(stage, AuthorityOptions { excluded_names, ..Default::default() })
            })
            .fails(&[VIOLATED]),
        row("one_intermediate_more_than_allowed")
            .rustls(|stage| below_two(stage, Some(0)))
            .fails(&[VIOLATED]),
        row("as_many_intermediates_as_allowed")
            .rustls(|stage| below_two(stage, Some(1)))
            .answers(&[])
            .until(70),
        row("a_free_path_beside_a_constrained_one")
            .rustls(|stage| {
                let narrow = narrow(stage, &permitted(&["other.example"]));
                let options = AuthorityOptions::default();
                let free = stage.root.cross_sign(&narrow, days(-90..900), &options).unwrap();
                serve(&narrow.issue(&end_entity(SOUND)).unwrap(), &[&narrow, &free])
            })
            .undecided(&["chain-dead-end may-fail"])
            .until(70),
        row("a_certificate_signed_with_sha_1")
            .rustls(|stage| stage.options(Leaf::Sha1))
            .undecided(&["signature-unsupported may-fail"]),
    ];
    rows.extend(names());
    rows
}

/// What the certificate presents against the origin domain.
fn names() -> Vec<Row> {
    vec![
        row("a_wildcard_of_one_label")
            .rustls(|stage| named(stage, &["*.example.com"]))
            .answers(&[])
            .until(70),
        row("a_wildcard_of_the_wrong_level")
            .rustls(|stage| named(stage, &["*.com", "*.origin.example.com"]))
            .fails(&[NOT_NAMED]),
        row("half_a_wildcard")
            .rustls(|stage| named(stage, &["orig*.example.com"]))
            .fails(&[NOT_NAMED]),
        row("a_name_in_upper_case")
            .rustls(|stage| named(stage, &["ORIGIN.Example.COM"]))
            .answers(&[])
            .until(70),
        row("the_parent_domain").rustls(|stage| named(stage, &["example.com"])).fails(&[NOT_NAMED]),
        row("the_last_of_a_hundred_names")
            .rustls(|stage| {
                let mut names: Vec<String> =
                    (0..99).map(|number| format!("site-{number}.example.org")).collect();
                names.push(DOMAIN.to_owned());
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                named(stage, &names)
            })
            .answers(&[])
            .until(70),
        row("the_common_name_alone")
            .rustls(|stage| issued(stage, &EndEntity::common_name_only(DOMAIN, days(SOUND))))
            .answers(&[COMMON_NAME])
            .until(70),
        row("another_common_name_alone")
            .rustls(|stage| {
                issued(stage, &EndEntity::common_name_only("other.example.org", days(SOUND)))
            })
            .fails(&[NOT_NAMED]),
        row("the_common_name_beside_other_names")
            .rustls(|stage| {
                let common_name = Some(DOMAIN.to_owned());
                let other = EndEntity::new(&["other.example.org"], days(SOUND));
                issued(stage, &EndEntity { common_name, ..other })
            })
            .fails(&[NOT_NAMED]),
        row("the_common_name_beside_an_address")
            .rustls(|stage| {
                let common_name = Some(DOMAIN.to_owned());
                let address = EndEntity::new(&["192.0.2.1"], days(SOUND));
                issued(stage, &EndEntity { common_name, ..address })
            })
            .undecided(&["common-name-only may-fail"])
            .until(70),
        row("no_name_at_all")
            .rustls(|stage| {
                let nameless = EndEntity { common_name: None, names: vec![], ..end_entity(SOUND) };
                issued(stage, &nameless)
            })
            .fails(&[NOT_NAMED]),
    ]
}

fn named(stage: &Stage, names: &[&str]) -> TlsServerOptions {
    issued(stage, &EndEntity::new(names, days(SOUND)))
}

fn with_purposes(stage: &Stage, key_purposes: Vec<KeyPurpose>) -> TlsServerOptions {
    issued(stage, &EndEntity { key_purposes, ..end_entity(SOUND) })
}

fn issued(stage: &Stage, end_entity: &EndEntity) -> TlsServerOptions {
    let ca = intermediate(stage);
    serve(&ca.issue(end_entity).unwrap(), &[&ca])
}

fn permitted(names: &[&str]) -> AuthorityOptions {
    let permitted_names = names.iter().map(|name| (*name).to_owned()).collect();
    AuthorityOptions { permitted_names, ..Default::default() }
}

fn narrow(stage: &Stage, options: &AuthorityOptions) -> Authority {
    stage.root.intermediate("Narrow Intermediate", days(-90..900), options).unwrap()
}

fn below(stage: &Stage, options: AuthorityOptions) -> TlsServerOptions {
    let ca = narrow(stage, &options);
    serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca])
}

/// Two intermediates, of which the upper allows so many below it.
fn below_two(stage: &Stage, path_length: Option<u8>) -> TlsServerOptions {
    let upper = narrow(stage, &AuthorityOptions { path_length, ..Default::default() });
    let lower = upper.intermediate("Lower", days(-90..900), &Default::default()).unwrap();
    serve(&lower.issue(&end_entity(SOUND)).unwrap(), &[&lower, &upper])
}
