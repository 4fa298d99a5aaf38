//! Names that issuers may certify and may not (RFC 5280 §4.2.1.10).

use crate::common::forge::{element, oid, sequence};

use super::DOMAIN;
use super::case::{Case, Choose, Draft, WHO, case};
use super::certificate::{
    COMMON_NAME, COUNTRY, EMAIL_ADDRESS, IA5_STRING, NAME_CONSTRAINTS, ORGANIZATION,
    PRINTABLE_STRING, SUBJECT_ALT_NAME, UTF8_STRING, dns, name,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, names, permitted, excluded) in TABLE {
        let [mut names, permitted, excluded] = [names, permitted, excluded].map(general_names);
        if names.iter().all(|name| name[0] != 0x82) {
            names.insert(0, dns(DOMAIN));
        }
        cases.push(case(name, |draft| {
            draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names.concat()));
            constrain(draft, &permitted, &excluded);
        }));
    }
    cases.push(case("dns/permitted/letters-beyond-ascii", |draft| {
        constrain(draft, &[element(0x82, b"b\xfccher.example"), dns("example.com")], &[]);
    }));
    cases.extend(addresses());
    cases.extend(directories());
    cases.extend(other_forms());
    cases.extend(common_names());
    cases.extend(places());
    cases.extend(many());
    cases
}

type Subtrees = Vec<Vec<u8>>;

/// The case; then the names of the end entity, the permitted subtrees and the excluded ones, in
/// words. A word is a DNS name unless a prefix says otherwise. If the end entity has no DNS name
/// here, the origin domain comes first.
type Row = (&'static str, &'static str, &'static str, &'static str);

const TABLE: [Row; 53] = [
    ("dns/permitted/itself", "", "origin.example.com", ""),
    ("dns/permitted/parent", "", "example.com", ""),
    ("dns/permitted/parent-in-upper-case", "", "EXAMPLE.COM", ""),
    ("dns/permitted/parent-with-a-dot-before", "", ".example.com", ""),
    ("dns/permitted/itself-with-a-dot-before", "", ".origin.example.com", ""),
    ("dns/permitted/parent-with-a-dot-after", "", "example.com.", ""),
    ("dns/permitted/part-of-a-label", "", "ample.com", ""),
    ("dns/permitted/a-child", "", "www.origin.example.com", ""),
    ("dns/permitted/another", "", "example.org", ""),
    ("dns/permitted/another-and-the-parent", "", "example.org example.com", ""),
    ("dns/permitted/everything", "", "dns:", ""),
    ("dns/permitted/a-wildcard", "", "*.example.com", ""),
    ("dns/excluded/itself", "", "", "origin.example.com"),
    ("dns/excluded/parent", "", "", "example.com"),
    ("dns/excluded/parent-in-upper-case", "", "", "EXAMPLE.COM"),
    ("dns/excluded/parent-with-a-dot-before", "", "", ".example.com"),
    ("dns/excluded/a-child", "", "", "www.origin.example.com"),
    ("dns/excluded/another", "", "", "example.org"),
    ("dns/excluded/everything", "", "", "dns:"),
    ("dns/both/parent-and-another", "", "example.com", "example.org"),
    ("dns/both/parent-and-itself", "", "example.com", "origin.example.com"),
    ("dns/neither", "", "", ""),
    ("names/one-outside-beside-the-good-one", "origin.example.com example.org", "example.com", ""),
    ("names/one-excluded-beside-the-good-one", "origin.example.com example.org", "", "example.org"),
    ("names/a-wildcard-within", "*.example.com", "example.com", ""),
    ("names/a-wildcard-that-covers-the-subtree", "*.example.com", "origin.example.com", ""),
    ("names/a-wildcard-above-an-excluded-name", "*.example.com", "", "origin.example.com"),
    ("names/a-wildcard-above-another-excluded-name", "*.example.com", "", "old.example.com"),
    ("names/a-wildcard-below-an-excluded-name", "*.example.com", "", "example.com"),
    ("names/upper-case", "ORIGIN.EXAMPLE.COM", "example.com", ""),
    ("names/a-name-with-a-dot-after", "origin.example.com www.example.com.", "example.com", ""),
    ("mail/none/permitted-host", "", "mail:example.com", ""),
    ("mail/none/excluded-host", "", "", "mail:example.com"),
    ("mail/one/permitted-host", "mail:a@example.com", "mail:example.com", ""),
    ("mail/one/permitted-host-in-upper-case", "mail:a@example.com", "mail:EXAMPLE.COM", ""),
    ("mail/one/permitted-address", "mail:a@example.com", "mail:a@example.com", ""),
    ("mail/one/permitted-address-in-upper-case", "mail:a@example.com", "mail:A@example.com", ""),
    ("mail/one/permitted-domain", "mail:a@mx.example.com", "mail:.example.com", ""),
    ("mail/one/permitted-host-of-another", "mail:a@example.com", "mail:example.org", ""),
    ("mail/one/excluded-host", "mail:a@example.com", "", "mail:example.com"),
    ("mail/one/excluded-host-of-another", "mail:a@example.com", "", "mail:example.org"),
    ("mail/one/without-an-at", "mail:example.com", "mail:example.com", ""),
    ("uri/none/permitted-host", "", "uri:example.com", ""),
    ("uri/none/excluded-host", "", "", "uri:example.com"),
    ("uri/one/permitted-host", "uri:https://example.com/a", "uri:example.com", ""),
    ("uri/one/permitted-host-and-a-port", "uri:https://example.com:8443/a", "uri:example.com", ""),
    ("uri/one/permitted-host-and-a-user", "uri:https://user@example.com/a", "uri:example.com", ""),
    ("uri/one/permitted-domain", "uri:https://www.example.com/a", "uri:.example.com", ""),
    ("uri/one/permitted-host-of-another", "uri:https://example.com/a", "uri:example.org", ""),
    ("uri/one/excluded-host", "uri:https://example.com/a", "", "uri:example.com"),
    ("uri/one/excluded-host-of-another", "uri:https://example.com/a", "", "uri:example.org"),
    ("uri/one/with-an-address", "uri:https://192.0.2.1/a", "uri:example.com", ""),
    ("uri/one/without-a-host", "uri:urn:a:b", "uri:example.com", ""),
];

