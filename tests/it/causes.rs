//! Chains with several things wrong: one fault does not hide another, and each has its instant.

use jiff::Timestamp;
use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::verdict::{first_failure, judge};

use crate::common::by_hand;
use crate::common::forge::{
    AUTHORITY_INFO_ACCESS, BASIC_CONSTRAINTS, ECDSA_WITH_SHA1, EXTENDED_KEY_USAGE, Key,
    NAME_CONSTRAINTS, Plan, element, name, oid, sequence, utc,
};

const DOMAIN: &str = "origin.example.com";

const EXPIRED: &str = "intermediate-expired fails";
const OLD: &str = "signature-unsupported may-fail";
const OWN_CA: &str = "ca-as-end-entity may-fail";
const BY_COMMON_NAME: &str = "common-name-only notice";
const DOUBTED: &str = "chain-constraint-violated may-fail";
const VIOLATED: &str = "chain-constraint-violated fails";

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// One root, one issuer below it, and its customer.
struct Keys {
    root: Key,
    issuer: Key,
    own: Key,
}

impl Keys {
    fn new() -> Self {
        Self { root: Key::new(), issuer: Key::new(), own: Key::new() }
    }

    fn end_entity(&self) -> Plan {
        Plan::new(DOMAIN, "Issuer", &self.own).named(&[DOMAIN.as_bytes()])
    }

    fn issuer(&self) -> Plan {
        Plan::authority("Issuer", "Root", &self.issuer)
    }

    /// Returns the findings now and when the origin begins to fail.
    fn judge(&self, served: &[Vec<u8>]) -> (Vec<String>, Option<String>) {
        let root = Plan::authority("Root", "Root", &self.root).signed_by(&self.root);
        let chain = by_hand::chain(served, &root);
        let observation = by_hand::observation(DOMAIN, vec![chain], now());
        let findings = judge(&observation, now()).findings;
        let findings = findings.iter().map(|f| format!("{} {}", f.rule.name, f.effect)).collect();
        (findings, first_failure(&observation, now()).origin.map(|at| at.to_string()))
    }
}

/// Whoever cannot check the algorithm takes the signature at its word.
fn with_sha1(plan: Plan) -> Vec<u8> {
    let signature = sequence(&[element(2, &[1]), element(2, &[1])].concat());
    Plan { signature_algorithm: oid(ECDSA_WITH_SHA1), ..plan }.with_signature(&signature)
}

fn until(plan: Plan, time: &str) -> Plan {
    Plan { not_after: utc(time), ..plan }
}

fn for_clients(plan: Plan) -> Plan {
    plan.with(EXTENDED_KEY_USAGE, &sequence(&oid(&[0x2b, 6, 1, 5, 5, 7, 3, 2])))
}

fn version_1(plan: Plan) -> Plan {
    Plan { version: Vec::new(), ..plan }
}

fn as_authority(plan: Plan) -> Plan {
    plan.with(BASIC_CONSTRAINTS, &sequence(&[1, 1, 0xff]))
}

/// May certify names below `example.org` only.
fn narrow(plan: Plan) -> Plan {
    let permitted = element(0xa0, &sequence(&element(0x82, b"example.org")));
    plan.with(NAME_CONSTRAINTS, &sequence(&permitted))
}

#[test]
fn no_fault_hides_another() {
    let keys = Keys::new();
    let (end_entity, issuer) = (|| keys.end_entity(), || keys.issuer());
    let signed = |plan: Plan| plan.signed_by(&keys.issuer);
    let past = "260430120000Z";
    let ca = || as_authority(end_entity());
    let clients = signed(for_clients(end_entity()));
    for (story, end_entity, issuer, expected) in [
        ("sound", signed(end_entity()), issuer(), vec![]),
        ("a CA", signed(ca()), issuer(), vec![OWN_CA]),
        ("a CA for clients", signed(for_clients(ca())), issuer(), vec![OWN_CA, VIOLATED]),
        ("a CA of another's name", signed(ca()), narrow(issuer()), vec![OWN_CA, VIOLATED]),
        ("version 1", signed(version_1(end_entity())), issuer(), vec![BY_COMMON_NAME, DOUBTED]),
        ("below version 1", signed(end_entity()), version_1(issuer()), vec![VIOLATED]),
        ("SHA-1", with_sha1(end_entity()), issuer(), vec![OLD]),
        ("SHA-1 of another's name", with_sha1(end_entity()), narrow(issuer()), vec![VIOLATED, OLD]),
        ("SHA-1 for clients", with_sha1(for_clients(end_entity())), issuer(), vec![VIOLATED, OLD]),
        ("SHA-1 and expired", with_sha1(end_entity()), until(issuer(), past), vec![EXPIRED, OLD]),
        ("for clients and expired", clients, until(issuer(), past), vec![EXPIRED, VIOLATED]),
    ] {
        assert_eq!(keys.judge(&[end_entity, issuer.signed_by(&keys.root)]).0, expected, "{story}");
    }
}

