//! What speaks of paths: constraints, key usage, names written differently, dead ends, wrong
//! signatures. Each chain has one oddity.

use std::sync::Arc;

use origin_probe::chain::ChainFacts;
use origin_probe::observation::Observation;

use super::stage::{DOMAIN, judged, served};
use crate::common::by_hand::anchors;
use crate::common::forge::{
    AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, Key, NAME_CONSTRAINTS, Plan, SUBJECT_ALT_NAME, element,
    name, oid, sequence, utc,
};
use crate::common::{Found, answers, fails, found, undecided};

/// A story, the served list and the trust anchors, and what is to be found.
type Row = (&'static str, Vec<Vec<u8>>, Vec<Vec<u8>>, Found);

/// The keys of a root, an issuer below it, an end entity, and others.
struct Keys {
    root: Key,
    issuer: Key,
    end_entity: Key,
    other: Key,
}

/// The plans of an end entity, its issuer and the root.
struct Plans([Plan; 3]);

impl Keys {
    fn new() -> Self {
        Self { root: Key::new(), issuer: Key::new(), end_entity: Key::new(), other: Key::new() }
    }

    fn root(&self) -> Plan {
        Plan::authority("Root", "Root", &self.root)
    }

    fn issuer(&self) -> Plan {
        Plan::authority("Issuer", "Root", &self.issuer)
    }

    fn end_entity(&self) -> Plan {
        self.unnamed().named(&[DOMAIN.as_bytes()])
    }

    /// An end entity without subject alternative names.
    fn unnamed(&self) -> Plan {
        Plan::new(DOMAIN, "Issuer", &self.end_entity)
    }

    fn below(&self, root: Plan) -> Plans {
        Plans([self.end_entity(), self.issuer(), root])
    }

    fn by(&self, issuer: Plan) -> Plans {
        Plans([self.end_entity(), issuer, self.root()])
    }

    fn of(&self, end_entity: Plan) -> Plans {
        Plans([end_entity, self.issuer(), self.root()])
    }

    fn row(&self, story: &'static str, plans: Plans, expected: Found) -> Row {
        let Plans([end_entity, issuer, root]) = plans;
        let served = vec![end_entity.signed_by(&self.issuer), issuer.signed_by(&self.root)];
        (story, served, vec![root.signed_by(&self.root)], expected)
    }
}

fn observed(list: &[Vec<u8>], roots: &[Vec<u8>]) -> Observation {
    served(Some(Arc::new(ChainFacts::analyse(list, &anchors(roots)))))
}

fn may(rule: &str) -> Found {
    undecided(&[&format!("{rule} may-fail")], "undocumented")
}

fn violated() -> Found {
    fails(&["chain-constraint-violated fails"], 502)
}

fn rows(keys: &Keys) -> Vec<Row> {
    let mut rows = accepted(keys);
    rows.extend(name_constraints(keys));
    rows.extend(key_usages(keys));
    rows.extend(identifiers(keys));
    rows.extend(dead_ends(keys));
    rows.extend(signatures(keys));
    rows
}

/// What some libraries refuse, and neither RFC 5280 nor AWS's library does.
fn accepted(keys: &Keys) -> Vec<Row> {
    let any_policy = sequence(&sequence(&oid(&[0x55, 0x1d, 0x20, 0])));
    let one_policy = oid(&[0x2a, 3, 4]);
    let mapping = sequence(&sequence(&[one_policy.clone(), one_policy].concat()));
    let policies: [(&str, u8, Vec<u8>); 4] = [
        ("critical certificate policies", 32, any_policy),
        ("critical policy mappings", 33, mapping),
        ("critical policy constraints", 36, sequence(&element(0x80, &[0]))),
        ("critical inhibit any-policy", 54, element(0x02, &[0])),
    ];
    let mut rows: Vec<Row> = policies
        .into_iter()
        .map(|(story, id, value)| {
            let issuer = keys.issuer().critical(&[0x55, 0x1d, id], &value);
            keys.row(story, keys.by(issuer), answers(&[]))
        })
        .collect();
    let server = element(0x03, &[6, 0x40]);
    let netscape = keys.end_entity().critical(NETSCAPE, &server);
    for (story, tag, text) in [
        ("an issuer in another string type", 0x13, &b"Issuer"[..]),
        ("an issuer in upper case", 0x0c, b"ISSUER"),
        ("an issuer with spaces around", 0x13, b"  Issuer "),
        ("an issuer of two octets a character", 0x1e, b"\0I\0s\0s\0u\0e\0r"),
    ] {
        let end_entity = Plan { issuer: named(tag, text), ..keys.end_entity() };
        rows.push(keys.row(story, keys.of(end_entity), answers(&[])));
    }
    let root = Plan { subject: named(0x13, b"ROOT"), ..keys.root() };
    let old = Plan { not_before: utc("600101000000Z"), ..keys.issuer() };
    let spki = [keys.issuer.spki(), element(0x81, &[0, 1]), element(0x82, &[0, 1])].concat();
    let unique = Plan { spki, ..keys.issuer() };
    let beside = keys.unnamed().named(&[b"not a name!", b"", DOMAIN.as_bytes()]);
    let unknown = keys.issuer().critical(&[0x2a, 3, 4, 5], &[5, 0]);
    let twice = keys.end_entity().named(&[DOMAIN.as_bytes()]);
    rows.extend([
        keys.row("a critical netscape type for servers", keys.of(netscape), answers(&[])),
        keys.row("a root in another string type and case", keys.below(root), answers(&[])),
        keys.row("valid since 1960", keys.by(old), answers(&[])),
        keys.row("unique ids", keys.by(unique), answers(&[])),
        keys.row("a malformed name beside the good one", keys.of(beside), answers(&[])),
        self_issued(keys),
        keys.row("an extension twice", keys.of(twice), violated()),
        keys.row("an unknown critical extension", keys.by(unknown), violated()),
    ]);
    rows
}

/// The issuer has a new key, which its old one has certified: it does not count as one below.
fn self_issued(keys: &Keys) -> Row {
    let none_below = sequence(&[&element(0x01, &[0xff])[..], &element(0x02, &[0])].concat());
    let upper =
        Plan::new("Issuer", "Root", &keys.other).with(BASIC_CONSTRAINTS, &none_below).key_ids(2, 1);
    let lower = Plan::authority("Issuer", "Issuer", &keys.issuer).key_ids(3, 2);
    let served = vec![
        keys.end_entity().key_ids(4, 3).signed_by(&keys.issuer),
        lower.signed_by(&keys.other),
        upper.signed_by(&keys.root),
    ];
    ("a self-issued intermediate", served, vec![keys.root().signed_by(&keys.root)], answers(&[]))
}

fn name_constraints(keys: &Keys) -> Vec<Row> {
    let subtrees = |tag: u8, base: &[u8]| sequence(&element(tag, &sequence(base)));
    let (permitted, excluded) = (0xa0, 0xa1);
    let also = |general: &[u8]| {
        let names = [&element(0x82, DOMAIN.as_bytes())[..], general].concat();
        keys.unnamed().with(SUBJECT_ALT_NAME, &sequence(&names))
    };
    let constrained = |end_entity, constraints: &[u8]| {
        Plans([end_entity, keys.issuer().critical(NAME_CONSTRAINTS, constraints), keys.root()])
    };
    let may = || may("chain-constraint-violated");
    let mail = |text: &str| element(0x81, text.as_bytes());
    let uri = |text: &str| element(0x86, text.as_bytes());
    let id = |content: &[u8]| element(0x88, content);
    let (own, site) = (mail("example.com"), uri("example.com"));
    let ops = mail("ops@example.com");
    let mut rows: Vec<Row> = Vec::new();
    for (story, names, tag, base, expected) in [
        ("a permitted mailbox", &ops, permitted, &own, answers(&[])),
        ("another's mailbox", &mail("ops@other.example"), permitted, &own, violated()),
        ("an excluded mailbox", &ops, excluded, &ops, violated()),
        ("a mailbox not excluded", &ops, excluded, &mail("example.org"), answers(&[])),
        ("no mailbox at all", &mail("ops"), permitted, &own, may()),
        ("a permitted URI", &uri("https://example.com/a"), permitted, &site, answers(&[])),
        ("another's URI", &uri("https://other.example/"), permitted, &site, violated()),
        ("a URI without a host", &uri("urn:example"), permitted, &site, may()),
        (
            "names of a form that nobody compares",
            &id(&[0x2a, 3, 4]),
            permitted,
            &id(&[0x2a, 3]),
            may(),
        ),
    ] {
        rows.push(keys.row(story, constrained(also(names), &subtrees(tag, base)), expected));
    }
    let many = |names, bases| constrained(keys.end_entity_of_many(names), &many_subtrees(bases));
    let narrow = subtrees(permitted, &element(0x82, b"example.org"));
    let both = ["common-name-only notice", "chain-constraint-violated may-fail"];
    rows.extend([
        keys.row("a hundred thousand comparisons", many(400, 300), answers(&[])),
        keys.row("more comparisons than AWS's library makes", many(1400, 900), may()),
        keys.row(
            "a common name outside the permitted names",
            constrained(keys.unnamed(), &narrow),
            undecided(&both, "undocumented"),
        ),
    ]);
    rows
}

impl Keys {
    fn end_entity_of_many(&self, names: usize) -> Plan {
        let names: Vec<String> = (0..names).map(|number| format!("{number}.example.com")).collect();
        let names = names.iter().map(String::as_bytes).chain([DOMAIN.as_bytes()]);
        Plan::new(DOMAIN, "Issuer", &self.end_entity).named(&names.collect::<Vec<_>>())
    }
}

/// Permits so many names that nobody has, and one more.
fn many_subtrees(count: usize) -> Vec<u8> {
    let others = (0..count).map(|number| format!("{number}.example.org"));
    let bases = others.chain(["example.com".to_owned()]);
    let bases: Vec<u8> = bases.flat_map(|base| sequence(&element(0x82, base.as_bytes()))).collect();
    sequence(&element(0xa0, &bases))
}

fn key_usages(keys: &Keys) -> Vec<Row> {
    let rule = || may("key-usage-violated");
    let (sign, encipher, agree, certify, crl) = (0x80, 0x20, 0x08, 0x04, 0x02);
    let mut rows: Vec<Row> = Vec::new();
    for (story, end_entity, issuer, expected) in [
        ("a key that signs", sign, certify, answers(&[])),
        ("a key that deciphers", encipher, certify, answers(&[])),
        ("a key that agrees", agree, certify | crl, answers(&[])),
        ("an end entity that may only certify", certify, certify, rule()),
        ("an issuer that may only sign", sign, sign | crl, rule()),
    ] {
        let end_entity = keys.end_entity().key_usage(end_entity);
        let plans = Plans([end_entity, keys.issuer().key_usage(issuer), keys.root()]);
        rows.push(keys.row(story, plans, expected));
    }
    let root = keys.root().key_usage(crl);
    let with_length = sequence(&element(0x02, &[0]));
    let with_length = keys.end_entity().with(BASIC_CONSTRAINTS, &with_length);
    let netscape = keys.end_entity().with(NETSCAPE, &element(0x03, &[7, 0x80]));
    let no_ca = Plan::new("Issuer", "Root", &keys.issuer);
    let both = Plans([keys.end_entity().key_usage(certify), no_ca, keys.root()]);
    rows.extend([
        keys.row("a root that may not certify", keys.below(root), rule()),
        keys.row("a path length without the flag", keys.of(with_length), rule()),
        keys.row("a netscape type for clients", keys.of(netscape), rule()),
        keys.row("certain faults come first", both, violated()),
    ]);
    rows
}

/// Roots by their dates, authority key identifiers, common names.
fn identifiers(keys: &Keys) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let ended = Plan { not_after: utc("260430000000Z"), ..keys.root() };
    let early = Plan { not_before: utc("260601000000Z"), ..keys.root() };
    for (story, root) in [("an ended root", ended), ("a root of tomorrow", early)] {
        rows.push(keys.row(story, keys.below(root), may("trust-anchor-ended")));
    }
    for (story, issuer, serial, expected) in [
        ("the issuer's own serial number", "Root", 1, answers(&[])),
        ("another serial number", "Root", 2, may("chain-constraint-violated")),
        ("another issuer of the issuer", "Another", 1, may("chain-constraint-violated")),
    ] {
        let directory = element(0xa1, &element(0xa4, &name(issuer.as_bytes())));
        let value = sequence(&[directory, element(0x82, &[serial])].concat());
        let end_entity = keys.end_entity().with(AUTHORITY_KEY_ID, &value);
        rows.push(keys.row(story, keys.of(end_entity), expected));
    }
    let only = || may("common-name-only");
    let notice = || answers(&["common-name-only notice"]);
    for (story, general, expected) in [
        ("a common name beside an address", element(0x87, &[192, 0, 2, 1]), only()),
        ("a common name beside a URI", element(0x86, b"https://a.example/"), only()),
        ("a common name beside a mailbox", element(0x81, b"ops@example.com"), notice()),
    ] {
        let end_entity = keys.unnamed().with(SUBJECT_ALT_NAME, &sequence(&general));
        rows.push(keys.row(story, keys.of(end_entity), expected));
    }
    rows
}

