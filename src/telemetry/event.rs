//! Closed lists of the daemon's own events; each provides the values of a label.

/// Why a probe failed through a fault of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnError {
    /// The probe panicked; other probes are unaffected.
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
