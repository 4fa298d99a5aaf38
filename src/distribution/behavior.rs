//! Behaviors and origin groups, as in the distribution.

/// One cache behavior.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behavior {
    /// `*` for the default behavior.
    pub path_pattern: Box<str>,
    /// The ID of an origin or of an origin group.
    pub target_origin: Box<str>,
    /// `allow-all`, `https-only` or `redirect-to-https`.
    pub viewer_protocol_policy: Box<str>,
    /// Methods such as `GET`; empty if the source does not contain them.
    pub allowed_methods: Vec<Box<str>>,
    pub cache_policy: Option<Box<str>>,
    pub origin_request_policy: Option<Box<str>>,
    /// The headers in the deprecated `ForwardedValues`; empty without it.
    pub forwarded_headers: Vec<Box<str>>,
    pub edge_functions: Vec<EdgeFunction>,
    /// Whether gRPC is allowed, which disables failover.
    pub is_grpc: bool,
}

/// A function that runs at the edge, and the event that triggers it, with the API's spelling:
/// `viewer-request`, `origin-request` and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EdgeFunction {
    /// A CloudFront Function.
    Function(Box<str>),
    /// A Lambda@Edge function.
    Lambda(Box<str>),
}

impl EdgeFunction {
    /// Returns whether the function can send a request to an origin other than the behavior's: a
    /// CloudFront Function before the cache (guide, `helper-functions-origin-modification`), or a
    /// Lambda@Edge function after it (guide, `lambda-event-structure`).
    pub fn may_change_origin(&self) -> bool {
        match self {
            Self::Function(event) => &**event == "viewer-request",
            Self::Lambda(event) => &**event == "origin-request",
        }
    }
}

/// A primary origin and the origin for failover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginGroup {
    pub id: Box<str>,
    /// The primary first.
    pub members: Vec<Box<str>>,
    /// The statuses of the primary that trigger failover.
    pub failover_statuses: Vec<u16>,
}
