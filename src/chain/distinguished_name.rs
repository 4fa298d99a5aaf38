//! Distinguished names and their equality (RFC 5280 §7.1).

use std::fmt;

use x509_parser::asn1_rs::Any;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::der::sha256;
use super::text;

/// A distinguished name: a form for comparisons, and a printable text.
#[derive(Clone, PartialEq, Eq)]
pub struct DistinguishedName {
    text: Box<str>,
    form: NameForm,
    /// The form that folds only ASCII letters and ASCII spaces, if it differs.
    by_ascii: Option<Box<NameForm>>,
}

/// A digest that equal names share, whatever their encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NameForm([u8; 32]);

impl DistinguishedName {
    pub(super) fn new(name: &X509Name<'_>) -> Self {
        let text = text::printable(&name.to_string(), MAX_NAME_TEXT);
        let text = if text.is_empty() { "(empty name)".to_owned() } else { text };
        let form = NameForm::of(name);
        // Two octets of ASCII can be one character of another script.
        let is_wide = |value: &Any<'_>| matches!(value.tag().0, BMP_STRING | UNIVERSAL_STRING);
        let has_other_characters = !name.as_raw().is_ascii()
            || name.iter_attributes().any(|attribute| is_wide(attribute.attr_value()));
        let by_ascii = has_other_characters
            .then(|| NameForm(sha256(&encoded(name, Case::Ascii))))
            .filter(|by_ascii| *by_ascii != form)
            .map(Box::new);
        Self { text: text.into(), form, by_ascii }
    }

    /// Returns whether two names are equal, ignoring the string type, case and the number of spaces
    /// (RFC 5280 §7.1).
    pub fn matches(&self, other: &Self) -> bool {
        self.form == other.form
    }

    /// Returns the form for comparisons.
    pub(super) fn form(&self) -> NameForm {
        self.form
    }

    /// Returns whether two names are also equal to a library that folds only ASCII letters and
    /// ASCII spaces.
    pub(super) fn matches_by_ascii(&self, other: &Self) -> bool {
        self.form == other.form && self.by_ascii == other.by_ascii
    }

    /// Returns the name with a text of at most about `limit` bytes.
    pub(super) fn shortened(&self, limit: usize) -> Self {
        Self { text: text::cut(&self.text, limit), ..self.clone() }
    }

    /// Returns the name in printable form, cut at 512 characters.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl NameForm {
    pub(super) fn of(name: &X509Name<'_>) -> Self {
        Self(sha256(&encoded(name, Case::Unicode)))
    }
}

/// The last common name of a name.
pub(super) struct CommonName {
    pub(super) text: String,
    /// Whether s2n-tls reads the same text: it compares octets, and only of five string types
    /// (s2n-tls, `tls/s2n_x509_validator.c`).
    pub(super) is_read: bool,
}

impl CommonName {
    pub(super) fn of(name: &X509Name<'_>) -> Option<Self> {
        let value = name.iter_common_name().last()?.attr_value();
        let tag = value.tag().0;
        let is_read_type = matches!(
            tag,
            UTF8_STRING | PRINTABLE_STRING | TELETEX_STRING | UNIVERSAL_STRING | BMP_STRING
        );
        let is_plain = value.data.is_ascii() && !value.data.contains(&0);
        if is_read_type && is_plain {
            return Some(Self { text: String::from_utf8_lossy(value.data).into(), is_read: true });
        }
        let text = string(value)?;
        let is_read = is_read_type && text.as_bytes() == value.data;
        Some(Self { text, is_read })
    }
}

/// Returns the organization of a name in lower case, if it has one.
pub(super) fn organization(name: &X509Name<'_>) -> Option<Box<str>> {
    let organization = name.iter_organization().next()?;
    Some(folded(&string(organization.attr_value())?, Case::Unicode).into())
}

/// Which letters are equal in upper and lower case.
#[derive(Clone, Copy)]
enum Case {
    Unicode,
    Ascii,
}

/// Returns an encoding that equal names share. If a name begins with all relative names of another
/// one, its encoding begins with the encoding of that one.
pub(super) fn comparable(name: &X509Name<'_>) -> Vec<u8> {
    encoded(name, Case::Unicode)
}

