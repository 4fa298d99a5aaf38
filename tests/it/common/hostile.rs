//! Chains that somebody would serve to harm who reads them, and the anchor some of them lead to.
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair,
};

use super::forge::{
    AUTHORITY_INFO_ACCESS, EC_PUBLIC_KEY, Key, NAME_CONSTRAINTS, Plan, SUBJECT_ALT_NAME,
    UNASSIGNED, element, generalized, name, nested, oid, sequence, utc,
};

pub const DOMAIN: &str = "origin.example.com";

/// What a terminal, a page or an exposition must never get as it is.
pub const UGLY: &str =
    "\u{1b}[31m\0\u{202e}\u{2066}\u{200f}<script>\"'&\\\n\r\u{7}\u{9b}x{a=\"b\"}";

/// Chains by name, and the certificate of the anchor.
pub struct Hostile {
    pub chains: Vec<(&'static str, Vec<Vec<u8>>)>,
    pub root: Vec<u8>,
}

impl Hostile {
    pub fn new() -> Self {
        let root = Key::new();
        let mut chains = contents(&root);
        chains.extend(shapes(&root));
        Self { chains, root: Plan::authority("Root", "Root", &root).signed_by(&root) }
    }
}

/// A list of 60 kB that needs a private CA only: two ways of fourteen up from the end entity and six
/// dead ends, each certificate with long names; `last` is what the issuers of the dead ends are called.
pub fn tangle(number: u8, last: &dyn Fn(u8) -> Vec<u8>) -> Vec<Vec<u8>> {
    let (end, a) = (Key::new(), Key::new());
    let keys: Vec<Key> = (0..26).map(|_| Key::new()).collect();
    let long: Vec<Vec<u8>> =
        (0..5).map(|n| format!("{n}{}", "x".repeat(249)).into_bytes()).collect();
    let long: Vec<&[u8]> = long.iter().map(Vec::as_slice).collect();
    let called = |text: &str| format!("{text} {}", "y".repeat(180));
    let up = |subject: &str, issuer: &str, n: u8, own: &Key| {
        let plan = Plan::authority(&called(subject), &called(issuer), own).named(&long);
        Plan { serial: vec![1, n, number], ..plan }
    };
    let names: Vec<&[u8]> = [DOMAIN.as_bytes()].into_iter().chain(long.iter().copied()).collect();
    let first = Plan { serial: vec![2, number], ..Plan::new(DOMAIN, &called("A"), &end) };
    let mut list = vec![first.named(&names).signed_by(&a)];
    for (way, length) in [(0_u8, 13_u8), (13, 12)] {
        for n in way..way + length {
            let place = usize::from(n);
            let subject = if n == way { "A".to_owned() } else { format!("L{n}") };
            let own = if n == way { &a } else { &keys[place] };
            let plan = up(&subject, &format!("L{}", n + 1), n, own);
            list.push(plan.signed_by(&keys[place + 1]));
        }
    }
    for n in 0..6 {
        let plan = up("A", "B", 100 + n, &a);
        list.push(Plan { issuer: last(n), ..plan }.signed_by(&keys[0]));
    }
    list
}

/// A name of an organization and a common name.
pub fn of_organization(organization: &str, common_name: &str) -> Vec<u8> {
    let attribute = |id: u8, text: &str| {
        let value = [&[6, 3, 0x55, 4, id][..], &element(0x0c, text.as_bytes())].concat();
        element(0x31, &sequence(&value))
    };
    let country = element(0x31, &sequence(&[6, 3, 0x55, 4, 6, 0x13, 2, b'U', b'S']));
    sequence(&[country, attribute(10, organization), attribute(3, common_name)].concat())
}

fn with_many_names(plan: Plan, count: usize) -> Plan {
    let names: Vec<String> = (0..count).map(|n| format!("n{n}.example.com")).collect();
    plan.named(&names.iter().map(String::as_bytes).collect::<Vec<_>>())
}

/// One certificate each, signed by the root, with something odd in it.
fn contents(root: &Key) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let key = Key::new();
    let plain = || Plan::new(DOMAIN, "Root", &key).named(&[DOMAIN.as_bytes()]);
    let many = |count| with_many_names(Plan::new(DOMAIN, "Root", &key), count);
    let address = element(0x86, format!("http://pki.example.com/{UGLY}").as_bytes());
    let place = sequence(&[&[6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2][..], &address].concat());
    let dated = |from: &str, to: &str| Plan {
        not_before: generalized(from),
        not_after: generalized(to),
        ..plain()
    };
    let sized = |serial: Vec<u8>| Plan { serial, ..plain() };
    [
        ("ten thousand names", many(10_000)),
        ("three thousand names", many(3_000)),
        ("a thousand levels", plain().with(UNASSIGNED, &nested(1_000))),
        (
            "a thousand levels of names",
            Plan::new(DOMAIN, "Root", &key)
                .with(SUBJECT_ALT_NAME, &sequence(&element(0xa4, &nested(1_000)))),
        ),
        ("a thousand levels of constraints", plain().with(NAME_CONSTRAINTS, &nested(1_000))),
        ("a thousand levels in the subject", Plan { subject: nested(1_000), ..plain() }),
        ("a subject of 8 KB", Plan { subject: name(&[b'x'; 8192]), ..plain() }),
        (
            "a subject of 2,000 attributes",
            Plan { subject: sequence(&name(b"x")[2..].repeat(2_000)), ..plain() },
        ),
        ("an ugly subject", Plan { subject: name(UGLY.as_bytes()), ..plain() }),
        ("ugly names", Plan::new(UGLY, "Root", &key).named(&[UGLY.as_bytes(), b"\0", b"*."])),
        ("an ugly address", plain().with(AUTHORITY_INFO_ACCESS, &sequence(&place))),
        ("an ugly issuer", Plan { issuer: name(UGLY.as_bytes()), ..plain() }),
        ("a subject that is no text", Plan { subject: name(&[0xff, 0xfe, 0x80]), ..plain() }),
        ("dates of 1850 and 9999", dated("18500101000000Z", "99991231235959Z")),
        ("dates of 9999 and 1850", dated("99991231235959Z", "18500101000000Z")),
        ("dates before 1970", dated("18500101000000Z", "18510101000000Z")),
        ("a date that is none", Plan { not_after: generalized("20261340256199Z"), ..plain() }),
        ("a negative serial", sized(vec![0xff, 0x80])),
        ("an empty serial", sized(Vec::new())),
        ("a serial of 10 KB", sized(vec![0x7f; 10_000])),
    ]
    .map(|(story, plan)| (story, vec![plan.signed_by(root)]))
    .into()
}

