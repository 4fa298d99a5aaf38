//! Compares one name of a certificate with one subtree of name constraints (RFC 5280 §4.2.1.10).

use x509_parser::extensions::GeneralName;

use super::distinguished_name::comparable;

/// A name, or the base of a subtree, prepared for comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PreparedName {
    /// In lower case, without a trailing dot.
    Dns(Vec<u8>),
    Ip(Vec<u8>),
    Directory(Vec<u8>),
    /// As presented.
    Email(Vec<u8>),
    Uri(Vec<u8>),
    /// A form without a defined comparison, identified by its tag.
    Other(u8),
}

/// The result of comparing a name with a subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// The subtree is for names of another form.
    OtherForm,
    Inside,
    Outside,
    /// One of the two is malformed, or the comparison is not defined.
    NotComparable,
}

/// The list that contains a subtree: excluded names are compared more strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subtrees {
    Permitted,
    Excluded,
}

impl PreparedName {
    pub(super) fn new(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::DNSName(name) => Self::dns(name.as_bytes()),
            GeneralName::IPAddress(octets) => Self::Ip(octets.to_vec()),
            GeneralName::DirectoryName(name) => Self::Directory(comparable(name)),
            GeneralName::RFC822Name(name) => Self::Email(name.as_bytes().to_vec()),
            GeneralName::URI(name) => Self::Uri(name.as_bytes().to_vec()),
            GeneralName::OtherName(..) => Self::Other(0),
            GeneralName::X400Address(_) => Self::Other(3),
            GeneralName::EDIPartyName(_) => Self::Other(5),
            GeneralName::RegisteredID(_) => Self::Other(8),
            GeneralName::Invalid(tag, octets) => match tag.0 {
                1 => Self::Email(octets.to_vec()),
                2 => Self::dns(octets),
                6 => Self::Uri(octets.to_vec()),
                7 => Self::Ip(octets.to_vec()),
                tag => Self::Other(u8::try_from(tag).unwrap_or(u8::MAX)),
            },
        }
    }

    pub(super) fn dns(name: &[u8]) -> Self {
        Self::Dns(without_trailing_dot(name).to_ascii_lowercase())
    }

    /// Compares this name with the base of a subtree in one of the two lists.
    pub(super) fn compare(&self, base: &Self, subtrees: Subtrees) -> Compared {
        let is_inside = match (self, base) {
            (Self::Dns(name), Self::Dns(base)) => {
                is_below(name, base) || subtrees == Subtrees::Excluded && may_stand_for(name, base)
            }
            (Self::Directory(name), Self::Directory(base)) => name.starts_with(base),
            (Self::Ip(address), Self::Ip(network)) => return is_in_network(address, network),
            (Self::Email(name), Self::Email(base)) => return is_mailbox_of(name, base, subtrees),
            (Self::Uri(name), Self::Uri(base)) => return is_on_host(name, base),
            (Self::Other(one), Self::Other(other)) if one == other => {
                return Compared::NotComparable;
            }
            _ => return Compared::OtherForm,
        };
        of(is_inside)
    }
}

fn of(is_inside: bool) -> Compared {
    if is_inside { Compared::Inside } else { Compared::Outside }
}

/// Returns whether a dNSName is `base` or below it; a leading dot excludes the base itself.
fn is_below(name: &[u8], base: &[u8]) -> bool {
    name.strip_suffix(base).is_some_and(|front| {
        front.is_empty() || base.is_empty() || base.starts_with(b".") || front.ends_with(b".")
    })
}

/// Returns whether `name` is a wildcard that can match `base`, one label below the same parent.
fn may_stand_for(name: &[u8], base: &[u8]) -> bool {
    let Some(parent) = name.strip_prefix(b"*.") else { return false };
    let of_base = base.iter().position(|octet| *octet == b'.').and_then(|dot| base.get(dot + 1..));
    of_base == Some(parent)
}

/// A network is encoded as an address and its mask.
fn is_in_network(address: &[u8], network: &[u8]) -> Compared {
    let (base, mask) = network.split_at(network.len() / 2);
    if !matches!(address.len(), 4 | 16) || !matches!(network.len(), 8 | 32) {
        return Compared::NotComparable;
    }
    if address.len() != base.len() {
        return Compared::Outside;
    }
    let ones = mask.iter().take_while(|octet| **octet == 0xff).count();
    let is_prefix = mask.get(ones).is_none_or(|octet| octet.leading_ones() == octet.count_ones())
        && mask.iter().skip(ones + 1).all(|octet| *octet == 0);
    if !is_prefix {
        return Compared::NotComparable;
    }
    of(address.iter().zip(base).zip(mask).all(|((a, b), mask)| a & mask == b & mask))
}

/// A mailbox subtree is one mailbox, all mailboxes on a host, or all below a domain.
fn is_mailbox_of(name: &[u8], base: &[u8], subtrees: Subtrees) -> Compared {
    let Some((local, host)) = mailbox(name) else { return Compared::NotComparable };
    if base.contains(&b'@') {
        let Some((of_base, at)) = mailbox(base) else { return Compared::NotComparable };
        let is_same = match subtrees {
            Subtrees::Permitted => local == of_base,
            Subtrees::Excluded => local.eq_ignore_ascii_case(of_base),
        };
        return of(is_same && host.eq_ignore_ascii_case(at));
    }
    match is_host(base) {
        true => of(is_host_in(host, base)),
        false => Compared::NotComparable,
    }
}

/// Splits a plain mailbox; `None` for a quoted local part and anything else.
fn mailbox(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = name.iter().position(|octet| *octet == b'@')?;
    let (local, host) = (name.get(..at)?, name.get(at + 1..)?);
    let is_atom =
        |octet: &u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(octet);
    let is_plain = !local.is_empty() && local.iter().all(is_atom) && is_host(host);
    is_plain.then_some((local, host))
}

