//! Valid Origin Domains, and the names that a certificate must match.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use thiserror::Error;

/// A DNS name in its wire form: lower-case A-labels without a trailing dot.
///
/// Accepts the names that CloudFront accepts as Origin Domain: no IP addresses, no wildcards, at
/// most 253 characters (guide, `helper-functions-origin-modification`). Internationalized names
/// are converted to A-labels (RFC 5891), and a single trailing dot is dropped. Underscores are
/// accepted because host names with underscores exist in practice.
///
/// Cheap to clone, because it is the key of many maps.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(Arc<str>);

impl DomainName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the labels from left to right.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(DomainNameError::Empty);
        }
        if text.parse::<IpAddr>().is_ok() || text.starts_with('[') {
            return Err(DomainNameError::IpAddress);
        }
        if text.starts_with("*.") {
            return Err(DomainNameError::Wildcard);
        }
        let ascii = idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::EMPTY)
            .map_err(|_| DomainNameError::NotIdna)?;
        // Checked before the labels, which would otherwise hide that the whole name is too long.
        if ascii.len() > MAX_NAME {
            return Err(DomainNameError::TooLong { length: ascii.len() });
        }
        for label in ascii.split('.') {
            check_label(label)?;
        }
        if ascii.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(DomainNameError::NumericTopLabel);
        }
        Ok(Self(ascii.to_ascii_lowercase().into()))
    }
}

impl Serialize for DomainName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DomainName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// Why a text is not a valid domain name. Displayed after the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DomainNameError {
    #[error("is empty")]
    Empty,
    #[error("is an IP address; CloudFront accepts only DNS names as Origin Domain")]
    IpAddress,
    #[error("is a wildcard; use one host name, such as `www.example.com`")]
    Wildcard,
    #[error("is {length} characters long; a DNS name has at most {MAX_NAME}")]
    TooLong { length: usize },
    #[error("has a label of {length} characters; a label has at most {MAX_LABEL}")]
    LabelTooLong { length: usize },
    #[error("has an empty label (two dots in a row, or a leading dot)")]
    EmptyLabel,
    #[error("has a label that begins or ends with a hyphen")]
    HyphenAtEdge,
    #[error("contains {character:?}; use letters, digits, hyphens, underscores and dots only")]
    BadCharacter { character: char },
    #[error("ends in a number, which is not a top-level domain")]
    NumericTopLabel,
    #[error("is not a valid internationalized domain name")]
    NotIdna,
}

/// A name that CloudFront accepts in the certificate (RFC 9525, "reference identifier").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceId {
    /// One host name.
    Name(DomainName),
    /// `*.` and a name, as CloudFront Functions allow in `allowedCertificateNames` (guide,
    /// `helper-functions-origin-modification`).
    Wildcard(DomainName),
}

impl FromStr for ReferenceId {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("*.") {
            Some(rest) => rest.parse().map(Self::Wildcard),
            None => text.parse().map(Self::Name),
        }
    }
}

impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Wildcard(name) => write!(f, "*.{name}"),
        }
    }
}

/// RFC 1035 §2.3.4, in text form; CloudFront documents the same limit for its names.
const MAX_NAME: usize = 253;
/// RFC 1035 §2.3.4.
const MAX_LABEL: usize = 63;

fn check_label(label: &str) -> Result<(), DomainNameError> {
    if label.is_empty() {
        return Err(DomainNameError::EmptyLabel);
    }
    if label.len() > MAX_LABEL {
        return Err(DomainNameError::LabelTooLong { length: label.len() });
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(DomainNameError::HyphenAtEdge);
    }
    match label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-' && *c != '_') {
        Some(character) => Err(DomainNameError::BadCharacter { character }),
        None => Ok(()),
    }
}
