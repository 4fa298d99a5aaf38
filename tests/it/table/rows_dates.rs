//! What time does to a chain: when it begins to fail, and when its renewal is late.

use std::net::Ipv4Addr;
use std::ops::Range;

use jiff::SignedDuration;
use origin_probe::demo::pki::{EndEntity, Window};
use origin_probe::demo::server::TlsServerOptions;

use super::kit::{
    SOUND, cross_sign, days, end_entity, intermediate, limited, serve_issued, serve_sound,
};
use super::row::{EARLY, EXPIRED, MISSING, NOT_NAMED, Row, row, rustls};
use super::stage::{DOMAIN, Leaf, Stage, now};

const OVERDUE: &str = "renewal-overdue notice";
const LEAVING: &str = "trust-anchor-expiring notice";
const INTERMEDIATE: &str = "intermediate-expired fails";
const INCLUSIVE: &str = "it counts the last second as over; RFC 5280 counts it in";

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        // A full handshake and a hello that read the same certificate.
        row("an_expired_certificate").openssl(Leaf::Expired, "-tls1_2").fails(&[EXPIRED]),
        row("an_expired_certificate_by_hello").openssl_cbc(Leaf::Expired).fails(&[EXPIRED]),
        row("a_certificate_of_tomorrow").openssl(Leaf::NotYetValid, "-tls1_2").fails(&[EARLY]),
        row("a_certificate_of_tomorrow_by_hello").openssl_cbc(Leaf::NotYetValid).fails(&[EARLY]),
        row("the_last_second").sound(-90..0).answers(&[OVERDUE]).until(0).differs(INCLUSIVE),
        row("the_second_after_the_last").seconds(-90 * 86_400, -1).fails(&[EXPIRED]),
        row("the_first_second").sound(0..90).until(90),
        row("the_second_before_the_first").seconds(1, 90 * 86_400).fails(&[EARLY]),
        row("expired_and_of_another_name")
            .rustls(|stage| {
                let other = EndEntity::new(&["other.example.org"], days(-90..-1));
                serve_issued(&intermediate(stage), &other)
            })
            .fails(&[EXPIRED, NOT_NAMED]),
        row("expired_below_an_expired_intermediate")
            .rustls(|stage| serve_issued(&limited(stage, -500..-1), &end_entity(-90..-1)))
            .fails(&[EXPIRED, INTERMEDIATE]),
        row("a_year_with_22_days_left").sound(-376..22).until(22),
        row("a_year_with_20_days_left").sound(-378..20).answers(&[OVERDUE]).until(20),
        row("200_days_with_22_days_left").sound(-178..22).until(22),
        row("200_days_with_20_days_left").sound(-180..20).answers(&[OVERDUE]).until(20),
        row("90_days_with_22_days_left").sound(-68..22).until(22),
        row("90_days_with_21_days_left").sound(-69..21).answers(&[OVERDUE]).until(21),
        row("47_days_with_12_days_left").sound(-35..12).until(12),
        row("47_days_with_11_days_left").sound(-36..11).answers(&[OVERDUE]).until(11),
        row("six_days_with_two_left").sound(-4..2).until(2),
        row("six_days_with_one_left").sound(-5..1).answers(&[OVERDUE]).until(1),
    ];
    rows.extend(of_issuers());
    rows.extend(of_several());
    rows
}

fn of_issuers() -> Vec<Row> {
    vec![
        row("an_expired_intermediate").below(-500..-1).fails(&[INTERMEDIATE]),
        row("an_intermediate_of_tomorrow").below(1..900).fails(&[EARLY]),
        row("an_intermediate_that_ends_before_the_end_entity").below(-500..30).until(30),
        row("an_intermediate_that_ends_soon").below(-500..10).answers(&[OVERDUE]).until(10),
        row("an_intermediate_that_ends_soon_beside_its_successor")
            .renewed(-500..10, -5..900)
            .until(70),
        row("two_certificates_of_an_intermediate_that_both_end_early")
            .renewed(-500..10, -500..40)
            .until(40),
        row("a_gap_between_two_certificates_of_an_intermediate")
            .renewed(-500..10, 20..900)
            .until(10),
        row("an_expired_certificate_of_the_intermediate_beside_a_good_one")
            .renewed(-500..-1, -500..900)
            .until(70),
        row("a_root_that_leaves_soon")
            .serves(|stage| serve_sound(&stage.leaving, &[]))
            .answers(&[LEAVING]),
        row("a_root_that_leaves_soon_and_a_lasting_one").serves(|stage| {
            let ca = intermediate(stage);
            serve_sound(&ca, &[&ca, &cross_sign(&stage.leaving, &ca, -500..90)])
        }),
    ]
}

fn of_several() -> Vec<Row> {
    let two = |name, second: fn(&Stage) -> TlsServerOptions| {
        row(name)
            .sound(SOUND)
            .at(Ipv4Addr::new(127, 0, 0, 2), rustls(second))
            .engines(&["rustls", "rustls"])
    };
    vec![
        two("two_addresses_of_which_one_ends_earlier", |stage| sound(stage, -60..30)).until(30),
        two("two_addresses_of_which_one_was_forgotten_in_the_renewal", |stage| {
            sound(stage, -90..-1)
        })
        .fails(&[EXPIRED]),
        two("two_addresses_of_which_one_lacks_the_intermediate", |stage| {
            serve_sound(&intermediate(stage), &[])
        })
        .fails(&[MISSING]),
    ]
}

fn sound(stage: &Stage, valid: Range<i64>) -> TlsServerOptions {
    serve_issued(&intermediate(stage), &end_entity(valid))
}

impl Row {
    /// With an end entity of those days below an intermediate.
    fn sound(self, valid: Range<i64>) -> Self {
        self.rustls(move |stage| sound(stage, valid.clone()))
    }

    /// With an end entity that is valid from so many seconds after now to so many.
    fn seconds(self, from: i64, to: i64) -> Self {
        let at = |seconds| now() + SignedDuration::from_secs(seconds);
        let window = Window { not_before: at(from), not_after: at(to) };
        let end_entity = EndEntity::new(&[DOMAIN], window);
        self.rustls(move |stage| serve_issued(&intermediate(stage), &end_entity))
    }

    /// With a sound end entity below an intermediate of those days.
    fn below(self, valid: Range<i64>) -> Self {
        self.rustls(move |stage| {
            let ca = limited(stage, valid.clone());
            serve_sound(&ca, &[&ca])
        })
    }

    /// With an intermediate that has two certificates from the same root.
    fn renewed(self, first: Range<i64>, second: Range<i64>) -> Self {
        self.rustls(move |stage| {
            let ca = limited(stage, first.clone());
            serve_sound(&ca, &[&ca, &cross_sign(&stage.root, &ca, second.clone())])
        })
    }
}
