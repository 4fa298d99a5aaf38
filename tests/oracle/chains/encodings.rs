//! Octets around and within a certificate that DER does not have.

use crate::common::forge::{bit_string, element, oid, sequence};

use super::case::{Case, Draft, ca as ca_with, leaf as leaf_with};
use super::certificate::Plan;
use super::key::{NULL, P256_CURVE, ec_spki};

pub(super) fn cases() -> Vec<Case> {
    let [leaf, ca, root] = Draft::new().ders();
    let mut cases = Vec::new();
    for (oddity, change) in WRAPPINGS {
        cases.extend([
            Case::of(&format!("{oddity}/leaf"), &[&change(&leaf), &ca], &[&root]),
            Case::of(&format!("{oddity}/intermediate"), &[&leaf, &change(&ca)], &[&root]),
            Case::of(&format!("{oddity}/served-root"), &[&leaf, &ca, &change(&root)], &[&root]),
        ]);
    }
    for (oddity, spki) in keys() {
        let change = |plan: &mut Plan| plan.spki = Some(spki(plan));
        cases.push(leaf_with(&format!("key/{oddity}/leaf"), change));
        cases.push(ca_with(&format!("key/{oddity}/intermediate"), change));
    }
    cases
}

/// A change of a whole certificate.
type Wrap = fn(&[u8]) -> Vec<u8>;

const WRAPPINGS: [(&str, Wrap); 10] = [
    ("a-null-octet-after", |der| [der, &[0]].concat()),
    ("three-octets-after", |der| [der, &[0; 3]].concat()),
    ("four-octets-after", |der| [der, &[0; 4]].concat()),
    ("a-line-feed-after", |der| [der, b"\n"].concat()),
    ("another-certificate-after", |der| [der, der].concat()),
    ("one-octet-cut-off", |der| der[..der.len() - 1].to_vec()),
    ("one-octet-before", |der| [&[0], der].concat()),
    ("a-length-of-three-octets", |der| [&[0x30, 0x83, 0], &der[2..]].concat()),
    ("an-indefinite-length", |der| [&[0x30, 0x80], &der[4..], &[0, 0]].concat()),
    ("wrapped-in-a-sequence", sequence),
];

/// Writes the key of a certificate.
type Write = fn(&Plan) -> Vec<u8>;

fn keys() -> Vec<(&'static str, Write)> {
    vec![
        ("a-compressed-point", |plan| ec_spki(&oid(P256_CURVE), &compressed(plan))),
        ("a-hybrid-point", |plan| {
            let point = plan.key.point();
            let tag = 6 | (point[64] & 1);
            ec_spki(&oid(P256_CURVE), &[&[tag], &point[1..]].concat())
        }),
        ("a-point-off-the-curve", |plan| {
            let mut point = plan.key.point();
            point[64] ^= 1;
            ec_spki(&oid(P256_CURVE), &point)
        }),
        ("explicit-parameters", |plan| ec_spki(&explicit_p256(), &plan.key.point())),
        ("an-unknown-curve", |plan| ec_spki(&oid(&[0x2a, 3, 4]), &plan.key.point())),
        ("no-curve", |plan| ec_spki(&[], &plan.key.point())),
        ("null-as-curve", |plan| ec_spki(&NULL, &plan.key.point())),
        ("an-unknown-algorithm", |plan| {
            let algorithm = sequence(&oid(&[0x2a, 3, 4]));
            sequence(&[algorithm, bit_string(&plan.key.point())].concat())
        }),
        ("octets-after-the-point", |plan| {
            ec_spki(&oid(P256_CURVE), &[plan.key.point(), vec![0]].concat())
        }),
    ]
}

fn compressed(plan: &Plan) -> Vec<u8> {
    let point = plan.key.point();
    [&[2 | (point[64] & 1)], &point[1..33]].concat()
}

/// The curve P-256 in full (SEC 1 §C.2).
fn explicit_p256() -> Vec<u8> {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len() / 2)
            .map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap())
            .collect()
    };
    let positive = |text: &str| element(0x02, &[vec![0], hex(text)].concat());
    let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    let a = "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc";
    let b = "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b";
    let base = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let field = sequence(&[oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 1, 1]), positive(prime)].concat());
    let curve = sequence(&[element(0x04, &hex(a)), element(0x04, &hex(b))].concat());
    let parts = [
        element(0x02, &[1]),
        field,
        curve,
        element(0x04, &hex(base)),
        positive(order),
        element(0x02, &[1]),
    ];
    sequence(&parts.concat())
}