fn encoded(name: &X509Name<'_>, case: Case) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.as_raw().len() + 16);
    for relative in name.iter_rdn() {
        let mut attributes = relative.iter();
        match (attributes.next(), attributes.next()) {
            (Some(attribute), None) => {
                push_length(&mut out, 1);
                push_attribute(&mut out, attribute, case);
            }
            _ => {
                // A set has no order (X.690 §11.6).
                let mut all: Vec<Vec<u8>> = relative
                    .iter()
                    .map(|attribute| {
                        let mut one = Vec::new();
                        push_attribute(&mut one, attribute, case);
                        one
                    })
                    .collect();
                all.sort_unstable();
                push_length(&mut out, all.len());
                out.extend(all.into_iter().flatten());
            }
        }
    }
    out
}

fn push_attribute(out: &mut Vec<u8>, attribute: &AttributeTypeAndValue<'_>, case: Case) {
    let kind = attribute.attr_type().as_bytes();
    push_length(out, kind.len());
    out.extend(kind);
    let value = attribute.attr_value();
    match string(value) {
        Some(text) => {
            let text = folded(&text, case);
            out.push(0);
            push_length(out, text.len());
            out.extend(text.as_bytes());
        }
        None => {
            out.extend(value.tag().0.to_be_bytes());
            push_length(out, value.data.len());
            out.extend(value.data);
        }
    }
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    out.extend((length as u64).to_be_bytes());
}

/// Returns the text of a string type; `None` for other types, and for octets that are invalid for
/// the type.
pub(super) fn string(value: &Any<'_>) -> Option<String> {
    let octets = value.data;
    match value.tag().0 {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING | VISIBLE_STRING => {
            String::from_utf8(octets.to_vec()).ok()
        }
        // In practice it contains Latin-1.
        TELETEX_STRING => Some(octets.iter().map(|octet| char::from(*octet)).collect()),
        BMP_STRING => characters(octets, |unit: [u8; 2]| u16::from_be_bytes(unit).into()),
        UNIVERSAL_STRING => characters(octets, u32::from_be_bytes),
        _ => None,
    }
}

fn characters<const WIDTH: usize>(
    octets: &[u8],
    code: impl Fn([u8; WIDTH]) -> u32,
) -> Option<String> {
    let (units, rest) = octets.as_chunks::<WIDTH>();
    if !rest.is_empty() {
        return None;
    }
    units.iter().map(|unit| char::from_u32(code(*unit))).collect()
}

/// Removes leading and trailing spaces, collapses runs of spaces and folds the case.
fn folded(text: &str, case: Case) -> String {
    let mut out = String::with_capacity(text.len());
    let is_space = |c: char| match case {
        Case::Unicode => c.is_whitespace(),
        Case::Ascii => matches!(c, ' ' | '\t'..='\r'),
    };
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        match case {
            Case::Unicode if !word.is_ascii() => {
                out.extend(word.chars().flat_map(char::to_lowercase));
            }
            Case::Unicode | Case::Ascii => out.extend(word.chars().map(|c| c.to_ascii_lowercase())),
        }
    }
    out
}

/// The longest name that is kept. Malicious certificates have names of any length, and this much is
/// enough to recognize one.
pub(super) const MAX_NAME_TEXT: usize = 512;

/// Tags of string types (X.680 §8.4).
const UTF8_STRING: u32 = 12;
const PRINTABLE_STRING: u32 = 19;
const TELETEX_STRING: u32 = 20;
const IA5_STRING: u32 = 22;
const VISIBLE_STRING: u32 = 26;
const UNIVERSAL_STRING: u32 = 28;
const BMP_STRING: u32 = 30;

#[cfg(test)]
mod tests {
    use x509_parser::prelude::FromDer;
    use x509_parser::x509::X509Name;

    use super::{CommonName, DistinguishedName};

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    /// A name of relative names with common names, each as tag and octets.
    fn name(relative: &[&[(u8, &[u8])]]) -> DistinguishedName {
        DistinguishedName::new(&X509Name::from_der(&encoded(relative)).unwrap().1)
    }

