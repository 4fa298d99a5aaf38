//! What is to be remarked of one certificate of a picture.

use jiff::Timestamp;

use crate::chain::PathFault;

/// A remark on a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Expired,
    NotYetValid,
    /// Signed with its own key, and no trust anchor.
    SelfSigned,
    /// It breaks a rule of its issuers', or one of its own.
    Fault(PathFault),
    /// A trust anchor that was served although everybody has it.
    NeedNotBeServed,
    /// It leads to no trust anchor.
    LeadsNowhere,
}

impl Mark {
    /// Tells whether it is a fault by itself; the others are worth knowing.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::NeedNotBeServed | Self::LeadsNowhere)
    }

    /// Returns the remark in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Expired => "expired".to_owned(),
            Self::NotYetValid => "not valid yet".to_owned(),
            Self::SelfSigned => "signed with its own key".to_owned(),
            Self::NeedNotBeServed => "need not be served".to_owned(),
            Self::LeadsNowhere => "leads to no trust anchor".to_owned(),
            Self::Fault(fault) => fault_words(fault).to_owned(),
        }
    }

    /// Returns what the calendar has against a certificate at `at`.
    pub(super) fn of_time(
        not_before: Timestamp,
        not_after: Timestamp,
        at: Timestamp,
    ) -> Option<Self> {
        if at < not_before {
            Some(Self::NotYetValid)
        } else if at.as_second() > not_after.as_second() {
            Some(Self::Expired)
        } else {
            None
        }
    }
}

/// Returns what a certificate breaks, in a few words.
pub(in crate::report) fn fault_words(fault: &PathFault) -> &str {
    match fault {
        PathFault::IssuerIsNoCa => "it issues, but is no CA",
        PathFault::PathLength => "more below it than its path length allows",
        PathFault::NameConstraint => "a name outside its issuer's constraints",
        PathFault::ExtendedKeyUsage => "not for server authentication",
        PathFault::CriticalExtension => "a critical extension that nobody knows",
        PathFault::Version => "an old version of X.509",
        PathFault::Distrusted => "its key is distrusted",
        PathFault::Other { detail } => detail,
    }
}
