//! Whether the names along a path lie within what its issuers may certify (RFC 5280 §4.2.1.10).
//!
//! The verifier refuses every directory name under a constraint on directory names, without
//! comparing them; public CAs that are limited to one organisation carry just such constraints.

use rustls_pki_types::TrustAnchor;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::extensions::GeneralSubtree;
use x509_parser::extensions::NameConstraints;
use x509_parser::prelude::FromDer;
use x509_parser::x509::AttributeTypeAndValue;
use x509_parser::x509::X509Name;

use super::anchors::sequence;
use super::certificate::Certificate;

/// Returns the first certificate of `path` (the end entity first) a name of which an issuer above
/// it or `anchor`, if there is one, does not permit. What cannot be compared counts as not permitted.
pub(super) fn outside(path: &[&Certificate], anchor: Option<&TrustAnchor<'_>>) -> Option<usize> {
    let mut parsed = Vec::with_capacity(path.len());
    for (place, certificate) in path.iter().enumerate() {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate.der()) else {
            return Some(place);
        };
        parsed.push(certificate);
    }
    let mut comparisons_left = MAX_COMPARISONS;
    if let Some(constraints) = anchor.and_then(|anchor| anchor.name_constraints.as_ref()) {
        let der = sequence(constraints.as_ref());
        let Ok((_, constraints)) = NameConstraints::from_der(&der) else { return Some(0) };
        let outside = first_outside(&constraints, &parsed, &mut comparisons_left);
        if outside.is_some() {
            return outside;
        }
    }
    parsed.iter().enumerate().find_map(|(place, issuer)| match issuer.name_constraints() {
        Ok(Some(found)) => first_outside(found.value, &parsed[..place], &mut comparisons_left),
        Ok(None) => None,
        Err(_) => Some(place),
    })
}

/// Returns the first certificate below an issuer that its `constraints` do not permit. A
/// self-issued one is exempt, unless it is the end entity.
fn first_outside(
    constraints: &NameConstraints<'_>,
    below: &[X509Certificate<'_>],
    left: &mut usize,
) -> Option<usize> {
    below.iter().enumerate().position(|(place, certificate)| {
        let is_exempt = place > 0 && certificate.subject() == certificate.issuer();
        !is_exempt && !permits_certificate(constraints, certificate, left)
    })
}

fn permits_certificate(
    constraints: &NameConstraints<'_>,
    certificate: &X509Certificate<'_>,
    left: &mut usize,
) -> bool {
    let subject = certificate.subject();
    let subject =
        (subject.iter_rdn().next().is_some()).then(|| GeneralName::DirectoryName(subject.clone()));
    let Ok(alternatives) = certificate.subject_alternative_name() else { return false };
    let alternatives = alternatives.iter().flat_map(|found| &found.value.general_names);
    subject.iter().chain(alternatives).all(|name| {
        let mut subtrees = |subtrees: &Option<Vec<GeneralSubtree<'_>>>| {
            compare(name, subtrees.as_deref().unwrap_or_default(), left)
        };
        let mut excluded = constraints.excluded_subtrees.iter().flatten();
        if excluded.any(|subtree| stands_for_one_below(name, &subtree.base)) {
            return false;
        }
        let is_permitted = match subtrees(&constraints.permitted_subtrees) {
            Compared::OtherForm | Compared::Inside => true,
            Compared::Outside | Compared::NotComparable => false,
        };
        let is_excluded = match subtrees(&constraints.excluded_subtrees) {
            Compared::OtherForm | Compared::Outside => false,
            Compared::Inside | Compared::NotComparable => true,
        };
        is_permitted && !is_excluded
    })
}

/// What comparing one name with a list of subtrees can say.
enum Compared {
    /// No subtree is of the name's form.
    OtherForm,
    Inside,
    Outside,
    NotComparable,
}