    fn encoded(relative: &[&[(u8, &[u8])]]) -> Vec<u8> {
        let attribute = |(tag, octets): &(u8, &[u8])| {
            let kind = element(0x06, &[0x55, 4, 3]);
            element(0x30, &[kind, element(*tag, octets)].concat())
        };
        let set = |set: &&[(u8, &[u8])]| {
            element(0x31, &set.iter().flat_map(attribute).collect::<Vec<u8>>())
        };
        element(0x30, &relative.iter().flat_map(set).collect::<Vec<u8>>())
    }

    #[test]
    fn names_are_the_same_whatever_their_string_type_case_and_spaces() {
        let plain = name(&[&[(0x0c, b"New Root")]]);
        for (other, same) in [
            (name(&[&[(0x13, b"New Root")]]), true),
            (name(&[&[(0x14, b"New Root")]]), true),
            (name(&[&[(0x16, b"New Root")]]), true),
            (name(&[&[(0x1e, b"\0N\0e\0w\0 \0R\0o\0o\0t")]]), true),
            (name(&[&[(0x1c, b"\0\0\0N\0\0\0e\0\0\0w\0\0\0 \0\0\0R\0\0\0o\0\0\0o\0\0\0t")]]), true),
            (name(&[&[(0x13, b"  NEW   rOOT ")]]), true),
            (name(&[&[(0x13, b"NewRoot")]]), false),
            (name(&[&[(0x13, b"New Root")], &[(0x13, b"New Root")]]), false),
            (name(&[&[(0x1e, b"New Root!")]]), false),
            (name(&[&[(0x04, b"New Root")]]), false),
            (name(&[]), false),
        ] {
            assert_eq!(plain.matches(&other), same, "{other}");
            assert_eq!(plain.matches_by_ascii(&other), same, "{other}");
        }
    }

    #[test]
    fn a_common_name_is_read_by_its_octets() {
        let host: &[u8] = b"a.example";
        let wide: Vec<u8> = host.iter().flat_map(|octet| [0, *octet]).collect();
        for (tag, octets, found) in [
            (0x0c, host, Some(("a.example", true))),
            (0x13, host, Some(("a.example", true))),
            (0x14, host, Some(("a.example", true))),
            (0x16, host, Some(("a.example", false))),
            (0x1e, &wide, Some(("a.example", false))),
            (0x1e, b"a.exampl", Some(("a.exampl", true))),
            (0x14, b"\xfc.example", Some(("ü.example", false))),
            (0x04, host, None),
        ] {
            let der = encoded(&[&[(tag, octets)]]);
            let name = CommonName::of(&X509Name::from_der(&der).unwrap().1);
            let name = name.as_ref().map(|name| (&*name.text, name.is_read));
            assert_eq!(name, found, "{tag:#x} {octets:?}");
        }
    }

    #[test]
    fn only_spaces_of_ascii_are_folded_for_a_library_that_knows_no_others() {
        let (plain, other) = (name(&[&[(0x0c, b"A B")]]), name(&[&[(0x0c, b"A\xc2\xa0B")]]));
        assert!(plain.matches(&other));
        assert!(!plain.matches_by_ascii(&other));
        assert!(plain.matches_by_ascii(&name(&[&[(0x0c, b"A\t B ")]])));
    }

    #[test]
    fn the_attributes_of_one_relative_name_have_no_order() {
        let one: (u8, &[u8]) = (0x0c, b"a");
        let other: (u8, &[u8]) = (0x0c, b"b");
        assert!(name(&[&[one, other]]).matches(&name(&[&[other, one]])));
        assert!(!name(&[&[one], &[other]]).matches(&name(&[&[other], &[one]])));
        assert!(!name(&[&[one, other]]).matches(&name(&[&[one], &[other]])));
    }

    #[test]
    fn the_case_of_other_letters_counts_by_ascii_only() {
        let (upper, lower) = ("Écluse".as_bytes(), "écluse".as_bytes());
        let (upper, lower) = (name(&[&[(0x0c, upper)]]), name(&[&[(0x0c, lower)]]));
        assert!(upper.matches(&lower));
        assert!(!upper.matches_by_ascii(&lower));
        assert!(upper.matches_by_ascii(&upper));
    }
}
