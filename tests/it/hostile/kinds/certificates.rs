//! Certificates and chains of every shape, served in a handshake of TLS 1.3 that is right.
//!
//! Where Amazon's documents are silent, a shape that RFC 5280 or AWS's library refuses, but not both,
//! is may-fail (`deploy/docs/rules.md`, "How chains are judged").

use super::super::tls13::Session;
use super::{Found, Kinds, Pki, fails, healthy, keep, malformed, may, too_long};
use crate::common::answers;
use crate::common::forge::{
    BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, Key, NAME_CONSTRAINTS, Plan, SUBJECT_ALT_NAME,
    UNASSIGNED, bit_string, element, generalized, name, nested, oid, sequence, utc,
};
use crate::common::hostile::{DOMAIN, UGLY};

pub(super) fn add(kinds: &mut Kinds) {
    let rows = [contents(&kinds.pki), bytes(&kinds.pki), chains(&kinds.pki)];
    for (what, expected, chain) in rows.into_iter().flatten() {
        kinds.add(format!("serves {what}"), expected, move |pki, hello| {
            let mut session = Session::begin(pki, hello);
            keep(session.extensions().certificates(&chain).verify().finish().sent.clone())
        });
    }
}

type Row = (&'static str, Found, Vec<Vec<u8>>);

/// One certificate with something odd in it, signed by the root.
fn contents(pki: &Pki) -> Vec<Row> {
    let bare = || Plan::new(DOMAIN, "Root", &pki.key);
    let plain = || bare().named(&[DOMAIN.as_bytes()]);
    let nameless = || Plan::new("x", "Root", &pki.key);
    let named = |names: &[&[u8]]| nameless().named(names);
    let many = |count: usize, last: &str| {
        let names = (0..count).map(|n| format!("n{n}.example.com")).chain([last.to_owned()]);
        let names: Vec<String> = names.collect();
        named(&names.iter().map(String::as_bytes).collect::<Vec<_>>())
    };
    let dated = |from: &str, to: &str| {
        let time = |text: &str| if text.len() > 13 { generalized(text) } else { utc(text) };
        Plan { not_before: time(from), not_after: time(to), ..plain() }
    };
    let with_key = |algorithm: &[u8], key: &[u8]| {
        let spki = sequence(&[sequence(&oid(algorithm)), bit_string(key)].concat());
        Plan { spki, ..plain() }
    };
    let for_purposes = |ids: &[u8]| plain().with(EXTENDED_KEY_USAGE, &sequence(ids));
    let odd = || may("certificate-malformed may-fail");
    let old = || may("common-name-only notice, chain-constraint-violated may-fail");
    let common_name_only = || answers(&["common-name-only notice"]);
    let usage_violated = || may("key-usage-violated may-fail");
    let address = sequence(&element(0x87, &[127, 0, 0, 1]));
    let no_names = bare().with(SUBJECT_ALT_NAME, &sequence(&[]));
    let no_dates = Plan { not_before: vec![5, 0], not_after: vec![5, 0], ..plain() };
    let twice = plain().with(UNASSIGNED, &[5, 0]).with(UNASSIGNED, &[5, 0]);
    let authority = plain().with(BASIC_CONSTRAINTS, &sequence(&[1, 1, 0xff]));
    let policies = sequence(&sequence(&oid(UNASSIGNED)).repeat(1000));
    let off_curve = Plan { spki: [&pki.key.spki()[..27], &[1; 64]].concat(), ..plain() };
    let nameless_algorithm = Plan { signature_algorithm: oid(UNASSIGNED), ..plain() };
    let rows: Vec<(&'static str, Found, Plan)> = vec![
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
        ("an address instead of a name", wrong_name(), nameless().with(SUBJECT_ALT_NAME, &address)),
        ("an empty list of names", common_name_only(), no_names),
        ("names that are no sequence", old(), bare().with(SUBJECT_ALT_NAME, &[5, 0])),
        ("two lists of names", constrained(), named(&[b"a.example"]).named(&[DOMAIN.as_bytes()])),
        ("its name as common name only", common_name_only(), bare()),
        (
            "an end before its beginning",
            fails("certificate-expired fails, certificate-not-yet-valid fails"),
            dated("400101000000Z", "200101000000Z"),
        ),
        ("the end of 9999", healthy(), dated("000101000000Z", "99991231235959Z")),
        ("a beginning in 9999", not_yet(), dated("99990101000000Z", "99991231235959Z")),
        ("an end in 1950", expired(), dated("500101000000Z", "500102000000Z")),
        ("an end in the year 0", expired(), dated("00000101000000Z", "00000102000000Z")),
        (
            "an end on a day that does not exist",
            malformed(),
            dated("000101000000Z", "261340256199Z"),
        ),
        ("dates that are no dates", malformed(), no_dates),
        ("a serial number of 10 KB", healthy(), Plan { serial: vec![0x7f; 10_000], ..plain() }),
        ("a negative serial number", healthy(), Plan { serial: vec![0x80], ..plain() }),
        ("an empty serial number", odd(), Plan { serial: vec![], ..plain() }),
        ("a certificate of version 1", old(), Plan { version: vec![], ..plain() }),
        ("a certificate of version 9", odd(), Plan { version: vec![0xa0, 3, 2, 1, 8], ..plain() }),
        ("a subject of 30 KB", healthy(), Plan { subject: name(&[b'x'; 30_000]), ..plain() }),
        ("a subject of a thousand levels", odd(), Plan { subject: nested(1000), ..plain() }),
        ("an empty subject", healthy(), Plan { subject: sequence(&[]), ..plain() }),
        ("an unknown extension", healthy(), plain().with(UNASSIGNED, &nested(1000))),
        ("an unknown critical extension", constrained(), plain().critical(UNASSIGNED, &[5, 0])),
        ("an extension of 40 KB", healthy(), plain().with(UNASSIGNED, &[0; 40_000])),
        ("the same extension twice", healthy(), twice),
        ("a certificate of an authority", may("ca-as-end-entity may-fail"), authority),
        (
            "constraints that are none",
            may("chain-constraint-violated may-fail"),
            plain().critical(BASIC_CONSTRAINTS, &[5, 0]),
        ),
        ("a key usage without signatures", usage_violated(), plain().key_usage(0x04)),
        ("a key usage of no bits", usage_violated(), plain().key_usage(0)),
        ("the purpose of clients", constrained(), for_purposes(&oid(CLIENT_AUTHENTICATION))),
        ("no purpose", constrained(), for_purposes(&[])),
        ("a thousand purposes", healthy(), for_purposes(&oid(SERVER_AUTHENTICATION).repeat(1000))),
        ("a thousand policies", healthy(), plain().with(CERTIFICATE_POLICIES, &policies)),
        (
            "name constraints of its own",
            healthy(),
            plain().critical(NAME_CONSTRAINTS, &sequence(&[])),
        ),
        (
            "a signature algorithm without a name",
            may("signature-unsupported may-fail"),
            nameless_algorithm,
        ),
        ("an unknown key", unsupported_key(), with_key(UNASSIGNED, &[1; 32])),
        (
            "a key of Ed25519",
            fails("key-mismatch fails, key-unsupported fails"),
            with_key(ED25519, &[1; 32]),
        ),
        ("a key of DSA", unsupported_key(), with_key(DSA, &[2, 1, 5])),
        ("a key of no bytes", malformed(), Plan { spki: vec![], ..plain() }),
        (
            "a point on no curve",
            fails("certificate-malformed may-fail, key-mismatch fails"),
            off_curve,
        ),
        ("the issuer of a stranger", untrusted(), Plan { issuer: name(b"Nobody"), ..plain() }),
        ("an ugly issuer", untrusted(), Plan { issuer: name(UGLY.as_bytes()), ..plain() }),
    ];
    rows.into_iter()
        .map(|(what, expected, plan)| (what, expected, vec![plan.signed_by(&pki.root_key)]))
        .collect()
}

/// Entries that are no certificates, and signatures that are none.
fn bytes(pki: &Pki) -> Vec<Row> {
    let der = pki.chain[0].clone();
    let plain = Plan::new(DOMAIN, "Root", &pki.key).named(&[DOMAIN.as_bytes()]);
    let by_a_stranger = plain.signed_by(&(pki.make_key)());
    let large = plain.with_signature(&[7; 20_000]);
    let odd = || may("certificate-malformed may-fail");
    let rows = vec![
        ("a single byte", malformed(), vec![0x30]),
        ("a thousand bytes of 0xff", malformed(), vec![0xff; 1000]),
        // No library reads this one; but other certificates of this form are read by AWS's, and this
        // program reads none of them.
        ("an indefinite length", odd(), vec![0x30, 0x80, 0, 0]),
        ("a length of 4 GiB", malformed(), vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1]),
        ("a length of 2^64", malformed(), [&[0x30, 0x88][..], &[0xff; 8], &[1]].concat()),
        ("twenty thousand levels", too_long(), nested(20_000)),
        ("half a certificate", malformed(), der[..der.len() / 2].to_vec()),
        ("a certificate and a byte", odd(), [der.clone(), vec![0]].concat()),
        ("a certificate in PEM", malformed(), pki.root_pem.clone().into_bytes()),
        // These name the root, but by no key identifier: another root may have the same name.
        ("a certificate without a signature", untrusted(), plain.with_signature(&[])),
        ("a certificate with a signature of zeros", untrusted(), plain.with_signature(&[0; 70])),
        ("a certificate with a signature of 20 KB", untrusted(), large),
        ("a certificate that a stranger has signed", untrusted(), by_a_stranger),
        ("a certificate signed by its own key", untrusted(), plain.signed_by(&pki.key)),
    ];
    rows.into_iter().map(|(what, expected, der)| (what, expected, vec![der])).collect()
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
    let certifies = |n: usize| {
        let (subject, issuer) = (format!("CA {n}"), format!("CA {}", (n + 1) % 30));
        Plan::authority(&subject, &issuer, &keys[n]).signed_by(&keys[(n + 1) % 30])
    };
    let wheel = [of("CA 0", &keys[0])].into_iter().chain((0..30).map(certifies)).collect();
    let wrong_order = ladder(3).into_iter().rev().collect();
    let long_and = |finding: &str| may(&format!("chain-too-long may-fail, {finding}"));
    let stranger = Plan::authority("Stranger", "Stranger", &keys[0]).signed_by(&keys[0]);
    let with = |rest: Vec<Vec<u8>>| [vec![end.clone()], rest].concat();
    let hundred = |der: &[u8]| with(vec![der.to_vec(); 100]);
    let authority = || Plan::authority("CA 0", "Root", &keys[0]);
    let no_authority = Plan::new("CA 0", "Root", &keys[0]);
    // Its own certificate below this intermediate.
    let below = |middle: Plan| vec![of("CA 0", &keys[0]), middle.signed_by(&pki.root_key)];
    let without = |names: &[&str]| {
        let subtrees = names.iter().flat_map(|name| sequence(&element(0x82, name.as_bytes())));
        let excluded = element(0xa1, &subtrees.collect::<Vec<u8>>());
        authority().critical(NAME_CONSTRAINTS, &sequence(&excluded))
    };
    let many: Vec<String> = (0..1000).map(|n| format!("n{n}.example.org")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    vec![
        ("its root", answers(&["trust-anchor-served notice"]), with(vec![root.clone()])),
        (
            "its root a hundred times",
            may("chain-too-long may-fail, certificate-served-twice notice, \
                 trust-anchor-served notice"),
            hundred(&root),
        ),
        (
            "its certificate a hundred times",
            long_and("certificate-served-twice may-fail"),
            vec![end.clone(); 100],
        ),
        (
            "a hundred empty certificates behind its own",
            fails("certificate-malformed fails, chain-too-long may-fail"),
            hundred(&[]),
        ),
        (
            "a hundred that are none behind its own",
            may("certificate-malformed may-fail, chain-too-long may-fail"),
            hundred(&[0x30, 0x80, 0, 0]),
        ),
        (
            "a stranger behind its certificate",
            may("unrelated-certificate-served may-fail"),
            with(vec![stranger.clone()]),
        ),
        ("a hundred strangers", long_and("certificate-served-twice notice"), hundred(&stranger)),
        (
            "its root first",
            fails("chain-out-of-order fails, trust-anchor-served notice"),
            vec![root.clone(), end.clone()],
        ),
        (
            "a stranger first",
            fails(
                "name-not-in-certificate fails, certificate-self-signed fails, \
                 unrelated-certificate-served may-fail",
            ),
            vec![stranger, end.clone()],
        ),
        (
            "nothing but its root",
            fails("key-mismatch fails, ca-as-end-entity may-fail, name-not-in-certificate fails"),
            vec![root],
        ),
        ("an intermediate", healthy(), ladder(1)),
        ("three intermediates in the wrong order", fails("chain-out-of-order fails"), wrong_order),
        ("no intermediate of three", untrusted(), ladder(3)[..1].to_vec()),
        (
            "every other intermediate",
            fails("unrelated-certificate-served may-fail, intermediate-missing fails"),
            ladder(6).into_iter().step_by(2).collect(),
        ),
        ("seven intermediates", too_long(), ladder(7)),
        // Longer than this program follows: what it misses there is in doubt, too.
        ("fourteen intermediates", long_and("intermediate-missing may-fail"), ladder(14)),
        ("thirty intermediates", long_and("intermediate-missing may-fail"), ladder(30)),
        ("a wheel of thirty authorities", long_and("issuer-untrusted may-fail"), wheel),
        ("an intermediate that is no authority", constrained(), below(no_authority)),
        ("an intermediate that forbids its name", constrained(), below(without(&["example.com"]))),
        ("an intermediate with a thousand constraints", healthy(), below(without(&many))),
        (
            "an intermediate that has ended",
            fails("intermediate-expired fails"),
            below(Plan { not_after: utc("200101000000Z"), ..authority() }),
        ),
    ]
}

fn wrong_name() -> Found {
    fails("name-not-in-certificate fails")
}

fn expired() -> Found {
    fails("certificate-expired fails")
}

fn not_yet() -> Found {
    fails("certificate-not-yet-valid fails")
}

fn untrusted() -> Found {
    fails("issuer-untrusted fails")
}

fn unsupported_key() -> Found {
    fails("key-unsupported fails")
}

/// The path does not hold.
fn constrained() -> Found {
    fails("chain-constraint-violated fails")
}

const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 32];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
