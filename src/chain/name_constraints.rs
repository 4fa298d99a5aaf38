//! Whether the names along a path satisfy its issuers' name constraints (RFC 5280 §4.2.1.10).
//!
//! Each pair of issuer and certificate is compared once, however many paths it is on.

use std::collections::HashMap;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, NameConstraints, ParsedExtension};
use x509_parser::prelude::FromDer;

use super::anchors::Anchor;
use super::certificate::Certificate;
use super::der;
use super::distinguished_name::{comparable, string};
use super::general_name::{Compared, PreparedName, Subtrees};

/// The result of name constraints for one certificate, in order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameVerdict {
    Permitted,
    /// A name could not be compared, or there were too many comparisons.
    NotComparable,
    /// The common name of a certificate without a dNSName is not permitted. Only s2n-tls checks
    /// it.
    CommonNameOutside,
    Outside,
}

/// The comparisons for one served list: cached and limited.
#[derive(Debug)]
pub(super) struct NameChecks {
    names: HashMap<usize, Option<Names>>,
    constraints: HashMap<Source, Option<Constraints>>,
    verdicts: HashMap<(Source, usize), NameVerdict>,
    comparisons_left: usize,
}

/// The holder of the constraints: a served certificate or an anchor, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Served(usize),
    Anchor(usize),
}

impl NameChecks {
    pub(super) fn new() -> Self {
        Self {
            names: HashMap::new(),
            constraints: HashMap::new(),
            verdicts: HashMap::new(),
            comparisons_left: MAX_COMPARISONS,
        }
    }

    /// Returns the most severe result along a path, the end entity first, and the index in the path
    /// of the certificate concerned. `positions` are those of the served list.
    pub(super) fn gravest(
        &mut self,
        path: &[&Certificate],
        positions: &[usize],
        anchor: Option<Anchor<'_>>,
    ) -> Option<(NameVerdict, usize)> {
        let served = path.iter().zip(positions).enumerate();
        let of_issuers =
            served.clone().filter(|(_, (issuer, _))| issuer.profile.has_name_constraints);
        let mut issuers: Vec<(Source, usize)> =
            of_issuers.map(|(place, (_, position))| (Source::Served(*position), place)).collect();
        for (source, place) in &issuers {
            if let Some(issuer) = path.get(*place) {
                self.constraints.entry(*source).or_insert_with(|| Constraints::of(issuer));
            }
        }
        if let Some((place, der)) = anchor.and_then(|a| Some((a.place, a.name_constraints()?))) {
            let source = Source::Anchor(place);
            self.constraints.entry(source).or_insert_with(|| Constraints::read(&der));
            issuers.push((source, path.len()));
        }
        let mut gravest = None;
        for (source, above) in issuers {
            for (place, (certificate, position)) in served.clone().take(above) {
                // A self-issued certificate is exempt, unless it is the end entity (§6.1.3).
                if place > 0 && certificate.profile.is_self_issued {
                    continue;
                }
                let verdict = self.verdict(source, *position, certificate);
                if verdict > gravest.map_or(NameVerdict::Permitted, |(gravest, _)| gravest) {
                    gravest = Some((verdict, place));
                }
            }
        }
        gravest
    }

    fn verdict(&mut self, source: Source, position: usize, below: &Certificate) -> NameVerdict {
        if let Some(verdict) = self.verdicts.get(&(source, position)) {
            return *verdict;
        }
        let names = self.names.entry(position).or_insert_with(|| Names::of(below));
        let verdict = match (self.constraints.get(&source), names) {
            (Some(Some(constraints)), Some(names)) => {
                constraints.judge(names, &mut self.comparisons_left)
            }
            _ => NameVerdict::NotComparable,
        };
        self.verdicts.insert((source, position), verdict);
        verdict
    }
}

/// The name constraints of one issuer.
#[derive(Debug)]
struct Constraints {
    permitted: Vec<PreparedName>,
    excluded: Vec<PreparedName>,
    /// Whether a subtree has a minimum or a maximum, which §4.2.1.10 does not allow.
    has_distances: bool,
}

