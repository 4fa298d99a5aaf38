//! Matches presented identifiers with a host name (RFC 9525 §6).

use super::certificate::Certificate;

/// Where in the certificate a host name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFound {
    /// Among the subject alternative names.
    SubjectAltName,
    /// In the common name of a certificate without a dNSName.
    CommonName,
    /// In the common name, but with another kind of subject alternative name. s2n-tls ignores the
    /// common name then.
    CommonNameBesideOthers,
    /// In the common name, in a string type that s2n-tls does not read there.
    CommonNameUnread,
}

impl Certificate {
    /// Returns where the certificate names `host`, an A-label name in lower case without a trailing
    /// dot.
    ///
    /// The common name counts only if there is no dNSName. RFC 9525 no longer allows it, but AWS's
    /// page mentions it, and s2n-tls falls back to it if there is neither a dNSName nor a URI nor
    /// an address (guide, `cnames-and-https-requirements`; s2n-tls, `tls/s2n_x509_validator.c`).
    pub fn finds_host(&self, host: &str) -> Option<NameFound> {
        self.finds(|presented| presents_host(presented, host))
    }

    /// Returns where the certificate covers `*.suffix` itself or any name one label below `suffix`.
    pub fn finds_below(&self, suffix: &str) -> Option<NameFound> {
        self.finds(|presented| presents_below(presented, suffix))
    }

    fn finds(&self, matches: impl Fn(&str) -> bool) -> Option<NameFound> {
        self.presented_ids().any(matches).then(|| match self.dns_names.is_empty() {
            true => self.by_common_name(),
            false => NameFound::SubjectAltName,
        })
    }

    /// A URI or an address among the alternative names disables the fallback (RFC 6125 §6.4.4).
    fn by_common_name(&self) -> NameFound {
        if self.profile.has_address_or_uri {
            NameFound::CommonNameBesideOthers
        } else if self.profile.has_unread_common_name {
            NameFound::CommonNameUnread
        } else {
            NameFound::CommonName
        }
    }

    /// Returns the names that a client checks: the dNSNames, or the common name if there are none.
    pub fn presented_ids(&self) -> impl Iterator<Item = &str> {
        let common_name =
            self.dns_names.is_empty().then_some(self.common_name.as_deref()).flatten();
        self.dns_names.iter().map(|name| &**name).chain(common_name)
    }
}

/// Returns whether one presented identifier matches `host`, ignoring case. A wildcard is the whole
/// left-most label and matches exactly one label (RFC 9525 §6.3).
pub fn presents_host(presented: &str, host: &str) -> bool {
    match presented.strip_prefix("*.") {
        Some(suffix) => presents_below(host, suffix),
        None => presented.eq_ignore_ascii_case(host),
    }
}

/// Returns whether one presented identifier is `*.suffix` or one label below `suffix`.
pub fn presents_below(presented: &str, suffix: &str) -> bool {
    presented
        .split_once('.')
        .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(suffix))
}
