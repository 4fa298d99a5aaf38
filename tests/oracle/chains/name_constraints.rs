//! Names that issuers may certify and may not (RFC 5280 §4.2.1.10).

use crate::common::forge::{element, oid, sequence};

use super::DOMAIN;
use super::case::{Case, Draft, case};
use super::certificate::{
    COMMON_NAME, COUNTRY, EMAIL_ADDRESS, IA5_STRING, NAME_CONSTRAINTS, ORGANIZATION,
    PRINTABLE_STRING, SUBJECT_ALT_NAME, UTF8_STRING, dns, name,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (oddity, permitted, excluded) in dns_subtrees() {
        cases.push(case(&format!("dns/{oddity}"), |draft| {
            constrain(draft, &permitted, &excluded);
        }));
    }
    cases.extend(names());
    cases.extend(addresses());
    cases.extend(directories());
    cases.extend(other_forms());
    cases.extend(common_names());
    cases.extend(places());
    cases.extend(many());
    cases
}

type Subtrees = Vec<Vec<u8>>;

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

/// The end entity has one name, the origin domain.
fn dns_subtrees() -> Vec<(&'static str, Subtrees, Subtrees)> {
    let some = |names: &[&str]| names.iter().map(|name| dns(name)).collect::<Subtrees>();
    let none = Vec::new;
    vec![
        ("permitted/itself", some(&[DOMAIN]), none()),
        ("permitted/parent", some(&["example.com"]), none()),
        ("permitted/parent-in-upper-case", some(&["EXAMPLE.COM"]), none()),
        ("permitted/parent-with-a-dot-before", some(&[".example.com"]), none()),
        ("permitted/itself-with-a-dot-before", some(&[".origin.example.com"]), none()),
        ("permitted/parent-with-a-dot-after", some(&["example.com."]), none()),
        ("permitted/part-of-a-label", some(&["ample.com"]), none()),
        ("permitted/a-child", some(&["www.origin.example.com"]), none()),
        ("permitted/another", some(&["example.org"]), none()),
        ("permitted/another-and-the-parent", some(&["example.org", "example.com"]), none()),
        ("permitted/everything", some(&[""]), none()),
        ("permitted/a-wildcard", some(&["*.example.com"]), none()),
        (
            "permitted/letters-beyond-ascii",
            vec![element(0x82, b"b\xfccher.example"), dns("example.com")],
            none(),
        ),
        ("excluded/itself", none(), some(&[DOMAIN])),
        ("excluded/parent", none(), some(&["example.com"])),
        ("excluded/parent-in-upper-case", none(), some(&["EXAMPLE.COM"])),
        ("excluded/parent-with-a-dot-before", none(), some(&[".example.com"])),
        ("excluded/a-child", none(), some(&["www.origin.example.com"])),
        ("excluded/another", none(), some(&["example.org"])),
        ("excluded/everything", none(), some(&[""])),
        ("both/parent-and-another", some(&["example.com"]), some(&["example.org"])),
        ("both/parent-and-itself", some(&["example.com"]), some(&[DOMAIN])),
        ("neither", none(), none()),
    ]
}

/// Other names of the end entity under constraints on DNS names.
fn names() -> Vec<Case> {
    let mut cases = Vec::new();
    for (oddity, names, permitted, excluded) in NAMES {
        cases.push(case(&format!("names/{oddity}"), |draft| {
            let names: Vec<u8> = names.iter().flat_map(|name| dns(name)).collect();
            draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names));
            let some = |name: &&str| match *name {
                "" => Vec::new(),
                name => vec![dns(name)],
            };
            constrain(draft, &some(permitted), &some(excluded));
        }));
    }
    cases
}

/// The names, a permitted subtree and an excluded one.
const NAMES: [(&str, &[&str], &&str, &&str); 9] = [
    ("one-outside-beside-the-good-one", &[DOMAIN, "example.org"], &"example.com", &""),
    ("one-excluded-beside-the-good-one", &[DOMAIN, "example.org"], &"", &"example.org"),
    ("a-wildcard-within", &["*.example.com"], &"example.com", &""),
    ("a-wildcard-that-covers-the-subtree", &["*.example.com"], &"origin.example.com", &""),
    ("a-wildcard-above-an-excluded-name", &["*.example.com"], &"", &"origin.example.com"),
    ("a-wildcard-above-another-excluded-name", &["*.example.com"], &"", &"old.example.com"),
    ("a-wildcard-below-an-excluded-name", &["*.example.com"], &"", &"example.com"),
    ("upper-case", &["ORIGIN.EXAMPLE.COM"], &"example.com", &""),
    ("a-name-with-a-dot-after", &[DOMAIN, "www.example.com."], &"example.com", &""),
];

