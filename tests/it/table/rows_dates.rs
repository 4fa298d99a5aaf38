//! What time does to a chain: when it begins to fail, and when its renewal is late.

use std::net::Ipv4Addr;

use jiff::SignedDuration;
use origin_probe::demo::pki::{AuthorityOptions, EndEntity, Window};
use origin_probe::demo::server::TlsServerOptions;

use super::kit::{SOUND, days, end_entity, intermediate, limited, serve, sound};
use super::peer::Peer;
use super::row::{Row, row};
use super::stage::{DOMAIN, Stage, now};

const EXPIRED: &str = "certificate-expired fails";
const EARLY: &str = "certificate-not-yet-valid fails";
const OVERDUE: &str = "renewal-overdue notice";
const LEAVING: &str = "trust-anchor-expiring notice";

/// The second of the two addresses of a row.
const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("the_last_second")
            .rustls(|stage| sound(stage, -90..0))
            .answers(&[OVERDUE])
            .until(0)
            .differs("it counts the last second as over; RFC 5280 counts it in"),
        row("the_second_after_the_last")
            .rustls(|stage| seconds(stage, -90 * 86_400, -1))
            .fails(&[EXPIRED]),
        row("the_first_second").rustls(|stage| sound(stage, 0..90)).answers(&[]).until(90),
        row("the_second_before_the_first")
            .rustls(|stage| seconds(stage, 1, 90 * 86_400))
            .fails(&[EARLY]),
        row("expired_and_of_another_name")
            .rustls(|stage| {
                let ca = intermediate(stage);
                let other = EndEntity::new(&["other.example.org"], days(-90..-1));
                serve(&ca.issue(&other).unwrap(), &[&ca])
            })
            .fails(&[EXPIRED, "name-not-in-certificate fails"]),
        row("expired_below_an_expired_intermediate")
            .rustls(|stage| {
                let ca = limited(stage, -500..-1);
                serve(&ca.issue(&end_entity(-90..-1)).unwrap(), &[&ca])
            })
            .fails(&[EXPIRED, "intermediate-expired fails"]),
        row("a_year_with_22_days_left")
            .rustls(|stage| sound(stage, -376..22))
            .answers(&[])
            .until(22),
        row("a_year_with_20_days_left")
            .rustls(|stage| sound(stage, -378..20))
            .answers(&[OVERDUE])
            .until(20),
        row("200_days_with_22_days_left")
            .rustls(|stage| sound(stage, -178..22))
            .answers(&[])
            .until(22),
        row("200_days_with_20_days_left")
            .rustls(|stage| sound(stage, -180..20))
            .answers(&[OVERDUE])
            .until(20),
        row("90_days_with_22_days_left")
            .rustls(|stage| sound(stage, -68..22))
            .answers(&[])
            .until(22),
        row("90_days_with_21_days_left")
            .rustls(|stage| sound(stage, -69..21))
            .answers(&[OVERDUE])
            .until(21),
        row("47_days_with_12_days_left")
            .rustls(|stage| sound(stage, -35..12))
            .answers(&[])
            .until(12),
        row("47_days_with_11_days_left")
            .rustls(|stage| sound(stage, -36..11))
            .answers(&[OVERDUE])
            .until(11),
        row("six_days_with_two_left").rustls(|stage| sound(stage, -4..2)).answers(&[]).until(2),
        row("six_days_with_one_left")
            .rustls(|stage| sound(stage, -5..1))
            .answers(&[OVERDUE])
            .until(1),
    ];
    rows.extend(of_issuers());
    rows.extend(of_several());
    rows
}

