//! What is to be remarked of one certificate of a picture.

use jiff::Timestamp;

use crate::chain::KeyUsageFault;
use crate::chain::PathFault;

/// A remark on a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Expired,
    NotYetValid,
    /// Signed with its own key, and no trust anchor.
    SelfSigned,
    /// The issuer that it names has not signed it.
    SignatureInvalid,
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
            Self::SignatureInvalid => "not signed by the issuer that it names".to_owned(),
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
        PathFault::PathLength | PathFault::PathLengthOfSelfIssued => {
            "more below it than its path length allows"
        }
        PathFault::NameConstraint => "a name outside its issuer's constraints",
        PathFault::ExtendedKeyUsage => "not for server authentication",
        PathFault::CriticalExtension => "an unknown critical extension",
        PathFault::Version => "an old version of X.509",
        PathFault::Distrusted => "its key is distrusted",
        PathFault::RepeatedExtension => "an extension is present twice",
        PathFault::SignatureAlgorithms => {
            "its signature's algorithm is named twice and differently"
        }
        PathFault::KeyUsage(fault) => key_usage_words(*fault),
        PathFault::AuthorityKey => "it names another certificate of its issuer",
        PathFault::CommonNameConstraint => "a common name outside its issuer's constraints",
        PathFault::NameNotComparable => "a name that cannot be compared with constraints",
        PathFault::MalformedExtension => "an extension is malformed",
        PathFault::AnchorCriticalExtension => "the root has an unknown critical extension",
        PathFault::AnchorMalformed => "the root's certificate is malformed",
    }
}

fn key_usage_words(fault: KeyUsageFault) -> &'static str {
    match fault {
        KeyUsageFault::NoCertificateSigning => "its key usage lacks keyCertSign",
        KeyUsageFault::AnchorMayNotSign => "the root's key usage lacks keyCertSign",
        KeyUsageFault::AnchorIsNoCa => "the root lacks the CA flag",
        KeyUsageFault::NoServing => "its key usage leaves servers out",
        KeyUsageFault::NetscapeType => "its netscape type leaves servers out",
        KeyUsageFault::PathLengthWithoutCa => "a path length without the CA flag",
        KeyUsageFault::EmptyKeyPeriod => "its key usage period is empty",
    }
}