/// Lists in which there is no end of following.
fn shapes(root: &Key) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let keys: Vec<Key> = (0..40).map(|_| Key::new()).collect();
    let (a, b) = (Key::new(), Key::new());
    let serial = |n: usize| vec![1, (n >> 8) as u8, n as u8];
    let numbered = |plan: Plan, n: usize| Plan { serial: serial(n), ..plan };
    let nth_day = |n: usize| utc(&format!("27{:02}{:02}000000Z", 1 + n / 28, 1 + n % 28));
    let end = |issuer: &str, key: &Key| {
        Plan::new(DOMAIN, issuer, &a).named(&[DOMAIN.as_bytes()]).signed_by(key)
    };
    // Every certificate of A certifies every one of B and the other way round.
    let maze = |last: Option<Vec<u8>>| {
        let one = |n: usize| match n % 2 {
            0 => numbered(Plan::authority("A", "B", &a), n).signed_by(&b),
            _ => numbered(Plan::authority("B", "A", &b), n).signed_by(&a),
        };
        [end("A", &a)].into_iter().chain((0..30).map(one)).chain(last).collect::<Vec<_>>()
    };
    // The same with ways out everywhere, each of which ends on a day of its own.
    let fading = {
        let one = |n: usize| {
            let issuer = ["A", "B", "Root"][n % 3];
            let subject = [("A", &a), ("B", &b)][n % 2];
            let signer = [&a, &b, root][n % 3];
            let plan = numbered(Plan::authority(subject.0, issuer, subject.1), n);
            Plan { not_after: nth_day(n), ..plan }.signed_by(signer)
        };
        [end("A", &a)].into_iter().chain((0..31).map(one)).collect::<Vec<_>>()
    };
    // Names without end, and constraints to compare them with on every one of eight ways.
    let compared = {
        let subtrees: Vec<u8> = (0..1_000)
            .flat_map(|n| sequence(&element(0x82, format!("c{n}.example.org").as_bytes())))
            .collect();
        let constraints = sequence(&element(0xa1, &subtrees));
        let end_entity = with_many_names(Plan::new(DOMAIN, "A", &a), 10_000).signed_by(&a);
        let one = |n: usize| {
            let plan = numbered(Plan::authority("A", &format!("R{n}"), &a), n);
            plan.with(NAME_CONSTRAINTS, &constraints).signed_by(&keys[n])
        };
        [end_entity].into_iter().chain((0..31).map(one)).collect::<Vec<_>>()
    };
    // All of one name, each with its own key and signed with the next one's.
    let wheel = |issuer: &str, count: usize| {
        let one = |n: usize| {
            numbered(Plan::authority("A", issuer, &keys[n % 40]), n).signed_by(&keys[(n + 1) % 40])
        };
        [end("A", &keys[0])].into_iter().chain((0..count).map(one)).collect::<Vec<_>>()
    };
    let ladder: Vec<Vec<u8>> = (0..39)
        .map(|n| {
            let (subject, issuer) = (format!("L{n}"), format!("L{}", n + 1));
            Plan::authority(&subject, &issuer, &keys[n]).signed_by(&keys[n + 1])
        })
        .collect();
    let ladder = [end("L0", &keys[0])].into_iter().chain(ladder).collect();
    // Keys that cost the most to check with, of one name, so that each is tried with each.
    let dear = |algorithm: &[u8], signature: &[u8], spki: fn(u8) -> Vec<u8>| {
        let one = |n: u8| {
            let plan = numbered(Plan::authority("A", "A", &a), n.into());
            let signature_algorithm = algorithm.to_vec();
            Plan { spki: spki(n), signature_algorithm, ..plan }.with_signature(signature)
        };
        [end("A", &a)].into_iter().chain((0..40).map(one)).collect::<Vec<_>>()
    };
    let of_rsa = [oid(SHA256_WITH_RSA), vec![5, 0]].concat();
    let of_ecdsa = oid(ECDSA_WITH_SHA384);
    let stranger = |n: usize| {
        let plan = Plan::authority(&format!("U{n}"), "V", &keys[n % 40]);
        numbered(plan, n).signed_by(&keys[39])
    };
    let of_root = |n: usize| numbered(Plan::authority("Root", "Root", &keys[n]), n).signed_by(root);
    let small = [0x30, 6, 2, 1, 1, 2, 1, 1];
    vec![
        ("a maze without a way out", maze(None)),
        (
            "a maze with one way out",
            maze(Some(Plan::authority("A", "Root", &keys[0]).signed_by(root))),
        ),
        (
            "a maze with ways out everywhere",
            [end("Root", root)].into_iter().chain((0..30).map(of_root)).collect(),
        ),
        ("a maze that ends by degrees", fading),
        ("ten thousand names under a thousand constraints", compared),
        ("a wheel of namesakes", wheel("A", 40)),
        ("a ladder of forty", ladder),
        ("five hundred entries", wheel("A", 500)),
        ("five hundred that are none", vec![vec![0x30, 0x80, 0, 0]; 500]),
        ("the same one five hundred times", vec![end("A", &a); 500]),
        ("RSA keys of 2048 bits", dear(&of_rsa, &[0x11; 256], |n| rsa(2048, n))),
        ("RSA keys of 8192 bits", dear(&of_rsa, &[0x11; 1024], |n| rsa(8192, n))),
        ("RSA keys of 16384 bits", dear(&of_rsa, &[0x11; 2048], |n| rsa(16384, n))),
        ("P-384 keys", dear(&of_ecdsa, &small, |_| point(&ECDSA_P384_SHA384_ASN1_SIGNING, P384))),
        ("P-521 keys", dear(&of_ecdsa, &small, |_| point(&ECDSA_P521_SHA512_ASN1_SIGNING, P521))),
        ("empty entries", vec![Vec::new(); 100]),
        ("two ways of fourteen and six dead ends", tangle(0, &|n| name(&[b'z', n]))),
        ("the same below a root that left the list", {
            tangle(0, &|n| match n % 2 {
                0 => of_organization("GeoTrust Inc.", "GeoTrust Global CA"),
                _ => name(&[b'z', n]),
            })
        }),
        ("dead ends that end by degrees", {
            let one = |n: usize| {
                let plan = numbered(Plan::authority("I", "I", &keys[n]), n);
                Plan { not_after: nth_day(n), ..plan }.signed_by(&keys[n + 1])
            };
            let good = Plan::authority("I", "Root", &b).signed_by(root);
            [end("I", &b)].into_iter().chain((0..6).map(one)).chain([good]).collect()
        }),
        ("a repetition, an anchor and an odd one far down", {
            let own = Plan::authority("Root", "Root", root).signed_by(root);
            let odd = Plan { version: Vec::new(), ..Plan::new("U", "V", &a) }.signed_by(&keys[1]);
            let last = [stranger(3), own, odd];
            [end("Root", root)].into_iter().chain((0..90).map(stranger)).chain(last).collect()
        }),
        ("one that is none among others", {
            let first = end("Root", root);
            let none = [vec![0x30, 0x80, 0, 0], vec![0x30, 1], first.clone()];
            [first].into_iter().chain((0..4).map(stranger)).chain(none).collect()
        }),
    ]
}

/// A fresh key of a dear curve.
fn point(algorithm: &'static EcdsaSigningAlgorithm, curve: &[u8]) -> Vec<u8> {
    let key = EcdsaKeyPair::generate(algorithm).unwrap();
    let id = sequence(&[oid(EC_PUBLIC_KEY), oid(curve)].concat());
    sequence(&[id, element(3, &[&[0], key.public_key().as_ref()].concat())].concat())
}

/// An RSA key that nobody has.
fn rsa(bits: usize, n: u8) -> Vec<u8> {
    let mut modulus = vec![n | 0x81; bits / 8];
    modulus.insert(0, 0);
    // The longest exponent that is taken.
    let exponent = [1, 0xff, 0xff, 0xff, 0xff];
    let numbers = [element(2, &modulus), element(2, &exponent)].concat();
    let algorithm = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    let key = [&[0][..], &sequence(&numbers)].concat();
    sequence(&[sequence(&algorithm), element(3, &key)].concat())
}

const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];
