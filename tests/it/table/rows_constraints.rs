//! What issuers forbid, and the names that a certificate has.

use origin_probe::demo::pki::KeyPurpose::{
    ClientAuthentication, OcspSigning, ServerAuthentication,
};
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, KeyPurpose};

use super::kit::{
    SOUND, below, cross_sign, days, end_entity, intermediate, serve_issued, serve_sound,
};
use super::row::{DEAD_END, NOT_NAMED, Row, row};
use super::stage::{DOMAIN, Leaf, Stage};

const VIOLATED: &str = "chain-constraint-violated fails";
const COMMON_NAME: &str = "common-name-only notice";

pub fn rows() -> Vec<Row> {
    let excluding = AuthorityOptions {
        excluded_names: vec!["example.com".to_owned()],
        ..AuthorityOptions::default()
    };
    let for_clients = AuthorityOptions {
        key_purposes: vec![ClientAuthentication],
        ..AuthorityOptions::default()
    };
    let mut rows = vec![
        row("a_certificate_for_clients_only").purposes(&[ClientAuthentication]).fails(&[VIOLATED]),
        row("a_certificate_for_ocsp_only").purposes(&[OcspSigning]).fails(&[VIOLATED]),
        row("a_certificate_for_servers_and_clients")
            .purposes(&[ClientAuthentication, ServerAuthentication]),
        row("a_certificate_for_any_purpose_left_unsaid").purposes(&[]),
        row("an_intermediate_for_clients_only").narrow(for_clients).fails(&[VIOLATED]),
        row("outside_the_names_that_an_issuer_may_certify")
            .narrow(permitted(&["other.example"]))
            .fails(&[VIOLATED]),
        row("inside_the_names_that_an_issuer_may_certify")
            .narrow(permitted(&["other.example", "example.com"])),
        row("among_the_names_that_an_issuer_must_not_certify").narrow(excluding).fails(&[VIOLATED]),
        row("one_intermediate_more_than_allowed").below_two(0).fails(&[VIOLATED]),
        row("as_many_intermediates_as_allowed").below_two(1),
        row("a_free_path_beside_a_constrained_one")
            .serves(|stage| {
                let narrow = narrow(stage, &permitted(&["other.example"]));
                let free = cross_sign(&stage.root, &narrow, -90..900);
                serve_sound(&narrow, &[&narrow, &free])
            })
            .undecided(&[DEAD_END]),
        row("a_certificate_signed_with_sha_1")
            .certificate(Leaf::Sha1)
            .undecided(&["signature-unsupported may-fail"]),
    ];
    rows.extend(names());
    rows
}

/// What the certificate presents against the origin domain.
fn names() -> Vec<Row> {
    let common_name_and = |names| EndEntity {
        common_name: Some(DOMAIN.to_owned()),
        ..EndEntity::new(names, days(SOUND))
    };
    let common_name = |name| EndEntity::common_name_only(name, days(SOUND));
    let nameless = EndEntity { common_name: None, names: vec![], ..end_entity(SOUND) };
    let others = (0..99).map(|number| format!("site-{number}.example.org"));
    let hundred: Vec<String> = others.chain([DOMAIN.to_owned()]).collect();
    let hundred: Vec<&str> = hundred.iter().map(String::as_str).collect();
    vec![
        row("a_wildcard_of_one_label").named(&["*.example.com"]),
        row("a_wildcard_of_the_wrong_level")
            .named(&["*.com", "*.origin.example.com"])
            .fails(&[NOT_NAMED]),
        row("half_a_wildcard").named(&["orig*.example.com"]).fails(&[NOT_NAMED]),
        row("a_name_in_upper_case").named(&["ORIGIN.Example.COM"]),
        row("the_parent_domain").named(&["example.com"]).fails(&[NOT_NAMED]),
        row("the_last_of_a_hundred_names").named(&hundred),
        row("the_common_name_alone").issued(common_name(DOMAIN)).answers(&[COMMON_NAME]),
        row("another_common_name_alone")
            .issued(common_name("other.example.org"))
            .fails(&[NOT_NAMED]),
        row("the_common_name_beside_other_names")
            .issued(common_name_and(&["other.example.org"]))
            .fails(&[NOT_NAMED]),
        row("the_common_name_beside_an_address")
            .issued(common_name_and(&["192.0.2.1"]))
            .undecided(&["common-name-only may-fail"]),
        row("no_name_at_all").issued(nameless).fails(&[NOT_NAMED]),
    ]
}

impl Row {
    fn issued(self, end_entity: EndEntity) -> Self {
        self.serves(move |stage| serve_issued(&intermediate(stage), &end_entity))
    }

    fn named(self, names: &[&str]) -> Self {
        self.issued(EndEntity::new(names, days(SOUND)))
    }

    fn purposes(self, key_purposes: &[KeyPurpose]) -> Self {
        self.issued(EndEntity { key_purposes: key_purposes.to_vec(), ..end_entity(SOUND) })
    }

    /// With an ordinary end entity below an intermediate that is limited so.
    fn narrow(self, options: AuthorityOptions) -> Self {
        self.serves(move |stage| {
            let ca = narrow(stage, &options);
            serve_sound(&ca, &[&ca])
        })
    }

    /// With two intermediates; the upper one allows so many below it.
    fn below_two(self, path_length: u8) -> Self {
        self.serves(move |stage| {
            let path_length = Some(path_length);
            let upper = narrow(stage, &AuthorityOptions { path_length, ..Default::default() });
            let lower = below(&upper, "Lower", -90..900);
            serve_sound(&lower, &[&lower, &upper])
        })
    }
}

fn permitted(names: &[&str]) -> AuthorityOptions {
    let permitted_names = names.iter().map(|name| (*name).to_owned()).collect();
    AuthorityOptions { permitted_names, ..Default::default() }
}

fn narrow(stage: &Stage, options: &AuthorityOptions) -> Authority {
    stage.root.intermediate("Narrow Intermediate", days(-90..900), options).unwrap()
}
