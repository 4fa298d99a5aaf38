//! Certificates and chains of every shape, served in a handshake of TLS 1.3 that is right.
//!
//! Where Amazon's documents are silent, a shape that RFC 5280 or AWS's library refuses, but not both,
//! is may-fail (`deploy/docs/rules.md`, "How chains are judged").

use std::sync::Arc;

use super::super::server::Step;
use super::super::tls13::Session;
use super::{Found, Kind, Pki, healthy, kind, may, too_long};
use crate::common::forge::{
    BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, Key, NAME_CONSTRAINTS, Plan, SUBJECT_ALT_NAME,
    UNASSIGNED, bit_string, element, generalized, name, nested, oid, sequence, utc,
};
use crate::common::hostile::{DOMAIN, UGLY};
use crate::common::{answers, fails};

pub(super) fn kinds(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut rows = contents(pki);
    rows.extend(bytes(pki));
    rows.extend(chains(pki));
    rows.into_iter()
        .map(|(what, expected, chain)| {
            let pki = Arc::clone(pki);
            kind(format!("serves {what}"), expected, move |hello, _| {
                let sent = Session::begin(hello).whole_flight(&chain, &pki.key).sent.clone();
                vec![Step::Send(sent), Step::Wait]
            })
        })
        .collect()
}