fn dead_ends(keys: &Keys) -> Vec<Row> {
    let rule = || may("chain-dead-end");
    let end_entity = keys.end_entity().signed_by(&keys.issuer);
    let issuer = &keys.issuer().signed_by(&keys.root);
    let root = &keys.root().signed_by(&keys.root);
    let old_root = &Plan::authority("Old", "Old", &keys.other).signed_by(&keys.other);
    let cross = Plan::authority("Root", "Old", &keys.root);
    let ending = |plan| Plan { not_after: utc("260430000000Z"), ..plan };
    let cross_ended = &ending(cross.clone()).signed_by(&keys.other);
    let cross = &cross.signed_by(&keys.other);
    let gone = &Plan::authority("Issuer", "Gone", &keys.issuer).signed_by(&Key::new());
    let ended = &ending(keys.issuer()).signed_by(&keys.root);
    let narrow = sequence(&element(0xa0, &sequence(&element(0x82, b"example.org"))));
    let narrow = &keys.issuer().critical(NAME_CONSTRAINTS, &narrow).signed_by(&keys.root);
    let row = |story, list: &[&Vec<u8>], roots: &[&Vec<u8>], expected| -> Row {
        let served = [&end_entity].into_iter().chain(list.iter().copied());
        let roots = roots.iter().map(|der| (*der).clone()).collect();
        (story, served.cloned().collect(), roots, expected)
    };
    vec![
        row(
            "the new root before its cross-signed form",
            &[issuer, root, cross],
            &[old_root],
            rule(),
        ),
        row(
            "the new root behind its cross-signed form",
            &[issuer, cross, root],
            &[old_root],
            answers(&[]),
        ),
        row("an intermediate of a root that is gone comes first", &[gone, issuer], &[root], rule()),
        row(
            "an intermediate of a root that is gone comes last",
            &[issuer, gone],
            &[root],
            answers(&[]),
        ),
        row("an ended intermediate comes first", &[ended, issuer], &[root], answers(&[])),
        row("a constrained intermediate comes first", &[narrow, issuer], &[root], rule()),
        // ACM serves the root in use below an older one; both are trusted.
        row(
            "a cross-signed root that is trusted itself",
            &[issuer, cross],
            &[root, old_root],
            answers(&[]),
        ),
        // DST Root CA X3 ended, and ISRG Root X1 below it was served on.
        row("an ended cross-sign of a trusted root", &[issuer, cross_ended], &[root], answers(&[])),
    ]
}