fn of_issuers() -> Vec<Row> {
    vec![
        row("an_expired_intermediate")
            .rustls(|stage| below(stage, -500..-1))
            .fails(&["intermediate-expired fails"]),
        row("an_intermediate_of_tomorrow").rustls(|stage| below(stage, 1..900)).fails(&[EARLY]),
        row("an_intermediate_that_ends_before_the_end_entity")
            .rustls(|stage| below(stage, -500..30))
            .answers(&[])
            .until(30),
        row("an_intermediate_that_ends_soon")
            .rustls(|stage| below(stage, -500..10))
            .answers(&[OVERDUE])
            .until(10),
        row("an_intermediate_that_ends_soon_beside_its_successor")
            .rustls(|stage| renewed(stage, -500..10, -5..900))
            .answers(&[])
            .until(70),
        row("two_certificates_of_an_intermediate_that_both_end_early")
            .rustls(|stage| renewed(stage, -500..10, -500..40))
            .answers(&[])
            .until(40),
        row("a_gap_between_two_certificates_of_an_intermediate")
            .rustls(|stage| renewed(stage, -500..10, 20..900))
            .answers(&[])
            .until(10),
        row("an_expired_certificate_of_the_intermediate_beside_a_good_one")
            .rustls(|stage| renewed(stage, -500..-1, -500..900))
            .answers(&[])
            .until(70),
        row("a_root_that_leaves_soon")
            .rustls(|stage| serve(&stage.leaving.issue(&end_entity(SOUND)).unwrap(), &[]))
            .answers(&[LEAVING])
            .until(70),
        row("a_root_that_leaves_soon_and_a_lasting_one")
            .rustls(|stage| {
                let (ca, options) = (intermediate(stage), AuthorityOptions::default());
                let cross = stage.leaving.cross_sign(&ca, days(-500..90), &options).unwrap();
                serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca, &cross])
            })
            .answers(&[])
            .until(70),
    ]
}

fn of_several() -> Vec<Row> {
    let site = |options: fn(&Stage) -> TlsServerOptions| Peer::Rustls(options);
    vec![
        row("two_addresses_of_which_one_ends_earlier")
            .at(Ipv4Addr::LOCALHOST, site(|stage| sound(stage, SOUND)))
            .at(SECOND, site(|stage| sound(stage, -60..30)))
            .engines(&["rustls", "rustls"])
            .answers(&[])
            .until(30),
        row("two_addresses_of_which_one_was_forgotten_in_the_renewal")
            .at(Ipv4Addr::LOCALHOST, site(|stage| sound(stage, SOUND)))
            .at(SECOND, site(|stage| sound(stage, -90..-1)))
            .engines(&["rustls", "rustls"])
            .fails(&[EXPIRED]),
        row("two_addresses_of_which_one_lacks_the_intermediate")
            .at(Ipv4Addr::LOCALHOST, site(|stage| sound(stage, SOUND)))
            .at(
                SECOND,
                site(|stage| serve(&intermediate(stage).issue(&end_entity(SOUND)).unwrap(), &[])),
            )
            .engines(&["rustls", "rustls"])
            .fails(&["intermediate-missing fails"]),
    ]
}

/// An end entity that is valid from so many seconds after now to so many.
fn seconds(stage: &Stage, from: i64, to: i64) -> TlsServerOptions {
    let ca = intermediate(stage);
    let at = |seconds| now() + SignedDuration::from_secs(seconds);
    let window = Window { not_before: at(from), not_after: at(to) };
    serve(&ca.issue(&EndEntity::new(&[DOMAIN], window)).unwrap(), &[&ca])
}

/// A sound end entity below an intermediate of those days.
fn below(stage: &Stage, valid: std::ops::Range<i64>) -> TlsServerOptions {
    let ca = limited(stage, valid);
    serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca])
}

/// The intermediate has two certificates from the same root.
fn renewed(
    stage: &Stage,
    first: std::ops::Range<i64>,
    second: std::ops::Range<i64>,
) -> TlsServerOptions {
    let ca = limited(stage, first);
    let options = AuthorityOptions::default();
    let again = stage.root.cross_sign(&ca, days(second), &options).unwrap();
    serve(&ca.issue(&end_entity(SOUND)).unwrap(), &[&ca, &again])
}