impl Constraints {
    fn of(issuer: &Certificate) -> Option<Self> {
        let (_, issuer) = X509Certificate::from_der(issuer.der()).ok()?;
        let value = issuer.name_constraints().ok()??.value;
        let raw = issuer.extensions().iter().find(|extension| {
            matches!(extension.parsed_extension(), ParsedExtension::NameConstraints(_))
        })?;
        Some(Self::new(value, has_distances(raw.value)))
    }

    fn read(der: &[u8]) -> Option<Self> {
        Some(Self::new(&NameConstraints::from_der(der).ok()?.1, has_distances(der)))
    }

    fn new(constraints: &NameConstraints<'_>, has_distances: bool) -> Self {
        let prepared = |subtrees: &Option<Vec<_>>| -> Vec<PreparedName> {
            let bases = subtrees.iter().flatten();
            bases
                .map(|subtree: &x509_parser::extensions::GeneralSubtree<'_>| {
                    PreparedName::new(&subtree.base)
                })
                .collect()
        };
        Self {
            permitted: prepared(&constraints.permitted_subtrees),
            excluded: prepared(&constraints.excluded_subtrees),
            has_distances,
        }
    }

    fn judge(&self, names: &Names, left: &mut usize) -> NameVerdict {
        let names_in_all = names.presented.len() + names.common.len();
        let is_too_much =
            names_in_all * (self.permitted.len() + self.excluded.len()) > MAX_COMPARISONS;
        if is_too_much || self.has_distances {
            return NameVerdict::NotComparable;
        }
        let of_names = names.presented.iter().map(|name| (name, NameVerdict::Outside));
        let common = names.common.iter().map(|name| (name, NameVerdict::CommonNameOutside));
        let mut gravest = match names.has_odd_common_name {
            true => NameVerdict::NotComparable,
            false => NameVerdict::Permitted,
        };
        for (name, outside) in of_names.chain(common) {
            let verdict = match self.compare(name, left) {
                Compared::OtherForm | Compared::Inside => NameVerdict::Permitted,
                Compared::Outside => outside,
                Compared::NotComparable => NameVerdict::NotComparable,
            };
            gravest = gravest.max(verdict);
        }
        gravest
    }

    fn compare(&self, name: &PreparedName, left: &mut usize) -> Compared {
        match left.checked_sub(self.permitted.len() + self.excluded.len()) {
            Some(less) => *left = less,
            None => return Compared::NotComparable,
        }
        let all = |bases: &[PreparedName], list| {
            let mut result = Compared::OtherForm;
            for base in bases {
                match name.compare(base, list) {
                    Compared::OtherForm => {}
                    Compared::Inside => return Compared::Inside,
                    Compared::Outside if result == Compared::NotComparable => {}
                    other => result = other,
                }
            }
            result
        };
        let permitted = all(&self.permitted, Subtrees::Permitted);
        let excluded = all(&self.excluded, Subtrees::Excluded);
        match (permitted, excluded) {
            (Compared::Outside, _) | (_, Compared::Inside) => Compared::Outside,
            (Compared::NotComparable, _) | (_, Compared::NotComparable) => Compared::NotComparable,
            _ => Compared::Inside,
        }
    }
}

/// Returns whether a subtree in name constraints, given in DER, has more than its base.
fn has_distances(constraints: &[u8]) -> bool {
    { der::elements(constraints) }
        .flat_map(|(_, lists)| der::elements(lists))
        .flat_map(|(_, subtrees)| der::elements(subtrees))
        .any(|(_, subtree)| der::elements(subtree).count() > 1)
}

/// The names of one certificate.
#[derive(Debug, Default)]
struct Names {
    /// The subject, the subject's mailboxes and the alternative names.
    presented: Vec<PreparedName>,
    /// The common names that look like host names, if there is no dNSName.
    common: Vec<PreparedName>,
    /// Whether one of them is nearly a host name.
    has_odd_common_name: bool,
}