fn signatures(keys: &Keys) -> Vec<Row> {
    let rule = || fails(&["issuer-signature-invalid fails"], 502);
    let unknown = ["unrelated-certificate-served may-fail", "intermediate-missing fails"];
    let root = keys.root().key_ids(1, 1).signed_by(&keys.root);
    let issuer = keys.issuer().key_ids(2, 1);
    let end_entity = keys.end_entity().key_ids(3, 2);
    let another = keys.issuer().key_ids(9, 1).signed_by(&keys.root);
    let row = |story, signer, issuer, expected| -> Row {
        (story, vec![end_entity.signed_by(signer), issuer], vec![root.clone()], expected)
    };
    let (good, bad) = (issuer.signed_by(&keys.root), issuer.signed_by(&keys.other));
    vec![
        row("an end entity that its issuer did not sign", &keys.other, good, rule()),
        row("an intermediate that its root did not sign", &keys.issuer, bad, rule()),
        row("an issuer of another key id", &keys.other, another, fails(&unknown, 502)),
    ]
}

/// A name of one common name in a string type.
fn named(tag: u8, text: &[u8]) -> Vec<u8> {
    let attribute = sequence(&[oid(&[0x55, 4, 3]), element(tag, text)].concat());
    sequence(&element(0x31, &attribute))
}