fn general_names(words: &str) -> Subtrees {
    words.split_whitespace().map(general_name).collect()
}

fn general_name(word: &str) -> Vec<u8> {
    match word.split_once(':') {
        Some(("mail", address)) => element(0x81, address.as_bytes()),
        Some(("uri", uri)) => element(0x86, uri.as_bytes()),
        Some((_, name)) => dns(name),
        None => dns(word),
    }
}

/// Puts constraints on the intermediate.
fn constrain(draft: &mut Draft, permitted: &[Vec<u8>], excluded: &[Vec<u8>]) {
    draft.ca.set(NAME_CONSTRAINTS, true, &constraints(permitted, excluded));
}

fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    let list = |tag: u8, names: &[Vec<u8>]| match names {
        [] => Vec::new(),
        names => element(tag, &names.iter().flat_map(|name| sequence(name)).collect::<Vec<u8>>()),
    };
    sequence(&[list(0xa0, permitted), list(0xa1, excluded)].concat())
}

/// Gives the end entity another alternative name.
fn also_named(draft: &mut Draft, name: &[u8]) {
    let names = [&dns(DOMAIN)[..], name].concat();
    draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names));
}

fn addresses() -> Vec<Case> {
    let network = |octets: &[u8]| vec![element(0x87, octets)];
    let ten = network(&[10, 0, 0, 0, 255, 0, 0, 0]);
    let six = network(
        &[[0x20, 1, 0x0d, 0xb8], [0; 4], [0; 4], [0; 4], [0xff; 4], [0; 4], [0; 4], [0; 4]]
            .concat(),
    );
    let (odd, holes) = (network(&[10, 0, 0, 0, 255]), network(&[10, 0, 2, 0, 255, 0, 255, 0]));
    let none = Vec::new();
    let mut cases = Vec::new();
    for (oddity, address, permitted, excluded) in [
        ("permitted/inside", &[10, 1, 2, 3][..], &ten, &none),
        ("permitted/outside", &[192, 0, 2, 1], &ten, &none),
        ("permitted/of-the-other-family", &[0x20; 16], &ten, &none),
        ("excluded/inside", &[10, 1, 2, 3], &none, &ten),
        ("excluded/outside", &[192, 0, 2, 1], &none, &ten),
        ("excluded/of-the-other-family", &[192, 0, 2, 1], &none, &six),
        ("permitted/a-mask-of-odd-length", &[10, 1, 2, 3], &odd, &none),
        ("permitted/a-mask-with-holes", &[10, 1, 2, 3], &holes, &none),
        ("permitted/an-address-of-five-octets", &[10, 1, 2, 3, 4], &ten, &none),
    ] {
        cases.push(case(&format!("ip/{oddity}"), |draft| {
            also_named(draft, &element(0x87, address));
            constrain(draft, permitted, excluded);
        }));
    }
    cases.push(case("ip/permitted/no-address", |draft| constrain(draft, &ten, &[])));
    cases.push(case("ip/excluded/no-address", |draft| constrain(draft, &[], &ten)));
    cases
}