/// A URI subtree is a host, or all hosts below a domain.
fn is_on_host(uri: &[u8], base: &[u8]) -> Compared {
    match host_of(uri) {
        Some(host) => of(is_host_in(host, without_trailing_dot(base))),
        None => Compared::NotComparable,
    }
}

/// Returns the host of a URI with an authority; `None` if it is not a plain host name.
fn host_of(uri: &[u8]) -> Option<&[u8]> {
    let colon = uri.iter().position(|octet| *octet == b':')?;
    let rest = uri.get(colon + 1..)?.strip_prefix(b"//")?;
    let end = rest.iter().position(|octet| b"/?#".contains(octet)).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    if authority.contains(&b'@') {
        return None;
    }
    let end = authority.iter().position(|octet| *octet == b':').unwrap_or(authority.len());
    let host = without_trailing_dot(authority.get(..end)?);
    is_host(host).then_some(host)
}

fn is_host_in(host: &[u8], base: &[u8]) -> bool {
    if !base.starts_with(b".") {
        return host.eq_ignore_ascii_case(base);
    }
    let above = host.len().checked_sub(base.len()).and_then(|start| host.get(start..));
    above.is_some_and(|above| above.eq_ignore_ascii_case(base))
}

fn is_host(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|o| o.is_ascii_alphanumeric() || matches!(*o, b'-' | b'.'))
}

fn without_trailing_dot(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::Compared::{Inside, NotComparable, Outside};
    use super::{Compared, PreparedName, Subtrees};

    /// Returns an assertion that compares a name with a base, both prepared from their octets.
    fn rows(
        prepare: fn(&[u8]) -> PreparedName,
        subtrees: Subtrees,
    ) -> impl Fn(&str, &str, Compared) {
        move |name, base, expected| {
            let compared = prepare(name.as_bytes()).compare(&prepare(base.as_bytes()), subtrees);
            assert_eq!(compared, expected, "{name} and {base}");
        }
    }

    #[test]
    fn a_dns_subtree_is_a_name_and_all_below_it() {
        let row = rows(PreparedName::dns, Subtrees::Permitted);
        row("example.com", "example.com", Inside);
        row("www.EXAMPLE.com", "example.com", Inside);
        row("*.example.com", "example.com", Inside);
        row("badexample.com", "example.com", Outside);
        row("example.com", ".example.com", Outside);
        row("www.example.com", ".example.com", Inside);
        row("example.com", "www.example.com", Outside);
        row("*.example.com", "www.example.com", Outside);
        row("example.com.", "example.com", Inside);
        row("example.com", "example.com.", Inside);
        row("example.com", "", Inside);
        row("é.com", "xcom", Outside);
    }

    #[test]
    fn a_wildcard_is_excluded_with_any_name_that_it_may_stand_for() {
        let row = rows(PreparedName::dns, Subtrees::Excluded);
        row("*.example.com", "www.example.com", Inside);
        row("*.example.com", "a.www.example.com", Outside);
        row("*.example.com", "www.example.org", Outside);
        row("*.example.com", "example.com", Inside);
    }

    #[test]
    fn an_address_is_in_a_network_of_its_own_family() {
        let network = [10, 1, 0, 0, 255, 255, 0, 0];
        let odd_mask = [10, 1, 0, 0, 255, 0, 255, 0];
        for (address, network, inside) in [
            (&[10, 1, 2, 3][..], &network[..], Inside),
            (&[10, 2, 2, 3], &network, Outside),
            (&[0; 16], &network, Outside),
            (&[10, 1, 2, 3], &[10, 1, 0], NotComparable),
            (&[10, 1, 2, 3], &odd_mask, NotComparable),
            (&[10, 1, 2, 3], &[10, 1, 2, 3, 255, 255, 255, 255], Inside),
            (&[10, 1, 2, 3], &[0; 8], Inside),
            (&[], &[], NotComparable),
        ] {
            let (address, base) =
                (PreparedName::Ip(address.to_vec()), PreparedName::Ip(network.to_vec()));
            let compared = address.compare(&base, Subtrees::Permitted);
            assert_eq!(compared, inside, "{address:?} in {network:?}");
        }
    }

    #[test]
    fn a_mailbox_is_compared_with_a_mailbox_a_host_or_a_domain() {
        let row = rows(|name| PreparedName::Email(name.into()), Subtrees::Permitted);
        row("ops@example.com", "ops@example.com", Inside);
        row("ops@EXAMPLE.com", "ops@example.com", Inside);
        row("Ops@example.com", "ops@example.com", Outside);
        row("ops@example.com", "example.com", Inside);
        row("ops@mail.example.com", "example.com", Outside);
        row("ops@mail.example.com", ".example.com", Inside);
        row("ops@example.com", ".example.com", Outside);
        row("ops@other.example", "example.com", Outside);
        row("ops", "example.com", NotComparable);
        row("\"o@ps\"@example.com", "example.com", NotComparable);
        row("ops@example.com", "@example.com", NotComparable);
    }

    #[test]
    fn a_uri_is_compared_by_its_host() {
        let row = rows(|name| PreparedName::Uri(name.into()), Subtrees::Permitted);
        row("https://example.com/a", "example.com", Inside);
        row("https://EXAMPLE.com:8443/", "example.com", Inside);
        row("spiffe://example.com", "example.com", Inside);
        row("https://www.example.com/", "example.com", Outside);
        row("https://www.example.com?q", ".example.com", Inside);
        row("https://other.example/example.com", "example.com", Outside);
        row("urn:example:1", "example.com", NotComparable);
        row("https://user@example.com/", "example.com", NotComparable);
        row("https://[2001:db8::1]/", "example.com", NotComparable);
    }
}