/// The netscape certificate type, 2.16.840.1.113730.1.1.
const NETSCAPE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1];

#[test]
fn every_oddity_of_a_path_has_its_own_findings() {
    let keys = Keys::new();
    for (story, served, roots, expected) in rows(&keys) {
        assert_eq!(found(&judged(observed(&served, &roots))), expected, "{story}");
    }
}

/// What the table of all rules takes from here.
pub(super) fn of_paths() -> Vec<(&'static str, Observation, Found)> {
    let rows = rows(&Keys::new()).into_iter();
    rows.map(|(story, served, roots, found)| (story, observed(&served, &roots), found)).collect()
}

/// A chain whose findings have remedies of their own; the sentences are in the snapshot.
pub(super) fn of_keys() -> Vec<(&'static str, Observation, Found)> {
    let keys = Keys::new();
    let mut rows = vec![
        ("a new root of a listed CA", cross_signed(&keys, "Example Trust"), not_trusted()),
        ("a new root of a stranger", cross_signed(&keys, "Stranger"), not_trusted()),
        ("an issuer that may be public", unknown_issuer(&keys), not_trusted()),
    ];
    rows.extend(post_quantum(&keys));
    rows
}

fn not_trusted() -> Found {
    fails(&["issuer-untrusted fails"], 502)
}