/// The end entity's subject is an organisation and a common name.
fn directories() -> Vec<Case> {
    let subject = name(&[
        (ORGANIZATION, UTF8_STRING, b"A Company"),
        (COMMON_NAME, UTF8_STRING, b"Some site"),
    ]);
    let directory = |attributes: &[(&[u8], u8, &[u8])]| vec![element(0xa4, &name(attributes))];
    let organization = |text: &[u8]| directory(&[(ORGANIZATION, UTF8_STRING, text)]);
    let company = organization(b"A Company");
    let shouted = directory(&[(ORGANIZATION, PRINTABLE_STRING, b"A  COMPANY")]);
    let country =
        directory(&[(COUNTRY, PRINTABLE_STRING, b"DE"), (ORGANIZATION, UTF8_STRING, b"A Company")]);
    let other = organization(b"Another Company");
    let everything = directory(&[]);
    let none = Vec::new();
    let mut cases = Vec::new();
    for (oddity, permitted, excluded) in [
        ("permitted/the-same", &company, &none),
        ("permitted/the-same-in-other-octets", &shouted, &none),
        ("permitted/another", &other, &none),
        ("permitted/with-a-country-before", &country, &none),
        ("permitted/everything", &everything, &none),
        ("excluded/the-same", &none, &company),
        ("excluded/the-same-in-other-octets", &none, &shouted),
        ("excluded/another", &none, &other),
    ] {
        cases.push(case(&format!("directory/{oddity}"), |draft| {
            draft.leaf.subject.clone_from(&subject);
            constrain(draft, permitted, excluded);
        }));
    }
    cases.push(case("directory/permitted/another-and-an-empty-subject", |draft| {
        draft.leaf.subject = sequence(&[]);
        constrain(draft, &other, &[]);
    }));
    cases.push(case("directory/permitted/another-as-alternative-name", |draft| {
        draft.leaf.subject = sequence(&[]);
        also_named(draft, &company[0]);
        constrain(draft, &other, &[]);
    }));
    cases
}

/// Forms without a comparison beside the origin domain, and an email address in the subject.
fn other_forms() -> Vec<Case> {
    let mut cases = Vec::new();
    for (form, value) in
        [("registered-id", element(0x88, &[0x2a, 3, 4])), ("other-name", other_name())]
    {
        let same = std::slice::from_ref(&value);
        cases.extend([
            case(&format!("{form}/none/permitted"), |draft| constrain(draft, same, &[])),
            case(&format!("{form}/none/excluded"), |draft| constrain(draft, &[], same)),
            case(&format!("{form}/one/permitted"), |draft| {
                also_named(draft, &value);
                constrain(draft, same, &[]);
            }),
            case(&format!("{form}/one/unconstrained"), |draft| {
                also_named(draft, &value);
                constrain(draft, &[dns("example.com")], &[]);
            }),
        ]);
    }
    for (oddity, host) in
        [("permitted-host-of-another", "mail:example.org"), ("permitted-host", "mail:example.com")]
    {
        cases.push(case(&format!("mail/in-the-subject/{oddity}"), |draft| {
            draft.leaf.subject = name(&[(EMAIL_ADDRESS, IA5_STRING, b"a@example.com")]);
            constrain(draft, &[general_name(host)], &[]);
        }));
    }
    cases
}

fn other_name() -> Vec<u8> {
    let value = element(0xa0, &element(0x0c, b"a"));
    element(0xa0, &[oid(&[0x2a, 3, 4]), value].concat())
}

