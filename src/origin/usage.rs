//! Whether a connection of CloudFront's can be judged, and how sure it is that it is made.

/// Why the connections to an origin are not judged although CloudFront may make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemption {
    /// A VPC origin: private, and reached by a way that only CloudFront has (guide,
    /// `private-content-vpc-origins`).
    VpcOrigin,
    /// An S3 bucket that CloudFront reads with an origin access control: both ends are Amazon's.
    OriginAccessControl,
    /// No behavior of the distribution leads to it.
    Unused,
}

/// How sure it is that CloudFront sends a server name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usage {
    /// It sends it whenever viewers come.
    #[default]
    Certain,
    /// It sends this one or another: nobody has told what the policy says that decides whether
    /// Host is forwarded.
    PolicyUnknown,
    /// Only if somebody uses the distribution's own domain, which its aliases stand in for.
    OwnDomain,
}