type Row = (&'static str, Found, Vec<Vec<u8>>);

/// One certificate with something odd in it, signed by the root.
fn contents(pki: &Pki) -> Vec<Row> {
    let bare = || Plan::new(DOMAIN, "Root", &pki.key);
    let plain = || bare().named(&[DOMAIN.as_bytes()]);
    let named = |names: &[&[u8]]| Plan::new("x", "Root", &pki.key).named(names);
    let many = |count: usize, last: &str| {
        let names: Vec<String> = (0..count).map(|n| format!("n{n}.example.com")).collect();
        let mut names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
        names.push(last.as_bytes());
        Plan::new("x", "Root", &pki.key).named(&names)
    };
    let dated = |from: Vec<u8>, to: Vec<u8>| Plan { not_before: from, not_after: to, ..plain() };
    let mut rows: Vec<(&'static str, Found, Plan)> = vec![
        ("2,000 names", healthy(), many(2000, DOMAIN)),
        ("2,000 names of others", wrong_name(), many(2000, "other.example.com")),
        ("a name with a NUL in it", wrong_name(), named(&[b"origin.example.com\0.evil.example"])),
        ("the name *", wrong_name(), named(&[b"*"])),
        ("the name *.com", wrong_name(), named(&[b"*.com"])),
        ("the name *.*.com", wrong_name(), named(&[b"*.*.com"])),
        ("the name o*.example.com", wrong_name(), named(&[b"o*.example.com"])),
        ("the name *.example.com", healthy(), named(&[b"*.example.com"])),
        ("a name in capitals", healthy(), named(&[b"ORIGIN.EXAMPLE.COM"])),
        ("a name with a dot at its end", wrong_name(), named(&[b"origin.example.com."])),
        ("an empty name", wrong_name(), named(&[b""])),
        ("ugly names", wrong_name(), named(&[UGLY.as_bytes(), b"\xff\xfe", b"*."])),
        (
            "an address instead of a name",
            wrong_name(),
            Plan::new("x", "Root", &pki.key)
                .with(SUBJECT_ALT_NAME, &sequence(&element(0x87, &[127, 0, 0, 1]))),
        ),
        (
            "an empty list of names",
            answers(&["common-name-only notice"]),
            bare().with(SUBJECT_ALT_NAME, &sequence(&[])),
        ),
        (
            "names that are no sequence",
            may(&["common-name-only notice", "chain-constraint-violated may-fail"]),
            bare().with(SUBJECT_ALT_NAME, &[5, 0]),
        ),
        ("two lists of names", constrained(), named(&[b"a.example"]).named(&[DOMAIN.as_bytes()])),
        ("its name as common name only", answers(&["common-name-only notice"]), bare()),
        (
            "an end before its beginning",
            fails(&["certificate-expired fails", "certificate-not-yet-valid fails"], 502),
            dated(utc("400101000000Z"), utc("200101000000Z")),
        ),
        ("the end of 9999", healthy(), dated(utc("000101000000Z"), generalized("99991231235959Z"))),
        (
            "a beginning in 9999",
            not_yet(),
            dated(generalized("99990101000000Z"), generalized("99991231235959Z")),
        ),
        ("an end in 1950", expired(), dated(utc("500101000000Z"), utc("500102000000Z"))),
        (
            "an end in the year 0",
            expired(),
            dated(generalized("00000101000000Z"), generalized("00000102000000Z")),
        ),
        (
            "an end on a day that does not exist",
            malformed(),
            dated(utc("000101000000Z"), utc("261340256199Z")),
        ),
        ("dates that are no dates", malformed(), dated(vec![5, 0], vec![5, 0])),
        ("a serial number of 10 KB", healthy(), Plan { serial: vec![0x7f; 10_000], ..plain() }),
        ("a negative serial number", healthy(), Plan { serial: vec![0x80], ..plain() }),
        (
            "an empty serial number",
            may(&["certificate-malformed may-fail"]),
            Plan { serial: vec![], ..plain() },
        ),
        (
            "a certificate of version 1",
            may(&["common-name-only notice", "chain-constraint-violated may-fail"]),
            Plan { version: vec![], ..plain() },
        ),
        (
            "a certificate of version 9",
            may(&["certificate-malformed may-fail"]),
            Plan { version: vec![0xa0, 3, 2, 1, 8], ..plain() },
        ),
        ("a subject of 30 KB", healthy(), Plan { subject: name(&[b'x'; 30_000]), ..plain() }),
        (
            "a subject of a thousand levels",
            may(&["certificate-malformed may-fail"]),
            Plan { subject: nested(1000), ..plain() },
        ),
        ("an empty subject", healthy(), Plan { subject: sequence(&[]), ..plain() }),
        ("an unknown extension", healthy(), plain().with(UNASSIGNED, &nested(1000))),
        ("an unknown critical extension", constrained(), plain().critical(UNASSIGNED, &[5, 0])),
        ("an extension of 40 KB", healthy(), plain().with(UNASSIGNED, &[0; 40_000])),
        (
            "the same extension twice",
            healthy(),
            plain().with(UNASSIGNED, &[5, 0]).with(UNASSIGNED, &[5, 0]),
        ),
        (
            "a certificate of an authority",
            may(&["ca-as-end-entity may-fail"]),
            plain().with(BASIC_CONSTRAINTS, &sequence(&[1, 1, 0xff])),
        ),
        (
            "constraints that are none",
            may(&["chain-constraint-violated may-fail"]),
            plain().critical(BASIC_CONSTRAINTS, &[5, 0]),
        ),
        (
            "a key usage without signatures",
            may(&["key-usage-violated may-fail"]),
            plain().key_usage(0x04),
        ),
        ("a key usage of no bits", may(&["key-usage-violated may-fail"]), plain().key_usage(0)),
        (
            "the purpose of clients",
            constrained(),
            plain().with(EXTENDED_KEY_USAGE, &sequence(&oid(CLIENT_AUTHENTICATION))),
        ),
        ("no purpose", constrained(), plain().with(EXTENDED_KEY_USAGE, &sequence(&[]))),
        (
            "a thousand purposes",
            healthy(),
            plain().with(EXTENDED_KEY_USAGE, &sequence(&oid(SERVER_AUTHENTICATION).repeat(1000))),
        ),
        (
            "a thousand policies",
            healthy(),
            plain().with(CERTIFICATE_POLICIES, &sequence(&sequence(&oid(UNASSIGNED)).repeat(1000))),
        ),
        (
            "name constraints of its own",
            healthy(),
            plain().critical(NAME_CONSTRAINTS, &sequence(&[])),
        ),
        (
            "a signature algorithm without a name",
            may(&["signature-unsupported may-fail"]),
            Plan { signature_algorithm: oid(UNASSIGNED), ..plain() },
        ),
        (
            "an unknown key",
            unsupported_key(),
            Plan {
                spki: sequence(&[sequence(&oid(UNASSIGNED)), bit_string(&[1; 32])].concat()),
                ..plain()
            },
        ),
        (
            "a key of Ed25519",
            fails(&["key-mismatch fails", "key-unsupported fails"], 502),
            Plan {
                spki: sequence(&[sequence(&oid(ED25519)), bit_string(&[1; 32])].concat()),
                ..plain()
            },
        ),
        (
            "a key of DSA",
            unsupported_key(),
            Plan {
                spki: sequence(&[sequence(&oid(DSA)), bit_string(&[2, 1, 5])].concat()),
                ..plain()
            },
        ),
        ("a key of no bytes", malformed(), Plan { spki: vec![], ..plain() }),
        (
            "a point on no curve",
            fails(&["certificate-malformed may-fail", "key-mismatch fails"], 502),
            Plan { spki: [&pki.key.spki()[..27], &[1; 64]].concat(), ..plain() },
        ),
    ];
    rows.push((
        "the issuer of a stranger",
        untrusted(),
        Plan { issuer: name(b"Nobody"), ..plain() },
    ));
    rows.push(("an ugly issuer", untrusted(), Plan { issuer: name(UGLY.as_bytes()), ..plain() }));
    rows.into_iter()
        .map(|(what, expected, plan)| (what, expected, vec![plan.signed_by(&pki.root_key)]))
        .collect()
}

/// Entries that are no certificates, and signatures that are none.
fn bytes(pki: &Pki) -> Vec<Row> {
    let der = pki.chain[0].clone();
    let plain = Plan::new(DOMAIN, "Root", &pki.key).named(&[DOMAIN.as_bytes()]);
    let one = |der: Vec<u8>| vec![der];
    vec![
        ("a single byte", malformed(), one(vec![0x30])),
        ("a thousand bytes of 0xff", malformed(), one(vec![0xff; 1000])),
        // No library reads this one; but other certificates of this form are read by AWS's, and this
        // program reads none of them.
        (
            "an indefinite length",
            may(&["certificate-malformed may-fail"]),
            one(vec![0x30, 0x80, 0, 0]),
        ),
        ("a length of 4 GiB", malformed(), one(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1])),
        ("a length of 2^64", malformed(), one([&[0x30, 0x88][..], &[0xff; 8], &[1]].concat())),
        ("twenty thousand levels", too_long(), one(nested(20_000))),
        ("half a certificate", malformed(), one(der[..der.len() / 2].to_vec())),
        (
            "a certificate and a byte",
            may(&["certificate-malformed may-fail"]),
            one([der.clone(), vec![0]].concat()),
        ),
        ("a certificate in PEM", malformed(), one(pki.root_pem.clone().into_bytes())),
        // These name the root, but by no key identifier: another root may have the same name.
        ("a certificate without a signature", untrusted(), one(plain.with_signature(&[]))),
        (
            "a certificate with a signature of zeros",
            untrusted(),
            one(plain.with_signature(&[0; 70])),
        ),
        (
            "a certificate with a signature of 20 KB",
            untrusted(),
            one(plain.with_signature(&[7; 20_000])),
        ),
        (
            "a certificate that a stranger has signed",
            untrusted(),
            one(plain.signed_by(&(pki.make_key)())),
        ),
        ("a certificate signed by its own key", untrusted(), one(plain.signed_by(&pki.key))),
    ]
}