impl Names {
    fn of(certificate: &Certificate) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate.der()).ok()?;
        let mut names = Self::default();
        let subject = certificate.subject();
        if subject.iter_rdn().next().is_some() {
            names.presented.push(PreparedName::Directory(comparable(subject)));
        }
        for mailbox in subject.iter_email() {
            names.presented.push(PreparedName::Email(mailbox.as_slice().to_vec()));
        }
        let alternatives = certificate.subject_alternative_name().ok()?;
        let alternatives = alternatives.iter().flat_map(|found| &found.value.general_names);
        let mut has_dns_name = false;
        for name in alternatives {
            has_dns_name |= matches!(name, GeneralName::DNSName(_))
                || matches!(name, GeneralName::Invalid(tag, _) if tag.0 == DNS_NAME);
            names.presented.push(PreparedName::new(name));
        }
        if !has_dns_name {
            for name in subject.iter_common_name() {
                match string(name.attr_value()).map(|name| host_name(&name)) {
                    Some(HostName::Plain(name)) => names.common.push(name),
                    Some(HostName::Odd) => names.has_odd_common_name = true,
                    Some(HostName::No) | None => {}
                }
            }
        }
        Some(names)
    }
}

/// The form of a common name.
enum HostName {
    Plain(PreparedName),
    /// Two labels or more, with characters that host names do not have.
    Odd,
    No,
}

/// Distinguishes host names from other common names as s2n-tls does (AWS-LC, `cn2dnsid`).
fn host_name(common_name: &str) -> HostName {
    let name = common_name.trim_end_matches('\0');
    if name.contains('\0') {
        return HostName::Odd;
    }
    let labels: Vec<&str> = name.strip_prefix("*.").unwrap_or(name).split('.').collect();
    let is_odd = |c: char| !c.is_ascii() || c <= ' ' || c == '\u{7f}';
    let is_label = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || is_odd(c))
    };
    if labels.len() < 2 || !labels.iter().all(is_label) {
        return HostName::No;
    }
    match name.chars().any(is_odd) {
        true => HostName::Odd,
        false => HostName::Plain(PreparedName::dns(name.as_bytes())),
    }
}

/// The tag of a dNSName (RFC 5280 §4.2.1.6).
const DNS_NAME: u32 = 2;

/// The limit of s2n-tls for one certificate (AWS-LC, `v3_ncons.c`), applied here to a whole served
/// list.
const MAX_COMPARISONS: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::{HostName, has_distances, host_name};

    #[test]
    fn a_subtree_is_its_base_and_nothing_else() {
        let element = |tag: u8, content: &[u8]| {
            [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
        };
        let base = element(0x82, b"a.example");
        for (limit, found) in [(&[][..], false), (&[0x80, 1, 0], true), (&[0x81, 1, 9], true)] {
            let odd = element(0x30, &[&base[..], limit].concat());
            for list in [0xa0, 0xa1] {
                let subtrees = [element(0x30, &base), odd.clone()].concat();
                let constraints = element(0x30, &element(list, &subtrees));
                assert_eq!(has_distances(&constraints), found, "{constraints:?}");
            }
        }
    }

    #[test]
    fn a_common_name_is_a_host_name_if_it_has_two_labels() {
        for (name, what) in [
            ("www.example.com", "plain"),
            ("*.example.com", "plain"),
            ("my_host.example.com", "plain"),
            ("Example", "no"),
            ("Example Root CA", "no"),
            ("Example Inc. Root", "odd"),
            ("www..com", "no"),
            ("-a.example.com", "no"),
            ("bücher.example", "odd"),
            ("a.example.com\0", "plain"),
            ("a.example.com\0.other.example", "odd"),
            ("http://a.example", "no"),
            ("", "no"),
        ] {
            let found = match host_name(name) {
                HostName::Plain(_) => "plain",
                HostName::Odd => "odd",
                HostName::No => "no",
            };
            assert_eq!(found, what, "{name:?}");
        }
    }
}
