//! Which requests go where: behaviors and origin groups, as written.

/// One cache behavior.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behavior {
    /// `*` for the default behavior.
    pub path_pattern: Box<str>,
    /// The id of an origin or of an origin group.
    pub target_origin: Box<str>,
    /// `allow-all`, `https-only` or `redirect-to-https`.
    pub viewer_protocol_policy: Box<str>,
    /// Such as `GET`; empty where the source does not say.
    pub allowed_methods: Vec<Box<str>>,
    pub cache_policy: Option<Box<str>>,
    pub origin_request_policy: Option<Box<str>>,
    /// The headers that the deprecated `ForwardedValues` names; empty without it.
    pub forwarded_headers: Vec<Box<str>>,
    pub edge_functions: Vec<EdgeFunction>,
    /// Whether gRPC is allowed, for which there is no failover.
    pub is_grpc: bool,
}

/// A function that runs on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EdgeFunction {
    /// A CloudFront Function.
    Function(EventType),
    /// A Lambda@Edge function.
    Lambda(EventType),
}

/// When a function runs, in the API's spelling: `viewer-request`, `origin-request` and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventType(pub Box<str>);

impl EdgeFunction {
    /// Tells whether the function may send a request to another origin than the behavior's: a
    /// CloudFront Function before the cache (guide, `helper-functions-origin-modification`), or a
    /// Lambda@Edge function after it (guide, `lambda-event-structure`).
    pub fn may_change_origin(&self) -> bool {
        match self {
            Self::Function(event) => &*event.0 == "viewer-request",
            Self::Lambda(event) => &*event.0 == "origin-request",
        }
    }
}

/// A primary origin and the one that CloudFront turns to when it fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginGroup {
    pub id: Box<str>,
    /// The primary first.
    pub members: Vec<Box<str>>,
    /// The statuses of the primary for which CloudFront turns to the next.
    pub failover_statuses: Vec<u16>,
}
