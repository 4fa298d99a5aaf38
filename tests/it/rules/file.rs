//! What speaks of the certificate file as a whole: what else is in it, what is stapled to it, and
//! what will become of it.

use std::sync::Arc;

use jiff::Timestamp;
use origin_probe::chain::ChainFacts;
use origin_probe::demo::pki::{Authority, EndEntity, Window};
use origin_probe::observation::{Endpoint, Failure};
use rcgen::DnType;

use super::hand_made::{Ca, SERIAL, for_clients, must_staple, over, unchanged, with_ca_flag};
use super::stage::{
    DOMAIN, Pki, Row, bad, end_entity, endpoint, judged, may, notice, now, row, seen, served,
    with_handshake,
};
use crate::common::{answers, by_hand, fails, found, undecided};
use crate::table::staple::{Status, staple};

/// What else is in the file, and how long all of it lasts.
pub(super) fn of_the_file(pki: &Pki) -> Vec<Row> {
    let own = pki.intermediate.issue(&end_entity(-20..70)).unwrap().der;
    let (ca, root) = (pki.intermediate.der(), pki.root.der());
    let other = Authority::root("Another Root", Window::days(-9..900, now())).unwrap().der();
    let file = |certificates: &[&Vec<u8>]| {
        served(pki.chain(&certificates.iter().copied().cloned().collect::<Vec<_>>()))
    };
    let may = |rule| may(rule, "undocumented");
    let common_name = EndEntity::common_name_only(DOMAIN, Window::days(-20..70, now()));
    let hand_made = Ca::named("Hand-made Root");
    let flagged = hand_made.issue(with_ca_flag);
    let ending = Authority::root("Ending Root", Window::days(-900..179, now())).unwrap();
    let lasting = Authority::root("Lasting Root", Window::days(-900..181, now())).unwrap();
    vec![
        row("the end entity twice", file(&[&own, &own, &ca]), may("certificate-served-twice")),
        row("the intermediate twice", file(&[&own, &ca, &ca]), notice("certificate-served-twice")),
        row("a stranger", file(&[&own, &ca, &other]), may("unrelated-certificate-served")),
        row("a stranger twice", file(&[&own, &ca, &other, &other]), {
            let both = ["certificate-served-twice notice", "unrelated-certificate-served may-fail"];
            undecided(&both, "undocumented")
        }),
        row("the root", file(&[&own, &ca, &root]), notice("trust-anchor-served")),
        row("the common name", served(pki.issue(&common_name)), notice("common-name-only")),
        row("a CA", served(hand_made.chain(&[flagged])), may("ca-as-end-entity")),
        row("due", served(pki.issue(&end_entity(-80..10))), notice("renewal-overdue")),
        row("due this second", served(pki.issue(&end_entity(-69..21))), notice("renewal-overdue")),
        row("not due yet", served(pki.issue(&end_entity(-68..22))), answers(&[])),
        row("a root of half a year", served(below(&ending)), notice("trust-anchor-expiring")),
        row("a root of a day more", served(below(&lasting)), answers(&[])),
    ]
}

/// Staples, and certificates that ask for one.
pub(super) fn of_staples(pki: &Pki) -> Vec<Row> {
    let root = Ca::named("Hand-made Root");
    let asking = root.chain(&[root.issue(must_staple)]);
    let not_asking = root.chain(&[root.issue(unchanged)]);
    let with = |chain: &Option<Arc<ChainFacts>>, staple: Option<Vec<u8>>| {
        let end_entity = chain.as_ref().and_then(|chain| chain.end_entity());
        let staple = staple.zip(end_entity).map(|(staple, it)| it.stapled_status(&staple));
        seen(vec![Endpoint { staple, ..endpoint(1, chain.clone()) }])
    };
    let about = |status| Some(staple(SERIAL, status));
    let another = |status| Some(staple(&[9, 9], status));
    let revoked = || notice("revoked-staple");
    let unanswered = || notice("must-staple-unanswered");
    let broken_off = with_handshake(endpoint(1, asking.clone()), |it| {
        it.failure = Some(Failure::Alert { code: 48 });
    });
    let malformed = Some(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]);
    vec![
        row("good", with(&not_asking, about(Status::Good)), answers(&[])),
        row("revoked", with(&not_asking, about(Status::Revoked)), revoked()),
        row("another revoked", with(&not_asking, another(Status::Revoked)), answers(&[])),
        row("unknown", with(&not_asking, about(Status::Unknown)), answers(&[])),
        row("malformed", with(&not_asking, malformed.clone()), answers(&[])),
        row("asked for, good", with(&asking, about(Status::Good)), answers(&[])),
        row("asked for, revoked", with(&asking, about(Status::Revoked)), revoked()),
        row("asked for, unknown", with(&asking, about(Status::Unknown)), unanswered()),
        row("asked for, of another", with(&asking, another(Status::Good)), unanswered()),
        row("asked for, malformed", with(&asking, malformed), unanswered()),
        row("asked for, none", with(&asking, None), unanswered()),
        row("asked for, broken off", seen(vec![broken_off]), bad("handshake-refused", 502)),
        row(
            "garbage stapled",
            with(&pki.chain(&[vec![1]]), about(Status::Revoked)),
            bad("certificate-malformed", 502),
        ),
    ]
}