fn addresses() -> Vec<Case> {
    let network = |octets: &[u8]| vec![element(0x87, octets)];
    let ten = network(&[10, 0, 0, 0, 255, 0, 0, 0]);
    let six = network(
        &[[0x20, 1, 0x0d, 0xb8], [0; 4], [0; 4], [0; 4], [0xff; 4], [0; 4], [0; 4], [0; 4]]
            .concat(),
    );
    let mut cases = Vec::new();
    for (oddity, address, permitted, excluded) in [
        ("permitted/inside", &[10, 1, 2, 3][..], &ten, &Vec::new()),
        ("permitted/outside", &[192, 0, 2, 1], &ten, &Vec::new()),
        ("permitted/of-the-other-family", &[0x20; 16], &ten, &Vec::new()),
        ("excluded/inside", &[10, 1, 2, 3], &Vec::new(), &ten),
        ("excluded/outside", &[192, 0, 2, 1], &Vec::new(), &ten),
        ("excluded/of-the-other-family", &[192, 0, 2, 1], &Vec::new(), &six),
        (
            "permitted/a-mask-of-odd-length",
            &[10, 1, 2, 3],
            &network(&[10, 0, 0, 0, 255]),
            &Vec::new(),
        ),
        (
            "permitted/a-mask-with-holes",
            &[10, 1, 2, 3],
            &network(&[10, 0, 2, 0, 255, 0, 255, 0]),
            &Vec::new(),
        ),
        ("permitted/an-address-of-five-octets", &[10, 1, 2, 3, 4], &ten, &Vec::new()),
    ] {
        cases.push(case(&format!("ip/{oddity}"), |draft| {
            let names = [dns(DOMAIN), element(0x87, address)].concat();
            draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names));
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
    let company = directory(&[(ORGANIZATION, UTF8_STRING, b"A Company")]);
    let shouted = directory(&[(ORGANIZATION, PRINTABLE_STRING, b"A  COMPANY")]);
    let country =
        directory(&[(COUNTRY, PRINTABLE_STRING, b"DE"), (ORGANIZATION, UTF8_STRING, b"A Company")]);
    let other = directory(&[(ORGANIZATION, UTF8_STRING, b"Another Company")]);
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
        let names = [&dns(DOMAIN)[..], &company[0]].concat();
        draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names));
        constrain(draft, &other, &[]);
    }));
    cases
}

/// Email addresses, URIs and forms without a comparison, beside the origin domain.
fn other_forms() -> Vec<Case> {
    let mut cases = Vec::new();
    for (form, tag, texts) in [("mail", 0x81, &MAIL[..]), ("uri", 0x86, &URI)] {
        let some = |text: &str| match text {
            "" => Vec::new(),
            text => vec![element(tag, text.as_bytes())],
        };
        for (oddity, name, permitted, excluded) in texts {
            cases.push(case(&format!("{form}/{oddity}"), |draft| {
                also_named(draft, &some(name).concat());
                constrain(draft, &some(permitted), &some(excluded));
            }));
        }
    }
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
    cases.push(case("mail/in-the-subject/permitted-host-of-another", |draft| {
        draft.leaf.subject = name(&[(EMAIL_ADDRESS, IA5_STRING, b"a@example.com")]);
        constrain(draft, &[element(0x81, b"example.org")], &[]);
    }));
    cases.push(case("mail/in-the-subject/permitted-host", |draft| {
        draft.leaf.subject = name(&[(EMAIL_ADDRESS, IA5_STRING, b"a@example.com")]);
        constrain(draft, &[element(0x81, b"example.com")], &[]);
    }));
    cases
}

/// Gives the end entity another alternative name.
fn also_named(draft: &mut Draft, name: &[u8]) {
    let names = [&dns(DOMAIN)[..], name].concat();
    draft.leaf.set(SUBJECT_ALT_NAME, false, &sequence(&names));
}