#[test]
fn special_keys_and_issuers_have_their_own_findings() {
    for (story, observation, expected) in of_keys() {
        assert_eq!(found(&judged(observation)), expected, "{story}");
    }
}

/// The organization of both roots is the same, as with a CA that has made a new root, or not.
fn cross_signed(keys: &Keys, organization: &str) -> Observation {
    let attribute = |id: &[u8], text: &str| {
        element(0x31, &sequence(&[oid(id), element(0x0c, text.as_bytes())].concat()))
    };
    let of = |common: &str, organization: &str| {
        let parts = [attribute(&[0x55, 4, 10], organization), attribute(&[0x55, 4, 3], common)];
        sequence(&parts.concat())
    };
    let new = of("New Root", organization);
    let new = Plan { subject: new.clone(), issuer: new, ..Plan::authority("", "", &keys.root) };
    let old = of("Old Root", "EXAMPLE trust");
    let old = Plan { subject: old.clone(), issuer: old, ..Plan::authority("", "", &keys.other) };
    let issuer = Plan { issuer: new.subject.clone(), ..keys.issuer() };
    let served = [
        keys.end_entity().signed_by(&keys.issuer),
        issuer.signed_by(&keys.root),
        new.signed_by(&keys.root),
    ];
    observed(&served, &[old.signed_by(&keys.other)])
}

fn unknown_issuer(keys: &Keys) -> Observation {
    let another = Plan::authority("Another", "Another", &keys.other).signed_by(&keys.other);
    observed(&[keys.end_entity().signed_by(&keys.issuer)], &[another])
}

fn post_quantum(keys: &Keys) -> [(&'static str, Observation, Found); 2] {
    let parts = [&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3][..], &[18]].concat();
    let algorithm = sequence(&oid(&parts));
    let spki = sequence(&[algorithm, element(0x03, &[0; 1953])].concat());
    let key = Plan { spki, ..keys.end_entity() }.signed_by(&keys.issuer);
    let signature = Plan { signature_algorithm: oid(&parts), ..keys.end_entity() };
    let signature = signature.with_signature(&[0; 3309]);
    let (issuer, root) = (keys.issuer().signed_by(&keys.root), [keys.root().signed_by(&keys.root)]);
    [
        ("an ML-DSA key", observed(&[key, issuer.clone()], &root), may("key-unsupported")),
        (
            "an ML-DSA signature",
            observed(&[signature, issuer], &root),
            may("signature-unsupported"),
        ),
    ]
}
