//! What stands against a path whatever the time, and which of its certificates is to blame.

use jiff::Timestamp;
use origin_probe::chain::PathFault;
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, KeyPurpose, Window};

use crate::common::by_hand;
use crate::common::forge::{Key, NAME_CONSTRAINTS, Plan, element, name, sequence};

const DOMAIN: &str = "origin.example.com";

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn long() -> Window {
    Window::days(-100..900, now())
}

/// Returns each path's fault and the position of the certificate to blame.
fn faults(served: &[Vec<u8>], root: Vec<u8>) -> Vec<(Option<PathFault>, Option<usize>)> {
    let facts = by_hand::chain(served, &root);
    facts.paths.iter().map(|path| (path.fault.clone(), path.faulty_certificate)).collect()
}

#[test]
fn a_fault_lies_in_one_certificate() {
    let plain = AuthorityOptions::default;
    let limited = |permitted: &str| AuthorityOptions {
        permitted_names: vec![permitted.to_owned()],
        ..plain()
    };
    let none_below = AuthorityOptions { path_length: Some(0), ..plain() };
    let for_clients =
        AuthorityOptions { key_purposes: vec![KeyPurpose::ClientAuthentication], ..plain() };
    let root = Authority::root("Root", long()).unwrap();
    let refused = || (Some(PathFault::NameConstraint), Some(0));
    for (story, upper, lower, expected) in [
        ("sound", plain(), plain(), (None, None)),
        ("path length", none_below, plain(), (Some(PathFault::PathLength), Some(2))),
        ("purpose", plain(), for_clients, (Some(PathFault::ExtendedKeyUsage), Some(1))),
        ("permitted", limited("example.com"), plain(), (None, None)),
        ("another's names", plain(), limited("example.org"), refused()),
    ] {
        let upper = root.intermediate("Upper", long(), &upper).unwrap();
        let lower = upper.intermediate("Lower", long(), &lower).unwrap();
        let end_entity = lower.issue(&EndEntity::new(&[DOMAIN], long())).unwrap();
        let served = [end_entity.der, lower.der(), upper.der()];
        assert_eq!(faults(&served, root.der()), [expected], "{story}");
    }
}

#[test]
fn an_issuer_without_the_ca_flag_is_to_blame() {
    let (root, issuer, key) = (Key::new(), Key::new(), Key::new());
    let served = [
        Plan::new(DOMAIN, "Issuer", &key).named(&[DOMAIN.as_bytes()]).signed_by(&issuer),
        Plan::new("Issuer", "Root", &issuer).signed_by(&root),
    ];
    let root = Plan::authority("Root", "Root", &root).signed_by(&root);
    assert_eq!(faults(&served, root), [(Some(PathFault::IssuerIsNoCa), Some(1))]);
}

/// Public CAs that are limited to one organisation carry constraints on directory names.
#[test]
fn directory_names_are_compared_with_their_constraints() {
    let (root, issuer, key) = (Key::new(), Key::new(), Key::new());
    let directory = |tag: u8, common_name: &str| {
        let base = sequence(&element(0xa4, &name(common_name.as_bytes())));
        sequence(&element(tag, &base))
    };
    let (permitted, excluded) = (0xa0, 0xa1);
    let refused = || (Some(PathFault::NameConstraint), Some(0));
    for (story, constraints, expected) in [
        ("permitted", directory(permitted, DOMAIN), (None, None)),
        ("without regard to case", directory(permitted, " Origin.EXAMPLE.com"), (None, None)),
        ("not permitted", directory(permitted, "other"), refused()),
        ("excluded", directory(excluded, DOMAIN), refused()),
        ("not excluded", directory(excluded, "other"), (None, None)),
    ] {
        let served = [
            Plan::new(DOMAIN, "Issuer", &key).named(&[DOMAIN.as_bytes()]).signed_by(&issuer),
            Plan::authority("Issuer", "Root", &issuer)
                .with(NAME_CONSTRAINTS, &constraints)
                .signed_by(&root),
        ];
        let root = Plan::authority("Root", "Root", &root).signed_by(&root);
        assert_eq!(faults(&served, root), [expected], "{story}");
    }
}