/// A name, a permitted subtree and an excluded one; an empty text is none.
type Texts = (&'static str, &'static str, &'static str, &'static str);

const MAIL: [Texts; 11] = [
    ("none/permitted-host", "", "example.com", ""),
    ("none/excluded-host", "", "", "example.com"),
    ("one/permitted-host", "a@example.com", "example.com", ""),
    ("one/permitted-host-in-upper-case", "a@example.com", "EXAMPLE.COM", ""),
    ("one/permitted-address", "a@example.com", "a@example.com", ""),
    ("one/permitted-address-in-upper-case", "a@example.com", "A@example.com", ""),
    ("one/permitted-domain", "a@mx.example.com", ".example.com", ""),
    ("one/permitted-host-of-another", "a@example.com", "example.org", ""),
    ("one/excluded-host", "a@example.com", "", "example.com"),
    ("one/excluded-host-of-another", "a@example.com", "", "example.org"),
    ("one/without-an-at", "example.com", "example.com", ""),
];

const URI: [Texts; 11] = [
    ("none/permitted-host", "", "example.com", ""),
    ("none/excluded-host", "", "", "example.com"),
    ("one/permitted-host", "https://example.com/a", "example.com", ""),
    ("one/permitted-host-and-a-port", "https://example.com:8443/a", "example.com", ""),
    ("one/permitted-host-and-a-user", "https://user@example.com/a", "example.com", ""),
    ("one/permitted-domain", "https://www.example.com/a", ".example.com", ""),
    ("one/permitted-host-of-another", "https://example.com/a", "example.org", ""),
    ("one/excluded-host", "https://example.com/a", "", "example.com"),
    ("one/excluded-host-of-another", "https://example.com/a", "", "example.org"),
    ("one/with-an-address", "https://192.0.2.1/a", "example.com", ""),
    ("one/without-a-host", "urn:a:b", "example.com", ""),
];

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
    for (oddity, permitted, excluded) in [
        ("outside-and-alone", vec![dns("example.org")], Vec::new()),
        ("excluded-and-alone", Vec::new(), vec![dns("example.com")]),
        (
            "of-another-form-and-alone",
            vec![element(0x87, &[10, 0, 0, 0, 255, 0, 0, 0])],
            Vec::new(),
        ),
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
    let (inside, outside) = ([dns("example.com")], [dns("example.org")]);
    let subtree = |extra: &[u8]| {
        let subtree = sequence(&[&dns("example.com")[..], extra].concat());
        sequence(&element(0xa0, &subtree))
    };
    vec![
        case("place/root-permits-another", |draft| {
            draft.root.set(NAME_CONSTRAINTS, true, &constraints(&outside, &[]));
        }),
        case("place/root-permits-it", |draft| {
            draft.root.set(NAME_CONSTRAINTS, true, &constraints(&inside, &[]));
        }),
        case("place/leaf-permits-another", |draft| {
            draft.leaf.set(NAME_CONSTRAINTS, true, &constraints(&outside, &[]));
        }),
        case("place/not-critical-permits-another", |draft| {
            draft.ca.set(NAME_CONSTRAINTS, false, &constraints(&outside, &[]));
        }),
        case("place/not-critical-permits-it", |draft| {
            draft.ca.set(NAME_CONSTRAINTS, false, &constraints(&inside, &[]));
        }),
        case("place/malformed", |draft| draft.ca.set(NAME_CONSTRAINTS, true, &[0x30, 9, 1])),
        case("place/minimum-0", |draft| {
            draft.ca.set(NAME_CONSTRAINTS, true, &subtree(&[0x80, 1, 0]));
        }),
        case("place/minimum-1", |draft| {
            draft.ca.set(NAME_CONSTRAINTS, true, &subtree(&[0x80, 1, 1]));
        }),
        case("place/maximum-5", |draft| {
            draft.ca.set(NAME_CONSTRAINTS, true, &subtree(&[0x81, 1, 5]));
        }),
        case("place/empty-lists", |draft| {
            draft.ca.set(
                NAME_CONSTRAINTS,
                true,
                &sequence(&[element(0xa0, &[]), element(0xa1, &[])].concat()),
            );
        }),
    ]
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