/// Roots that have left Mozilla's list.
pub(super) fn of_former_roots() -> Vec<Row> {
    let trusted = Ca::named("Hand-made Root");
    let digicert = former();
    let geotrust = Ca::root(&[
        (DnType::CountryName, "US"),
        (DnType::OrganizationName, "GeoTrust Inc."),
        (DnType::CommonName, "GeoTrust Global CA"),
    ]);
    let served = |list: &[Vec<u8>]| served(trusted.chain(list));
    let (ca, ended) = (digicert.intermediate(unchanged), digicert.intermediate(over));
    let below = ca.issue(unchanged);
    // Two intermediates of one name: the lower one is not self-signed for that.
    let (lower, lower_over) = (ca.intermediate(unchanged), ca.intermediate(over));
    let (twice, late) = (lower.issue(unchanged), lower_over.issue(unchanged));
    let private = Ca::named("Private Root");
    let (by_both, privately) = (ca.issue(unchanged), private.cross_sign(&ca));
    let for_clients = [ca.issue(for_clients), ca.der.clone()];
    let may = || may("issuer-untrusted", "undocumented");
    let not = || bad("issuer-untrusted", 502);
    vec![
        row("below a former root", served(&[digicert.issue(unchanged)]), may()),
        row("with an intermediate", served(&[below.clone(), ca.der.clone()]), may()),
        row("with two", served(&[twice, lower.der, ca.der.clone()]), may()),
        row(
            "with two, the lower of which has ended",
            served(&[late, lower_over.der, ca.der.clone()]),
            fails(&["issuer-untrusted may-fail", "intermediate-expired fails"], 502),
        ),
        row(
            "and below a private root",
            served(&[by_both.clone(), privately.clone(), ca.der.clone()]),
            may(),
        ),
        row(
            "and a served private root",
            served(&[by_both, ca.der.clone(), privately, private.der]),
            may(),
        ),
        row("for clients only", served(&for_clients), {
            fails(&["issuer-untrusted may-fail", "chain-constraint-violated fails"], 502)
        }),
        row("another key of that name", served(&[below, ca.der, digicert.der]), not()),
        row("below one that has ended", served(&[geotrust.issue(unchanged)]), not()),
        row("with an intermediate that has ended", served(&[ended.issue(unchanged), ended.der]), {
            fails(&["issuer-untrusted may-fail", "intermediate-expired fails"], 502)
        }),
    ]
}

/// A root with the name of one that is on Mozilla's list no more.
fn former() -> Ca {
    Ca::root(&[
        (DnType::CountryName, "US"),
        (DnType::OrganizationName, "DigiCert Inc"),
        (DnType::OrganizationalUnitName, "www.digicert.com"),
        (DnType::CommonName, "DigiCert Global Root CA"),
    ])
}

#[test]
fn a_former_root_is_in_doubt_until_its_own_end() {
    let trusted = Ca::named("Hand-made Root");
    let report = judged(served(trusted.chain(&[former().issue(unchanged)])));
    assert_eq!(found(&report), may("issuer-untrusted", "undocumented"));
    // The second after that root's own end.
    let end: Timestamp = "2031-11-10T00:00:01Z".parse().unwrap();
    assert_eq!(report.brief.first_failure(), Some(end));
}

#[test]
fn a_served_former_root_is_known_by_its_key() {
    let trusted = Ca::named("Hand-made Root");
    let ca = former();
    let report = judged(served(trusted.chain(&[ca.issue(unchanged), ca.der])));
    assert_eq!(found(&report), bad("issuer-untrusted", 502));
}

fn below(root: &Authority) -> Option<Arc<ChainFacts>> {
    let own = root.issue(&end_entity(-20..70)).unwrap().der;
    Some(by_hand::chain(&[own], &root.der()))
}