/// A common name that is a host name, or is not, under constraints on DNS names.
fn common_names() -> Vec<Case> {
    let mut cases = Vec::new();
    for (oddity, text, has_alternative) in [
        ("within-and-alone", DOMAIN, false),
        ("outside-beside-a-dns-name", "www.example.org", true),
        ("not-a-host-beside-a-dns-name", "Some site", true),
    ] {
        cases.push(case(&format!("common-name/{oddity}"), |draft| {
            draft.leaf.subject = name(&[(COMMON_NAME, UTF8_STRING, text.as_bytes())]);
            if !has_alternative {
                draft.leaf.remove(SUBJECT_ALT_NAME);
            }
            constrain(draft, &[dns("example.com")], &[]);
        }));
    }
    let network = element(0x87, &[10, 0, 0, 0, 255, 0, 0, 0]);
    for (oddity, permitted, excluded) in [
        ("outside-and-alone", vec![dns("example.org")], Vec::new()),
        ("excluded-and-alone", Vec::new(), vec![dns("example.com")]),
        ("of-another-form-and-alone", vec![network], Vec::new()),
    ] {
        cases.push(case(&format!("common-name/{oddity}"), |draft| {
            draft.leaf.subject = name(&[(COMMON_NAME, UTF8_STRING, DOMAIN.as_bytes())]);
            draft.leaf.remove(SUBJECT_ALT_NAME);
            constrain(draft, &permitted, &excluded);
        }));
    }
    // An intermediate's common name can look like a host, too.
    cases.push(case("common-name/of-the-intermediate-outside-the-roots", |draft| {
        draft.ca.subject = name(&[(COMMON_NAME, UTF8_STRING, b"ca.example.org")]);
        draft.leaf.issuer.clone_from(&draft.ca.subject);
        draft.root.set(NAME_CONSTRAINTS, true, &constraints(&[dns("example.com")], &[]));
    }));
    cases.push(case("common-name/of-the-intermediate-not-a-host", |draft| {
        draft.root.set(NAME_CONSTRAINTS, true, &constraints(&[dns("example.com")], &[]));
    }));
    cases
}

/// Constraints on another certificate, not critical, malformed, or with what RFC 5280 forbids.
fn places() -> Vec<Case> {
    let permitting = |name: &str| constraints(&[dns(name)], &[]);
    let (inside, outside) = (permitting("example.com"), permitting("example.org"));
    let subtree = |extra: &[u8]| {
        let subtree = sequence(&[&dns("example.com")[..], extra].concat());
        sequence(&element(0xa0, &subtree))
    };
    let empty = sequence(&[element(0xa0, &[]), element(0xa1, &[])].concat());
    let [leaf, ca, root] = WHO.map(|(_, choose)| choose);
    let rows: [(&str, Choose, bool, &[u8]); 10] = [
        ("root-permits-another", root, true, &outside),
        ("root-permits-it", root, true, &inside),
        ("leaf-permits-another", leaf, true, &outside),
        ("not-critical-permits-another", ca, false, &outside),
        ("not-critical-permits-it", ca, false, &inside),
        ("malformed", ca, true, &[0x30, 9, 1]),
        ("minimum-0", ca, true, &subtree(&[0x80, 1, 0])),
        ("minimum-1", ca, true, &subtree(&[0x80, 1, 1])),
        ("maximum-5", ca, true, &subtree(&[0x81, 1, 5])),
        ("empty-lists", ca, true, &empty),
    ];
    rows.map(|(oddity, choose, critical, value)| {
        let name = format!("place/{oddity}");
        case(&name, |draft| choose(draft).set(NAME_CONSTRAINTS, critical, value))
    })
    .into()
}

/// Many names and subtrees; the library compares up to 2^20 pairs.
fn many() -> Vec<Case> {
    let mut cases = Vec::new();
    for (names, subtrees) in [(1, 2001), (100, 21), (500, 500), (1000, 1100)] {
        cases.push(case(&format!("many/{names}-names-and-{subtrees}-subtrees"), |draft| {
            let name = |n: usize| dns(&format!("n{n}.example.com"));
            let names = (0..names - 1).map(name).chain([dns(DOMAIN)]).flatten();
            draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names.collect::<Vec<u8>>()));
            let subtree = |n: usize| dns(&format!("s{n}.example.org"));
            let subtrees: Subtrees =
                (0..subtrees - 1).map(subtree).chain([dns("example.com")]).collect();
            constrain(draft, &subtrees, &[]);
        }));
    }
    cases.push(case("many/100-names-and-20-subtrees-of-two-forms", |draft| {
        let names = (0..99).map(|n| dns(&format!("n{n}.example.com"))).chain([dns(DOMAIN)]);
        draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names.flatten().collect::<Vec<u8>>()));
        draft.leaf.subject = name(&[(ORGANIZATION, UTF8_STRING, b"A Company")]);
        let mut subtrees: Subtrees = (0..19).map(|n| dns(&format!("s{n}.example.org"))).collect();
        subtrees.push(dns("example.com"));
        subtrees.push(element(0xa4, &name(&[(ORGANIZATION, UTF8_STRING, b"A Company")])));
        constrain(draft, &subtrees, &[]);
    }));
    cases
}