#[test]
fn an_old_signature_does_not_hide_when_the_intermediate_ends() {
    let keys = Keys::new();
    let issuer = until(keys.issuer(), "260601000000Z");
    assert_eq!(
        keys.judge(&[with_sha1(keys.end_entity()), issuer.signed_by(&keys.root)]),
        (vec![OLD.to_owned()], Some("2026-06-01T00:00:01Z".to_owned()))
    );
}

/// A path with an old signature may carry on where the good one has ended.
#[test]
fn what_may_work_keeps_the_verdict_from_failing() {
    let keys = Keys::new();
    for (end, expected) in [("260601000000Z", vec![]), ("260401000000Z", vec![OLD])] {
        let good = until(keys.issuer(), end).signed_by(&keys.root);
        let old = with_sha1(Plan { serial: vec![2], ..keys.issuer() });
        let served = [keys.end_entity().signed_by(&keys.issuer), good, old];
        assert_eq!(keys.judge(&served).0, expected, "until {end}");
    }
}

/// Where an issuer is cross-signed, its second certificate may be the public one.
#[test]
fn any_way_up_may_show_that_an_intermediate_is_missing() {
    let keys = Keys::new();
    let (private, public) = (Key::new(), Key::new());
    let privately = Plan { issuer: name(b"Private"), ..keys.issuer() }.signed_by(&private);
    let address = element(0x86, b"http://pki.example.com/upper.der");
    let of_issuer = [&oid(&[0x2b, 6, 1, 5, 5, 7, 0x30, 2])[..], &address].concat();
    let publicly = Plan { issuer: name(b"Public"), ..keys.issuer() }
        .with(AUTHORITY_INFO_ACCESS, &sequence(&sequence(&of_issuer)))
        .signed_by(&public);
    let end_entity = keys.end_entity().signed_by(&keys.issuer);
    for served in [
        [end_entity.clone(), privately.clone(), publicly.clone()],
        [end_entity.clone(), publicly, privately.clone()],
    ] {
        assert_eq!(keys.judge(&served).0, ["intermediate-missing fails"]);
    }
    assert_eq!(keys.judge(&[end_entity, privately]).0, ["issuer-untrusted fails"]);
}

#[test]
fn what_is_no_certificate_has_no_place_in_the_order() {
    let keys = Keys::new();
    let end_entity = keys.end_entity().signed_by(&keys.issuer);
    let issuer = keys.issuer().signed_by(&keys.root);
    let served = [end_entity, b"garbage".to_vec(), issuer];
    assert_eq!(keys.judge(&served).0, ["certificate-malformed fails"]);
}

/// A dNSName is there even where nobody can read it.
#[test]
fn the_common_name_does_not_stand_in_for_an_unreadable_name() {
    let keys = Keys::new();
    let plan = Plan::new(DOMAIN, "Issuer", &keys.own);
    let issuer = keys.issuer().signed_by(&keys.root);
    for (names, expected) in [
        (plan.clone(), "common-name-only notice"),
        (plan.named(&[b"\xff.example.com"]), "name-not-in-certificate fails"),
    ] {
        let served = [names.signed_by(&keys.issuer), issuer.clone()];
        assert_eq!(keys.judge(&served).0, [expected]);
    }
}

#[test]
fn the_dates_of_strangers_turn_nothing() {
    let keys = Keys::new();
    let stranger = until(Plan::authority("Stranger", "Stranger", &keys.own), "300101000000Z");
    let served = [
        keys.end_entity().signed_by(&keys.issuer),
        keys.issuer().signed_by(&keys.root),
        stranger.signed_by(&keys.own),
    ];
    let chain = ChainFacts::analyse(&served, &TrustAnchors::none());
    let mut instants: Vec<String> = chain.turning_points().map(|at| at.to_string()).collect();
    instants.sort();
    instants.dedup();
    assert_eq!(instants, ["2000-01-01T00:00:00Z", "2050-01-01T00:00:00Z"]);
}