/// Lists of certificates.
fn chains(pki: &Pki) -> Vec<Row> {
    let root = Plan::authority("Root", "Root", &pki.root_key).signed_by(&pki.root_key);
    let end = pki.chain[0].clone();
    let keys: Vec<Key> = (0..30).map(|_| (pki.make_key)()).collect();
    let of = |issuer: &str, key: &Key| {
        Plan::new(DOMAIN, issuer, &pki.key).named(&[DOMAIN.as_bytes()]).signed_by(key)
    };
    // From the root down: CA 0 is the root's, CA n that of CA n − 1.
    let ladder = |depth: usize| {
        let mut list = vec![of(&format!("CA {}", depth - 1), &keys[depth - 1])];
        for level in (0..depth).rev() {
            let subject = format!("CA {level}");
            let (issuer, signer) = match level {
                0 => ("Root".to_owned(), &pki.root_key),
                _ => (format!("CA {}", level - 1), &keys[level - 1]),
            };
            list.push(Plan::authority(&subject, &issuer, &keys[level]).signed_by(signer));
        }
        list
    };
    let reversed = |mut list: Vec<Vec<u8>>| {
        list.reverse();
        list
    };
    let wheel = {
        let certifies = |n: usize| {
            let (subject, issuer) = (format!("CA {n}"), format!("CA {}", (n + 1) % 30));
            Plan::authority(&subject, &issuer, &keys[n]).signed_by(&keys[(n + 1) % 30])
        };
        [of("CA 0", &keys[0])].into_iter().chain((0..30).map(certifies)).collect()
    };
    let stranger = Plan::authority("Stranger", "Stranger", &keys[0]).signed_by(&keys[0]);
    let with = |rest: &[Vec<u8>]| [std::slice::from_ref(&end), rest].concat();
    let fails_as = |rule: &str| fails(&[rule], 502);
    let mut rows: Vec<Row> = vec![
        ("its root", answers(&["trust-anchor-served notice"]), with(std::slice::from_ref(&root))),
        (
            "its root a hundred times",
            may(&[
                "chain-too-long may-fail",
                "certificate-served-twice notice",
                "trust-anchor-served notice",
            ]),
            with(&vec![root.clone(); 100]),
        ),
        (
            "its certificate a hundred times",
            may(&["chain-too-long may-fail", "certificate-served-twice may-fail"]),
            vec![end.clone(); 100],
        ),
        (
            "a hundred empty certificates behind its own",
            fails(&["certificate-malformed fails", "chain-too-long may-fail"], 502),
            with(&vec![Vec::new(); 100]),
        ),
        (
            "a hundred that are none behind its own",
            may(&["certificate-malformed may-fail", "chain-too-long may-fail"]),
            with(&vec![vec![0x30, 0x80, 0, 0]; 100]),
        ),
        (
            "a stranger behind its certificate",
            may(&["unrelated-certificate-served may-fail"]),
            with(std::slice::from_ref(&stranger)),
        ),
        (
            "a hundred strangers",
            may(&["chain-too-long may-fail", "certificate-served-twice notice"]),
            with(&vec![stranger.clone(); 100]),
        ),
        (
            "its root first",
            fails(&["chain-out-of-order fails", "trust-anchor-served notice"], 502),
            vec![root.clone(), end.clone()],
        ),
        (
            "a stranger first",
            fails(
                &[
                    "name-not-in-certificate fails",
                    "certificate-self-signed fails",
                    "unrelated-certificate-served may-fail",
                ],
                502,
            ),
            vec![stranger, end.clone()],
        ),
        (
            "nothing but its root",
            fails(
                &[
                    "key-mismatch fails",
                    "ca-as-end-entity may-fail",
                    "name-not-in-certificate fails",
                ],
                502,
            ),
            vec![root],
        ),
        ("an intermediate", healthy(), ladder(1)),
        (
            "three intermediates in the wrong order",
            fails(&["chain-out-of-order fails"], 502),
            reversed(ladder(3)),
        ),
        ("no intermediate of three", fails_as("issuer-untrusted fails"), ladder(3)[..1].to_vec()),
        (
            "every other intermediate",
            fails(&["unrelated-certificate-served may-fail", "intermediate-missing fails"], 502),
            ladder(6).into_iter().step_by(2).collect(),
        ),
        ("seven intermediates", too_long(), ladder(7)),
        // Longer than this program follows: what it misses there is in doubt, too.
        (
            "fourteen intermediates",
            may(&["chain-too-long may-fail", "intermediate-missing may-fail"]),
            ladder(14),
        ),
        (
            "thirty intermediates",
            may(&["chain-too-long may-fail", "intermediate-missing may-fail"]),
            ladder(30),
        ),
        (
            "a wheel of thirty authorities",
            may(&["chain-too-long may-fail", "issuer-untrusted may-fail"]),
            wheel,
        ),
    ];
    rows.push(("an intermediate that is no authority", constrained(), {
        let middle = Plan::new("CA 0", "Root", &keys[0]).signed_by(&pki.root_key);
        vec![of("CA 0", &keys[0]), middle]
    }));
    rows.push(("an intermediate that forbids its name", constrained(), {
        let subtree = sequence(&element(0x82, b"example.com"));
        let excluded = sequence(&element(0xa1, &subtree));
        let middle =
            Plan::authority("CA 0", "Root", &keys[0]).critical(NAME_CONSTRAINTS, &excluded);
        vec![of("CA 0", &keys[0]), middle.signed_by(&pki.root_key)]
    }));
    rows.push(("an intermediate with a thousand constraints", healthy(), {
        let subtree = |n: usize| sequence(&element(0x82, format!("n{n}.example.org").as_bytes()));
        let subtrees: Vec<u8> = (0..1000).flat_map(subtree).collect();
        let excluded = sequence(&element(0xa1, &subtrees));
        let middle =
            Plan::authority("CA 0", "Root", &keys[0]).critical(NAME_CONSTRAINTS, &excluded);
        vec![of("CA 0", &keys[0]), middle.signed_by(&pki.root_key)]
    }));
    rows.push(("an intermediate that has ended", fails(&["intermediate-expired fails"], 502), {
        let middle =
            Plan { not_after: utc("200101000000Z"), ..Plan::authority("CA 0", "Root", &keys[0]) };
        vec![of("CA 0", &keys[0]), middle.signed_by(&pki.root_key)]
    }));
    rows
}

fn wrong_name() -> Found {
    fails(&["name-not-in-certificate fails"], 502)
}

fn expired() -> Found {
    fails(&["certificate-expired fails"], 502)
}

fn not_yet() -> Found {
    fails(&["certificate-not-yet-valid fails"], 502)
}

fn malformed() -> Found {
    fails(&["certificate-malformed fails"], 502)
}

fn untrusted() -> Found {
    fails(&["issuer-untrusted fails"], 502)
}

fn unsupported_key() -> Found {
    fails(&["key-unsupported fails"], 502)
}

/// The path does not hold.
fn constrained() -> Found {
    fails(&["chain-constraint-violated fails"], 502)
}

const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 32];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
