//! What the daemon tells apart of its own doings: closed lists, each a label's values.

/// Why a probe came to nothing through our own fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnError {
    /// The probe panicked; nothing else was touched.
    Panicked,
    /// A socket or the TLS library failed on our side.
    OwnFailure,
}

impl OwnError {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Panicked, Self::OwnFailure];

    /// Returns the label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panicked => "panicked",
            Self::OwnFailure => "own-failure",
        }
    }
}

/// One phase of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// DNS.
    Resolve,
    /// TCP.
    Connect,
    /// TLS.
    Handshake,
}

impl Phase {
    /// Every value, in the order of a probe.
    pub const ALL: [Self; 3] = [Self::Resolve, Self::Connect, Self::Handshake];

    /// Returns the label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Handshake => "handshake",
        }
    }
}

/// What keeps origins from being judged although nothing may be wrong with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlindCause {
    /// The nameserver answers nothing at all.
    ResolverSilent,
    /// No origin can be reached.
    ProberBlind,
    /// Our own event loop is late.
    ProberOverloaded,
    /// Something on the way seems to replace certificates.
    InterceptionSuspected,
    /// This process or its machine has run out of something.
    OwnFailure,
}

impl BlindCause {
    /// Every value.
    pub const ALL: [Self; 5] = [
        Self::ResolverSilent,
        Self::ProberBlind,
        Self::ProberOverloaded,
        Self::InterceptionSuspected,
        Self::OwnFailure,
    ];

    /// Returns the label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResolverSilent => "resolver-silent",
            Self::ProberBlind => "prober-blind",
            Self::ProberOverloaded => "prober-overloaded",
            Self::InterceptionSuspected => "interception-suspected",
            Self::OwnFailure => "own-failure",
        }
    }
}