fn compare(name: &GeneralName<'_>, subtrees: &[GeneralSubtree<'_>], left: &mut usize) -> Compared {
    let mut result = Compared::OtherForm;
    for GeneralSubtree { base } in subtrees {
        let Some(less) = left.checked_sub(1) else { return Compared::NotComparable };
        *left = less;
        let is_inside = match (name, base) {
            (GeneralName::DNSName(name), GeneralName::DNSName(base)) => is_below(name, base),
            (GeneralName::IPAddress(address), GeneralName::IPAddress(network)) => {
                is_in_network(address, network)
            }
            (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => {
                begins_with(name, base)
            }
            (name, base) if std::mem::discriminant(name) == std::mem::discriminant(base) => {
                return Compared::NotComparable;
            }
            _ => continue,
        };
        if is_inside {
            return Compared::Inside;
        }
        result = Compared::Outside;
    }
    result
}

fn is_below(name: &str, base: &str) -> bool {
    let Some(above) = name.len().checked_sub(base.len()) else { return false };
    let (Some(front), Some(end)) = (name.get(..above), name.get(above..)) else { return false };
    end.eq_ignore_ascii_case(base)
        && (front.is_empty() || base.is_empty() || base.starts_with('.') || front.ends_with('.'))
}

/// Tells whether `name` is a wildcard that may stand for a name in the subtree below `base`.
fn stands_for_one_below(name: &GeneralName<'_>, base: &GeneralName<'_>) -> bool {
    let (GeneralName::DNSName(name), GeneralName::DNSName(base)) = (name, base) else {
        return false;
    };
    name.strip_prefix("*.").is_some_and(|above| is_below(base, above))
}

/// A network is written as an address and its mask.
fn is_in_network(address: &[u8], network: &[u8]) -> bool {
    let (base, mask) = network.split_at(network.len() / 2);
    base.len() == mask.len()
        && base.len() == address.len()
        && address.iter().zip(base).zip(mask).all(|((a, b), mask)| a & mask == b & mask)
}

fn begins_with(name: &X509Name<'_>, base: &X509Name<'_>) -> bool {
    let mut name = name.iter_rdn();
    base.iter_rdn().all(|wanted| {
        name.next().is_some_and(|found| {
            found.iter().count() == wanted.iter().count()
                && wanted.iter().all(|wanted| found.iter().any(|found| is_equal(found, wanted)))
        })
    })
}

/// Compares without case and runs of spaces, as `caseIgnoreMatch` does (RFC 5280 §7.1).
fn is_equal(one: &AttributeTypeAndValue<'_>, other: &AttributeTypeAndValue<'_>) -> bool {
    if one.attr_type() != other.attr_type() {
        return false;
    }
    match (one.as_str(), other.as_str()) {
        (Ok(one), Ok(other)) => folded(one) == folded(other),
        _ => one.attr_value() == other.attr_value(),
    }
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Public constraints have a few dozen subtrees; more comparisons are an attack.
const MAX_COMPARISONS: usize = 2000;

#[cfg(test)]
mod tests {
    use super::is_below;
    use super::is_in_network;

    #[test]
    fn a_dns_subtree_is_a_name_and_all_below_it() {
        for (name, base, inside) in [
            ("example.com", "example.com", true),
            ("www.EXAMPLE.com", "example.com", true),
            ("*.example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com", ".example.com", false),
            ("www.example.com", ".example.com", true),
            ("example.com", "www.example.com", false),
            ("example.com", "", true),
            ("é.com", "xcom", false),
        ] {
            assert_eq!(is_below(name, base), inside, "{name} below {base}");
        }
    }

    #[test]
    fn an_address_is_in_a_network_of_its_own_family() {
        let network = [10, 1, 0, 0, 255, 255, 0, 0];
        for (address, network, inside) in [
            (&[10, 1, 2, 3][..], &network[..], true),
            (&[10, 2, 2, 3], &network, false),
            (&[0; 16], &network, false),
            (&[10, 1, 2, 3], &[10, 1, 0], false),
            (&[], &[], true),
        ] {
            assert_eq!(is_in_network(address, network), inside, "{address:?} in {network:?}");
        }
    }
}
